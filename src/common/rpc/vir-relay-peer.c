/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-relay-private.h"

VIR_LOG_INIT("rpc.relay");

/* Header words of a packet, and the first of the payload of messages without fds. */
enum { WORD_SERIAL = 5, WORD_PAYLOAD = 7 };
/* Reading from a daemon stops while its client is congested. */
enum { PAUSE_CLIENT = 1 };
/* As many pings may stay without any answer. */
#define PROBES 5

static const char *
daemon_name(const VirRelayPeer *peer)
{
    return peer->daemon->driver->daemon;
}

static const char *
call_name(const VirRelayCall *call)
{
    return call->proc->api ? call->proc->api : call->proc->name;
}

void
vir_relay_call_free(VirRelayCall *call)
{
    vir_packet_unref(call->packet);
    g_free(call);
}

static void
subscription_free(VirSubscription *subscription)
{
    vir_packet_unref(subscription->packet);
    g_free(subscription);
}

static void
append_call(VirRelayPeer *peer, VirRelayCall *call)
{
    VirRelayCall **at = &peer->calls;

    while (*at)
        at = &(*at)->next;
    call->next = NULL;
    *at = call;
}

static void
remove_subscription(VirRelayPeer *peer, VirSubscription *subscription)
{
    for (VirRelayCall *call = peer->calls; call; call = call->next) {
        if (call->kind == VIR_RELAY_CALL_RENEW && call->subscription == subscription)
            call->subscription = NULL;
    }
    for (VirSubscription **at = &peer->subscriptions; *at; at = &(*at)->next) {
        if (*at == subscription) {
            *at = subscription->next;
            subscription_free(subscription);
            return;
        }
    }
}

void
vir_relay_peer_fail_call(VirRelayPeer *peer, VirRelayCall *call, const GError *error)
{
    VirSession *session = peer->session;
    gboolean request = !call->streaming && call->kind != VIR_RELAY_CALL_RENEW;
    virNetMessageHeader header = call->header;

    if (call->streaming)
        header.type = VIR_NET_STREAM;
    if (call->kind != VIR_RELAY_CALL_RENEW)
        vir_session_send_error(session, &header, error);
    vir_relay_call_free(call);
    if (request)
        vir_session_end_request(session);
}

/* Fails all calls of the list @calls, which is no peer's any more. */
static void
fail_calls(VirRelayPeer *peer, VirRelayCall *calls, const GError *error)
{
    while (calls) {
        VirRelayCall *call = calls;

        calls = call->next;
        vir_relay_peer_fail_call(peer, call, error);
    }
}

/* An empty reply. */
static void
answer_ok(VirRelayPeer *peer, VirRelayCall *call)
{
    VirSession *session = peer->session;
    virNetMessageHeader header = call->header;
    GByteArray *out = session->server->out;

    header.type = VIR_NET_REPLY;
    if (vir_frame_encode(out, &header, 0, NULL, NULL, NULL))
        vir_session_send(session, out);
    vir_relay_call_free(call);
    vir_session_end_request(session);
}

/* Sending. */

static void
send_own(VirRelayPeer *peer, int number, const void *args)
{
    const VirProc *proc = vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
    virNetMessageHeader header = {
        REMOTE_PROGRAM, REMOTE_PROTOCOL_VERSION, number, VIR_NET_CALL, peer->serial, VIR_NET_OK};
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GError) error = NULL;

    if (vir_frame_encode(out, &header, 0, proc->args, args, &error))
        vir_wire_send_data(peer->wire, out->data, out->len);
    else
        vir_wire_fail(peer->wire, error->message);
}

/* It reads, so that nothing is lost where its answer is not waited for. */
static gboolean
only_reads(const VirRelayCall *call)
{
    return call->kind == VIR_RELAY_CALL_PLAIN && call->proc->job == VIR_PROC_JOB_NONE && call->safe;
}

