/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include "fake-daemon.h"
#include "vir-error.h"
#include "vir-relay-private.h"

/*
 * Two servers in one process: a daemon that says it is virtqemud, and a proxy. The relay finds the
 * daemon by its socket. `fake` is the proxy's; the daemon's driver is that of `back`.
 */
typedef struct {
    Fake fake;
    Fake back;
    VirRelay *relay;
    char *dir;
    int wait_ms;
} Fixture;

static Fixture *fixture;
static remote_nonnull_domain web = {.name = (char *)"web", .uuid = {1, 2, 3}, .id = -1};
static VirPromise *gate;
static gint at_gate;
static guint32 seen_uid;
static guint calls;

static gboolean
get_autostart(VirCall *call, const remote_domain_get_autostart_args *args,
              remote_domain_get_autostart_ret *ret, GError **error)
{
    calls++;
    seen_uid = call->identity->uid;
    ret->autostart = 42;
    return TRUE;
}

static gboolean
wait_at_gate(VirCall *call, const void *args, void *ret, GError **error)
{
    g_atomic_int_inc(&at_gate);
    return vir_promise_wait(gate, 20000, "the gate", NULL, error);
}

static gboolean
open_console(VirCall *call, const remote_domain_open_console_args *args, void *ret, GError **error)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    vir_stream_pump_fd(call->stream, fds[0]);
    fixture->back.serial = fds[1]; /* the guest's end */
    return TRUE;
}

static gboolean
open_graphics(VirCall *call, const remote_domain_open_graphics_fd_args *args, void *ret,
              GError **error)
{
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], "hello", 5), ==, 5);
    close(fds[1]);
    g_array_append_val(call->reply_fds, fds[0]);
    return TRUE;
}

static void
daemon_start(Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "virtqemud-sock", NULL);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    unlink(path);
    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(fd, 30), ==, 0);
    f->back.server = vir_server_new(&f->back.config);
    vir_server_add_socket(f->back.server, fd, FALSE, VIR_AUTH_NONE);
}

static void
daemon_stop(Fixture *f)
{
    g_clear_pointer(&f->back.server, vir_server_free);
}

static void
setup(Fixture *f, const void *data)
{
    VirRelayConfig config = {.privileged = TRUE, .wait_ms = f->wait_ms};

    fixture = f;
    calls = 0;
    fake_setup(&f->fake, NULL);
    fake_setup(&f->back, NULL);
    f->dir = g_dir_make_tmp("relay-XXXXXX", NULL);
    config.run_dir = f->dir;
    f->relay = vir_relay_new(&config);
    f->fake.config =
        (VirServerConfig){.name = "proxy", .relay = f->relay, .keepalive_interval = -1};
    f->back.ops.domain_get_autostart = get_autostart;
    f->back.ops.domain_open_console = open_console;
    f->back.ops.domain_open_graphics_fd = open_graphics;
    daemon_start(f);
}

static void
setup_impatient(Fixture *f, const void *data)
{
    f->wait_ms = 50;
    setup(f, data);
}

static void
teardown(Fixture *f, const void *data)
{
    g_autofree char *path = g_build_filename(f->dir, "virtqemud-sock", NULL);

    fake_teardown(&f->fake, NULL);
    fake_teardown(&f->back, NULL);
    vir_relay_free(f->relay);
    unlink(path);
    g_rmdir(f->dir);
    g_free(f->dir);
}

static FakePeer *
open_client(Fixture *f)
{
    FakePeer *peer = fake_connect(&f->fake, FALSE, VIR_AUTH_NONE);

    fake_open(&f->fake, peer, "qemu:///system");
    return peer;
}

static void
check_autostart(Fixture *f, FakePeer *peer)
{
    remote_domain_get_autostart_args args = {.dom = web};
    remote_domain_get_autostart_ret ret;
    g_auto(VirArena) arena = {0};

    fake_ok(&f->fake, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args, &ret, &arena);
    g_assert_cmpint(ret.autostart, ==, 42);
}

