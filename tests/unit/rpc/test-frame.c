/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "vir-error.h"
#include "vir-frame.h"

static const virNetMessageHeader call = {
    .prog = REMOTE_PROGRAM,
    .vers = REMOTE_PROTOCOL_VERSION,
    .proc = REMOTE_PROC_DOMAIN_LOOKUP_BY_ID,
    .type = VIR_NET_CALL,
    .serial = 7,
};

static void
test_bytes(void)
{
    static const guint8 expected[] = {0, 0, 0, 32, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 22,
                                      0, 0, 0, 0,  0,    0, 0,    7,    0, 0, 0, 0, 0, 0, 0, 5};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    remote_domain_lookup_by_id_args args = {.id = 5};
    virNetMessageHeader header;
    gsize payload;
    guint n_fds;

    vir_frame_encode(out, &call, 0, &vir_xdr_remote_domain_lookup_by_id_args, &args, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(out->data, out->len, expected, sizeof(expected));
    g_assert_cmpuint(vir_frame_length(out->data, &error), ==, 32);
    g_assert_true(vir_frame_decode(out->data, out->len, &header, &n_fds, &payload, &error));
    g_assert_cmpmem(&header, sizeof(header), &call, sizeof(call));
    g_assert_cmpuint(n_fds, ==, 0);
    g_assert_cmpuint(payload, ==, VIR_FRAME_HEADER);
}

static void
test_length(void)
{
    static const struct {
        guint32 len;
        gboolean good;
    } cases[] = {
        {0, FALSE}, {3, FALSE},       {4, FALSE},        {27, FALSE},
        {28, TRUE}, {33554436, TRUE}, {33554437, FALSE}, {G_MAXUINT32, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint32 word = GUINT32_TO_BE(cases[i].len);
        g_autoptr(GError) error = NULL;
        gsize len = vir_frame_length((const guint8 *)&word, &error);

        g_assert_cmpuint(len, ==, cases[i].good ? cases[i].len : 0);
        if (!cases[i].good)
            g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    }
}

static void
test_fds(void)
{
    virNetMessageHeader header = call;
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize payload;
    guint n_fds;

    header.type = VIR_NET_CALL_WITH_FDS;
    for (guint n = 31; n <= 33; n++) {
        g_autoptr(GError) error = NULL;
        gsize start = vir_frame_begin(out, &header, n);

        g_assert_true(vir_frame_end(out, start, NULL));
        g_assert_true(vir_frame_decode(out->data + start, out->len - start, &header, &n_fds,
                                       &payload, &error) == (n <= 32));
        g_assert_cmpuint(n_fds, ==, n);
        g_assert_cmpuint(payload, ==, VIR_FRAME_HEADER + 4);
        g_assert_false(
            vir_frame_decode(out->data + start, VIR_FRAME_HEADER, &header, &n_fds, &payload, NULL));
    }
}

static GError *
through_the_wire(const GError *failure, virNetMessageHeader *header)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize payload;
    guint n_fds;

    vir_frame_encode_error(out, header, failure, VIR_FROM_QEMU);
    g_assert_cmpuint(vir_frame_length(out->data, NULL), ==, out->len);
    g_assert_true(vir_frame_decode(out->data, out->len, header, &n_fds, &payload, NULL));
    return vir_frame_decode_error(out->data + payload, out->len - payload);
}

static void
test_error(void)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GError) first = NULL;
    g_autoptr(GError) second = NULL;
    virNetMessageHeader header = call;
    VirErrorDetail *detail;

    vir_error_set(&failure, VIR_ERR_NO_DOMAIN, "no domain '%s'", "web");
    first = through_the_wire(failure, &header);
    g_assert_cmpint(header.type, ==, VIR_NET_REPLY);
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    g_assert_cmpint(header.serial, ==, 7);
    g_assert_error(first, VIR_ERROR, VIR_ERR_NO_DOMAIN);
    g_assert_cmpstr(first->message, ==, "Domain not found: no domain 'web'");
    detail = vir_error_detail(first);
    g_assert_true(detail->whole);
    g_assert_cmpint(detail->domain, ==, VIR_FROM_QEMU);
    g_assert_cmpint(detail->level, ==, VIR_ERR_ERROR);
    g_assert_cmpstr(detail->str1, ==, "Domain not found: %s");
    g_assert_cmpstr(detail->str2, ==, "no domain 'web'");
    g_assert_null(detail->str3);
    g_assert_cmpint(detail->int1, ==, -1);

    /* a relay passes it on as it is, here on a stream */
    header.type = VIR_NET_STREAM;
    second = through_the_wire(first, &header);
    g_assert_cmpint(header.type, ==, VIR_NET_STREAM);
    g_assert_cmpstr(second->message, ==, first->message);
    g_assert_cmpstr(vir_error_detail(second)->str1, ==, detail->str1);
    g_assert_cmpstr(vir_error_detail(second)->str2, ==, detail->str2);
}

static void
test_long_error(void)
{
    g_autofree char *text = g_strnfill(VIR_NET_MESSAGE_STRING_MAX + 100, 'x');
    g_autoptr(GError) failure = g_error_new_literal(VIR_ERROR, VIR_ERR_INTERNAL_ERROR, text);
    g_autoptr(GError) read = NULL;
    virNetMessageHeader header = call;

    read = through_the_wire(failure, &header);
    g_assert_error(read, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_assert_cmpuint(strlen(read->message), ==, VIR_NET_MESSAGE_STRING_MAX);
}

static void
test_bad_error(void)
{
    g_autoptr(GError) read = vir_frame_decode_error((const guint8 *)"\0\0", 2);

    g_assert_error(read, VIR_ERROR, VIR_ERR_RPC);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/frame/bytes", test_bytes);
    g_test_add_func("/frame/length", test_length);
    g_test_add_func("/frame/fds", test_fds);
    g_test_add_func("/frame/error", test_error);
    g_test_add_func("/frame/long-error", test_long_error);
    g_test_add_func("/frame/bad-error", test_bad_error);
    return g_test_run();
}
