/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-event.h"
#include "vir-identity.h"
#include "vir-object.h"
#include "vir-proc.h" /* VirProc, VirProgram, VirOps: from the IDL */

/**
 * The serving half: sockets, client sessions, dispatch. A session lives on the main thread. The
 * dispatcher does the ritual of a call (decode, limits, read-only check, permission, object lookup,
 * flag check, job, reply); a driver's handler gets typed arguments and the resolved object.
 */
typedef struct VirServer VirServer;
typedef struct VirSession VirSession;
typedef struct VirStream VirStream;

/** One call being served. Valid until the handler returns. */
typedef struct VirCall {
    const VirProc *proc;
    VirSession *session; /* main thread only; use the fields below from job threads */
    VirIdentity *identity;
    gboolean readonly; /* the connection is read-only */
    void *driver;      /* VirDriver.state */
    void *conn;        /* what VirDriver.open() returned for this session */
    VirObject *object; /* the resolved first argument, or NULL (class connect) */
    VirStream *stream; /* for procedures with a stream: opened when the handler returns TRUE */
    int *fds;          /* received with the call; taken ones are to be set to -1 */
    unsigned n_fds;
    GArray *reply_fds; /* of int; appended ones are sent and closed */
} VirCall;

/**
 * A handler. @args and @ret are the procedure's structures (see VirOps in vir-ops.h, generated);
 * what it puts into @ret is g_malloc()ed and freed by the dispatcher. It runs on the main thread
 * for procedures annotated `@job none` (and must not wait), else as a job of the object's strand
 * (of a strand of the session where the call has no object).
 */
typedef gboolean (*VirOpFunc)(VirCall *call, const void *args, void *ret, GError **error);

/** What a daemon's driver tells the server. */
typedef struct VirDriver {
    const char *name;   /* "QEMU": virConnectGetType() */
    const char *scheme; /* "qemu" of URIs */
    int error_domain;   /* VIR_FROM_QEMU, put into errors that name none */
    guint32 classes;    /* 1 << VirClass for each owned class */
    const VirOps *ops;
    VirEventHub *events;
    void *state;

    /** Checks @uri (as the client wrote it, may be ""); what *@conn gets is VirCall.conn. */
    gboolean (*open)(void *state, VirIdentity *identity, gboolean readonly, const char *uri,
                     void **conn, GError **error);
    void (*close)(void *state, void *conn);
    /** The answer to CONNECT_GET_URI. g_free() it. */
    char *(*uri)(void *state, void *conn);
    /**
     * A permitted call annotated `@job urgent` (destroy) has come for @object: called on the main
     * thread before its job is posted with vir_strand_post_urgent(), so that the driver can
     * cancel what the running job waits for. May be NULL.
     */
    void (*urgent)(void *state, VirObject *object, const VirProc *proc);
    /** VIR_DRV_FEATURE_*: 1, 0; those of the daemon itself are answered by the server. */
    int (*feature)(void *state, int feature);
    /**
     * Finds an object for a wire handle. @name, @uuid (NULL where the class has none). New
     * reference, or NULL with VIR_ERR_NO_DOMAIN and its like naming name and UUID. Main thread,
     * must not wait.
     */
    VirObject *(*lookup)(void *state, VirClass klass, const char *name, const guint8 *uuid,
                         GError **error);
} VirDriver;

/**
 * Streams, driver's side. All functions may be called from any thread. Bytes from the client come
 * to
 * @received on the main thread; a full driver pauses the client with vir_stream_pause().
 */
typedef struct VirStreamOps {
    /** @len 0 with @data NULL: the client finished (answer with vir_stream_finish()). */
    void (*received)(VirStream *stream, const guint8 *data, gsize len, void *data_);
    /** A hole of @length bytes (sparse streams). */
    void (*hole)(VirStream *stream, gint64 length, void *data_);
    /** The queue towards the client fell below its low mark: vir_stream_send() accepts again. */
    void (*writable)(VirStream *stream, void *data_);
    /** The client aborted or left, or the stream ended; the last call. */
    void (*closed)(VirStream *stream, void *data_);
} VirStreamOps;

void vir_stream_set_ops(VirStream *stream, const VirStreamOps *ops, void *data);
VirStream *vir_stream_ref(VirStream *stream);
void vir_stream_unref(VirStream *stream);
/** Queues bytes for the client; FALSE where the queue is full (wait for @writable). */
gboolean vir_stream_send(VirStream *stream, const guint8 *data, gsize len);
gboolean vir_stream_send_hole(VirStream *stream, gint64 length);
/** End of data towards the client. */
void vir_stream_send_eof(VirStream *stream);
/** Confirms the client's finish. */
void vir_stream_finish(VirStream *stream);
void vir_stream_abort(VirStream *stream, GError *error);
void vir_stream_pause(VirStream *stream, gboolean paused);

