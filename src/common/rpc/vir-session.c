/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-server-private.h"

VIR_LOG_INIT("rpc.session");

/* Events that may wait for a client before it is given up. */
#define EVENTS_LIMIT (8 * 1024 * 1024)
/* A reply longer than this keeps its buffer instead of being copied into the queue. */
#define MOVE_SIZE 32768

static void
on_message(VirWire *wire, VirPacket *packet, void *data)
{
    VirSession *session = data;

    session->heard = TRUE;
    vir_dispatch(session, packet);
}

static void
on_closed(VirWire *wire, const char *reason, void *data)
{
    vir_session_close(data, reason);
}

static void
on_drained(VirWire *wire, void *data)
{
    VirSession *session = vir_session_ref(data);

    vir_stream_flush_all(session);
    if (session->wire && session->relay)
        vir_relay_drained(session);
    if (session->wire && !vir_wire_congested(session->wire))
        vir_wire_set_paused(session->wire, VIR_PAUSE_CONGESTED, FALSE);
    vir_session_unref(session);
}

static const VirWireOps wire_ops = {on_message, on_closed, on_drained};

VirSession *
vir_session_new(VirServer *server, int fd, gboolean readonly, VirAuth auth, GError **error)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    VIR_AUTOCLOSE own = fd;
    g_autoptr(VirIdentity) identity = NULL;
    VirSession *session;

    if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
        addr.ss_family = AF_UNSPEC;
    identity =
        addr.ss_family == AF_UNIX ? vir_identity_new_from_socket(fd, error) : vir_identity_new();
    if (!identity)
        return NULL;

    session = g_new0(VirSession, 1);
    session->server = server;
    session->driver = server->config.driver;
    session->refs = 1;
    session->id = ++server->last_id;
    session->connected = g_get_real_time() / G_USEC_PER_SEC;
    session->tcp = addr.ss_family != AF_UNIX;
    session->readonly = readonly;
    session->auth = auth;
    session->trusted = identity->local && (identity->uid == 0 || identity->uid == geteuid());
    session->identity = g_steal_pointer(&identity);
    session->wire = vir_wire_new(server->poller, own, EVENTS_LIMIT, &wire_ops, session);
    own = -1;
    if (!session->wire) {
        vir_error_set(error, VIR_ERR_SYSTEM_ERROR, "cannot watch the client's socket");
        vir_identity_unref(session->identity);
        g_free(session);
        return NULL;
    }

    session->next = server->sessions;
    if (session->next)
        session->next->prev = session;
    server->sessions = session;
    server->anonymous++;
    if (server->count++ == 0 && server->config.busy)
        server->config.busy(server, TRUE, server->config.data);
    if (auth == VIR_AUTH_NONE ||
        (auth == VIR_AUTH_POLKIT && session->identity->local && session->identity->uid == 0))
        vir_session_set_authenticated(session);
    vir_server_update_accepting(server);
    vir_debug("server '%s': client %" G_GUINT64_FORMAT " of uid %u connected", server->name,
              session->id, (unsigned)session->identity->uid);
    return session;
}

VirSession *
vir_session_ref(VirSession *session)
{
    session->refs++;
    return session;
}

void
vir_session_unref(VirSession *session)
{
    const VirDriver *driver = session->driver;

    if (--session->refs)
        return;
    if (session->conn && driver && driver->close)
        driver->close(driver->state, session->conn);
    g_clear_pointer(&session->strand, vir_strand_unref);
    vir_identity_unref(session->identity);
    g_free(session->uri);
    g_free(session);
}

void
vir_session_close(VirSession *session, const char *reason)
{
    if (!session->wire)
        return;
    vir_info("server '%s': client %" G_GUINT64_FORMAT " left: %s", session->server->name,
             session->id, reason);
    g_clear_pointer(&session->wire, vir_wire_free);
    g_clear_pointer(&session->polkit, vir_polkit_check_cancel);
    vir_server_session_gone(session->server, session);
    vir_callback_free_all(session);
    g_clear_pointer(&session->relay, vir_relay_client_free);
    vir_stream_close_all(session);
    vir_session_unref(session);
}