static void
test_call(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_connect_get_uri_ret uri;
    remote_connect_get_type_ret type;
    remote_domain_get_autostart_args args = {.dom = {.name = (char *)"db"}};
    g_auto(VirArena) arena = {0};

    for (int i = 0; i < 50; i++)
        check_autostart(f, peer);
    g_assert_cmpuint(seen_uid, ==, getuid());
    g_assert_false(f->back.server->sessions->trusted);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_GET_URI, NULL, &uri, &arena);
    g_assert_cmpstr(uri.uri, ==, "qemu:///system");
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_GET_TYPE, NULL, &type, &arena);
    g_assert_cmpstr(type.type, ==, "FAKE");
    fake_error(&f->fake, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args, VIR_ERR_NO_DOMAIN, "'db'");
    fake_error(&f->fake, peer, REMOTE_PROC_CONNECT_NUM_OF_NETWORKS, NULL, VIR_ERR_NO_SUPPORT,
               "virtnetworkd is not running");
    fake_hangup(peer);
    fake_wait(vir_server_count(f->back.server, NULL) == 0);
}

static void
test_open(Fixture *f, const void *data)
{
    FakePeer *peer = fake_connect(&f->fake, FALSE, VIR_AUTH_NONE);
    const char *bad[] = {"lxc:///system", "nonsense", "foo:///", "test:///default"};
    remote_connect_open_args args = {0};
    remote_connect_get_uri_ret uri;
    g_auto(VirArena) arena = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *name = (char *)bad[i];

        args.name = &name;
        fake_error(&f->fake, peer, REMOTE_PROC_CONNECT_OPEN, &args,
                   i == 0 ? VIR_ERR_SYSTEM_ERROR : VIR_ERR_NO_CONNECT,
                   i == 0 ? "virtlxcd is not running" : bad[i]);
    }
    args.name = NULL;
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_OPEN, &args, NULL, NULL);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_GET_URI, NULL, &uri, &arena);
    g_assert_cmpstr(uri.uri, ==, "qemu:///system");
}

static gboolean
refuse(void *state, VirIdentity *identity, gboolean readonly, const char *uri, void **conn,
       GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "not today");
}

static void
test_refused(Fixture *f, const void *data)
{
    FakePeer *peer = fake_connect(&f->fake, FALSE, VIR_AUTH_NONE);
    char *name = (char *)"qemu:///system";
    remote_connect_open_args args = {.name = &name};

    f->back.driver.open = refuse;
    fake_error(&f->fake, peer, REMOTE_PROC_CONNECT_OPEN, &args, VIR_ERR_CONFIG_UNSUPPORTED,
               "not today");
    fake_error(&f->fake, peer, REMOTE_PROC_CONNECT_NUM_OF_DOMAINS, NULL, VIR_ERR_RPC,
               "open connection");
}

static void
test_restart(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_get_autostart_args args = {.dom = web};
    virNetMessageHeader header;

    check_autostart(f, peer);
    for (int i = 0; i < 20; i++) {
        daemon_stop(f);
        fake_call(&f->fake, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args);
        fake_turn();
        g_assert_cmpuint(peer->got->len, ==, peer->taken);
        daemon_start(f);
        fake_next(peer, &header);
        g_assert_cmpint(header.status, ==, VIR_NET_OK);
        check_autostart(f, peer);
    }
    g_assert_null(peer->reason);
    g_assert_cmpuint(seen_uid, ==, getuid());
}

/* One that changes something fails when nobody knows; one that only asks is asked again. */
static void
test_dies_while_serving(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_suspend_args args = {.dom = web};
    virNetMessageHeader header;
    VirPacket *packet;
    guint32 modify, query;

    f->back.ops.domain_suspend = (gboolean(*)(VirCall *, const remote_domain_suspend_args *, void *,
                                              GError **))(void (*)(void))wait_at_gate;
    f->back.ops.connect_get_capabilities =
        (gboolean(*)(VirCall *, const void *, remote_connect_get_capabilities_ret *, GError **))(
            void (*)(void))wait_at_gate;
    gate = vir_promise_new(NULL);
    g_atomic_int_set(&at_gate, 0);
    modify = fake_call(&f->fake, peer, REMOTE_PROC_DOMAIN_SUSPEND, &args);
    query = fake_call(&f->fake, peer, REMOTE_PROC_CONNECT_GET_CAPABILITIES, NULL);
    fake_wait(g_atomic_int_get(&at_gate) == 2);
    daemon_stop(f);
    packet = fake_next(peer, &header);
    g_assert_cmpuint(header.serial, ==, modify);
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    {
        g_autoptr(GError) error = vir_frame_decode_error(packet->data + 28, packet->len - 28);

        g_assert_nonnull(
            strstr(error->message, "virtqemud ended while it served virDomainSuspend"));
    }
    vir_promise_fail(gate, g_error_new(VIR_ERROR, VIR_ERR_NO_SUPPORT, "late"));
    daemon_start(f);
    fake_next(peer, &header);
    g_assert_cmpuint(header.serial, ==, query);
    g_assert_cmpint(at_gate, ==, 3);
    check_autostart(f, peer);
    g_clear_pointer(&gate, vir_promise_unref);
}