/** How a client of a socket proves who it is; the values of the protocol's remote_auth_type. */
typedef enum {
    VIR_AUTH_NONE = 0,
    VIR_AUTH_SASL = 1,
    VIR_AUTH_POLKIT = 2,
} VirAuth;

typedef struct VirServerLimits {
    unsigned max_clients;           /* connections; more wait to be accepted */
    unsigned max_anonymous_clients; /* of them not yet authenticated */
    unsigned max_client_requests;   /* unanswered calls of one client; then it is not read */
} VirServerLimits;

/**
 * May @identity do what @proc with @args does to @object (NULL: to the connection)? FALSE with
 * VIR_ERR_ACCESS_DENIED. Main thread.
 */
typedef gboolean (*VirAccessFunc)(const VirProc *proc, const void *args, VirIdentity *identity,
                                  VirObject *object, GError **error);

typedef struct VirRelay VirRelay; /* vir-relay.h */

/** What a server is made from; all pointers are borrowed and must outlive it. Zeros: defaults. */
typedef struct VirServerConfig {
    const char *name;                  /* "virtqemud", "admin": for messages and the admin API */
    const VirProgram *const *programs; /* served; NULL terminated; NULL: remote, qemu, lxc */
    const VirDriver *driver;           /* NULL: everything is relayed */
    VirRelay *relay;                   /* for classes that the driver does not own; may be NULL */
    VirServerLimits limits;            /* defaults 5000, 20, 5 */
    int keepalive_interval;            /* s; 0: the default 5, negative: no keepalive */
    unsigned keepalive_count;          /* default 5 */
    VirAccessFunc access;              /* NULL: everybody may */
    int polkit_wait_ms;                /* of a client at its password; 0: 120,000 */
    /** Told with TRUE when the first client is there, with FALSE when the last has left. */
    void (*busy)(VirServer *server, gboolean busy, void *data);
    void *data;
} VirServerConfig;

/** All functions of a server: main thread only. */
VirServer *vir_server_new(const VirServerConfig *config);
/**
 * Accepts clients on the listening socket @fd (owned by the server from here on, unix or TCP).
 * Several calls add sockets.
 */
void vir_server_add_socket(VirServer *server, int fd, gboolean readonly, VirAuth auth);
/** Stops accepting; the listening sockets are closed, sessions stay. */
void vir_server_stop_listening(VirServer *server);
/** Closes every session as well. Jobs may still run; their answers are dropped. */
void vir_server_free(VirServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirServer, vir_server_free)

const char *vir_server_name(const VirServer *server);
void vir_server_get_limits(const VirServer *server, VirServerLimits *limits);
void vir_server_set_limits(VirServer *server, const VirServerLimits *limits);
void vir_server_set_keepalive(VirServer *server, int interval, unsigned count);

/** A client as the admin API shows it. */
typedef struct VirSessionInfo {
    guint64 id;       /* counts from 1 in each server */
    gint64 connected; /* seconds since the epoch */
    int transport;    /* virClientTransport: 0 unix, 1 TCP, 2 TLS */
    gboolean readonly;
    gboolean authenticated;
    VirIdentity *identity; /* borrowed until the next turn of the main loop */
    char address[64];      /* of an IP client, else "" */
} VirSessionInfo;

/** Connections now, and those of them not authenticated. */
unsigned vir_server_count(const VirServer *server, unsigned *anonymous);
/** Of VirSessionInfo, by id. Free with g_array_unref(). */
GArray *vir_server_list_sessions(const VirServer *server);
/** FALSE where no client has this @id. */
gboolean vir_server_get_session(const VirServer *server, guint64 id, VirSessionInfo *info);
gboolean vir_server_close_session(VirServer *server, guint64 id);

/**
 * Couples a stream with @fd (pty, pipe, socket, file; owned from here on) in both directions: what
 * can be read from it goes to the client, what the client sends is written to it. End of file,
 * hangup or an error of @fd ends the stream; the end of the stream closes @fd. Any thread, once.
 */
void vir_stream_pump_fd(VirStream *stream, int fd);

/**
 * The event id, of class domain, under which a QEMU driver emits what the monitor says; the payload
 * is a qemu_domain_monitor_event_msg. Payloads in general: where the protocol has a message without
 * callbackID (remote_domain_event_lifecycle_msg) that one, else the one there is, with callbackID
 * 0.
 */
#define VIR_EVENT_ID_QEMU_MONITOR 1000

/** What stands for the UUID of an object that has only a name (node devices) in VirEvent.uuid. */
void vir_event_name_uuid(const char *name, guint8 uuid[VIR_UUID_LEN]);
