/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-daemon.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vir-error.h"

static VirView view;
static const guint8 web_uuid[VIR_UUID_LEN] = {1, 2, 3};

static void
view_free(VirView *v)
{
}

static VirObject *
lookup(void *state, VirClass klass, const char *name, const guint8 *uuid, GError **error)
{
    Fake *fake = state;

    if (klass == VIR_CLASS_DOMAIN && memcmp(uuid, web_uuid, VIR_UUID_LEN) == 0)
        return vir_object_ref(fake->domain);
    vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain '%s'", name);
    return NULL;
}

static gboolean
driver_open(void *state, VirIdentity *identity, gboolean readonly, const char *uri, void **conn,
            GError **error)
{
    if (g_str_equal(uri, "bad:///"))
        return vir_error_set(error, VIR_ERR_NO_CONNECT, "'%s'", uri);
    *conn = g_strdup(uri);
    return TRUE;
}

static void
driver_close(void *state, void *conn)
{
    g_free(conn);
}

void
fake_setup(Fake *fake, const void *data)
{
    memset(fake, 0, sizeof(*fake));
    fake->events = vir_event_hub_new();
    fake->domain = g_new0(VirObject, 1);
    vir_object_init(fake->domain, VIR_CLASS_DOMAIN, "domain", "web", web_uuid, NULL);
    vir_view_init(&view, view_free);
    fake->driver = (VirDriver){.name = "FAKE",
                               .scheme = "fake",
                               .error_domain = VIR_FROM_TEST,
                               .classes = 1u << VIR_CLASS_CONNECT | 1u << VIR_CLASS_DOMAIN,
                               .ops = &fake->ops,
                               .events = fake->events,
                               .state = fake,
                               .open = driver_open,
                               .close = driver_close,
                               .lookup = lookup};
    fake->config = (VirServerConfig){.name = "fake", .driver = &fake->driver};
    fake->config.keepalive_interval = -1;
    fake->peers = g_ptr_array_new();
}

static void
peer_free(FakePeer *peer)
{
    vir_wire_free(peer->wire);
    g_ptr_array_unref(peer->got);
    g_free(peer->reason);
    g_free(peer);
}

void
fake_teardown(Fake *fake, const void *data)
{
    vir_server_free(fake->server);
    g_assert_true(vir_strand_drain_all(20000));
    fake_turn();
    for (guint i = 0; i < fake->peers->len; i++)
        peer_free(g_ptr_array_index(fake->peers, i));
    g_ptr_array_unref(fake->peers);
    vir_event_hub_free(fake->events);
    vir_object_unref(fake->domain);
}

void
fake_turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
on_message(VirWire *wire, VirPacket *packet, void *data)
{
    g_ptr_array_add(((FakePeer *)data)->got, vir_packet_own(packet));
}

static void
on_closed(VirWire *wire, const char *reason, void *data)
{
    ((FakePeer *)data)->reason = g_strdup(reason);
}

static const VirWireOps peer_ops = {on_message, on_closed, NULL};

FakePeer *
fake_peer_new(Fake *fake, int fd)
{
    FakePeer *peer = g_new0(FakePeer, 1);

    peer->got = g_ptr_array_new_with_free_func((GDestroyNotify)vir_packet_unref);
    peer->wire = vir_wire_new(vir_poller_default(), fd, G_MAXSIZE, &peer_ops, peer);
    g_ptr_array_add(fake->peers, peer);
    return peer;
}

FakePeer *
fake_connect(Fake *fake, gboolean readonly, VirAuth auth)
{
    int fds[2];
    g_autoptr(GError) error = NULL;

    if (!fake->server)
        fake->server = vir_server_new(&fake->config);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    g_assert_nonnull(vir_session_new(fake->server, fds[0], readonly, auth, &error));
    g_assert_no_error(error);
    return fake_peer_new(fake, fds[1]);
}

void
fake_hangup(FakePeer *peer)
{
    g_clear_pointer(&peer->wire, vir_wire_free);
}

void
fake_send(FakePeer *peer, const virNetMessageHeader *header, const guint8 *payload, gsize len)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize start = vir_frame_begin(out, header, 0);

    if (len > 0)
        g_byte_array_append(out, payload, len);
    g_assert_true(vir_frame_end(out, start, NULL));
    vir_wire_send_data(peer->wire, out->data, out->len);
}

guint32
fake_call(Fake *fake, FakePeer *peer, int number, const void *args)
{
    const VirProc *proc = vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
    virNetMessageHeader header = {REMOTE_PROGRAM, 1, number, VIR_NET_CALL, fake->serial++, 0};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    if (args)
        vir_xdr_encode(proc->args, args, out, &error);
    g_assert_no_error(error);
    fake_send(peer, &header, out->data, out->len);
    return header.serial;
}

VirPacket *
fake_next(FakePeer *peer, virNetMessageHeader *header)
{
    VirPacket *packet;
    gsize payload;
    guint n_fds;

    fake_wait(peer->got->len > peer->taken);
    packet = g_ptr_array_index(peer->got, peer->taken++);
    g_assert_true(vir_frame_decode(packet->data, packet->len, header, &n_fds, &payload, NULL));
    return packet;
}

void
fake_ok(Fake *fake, FakePeer *peer, int number, const void *args, void *ret, VirArena *arena)
{
    const VirProc *proc = vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
    guint32 serial = fake_call(fake, peer, number, args);
    virNetMessageHeader header;
    VirPacket *packet = fake_next(peer, &header);
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(header.serial, ==, serial);
    g_assert_cmpint(header.type, ==, VIR_NET_REPLY);
    if (header.status != VIR_NET_OK)
        error = vir_frame_decode_error(packet->data + 28, packet->len - 28);
    g_assert_no_error(error);
    if (ret)
        vir_xdr_decode(proc->ret, packet->data + 28, packet->len - 28, ret, arena, &error);
    g_assert_no_error(error);
}

void
fake_error(Fake *fake, FakePeer *peer, int number, const void *args, int code, const char *text)
{
    guint32 serial = fake_call(fake, peer, number, args);
    virNetMessageHeader header;
    VirPacket *packet = fake_next(peer, &header);
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(header.serial, ==, serial);
    g_assert_cmpuint(header.prog, ==, REMOTE_PROGRAM);
    g_assert_cmpint(header.proc, ==, number);
    g_assert_cmpint(header.type, ==, VIR_NET_REPLY);
    g_assert_cmpint(header.status, ==, VIR_NET_ERROR);
    error = vir_frame_decode_error(packet->data + 28, packet->len - 28);
    g_assert_cmpint(vir_error_code(error), ==, code);
    if (!strstr(error->message, text))
        g_error("'%s' is not in '%s'", text, error->message);
}

void
fake_open(Fake *fake, FakePeer *peer, const char *uri)
{
    char *name = g_strdup(uri);
    remote_connect_open_args args = {.name = &name};

    fake_ok(fake, peer, REMOTE_PROC_CONNECT_OPEN, &args, NULL, NULL);
    g_free(name);
}
