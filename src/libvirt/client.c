/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls: who waits, who reads. */
#include "client-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"
#include "vir-frame.h"

VirClient *
vir_client_new(int fd, const char *peer, const VirClientFuncs *funcs, void *owner)
{
    VirClient *client = g_new0(VirClient, 1);

    client->refs = 1;
    client->fd = fd;
    client->peer = g_strdup(peer);
    client->funcs = funcs;
    client->owner = owner;
    client->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->epoll = -1;
    client->notice = -1;
    client->timer = -1;
    client->watch = -1;
    pthread_mutex_init(&client->lock, NULL);
    g_queue_init(&client->waiters);
    g_queue_init(&client->out);
    g_queue_init(&client->events);
    return client;
}

VirClient *
vir_client_ref(VirClient *client)
{
    g_atomic_int_inc(&client->refs);
    return client;
}

void
vir_client_unref(VirClient *client)
{
    if (!client || !g_atomic_int_dec_and_test(&client->refs))
        return;
    for (unsigned i = 0; i < client->n_in_fds; i++)
        vir_fd_close(&client->in_fds[i]);
    vir_fd_close(&client->fd);
    vir_fd_close(&client->wake);
    vir_fd_close(&client->epoll);
    vir_fd_close(&client->notice);
    vir_fd_close(&client->timer);
    g_queue_clear_full(&client->events, g_free);
    g_clear_error(&client->broken);
    pthread_mutex_destroy(&client->lock);
    g_free(client->peer);
    g_free(client->in);
    g_free(client);
}

gboolean
vir_client_alive(VirClient *client)
{
    gboolean alive;

    pthread_mutex_lock(&client->lock);
    if (!client->broken && !client->reading && client->watch < 0) {
        char byte;
        ssize_t n = recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        if (n == 0) {
            GError *error = NULL;

            vir_error_set_errno(&error, EIO, "End of file while reading data");
            vir_client_break(client, VIR_CONNECT_CLOSE_REASON_EOF, error);
        }
    }
    alive = client->broken == NULL;
    pthread_mutex_unlock(&client->lock);
    return alive;
}

/* As the reader: for others and for @waiter, until it is done. The role is given up, but where the
 * reply lies in the buffer. */
static void
read_for(VirClient *client, VirWaiter *waiter)
{
    client->reading = TRUE;
    vir_client_rewatch(client);
    while (!waiter->done && !client->broken) {
        struct pollfd fds[2] = {{.fd = client->fd, .events = POLLIN},
                                {.fd = client->wake, .events = POLLIN}};
        int timeout;

        if (vir_client_parse(client, waiter))
            continue;
        timeout = vir_client_keepalive(client);
        if (client->broken)
            break;
        if (client->out.length > 0) {
            fds[0].events |= POLLOUT;
            client->polling_out = TRUE;
        }
        pthread_mutex_unlock(&client->lock);
        if (poll(fds, 2, timeout) < 0)
            fds[0].revents = fds[1].revents = 0;
        pthread_mutex_lock(&client->lock);
        client->polling_out = FALSE;
        if (fds[1].revents) {
            eventfd_t count;

            eventfd_read(client->wake, &count);
        }
        if (client->broken)
            break;
        if (fds[0].revents & POLLOUT)
            vir_client_flush(client);
        if (fds[0].revents & ~POLLOUT)
            vir_client_receive(client);
    }
    if (!waiter->in_place)
        vir_client_release(client);
}

void
vir_client_wait(VirClient *client, VirWaiter *waiter)
{
    while (!waiter->done && !client->broken) {
        if (client->reading)
            pthread_cond_wait(&waiter->cond, &client->lock);
        else
            read_for(client, waiter);
    }
}

/* An older peer does not know the procedure: for the caller that is one that is not supported. */
static void
improve_error(GError **error, const VirProc *proc)
{
    const VirErrorDetail *detail = vir_error_detail(*error);

    if (detail && detail->whole && vir_error_code(*error) == VIR_ERR_RPC &&
        g_str_has_prefix((*error)->message, "unknown procedure")) {
        g_clear_error(error);
        vir_error_set_in(error, VIR_FROM_REMOTE, VIR_ERR_NO_SUPPORT, "%s",
                         proc->api ? proc->api : proc->name);
    }
}

