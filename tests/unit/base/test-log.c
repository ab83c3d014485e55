/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-log.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"

VIR_LOG_INIT("test.alpha");

static void
test_spelling(void)
{
    static const char *const bad_outputs[] = {"stderr",     "0:stderr",  "5:stderr",
                                              "1:file",     "1:file:",   "1:file:x",
                                              "1:stderr:x", "1:nothing", "1:journald:arg",
                                              "1:syslog"};
    static const char *const bad_filters[] = {"x", "1", "1:", "9:x", "a:x"};
    g_autofree char *filters = NULL;
    g_autofree char *outputs = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(bad_outputs); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(vir_log_configure(0, NULL, bad_outputs[i], &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
        g_assert_nonnull(strstr(error->message, bad_outputs[i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad_filters); i++)
        g_assert_false(vir_log_configure(0, bad_filters[i], NULL, NULL));
    g_assert_false(vir_log_configure(7, NULL, NULL, NULL));

    g_assert_true(vir_log_configure(0, " 1:qemu  3:rpc ", "4:stderr", NULL));
    filters = vir_log_get_filters();
    outputs = vir_log_get_outputs();
    g_assert_cmpstr(filters, ==, "1:qemu 3:rpc");
    g_assert_cmpstr(outputs, ==, "4:stderr");
}

static void
test_levels(void)
{
    g_assert_true(vir_log_configure(VIR_LOG_WARN, "", NULL, NULL));
    g_assert_false(vir_log_enabled(&vir_log_source, VIR_LOG_INFO));
    g_assert_true(vir_log_enabled(&vir_log_source, VIR_LOG_WARN));
    g_assert_true(vir_log_configure(0, "1:alpha", NULL, NULL));
    g_assert_true(vir_log_enabled(&vir_log_source, VIR_LOG_DEBUG));
    g_assert_true(vir_log_configure(0, "4:test 1:alpha", NULL, NULL));
    g_assert_false(vir_log_enabled(&vir_log_source, VIR_LOG_WARN));
}

static void
test_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("vir-test-log-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "log", NULL);
    g_autofree char *moved = g_build_filename(dir, "log.1", NULL);
    g_autofree char *outputs = g_strdup_printf("2:file:%s 1:file:%s.all", path, path);
    g_autofree char *all = g_strconcat(path, ".all", NULL);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autofree char *both = NULL;

    g_assert_true(vir_log_configure(VIR_LOG_DEBUG, "", outputs, NULL));
    vir_debug("only in all");
    vir_warn("one\nforged line");
    g_assert_cmpint(rename(path, moved), ==, 0);
    vir_log_reopen();
    vir_err("two");
    first = vir_file_read(moved, 10000, NULL, NULL);
    second = vir_file_read(path, 10000, NULL, NULL);
    both = vir_file_read(all, 10000, NULL, NULL);
    g_assert_nonnull(strstr(first, "warning : test.alpha:test_file : one forged line\n"));
    g_assert_null(strstr(first, "only in all"));
    g_assert_nonnull(strstr(second, "error : test.alpha:test_file : two\n"));
    g_assert_nonnull(strstr(both, "only in all"));
    g_assert_true(vir_log_configure(0, NULL, "", NULL));
    unlink(path);
    unlink(moved);
    unlink(all);
    rmdir(dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/spelling", test_spelling);
    g_test_add_func("/log/levels", test_levels);
    g_test_add_func("/log/file", test_file);
    return g_test_run();
}
