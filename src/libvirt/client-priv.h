/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client.h"
#include "vir-frame.h"

/* What client.c, client-io.c, client-loop.c and client-stream.c share. */

/* While this much waits in streams that nobody reads, the event loop does not read either. */
#define STREAM_HIGH_MARK (64 * 1024 * 1024)
/* Events that wait for the event loop; more than this and the connection ends. */
#define EVENTS_MAX (64 * 1024 * 1024)

/* A thread that waits: for the reply to its call, for its stream, or for its bytes to be sent. */
typedef struct {
    GList link;
    pthread_cond_t cond;
    gboolean done;
    const VirProc *proc;     /* of a call, else NULL */
    VirClientStream *stream; /* wakes at anything that happens to it */
    guint32 serial;
    gboolean in_place; /* the payload lies in the input buffer, and the thread is the reader */
    virNetMessageHeader header;
    guint8 *payload;
    gsize len;
    int fds[VIR_NET_MESSAGE_NUM_FDS_MAX];
    unsigned n_fds;
} VirWaiter;

/* A frame, or the rest of one, that the socket did not take at once. */
typedef struct {
    GByteArray *data;
    gsize done;
    int fds[VIR_NET_MESSAGE_NUM_FDS_MAX];
    unsigned n_fds;
    unsigned fds_done;
} VirOutFrame;

typedef struct {
    const VirProc *proc;
    gsize len;
    guint8 payload[];
} VirQueuedEvent;

struct VirClient {
    gint refs;
    int fd;
    char *peer;
    const VirClientFuncs *funcs;

    /* The reader's alone. */
    guint8 *in;
    gsize in_size;
    gsize in_head;
    gsize in_tail;
    gsize in_hold; /* bytes of the frame at the head that a waiter uses in place */

    pthread_mutex_t lock; /* guards what follows */
    void *owner;
    gint serial;    /* of the next call; atomic */
    GError *broken; /* why it ended; NULL: open */
    int broken_reason;
    gboolean told; /* the owner knows of the end */
    GQueue waiters;
    gboolean reading;     /* somebody is the reader */
    gboolean polling_out; /* … and waits for the socket to take bytes as well */
    int in_fds[VIR_NET_MESSAGE_NUM_FDS_MAX];
    unsigned n_in_fds;
    GQueue out; /* of VirOutFrame */
    int wake;   /* eventfd in the reader's poll set */

    int epoll;       /* what the event loop watches: the socket, `notice`, `timer`; -1: none */
    int notice;      /* eventfd: there is something to tell */
    int timer;       /* timerfd of the keepalive */
    int watch;       /* of virEventAddHandle(); -1: none */
    guint32 watched; /* EPOLL* bits of the socket in `epoll` */
    GQueue events;   /* of VirQueuedEvent */
    gsize events_len;

    GList *streams;
    gsize streams_len; /* bytes received that nobody read yet */

    int ka_interval;
    unsigned ka_count;
    unsigned ka_sent; /* pings since the last packet */
    gint64 ka_last;   /* time of the last packet or ping */
};

typedef struct {
    gint64 hole; /* >0: length of a hole; else data */
    gsize len;
    gsize done;
    guint8 data[];
} VirStreamChunk;

struct VirClientStream {
    VirClient *client;
    const VirProc *proc;
    guint32 serial;
    gboolean listed; /* frames of it may still come */
    GQueue in;       /* of VirStreamChunk */
    gboolean eof;
    gboolean finished;
    GError *error;
    int events; /* asked for */
    void (*func)(void *data, int events);
    void *data;
};

/* All of these are called with the lock held. */

/** Ends the connection with @error (taken). The first one counts. */
void vir_client_break(VirClient *client, int reason, GError *error);
/** Copies why it ended. Always FALSE. */
gboolean vir_client_broken(VirClient *client, GError **error);
/** Begins a frame, which vir_client_send() ends. */
GByteArray *vir_client_frame(const virNetMessageHeader *header, guint n_fds);
/** A ping or a pong. */
void vir_client_send_keepalive(VirClient *client, int proc);
/** Sends @frame (taken) or queues what the socket does not take. */
void vir_client_send(VirClient *client, GByteArray *frame, const int *fds, unsigned n_fds);
void vir_client_flush(VirClient *client);
/** Waits until @waiter is done or the connection broke; @waiter is in client->waiters. */
void vir_client_wait(VirClient *client, VirWaiter *waiter);
/** Ends the use of a payload in place, and passes the reader's role on. */
void vir_client_release(VirClient *client);
/** One frame of the input buffer; FALSE where there is no whole one. */
gboolean vir_client_parse(VirClient *client, VirWaiter *self);
/** Reads what is there without waiting, lock released meanwhile. FALSE: nothing more for now. */
gboolean vir_client_receive(VirClient *client);
/** A frame for a stream. */
gboolean vir_client_stream_frame(VirClient *client, const virNetMessageHeader *header,
                                 const guint8 *payload, gsize len);
VirClientStream *vir_client_stream_find(VirClient *client, guint32 serial);
/** The events that are so for @stream and asked for. */
int vir_client_stream_pending(VirClientStream *stream);
/** The event loop's interest in the socket follows from the rest. */
void vir_client_rewatch(VirClient *client);
/** Lets the event loop look at events, streams and the end. */
void vir_client_notice(VirClient *client);
/** Sends a ping or gives up where it is time; milliseconds to the next look, -1: none. */
int vir_client_keepalive(VirClient *client);
/** Any packet came. */
void vir_client_keepalive_reset(VirClient *client);
