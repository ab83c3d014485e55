/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-bitmap.h"

#include "vir-error.h"
#include <string.h>

#define WORD_BITS 64

struct VirBitmap {
    guint n_words;
    guint64 *words;
};

VirBitmap *
vir_bitmap_new(guint size)
{
    VirBitmap *bitmap = g_new0(VirBitmap, 1);

    bitmap->n_words = MIN(size, VIR_BITMAP_MAX) / WORD_BITS + 1;
    bitmap->words = g_new0(guint64, bitmap->n_words);
    return bitmap;
}

void
vir_bitmap_free(VirBitmap *bitmap)
{
    if (bitmap == NULL)
        return;
    g_free(bitmap->words);
    g_free(bitmap);
}

VirBitmap *
vir_bitmap_copy(const VirBitmap *bitmap)
{
    VirBitmap *copy = g_new0(VirBitmap, 1);

    copy->n_words = bitmap->n_words;
    copy->words = g_memdup2(bitmap->words, bitmap->n_words * sizeof(guint64));
    return copy;
}

gboolean
vir_bitmap_set(VirBitmap *bitmap, guint bit)
{
    guint word = bit / WORD_BITS;

    if (bit >= VIR_BITMAP_MAX)
        return FALSE;
    if (word >= bitmap->n_words) {
        bitmap->words = g_renew(guint64, bitmap->words, word + 1);
        memset(bitmap->words + bitmap->n_words, 0, (word + 1 - bitmap->n_words) * sizeof(guint64));
        bitmap->n_words = word + 1;
    }
    bitmap->words[word] |= G_GUINT64_CONSTANT(1) << (bit % WORD_BITS);
    return TRUE;
}

void
vir_bitmap_clear(VirBitmap *bitmap, guint bit)
{
    if (bit / WORD_BITS < bitmap->n_words)
        bitmap->words[bit / WORD_BITS] &= ~(G_GUINT64_CONSTANT(1) << (bit % WORD_BITS));
}

gboolean
vir_bitmap_test(const VirBitmap *bitmap, guint bit)
{
    return bit / WORD_BITS < bitmap->n_words &&
           (bitmap->words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0;
}

int
vir_bitmap_next(const VirBitmap *bitmap, int from)
{
    guint bit = MAX(from, 0);

    while (bit / WORD_BITS < bitmap->n_words) {
        guint64 rest = bitmap->words[bit / WORD_BITS] >> (bit % WORD_BITS);

        if (rest != 0)
            return (int)(bit + (guint)__builtin_ctzll(rest));
        bit = (bit / WORD_BITS + 1) * WORD_BITS;
    }
    return -1;
}

guint
vir_bitmap_count(const VirBitmap *bitmap)
{
    guint count = 0;

    for (guint i = 0; i < bitmap->n_words; i++)
        count += (guint)__builtin_popcountll(bitmap->words[i]);
    return count;
}

gboolean
vir_bitmap_equal(const VirBitmap *a, const VirBitmap *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    for (guint i = 0; i < MAX(a->n_words, b->n_words); i++) {
        guint64 wa = i < a->n_words ? a->words[i] : 0;
        guint64 wb = i < b->n_words ? b->words[i] : 0;

        if (wa != wb)
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_number(const char **text, guint *number)
{
    char *end = NULL;
    guint64 value;

    if (!g_ascii_isdigit(**text))
        return FALSE;
    value = g_ascii_strtoull(*text, &end, 10);
    if (value >= VIR_BITMAP_MAX)
        return FALSE;
    *text = end;
    *number = (guint)value;
    return TRUE;
}

static void
skip_blanks(const char **text)
{
    while (g_ascii_isspace(**text))
        (*text)++;
}

/** One "7", "0-3" or "^2". */
static gboolean
read_part(VirBitmap *bitmap, const char **at)
{
    gboolean take_away = **at == '^';
    guint first, last;

    if (take_away)
        (*at)++;
    if (!read_number(at, &first))
        return FALSE;
    last = first;
    if (!take_away && **at == '-') {
        (*at)++;
        if (!read_number(at, &last) || last < first)
            return FALSE;
    }
    for (guint bit = first; bit <= last; bit++) {
        if (take_away)
            vir_bitmap_clear(bitmap, bit);
        else
            vir_bitmap_set(bitmap, bit);
    }
    return TRUE;
}

VirBitmap *
vir_bitmap_parse(const char *text, GError **error)
{
    g_autoptr(VirBitmap) bitmap = vir_bitmap_new(0);
    const char *at = text;

    skip_blanks(&at);
    while (*at != '\0') {
        if (!read_part(bitmap, &at)) {
            vir_error_set(error, VIR_ERR_INVALID_ARG,
                          "'%s' is no list of numbers below %d such as 0-3,7", text,
                          VIR_BITMAP_MAX);
            return NULL;
        }
        skip_blanks(&at);
        if (*at == ',') {
            at++;
            skip_blanks(&at);
        } else if (*at != '\0') {
            vir_error_set(error, VIR_ERR_INVALID_ARG, "'%s': no comma before '%s'", text, at);
            return NULL;
        }
    }
    return g_steal_pointer(&bitmap);
}

char *
vir_bitmap_format(const VirBitmap *bitmap)
{
    GString *out = g_string_new(NULL);

    for (int first = vir_bitmap_next(bitmap, 0); first >= 0;) {
        int last = first;

        while (vir_bitmap_test(bitmap, (guint)last + 1))
            last++;
        g_string_append_printf(out, "%s%d", out->len > 0 ? "," : "", first);
        if (last > first)
            g_string_append_printf(out, "-%d", last);
        first = vir_bitmap_next(bitmap, last + 1);
    }
    return g_string_free(out, FALSE);
}
