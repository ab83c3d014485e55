/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams of a client. */
#include <string.h>

#include "client-priv.h"
#include "vir-error.h"
#include "vir-frame.h"

/* The most data bytes in a frame, as every version of a peer accepts it. */
#define CHUNK_MAX 262120u

static void
chunk_push(VirClientStream *stream, gint64 hole, const guint8 *data, gsize len)
{
    VirStreamChunk *chunk = g_malloc(sizeof(*chunk) + len);

    chunk->hole = hole;
    chunk->len = len;
    chunk->done = 0;
    if (len)
        memcpy(chunk->data, data, len);
    stream->client->streams_len += len;
    g_queue_push_tail(&stream->in, chunk);
}

static void
chunk_drop(VirClientStream *stream)
{
    VirStreamChunk *chunk = g_queue_pop_head(&stream->in);
    gboolean was_full = stream->client->streams_len >= STREAM_HIGH_MARK;

    stream->client->streams_len -= chunk->len;
    g_free(chunk);
    if (was_full)
        vir_client_rewatch(stream->client);
}

VirClientStream *
vir_client_stream_find(VirClient *client, guint32 serial)
{
    for (GList *l = client->streams; l; l = l->next) {
        VirClientStream *stream = l->data;

        if (stream->serial == serial)
            return stream;
    }
    return NULL;
}

static void
wake(VirClientStream *stream)
{
    VirClient *client = stream->client;

    for (GList *l = client->waiters.head; l; l = l->next) {
        VirWaiter *waiter = l->data;

        if (waiter->stream == stream) {
            waiter->done = TRUE;
            pthread_cond_signal(&waiter->cond);
        }
    }
    if (stream->events)
        vir_client_notice(client);
}

static gboolean
bad_frame(VirClient *client, const char *what, GError *cause)
{
    GError *error = NULL;

    vir_error_set(&error, VIR_ERR_RPC, "%s: stream frame %s", client->peer,
                  cause ? cause->message : what);
    g_clear_error(&cause);
    vir_client_break(client, VIR_CONNECT_CLOSE_REASON_ERROR, error);
    return FALSE;
}

gboolean
vir_client_stream_frame(VirClient *client, const virNetMessageHeader *header, const guint8 *payload,
                        gsize len)
{
    VirClientStream *stream = vir_client_stream_find(client, header->serial);

    /* Data may still be on its way when this side has aborted. */
    if (!stream || !stream->listed || stream->proc->number != header->proc ||
        stream->proc->program->number != header->prog)
        return TRUE;
    if (header->type == VIR_NET_STREAM_HOLE) {
        g_auto(VirArena) arena = {0};
        virNetStreamHole hole;
        GError *error = NULL;

        if (!vir_xdr_decode(&vir_xdr_virNetStreamHole, payload, len, &hole, &arena, &error))
            return bad_frame(client, NULL, error);
        if (hole.length < 0)
            return bad_frame(client, "with a hole of negative length", NULL);
        if (hole.length > 0)
            chunk_push(stream, hole.length, NULL, 0);
    } else if (header->status == VIR_NET_ERROR) {
        g_clear_error(&stream->error);
        stream->error = vir_frame_decode_error(payload, len);
        stream->listed = FALSE; /* no frame of it is expected any more */
    } else if (header->status == VIR_NET_OK) {
        stream->finished = TRUE;
        stream->eof = TRUE;
        stream->listed = FALSE;
    } else if (header->status != VIR_NET_CONTINUE) {
        return bad_frame(client, "of unknown status", NULL);
    } else if (len == 0) {
        stream->eof = TRUE;
    } else if (!stream->eof) {
        chunk_push(stream, 0, payload, len);
        vir_client_rewatch(client);
    }
    wake(stream);
    return TRUE;
}

