/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-event.h"
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

/** Who is at the other end, from SO_PEERCRED and what a trusted proxy forwarded. Immutable. */
typedef struct VirIdentity {
    gatomicrefcount refs;
    uid_t uid;
    gid_t gid;
    pid_t pid;
    gboolean local; /* uid, gid, pid are of a local process */
    char *user_name;
    char *group_name;
    guint64 process_time;
    char *sasl_user;
    char *x509_dname;
    char *selinux_context;
} VirIdentity;

VirIdentity *vir_identity_ref(VirIdentity *identity);
void vir_identity_unref(VirIdentity *identity);

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
