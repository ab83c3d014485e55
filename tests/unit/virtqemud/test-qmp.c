/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-qmp.h"
#include "off-main.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-qmp-stream.h"
#include "vir-qmp.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the callbacks saw; main thread writes, read after the connection's end. */
typedef struct {
    GString *events;
    char *why;
    gint closed;
} Seen;

static void
on_event(VirQmp *qmp, const char *event, json_object *data, gint64 micros, void *opaque)
{
    Seen *seen = opaque;

    g_string_append_printf(
        seen->events, "%s %s %" G_GINT64_FORMAT ";", event,
        data ? json_object_to_json_string_ext(data, JSON_C_TO_STRING_PLAIN) : "-", micros);
}

static void
on_closed(VirQmp *qmp, const GError *why, void *opaque)
{
    Seen *seen = opaque;

    g_free(seen->why);
    seen->why = g_strdup(why->message);
    __atomic_add_fetch(&seen->closed, 1, __ATOMIC_SEQ_CST);
}

static const VirQmpHooks hooks = {on_event, on_closed};

/* A connection to a peer with a script. */
typedef struct {
    Seen seen;
    FakeQmp *fake;
    VirQmp *qmp;
} Fixture;

static void
open_with(Fixture *f, const char *const *script)
{
    int fd;

    memset(f, 0, sizeof(*f));
    f->seen.events = g_string_new(NULL);
    f->fake = fake_qmp_start(script, &fd);
    f->qmp = vir_qmp_new("domain 'web'", fd, &hooks, &f->seen, NULL);
}

static void
close_it(Fixture *f)
{
    vir_qmp_close(f->qmp);
    while (!__atomic_load_n(&f->seen.closed, __ATOMIC_SEQ_CST))
        g_usleep(1000);
    fake_qmp_join(f->fake);
    vir_qmp_unref(f->qmp);
    g_assert_cmpint(f->seen.closed, ==, 1);
    g_string_free(f->seen.events, TRUE);
    g_free(f->seen.why);
}

#define SCRIPT(...)                                                                                \
    (const char *const[])                                                                          \
    {                                                                                              \
        FAKE_GREETING, __VA_ARGS__, NULL                                                           \
    }

static void
run_fails(Fixture *f, const char *command, int code, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_qmp_run(f->qmp, command, NULL, 20000, NULL, &error));
    g_assert_error(error, VIR_ERROR, code);
    if (!strstr(error->message, words))
        g_error("'%s' is not in '%s'", words, error->message);
}

