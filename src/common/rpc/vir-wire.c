/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vir-lock.h"

/* A message up to this size gets its memory at once, a longer one as its bytes arrive. */
#define EAGER_SIZE (512u * 1024)
/* What is read beyond a large message: little, because it has to be copied. */
#define BEYOND_LARGE 4096u
#define SEND_IOVS 16

/* One buffer for all connections: an idle one holds no memory. Poller's thread only. */
static guint8 scratch[65536];

struct VirWire {
    VirWatch *watch;
    const VirWireOps *ops;
    void *data;
    VirPacket *in;   /* begun, not complete */
    VirPacket *rest; /* bytes that came while paused; ->done is where they begin */
    GArray *fds;     /* received, not yet claimed by a message */
    VirPacket *head; /* to be sent */
    VirPacket **tail;
    char *reason; /* why it ended */
    gsize queued;
    gsize limit;
    int fd;
    unsigned refs;
    guint8 paused;
    gboolean feeding : 1;
    gboolean congested : 1;
    gboolean finishing : 1;
    gboolean freed : 1;
};

/* Memory of this size comes from the kernel each time, and page faults cost more than the copy. */
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static guint8 *pool[8];
static unsigned n_pool;

static guint8 *
pool_take(void)
{
    VIR_LOCK(&pool_lock);

    return n_pool > 0 ? pool[--n_pool] : g_malloc(VIR_PACKET_POOLED);
}

static void
pool_give(guint8 *data)
{
    VIR_LOCK(&pool_lock);

    if (n_pool < G_N_ELEMENTS(pool))
        pool[n_pool++] = data;
    else
        g_free(data);
}

void
vir_packet_trim(void)
{
    VIR_LOCK(&pool_lock);

    while (n_pool > 0)
        g_free(pool[--n_pool]);
}

static gboolean
is_pool_size(guint32 len)
{
    return len > VIR_PACKET_POOLED / 4 && len <= VIR_PACKET_POOLED;
}

VirPacket *
vir_packet_new(guint32 len)
{
    gboolean pooled = is_pool_size(len);
    VirPacket *packet = vir_packet_new_take(pooled ? pool_take() : g_malloc(len), len);

    packet->pooled = pooled;
    return packet;
}

VirPacket *
vir_packet_new_take(guint8 *data, guint32 len)
{
    VirPacket *packet = g_new0(VirPacket, 1);

    packet->refs = 1;
    packet->data = data;
    packet->len = packet->size = len;
    return packet;
}

VirPacket *
vir_packet_own(VirPacket *packet)
{
    VirPacket *copy;

    if (packet->refs) {
        packet->refs++;
        return packet;
    }
    copy = vir_packet_new(packet->len);
    memcpy(copy->data, packet->data, packet->len);
    copy->fds = g_steal_pointer(&packet->fds);
    copy->n_fds = packet->n_fds;
    packet->n_fds = 0;
    return copy;
}

static void
packet_clear_fds(VirPacket *packet)
{
    for (unsigned i = 0; i < packet->n_fds; i++) {
        if (packet->fds[i] >= 0)
            close(packet->fds[i]);
    }
    g_clear_pointer(&packet->fds, g_free);
    packet->n_fds = 0;
}

void
vir_packet_unref(VirPacket *packet)
{
    if (!packet || --packet->refs)
        return;
    packet_clear_fds(packet);
    if (packet->pooled)
        pool_give(packet->data);
    else
        g_free(packet->data);
    g_free(packet);
}

static void
wire_unref(VirWire *wire)
{
    if (--wire->refs)
        return;
    g_free(wire->reason);
    g_free(wire);
}

static void
wire_update_events(VirWire *wire)
{
    guint32 events = 0;

    if (!wire->watch)
        return;
    if (!wire->reason || wire->finishing) {
        if (!wire->paused && !wire->finishing)
            events |= EPOLLIN;
        if (wire->head)
            events |= EPOLLOUT;
    }
    vir_watch_set_events(wire->watch, events);
}

static void
wire_drop_queue(VirWire *wire)
{
    while (wire->head) {
        VirPacket *packet = wire->head;

        wire->head = packet->next;
        vir_packet_unref(packet);
    }
    wire->tail = &wire->head;
    wire->queued = 0;
}

