/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libvirt/virterror.h>

#include "uri.h"
#include "vir-error.h"

typedef struct {
    const char *text;
    const char *driver;
    const char *transport;
    const char *host;
    int port;
    const char *path;
    const char *for_daemon; /* with socket= and mode= used up */
} Good;

static const Good good[] = {
    {"qemu:///system", "qemu", NULL, NULL, -1, "/system", "qemu:///system"},
    {"qemu+unix:///session?socket=/tmp/a%20b", "qemu", "unix", NULL, -1, "/session",
     "qemu:///session"},
    {"qemu+ssh://root@host:2222/system?keyfile=k", "qemu", "ssh", "host", 2222, "/system",
     "qemu:///system?keyfile=k"},
    {"test:///default", "test", NULL, NULL, -1, "/default", "test:///default"},
    {"xen://", "xen", NULL, NULL, -1, "", "xen://"},
    {"qemu+tcp://[::1]:16509/system", "qemu", "tcp", "::1", 16509, "/system", "qemu:///system"},
    {"test+unix:///tmp/a%20b.xml?mode=direct&x=1%262", "test", "unix", NULL, -1, "/tmp/a b.xml",
     "test:///tmp/a%20b.xml?x=1%262"},
    {"secret:///embed?root=/r;a=b", "secret", NULL, NULL, -1, "/embed",
     "secret:///embed?root=%2Fr&a=b"},
};

static void
test_good(gconstpointer data)
{
    const Good *want = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(VirUri) uri = vir_uri_parse(want->text, &error);
    g_autofree char *for_daemon = NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(uri->driver, ==, want->driver);
    g_assert_cmpstr(uri->transport, ==, want->transport);
    g_assert_cmpstr(uri->host, ==, want->host);
    g_assert_cmpint(uri->port, ==, want->port);
    g_assert_cmpstr(uri->path, ==, want->path);
    vir_uri_take_param(uri, "socket");
    vir_uri_take_param(uri, "mode");
    for_daemon = vir_uri_for_daemon(uri);
    g_assert_cmpstr(for_daemon, ==, want->for_daemon);
}

static void
test_params(void)
{
    g_autoptr(VirUri) uri = vir_uri_parse("qemu:///x?socket=%2Fs%20k&&empty=&flag", NULL);

    g_assert_cmpstr(vir_uri_take_param(uri, "socket"), ==, "/s k");
    g_assert_cmpstr(vir_uri_take_param(uri, "empty"), ==, "");
    g_assert_cmpstr(vir_uri_take_param(uri, "flag"), ==, "");
    g_assert_null(vir_uri_take_param(uri, "other"));
}

static void
test_bad(void)
{
    static const struct {
        const char *text;
        int code;
    } bad[] = {
        {"/just/path", VIR_ERR_NO_CONNECT},        {"qemu://[::1", VIR_ERR_INVALID_ARG},
        {"qemu:///x?a=%zz", VIR_ERR_INVALID_ARG},  {"", VIR_ERR_INVALID_ARG},
        {"qemu://h:99999/x", VIR_ERR_INVALID_ARG}, {"noscheme", VIR_ERR_INVALID_ARG},
        {"qemu:system", VIR_ERR_INVALID_ARG},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(vir_uri_parse(bad[i].text, &error));
        g_assert_error(error, VIR_ERROR, bad[i].code);
        g_assert_nonnull(strstr(error->message, bad[i].text));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *path = g_strdup_printf("/uri/good/%u", i);

        g_test_add_data_func(path, &good[i], test_good);
    }
    g_test_add_func("/uri/params", test_params);
    g_test_add_func("/uri/bad", test_bad);
    return g_test_run();
}
