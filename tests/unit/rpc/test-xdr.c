/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "vir-error.h"
#include "vir-protocol.h"
#include "vir-xdr.h"

static GByteArray *
words(int n, ...)
{
    GByteArray *bytes = g_byte_array_new();
    va_list ap;

    va_start(ap, n);
    for (int i = 0; i < n; i++) {
        guint32 word = GUINT32_TO_BE(va_arg(ap, guint32));

        g_byte_array_append(bytes, (const guint8 *)&word, 4);
    }
    va_end(ap);
    return bytes;
}

static void
assert_message(const VirXdrType *type, GByteArray *bytes, const char *message)
{
    g_autoptr(GByteArray) owned = bytes;
    g_auto(VirArena) arena = {0};
    g_autofree void *value = g_malloc0(type->size);
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_xdr_decode(type, bytes->data, bytes->len, value, &arena, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_errors(void)
{
    g_autoptr(GByteArray) nul = words(2, 3, 0x61006200);

    assert_message(&vir_xdr_remote_domain_lookup_by_id_args, words(0),
                   "cannot decode remote_domain_lookup_by_id_args.id: 4 bytes are needed, 0 are "
                   "left");
    assert_message(&vir_xdr_remote_domain_lookup_by_id_args, words(2, 7, 8),
                   "cannot decode remote_domain_lookup_by_id_args: 4 bytes are left over");
    assert_message(&vir_xdr_remote_domain_lookup_by_name_args, words(1, 4194305),
                   "cannot decode remote_domain_lookup_by_name_args.name: 4194305 bytes of text, "
                   "the limit is 4194304");
    assert_message(&vir_xdr_remote_domain_lookup_by_name_args, words(1, 4194304),
                   "cannot decode remote_domain_lookup_by_name_args.name: 4194304 bytes of text "
                   "announced, 0 bytes are left");
    assert_message(&vir_xdr_remote_domain_lookup_by_name_args, g_steal_pointer(&nul),
                   "cannot decode remote_domain_lookup_by_name_args.name: a NUL in text");
    assert_message(&vir_xdr_remote_domain_create_args, words(1, 0xffffffff),
                   "cannot decode remote_domain_create_args.dom.name: 4294967295 bytes of text, "
                   "the limit is 4194304");
    assert_message(&vir_xdr_remote_connect_list_defined_domains_ret, words(3, 2, 0, 9),
                   "cannot decode remote_connect_list_defined_domains_ret.names[1]: 9 bytes of "
                   "text announced, 0 bytes are left");
    assert_message(&vir_xdr_remote_connect_list_defined_domains_ret, words(2, 16384, 0),
                   "cannot decode remote_connect_list_defined_domains_ret.names: 16384 elements "
                   "announced, 4 bytes are left");
    assert_message(&vir_xdr_remote_connect_open_args, words(1, 2),
                   "cannot decode remote_connect_open_args.name: 2 says neither that it is there "
                   "nor that it is not");
    assert_message(&vir_xdr_remote_typed_param, words(3, 0, 8, 0),
                   "cannot decode remote_typed_param.value: unknown kind 8");
}

static void
test_out_of_range(void)
{
    /* unsigned short nrVirtCpu */
    assert_message(&vir_xdr_remote_domain_get_info_ret, words(8, 1, 0, 0, 0, 0, 65536, 0, 0),
                   "cannot decode remote_domain_get_info_ret.nrVirtCpu: 65536 is out of range");
}

static void
test_encode_limits(void)
{
    g_autoptr(GByteArray) bytes = words(1, 1);
    g_autoptr(GError) error = NULL;
    remote_domain_lookup_by_name_args args = {0};
    remote_domain_send_key_args keys = {.dom.name = (char *)"web"};

    g_assert_false(
        vir_xdr_encode(&vir_xdr_remote_domain_lookup_by_name_args, &args, bytes, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_cmpstr(error->message, ==,
                    "cannot encode remote_domain_lookup_by_name_args.name: no text");
    g_assert_cmpuint(bytes->len, ==, 4);
    g_clear_error(&error);

    keys.keycodes.keycodes_len = REMOTE_DOMAIN_SEND_KEY_MAX + 1;
    g_assert_false(vir_xdr_encode(&vir_xdr_remote_domain_send_key_args, &keys, bytes, &error));
    g_assert_cmpstr(error->message, ==,
                    "cannot encode remote_domain_send_key_args.keycodes: 17 elements, the limit "
                    "is 16");
    g_assert_cmpuint(bytes->len, ==, 4);
}

static void
test_arena(void)
{
    g_auto(VirArena) arena = {0};
    guint8 *pieces[200];

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        gsize len = i % 50 == 49 ? 100000 : i * 7;

        pieces[i] = vir_arena_alloc(&arena, len);
        g_assert_cmpuint(GPOINTER_TO_SIZE(pieces[i]) % 16, ==, 0);
        for (gsize j = 0; j < len; j++)
            g_assert_cmpuint(pieces[i][j], ==, 0);
        memset(pieces[i], (int)i, len);
    }
    for (gsize i = 1; i < G_N_ELEMENTS(pieces); i++)
        g_assert_cmpuint(pieces[i][0], ==, i);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xdr/errors", test_errors);
    g_test_add_func("/xdr/out-of-range", test_out_of_range);
    g_test_add_func("/xdr/encode-limits", test_encode_limits);
    g_test_add_func("/xdr/arena", test_arena);
    return g_test_run();
}