static void
test_stays_away(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_get_autostart_args args = {.dom = web};

    daemon_stop(f);
    fake_error(&f->fake, peer, REMOTE_PROC_DOMAIN_GET_AUTOSTART, &args, VIR_ERR_OPERATION_TIMEOUT,
               "virtqemud is away");
    daemon_start(f);
    check_autostart(f, peer);
}

static void
emit(Fixture *f, void *payload)
{
    VirEvent event = {
        .klass = VIR_CLASS_DOMAIN, .event_id = VIR_DOMAIN_EVENT_ID_LIFECYCLE, .payload = payload};

    memcpy(event.uuid, web.uuid, VIR_UUID_LEN);
    vir_event_hub_emit(f->back.events, &event);
}

/* Every client has its connection and its subscriptions back. */
static gboolean
settled(Fixture *f)
{
    for (VirSession *s = f->fake.server->sessions; s; s = s->next) {
        if (s->relay->main->state != VIR_RELAY_PEER_READY || s->relay->main->calls)
            return FALSE;
    }
    return TRUE;
}

static void
test_events(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_connect_domain_event_callback_register_any_args add = {0};
    remote_connect_domain_event_callback_register_any_ret one, two;
    remote_connect_domain_event_callback_deregister_any_args remove;
    remote_domain_event_lifecycle_msg payload = {.dom = web, .event = 4};
    remote_domain_event_callback_lifecycle_msg got;
    g_auto(VirArena) arena = {0};
    virNetMessageHeader header;
    FakePeer *other = open_client(f);

    /* Other ids in the daemon than in the client. */
    fake_ok(&f->fake, other, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &one,
            &arena);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &one,
            &arena);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER, NULL, NULL, NULL);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, &add, &two,
            &arena);
    remove.callbackID = one.callbackID;
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &remove, NULL,
            NULL);
    fake_error(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &remove,
               VIR_ERR_INVALID_ARG, "no such event callback");
    for (int i = 0; i < 3; i++) {
        gboolean callback = FALSE, legacy = FALSE;

        emit(f, &payload);
        for (int n = 0; n < 2; n++) {
            VirPacket *packet = fake_next(peer, &header);

            if (header.proc == REMOTE_PROC_DOMAIN_EVENT_LIFECYCLE) {
                legacy = TRUE;
                continue;
            }
            callback = TRUE;
            g_assert_true(vir_xdr_decode(&vir_xdr_remote_domain_event_callback_lifecycle_msg,
                                         packet->data + 28, packet->len - 28, &got, &arena, NULL));
            g_assert_cmpint(got.callbackID, ==, two.callbackID);
        }
        g_assert_true(callback && legacy);
        daemon_stop(f);
        fake_turn();
        daemon_start(f);
        /* Without a call of anybody. */
        fake_wait(settled(f));
    }
    fake_turn();
    g_assert_cmpuint(peer->got->len, ==, peer->taken);
    remove.callbackID = two.callbackID;
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, &remove, NULL,
            NULL);
    fake_ok(&f->fake, peer, REMOTE_PROC_CONNECT_DOMAIN_EVENT_DEREGISTER, NULL, NULL, NULL);
}

