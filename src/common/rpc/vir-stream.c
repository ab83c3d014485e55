/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "vir-error.h"
#include "vir-server-private.h"

/* The most data of one message, as every client accepts it. */
#define CHUNK VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX
/* What may wait on top of what the wire holds: a full queue refuses, an emptier one calls. */
#define QUEUE_FULL (1024 * 1024)
#define QUEUE_LOW (256 * 1024)

struct VirStream {
    VirRef refs;
    virNetMessageHeader header;
    const VirProc *proc;
    gboolean sparse;

    /* Main thread. */
    VirStream *next;
    VirSession *session; /* NULL before the stream is open and after it ended */
    gboolean closed;
    gboolean finished; /* by the client */
    gboolean paused_session;

    pthread_mutex_t lock; /* guards the rest */
    const VirStreamOps *ops;
    void *data;
    VirPacket *head;
    VirPacket **tail;
    gsize queued;
    gboolean full;
    gboolean eof;    /* the driver sends no more */
    gboolean ending; /* the last message, OK or ERROR, is queued */
    gboolean scheduled;
    gboolean paused;
};

VirStream *
vir_stream_new(const VirProc *proc, const virNetMessageHeader *header, gboolean sparse)
{
    VirStream *stream = g_new0(VirStream, 1);

    vir_ref_init(&stream->refs);
    pthread_mutex_init(&stream->lock, NULL);
    stream->proc = proc;
    stream->header = *header;
    stream->header.type = VIR_NET_STREAM;
    stream->header.status = VIR_NET_CONTINUE;
    stream->sparse = sparse;
    stream->tail = &stream->head;
    return stream;
}

VirStream *
vir_stream_ref(VirStream *stream)
{
    vir_ref_inc(&stream->refs);
    return stream;
}

static void
drop_queue(VirStream *stream)
{
    while (stream->head) {
        VirPacket *packet = stream->head;

        stream->head = packet->next;
        vir_packet_unref(packet);
    }
    stream->tail = &stream->head;
    stream->queued = 0;
}

void
vir_stream_unref(VirStream *stream)
{
    if (!stream || !vir_ref_dec(&stream->refs))
        return;
    drop_queue(stream);
    pthread_mutex_destroy(&stream->lock);
    g_free(stream);
}

void
vir_stream_set_ops(VirStream *stream, const VirStreamOps *ops, void *data)
{
    pthread_mutex_lock(&stream->lock);
    stream->ops = ops;
    stream->data = data;
    pthread_mutex_unlock(&stream->lock);
}

static const VirStreamOps *
get_ops(VirStream *stream, void **data)
{
    const VirStreamOps *ops;

    pthread_mutex_lock(&stream->lock);
    ops = stream->ops;
    *data = stream->data;
    pthread_mutex_unlock(&stream->lock);
    return ops;
}

/* Takes the stream from its session and tells the driver, once. */
static void
stream_close(VirStream *stream)
{
    VirSession *session = stream->session;
    const VirStreamOps *ops;
    void *data;

    if (stream->closed)
        return;
    stream->closed = TRUE;
    stream->session = NULL;
    if (session) {
        for (VirStream **at = &session->streams; *at; at = &(*at)->next) {
            if (*at == stream) {
                *at = stream->next;
                break;
            }
        }
        if (stream->paused_session && --session->n_paused_streams == 0 && session->wire)
            vir_wire_set_paused(session->wire, VIR_PAUSE_STREAM, FALSE);
    }
    pthread_mutex_lock(&stream->lock);
    drop_queue(stream);
    stream->eof = stream->ending = TRUE;
    pthread_mutex_unlock(&stream->lock);
    vir_packet_trim();
    ops = get_ops(stream, &data);
    if (ops && ops->closed)
        ops->closed(stream, data);
    if (session)
        vir_stream_unref(stream);
}

/* Hands to the wire what it takes without being congested. */
static void
stream_flush(VirStream *stream)
{
    VirSession *session = stream->session;
    const VirStreamOps *ops = NULL;
    void *data = NULL;
    gboolean last = FALSE;

    if (!session || !session->wire)
        return;
    pthread_mutex_lock(&stream->lock);
    while (stream->head && !vir_wire_congested(session->wire)) {
        VirPacket *packet = stream->head;

        stream->head = packet->next;
        if (!stream->head)
            stream->tail = &stream->head;
        stream->queued -= packet->len;
        vir_wire_send(session->wire, packet);
    }
    last = stream->ending && !stream->head;
    if (stream->full && stream->queued <= QUEUE_LOW && !stream->eof) {
        stream->full = FALSE;
        ops = stream->ops;
        data = stream->data;
    }
    pthread_mutex_unlock(&stream->lock);
    if (last)
        stream_close(stream);
    else if (ops && ops->writable)
        ops->writable(stream, data);
}

