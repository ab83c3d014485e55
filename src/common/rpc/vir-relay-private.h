/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-relay.h"
#include "vir-server-private.h"

/*
 * A relay knows daemons; a client session has a peer, that is a connection, for each daemon it has
 * used. All on the main thread.
 */
typedef struct VirRelayDaemon VirRelayDaemon;
typedef struct VirRelayPeer VirRelayPeer;
typedef struct VirSubscription VirSubscription;

/* One row of who serves what. */
typedef struct {
    const char *scheme;
    const char *daemon;
    guint32 classes;  /* 1 << VirClass for each it is asked for; 0: a hypervisor */
    gboolean session; /* it exists in session mode */
} VirRelayDriver;

struct VirRelay {
    char *run_dir;
    gboolean privileged;
    int wait_ms;
    int answer_ms;
    int probe_ms;
    GSList *daemons;
    VirWatch *inotify;
};

struct VirRelayDaemon {
    VirRelay *relay;
    const VirRelayDriver *driver;
    VirRelayPeer *away; /* peers that are not ready */
    guint timer;        /* source id */
    guint backoff;      /* ms */
    gboolean seen;      /* it was there once */
};

typedef enum {
    VIR_RELAY_CALL_PLAIN,
    VIR_RELAY_CALL_OPEN,      /* the client's CONNECT_OPEN: answered when the peer is ready */
    VIR_RELAY_CALL_SUBSCRIBE, /* the reply brings the id of a subscription, or is a legacy one */
    VIR_RELAY_CALL_UNSUBSCRIBE,
    VIR_RELAY_CALL_RENEW, /* a subscription made again after the daemon came back; nobody waits */
} VirRelayCallKind;

typedef struct VirRelayCall {
    struct VirRelayCall *next;
    const VirProc *proc;
    VirRelayCallKind kind;
    virNetMessageHeader header; /* as the client sent it */
    guint32 serial;             /* towards the daemon, once sent */
    VirPacket *packet;          /* until sent; kept until answered where it may be repeated */
    VirSubscription *subscription;
    gint64 deadline; /* to be sent, or answered */
    gboolean sent;
    gboolean streaming; /* answered; its stream goes on */
    gboolean safe;      /* may be sent again when nobody knows whether it was served */
} VirRelayCall;

struct VirSubscription {
    VirSubscription *next;
    const VirProc *proc; /* that made it */
    VirPacket *packet;
    int client_id; /* -1: a legacy one, without id */
    int remote_id; /* -1: unknown now */
    int event_id;  /* of a legacy one */
    gboolean ending;
};

typedef enum {
    VIR_RELAY_PEER_IDLE, /* no connection, none wanted */
    VIR_RELAY_PEER_AWAY, /* none, but wanted */
    VIR_RELAY_PEER_AUTH_LIST,
    VIR_RELAY_PEER_AUTH_POLKIT,
    VIR_RELAY_PEER_OPENING,
    VIR_RELAY_PEER_IDENTITY,
    VIR_RELAY_PEER_READY,
} VirRelayPeerState;

struct VirRelayPeer {
    VirRelayPeer *next;      /* of the client */
    VirRelayPeer *next_away; /* of the daemon */
    VirRelayDaemon *daemon;
    VirSession *session;
    VirWire *wire;
    char *uri;
    VirRelayPeerState state;
    guint32 serial;
    VirRelayCall *calls; /* in order */
    VirSubscription *subscriptions;
    guint watchdog;  /* source id; runs from a call on until a turn without any */
    guint missed;    /* its turns in which the daemon owed answers and said nothing */
    gboolean heard;  /* since the last of them */
    gboolean opened; /* it was ready once */
};

struct VirRelayClient {
    VirSession *session;
    VirRelayPeer *peers;
    VirRelayPeer *main; /* the hypervisor's daemon; NULL in that daemon itself */
};

/* vir-relay.c */
/** NULL where no daemon serves it. */
const VirRelayDriver *vir_relay_driver_by_scheme(const char *scheme, gsize len);
/** The daemon of a class other than the hypervisor's; NULL: it is the hypervisor's. */
const VirRelayDriver *vir_relay_driver_by_class(VirClass klass);
/** The URI of the first hypervisor daemon that is there; NULL: none. g_free(). */
char *vir_relay_probe(VirRelay *relay);
VirRelayDaemon *vir_relay_daemon(VirRelay *relay, const VirRelayDriver *driver);
/** Path of its socket. g_free(). */
char *vir_relay_daemon_socket(const VirRelayDaemon *daemon, gboolean readonly);
/** A peer wants to be connected, and no longer does. */
void vir_relay_daemon_add_away(VirRelayDaemon *daemon, VirRelayPeer *peer);
void vir_relay_daemon_remove_away(VirRelayDaemon *daemon, VirRelayPeer *peer);

/* vir-relay-peer.c */
VirRelayPeer *vir_relay_peer_new(VirSession *session, VirRelayDaemon *daemon, const char *uri);
void vir_relay_peer_free(VirRelayPeer *peer);
/** Connects. FALSE with errno: not now. */
gboolean vir_relay_peer_connect(VirRelayPeer *peer);
/** Sends or queues it; takes @call. FALSE (and @call is freed): there is no such daemon. */
gboolean vir_relay_peer_call(VirRelayPeer *peer, VirRelayCall *call, GError **error);
/** Fails the calls that waited too long. */
void vir_relay_peer_expire(VirRelayPeer *peer, gint64 now);
/** Whether somebody needs the connection. */
gboolean vir_relay_peer_wanted(const VirRelayPeer *peer);
void vir_relay_call_free(VirRelayCall *call);
/** Answers @call with @error and frees it. */
void vir_relay_peer_fail_call(VirRelayPeer *peer, VirRelayCall *call, const GError *error);

/* vir-callback.c */
typedef enum {
    VIR_SUBSCRIPTION_NONE,
    VIR_SUBSCRIPTION_ADD,
    VIR_SUBSCRIPTION_REMOVE,
    VIR_SUBSCRIPTION_ADD_LEGACY,
    VIR_SUBSCRIPTION_REMOVE_LEGACY,
} VirSubscriptionKind;
/** What @proc does to subscriptions. */
VirSubscriptionKind vir_callback_kind(const VirProc *proc);
