/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <unistd.h>

#include "open.h"
#include "vir-error.h"

static char *folder; /* configuration and sockets of this test */

static void
write_conf(const char *text)
{
    g_autofree char *path = g_build_filename(folder, "libvirt", "libvirt.conf", NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
test_resolve(void)
{
    static const struct {
        const char *name;
        const char *env;
        gboolean aliases;
        const char *want;
    } cases[] = {
        {"qemu:///system", NULL, TRUE, "qemu:///system"},
        {NULL, "qemu:///env", TRUE, "qemu:///env"},
        {"", "qemu:///env", TRUE, "qemu:///env"},
        {NULL, NULL, TRUE, "qemu:///default"},
        {"hail", NULL, TRUE, "qemu+ssh://root@hail/system"},
        {"hail", NULL, FALSE, "hail"},
        {"hai", NULL, TRUE, "hai"},
        {NULL, "hail", TRUE, "qemu+ssh://root@hail/system"},
    };

    if (geteuid() == 0) {
        g_test_skip("root's libvirt.conf is the host's");
        return;
    }
    write_conf("uri_aliases = [ \"x=y:///\",\n \"hail=qemu+ssh://root@hail/system\" ]\n"
               "uri_default = \"qemu:///default\"\n");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *uri = NULL;

        if (cases[i].env)
            g_setenv("LIBVIRT_DEFAULT_URI", cases[i].env, TRUE);
        else
            g_unsetenv("LIBVIRT_DEFAULT_URI");
        uri = vir_open_resolve(cases[i].name, cases[i].aliases, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(uri, ==, cases[i].want);
    }
    g_unsetenv("LIBVIRT_DEFAULT_URI");
}

static void
test_bad_conf(void)
{
    g_autoptr(GError) error = NULL;

    if (geteuid() == 0) {
        g_test_skip("root's libvirt.conf is the host's");
        return;
    }
    write_conf("uri_aliases = [ \"nothing\" ]\n");
    g_assert_null(vir_open_resolve("hail", TRUE, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONF_SYNTAX);
    g_clear_error(&error);
    write_conf("\nuri_default = \n");
    g_assert_null(vir_open_resolve(NULL, TRUE, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_CONF_SYNTAX);
    g_assert_nonnull(strstr(error->message, "libvirt.conf:2"));
    write_conf("");
}

static void
test_target(void)
{
    static const struct {
        const char *uri;
        gboolean readonly;
        const char *socket;
        const char *daemon_uri;
    } cases[] = {
        {"qemu:///system?socket=/x/y", FALSE, "/x/y", "qemu:///system"},
        {"qemu+unix:///system?socket=/x/y&auth=none&z=1", TRUE, "/x/y", "qemu:///system?z=1"},
        {"test+unix:///default?socket=/x", FALSE, "/x", "test:///default"},
        {"qemu:///system?mode=direct", FALSE, "/run/libvirt/virtqemud-sock", "qemu:///system"},
        {"qemu:///system?mode=direct", TRUE, "/run/libvirt/virtqemud-sock-ro", "qemu:///system"},
        {"qemu:///system?mode=legacy", TRUE, "/run/libvirt/libvirt-sock-ro", "qemu:///system"},
        {"xen:///system?mode=direct", FALSE, "/run/libvirt/virtxend-sock", "xen:///system"},
        {"qemu:///x?mode=legacy&name=test:///default", FALSE, "/run/libvirt/libvirt-sock",
         "test:///default"},
        {"remote+unix:///?mode=legacy", FALSE, "/run/libvirt/libvirt-sock", ""},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VirTarget) target = vir_target_new(cases[i].uri, cases[i].readonly, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(target->socket, ==, cases[i].socket);
        g_assert_cmpstr(target->daemon_uri, ==, cases[i].daemon_uri);
        g_assert_null(target->daemon);
    }
}

static void
test_bad_target(void)
{
    static const struct {
        const char *uri;
        int code;
        const char *names;
    } cases[] = {
        {"qemu+foo:///system", VIR_ERR_INVALID_ARG, "foo"},
        {"qemu+ssh://host/system", VIR_ERR_NO_SUPPORT, "ssh"},
        {"qemu://host/system", VIR_ERR_NO_SUPPORT, "tls"},
        {"qemu+unix://host/system", VIR_ERR_INVALID_ARG, "host"},
        {"qemu:///system?mode=blah", VIR_ERR_INVALID_ARG, "blah"},
        {"test:///default", VIR_ERR_CONFIG_UNSUPPORTED, "test"},
        {"/path", VIR_ERR_NO_CONNECT, "/path"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(vir_target_new(cases[i].uri, FALSE, &error));
        g_assert_error(error, VIR_ERROR, cases[i].code);
        g_assert_nonnull(strstr(error->message, cases[i].names));
    }
}

static void
test_connect_fails(void)
{
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    VirTarget target = {.socket = missing};
    g_autoptr(GError) error = NULL;
    char longer[200];
    VirTarget too_long = {.socket = longer};

    g_assert_cmpint(vir_target_connect(&target, &error), ==, -1);
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_assert_nonnull(strstr(error->message, missing));
    g_clear_error(&error);
    memset(longer, 'x', sizeof(longer));
    longer[199] = '\0';
    g_assert_cmpint(vir_target_connect(&too_long, &error), ==, -1);
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
}

int
main(int argc, char **argv)
{
    g_autofree char *conf = NULL;
    g_autofree char *conf_file = NULL;
    int ret;

    folder = g_dir_make_tmp("vir-open-XXXXXX", NULL);
    conf = g_build_filename(folder, "libvirt", NULL);
    conf_file = g_build_filename(conf, "libvirt.conf", NULL);
    g_assert_cmpint(g_mkdir(conf, 0700), ==, 0);
    g_setenv("XDG_CONFIG_HOME", folder, TRUE);
    g_setenv("XDG_RUNTIME_DIR", folder, TRUE);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/open/resolve", test_resolve);
    g_test_add_func("/open/bad-conf", test_bad_conf);
    g_test_add_func("/open/target", test_target);
    g_test_add_func("/open/bad-target", test_bad_target);
    g_test_add_func("/open/connect-fails", test_connect_fails);
    ret = g_test_run();
    g_unlink(conf_file);
    g_rmdir(conf);
    g_rmdir(folder);
    g_free(folder);
    return ret;
}
