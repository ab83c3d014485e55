/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-frame.h"
#include "vir-ops.h"
#include "vir-polkit.h"
#include "vir-server.h"
#include "vir-wire.h"

/* Inside the serving half; everything here is for the main thread only unless it says otherwise. */

typedef struct VirCallback VirCallback;       /* vir-callback.c */
typedef struct VirRelayClient VirRelayClient; /* vir-relay-client.c */

struct VirServer {
    VirServerConfig config;
    char *name;
    VirPoller *poller;
    GSList *listeners;
    VirSession *sessions; /* newest first */
    guint count;
    guint anonymous;
    guint64 last_id;
    gboolean accepting;
    guint starved;   /* source id of the timer; no fd was left for a client */
    guint keepalive; /* source id of the timer; runs while a session wants it */
    guint n_keepalive;
    GByteArray *out; /* replies made on the main thread; empty between them */
};

/* Reasons why a session's wire is paused. */
enum {
    VIR_PAUSE_REQUESTS = 1 << 0,  /* as many calls as it may have are unanswered */
    VIR_PAUSE_CONGESTED = 1 << 1, /* it does not read fast enough what it is sent */
    VIR_PAUSE_STREAM = 1 << 2,    /* a stream's driver is full */
    VIR_PAUSE_RELAY = 1 << 3,     /* the daemon behind does not read */
};

struct VirSession {
    VirServer *server; /* gone once the wire is */
    const VirDriver *driver;
    VirSession *next;
    VirSession *prev;
    VirWire *wire; /* NULL once the client is gone */
    VirIdentity *identity;
    void *conn;
    VirStrand *strand; /* of calls without object; made when needed */
    VirStream *streams;
    VirCallback *callbacks;
    VirRelayClient *relay;
    VirPolkitCheck *polkit; /* the client's AUTH_POLKIT waits for its answer */
    guint32 polkit_serial;
    char *uri; /* as the client opened it */
    guint64 id;
    gint64 connected;
    guint refs; /* the server's, and one for each job */
    guint n_requests;
    guint n_paused_streams;
    int next_callback;
    guint8 auth;
    guint8 missed; /* keepalive turns without a sign of life */
    gboolean tcp : 1;
    gboolean trusted : 1; /* may say for whom it speaks */
    gboolean readonly : 1;
    gboolean authenticated : 1;
    gboolean opened : 1;
    gboolean keepalive : 1;
    gboolean heard : 1;   /* since the last keepalive turn */
    gboolean relayed : 1; /* another daemon speaks for the client, and counts its calls */
};

/* vir-session.c */
VirSession *vir_session_new(VirServer *server, int fd, gboolean readonly, VirAuth auth,
                            GError **error);
VirSession *vir_session_ref(VirSession *session);
void vir_session_unref(VirSession *session);
/** Ends the connection at once; @reason for the log. */
void vir_session_close(VirSession *session, const char *reason);
void vir_session_set_authenticated(VirSession *session);
/** A call is begun, or answered: what max_client_requests counts. */
void vir_session_begin_request(VirSession *session);
void vir_session_end_request(VirSession *session);
/** Sends the frame in @out and empties it. */
void vir_session_send(VirSession *session, GByteArray *out);
/** Sends a packet (taken), an answer or part of one. */
void vir_session_send_packet(VirSession *session, VirPacket *packet);
/** As an error reply to @call; @error stays the caller's. */
void vir_session_send_error(VirSession *session, const virNetMessageHeader *call,
                            const GError *error);
/** A message that nobody asked for; a client that lets too many wait is disconnected. */
void vir_session_send_event(VirSession *session, const VirProc *proc, const void *args);
/** A keepalive turn: pings, or gives the client up. */
void vir_session_keepalive(VirSession *session);
void vir_session_start_keepalive(VirSession *session);

/* vir-server.c */
void vir_server_session_gone(VirServer *server, VirSession *session);
void vir_server_update_accepting(VirServer *server);
/** Starts or stops the turns as sessions want them. */
void vir_server_want_keepalive(VirServer *server, int change);

/* vir-dispatch.c */
void vir_dispatch(VirSession *session, VirPacket *packet);
/** Whether the driver of this daemon serves @proc. */
gboolean vir_dispatch_owns(const VirServer *server, const VirProc *proc);

/* vir-builtin.c: what the server itself answers */
typedef enum {
    VIR_BUILTIN_OK,
    VIR_BUILTIN_FAILED, /* error is set */
    VIR_BUILTIN_LATER,  /* answered later: by the relay, or by polkit */
    VIR_BUILTIN_RELAY,  /* let the relay pass it on */
} VirBuiltinResult;
typedef VirBuiltinResult (*VirBuiltinFunc)(VirSession *session, VirCall *call,
                                           const virNetMessageHeader *header, const void *args,
                                           void *ret, GError **error);
/** NULL where @proc is not the server's. */
VirBuiltinFunc vir_builtin_find(const VirServer *server, const VirProc *proc);

/* vir-callback.c */
VirBuiltinFunc vir_callback_builtin(const VirProc *proc);
void vir_callback_free_all(VirSession *session);

/* vir-stream.c */
VirStream *vir_stream_new(const VirProc *proc, const virNetMessageHeader *header, gboolean sparse);
/** The call was answered: what the driver sent goes out, what comes for it is handed over. */
void vir_stream_open(VirStream *stream, VirSession *session);
/** FALSE where no stream of the session has this header. */
gboolean vir_stream_incoming(VirSession *session, const virNetMessageHeader *header,
                             const guint8 *data, gsize len);
/** The wire takes data again. */
void vir_stream_flush_all(VirSession *session);
void vir_stream_close_all(VirSession *session);
/** The call failed or its client left: the driver, if it took the stream, is told. */
void vir_stream_discard(VirStream *stream);
/** Without a copy: room for @len bytes of data, at ->data + VIR_FRAME_HEADER. Any thread. */
VirPacket *vir_stream_packet(guint32 len);
/** Queues the first @len bytes of it; takes it. Check vir_stream_has_room() before. */
void vir_stream_send_packet(VirStream *stream, VirPacket *packet, guint32 len);
/** Room in the queue towards the client. Any thread. */
gboolean vir_stream_has_room(VirStream *stream);

/* vir-relay-client.c: one session's half of the relay */
/** CONNECT_OPEN of a session without a driver; answers @header itself when it knows. */
gboolean vir_relay_open(VirSession *session, const virNetMessageHeader *header, const char *uri,
                        GError **error);
/** Passes a call on. FALSE: no daemon serves it. */
gboolean vir_relay_call(VirSession *session, const VirProc *proc, VirPacket *packet,
                        GError **error);
/** A stream message of the client; FALSE where it belongs to no relayed call. */
gboolean vir_relay_stream(VirSession *session, VirPacket *packet);
/** The client's wire takes data again. */
void vir_relay_drained(VirSession *session);
void vir_relay_client_free(VirRelayClient *client);