/* Fails the calls that wait for a deadline: to be sent, or (@sent) to be answered. */
static void
expire_calls(VirRelayPeer *peer, gint64 now, gboolean sent)
{
    VirRelayCall **at = &peer->calls;
    VirRelayCall *expired = NULL;
    VirRelayCall **tail = &expired;

    while (*at) {
        VirRelayCall *call = *at;

        if (call->sent != sent || call->deadline > now) {
            at = &call->next;
            continue;
        }
        *at = call->next;
        call->next = NULL;
        *tail = call;
        tail = &call->next;
    }
    while (expired) {
        VirRelayCall *call = expired;
        g_autoptr(GError) error = NULL;

        expired = call->next;
        if (sent)
            vir_error_set(&error, VIR_ERR_OPERATION_TIMEOUT, "%s did not answer %s within %g s",
                          daemon_name(peer), call_name(call),
                          peer->daemon->relay->answer_ms / 1000.0);
        else
            vir_error_set(&error, VIR_ERR_OPERATION_TIMEOUT,
                          "%s is away and did not come back within %g s", daemon_name(peer),
                          peer->daemon->relay->wait_ms / 1000.0);
        vir_relay_peer_fail_call(peer, call, error);
    }
}

static void
send_ping(VirRelayPeer *peer)
{
    virNetMessageHeader ping = {
        KEEPALIVE_PROGRAM, KEEPALIVE_PROTOCOL_VERSION, KEEPALIVE_PROC_PING, VIR_NET_MESSAGE, 0,
        VIR_NET_OK};
    GByteArray *out = peer->session->server->out;

    if (vir_frame_encode(out, &ping, 0, NULL, NULL, NULL))
        vir_wire_send_data(peer->wire, out->data, out->len);
    g_byte_array_set_size(out, 0);
}

/* A turn in which answers are owed. */
static void
probe(VirRelayPeer *peer, gboolean streaming)
{
    /* A daemon that a stream keeps from writing does not read its connection: no sign of death. */
    if (peer->heard || streaming) {
        peer->heard = FALSE;
        peer->missed = 0;
    } else if (peer->missed++ < PROBES) {
        send_ping(peer);
    } else {
        vir_warn("%s answers neither calls nor pings any more: it is treated as ended",
                 daemon_name(peer));
        vir_wire_fail(peer->wire, "it did not answer keepalive messages");
    }
}

/* The watchdog's turn: of a connection that owes nothing it is the last. */
static gboolean
watch_peer(void *data)
{
    VirRelayPeer *peer = data;
    gint64 now = g_get_monotonic_time();
    gboolean paused = peer->wire && vir_wire_paused(peer->wire);
    gboolean streaming = FALSE;
    gboolean owed = FALSE;

    for (VirRelayCall *call = peer->calls; call; call = call->next) {
        streaming |= call->streaming;
        owed |= call->sent && !call->streaming;
        /* What is not read, because the client does not read, cannot have come. */
        if (paused && call->sent && only_reads(call))
            call->deadline = now + peer->daemon->relay->answer_ms * 1000ll;
    }
    if (peer->state != VIR_RELAY_PEER_READY || !owed) {
        peer->watchdog = 0;
        return G_SOURCE_REMOVE;
    }
    if (!paused) {
        probe(peer, streaming);
        expire_calls(peer, now, TRUE);
    }
    return G_SOURCE_CONTINUE;
}

static void
send_call(VirRelayPeer *peer, VirRelayCall *call)
{
    const VirRelay *relay = peer->daemon->relay;
    VirPacket *packet = call->packet;

    call->deadline = G_MAXINT64;
    if (only_reads(call))
        call->deadline = g_get_monotonic_time() + relay->answer_ms * 1000ll;
    if (!peer->watchdog) {
        peer->heard = TRUE;
        peer->watchdog = g_timeout_add(relay->probe_ms, watch_peer, peer);
    }
    call->serial = ++peer->serial;
    call->sent = TRUE;
    vir_packet_set_word(packet, WORD_SERIAL, call->serial);
    if (call->kind == VIR_RELAY_CALL_UNSUBSCRIBE && call->subscription->client_id >= 0)
        vir_packet_set_word(packet, WORD_PAYLOAD, call->subscription->remote_id);
    vir_wire_send(peer->wire, vir_packet_own(packet));
    if (!call->safe)
        g_clear_pointer(&call->packet, vir_packet_unref);
}

