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

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return NULL;
    if (flags & ~VIR_STREAM_NONBLOCK) {
        vir_api_bad_arg(conn, "flags", __func__, "unsupported flags (0x%x) in function %s",
                        flags & ~VIR_STREAM_NONBLOCK, __func__);
        return NULL;
    }
    stream = vir_handle_new(sizeof(virStream), VIR_HANDLE_STREAM);
    stream->conn = vir_handle_ref(conn);
    stream->flags = flags;
    pthread_mutex_init(&stream->lock, NULL);
    return stream;
}

void
vir_stream_clear(void *handle)
{
    virStreamPtr stream = handle;

    if (stream->client)
        vir_client_stream_free(stream->client);
    if (stream->event_free)
        stream->event_free(stream->event_data);
    pthread_mutex_destroy(&stream->lock);
}

int
virStreamRef(virStreamPtr stream)
{
    return vir_api_ref(stream, VIR_HANDLE_STREAM, __func__);
}

int
virStreamFree(virStreamPtr stream)
{
    return vir_api_free(stream, VIR_HANDLE_STREAM, __func__);
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

static int
fail(virStreamPtr stream, int code, const char *what)
{
    GError *error = NULL;

    vir_error_set_in(&error, VIR_FROM_STREAMS, code, "%s", what);
    vir_api_fail(stream->conn, &error);
    return -1;
}

/* The stream's client, or NULL with the error raised. */
static VirClientStream *
client_of(virStreamPtr stream, const char *func)
{
    if (!vir_api_check(stream, VIR_HANDLE_STREAM, func))
        return NULL;
    if (!stream->client)
        fail(stream, VIR_ERR_NO_SUPPORT, func);
    return stream->client;
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
    if (!vir_api_enter(stream, VIR_HANDLE_STREAM, __func__))
        return -1;
    if (stream->client)
        vir_client_stream_abort(stream->client);
    return 0;
}

/* After a handler's failure: the stream ends, with the handler's errno where nothing else is said.
 */
static int
give_up(virStreamPtr stream, const char *what)
{
    if (stream->client)
        vir_client_stream_abort(stream->client);
    return what && !virGetLastError() ? fail(stream, VIR_ERR_OPERATION_FAILED, what) : -1;
}

/* The loops below may not be used with a stream that does not wait. */
static gboolean
check_blocking(virStreamPtr stream)
{
    return !(stream->flags & VIR_STREAM_NONBLOCK) ||
           fail(stream, VIR_ERR_OPERATION_INVALID,
                "data sources cannot be used for non-blocking streams") == 0;
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

static int
send_some(virStreamPtr stream, const char *data, size_t len, void *opaque)
{
    return virStreamSend(stream, data, len);
}

/* Without @holes there are none. */
static int
send_all(virStreamPtr stream, virStreamSourceFunc handler, virStreamSourceHoleFunc holes,
         virStreamSourceSkipFunc skip, void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);

    if (!check_blocking(stream))
        return -1;
    for (;;) {
        long long section = holes ? 0 : BUFFER_SIZE;
        int in_data = !holes;
        int got;

        if (holes && holes(stream, &in_data, &section, opaque) < 0)
            return give_up(stream, "the source of the stream's holes failed");
        if (!in_data && section > 0) {
            if (virStreamSendHole(stream, section, 0) < 0)
                return give_up(stream, NULL);
            if (skip(stream, section, opaque) < 0)
                return give_up(stream, "the source of the stream's data cannot skip a hole");
            continue;
        }
        got = handler(stream, data, MIN(section, BUFFER_SIZE), opaque);
        if (got < 0)
            return give_up(stream, "the source of the stream's data failed");
        if (got == 0)
            return 0;
        if (deliver(stream, data, got, send_some, NULL) < 0)
            return give_up(stream, NULL);
    }
}

int
virStreamSendAll(virStreamPtr stream, virStreamSourceFunc handler, void *opaque)
{
    if (!vir_api_enter(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__))
        return -1;
    return send_all(stream, handler, NULL, NULL, opaque);
}

int
virStreamSparseSendAll(virStreamPtr stream, virStreamSourceFunc handler,
                       virStreamSourceHoleFunc holeHandler, virStreamSourceSkipFunc skipHandler,
                       void *opaque)
{
    if (!vir_api_enter(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)holeHandler, "holeHandler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)skipHandler, "skipHandler", __func__))
        return -1;
    return send_all(stream, handler, holeHandler, skipHandler, opaque);
}

/* Without @holes they are zeroes. */
static int
recv_all(virStreamPtr stream, virStreamSinkFunc handler, virStreamSinkHoleFunc holes, void *opaque)
{
    g_autofree char *data = g_malloc(BUFFER_SIZE);
    unsigned int flags = holes ? VIR_STREAM_RECV_STOP_AT_HOLE : 0;

    if (!check_blocking(stream))
        return -1;
    for (;;) {
        int got = virStreamRecvFlags(stream, data, BUFFER_SIZE, flags);
        long long hole;

        if (holes && got == -3) {
            if (virStreamRecvHole(stream, &hole, 0) < 0)
                return give_up(stream, NULL);
            if (holes(stream, hole, opaque) < 0)
                return give_up(stream, "the sink of the stream's holes failed");
            continue;
        }
        if (got <= 0)
            return got < 0 ? give_up(stream, NULL) : 0;
        if (deliver(stream, data, got, handler, opaque) < 0)
            return give_up(stream, "the sink of the stream's data failed");
    }
}

int
virStreamRecvAll(virStreamPtr stream, virStreamSinkFunc handler, void *opaque)
{
    if (!vir_api_enter(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__))
        return -1;
    return recv_all(stream, handler, NULL, opaque);
}

int
virStreamSparseRecvAll(virStreamPtr stream, virStreamSinkFunc handler,
                       virStreamSinkHoleFunc holeHandler, void *opaque)
{
    if (!vir_api_enter(stream, VIR_HANDLE_STREAM, __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)handler, "handler", __func__) ||
        !vir_api_check_nonnull(stream->conn, (const void *)holeHandler, "holeHandler", __func__))
        return -1;
    return recv_all(stream, handler, holeHandler, opaque);
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
        return fail(stream, VIR_ERR_OPERATION_INVALID,
                    "stream callbacks need an event loop, registered before the "
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
        return fail(stream, VIR_ERR_OPERATION_INVALID, "multiple stream callbacks not supported");
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
        return fail(stream, VIR_ERR_OPERATION_INVALID, "no stream callback registered");
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
