/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Streams of the public API. */
#include "stream.h"

#include "api.h"
#include "client.h"
#include "vir-error.h"

#define BUFFER_SIZE 262120

virStreamPtr
virStreamNew(virConnectPtr conn, unsigned int flags)
{
    virStreamPtr stream;

    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_CONNECT, __func__))
        return NULL;
    if (flags & ~VIR_STREAM_NONBLOCK) {
        vir_api_bad_arg(conn, "flags", __func__, "unsupported flags (0x%x) in function %s",
                        flags & ~VIR_STREAM_NONBLOCK, __func__);
        return NULL;
    }
    stream = g_new0(virStream, 1);
    stream->head.magic = VIR_HANDLE_STREAM;
    stream->head.refs = 1;
    stream->conn = vir_handle_ref(conn);
    stream->flags = flags;
    pthread_mutex_init(&stream->lock, NULL);
    return stream;
}

void
vir_stream_clear(virStreamPtr stream)
{
    if (stream->client)
        vir_client_stream_free(stream->client);
    if (stream->event_free)
        stream->event_free(stream->event_data);
    pthread_mutex_destroy(&stream->lock);
}

int
virStreamRef(virStreamPtr stream)
{
    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__))
        return -1;
    vir_handle_ref(stream);
    return 0;
}

int
virStreamFree(virStreamPtr stream)
{
    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__))
        return -1;
    vir_handle_unref(stream);
    return 0;
}

static void apply_events(virStreamPtr stream);

gboolean
vir_client_call_stream(virStreamPtr stream, const VirProc *proc, const void *args, void *ret,
                       VirArena *arena, GError **error)
{
    VirClientStream *client = NULL;

    pthread_mutex_lock(&stream->lock);
    if (stream->client) {
        pthread_mutex_unlock(&stream->lock);
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "the stream is in use already");
    }
    pthread_mutex_unlock(&stream->lock);
    if (!vir_client_roundtrip(stream->conn->client, proc, args, NULL, 0, ret, NULL, NULL, &client,
                              arena, error))
        return FALSE;
    pthread_mutex_lock(&stream->lock);
    stream->client = client;
    pthread_mutex_unlock(&stream->lock);
    apply_events(stream);
    return TRUE;
}

/* The stream's client, or NULL with the error raised. */
static VirClientStream *
client_of(virStreamPtr stream, const char *func)
{
    GError *error = NULL;

    if (!vir_api_check(stream, VIR_HANDLE_STREAM, func))
        return NULL;
    if (stream->client)
        return stream->client;
    vir_error_set(&error, VIR_ERR_NO_SUPPORT, "%s", func);
    vir_error_detail(error)->domain = VIR_FROM_STREAMS;
    vir_api_fail(stream->conn, &error);
    return NULL;
}

/* The value to return, where the call itself may have failed. */
static int
result(virStreamPtr stream, int ret, GError **error)
{
    if (*error)
        vir_api_fail(stream->conn, error);
    return ret;
}

int
virStreamSend(virStreamPtr stream, const char *data, size_t nbytes)
{
    GError *error = NULL;
    VirClientStream *client;

    vir_api_begin();
    client = client_of(stream, __func__);
    if (!client || !vir_api_check_nonnull(stream->conn, data, "data", __func__))
        return -1;
    return result(
        stream,
        vir_client_stream_send(client, data, nbytes, stream->flags & VIR_STREAM_NONBLOCK, &error),
        &error);
}

static int
stream_recv(virStreamPtr stream, char *data, size_t nbytes, unsigned int flags, const char *func)
{
    GError *error = NULL;
    VirClientStream *client;

    vir_api_begin();
    client = client_of(stream, func);
    if (!client || !vir_api_check_nonnull(stream->conn, data, "data", func))
        return -1;
    return result(stream,
                  vir_client_stream_recv(client, data, nbytes, flags & VIR_STREAM_RECV_STOP_AT_HOLE,
                                         stream->flags & VIR_STREAM_NONBLOCK, &error),
                  &error);
}

int
virStreamRecv(virStreamPtr stream, char *data, size_t nbytes)
{
    return stream_recv(stream, data, nbytes, 0, __func__);
}

int
virStreamRecvFlags(virStreamPtr stream, char *data, size_t nbytes, unsigned int flags)
{
    return stream_recv(stream, data, nbytes, flags, __func__);
}