/* Waits until something happens to the stream, or to the queue of what is to be sent. */
static gboolean
await(VirClientStream *stream, GError **error)
{
    VirClient *client = stream->client;
    VirWaiter waiter = {.stream = stream, .cond = PTHREAD_COND_INITIALIZER};

    if (client->broken)
        return vir_client_broken(client, error);
    waiter.link.data = &waiter;
    g_queue_push_tail_link(&client->waiters, &waiter.link);
    vir_client_wait(client, &waiter);
    g_queue_unlink(&client->waiters, &waiter.link);
    return TRUE;
}

static gboolean
failed(VirClientStream *stream, GError **error)
{
    if (stream->error) {
        g_propagate_error(error, g_error_copy(stream->error));
        return TRUE;
    }
    if (stream->client->broken) {
        vir_client_broken(stream->client, error);
        return TRUE;
    }
    return FALSE;
}

static GByteArray *
stream_frame(VirClientStream *stream, virNetMessageType type, virNetMessageStatus status)
{
    const virNetMessageHeader header = {
        .prog = stream->proc->program->number,
        .vers = stream->proc->program->version,
        .proc = stream->proc->number,
        .type = type,
        .serial = stream->serial,
        .status = status,
    };

    return vir_client_frame(&header, 0);
}

/* Takes @frame. A program without an event loop may not come back for a long time: what its socket
 * does not take at once is sent before it leaves, for nobody else would. */
static gboolean
send_out(VirClientStream *stream, GByteArray *frame, gboolean nonblock, GError **error)
{
    VirClient *client = stream->client;

    vir_client_send(client, frame, NULL, 0);
    while (!nonblock && client->out.length > 0) {
        if (!await(stream, error) || failed(stream, error))
            return FALSE;
    }
    return TRUE;
}

int
vir_client_stream_send(VirClientStream *stream, const char *data, size_t len, gboolean nonblock,
                       GError **error)
{
    VirClient *client = stream->client;
    VIR_LOCK(&client->lock);
    GByteArray *frame;

    len = MIN(len, CHUNK_MAX);
    while (!failed(stream, error)) {
        if (!stream->listed) {
            vir_error_set(error, VIR_ERR_OPERATION_INVALID, "the stream has ended");
            return -1;
        }
        if (client->out.length > 0 && !client->reading)
            vir_client_flush(client);
        if (client->out.length == 0) {
            frame = stream_frame(stream, VIR_NET_STREAM, VIR_NET_CONTINUE);
            g_byte_array_append(frame, (const guint8 *)data, len);
            return send_out(stream, frame, nonblock, error) ? (int)len : -1;
        }
        if (nonblock)
            return -2;
        if (!await(stream, error))
            return -1;
    }
    return -1;
}

gboolean
vir_client_stream_send_hole(VirClientStream *stream, gint64 length, GError **error)
{
    VirClient *client = stream->client;
    VIR_LOCK(&client->lock);
    virNetStreamHole hole = {.length = length};
    GByteArray *frame;

    if (failed(stream, error))
        return FALSE;
    frame = stream_frame(stream, VIR_NET_STREAM_HOLE, VIR_NET_CONTINUE);
    if (!vir_xdr_encode(&vir_xdr_virNetStreamHole, &hole, frame, error)) {
        g_byte_array_unref(frame);
        return FALSE;
    }
    return send_out(stream, frame, FALSE, error);
}

/* Copies what is queued, up to the end or a hole; -3 where a hole is first and shall stop it. */
static int
take(VirClientStream *stream, char *data, size_t len, gboolean stop_at_hole)
{
    VirStreamChunk *chunk;
    size_t have = 0;

    while (have < len && (chunk = g_queue_peek_head(&stream->in))) {
        size_t n;

        if (chunk->hole > 0) {
            if (stop_at_hole)
                return have ? (int)have : -3;
            n = MIN((gint64)(len - have), chunk->hole);
            memset(data + have, 0, n);
            chunk->hole -= n;
            if (chunk->hole == 0)
                chunk_drop(stream);
        } else {
            n = MIN(len - have, chunk->len - chunk->done);
            memcpy(data + have, chunk->data + chunk->done, n);
            chunk->done += n;
            if (chunk->done == chunk->len)
                chunk_drop(stream);
        }
        have += n;
    }
    return have;
}

