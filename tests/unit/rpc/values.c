/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "values.h"

#include <string.h>

/* Lengths around the padding, and the limit where it is small. */
static guint32
pick_length(GRand *rand, guint32 limit)
{
    static const guint32 edges[] = {0, 1, 2, 3, 4, 5, 7, 8};

    if (limit <= 64 && g_rand_int_range(rand, 0, 8) == 0)
        return limit;
    return MIN(edges[g_rand_int_range(rand, 0, G_N_ELEMENTS(edges))], limit);
}

static guint64
pick_number(GRand *rand)
{
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        return 0;
    case 1:
        return G_MAXUINT64;
    case 2:
        return (guint64)1 << g_rand_int_range(rand, 0, 64);
    default:
        return (guint64)g_rand_int(rand) << 32 | g_rand_int(rand);
    }
}

static void
fill_array(GRand *rand, const VirXdrType *type, VirXdrArray *out)
{
    gsize size = type->elem ? type->elem->size : 1;

    out->len = pick_length(rand, type->limit);
    out->val = g_malloc0_n(MAX(out->len, 1), size);
    for (guint32 i = 0; i < out->len; i++) {
        if (type->elem)
            values_fill(rand, type->elem, (guint8 *)out->val + i * size);
        else
            ((guint8 *)out->val)[i] = g_rand_int(rand);
    }
}

static char *
make_text(GRand *rand, guint32 limit)
{
    guint32 len = pick_length(rand, limit);
    char *text = g_malloc0(len + 1);

    for (guint32 i = 0; i < len; i++)
        text[i] = g_rand_int_range(rand, 1, 256);
    return text;
}

void
values_fill(GRand *rand, const VirXdrType *type, void *out)
{
    guint64 number = pick_number(rand);
    double real = g_rand_double_range(rand, -1e9, 1e9);
    guint32 member;

    memset(out, 0, type->size);
    switch (type->kind) {
    case VIR_XDR_STRING:
        *(char **)out = make_text(rand, type->limit);
        break;
    case VIR_XDR_OPAQUE:
        for (guint32 i = 0; i < type->limit; i++)
            ((guint8 *)out)[i] = g_rand_int(rand);
        break;
    case VIR_XDR_BYTES:
    case VIR_XDR_ARRAY:
        fill_array(rand, type, out);
        break;
    case VIR_XDR_VECTOR:
        for (guint32 i = 0; i < type->limit; i++)
            values_fill(rand, type->elem, (guint8 *)out + i * type->elem->size);
        break;
    case VIR_XDR_OPTIONAL:
        if (g_rand_boolean(rand)) {
            *(void **)out = g_malloc0(type->elem->size);
            values_fill(rand, type->elem, *(void **)out);
        }
        break;
    case VIR_XDR_STRUCT:
        for (guint32 i = 0; i < type->n_fields; i++)
            values_fill(rand, type->fields[i].type, (guint8 *)out + type->fields[i].offset);
        break;
    case VIR_XDR_UNION:
        member = g_rand_int_range(rand, 1, type->n_fields);
        *(gint32 *)out = type->cases[member - 1];
        values_fill(rand, type->fields[member].type, (guint8 *)out + type->fields[member].offset);
        break;
    case VIR_XDR_DOUBLE:
        memcpy(out, &real, sizeof(real));
        break;
    case VIR_XDR_BOOL:
        *(gint32 *)out = number & 1;
        break;
    default:
        memcpy(out, &number, type->size);
        break;
    }
}