/* The end is told from the poll callback only, so that no caller loses the ground it stands on:
 * shutting the socket down makes epoll report a hangup. */
static void
wire_fail_take(VirWire *wire, char *reason)
{
    if (wire->freed || (wire->reason && !wire->finishing)) {
        g_free(reason);
        return;
    }
    if (wire->finishing)
        g_free(reason);
    else
        wire->reason = reason;
    wire->finishing = FALSE;
    wire_drop_queue(wire);
    shutdown(wire->fd, SHUT_RDWR);
    wire_update_events(wire);
}

void
vir_wire_fail(VirWire *wire, const char *reason)
{
    wire_fail_take(wire, g_strdup(reason));
}

void
vir_wire_finish(VirWire *wire, const char *reason)
{
    if (wire->reason)
        return;
    if (!wire->head) {
        vir_wire_fail(wire, reason);
        return;
    }
    wire->reason = g_strdup(reason);
    wire->finishing = TRUE;
    wire_update_events(wire);
}

/* Receiving. */

static gboolean
check_length(VirWire *wire, guint32 len)
{
    if (len >= VIR_WIRE_LEN_MIN && len <= VIR_WIRE_LEN_MAX)
        return TRUE;
    wire_fail_take(wire, g_strdup_printf("illegal message length %u, expected %u to %u", len,
                                         VIR_WIRE_LEN_MIN, VIR_WIRE_LEN_MAX));
    return FALSE;
}

/* How many fds the complete message @packet announces; FALSE where the count is illegal. */
static gboolean
message_fds(VirWire *wire, const VirPacket *packet, unsigned *n)
{
    guint32 type = vir_packet_word(packet, 4);

    *n = 0;
    if (type != 4 && type != 5)
        return TRUE;
    if (packet->len < VIR_WIRE_LEN_MIN + 4) {
        vir_wire_fail(wire, "message with file descriptors has no count of them");
        return FALSE;
    }
    *n = vir_packet_word(packet, 7);
    if (*n > VIR_WIRE_FDS_MAX) {
        wire_fail_take(wire, g_strdup_printf("%u file descriptors announced, at most %u allowed",
                                             *n, VIR_WIRE_FDS_MAX));
        return FALSE;
    }
    return TRUE;
}

static void
deliver(VirWire *wire, VirPacket *packet)
{
    wire->ops->message(wire, packet, wire->data);
    if (packet->refs)
        vir_packet_unref(packet);
    else
        packet_clear_fds(packet);
}

/* Moves bytes of @buf into the begun message; returns how many it took. */
static gsize
feed_begun(VirWire *wire, const guint8 *buf, gsize len)
{
    VirPacket *in = wire->in;
    gsize used = 0;

    if (in->done < 4) {
        used = MIN(len, 4 - in->done);
        memcpy(in->data + in->done, buf, used);
        in->done += used;
        if (in->done < 4)
            return used;
        in->len = vir_packet_word(in, 0);
        if (!check_length(wire, in->len))
            return used;
        in->size = MIN(in->len, EAGER_SIZE);
        in->pooled = is_pool_size(in->size);
        if (in->pooled) {
            g_autofree guint8 *head = in->data;

            in->data = pool_take();
            memcpy(in->data, head, 4);
        } else {
            in->data = g_realloc(in->data, in->size);
        }
    }
    while (in->done < in->len && used < len) {
        gsize n;

        if (in->done == in->size) {
            in->size = in->size > in->len / 2 ? in->len : in->size * 2;
            in->data = g_realloc(in->data, in->size);
        }
        n = MIN(in->size - in->done, len - used);
        memcpy(in->data + in->done, buf + used, n);
        in->done += n;
        used += n;
    }
    return used;
}

/* Takes the data bytes that carry fds; each brings one. */
static gsize
feed_fds(VirWire *wire, gsize len)
{
    VirPacket *in = wire->in;
    gsize used = 0;

    while (in->fds_done < in->n_fds && used < len) {
        if (!wire->fds || wire->fds->len == 0) {
            vir_wire_fail(wire, "a file descriptor that was announced did not come");
            return used;
        }
        in->fds[in->fds_done++] = g_array_index(wire->fds, int, 0);
        g_array_remove_index(wire->fds, 0);
        used++;
    }
    return used;
}