int
virStreamSendHole(virStreamPtr stream, long long length, unsigned int flags)
{
    GError *error = NULL;
    VirClientStream *client;

    vir_api_begin();
    client = client_of(stream, __func__);
    if (!client || !vir_api_check_nonnegative(stream->conn, length, "length", __func__))
        return -1;
    vir_client_stream_send_hole(client, length, &error);
    return result(stream, error ? -1 : 0, &error);
}

int
virStreamRecvHole(virStreamPtr stream, long long *length, unsigned int flags)
{
    GError *error = NULL;
    VirClientStream *client;
    gint64 hole = 0;

    vir_api_begin();
    client = client_of(stream, __func__);
    if (!client || !vir_api_check_nonnull(stream->conn, length, "length", __func__))
        return -1;
    vir_client_stream_recv_hole(client, &hole, &error);
    *length = hole;
    return result(stream, error ? -1 : 0, &error);
}

int
virStreamFinish(virStreamPtr stream)
{
    GError *error = NULL;
    VirClientStream *client;

    vir_api_begin();
    client = client_of(stream, __func__);
    if (!client)
        return -1;
    vir_client_stream_finish(client, &error);
    return result(stream, error ? -1 : 0, &error);
}

int
virStreamAbort(virStreamPtr stream)
{
    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__))
        return -1;
    if (stream->client)
        vir_client_stream_abort(stream->client);
    return 0;
}

/* The loops below may not be used with a stream that does not wait. */
static gboolean
check_blocking(virStreamPtr stream)
{
    GError *error = NULL;

    if (!(stream->flags & VIR_STREAM_NONBLOCK))
        return TRUE;
    vir_error_set(&error, VIR_ERR_OPERATION_INVALID,
                  "data sources cannot be used for non-blocking streams");
    vir_error_detail(error)->domain = VIR_FROM_STREAMS;
    vir_api_fail(stream->conn, &error);
    return FALSE;
}

/* After a handler's failure: the stream ends, with the handler's errno where nothing else is said.
 */
static int
give_up(virStreamPtr stream, const char *what)
{
    GError *error = NULL;

    if (stream->client)
        vir_client_stream_abort(stream->client);
    if (what && !virGetLastError()) {
        vir_error_set(&error, VIR_ERR_OPERATION_FAILED, "%s", what);
        vir_error_detail(error)->domain = VIR_FROM_STREAMS;
        vir_api_fail(stream->conn, &error);
    }
    return -1;
}

static int
send_whole(virStreamPtr stream, const char *data, int len)
{
    for (int done = 0; done < len;) {
        int n = virStreamSend(stream, data + done, len - done);

        if (n < 0)
            return -1;
        done += n;
    }
    return 0;
}

int
virStreamSendAll(virStreamPtr stream, virStreamSourceFunc handler, void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);

    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !check_blocking(stream))
        return -1;
    for (;;) {
        int got = handler(stream, data, BUFFER_SIZE, opaque);

        if (got < 0)
            return give_up(stream, "the source of the stream's data failed");
        if (got == 0)
            return 0;
        if (send_whole(stream, data, got) < 0)
            return give_up(stream, NULL);
    }
}

int
virStreamSparseSendAll(virStreamPtr stream, virStreamSourceFunc handler,
                       virStreamSourceHoleFunc holeHandler, virStreamSourceSkipFunc skipHandler,
                       void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);

    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)holeHandler, "holeHandler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)skipHandler, "skipHandler", __func__) ||
        !check_blocking(stream))
        return -1;
    for (;;) {
        long long section = 0;
        int in_data = 0;
        int got;

        if (holeHandler(stream, &in_data, &section, opaque) < 0)
            return give_up(stream, "the source of the stream's holes failed");
        if (!in_data && section > 0) {
            if (virStreamSendHole(stream, section, 0) < 0)
                return give_up(stream, NULL);
            if (skipHandler(stream, section, opaque) < 0)
                return give_up(stream, "the source of the stream's data cannot skip a hole");
            continue;
        }
        got = handler(stream, data, MIN(section, BUFFER_SIZE), opaque);
        if (got < 0)
            return give_up(stream, "the source of the stream's data failed");
        if (got == 0)
            return 0;
        if (send_whole(stream, data, got) < 0)
            return give_up(stream, NULL);
    }
}

static int
deliver(virStreamPtr stream, const char *data, int len, virStreamSinkFunc handler, void *opaque)
{
    for (int done = 0; done < len;) {
        int n = handler(stream, data + done, len - done, opaque);

        if (n < 0)
            return -1;
        done += n;
    }
    return 0;
}