/* Without the lock; a reply in place is the caller's alone. */
static gboolean
decode_reply(const VirWaiter *waiter, void *ret, VirArena *arena, GError **error)
{
    if (waiter->header.status == VIR_NET_ERROR) {
        GError *sent = vir_frame_decode_error(waiter->payload, waiter->len);

        improve_error(&sent, waiter->proc);
        g_propagate_error(error, sent);
        return FALSE;
    }
    if (waiter->header.status != VIR_NET_OK)
        return vir_error_set(error, VIR_ERR_RPC, "reply to %s has status %u", waiter->proc->name,
                             waiter->header.status);
    if (waiter->proc->ret)
        return vir_xdr_decode(waiter->proc->ret, waiter->payload, waiter->len, ret, arena, error);
    if (waiter->len > 0)
        return vir_error_set(error, VIR_ERR_RPC, "reply to %s has %zu bytes where none are due",
                             waiter->proc->name, waiter->len);
    return TRUE;
}

static void
give_fds(VirWaiter *waiter, int **out_fds, unsigned *n_out_fds)
{
    if (out_fds) {
        *out_fds = g_memdup2(waiter->fds, waiter->n_fds * sizeof(int));
        *n_out_fds = waiter->n_fds;
        return;
    }
    for (unsigned i = 0; i < waiter->n_fds; i++)
        vir_fd_close(&waiter->fds[i]);
}

static VirClientStream *
stream_new(VirClient *client, const VirProc *proc, guint32 serial)
{
    VirClientStream *stream = g_new0(VirClientStream, 1);

    stream->client = vir_client_ref(client);
    stream->proc = proc;
    stream->serial = serial;
    stream->listed = TRUE;
    g_queue_init(&stream->in);
    client->streams = g_list_prepend(client->streams, stream);
    return stream;
}

/* Sends and waits. TRUE: @waiter has the reply, and perhaps the reader's role. */
static gboolean
exchange(VirClient *client, GByteArray *frame, const int *fds, unsigned n_fds, VirWaiter *waiter,
         VirClientStream **stream, GError **error)
{
    if (client->broken) {
        g_byte_array_unref(frame);
        return vir_client_broken(client, error);
    }
    if (stream) /* its first data may come right behind the reply */
        *stream = stream_new(client, waiter->proc, waiter->serial);
    g_queue_push_tail_link(&client->waiters, &waiter->link);
    vir_client_send(client, frame, fds, n_fds);
    vir_client_wait(client, waiter);
    g_queue_unlink(&client->waiters, &waiter->link);
    return waiter->done || vir_client_broken(client, error);
}

gboolean
vir_client_roundtrip(VirClient *client, const VirProc *proc, const void *args, const int *fds,
                     unsigned n_fds, void *ret, int **out_fds, unsigned *n_out_fds,
                     VirClientStream **stream, VirArena *arena, GError **error)
{
    VirWaiter waiter = {.proc = proc,
                        .cond = PTHREAD_COND_INITIALIZER,
                        .serial = (guint32)g_atomic_int_add(&client->serial, 1)};
    const virNetMessageHeader header = {
        .prog = proc->program->number,
        .vers = proc->program->version,
        .proc = proc->number,
        .type = n_fds ? VIR_NET_CALL_WITH_FDS : VIR_NET_CALL,
        .serial = waiter.serial,
    };
    VirClientStream *opened = NULL;
    GByteArray *frame;
    gboolean good;

    if (n_fds > VIR_NET_MESSAGE_NUM_FDS_MAX)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%u fds; at most %u can be passed", n_fds,
                             VIR_NET_MESSAGE_NUM_FDS_MAX);
    frame = vir_client_frame(&header, n_fds);
    if ((proc->args && !vir_xdr_encode(proc->args, args, frame, error)) ||
        !vir_frame_end(frame, 0, error)) {
        g_byte_array_unref(frame);
        return FALSE;
    }

    waiter.link.data = &waiter;
    pthread_mutex_lock(&client->lock);
    good = exchange(client, frame, fds, n_fds, &waiter, stream ? &opened : NULL, error);
    pthread_mutex_unlock(&client->lock);
    if (good) {
        good = decode_reply(&waiter, ret, arena, error);
        give_fds(&waiter, out_fds, n_out_fds);
    }
    if (waiter.in_place) {
        pthread_mutex_lock(&client->lock);
        vir_client_release(client);
        pthread_mutex_unlock(&client->lock);
    } else {
        g_free(waiter.payload);
    }
    if (good && stream)
        *stream = opened;
    else if (opened)
        vir_client_stream_free(opened);
    return good;
}