static gboolean
begun_is_complete(VirWire *wire)
{
    VirPacket *in = wire->in;
    unsigned n_fds;

    if (in->done < 4 || in->done < in->len)
        return FALSE;
    if (!in->fds) {
        if (!message_fds(wire, in, &n_fds))
            return FALSE;
        if (n_fds == 0)
            return TRUE;
        in->fds = g_new(int, n_fds);
        memset(in->fds, 0xff, n_fds * sizeof(int));
        in->n_fds = n_fds;
    }
    return in->fds_done == in->n_fds;
}

static gboolean
can_feed(const VirWire *wire)
{
    return !wire->paused && !wire->reason && !wire->freed;
}

/* Delivers the messages that are whole in @buf; returns how many bytes are done with. */
static gsize
wire_feed(VirWire *wire, const guint8 *buf, gsize len)
{
    gsize pos = 0;

    wire->feeding = TRUE;
    while (can_feed(wire)) {
        unsigned n_fds = 0;

        if (wire->in) {
            if (wire->in->fds)
                pos += feed_fds(wire, len - pos);
            else
                pos += feed_begun(wire, buf + pos, len - pos);
            if (!can_feed(wire))
                break;
            if (begun_is_complete(wire))
                deliver(wire, g_steal_pointer(&wire->in));
            else if (pos == len)
                break;
            continue;
        }
        if (pos == len)
            break;
        if (len - pos >= VIR_WIRE_LEN_MIN) {
            VirPacket packet = {.data = (guint8 *)buf + pos};

            packet.len = vir_packet_word(&packet, 0);
            if (!check_length(wire, packet.len))
                break;
            if (packet.len <= len - pos) {
                if (!message_fds(wire, &packet, &n_fds))
                    break;
                if (n_fds == 0) {
                    pos += packet.len;
                    deliver(wire, &packet);
                    continue;
                }
            }
        }
        wire->in = vir_packet_new(4);
        wire->in->len = 0;
    }
    wire->feeding = FALSE;
    return pos;
}

static void
keep_rest(VirWire *wire, const guint8 *buf, gsize len)
{
    if (len == 0 || wire->reason || wire->freed)
        return;
    wire->rest = vir_packet_new(len);
    memcpy(wire->rest->data, buf, len);
}

static void
feed_rest(VirWire *wire)
{
    VirPacket *rest = wire->rest;

    if (!rest || wire->feeding || !can_feed(wire))
        return;
    wire->refs++;
    wire->rest = NULL;
    rest->done += wire_feed(wire, rest->data + rest->done, rest->len - rest->done);
    if (rest->done < rest->len && !wire->freed)
        wire->rest = rest;
    else
        vir_packet_unref(rest);
    wire_unref(wire);
}

static gboolean
take_fds(VirWire *wire, struct msghdr *msg)
{
    gboolean ok = !(msg->msg_flags & MSG_CTRUNC);

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        unsigned n;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (!wire->fds)
            wire->fds = g_array_new(FALSE, FALSE, sizeof(int));
        for (unsigned i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            g_array_append_val(wire->fds, fd);
        }
    }
    if (ok && wire->fds && wire->fds->len <= VIR_WIRE_FDS_MAX)
        return TRUE;
    if (ok && !wire->fds)
        return TRUE;
    vir_wire_fail(wire, "more file descriptors than a message may have");
    return FALSE;
}

static void
drop_unclaimed_fds(VirWire *wire)
{
    if (!wire->fds || wire->rest || (wire->in && wire->in->fds))
        return;
    if (wire->fds->len > 0)
        vir_wire_fail(wire, "file descriptors came that no message announced");
    else
        g_clear_pointer(&wire->fds, g_array_unref);
}