int
vir_client_stream_recv(VirClientStream *stream, char *data, size_t len, gboolean stop_at_hole,
                       gboolean nonblock, GError **error)
{
    VirClient *client = stream->client;
    VIR_LOCK(&client->lock);

    len = MIN(len, (size_t)G_MAXINT);
    for (;;) {
        if (stream->in.length > 0)
            return take(stream, data, len, stop_at_hole);
        if (stream->eof)
            return 0;
        if (failed(stream, error))
            return -1;
        if (nonblock)
            return -2;
        if (!await(stream, error))
            return -1;
    }
}

gboolean
vir_client_stream_recv_hole(VirClientStream *stream, gint64 *length, GError **error)
{
    VirClient *client = stream->client;
    VIR_LOCK(&client->lock);
    VirStreamChunk *chunk = g_queue_peek_head(&stream->in);

    if (!chunk || chunk->hole <= 0)
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "no hole is next in the stream");
    *length = chunk->hole;
    chunk_drop(stream);
    return TRUE;
}

gboolean
vir_client_stream_in_data(VirClientStream *stream, gint64 *length)
{
    VIR_LOCK(&stream->client->lock);
    VirStreamChunk *chunk = g_queue_peek_head(&stream->in);

    *length = 0;
    if (!chunk)
        return FALSE;
    *length = chunk->hole > 0 ? chunk->hole : (gint64)(chunk->len - chunk->done);
    return chunk->hole <= 0;
}

gboolean
vir_client_stream_finish(VirClientStream *stream, GError **error)
{
    VirClient *client = stream->client;
    VIR_LOCK(&client->lock);

    if (failed(stream, error))
        return FALSE;
    if (stream->listed) {
        vir_client_send(client, stream_frame(stream, VIR_NET_STREAM, VIR_NET_OK), NULL, 0);
        while (stream->listed) {
            if (!await(stream, error) || failed(stream, error))
                return FALSE;
        }
    }
    return TRUE;
}

/* The peer's answer is not waited for: frames of a stream that nobody has are ignored. */
static void
abort_locked(VirClientStream *stream)
{
    if (stream->listed && !stream->client->broken)
        vir_client_send(stream->client, stream_frame(stream, VIR_NET_STREAM, VIR_NET_ERROR), NULL,
                        0);
    stream->listed = FALSE;
    if (!stream->error && !stream->finished)
        vir_error_set(&stream->error, VIR_ERR_OPERATION_ABORTED, "the stream was aborted");
    wake(stream);
}

void
vir_client_stream_abort(VirClientStream *stream)
{
    VIR_LOCK(&stream->client->lock);

    abort_locked(stream);
}

int
vir_client_stream_pending(VirClientStream *stream)
{
    int events = 0;

    if (stream->error || stream->client->broken)
        events = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_WRITABLE | VIR_STREAM_EVENT_ERROR |
                 VIR_STREAM_EVENT_HANGUP;
    if (stream->in.length > 0 || stream->eof)
        events |= VIR_STREAM_EVENT_READABLE;
    if (stream->listed && stream->client->out.length == 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    return stream->func ? events & stream->events : 0;
}

void
vir_client_stream_set_events(VirClientStream *stream, int events,
                             void (*func)(void *data, int events), void *data)
{
    VIR_LOCK(&stream->client->lock);

    stream->events = events;
    stream->func = events ? func : NULL;
    stream->data = data;
    if (vir_client_stream_pending(stream))
        vir_client_notice(stream->client);
}

void
vir_client_stream_free(VirClientStream *stream)
{
    VirClient *client = stream->client;

    pthread_mutex_lock(&client->lock);
    abort_locked(stream);
    client->streams = g_list_remove(client->streams, stream);
    while (stream->in.length > 0)
        chunk_drop(stream);
    pthread_mutex_unlock(&client->lock);
    g_clear_error(&stream->error);
    g_free(stream);
    vir_client_unref(client);
}