void
vir_session_set_authenticated(VirSession *session)
{
    if (session->authenticated)
        return;
    session->authenticated = TRUE;
    session->server->anonymous--;
    vir_server_update_accepting(session->server);
}

void
vir_session_begin_request(VirSession *session)
{
    session->n_requests++;
    /* A relay that was not read could not tell this daemon from one that hangs. */
    if (!session->relayed &&
        session->n_requests >= session->server->config.limits.max_client_requests)
        vir_wire_set_paused(session->wire, VIR_PAUSE_REQUESTS, TRUE);
}

void
vir_session_end_request(VirSession *session)
{
    session->n_requests--;
    if (session->wire && session->n_requests < session->server->config.limits.max_client_requests)
        vir_wire_set_paused(session->wire, VIR_PAUSE_REQUESTS, FALSE);
}

/* Who does not read its answers may not ask more. */
static void
pause_if_congested(VirSession *session)
{
    if (vir_wire_congested(session->wire))
        vir_wire_set_paused(session->wire, VIR_PAUSE_CONGESTED, TRUE);
}

void
vir_session_send(VirSession *session, GByteArray *out)
{
    if (session->wire && out->len > 0) {
        if (out->len >= MOVE_SIZE)
            vir_wire_send(session->wire,
                          vir_packet_new_take(g_memdup2(out->data, out->len), out->len));
        else
            vir_wire_send_data(session->wire, out->data, out->len);
        pause_if_congested(session);
    }
    g_byte_array_set_size(out, 0);
}

void
vir_session_send_packet(VirSession *session, VirPacket *packet)
{
    if (!session->wire) {
        vir_packet_unref(packet);
        return;
    }
    vir_wire_send(session->wire, packet);
    pause_if_congested(session);
}

void
vir_session_send_error(VirSession *session, const virNetMessageHeader *call, const GError *error)
{
    GByteArray *out = session->server->out;
    const VirDriver *driver = session->driver;

    vir_debug("client %" G_GUINT64_FORMAT ": procedure %d fails: %s", session->id, call->proc,
              error->message);
    vir_frame_encode_error(out, call, error, driver ? driver->error_domain : VIR_FROM_RPC);
    vir_session_send(session, out);
}

void
vir_session_send_event(VirSession *session, const VirProc *proc, const void *args)
{
    virNetMessageHeader header = {proc->program->number,
                                  proc->program->version,
                                  proc->number,
                                  VIR_NET_MESSAGE,
                                  0,
                                  VIR_NET_OK};
    GByteArray *out = session->server->out;
    g_autoptr(GError) error = NULL;

    if (!session->wire)
        return;
    if (!vir_frame_encode(out, &header, 0, proc->args, args, &error)) {
        vir_warn("cannot send %s: %s", proc->name, error->message);
        return;
    }
    if (vir_wire_queued(session->wire) > 0)
        vir_wire_send_bounded(session->wire,
                              vir_packet_new_take(g_memdup2(out->data, out->len), out->len));
    else
        vir_wire_send_data(session->wire, out->data, out->len);
    g_byte_array_set_size(out, 0);
}

void
vir_session_start_keepalive(VirSession *session)
{
    if (session->keepalive)
        return;
    session->keepalive = TRUE;
    session->heard = TRUE;
    vir_server_want_keepalive(session->server, 1);
}

void
vir_session_keepalive(VirSession *session)
{
    virNetMessageHeader ping = {
        KEEPALIVE_PROGRAM, KEEPALIVE_PROTOCOL_VERSION, KEEPALIVE_PROC_PING, VIR_NET_MESSAGE, 0,
        VIR_NET_OK};
    GByteArray *out = session->server->out;

    /* What a paused client says is not read, so its silence proves nothing. */
    if (session->heard || vir_wire_paused(session->wire)) {
        session->heard = FALSE;
        session->missed = 0;
        return;
    }
    if (session->missed++ >= session->server->config.keepalive_count) {
        g_autofree char *reason =
            g_strdup_printf("it did not answer %u keepalive messages in %u s", session->missed - 1u,
                            session->missed * session->server->config.keepalive_interval);

        vir_wire_fail(session->wire, reason);
        return;
    }
    if (vir_frame_encode(out, &ping, 0, NULL, NULL, NULL))
        vir_session_send(session, out);
}