static void
wire_read(VirWire *wire)
{
    char control[CMSG_SPACE(sizeof(int) * VIR_WIRE_FDS_MAX)];
    struct iovec iov[2];
    struct msghdr msg = {.msg_iov = iov, .msg_control = control};
    gsize direct = 0;
    gssize n;

    if (wire->in && wire->in->len && wire->in->done < wire->in->size) {
        direct = wire->in->size - wire->in->done;
        iov[msg.msg_iovlen].iov_base = wire->in->data + wire->in->done;
        iov[msg.msg_iovlen++].iov_len = direct;
    }
    iov[msg.msg_iovlen].iov_base = scratch;
    iov[msg.msg_iovlen++].iov_len = direct > sizeof(scratch) ? BEYOND_LARGE : sizeof(scratch);
    msg.msg_controllen = sizeof(control);

    n = recvmsg(wire->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        wire_fail_take(wire, g_strdup_printf("cannot receive: %s", g_strerror(errno)));
        return;
    }
    if (n == 0) {
        vir_wire_fail(wire, "the peer closed the connection");
        return;
    }
    if (msg.msg_controllen > 0 && !take_fds(wire, &msg))
        return;
    if (direct > 0) {
        gsize taken = MIN((gsize)n, direct);

        wire->in->done += taken;
        n -= taken;
    }
    if (n > 0 || direct > 0) {
        gsize used = wire_feed(wire, scratch, n);

        keep_rest(wire, scratch + used, n - used);
    }
    if (!wire->freed && !wire->reason)
        drop_unclaimed_fds(wire);
}

/* Sending. */

