/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes in and out: frames, file descriptors, what each frame is for. */
#include "client-priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"

#define IN_SIZE 65536u

GByteArray *
vir_client_frame(const virNetMessageHeader *header, guint n_fds)
{
    GByteArray *frame = g_byte_array_sized_new(256);

    vir_frame_begin(frame, header, n_fds);
    return frame;
}

static void
out_frame_free(VirOutFrame *out)
{
    for (unsigned i = out->fds_done; i < out->n_fds; i++)
        vir_fd_close(&out->fds[i]);
    g_byte_array_unref(out->data);
    g_free(out);
}

/* One byte with one fd. */
static ssize_t
send_fd(int sock, int fd)
{
    char byte = 0;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    union {
        char buf[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr msg = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.buf,
        .msg_controllen = sizeof(control.buf),
    };
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
    return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* TRUE: all sent, or never to be sent; the reader will find out why. */
static gboolean
out_frame_push(VirClient *client, VirOutFrame *out)
{
    while (out->done < out->data->len || out->fds_done < out->n_fds) {
        ssize_t n;

        if (out->done < out->data->len)
            n = send(client->fd, out->data->data + out->done, out->data->len - out->done,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
        else
            n = send_fd(client->fd, out->fds[out->fds_done]);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno != EAGAIN && errno != EWOULDBLOCK;
        if (out->done < out->data->len)
            out->done += n;
        else
            out->fds_done++;
    }
    return TRUE;
}

void
vir_client_flush(VirClient *client)
{
    VirOutFrame *out;

    while ((out = g_queue_peek_head(&client->out))) {
        if (!out_frame_push(client, out))
            return;
        out_frame_free(g_queue_pop_head(&client->out));
    }
    vir_client_rewatch(client);
    for (GList *l = client->waiters.head; l; l = l->next) {
        VirWaiter *waiter = l->data;

        if (!waiter->proc) {
            waiter->done = TRUE;
            pthread_cond_signal(&waiter->cond);
        }
    }
    if (client->streams)
        vir_client_notice(client);
}

void
vir_client_send(VirClient *client, GByteArray *frame, const int *fds, unsigned n_fds)
{
    VirOutFrame out = {.data = frame, .n_fds = n_fds};
    VirOutFrame *rest;

    vir_frame_end(frame, 0, NULL); /* its maker saw to it that it is not too long */
    for (unsigned i = 0; i < n_fds; i++)
        out.fds[i] = fds[i];
    if (client->out.length == 0 && out_frame_push(client, &out)) {
        g_byte_array_unref(frame);
        return;
    }
    rest = g_memdup2(&out, sizeof(out));
    for (unsigned i = rest->fds_done; i < n_fds; i++)
        rest->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
    g_queue_push_tail(&client->out, rest);
    vir_client_rewatch(client);
    if (client->reading && !client->polling_out)
        eventfd_write(client->wake, 1);
}

void
vir_client_send_keepalive(VirClient *client, int proc)
{
    const virNetMessageHeader header = {.prog = KEEPALIVE_PROGRAM,
                                        .vers = KEEPALIVE_PROTOCOL_VERSION,
                                        .proc = proc,
                                        .type = VIR_NET_MESSAGE};

    vir_client_send(client, vir_client_frame(&header, 0), NULL, 0);
}

/* Room for a frame of @need bytes at the head of the buffer; it grows with what came. */
static void
in_reserve(VirClient *client, gsize need)
{
    gsize have = client->in_tail - client->in_head;

    if (client->in_head > 0) {
        memmove(client->in, client->in + client->in_head, have);
        client->in_head = 0;
        client->in_tail = have;
    }
    if (need > client->in_size && have == client->in_size) {
        client->in_size = MIN(MAX(need, IN_SIZE), client->in_size * 2);
        client->in = g_realloc(client->in, client->in_size);
    }
}

static void
in_consume(VirClient *client, gsize len)
{
    client->in_head += len;
    if (client->in_head < client->in_tail)
        return;
    client->in_head = 0;
    client->in_tail = 0;
    if (client->in_size > 16 * IN_SIZE) {
        client->in_size = IN_SIZE;
        client->in = g_realloc(client->in, IN_SIZE);
    }
}

/* Ends the connection with @error (taken), which the peer is to blame for. Always FALSE. */
static gboolean
blame(VirClient *client, GError *error)
{
    g_prefix_error(&error, "%s: ", client->peer);
    vir_client_break(client, VIR_CONNECT_CLOSE_REASON_ERROR, error);
    return FALSE;
}

static gboolean protocol_error(VirClient *client, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static gboolean
protocol_error(VirClient *client, const char *fmt, ...)
{
    g_autofree char *what = NULL;
    GError *error = NULL;
    va_list ap;

    va_start(ap, fmt);
    what = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    vir_error_set(&error, VIR_ERR_RPC, "%s", what);
    return blame(client, error);
}

/* Gives a reply to the thread that waits for it. */
static gboolean
dispatch_reply(VirClient *client, VirWaiter *self, const virNetMessageHeader *header,
               guint8 *payload, gsize len, unsigned n_fds)
{
    VirWaiter *waiter = NULL;

    for (GList *l = client->waiters.head; l; l = l->next) {
        VirWaiter *each = l->data;

        if (each->proc && each->serial == header->serial && !each->done) {
            waiter = each;
            break;
        }
    }
    if (!waiter || waiter->proc->number != header->proc ||
        waiter->proc->program->number != header->prog ||
        waiter->proc->program->version != header->vers)
        return protocol_error(
            client, "reply with serial %u for procedure %d of program %#x, which nobody called",
            header->serial, header->proc, header->prog);
    waiter->header = *header;
    waiter->len = len;
    waiter->in_place = waiter == self;
    waiter->payload = waiter->in_place ? payload : g_memdup2(payload, len);
    waiter->n_fds = n_fds;
    memcpy(waiter->fds, client->in_fds, n_fds * sizeof(int));
    client->n_in_fds -= n_fds;
    memmove(client->in_fds, client->in_fds + n_fds, client->n_in_fds * sizeof(int));
    waiter->done = TRUE;
    if (!waiter->in_place)
        pthread_cond_signal(&waiter->cond);
    return TRUE;
}

static gboolean
dispatch_message(VirClient *client, const virNetMessageHeader *header, const guint8 *payload,
                 gsize len)
{
    const VirProgram *program;
    const VirProc *proc;
    VirQueuedEvent *event;

    if (header->prog == KEEPALIVE_PROGRAM) {
        if (header->vers == KEEPALIVE_PROTOCOL_VERSION && header->proc == KEEPALIVE_PROC_PING)
            vir_client_send_keepalive(client, KEEPALIVE_PROC_PONG);
        return TRUE;
    }
    program = vir_program_find(header->prog);
    proc = program && program->version == header->vers ? vir_program_proc(program, header->proc)
                                                       : NULL;
    /* Events of a newer peer are nobody's, and without a loop there is nobody to tell. */
    if (!proc || proc->kind != VIR_PROC_EVENT || client->watch < 0)
        return TRUE;
    if (client->events_len + len > EVENTS_MAX)
        return protocol_error(client, "more than %d MiB of events wait for the event loop",
                              EVENTS_MAX >> 20);
    event = g_malloc(sizeof(*event) + len);
    event->proc = proc;
    event->len = len;
    memcpy(event->payload, payload, len);
    client->events_len += len;
    g_queue_push_tail(&client->events, event);
    vir_client_notice(client);
    return TRUE;
}

gboolean
vir_client_parse(VirClient *client, VirWaiter *self)
{
    guint8 *at = client->in + client->in_head;
    gsize have = client->in_tail - client->in_head;
    virNetMessageHeader header;
    GError *error = NULL;
    gsize total;
    gsize skip;
    guint n_fds;
    gboolean good;

    if (client->broken || have < 4)
        return FALSE;
    total = vir_frame_length(at, &error);
    if (total == 0)
        return blame(client, error);
    if (have < total) {
        in_reserve(client, total);
        return FALSE;
    }
    if (!vir_frame_decode(at, total, &header, &n_fds, &skip, &error))
        return blame(client, error);
    if (have < total + n_fds) { /* each comes with one byte of its own */
        in_reserve(client, total + n_fds);
        return FALSE;
    }
    if (client->n_in_fds < n_fds)
        return protocol_error(client, "reply with %u descriptors came with %u", n_fds,
                              client->n_in_fds);
    vir_client_keepalive_reset(client);
    at += skip;
    switch (header.type) {
    case VIR_NET_REPLY:
    case VIR_NET_REPLY_WITH_FDS:
        good = dispatch_reply(client, self, &header, at, total - skip, n_fds);
        break;
    case VIR_NET_MESSAGE:
        good = dispatch_message(client, &header, at, total - skip);
        break;
    case VIR_NET_STREAM:
    case VIR_NET_STREAM_HOLE:
        good = vir_client_stream_frame(client, &header, at, total - skip);
        break;
    default:
        return protocol_error(client, "frame of type %u", header.type);
    }
    if (!good)
        return FALSE;
    if (self && self->in_place && self->done)
        client->in_hold = total + n_fds;
    else
        in_consume(client, total + n_fds);
    return TRUE;
}

static void
take_fds(VirClient *client, struct msghdr *msg)
{
    for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
        unsigned n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
            continue;
        for (unsigned i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
            if (client->n_in_fds < VIR_NET_MESSAGE_NUM_FDS_MAX)
                client->in_fds[client->n_in_fds++] = fd;
            else
                close(fd);
        }
    }
}

gboolean
vir_client_receive(VirClient *client)
{
    union {
        char buf[CMSG_SPACE(VIR_NET_MESSAGE_NUM_FDS_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov;
    struct msghdr msg = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.buf,
        .msg_controllen = sizeof(control.buf),
    };
    GError *error = NULL;
    ssize_t n;
    int errnum;

    if (!client->in) {
        client->in_size = IN_SIZE;
        client->in = g_malloc(IN_SIZE);
    }
    if (client->in_tail == client->in_size)
        in_reserve(client, client->in_size + 1);
    iov.iov_base = client->in + client->in_tail;
    iov.iov_len = client->in_size - client->in_tail;
    pthread_mutex_unlock(&client->lock);
    n = recvmsg(client->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    errnum = errno;
    pthread_mutex_lock(&client->lock);
    if (n > 0) {
        client->in_tail += n;
        if (msg.msg_controllen > 0)
            take_fds(client, &msg);
        return TRUE;
    }
    if (n < 0 && (errnum == EAGAIN || errnum == EWOULDBLOCK || errnum == EINTR))
        return FALSE;
    if (n == 0)
        vir_error_set_errno(&error, EIO, "End of file while reading data");
    else
        vir_error_set_errno(&error, errnum, "Cannot recv data");
    vir_client_break(client, VIR_CONNECT_CLOSE_REASON_EOF, error);
    return FALSE;
}

void
vir_client_release(VirClient *client)
{
    if (client->in_hold) {
        gsize hold = client->in_hold;

        client->in_hold = 0;
        in_consume(client, hold);
    }
    while (vir_client_parse(client, NULL))
        ;
    client->reading = FALSE;
    vir_client_rewatch(client);
    for (GList *l = client->waiters.head; l; l = l->next) {
        VirWaiter *waiter = l->data;

        if (!waiter->done) {
            pthread_cond_signal(&waiter->cond);
            return;
        }
    }
}

void
vir_client_break(VirClient *client, int reason, GError *error)
{
    VirErrorDetail *detail = vir_error_detail(error);

    if (client->broken) {
        g_error_free(error);
        return;
    }
    if (detail && !detail->domain)
        detail->domain = VIR_FROM_RPC;
    client->broken = error;
    client->broken_reason = reason;
    shutdown(client->fd, SHUT_RDWR);
    g_queue_clear_full(&client->out, (GDestroyNotify)out_frame_free);
    vir_client_rewatch(client);
    if (client->reading)
        eventfd_write(client->wake, 1);
    for (GList *l = client->waiters.head; l; l = l->next)
        pthread_cond_signal(&((VirWaiter *)l->data)->cond);
    vir_client_notice(client);
}

gboolean
vir_client_broken(VirClient *client, GError **error)
{
    if (error)
        *error = g_error_copy(client->broken);
    return FALSE;
}