static void
send_identity(VirRelayPeer *peer)
{
    const VirIdentity *id = peer->session->identity;
    remote_typed_param params[9];
    remote_connect_set_identity_args args = {.params = {0, params}};
    const struct {
        const char *name;
        char *text;
    } texts[] = {
        {VIR_CONNECT_IDENTITY_USER_NAME, id->user_name},
        {VIR_CONNECT_IDENTITY_GROUP_NAME, id->group_name},
        {VIR_CONNECT_IDENTITY_SASL_USER_NAME, id->sasl_user},
        {VIR_CONNECT_IDENTITY_X509_DISTINGUISHED_NAME, id->x509_dname},
        {VIR_CONNECT_IDENTITY_SELINUX_CONTEXT, id->selinux_context},
    };
    const struct {
        const char *name;
        gint64 number;
        int type;
        gboolean known;
    } numbers[] = {
        {VIR_CONNECT_IDENTITY_UNIX_USER_ID, id->uid, VIR_TYPED_PARAM_ULLONG, id->uid != (uid_t)-1},
        {VIR_CONNECT_IDENTITY_UNIX_GROUP_ID, id->gid, VIR_TYPED_PARAM_ULLONG, id->gid != (gid_t)-1},
        {VIR_CONNECT_IDENTITY_PROCESS_ID, id->pid, VIR_TYPED_PARAM_LLONG, id->pid > 0},
        {VIR_CONNECT_IDENTITY_PROCESS_TIME, id->process_time, VIR_TYPED_PARAM_ULLONG,
         id->process_time > 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        remote_typed_param *p = &params[args.params.params_len];

        if (!texts[i].text)
            continue;
        p->field = (char *)texts[i].name;
        p->value.type = VIR_TYPED_PARAM_STRING;
        p->value.remote_typed_param_value_u.s = texts[i].text;
        args.params.params_len++;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        remote_typed_param *p = &params[args.params.params_len];

        if (!numbers[i].known)
            continue;
        p->field = (char *)numbers[i].name;
        p->value.type = numbers[i].type;
        p->value.remote_typed_param_value_u.l = numbers[i].number;
        args.params.params_len++;
    }
    send_own(peer, REMOTE_PROC_CONNECT_SET_IDENTITY, &args);
}

/* Subscriptions of before go first, then the calls that waited. */
static void
peer_ready(VirRelayPeer *peer)
{
    VirRelayCall *waiting = g_steal_pointer(&peer->calls);
    VirRelayCall *open = NULL;

    if (peer->opened)
        vir_info("%s is back", daemon_name(peer));
    peer->state = VIR_RELAY_PEER_READY;
    peer->opened = TRUE;
    peer->daemon->seen = TRUE;
    vir_relay_daemon_remove_away(peer->daemon, peer);
    for (VirSubscription *s = peer->subscriptions; s; s = s->next) {
        VirRelayCall *call = g_new0(VirRelayCall, 1);

        call->proc = s->proc;
        call->kind = VIR_RELAY_CALL_RENEW;
        call->subscription = s;
        call->packet = vir_packet_own(s->packet);
        append_call(peer, call);
        send_call(peer, call);
    }
    while (waiting) {
        VirRelayCall *call = waiting;

        waiting = call->next;
        if (call->kind == VIR_RELAY_CALL_OPEN) {
            open = call;
            continue;
        }
        append_call(peer, call);
        send_call(peer, call);
    }
    if (open) {
        peer->session->opened = TRUE;
        answer_ok(peer, open);
    }
}

/* The daemon is there but does not want us: those who wait get its reason. */
static void
peer_refused(VirRelayPeer *peer, const GError *error)
{
    VirRelayCall *calls = g_steal_pointer(&peer->calls);

    vir_info("%s refuses a connection: %s", daemon_name(peer), error->message);
    vir_relay_daemon_remove_away(peer->daemon, peer);
    peer->state = VIR_RELAY_PEER_IDLE;
    g_clear_pointer(&peer->wire, vir_wire_free);
    fail_calls(peer, calls, error);
}

static void
next_step(VirRelayPeer *peer, VirRelayPeerState state)
{
    remote_connect_open_args open = {.name = &peer->uri,
                                     .flags = peer->session->readonly ? VIR_CONNECT_RO : 0};

    peer->state = state;
    peer->serial++;
    switch (state) {
    case VIR_RELAY_PEER_AUTH_LIST:
        send_own(peer, REMOTE_PROC_AUTH_LIST, NULL);
        return;
    case VIR_RELAY_PEER_AUTH_POLKIT:
        send_own(peer, REMOTE_PROC_AUTH_POLKIT, NULL);
        return;
    case VIR_RELAY_PEER_OPENING:
        send_own(peer, REMOTE_PROC_CONNECT_OPEN, &open);
        return;
    case VIR_RELAY_PEER_IDENTITY:
        send_identity(peer);
        return;
    default:
        peer_ready(peer);
        return;
    }
}

static void
on_handshake(VirRelayPeer *peer, VirPacket *packet, const virNetMessageHeader *header,
             gsize payload)
{
    g_autoptr(GError) error = NULL;

    if (header->type != VIR_NET_REPLY || header->serial != peer->serial)
        return;
    if (header->status != VIR_NET_OK) {
        error = vir_frame_decode_error(packet->data + payload, packet->len - payload);
        /* A daemon that checks nobody's identity on its read-only socket may refuse to be told. */
        if (peer->state == VIR_RELAY_PEER_IDENTITY && peer->session->readonly)
            peer_ready(peer);
        else
            peer_refused(peer, error);
        return;
    }
    switch (peer->state) {
    case VIR_RELAY_PEER_AUTH_LIST:
        /* The count of types, then the first. */
        if (packet->len >= payload + 8 && vir_packet_word(packet, WORD_PAYLOAD) > 0 &&
            vir_packet_word(packet, WORD_PAYLOAD + 1) == REMOTE_AUTH_POLKIT)
            next_step(peer, VIR_RELAY_PEER_AUTH_POLKIT);
        else
            next_step(peer, VIR_RELAY_PEER_OPENING);
        return;
    case VIR_RELAY_PEER_AUTH_POLKIT:
        next_step(peer, VIR_RELAY_PEER_OPENING);
        return;
    case VIR_RELAY_PEER_OPENING:
        next_step(peer, VIR_RELAY_PEER_IDENTITY);
        return;
    default:
        next_step(peer, VIR_RELAY_PEER_READY);
        return;
    }
}

/* Receiving. */

static void
pause_if_congested(VirRelayPeer *peer)
{
    VirWire *wire = peer->session->wire;

    if (wire && vir_wire_congested(wire))
        vir_wire_set_paused(peer->wire, PAUSE_CLIENT, TRUE);
}

/* As it came but for the serial. */
static void
forward(VirRelayPeer *peer, VirPacket *packet, gboolean bounded)
{
    VirSession *session = peer->session;

    if (bounded)
        vir_wire_send_bounded(session->wire, vir_packet_own(packet));
    else if (packet->refs || packet->n_fds)
        vir_session_send_packet(session, vir_packet_own(packet));
    else
        vir_wire_send_data(session->wire, packet->data, packet->len);
}

static VirRelayCall **
find_call(VirRelayPeer *peer, guint32 serial)
{
    VirRelayCall **at = &peer->calls;

    while (*at && ((*at)->serial != serial || !(*at)->sent))
        at = &(*at)->next;
    return at;
}

static void
subscribed(VirRelayPeer *peer, VirRelayCall *call, VirPacket *packet)
{
    gboolean legacy = vir_callback_kind(call->proc) == VIR_SUBSCRIPTION_ADD_LEGACY;
    VirSubscription *s = g_new0(VirSubscription, 1);

    s->proc = call->proc;
    s->client_id = s->remote_id = -1;
    s->packet = g_steal_pointer(&call->packet);
    if (legacy) {
        s->event_id = s->packet->len > 28 ? (int)vir_packet_word(s->packet, WORD_PAYLOAD) : 0;
    } else {
        s->remote_id = vir_packet_word(packet, WORD_PAYLOAD);
        s->client_id = peer->session->next_callback++;
        vir_packet_set_word(packet, WORD_PAYLOAD, s->client_id);
    }
    s->next = peer->subscriptions;
    peer->subscriptions = s;
}

static void
on_reply(VirRelayPeer *peer, VirPacket *packet, const virNetMessageHeader *header)
{
    VirSession *session = peer->session;
    VirRelayCall **at = find_call(peer, header->serial);
    VirRelayCall *call = *at;
    gboolean ok = header->status == VIR_NET_OK;

    if (!call || call->streaming)
        return;
    if (call->kind == VIR_RELAY_CALL_RENEW) {
        if (!ok)
            vir_warn("%s does not take the subscription of %s again", daemon_name(peer),
                     call->proc->name);
        else if (call->subscription && call->subscription->client_id >= 0 && packet->len >= 32)
            call->subscription->remote_id = vir_packet_word(packet, WORD_PAYLOAD);
        *at = call->next;
        vir_relay_call_free(call);
        return;
    }
    if (ok && call->kind == VIR_RELAY_CALL_SUBSCRIBE && packet->len >= 32)
        subscribed(peer, call, packet);
    else if (ok && call->kind == VIR_RELAY_CALL_SUBSCRIBE &&
             vir_callback_kind(call->proc) == VIR_SUBSCRIPTION_ADD_LEGACY)
        subscribed(peer, call, packet);
    else if (ok && call->kind == VIR_RELAY_CALL_UNSUBSCRIBE)
        remove_subscription(peer, call->subscription);
    else if (call->kind == VIR_RELAY_CALL_UNSUBSCRIBE)
        call->subscription->ending = FALSE;

    vir_packet_set_word(packet, WORD_SERIAL, call->header.serial);
    if (ok && call->proc->stream != VIR_PROC_STREAM_NONE) {
        call->streaming = TRUE;
    } else {
        *at = call->next;
        vir_relay_call_free(call);
    }
    forward(peer, packet, FALSE);
    pause_if_congested(peer);
    vir_session_end_request(session);
}

static void
on_event(VirRelayPeer *peer, VirPacket *packet, const virNetMessageHeader *header)
{
    const VirProgram *program = vir_program_find(header->prog);
    const VirProc *proc = program ? vir_program_proc(program, header->proc) : NULL;

    if (!proc || proc->kind != VIR_PROC_EVENT)
        return;
    if (proc->callback_id >= 0) {
        VirSubscription *s = peer->subscriptions;
        int id;

        if (packet->len < 32)
            return;
        id = vir_packet_word(packet, WORD_PAYLOAD);
        while (s && (s->remote_id != id || s->client_id < 0))
            s = s->next;
        if (!s)
            return;
        vir_packet_set_word(packet, WORD_PAYLOAD, s->client_id);
    }
    forward(peer, packet, TRUE);
}

static void
on_stream(VirRelayPeer *peer, VirPacket *packet, const virNetMessageHeader *header)
{
    VirRelayCall **at = find_call(peer, header->serial);
    VirRelayCall *call = *at;

    if (!call || !call->streaming)
        return;
    vir_packet_set_word(packet, WORD_SERIAL, call->header.serial);
    if (header->status != VIR_NET_CONTINUE) {
        *at = call->next;
        vir_relay_call_free(call);
        vir_packet_trim();
    }
    forward(peer, packet, FALSE);
    pause_if_congested(peer);
}

static void
on_message(VirWire *wire, VirPacket *packet, void *data)
{
    VirRelayPeer *peer = data;
    virNetMessageHeader header;
    g_autoptr(GError) error = NULL;
    guint n_fds;
    gsize payload;

    if (!vir_frame_decode(packet->data, packet->len, &header, &n_fds, &payload, &error)) {
        vir_wire_fail(wire, error->message);
        return;
    }
    peer->heard = TRUE;
    if (header.prog == KEEPALIVE_PROGRAM) {
        vir_packet_set_word(packet, 3, KEEPALIVE_PROC_PONG);
        if (header.proc == KEEPALIVE_PROC_PING)
            vir_wire_send_data(wire, packet->data, packet->len);
    } else if (peer->state != VIR_RELAY_PEER_READY) {
        on_handshake(peer, packet, &header, payload);
    } else if (!peer->session->wire) {
        return;
    } else if (header.type == VIR_NET_REPLY || header.type == VIR_NET_REPLY_WITH_FDS) {
        on_reply(peer, packet, &header);
    } else if (header.type == VIR_NET_MESSAGE) {
        on_event(peer, packet, &header);
    } else if (header.type == VIR_NET_STREAM || header.type == VIR_NET_STREAM_HOLE) {
        on_stream(peer, packet, &header);
    }
}

/* The daemon went away: what is safe waits for its return, the rest fails. */
static void
on_closed(VirWire *wire, const char *reason, void *data)
{
    VirRelayPeer *peer = data;
    VirRelayCall *calls = g_steal_pointer(&peer->calls);
    gint64 deadline = g_get_monotonic_time() + peer->daemon->relay->wait_ms * 1000ll;
    const char *end = peer->missed > PROBES ? "stopped answering" : "ended";

    vir_info("%s went away: %s", daemon_name(peer), reason);
    g_clear_pointer(&peer->wire, vir_wire_free);
    g_clear_handle_id(&peer->watchdog, g_source_remove);
    peer->missed = 0;
    peer->state = VIR_RELAY_PEER_AWAY;
    vir_relay_daemon_add_away(peer->daemon, peer);
    while (calls) {
        VirRelayCall *call = calls;
        g_autoptr(GError) error = NULL;

        calls = call->next;
        if (call->kind == VIR_RELAY_CALL_RENEW) {
            vir_relay_call_free(call);
        } else if (call->kind == VIR_RELAY_CALL_UNSUBSCRIBE) {
            remove_subscription(peer, call->subscription);
            answer_ok(peer, call);
        } else if (!call->streaming && (!call->sent || call->safe)) {
            if (call->sent)
                call->deadline = deadline;
            call->sent = FALSE;
            append_call(peer, call);
        } else {
            vir_error_set(&error, VIR_ERR_OPERATION_FAILED,
                          call->streaming ? "%s %s while the stream of %s was open"
                                          : "%s %s while it served %s: whether that was done "
                                            "is not known",
                          daemon_name(peer), end, call_name(call));
            vir_relay_peer_fail_call(peer, call, error);
        }
    }
    for (VirSubscription *s = peer->subscriptions; s; s = s->next)
        s->remote_id = -1;
    vir_wire_set_paused(peer->session->wire, VIR_PAUSE_RELAY, FALSE);
}

static void
on_drained(VirWire *wire, void *data)
{
    VirRelayPeer *peer = data;

    if (peer->session->wire)
        vir_wire_set_paused(peer->session->wire, VIR_PAUSE_RELAY, FALSE);
}

static const VirWireOps wire_ops = {on_message, on_closed, on_drained};

gboolean
vir_relay_peer_connect(VirRelayPeer *peer)
{
    g_autofree char *path = vir_relay_daemon_socket(peer->daemon, peer->session->readonly);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    VIR_AUTOCLOSE fd = -1;

    if (g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
        errno = ENAMETOOLONG;
        return FALSE;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
        return FALSE;
    peer->wire = vir_wire_new(vir_poller_default(), fd, G_MAXSIZE, &wire_ops, peer);
    fd = -1;
    if (!peer->wire)
        return FALSE;
    vir_relay_daemon_add_away(peer->daemon, peer);
    next_step(peer, VIR_RELAY_PEER_AUTH_LIST);
    return TRUE;
}

static gboolean
set_not_running(VirRelayPeer *peer, int errnum, GError **error)
{
    g_autofree char *path = vir_relay_daemon_socket(peer->daemon, peer->session->readonly);

    /* Without a hypervisor there is no connection; without one of the others it has less. */
    if (!peer->daemon->driver->classes)
        return vir_error_set_errno(error, errnum, "%s is not running: cannot connect to '%s'",
                                   daemon_name(peer), path);
    return vir_error_set(error, VIR_ERR_NO_SUPPORT, "%s is not running: cannot connect to '%s': %s",
                         daemon_name(peer), path, g_strerror(errnum));
}

gboolean
vir_relay_peer_call(VirRelayPeer *peer, VirRelayCall *call, GError **error)
{
    VirRelayDaemon *daemon = peer->daemon;

    /* One of which the daemon does not know, or not yet: it is enough to forget it. */
    if (call->kind == VIR_RELAY_CALL_UNSUBSCRIBE &&
        (peer->state != VIR_RELAY_PEER_READY ||
         (call->subscription->client_id >= 0 && call->subscription->remote_id < 0))) {
        remove_subscription(peer, call->subscription);
        answer_ok(peer, call);
        return TRUE;
    }
    if (peer->state == VIR_RELAY_PEER_READY) {
        append_call(peer, call);
        send_call(peer, call);
        if (vir_wire_congested(peer->wire))
            vir_wire_set_paused(peer->session->wire, VIR_PAUSE_RELAY, TRUE);
        return TRUE;
    }
    if (peer->state == VIR_RELAY_PEER_IDLE && !vir_relay_peer_connect(peer)) {
        int errnum = errno;

        /* One that was never seen is not expected to come back. */
        if (!daemon->seen && errnum != EAGAIN) {
            vir_relay_call_free(call);
            return set_not_running(peer, errnum, error);
        }
        peer->state = VIR_RELAY_PEER_AWAY;
    }
    vir_relay_daemon_add_away(daemon, peer);
    call->deadline = g_get_monotonic_time() + daemon->relay->wait_ms * 1000ll;
    append_call(peer, call);
    return TRUE;
}

gboolean
vir_relay_peer_wanted(const VirRelayPeer *peer)
{
    return peer->calls || peer->subscriptions;
}

void
vir_relay_peer_expire(VirRelayPeer *peer, gint64 now)
{
    expire_calls(peer, now, FALSE);
}

VirRelayPeer *
vir_relay_peer_new(VirSession *session, VirRelayDaemon *daemon, const char *uri)
{
    VirRelayPeer *peer = g_new0(VirRelayPeer, 1);

    peer->session = session;
    peer->daemon = daemon;
    peer->uri = g_strdup(uri);
    return peer;
}

void
vir_relay_peer_free(VirRelayPeer *peer)
{
    vir_relay_daemon_remove_away(peer->daemon, peer);
    g_clear_pointer(&peer->wire, vir_wire_free);
    g_clear_handle_id(&peer->watchdog, g_source_remove);
    while (peer->calls) {
        VirRelayCall *call = peer->calls;

        peer->calls = call->next;
        vir_relay_call_free(call);
    }
    while (peer->subscriptions)
        remove_subscription(peer, peer->subscriptions);
    g_free(peer->uri);
    g_free(peer);
}
