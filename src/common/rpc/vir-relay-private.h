/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-relay.h"
#include "vir-server-private.h"

/*
 * A relay knows daemons; a client session has a peer, that is a connection, for each daemon it has
 * used. All on the main thread.
 */
typedef struct Daemon Daemon;
typedef struct Peer Peer;
typedef struct Subscription Subscription;

/* One row of who serves what. */
typedef struct {
    const char *scheme;
    const char *daemon;
    guint32 classes;  /* 1 << VirClass for each it is asked for; 0: a hypervisor */
    gboolean session; /* it exists in session mode */
} Driver;

struct VirRelay {
    char *run_dir;
    gboolean privileged;
    int wait_ms;
    GSList *daemons;
    VirWatch *inotify;
};

struct Daemon {
    VirRelay *relay;
    const Driver *driver;
    Peer *away;    /* peers that are not ready */
    guint timer;   /* source id */
    guint backoff; /* ms */
    gboolean seen; /* it was there once */
};

typedef enum {
    CALL_PLAIN,
    CALL_OPEN,      /* the client's CONNECT_OPEN: answered when the peer is ready */
    CALL_SUBSCRIBE, /* the reply brings the id of a subscription, or is a legacy one */
    CALL_UNSUBSCRIBE,
    CALL_RENEW, /* a subscription made again after the daemon came back; nobody waits */
} CallKind;

typedef struct Call {
    struct Call *next;
    const VirProc *proc;
    CallKind kind;
    virNetMessageHeader header; /* as the client sent it */
    guint32 serial;             /* towards the daemon, once sent */
    VirPacket *packet;          /* until sent; kept until answered where it may be repeated */
    Subscription *subscription;
    gint64 deadline; /* while not sent */
    gboolean sent;
    gboolean streaming; /* answered; its stream goes on */
    gboolean safe;      /* may be sent again when nobody knows whether it was served */
} Call;

struct Subscription {
    Subscription *next;
    const VirProc *proc; /* that made it */
    VirPacket *packet;
    int client_id; /* -1: a legacy one, without id */
    int remote_id; /* -1: unknown now */
    int event_id;  /* of a legacy one */
    gboolean ending;
};

typedef enum {
    PEER_IDLE, /* no connection, none wanted */
    PEER_AWAY, /* none, but wanted */
    PEER_AUTH_LIST,
    PEER_AUTH_POLKIT,
    PEER_OPENING,
    PEER_IDENTITY,
    PEER_READY,
} PeerState;

struct Peer {
    Peer *next;      /* of the client */
    Peer *next_away; /* of the daemon */
    Daemon *daemon;
    VirSession *session;
    VirWire *wire;
    char *uri;
    PeerState state;
    guint32 serial;
    Call *calls; /* in order */
    Subscription *subscriptions;
    gboolean opened; /* it was ready once */
};

struct VirRelayClient {
    VirSession *session;
    Peer *peers;
    Peer *main; /* the hypervisor's daemon; NULL in that daemon itself */
};

/* vir-relay.c */
/** NULL where no daemon serves it. */
const Driver *relay_driver_by_scheme(const char *scheme, gsize len);
/** The daemon of a class other than the hypervisor's; NULL: it is the hypervisor's. */
const Driver *relay_driver_by_class(VirClass klass);
/** The URI of the first hypervisor daemon that is there; NULL: none. g_free(). */
char *relay_probe(VirRelay *relay);
Daemon *relay_daemon(VirRelay *relay, const Driver *driver);
/** Path of its socket. g_free(). */
char *daemon_socket(const Daemon *daemon, gboolean readonly);
/** A peer wants to be connected, and no longer does. */
void daemon_add_away(Daemon *daemon, Peer *peer);
void daemon_remove_away(Daemon *daemon, Peer *peer);

/* vir-relay-peer.c */
Peer *peer_new(VirSession *session, Daemon *daemon, const char *uri);
void peer_free(Peer *peer);
/** Connects. FALSE with errno: not now. */
gboolean peer_connect(Peer *peer);
/** Sends or queues it; takes @call. FALSE (and @call is freed): there is no such daemon. */
gboolean peer_call(Peer *peer, Call *call, GError **error);
/** Fails the calls that waited too long. */
void peer_expire(Peer *peer, gint64 now);
/** Whether somebody needs the connection. */
gboolean peer_wanted(const Peer *peer);
void call_free(Call *call);
/** Answers @call with @error and frees it. */
void peer_fail_call(Peer *peer, Call *call, const GError *error);

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