static gssize
send_fd(VirWire *wire, int fd)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    char byte = 0;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof(int));
    return sendmsg(wire->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static gssize
send_packets(VirWire *wire)
{
    struct iovec iov[SEND_IOVS];
    struct msghdr msg = {.msg_iov = iov};

    for (VirPacket *p = wire->head; p && msg.msg_iovlen < SEND_IOVS; p = p->next) {
        iov[msg.msg_iovlen].iov_base = p->data + p->done;
        iov[msg.msg_iovlen++].iov_len = p->len - p->done;
        if (p->n_fds)
            break;
    }
    return sendmsg(wire->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
pop_sent(VirWire *wire)
{
    VirPacket *packet = wire->head;

    wire->head = packet->next;
    if (!wire->head)
        wire->tail = &wire->head;
    packet->next = NULL;
    vir_packet_unref(packet);
}

/* Sends what the socket takes now. */
static void
wire_flush(VirWire *wire)
{
    while (wire->head) {
        VirPacket *packet = wire->head;
        gboolean fds = packet->done == packet->len;
        gssize n;

        if (fds && packet->fds_done == packet->n_fds) {
            pop_sent(wire);
            continue;
        }
        n = fds ? send_fd(wire, packet->fds[packet->fds_done]) : send_packets(wire);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            wire_fail_take(wire, g_strdup_printf("cannot send: %s", g_strerror(errno)));
            return;
        }
        if (fds) {
            packet->fds_done++;
            continue;
        }
        wire->queued -= n;
        while (n > 0) {
            gsize part = MIN((gsize)n, wire->head->len - wire->head->done);

            wire->head->done += part;
            n -= part;
            if (wire->head->done == wire->head->len && !wire->head->n_fds)
                pop_sent(wire);
        }
    }
    if (!wire->head && wire->finishing)
        vir_wire_fail(wire, "");
}

static void
wire_after_send(VirWire *wire)
{
    wire_update_events(wire);
    if (wire->queued > VIR_WIRE_HIGH_MARK) {
        wire->congested = TRUE;
    } else if (wire->congested && wire->queued <= VIR_WIRE_LOW_MARK) {
        wire->congested = FALSE;
        if (!wire->reason && wire->ops->drained)
            wire->ops->drained(wire, wire->data);
    }
}

void
vir_wire_send(VirWire *wire, VirPacket *packet)
{
    gboolean idle = !wire->head;

    if (wire->reason) {
        vir_packet_unref(packet);
        return;
    }
    packet->done = packet->fds_done = 0;
    packet->next = NULL;
    *wire->tail = packet;
    wire->tail = &packet->next;
    wire->queued += packet->len;
    if (idle)
        wire_flush(wire);
    if (!idle || wire->head || wire->reason)
        wire_after_send(wire);
}

void
vir_wire_send_data(VirWire *wire, const guint8 *data, guint32 len)
{
    VirPacket *packet;
    gssize n = 0;

    if (wire->reason)
        return;
    if (!wire->head) {
        n = send(wire->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n == (gssize)len)
            return;
        n = MAX(n, 0); /* an error shows again when the queue is flushed */
    }
    packet = vir_packet_new(len - n);
    memcpy(packet->data, data + n, len - n);
    vir_wire_send(wire, packet);
}

void
vir_wire_send_bounded(VirWire *wire, VirPacket *packet)
{
    if (wire->queued > wire->limit && !wire->reason)
        wire_fail_take(wire, g_strdup_printf("it does not read: %zu bytes wait for it, %zu are "
                                             "the limit",
                                             wire->queued, wire->limit));
    vir_wire_send(wire, packet);
}

static void
wire_on_poll(VirWatch *watch, guint32 events, void *data)
{
    VirWire *wire = data;

    wire->refs++;
    if (events & EPOLLOUT) {
        wire_flush(wire);
        if (!wire->freed)
            wire_after_send(wire);
    }
    if (!wire->freed && !wire->reason) {
        if ((events & EPOLLIN) && !wire->paused)
            wire_read(wire);
        else if (events & (EPOLLHUP | EPOLLERR))
            vir_wire_fail(wire, "the peer closed the connection");
    } else if (!wire->freed && wire->finishing && (events & (EPOLLHUP | EPOLLERR))) {
        vir_wire_fail(wire, "");
    }
    if (!wire->freed && wire->reason && !wire->finishing && wire->watch) {
        g_clear_pointer(&wire->watch, vir_watch_remove);
        wire->ops->closed(wire, wire->reason, wire->data);
    }
    wire_unref(wire);
}

VirWire *
vir_wire_new(VirPoller *poller, int fd, gsize limit, const VirWireOps *ops, void *data)
{
    VirWire *wire = g_new0(VirWire, 1);
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0)
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    wire->refs = 1;
    wire->fd = fd;
    wire->ops = ops;
    wire->data = data;
    wire->limit = limit;
    wire->tail = &wire->head;
    wire->watch = vir_poller_add(poller, fd, EPOLLIN, wire_on_poll, wire);
    if (!wire->watch) {
        vir_wire_free(wire);
        return NULL;
    }
    return wire;
}

void
vir_wire_free(VirWire *wire)
{
    if (!wire)
        return;
    wire->freed = TRUE;
    g_clear_pointer(&wire->watch, vir_watch_remove);
    wire_drop_queue(wire);
    g_clear_pointer(&wire->in, vir_packet_unref);
    g_clear_pointer(&wire->rest, vir_packet_unref);
    if (wire->fds) {
        for (unsigned i = 0; i < wire->fds->len; i++)
            close(g_array_index(wire->fds, int, i));
        g_clear_pointer(&wire->fds, g_array_unref);
    }
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
    wire_unref(wire);
}

int
vir_wire_fd(const VirWire *wire)
{
    return wire->fd;
}

gsize
vir_wire_queued(const VirWire *wire)
{
    return wire->queued;
}

gboolean
vir_wire_congested(const VirWire *wire)
{
    return wire->congested;
}

void
vir_wire_set_paused(VirWire *wire, guint8 bit, gboolean paused)
{
    guint8 old = wire->paused;

    if (paused)
        wire->paused |= bit;
    else
        wire->paused &= ~bit;
    if (wire->paused == old || wire->reason)
        return;
    if (!wire->paused)
        feed_rest(wire);
    if (!wire->freed)
        wire_update_events(wire);
}

gboolean
vir_wire_paused(const VirWire *wire)
{
    return wire->paused != 0;
}

gsize
vir_wire_memory(const VirWire *wire)
{
    return sizeof(*wire) + (wire->in ? sizeof(VirPacket) + wire->in->size : 0) +
           (wire->rest ? sizeof(VirPacket) + wire->rest->size : 0) + wire->queued;
}
