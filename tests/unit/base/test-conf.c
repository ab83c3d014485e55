/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-conf-keys.h"

#include "vir-error.h"

#include <string.h>

static VirConf *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    VirConf *conf = vir_conf_parse(text, strlen(text), "t.conf", NULL, FALSE, &error);

    g_assert_no_error(error);
    return conf;
}

static void
test_values(void)
{
    g_autoptr(VirConf) conf = parse("# a comment\n"
                                    "a = 12 # behind\n"
                                    "b=-3\n"
                                    "\tc = \"x # 'y'\"\r\n"
                                    "d = 'x \"y\"'\n"
                                    "e = [ \"1\", '2', # why\n\n  \"3\", ]\n"
                                    "f = []\n"
                                    "g = \"\"\"two\nlines\"\"\"\n"
                                    "h = \"\"\n"
                                    "a = 13");
    const char *const *list;

    g_assert_cmpint(vir_conf_int(conf, "a", 0), ==, 13);
    g_assert_cmpint(vir_conf_int(conf, "b", 0), ==, -3);
    g_assert_cmpint(vir_conf_int(conf, "z", 7), ==, 7);
    g_assert_cmpstr(vir_conf_string(conf, "c", NULL), ==, "x # 'y'");
    g_assert_cmpstr(vir_conf_string(conf, "d", NULL), ==, "x \"y\"");
    g_assert_cmpstr(vir_conf_string(conf, "g", NULL), ==, "two\nlines");
    g_assert_cmpstr(vir_conf_string(conf, "h", NULL), ==, "");
    g_assert_cmpstr(vir_conf_string(conf, "z", "none"), ==, "none");
    list = vir_conf_list(conf, "e");
    g_assert_cmpuint(g_strv_length((char **)list), ==, 3);
    g_assert_cmpstr(list[2], ==, "3");
    g_assert_cmpuint(g_strv_length((char **)vir_conf_list(conf, "f")), ==, 0);
    g_assert_cmpstr(vir_conf_list(conf, "c")[0], ==, "x # 'y'");
    g_assert_null(vir_conf_list(conf, "z"));
    g_assert_cmpuint(vir_conf_line(conf, "a"), ==, 13);
    g_assert_cmpuint(vir_conf_line(conf, "h"), ==, 12);
    g_assert_cmpuint(vir_conf_line(conf, "z"), ==, 0);
    /* Unchecked: another type is as good as none. */
    g_assert_cmpint(vir_conf_int(conf, "c", 5), ==, 5);
    g_assert_cmpstr(vir_conf_string(conf, "a", "x"), ==, "x");
}

static void
test_checked(void)
{
    static const char text[] = "listen_tls = 1\nmax_clients = 3\naccess_drivers = \"polkit\"\n"
                               "keepalive_interval = -1\nkeepalive_required = 1\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(VirConf) conf =
        vir_conf_parse(text, strlen(text), "x", &vir_conf_daemon, TRUE, &error);

    g_assert_no_error(error);
    g_assert_true(vir_conf_bool(conf, "listen_tls", FALSE));
    g_assert_false(vir_conf_bool(conf, "listen_tcp", FALSE));
    g_assert_cmpint(vir_conf_int(conf, "keepalive_interval", 5), ==, -1);
    g_assert_cmpstr(vir_conf_list(conf, "access_drivers")[0], ==, "polkit");
}

/* conf/NAME.conf is refused with the text of conf/NAME.err. */
static void
test_refused(const void *path)
{
    const char *srcdir = g_getenv("G_TEST_SRCDIR");
    g_autofree char *file = g_build_filename(srcdir, "unit/base/conf", path, NULL);
    g_autofree char *stem = g_strndup(file, strlen(file) - strlen(".conf"));
    g_autofree char *expected_file = g_strconcat(stem, ".err", NULL);
    g_autofree char *expected = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(file, &text, &len, NULL));
    g_assert_true(g_file_get_contents(expected_file, &expected, NULL, NULL));
    g_assert_null(vir_conf_parse(text, len, path, &vir_conf_daemon, FALSE, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONF_SYNTAX);
    g_assert_cmpstr(error->message, ==, g_strchomp(expected));
}

static void
test_load(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirConf) none = vir_conf_load("/nonexistent/x.conf", FALSE, NULL, FALSE, &error);

    g_assert_no_error(error);
    g_assert_cmpint(vir_conf_int(none, "a", 4), ==, 4);
    g_assert_cmpstr(vir_conf_name(none), ==, "/nonexistent/x.conf");
    g_assert_null(vir_conf_load("/nonexistent/x.conf", TRUE, NULL, FALSE, &error));
    g_assert_nonnull(strstr(error->message, "/nonexistent/x.conf"));
}

/* A generated sample is a valid file, with and without its comment signs, and has every key. */
static void
check_sample(const char *name, const VirConfTable *table)
{
    g_autofree char *path = g_build_filename(VIR_TEST_BASE_BUILDDIR, name, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirConf) conf = NULL;
    g_autoptr(VirConf) uncommented = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(path, &text, &len, NULL));
    conf = vir_conf_parse(text, len, path, table, TRUE, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(vir_conf_line(conf, table->keys[0].key), ==, 0);
    for (char *at = text; (at = strstr(at, "\n#")) != NULL; at++) {
        if (g_ascii_islower(at[2]))
            at[1] = ' ';
    }
    uncommented = vir_conf_parse(text, len, path, table, TRUE, &error);
    g_assert_no_error(error);
    for (unsigned i = 0; i < table->n_keys; i++)
        g_assert_cmpuint(vir_conf_line(uncommented, table->keys[i].key), >, 0);
}

static void
test_samples(void)
{
    check_sample("daemon-ip.conf", &vir_conf_daemon);
    check_sample("qemu.conf", &vir_conf_qemu);
    check_sample("lxc.conf", &vir_conf_lxc);
    check_sample("network.conf", &vir_conf_network);
    check_sample("libvirt.conf", &vir_conf_libvirt);
    check_sample("libvirt-admin.conf", &vir_conf_libvirt_admin);
}

int
main(int argc, char **argv)
{
    g_autofree char *folder = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *name;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf/values", test_values);
    g_test_add_func("/conf/checked", test_checked);
    g_test_add_func("/conf/load", test_load);
    g_test_add_func("/conf/samples", test_samples);
    folder = g_build_filename(g_getenv("G_TEST_SRCDIR"), "unit/base/conf", NULL);
    dir = g_dir_open(folder, 0, NULL);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *test = g_strconcat("/conf/refused/", name, NULL);

        if (g_str_has_suffix(name, ".conf"))
            g_test_add_data_func_full(test, g_strdup(name), test_refused, g_free);
    }
    return g_test_run();
}