static void
test_reply_and_event(void)
{
    Fixture f;
    json_object *ret = NULL;
    g_autoptr(GError) error = NULL;

    open_with(&f, SCRIPT("<query-status",
                         ">{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 3, "
                         "\"microseconds\": 5}}",
                         ">{\"event\": \"RTC\", \"data\": {\"offset\": 7}}",
                         ">{\"return\": {\"running\": true}, \"id\": \"$ID\"}"));
    g_assert_true(vir_qmp_run(f.qmp, "query-status", NULL, 20000, &ret, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(json_object_to_json_string_ext(ret, JSON_C_TO_STRING_PLAIN), ==,
                    "{\"running\":true}");
    json_object_put(ret);
    g_assert_cmpstr(f.seen.events->str, ==, "STOP - 3000005;RTC {\"offset\":7} 0;");
    close_it(&f);
}

static void
test_pipeline(void)
{
    Fixture f;
    g_autoptr(VirPromise) one = NULL;
    g_autoptr(VirPromise) two = NULL;
    json_object *ret = NULL;

    /* Answers in another order, and one to nobody. */
    open_with(&f, SCRIPT("<one", "<two", ">{\"return\": 2, \"id\": \"$ID\"}",
                         ">{\"return\": 9, \"id\": \"libvirt-77\"}", ">{\"return\": 8, \"id\": 12}",
                         ">{\"return\": 1, \"id\": \"libvirt-2\"}"));
    one = vir_qmp_send(f.qmp, "one", NULL);
    two = vir_qmp_send(f.qmp, "two", NULL);
    g_assert_true(vir_qmp_wait(f.qmp, one, "one", 20000, &ret, NULL));
    g_assert_cmpint(json_object_get_int(ret), ==, 1);
    json_object_put(ret);
    g_assert_true(vir_qmp_wait(f.qmp, two, "two", 20000, &ret, NULL));
    g_assert_cmpint(json_object_get_int(ret), ==, 2);
    json_object_put(ret);
    close_it(&f);
}

static void
test_errors(void)
{
    Fixture f;

    open_with(&f, SCRIPT("<device_del",
                         ">{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no x\"}, "
                         "\"id\": \"$ID\"}",
                         "<nonsense",
                         ">{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"what\"}, "
                         "\"id\": \"$ID\"}",
                         "<cont", ">{\"error\": 3, \"id\": \"$ID\"}"));
    run_fails(&f, "device_del", VIR_ERR_DEVICE_MISSING,
              "domain 'web': QEMU command 'device_del' failed: no x");
    run_fails(&f, "nonsense", VIR_ERR_OPERATION_UNSUPPORTED, "what");
    run_fails(&f, "cont", VIR_ERR_OPERATION_FAILED, "QEMU gives no reason");
    close_it(&f);
}

static void
test_deadline(void)
{
    Fixture f;
    g_autoptr(GError) error = NULL;

    open_with(&f, SCRIPT("<stop", "<late", ">{\"return\": {}, \"id\": \"libvirt-2\"}",
                         ">{\"return\": {}, \"id\": \"$ID\"}"));
    g_assert_false(vir_qmp_run(f.qmp, "stop", NULL, 30, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_TIMEOUT);
    g_assert_nonnull(strstr(error->message, "domain 'web'"));
    g_assert_nonnull(strstr(error->message, "'stop'"));
    /* The late reply disturbs nobody. */
    g_assert_true(vir_qmp_run(f.qmp, "late", NULL, 20000, NULL, NULL));
    close_it(&f);
}

static void
test_silent_peer(void)
{
    const char *const script[] = {NULL};
    g_autoptr(GError) error = NULL;
    Fixture f;

    open_with(&f, script);
    g_assert_false(vir_qmp_run(f.qmp, "stop", NULL, 30, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_TIMEOUT);
    close_it(&f);
}

static void
test_descriptor(void)
{
    Fixture f;
    g_autoptr(VirPromise) one = NULL;
    g_autoptr(VirPromise) two = NULL;
    VIR_AUTOCLOSE fd = dup(0);

    open_with(&f, SCRIPT("<getfd", "fd", ">{\"return\": {}, \"id\": \"$ID\"}", "<two",
                         ">{\"return\": {}, \"id\": \"$ID\"}"));
    one = vir_qmp_send_fd(f.qmp, "getfd", NULL, fd);
    two = vir_qmp_send(f.qmp, "two", NULL);
    g_assert_true(vir_qmp_wait(f.qmp, two, "two", 20000, NULL, NULL));
    g_assert_true(vir_qmp_wait(f.qmp, one, "getfd", 20000, NULL, NULL));
    close_it(&f);
}

static void
test_big_command(void)
{
    Fixture f;
    g_autofree char *big = g_strnfill(4 * 1024 * 1024, 'x');
    json_object *args = json_object_new_object();
    g_autoptr(GError) error = NULL;

    /* More than a socket takes at once: the rest leaves when the peer reads. */
    json_object_object_add(args, "v", json_object_new_string(big));
    open_with(&f, SCRIPT("<big", ">{\"return\": {}, \"id\": \"$ID\"}"));
    vir_qmp_run(f.qmp, "big", args, 20000, NULL, &error);
    g_assert_no_error(error);
    close_it(&f);
}

static void
test_flood_is_refused(void)
{
    const char *const script[] = {NULL};
    Fixture f;

    open_with(&f, script);
    for (int i = 0; i < 1023; i++)
        vir_promise_unref(vir_qmp_send(f.qmp, "x", NULL));
    run_fails(&f, "x", VIR_ERR_RESOURCE_BUSY, "domain 'web'");
    close_it(&f);
}

/* Each ends the connection; the command that waits and the closed hook are told why. */
static const struct {
    const char *name;
    const char *why;
    const char *const script[12];
} faults[] = {
    {"garbage", "bad JSON", {FAKE_GREETING, "<x", ">hello"}},
    {"no-greeting", "no QMP greeting", {">{\"return\": {}}"}},
    {"not-an-object", "not one JSON object", {FAKE_GREETING, "<x", ">[1]"}},
    {"two-in-a-line", "not one JSON object", {FAKE_GREETING, "<x", ">{} {}"}},
    {"half-json", "ends amid", {FAKE_GREETING, "<x", ">{\"return\": {"}},
    {"half-line", "closed its monitor", {FAKE_GREETING, "<x", "}{\"return\": {}, \"id\"", "close"}},
    {"close", "closed its monitor", {FAKE_GREETING, "<x", "close"}},
    {"close-early", "closed its monitor", {"close"}},
    {"deep", "bad JSON", {FAKE_GREETING, "<x", "*100000 [", ">"}},
    {"huge-line", "more than 10485760 bytes", {FAKE_GREETING, "<x", "*11000000 a"}},
    {"many-values",
     "more than 500000 values",
     {FAKE_GREETING, "<x", "}{\"return\": [0", "*500001 ,0", ">]}"}},
    {"blames-nobody",
     "an error for no command: bad",
     {FAKE_GREETING, "<x", ">{\"error\": {\"class\": \"GenericError\", \"desc\": \"bad\"}}"}},
    {"refuses-negotiation",
     "refused qmp_capabilities",
     {">{\"QMP\": {}}", "<qmp_capabilities",
      ">{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": \"$ID\"}"}},
};

static void
test_fault(const void *data)
{
    gsize i = GPOINTER_TO_SIZE(data);
    g_autoptr(GError) error = NULL;
    Fixture f;

    open_with(&f, faults[i].script);
    g_assert_false(vir_qmp_run(f.qmp, "x", NULL, 20000, NULL, &error));
    g_assert_cmpint(error->code, !=, VIR_ERR_OPERATION_TIMEOUT);
    if (!strstr(error->message, faults[i].why))
        g_error("'%s' is not in '%s'", faults[i].why, error->message);
    while (!__atomic_load_n(&f.seen.closed, __ATOMIC_SEQ_CST))
        g_usleep(1000);
    g_assert_nonnull(strstr(f.seen.why, "domain 'web'"));
    run_fails(&f, "again", error->code, "QEMU command 'again'");
    close_it(&f);
}

static void
test_listen(void)
{
    g_autofree char *dir = g_dir_make_tmp("qmp-XXXXXX", NULL);
    /* Longer than sun_path. */
    g_autofree char *folder = g_strconcat(dir, "/",
                                          "a-very-long-folder-name-that-goes-on-and-on-"
                                          "beyond-what-fits-in-a-unix-socket-address-"
                                          "without-help",
                                          NULL);
    g_autofree char *path = g_strconcat(folder, "/monitor.sock", NULL);
    g_autoptr(GError) error = NULL;
    struct stat info;
    int listener = -1;
    int client = -1;
    int peer;

    g_assert_no_errno(mkdir(folder, 0700));
    for (int i = 0; i < 2; i++) {
        g_assert_true(vir_qmp_listen(path, &listener, &client, &error));
        g_assert_no_errno(stat(path, &info));
        g_assert_cmpint(info.st_mode & 0777, ==, 0600);
        peer = accept(listener, NULL, NULL);
        g_assert_no_errno(peer);
        close(peer);
        close(client);
        close(listener);
    }
    g_assert_null(vir_qmp_connect("domain 'web'", path, NULL, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, path));
    unlink(path);
    rmdir(folder);
    rmdir(dir);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    off_main_add("/qmp/reply-and-event", test_reply_and_event);
    off_main_add("/qmp/pipeline", test_pipeline);
    off_main_add("/qmp/errors", test_errors);
    off_main_add("/qmp/deadline", test_deadline);
    off_main_add("/qmp/silent-peer", test_silent_peer);
    off_main_add("/qmp/descriptor", test_descriptor);
    off_main_add("/qmp/big-command", test_big_command);
    off_main_add("/qmp/flood-is-refused", test_flood_is_refused);
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *name = g_strconcat("/qmp/fault/", faults[i].name, NULL);

        off_main_add_data(name, GSIZE_TO_POINTER(i), test_fault);
    }
    g_test_add_func("/qmp/listen", test_listen);
    return g_test_run();
}