static void
test_stream(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_open_console_args args = {.dom = web};
    virNetMessageHeader header;
    VirPacket *packet;
    guint32 serial;
    char buf[16];
    int guest;

    /* So that serials differ. */
    check_autostart(f, peer);
    for (int round = 0; round < 3; round++) {
        serial = f->fake.serial;
        fake_ok(&f->fake, peer, REMOTE_PROC_DOMAIN_OPEN_CONSOLE, &args, NULL, NULL);
        guest = f->back.serial;
        g_assert_cmpint(write(guest, "login:", 6), ==, 6);
        packet = fake_next(peer, &header);
        g_assert_cmpint(header.type, ==, VIR_NET_STREAM);
        g_assert_cmpint(header.status, ==, VIR_NET_CONTINUE);
        g_assert_cmpuint(header.serial, ==, serial);
        g_assert_cmpint(header.proc, ==, REMOTE_PROC_DOMAIN_OPEN_CONSOLE);
        g_assert_cmpmem(packet->data + 28, packet->len - 28, "login:", 6);
        fake_send(peer, &header, (const guint8 *)"root", 4);
        for (gssize n = -1; n < 0;) {
            g_main_context_iteration(NULL, FALSE);
            n = recv(guest, buf, sizeof(buf), MSG_DONTWAIT);
            g_assert_cmpint(n, !=, 0);
        }
        fake_turn();
        g_assert_cmpmem(buf, 4, "root", 4);
        g_assert_cmpint(recv(guest, buf, sizeof(buf), MSG_DONTWAIT), <, 0);
        if (round == 0) { /* the guest ends */
            close(guest);
            packet = fake_next(peer, &header);
            g_assert_cmpint(header.status, ==, VIR_NET_CONTINUE);
            g_assert_cmpuint(packet->len, ==, 28);
            header.status = VIR_NET_OK;
            fake_send(peer, &header, NULL, 0);
            fake_next(peer, &header);
            g_assert_cmpint(header.status, ==, VIR_NET_OK);
        } else if (round == 1) { /* the client ends */
            header.status = VIR_NET_ERROR;
            fake_send(peer, &header, NULL, 0);
            fake_next(peer, &header);
            g_assert_cmpint(header.status, ==, VIR_NET_OK);
            fake_wait(recv(guest, buf, sizeof(buf), MSG_DONTWAIT) == 0);
            close(guest);
        } else { /* the daemon ends */
            daemon_stop(f);
            packet = fake_next(peer, &header);
            g_assert_cmpint(header.type, ==, VIR_NET_STREAM);
            g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
            close(guest);
        }
        fake_turn();
        g_assert_cmpuint(peer->got->len, ==, peer->taken);
    }
}

/* Much data to a client that reads late: all of it, in order, and little memory between. */
static void
test_stream_bulk(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_open_console_args args = {.dom = web};
    const gsize total = 20 * 1024 * 1024;
    g_autofree guint8 *chunk = g_malloc(65536);
    virNetMessageHeader header;
    gsize sent = 0, got = 0;
    int guest;

    fake_ok(&f->fake, peer, REMOTE_PROC_DOMAIN_OPEN_CONSOLE, &args, NULL, NULL);
    guest = f->back.serial;
    vir_wire_set_paused(peer->wire, 1, TRUE);
    for (int idle = 0; sent < total && idle < 200;) {
        gssize n;

        for (int i = 0; i < 65536; i++)
            chunk[i] = (sent + i) % 251;
        n = send(guest, chunk, MIN(65536, total - sent), MSG_DONTWAIT);
        sent += MAX(n, 0);
        idle = n > 0 ? 0 : idle + 1;
        fake_turn();
    }
    g_assert_cmpuint(sent, <, total / 2);
    vir_wire_set_paused(peer->wire, 1, FALSE);
    while (got < total) {
        VirPacket *packet;
        gssize n;

        for (int i = 0; i < 65536; i++)
            chunk[i] = (sent + i) % 251;
        n = sent < total ? send(guest, chunk, MIN(65536, total - sent), MSG_DONTWAIT) : 0;
        sent += MAX(n, 0);
        fake_turn();
        while (peer->taken < peer->got->len) {
            packet = fake_next(peer, &header);
            for (guint i = 28; i < packet->len; i++)
                g_assert_cmpint(packet->data[i], ==, (got + i - 28) % 251);
            got += packet->len - 28;
        }
    }
    close(guest);
}

static void
test_fds(Fixture *f, const void *data)
{
    FakePeer *peer = open_client(f);
    remote_domain_open_graphics_fd_args args = {.dom = web};
    virNetMessageHeader header;
    VirPacket *packet;
    char buf[8];

    fake_call(&f->fake, peer, REMOTE_PROC_DOMAIN_OPEN_GRAPHICS_FD, &args);
    packet = fake_next(peer, &header);
    g_assert_cmpint(header.type, ==, VIR_NET_REPLY_WITH_FDS);
    g_assert_cmpuint(packet->n_fds, ==, 1);
    g_assert_cmpint(read(packet->fds[0], buf, sizeof(buf)), ==, 5);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/relay/" name, Fixture, NULL, setup, func, teardown)
    ADD("call", test_call);
    ADD("open", test_open);
    ADD("refused", test_refused);
    ADD("restart", test_restart);
    ADD("dies-while-serving", test_dies_while_serving);
    g_test_add("/relay/stays-away", Fixture, NULL, setup_impatient, test_stays_away, teardown);
    ADD("events", test_events);
    ADD("stream", test_stream);
    ADD("stream-bulk", test_stream_bulk);
    ADD("fds", test_fds);
    return g_test_run();
}
