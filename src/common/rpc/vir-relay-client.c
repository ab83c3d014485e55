/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "vir-error.h"
#include "vir-relay-private.h"

static VirRelayClient *
get_client(VirSession *session)
{
    if (!session->relay) {
        session->relay = g_new0(VirRelayClient, 1);
        session->relay->session = session;
    }
    return session->relay;
}

static VirRelayPeer *
get_peer(VirRelayClient *client, const VirRelayDriver *driver, const char *uri)
{
    VirRelay *relay = client->session->server->config.relay;
    VirRelayDaemon *daemon = vir_relay_daemon(relay, driver);
    g_autofree char *own = NULL;
    VirRelayPeer *peer = client->peers;

    while (peer && peer->daemon != daemon)
        peer = peer->next;
    if (peer)
        return peer;
    if (!uri) {
        own = g_strdup_printf("%s:///%s", driver->scheme,
                              relay->privileged || !driver->session ? "system" : "session");
        uri = own;
    }
    peer = vir_relay_peer_new(client->session, daemon, uri);
    peer->next = client->peers;
    client->peers = peer;
    return peer;
}

static const VirRelayDriver *
driver_of_uri(const char *uri)
{
    return vir_relay_driver_by_scheme(uri, strcspn(uri, ":+"));
}

gboolean
vir_relay_open(VirSession *session, const virNetMessageHeader *header, const char *uri,
               GError **error)
{
    g_autofree char *found = NULL;
    VirRelayClient *client;
    const VirRelayDriver *driver;
    VirRelayCall *call;

    if (!uri[0]) {
        found = vir_relay_probe(session->server->config.relay);
        if (!found)
            return vir_error_set(error, VIR_ERR_NO_CONNECT,
                                 "an empty URI: no hypervisor's daemon is running");
        uri = found;
    }
    driver = driver_of_uri(uri);
    if (!driver)
        return vir_error_set(error, VIR_ERR_NO_CONNECT, "%s", uri);

    client = get_client(session);
    client->main = get_peer(client, driver, uri);
    call = g_new0(VirRelayCall, 1);
    call->kind = VIR_RELAY_CALL_OPEN;
    call->proc = vir_program_proc(vir_program_find(REMOTE_PROGRAM), REMOTE_PROC_CONNECT_OPEN);
    call->header = *header;
    g_free(session->uri);
    session->uri = g_strdup(uri);
    vir_session_begin_request(session);
    if (vir_relay_peer_call(client->main, call, error))
        return TRUE;
    vir_session_end_request(session);
    /* The client may try again. */
    g_clear_pointer(&session->relay, vir_relay_client_free);
    g_clear_pointer(&session->uri, g_free);
    return FALSE;
}

static VirRelayPeer *
peer_of_proc(VirSession *session, const VirProc *proc)
{
    VirRelayClient *client = get_client(session);
    const VirRelayDriver *by_class = vir_relay_driver_by_class(proc->klass);

    if (client->main && (!by_class || client->main->daemon->driver->classes))
        return client->main;
    if (session->driver) {
        const VirRelayDriver *own = driver_of_uri(session->driver->scheme);

        /* Only a hypervisor's connection has the other classes beside its own. */
        if (!by_class || (own && own->classes))
            return NULL;
    }
    return by_class ? get_peer(client, by_class, NULL) : NULL;
}

static VirSubscription *
find_subscription(VirRelayPeer *peer, const VirProc *proc, gboolean legacy, VirPacket *packet)
{
    int id = packet->len > 28 ? (int)vir_packet_word(packet, 7) : 0;
    VirSubscription *s = peer->subscriptions;

    while (s &&
           (s->ending || !(legacy ? s->client_id < 0 && s->event_id == id : s->client_id == id)))
        s = s->next;
    return s;
}

gboolean
vir_relay_call(VirSession *session, const VirProc *proc, VirPacket *packet, GError **error)
{
    VirRelayPeer *peer = peer_of_proc(session, proc);
    VirSubscriptionKind kind = vir_callback_kind(proc);
    VirSubscription *subscription = NULL;
    VirRelayCall *call;

    /* These are looked into: their payload has to be where it belongs. */
    if (kind != VIR_SUBSCRIPTION_NONE && vir_packet_word(packet, 4) != VIR_NET_CALL)
        return vir_error_set(error, VIR_ERR_RPC, "%s takes no file descriptors", proc->name);

    if (!peer)
        return vir_error_set(error, VIR_ERR_NO_SUPPORT, "%s", proc->api ? proc->api : proc->name);
    if (kind == VIR_SUBSCRIPTION_REMOVE || kind == VIR_SUBSCRIPTION_REMOVE_LEGACY) {
        subscription =
            find_subscription(peer, proc, kind == VIR_SUBSCRIPTION_REMOVE_LEGACY, packet);
        if (!subscription)
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s: no such event callback",
                                 proc->api ? proc->api : proc->name);
        subscription->ending = TRUE;
    }
    call = g_new0(VirRelayCall, 1);
    call->proc = proc;
    call->header = (virNetMessageHeader){vir_packet_word(packet, 1), vir_packet_word(packet, 2),
                                         vir_packet_word(packet, 3), vir_packet_word(packet, 4),
                                         vir_packet_word(packet, 5), VIR_NET_OK};
    call->subscription = subscription;
    if (subscription)
        call->kind = VIR_RELAY_CALL_UNSUBSCRIBE;
    else if (kind != VIR_SUBSCRIPTION_NONE)
        call->kind = VIR_RELAY_CALL_SUBSCRIBE;
    call->safe = kind != VIR_SUBSCRIPTION_NONE ||
                 (packet->n_fds == 0 && proc->stream == VIR_PROC_STREAM_NONE &&
                  (proc->job == VIR_PROC_JOB_NONE || proc->job == VIR_PROC_JOB_QUERY));
    call->packet = vir_packet_own(packet);
    vir_session_begin_request(session);
    if (vir_relay_peer_call(peer, call, error))
        return TRUE;
    vir_session_end_request(session);
    return FALSE;
}

gboolean
vir_relay_stream(VirSession *session, VirPacket *packet)
{
    guint32 serial = vir_packet_word(packet, 5);
    int number = vir_packet_word(packet, 3);

    for (VirRelayPeer *peer = session->relay->peers; peer; peer = peer->next) {
        for (VirRelayCall *call = peer->calls; call; call = call->next) {
            if (!call->streaming || call->header.serial != serial || call->proc->number != number)
                continue;
            vir_packet_set_word(packet, 5, call->serial);
            vir_wire_send(peer->wire, vir_packet_own(packet));
            if (vir_wire_congested(peer->wire))
                vir_wire_set_paused(session->wire, VIR_PAUSE_RELAY, TRUE);
            return TRUE;
        }
    }
    return FALSE;
}

void
vir_relay_drained(VirSession *session)
{
    for (VirRelayPeer *peer = session->relay->peers; peer; peer = peer->next) {
        if (peer->wire && session->wire && !vir_wire_congested(session->wire))
            vir_wire_set_paused(peer->wire, 1, FALSE);
    }
}

void
vir_relay_client_free(VirRelayClient *client)
{
    while (client->peers) {
        VirRelayPeer *peer = client->peers;

        client->peers = peer->next;
        vir_relay_peer_free(peer);
    }
    g_free(client);
}
