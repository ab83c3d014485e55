/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every type of every program: the bytes are those of rpcgen's code, reading them gives the value
 * back, and no shorter, longer or damaged copy of them does harm.
 */

#include <string.h>

#include "reference.h"
#include "values.h"
#include "vir-error.h"
#include "vir-protocol.h"

#define ROUNDS 24
#define BUFFER (1 << 20)

static const Reference *
find_reference(const char *name)
{
    for (const Reference *r = references; r->name; r++) {
        if (strcmp(r->name, name) == 0)
            return r;
    }
    g_error("rpcgen has no %s", name);
}

static GByteArray *
encode(const VirXdrType *type, const void *value)
{
    GByteArray *bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    vir_xdr_encode(type, value, bytes, &error);
    g_assert_no_error(error);
    return bytes;
}

static void
assert_reference_encodes(const Reference *reference, void *value, const GByteArray *bytes)
{
    g_autofree char *buffer = g_malloc(BUFFER);
    XDR xdr;

    memset(buffer, 0xa5, BUFFER);
    xdrmem_create(&xdr, buffer, BUFFER, XDR_ENCODE);
    g_assert_true(reference->proc(&xdr, value));
    g_assert_cmpmem(buffer, xdr_getpos(&xdr), bytes->data, bytes->len);
    xdr_destroy(&xdr);
}

static void
assert_decodes(const VirXdrType *type, const GByteArray *bytes)
{
    g_auto(VirArena) arena = {0};
    g_autofree void *value = g_malloc(type->size);
    g_autofree void *copy = g_malloc(type->size);
    g_autoptr(GByteArray) again = NULL;
    g_autoptr(GByteArray) copied = NULL;
    g_autoptr(GError) error = NULL;

    memset(value, 0xa5, type->size);
    vir_xdr_decode(type, bytes->data, bytes->len, value, &arena, &error);
    g_assert_no_error(error);
    again = encode(type, value);
    g_assert_cmpmem(again->data, again->len, bytes->data, bytes->len);
    vir_xdr_copy(type, value, copy);
    copied = encode(type, copy);
    g_assert_cmpmem(copied->data, copied->len, bytes->data, bytes->len);
    vir_xdr_clear(type, copy);
}

static void
assert_refused(const VirXdrType *type, const guint8 *bytes, gsize len)
{
    g_auto(VirArena) arena = {0};
    g_autofree void *value = g_malloc0(type->size);
    /* a copy of its exact size, so that a sanitizer sees a read beyond it */
    g_autofree guint8 *exact = g_memdup2(bytes, len);
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_xdr_decode(type, exact, len, value, &arena, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_nonnull(strstr(error->message, type->name));
}

static void
damage(GRand *rand, const VirXdrType *type, const GByteArray *bytes)
{
    g_auto(VirArena) arena = {0};
    g_autofree void *value = g_malloc0(type->size);
    g_autofree guint8 *bad = g_memdup2(bytes->data, bytes->len);
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) again = NULL;

    if (!bytes->len)
        return;
    for (int i = 0; i < 3; i++)
        bad[g_rand_int_range(rand, 0, bytes->len)] = g_rand_int(rand);
    if (vir_xdr_decode(type, bad, bytes->len, value, &arena, &error))
        again = encode(type, value);
    else
        g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
}

static void
test_type(gconstpointer data)
{
    const VirXdrType *type = data;
    const Reference *reference = find_reference(type->name);
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_str_hash(type->name));
    g_autofree void *value = g_malloc0(type->size);

    g_assert_cmpuint(type->size, ==, reference->size);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(GByteArray) bytes = NULL;
        g_autoptr(GByteArray) longer = g_byte_array_new();

        values_fill(rand, type, value);
        bytes = encode(type, value);
        g_assert_cmpuint(bytes->len, >=, type->wire_min);
        assert_reference_encodes(reference, value, bytes);
        assert_decodes(type, bytes);
        for (gsize len = 0; round < 2 && len < MIN(bytes->len, 2000); len++)
            assert_refused(type, bytes->data, len);
        g_byte_array_append(longer, bytes->data, bytes->len);
        g_byte_array_append(longer, (const guint8 *)"\0\0\0", 4);
        assert_refused(type, longer->data, longer->len);
        damage(rand, type, bytes);
        vir_xdr_clear(type, value);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; vir_xdr_types[i]; i++) {
        g_autofree char *path = g_strdup_printf("/xdr/%s", vir_xdr_types[i]->name);

        g_test_add_data_func(path, vir_xdr_types[i], test_type);
    }
    return g_test_run();
}