static gboolean
flush_on_main(void *data)
{
    VirStream *stream = data;

    pthread_mutex_lock(&stream->lock);
    stream->scheduled = FALSE;
    pthread_mutex_unlock(&stream->lock);
    stream_flush(stream);
    return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule_flush(VirStream *stream)
{
    if (stream->scheduled)
        return;
    stream->scheduled = TRUE;
    vir_main_post(flush_on_main, vir_stream_ref(stream), (GDestroyNotify)vir_stream_unref);
}

/* With the lock held. */
static void
enqueue(VirStream *stream, VirPacket *packet)
{
    packet->next = NULL;
    *stream->tail = packet;
    stream->tail = &packet->next;
    stream->queued += packet->len;
    schedule_flush(stream);
}

/* Completes a packet whose payload of @len bytes is in place. */
static void
set_header(VirStream *stream, VirPacket *packet, guint32 len, virNetMessageStatus status)
{
    const virNetMessageHeader *header = &stream->header;

    packet->len = VIR_FRAME_HEADER + len;
    vir_packet_set_word(packet, 0, packet->len);
    vir_packet_set_word(packet, 1, header->prog);
    vir_packet_set_word(packet, 2, header->vers);
    vir_packet_set_word(packet, 3, header->proc);
    vir_packet_set_word(packet, 4, VIR_NET_STREAM);
    vir_packet_set_word(packet, 5, header->serial);
    vir_packet_set_word(packet, 6, status);
}

VirPacket *
vir_stream_packet(guint32 len)
{
    return vir_packet_new(VIR_FRAME_HEADER + len);
}

void
vir_stream_send_packet(VirStream *stream, VirPacket *packet, guint32 len)
{
    set_header(stream, packet, len, VIR_NET_CONTINUE);
    pthread_mutex_lock(&stream->lock);
    if (stream->eof)
        vir_packet_unref(packet);
    else
        enqueue(stream, packet);
    pthread_mutex_unlock(&stream->lock);
}

/* With the lock held. */
static void
enqueue_data(VirStream *stream, const guint8 *data, gsize len, virNetMessageStatus status)
{
    VirPacket *packet = vir_stream_packet(len);

    if (len > 0)
        memcpy(packet->data + VIR_FRAME_HEADER, data, len);
    set_header(stream, packet, len, status);
    enqueue(stream, packet);
}

/* With the lock held. Takes @frame. */
static void
enqueue_frame(VirStream *stream, GByteArray *frame)
{
    guint32 len = frame->len;

    enqueue(stream, vir_packet_new_take(g_byte_array_free(frame, FALSE), len));
}

gboolean
vir_stream_has_room(VirStream *stream)
{
    gboolean room;

    pthread_mutex_lock(&stream->lock);
    room = stream->queued < QUEUE_FULL && !stream->eof;
    if (stream->queued >= QUEUE_FULL)
        stream->full = TRUE;
    pthread_mutex_unlock(&stream->lock);
    return room;
}

gboolean
vir_stream_send(VirStream *stream, const guint8 *data, gsize len)
{
    if (!vir_stream_has_room(stream))
        return FALSE;
    pthread_mutex_lock(&stream->lock);
    while (len > 0 && !stream->eof) {
        gsize part = MIN(len, CHUNK);

        enqueue_data(stream, data, part, VIR_NET_CONTINUE);
        data += part;
        len -= part;
    }
    pthread_mutex_unlock(&stream->lock);
    return TRUE;
}

gboolean
vir_stream_send_hole(VirStream *stream, gint64 length)
{
    virNetMessageHeader header = stream->header;
    virNetStreamHole hole = {.length = length};
    g_autoptr(GByteArray) frame = NULL;

    if (!stream->sparse) {
        g_autoptr(GError) error = NULL;

        vir_error_set(&error, VIR_ERR_OPERATION_UNSUPPORTED,
                      "this client did not ask for holes in the stream");
        vir_stream_abort(stream, g_steal_pointer(&error));
        return TRUE;
    }
    if (!vir_stream_has_room(stream))
        return FALSE;
    header.type = VIR_NET_STREAM_HOLE;
    frame = g_byte_array_new();
    if (!vir_frame_encode(frame, &header, 0, &vir_xdr_virNetStreamHole, &hole, NULL))
        return FALSE;
    pthread_mutex_lock(&stream->lock);
    if (!stream->eof)
        enqueue_frame(stream, g_steal_pointer(&frame));
    pthread_mutex_unlock(&stream->lock);
    return TRUE;
}

void
vir_stream_send_eof(VirStream *stream)
{
    pthread_mutex_lock(&stream->lock);
    if (!stream->eof)
        enqueue_data(stream, NULL, 0, VIR_NET_CONTINUE);
    stream->eof = TRUE;
    pthread_mutex_unlock(&stream->lock);
}

void
vir_stream_finish(VirStream *stream)
{
    pthread_mutex_lock(&stream->lock);
    if (!stream->ending)
        enqueue_data(stream, NULL, 0, VIR_NET_OK);
    stream->eof = stream->ending = TRUE;
    pthread_mutex_unlock(&stream->lock);
}

/* With the lock held. */
static void
enqueue_error(VirStream *stream, const GError *error)
{
    GByteArray *frame = g_byte_array_new();

    drop_queue(stream);
    vir_frame_encode_error(frame, &stream->header, error, VIR_FROM_STREAMS);
    enqueue_frame(stream, frame);
}

void
vir_stream_abort(VirStream *stream, GError *error)
{
    pthread_mutex_lock(&stream->lock);
    if (!stream->ending)
        enqueue_error(stream, error);
    stream->eof = stream->ending = TRUE;
    pthread_mutex_unlock(&stream->lock);
    g_error_free(error);
}

static gboolean
pause_on_main(void *data)
{
    VirStream *stream = data;
    VirSession *session = stream->session;
    gboolean paused;

    pthread_mutex_lock(&stream->lock);
    paused = stream->paused;
    pthread_mutex_unlock(&stream->lock);
    if (!session || !session->wire || paused == stream->paused_session)
        return G_SOURCE_REMOVE;
    stream->paused_session = paused;
    session->n_paused_streams += paused ? 1 : -1;
    vir_wire_set_paused(session->wire, VIR_PAUSE_STREAM, session->n_paused_streams > 0);
    return G_SOURCE_REMOVE;
}

void
vir_stream_pause(VirStream *stream, gboolean paused)
{
    gboolean now;

    pthread_mutex_lock(&stream->lock);
    stream->paused = paused;
    pthread_mutex_unlock(&stream->lock);
    /* At once where that is possible, so that no more comes meanwhile. */
    now = g_main_context_is_owner(g_main_context_default()) && paused;
    if (now)
        pause_on_main(stream);
    else
        vir_main_post(pause_on_main, vir_stream_ref(stream), (GDestroyNotify)vir_stream_unref);
}

void
vir_stream_open(VirStream *stream, VirSession *session)
{
    stream->session = session;
    stream->next = session->streams;
    session->streams = vir_stream_ref(stream);
    pause_on_main(stream);
    stream_flush(stream);
}

void
vir_stream_discard(VirStream *stream)
{
    stream_close(stream);
}

static void
incoming_hole(VirStream *stream, const guint8 *payload, gsize len)
{
    virNetStreamHole hole;
    g_auto(VirArena) arena = {0};
    g_autoptr(GError) error = NULL;
    const VirStreamOps *ops;
    void *data;

    if (!vir_xdr_decode(&vir_xdr_virNetStreamHole, payload, len, &hole, &arena, &error) ||
        hole.length < 0 || !stream->sparse) {
        if (!error)
            vir_error_set(&error, VIR_ERR_RPC,
                          stream->sparse ? "hole of negative length" : "unexpected hole");
        vir_stream_abort(stream, g_steal_pointer(&error));
        return;
    }
    ops = get_ops(stream, &data);
    if (ops && ops->hole)
        ops->hole(stream, hole.length, data);
}

gboolean
vir_stream_incoming(VirSession *session, const virNetMessageHeader *header, const guint8 *payload,
                    gsize len)
{
    VirStream *stream = session->streams;
    const VirStreamOps *ops;
    void *data;

    while (stream && (stream->header.serial != header->serial ||
                      stream->header.proc != header->proc || stream->header.prog != header->prog))
        stream = stream->next;
    if (!stream)
        return FALSE;
    if (stream->finished)
        return TRUE;
    vir_stream_ref(stream);
    ops = get_ops(stream, &data);
    if (header->status == VIR_NET_ERROR) {
        /* Clients wait for an answer, and take an error for their own failure. */
        stream->finished = TRUE;
        pthread_mutex_lock(&stream->lock);
        drop_queue(stream);
        pthread_mutex_unlock(&stream->lock);
        vir_stream_finish(stream);
    } else if (header->status == VIR_NET_OK) {
        stream->finished = TRUE;
        if (ops && ops->received)
            ops->received(stream, NULL, 0, data);
        else
            vir_stream_finish(stream);
    } else if (header->type == VIR_NET_STREAM_HOLE) {
        incoming_hole(stream, payload, len);
    } else if (len > 0 && ops && ops->received) {
        ops->received(stream, payload, len, data);
    }
    vir_stream_unref(stream);
    return TRUE;
}

void
vir_stream_flush_all(VirSession *session)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)vir_stream_unref);

    /* A driver that is told may end any of them. */
    for (VirStream *stream = session->streams; stream; stream = stream->next)
        g_ptr_array_add(all, vir_stream_ref(stream));
    for (guint i = 0; i < all->len; i++)
        stream_flush(g_ptr_array_index(all, i));
}

void
vir_stream_close_all(VirSession *session)
{
    while (session->streams)
        stream_close(session->streams);
}