int
virStreamRecvAll(virStreamPtr stream, virStreamSinkFunc handler, void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);

    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !check_blocking(stream))
        return -1;
    for (;;) {
        int got = virStreamRecv(stream, data, BUFFER_SIZE);

        if (got <= 0)
            return got < 0 ? give_up(stream, NULL) : 0;
        if (deliver(stream, data, got, handler, opaque) < 0)
            return give_up(stream, "the sink of the stream's data failed");
    }
}

int
virStreamSparseRecvAll(virStreamPtr stream, virStreamSinkFunc handler,
                       virStreamSinkHoleFunc holeHandler, void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);

    vir_api_begin();
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)holeHandler, "holeHandler", __func__) ||
        !check_blocking(stream))
        return -1;
    for (;;) {
        int got = virStreamRecvFlags(stream, data, BUFFER_SIZE, VIR_STREAM_RECV_STOP_AT_HOLE);
        long long hole;

        if (got == -3) {
            if (virStreamRecvHole(stream, &hole, 0) < 0)
                return give_up(stream, NULL);
            if (holeHandler(stream, hole, opaque) < 0)
                return give_up(stream, "the sink of the stream's holes failed");
            continue;
        }
        if (got <= 0)
            return got < 0 ? give_up(stream, NULL) : 0;
        if (deliver(stream, data, got, handler, opaque) < 0)
            return give_up(stream, "the sink of the stream's data failed");
    }
}

static void
on_events(void *data, int events)
{
    virStreamPtr stream = data;
    virStreamEventCallback func;
    void *opaque;

    pthread_mutex_lock(&stream->lock);
    func = stream->event_func;
    opaque = stream->event_data;
    pthread_mutex_unlock(&stream->lock);
    if (func)
        func(stream, events, opaque);
}

static void
apply_events(virStreamPtr stream)
{
    pthread_mutex_lock(&stream->lock);
    if (stream->client)
        vir_client_stream_set_events(stream->client, stream->event_mask, on_events, stream);
    pthread_mutex_unlock(&stream->lock);
}

static int
event_error(virStreamPtr stream, const char *what)
{
    GError *error = NULL;

    vir_error_set(&error, VIR_ERR_OPERATION_INVALID, "%s", what);
    vir_error_detail(error)->domain = VIR_FROM_STREAMS;
    vir_api_fail(stream->conn, &error);
    return -1;
}

int
virStreamEventAddCallback(virStreamPtr stream, int events, virStreamEventCallback cb, void *opaque,
                          virFreeCallback ff)
{
    gboolean taken;

    vir_api_begin();
    if (!client_of(stream, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)cb, "cb", __func__))
        return -1;
    if (!vir_client_watched(stream->conn->client))
        return event_error(stream, "stream callbacks need an event loop, registered before the "
                                   "connection was opened");
    pthread_mutex_lock(&stream->lock);
    taken = stream->event_func != NULL;
    if (!taken) {
        stream->event_func = cb;
        stream->event_data = opaque;
        stream->event_free = ff;
        stream->event_mask = events;
    }
    pthread_mutex_unlock(&stream->lock);
    if (taken)
        return event_error(stream, "multiple stream callbacks not supported");
    apply_events(stream);
    return 0;
}

int
virStreamEventUpdateCallback(virStreamPtr stream, int events)
{
    gboolean there;

    vir_api_begin();
    if (!client_of(stream, __func__))
        return -1;
    pthread_mutex_lock(&stream->lock);
    there = stream->event_func != NULL;
    if (there)
        stream->event_mask = events;
    pthread_mutex_unlock(&stream->lock);
    if (!there)
        return event_error(stream, "no stream callback registered");
    apply_events(stream);
    return 0;
}

int
virStreamEventRemoveCallback(virStreamPtr stream)
{
    virFreeCallback ff;
    void *data;

    vir_api_begin();
    if (!client_of(stream, __func__))
        return -1;
    pthread_mutex_lock(&stream->lock);
    stream->event_func = NULL;
    stream->event_mask = 0;
    ff = g_steal_pointer(&stream->event_free);
    data = g_steal_pointer(&stream->event_data);
    pthread_mutex_unlock(&stream->lock);
    apply_events(stream);
    if (ff)
        ff(data);
    return 0;
}
