/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "vir-error.h"

static void
check_text(int code, const char *detail, const char *expected)
{
    g_autofree char *text = vir_error_format(code, detail);

    g_assert_cmpstr(text, ==, expected);
}

static void
test_text(void)
{
    check_text(VIR_ERR_NO_DOMAIN, "no domain with matching name 'x'",
               "Domain not found: no domain with matching name 'x'");
    check_text(VIR_ERR_NO_DOMAIN, NULL, "Domain not found");
    check_text(VIR_ERR_INVALID_CONN, "virConnectClose",
               "invalid connection pointer in virConnectClose");
    check_text(VIR_ERR_DOM_EXIST, "web", "domain web exists already");
    check_text(VIR_ERR_RPC, "bad frame", "bad frame");
    check_text(VIR_ERR_SYSTEM_ERROR, "", "unknown error");
    check_text(-1, NULL, "unknown error");
    check_text(100000, "detail", "detail");
}

static void
test_whole(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    g_assert_false(vir_error_set(&error, VIR_ERR_XML_ERROR, "line %d", 3));
    before = vir_error_text(error);
    vir_error_detail(error)->whole = TRUE;
    after = vir_error_text(error);
    g_assert_cmpstr(before, ==, "XML error: line 3");
    g_assert_cmpstr(after, ==, "line 3");
}

static void
test_errno(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) copy = NULL;

    vir_error_set_errno(&error, ENOENT, "cannot open '%s'", "/nowhere");
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_assert_cmpstr(error->message, ==, "cannot open '/nowhere': No such file or directory");
    g_assert_cmpint(vir_error_detail(error)->int1, ==, ENOENT);
    vir_error_detail(error)->str1 = g_strdup("kept");
    copy = g_error_copy(error);
    g_assert_cmpstr(vir_error_detail(copy)->str1, ==, "kept");
    vir_error_set(NULL, VIR_ERR_XML_ERROR, "nobody listens");
}

static void
test_foreign(void)
{
    g_autoptr(GError) error = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "gone");
    g_autofree char *text = vir_error_text(error);

    g_assert_null(vir_error_detail(error));
    g_assert_cmpstr(text, ==, "operation failed: gone");
    g_assert_cmpstr(vir_error_domain_name(VIR_FROM_QEMU), ==, "QEMU Driver");
    g_assert_null(vir_error_domain_name(VIR_FROM_NONE));
    g_assert_null(vir_error_domain_name(-3));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/text", test_text);
    g_test_add_func("/error/whole", test_whole);
    g_test_add_func("/error/errno", test_errno);
    g_test_add_func("/error/foreign", test_foreign);
    return g_test_run();
}
