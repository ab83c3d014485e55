/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vir-wire.h"

typedef struct {
    VirPoller *poller;
    VirWire *wire;
    int peer;
    GPtrArray *got; /* of VirPacket */
    char *reason;
    unsigned drained;
    unsigned pause_after; /* pauses the wire when so many messages are there */
} Fixture;

static void
on_message(VirWire *wire, VirPacket *packet, void *data)
{
    Fixture *f = data;

    g_ptr_array_add(f->got, vir_packet_own(packet));
    if (f->got->len == f->pause_after)
        vir_wire_set_paused(wire, 1, TRUE);
}

static void
on_closed(VirWire *wire, const char *reason, void *data)
{
    Fixture *f = data;

    g_assert_null(f->reason);
    f->reason = g_strdup(reason);
    vir_wire_free(wire);
    f->wire = NULL;
}

static void
on_drained(VirWire *wire, void *data)
{
    ((Fixture *)data)->drained++;
}

static const VirWireOps ops = {.message = on_message, .closed = on_closed, .drained = on_drained};

static void
setup(Fixture *f, const void *unused)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    f->poller = vir_poller_new(NULL);
    f->got = g_ptr_array_new_with_free_func((GDestroyNotify)vir_packet_unref);
    f->wire = vir_wire_new(f->poller, fds[0], 1000000, &ops, f);
    f->peer = fds[1];
    fcntl(f->peer, F_SETFL, O_NONBLOCK);
}

static void
teardown(Fixture *f, const void *unused)
{
    vir_wire_free(f->wire);
    vir_poller_free(f->poller);
    g_ptr_array_unref(f->got);
    g_free(f->reason);
    if (f->peer >= 0)
        close(f->peer);
}

static void
turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static GByteArray *
message(guint32 len, guint32 type, guint32 serial)
{
    GByteArray *bytes = g_byte_array_new();
    guint32 words[7] = {GUINT32_TO_BE(len), GUINT32_TO_BE(0x20008086), GUINT32_TO_BE(1),
                        GUINT32_TO_BE(1),   GUINT32_TO_BE(type),       GUINT32_TO_BE(serial),
                        GUINT32_TO_BE(0)};

    g_byte_array_append(bytes, (guint8 *)words, sizeof(words));
    g_byte_array_set_size(bytes, MAX(len, sizeof(words)));
    for (guint i = sizeof(words); i < len; i++)
        bytes->data[i] = i;
    return bytes;
}

static void
push(Fixture *f, const void *data, gsize len)
{
    while (len > 0) {
        gssize n = send(f->peer, data, len, MSG_NOSIGNAL);

        if (n < 0) {
            g_assert_cmpint(errno, ==, EAGAIN);
            turn();
            continue;
        }
        data = (const guint8 *)data + n;
        len -= n;
    }
}

static void
push_fd(Fixture *f, int fd)
{
    char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec iov = {.iov_base = (char[]){0}, .iov_len = 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(control)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof(int));
    g_assert_cmpint(sendmsg(f->peer, &msg, 0), ==, 1);
}

static VirPacket *
got(Fixture *f, guint i)
{
    g_assert_cmpuint(i, <, f->got->len);
    return g_ptr_array_index(f->got, i);
}

static void
test_whole(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(28, 0, 1), b = message(1000, 0, 2);

    g_byte_array_append(b, a->data, a->len);
    push(f, a->data, a->len);
    push(f, b->data, b->len);
    turn();
    g_assert_cmpuint(f->got->len, ==, 3);
    g_assert_cmpuint(vir_packet_word(got(f, 1), 5), ==, 2);
    g_assert_cmpuint(got(f, 1)->len, ==, 1000);
    g_assert_cmpmem(got(f, 1)->data, 1000, b->data, 1000);
}

static void
test_bytewise(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(90, 0, 7);

    for (int round = 0; round < 2; round++) {
        for (guint i = 0; i < a->len; i++) {
            push(f, a->data + i, 1);
            turn();
            g_assert_cmpuint(f->got->len, ==, round + (i + 1 == a->len));
        }
    }
    g_assert_cmpmem(got(f, 1)->data, 90, a->data, 90);
}

static void
test_large(Fixture *f, const void *unused)
{
    const guint sizes[] = {65535, 65536, 65537, 262144, 524288, 524289, 3000001, 28};

    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) a = message(sizes[i], 0, i);

        push(f, a->data, a->len);
        turn();
        g_assert_cmpuint(f->got->len, ==, i + 1);
        g_assert_cmpmem(got(f, i)->data, got(f, i)->len, a->data, a->len);
    }
}

static void
test_longest(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(VIR_WIRE_LEN_MAX, 0, 1);

    push(f, a->data, a->len);
    turn();
    g_assert_cmpuint(got(f, 0)->len, ==, VIR_WIRE_LEN_MAX);
    g_assert_cmpint(memcmp(got(f, 0)->data, a->data, a->len), ==, 0);
}

static void
test_illegal_lengths(Fixture *f, const void *unused)
{
    const guint32 lens[] = {0, 1, 3, 4, 24, 27, VIR_WIRE_LEN_MAX + 1, 0x7fffffff, 0xffffffff};

    for (guint i = 0; i < G_N_ELEMENTS(lens); i++) {
        for (int whole = 0; whole < 2; whole++) {
            guint8 bytes[64] = {lens[i] >> 24, lens[i] >> 16, lens[i] >> 8, lens[i]};

            push(f, bytes, whole ? sizeof(bytes) : 4);
            turn();
            g_assert_nonnull(f->reason);
            g_assert_nonnull(strstr(f->reason, "illegal message length"));
            g_assert_cmpuint(f->got->len, ==, 0);
            teardown(f, NULL);
            memset(f, 0, sizeof(*f));
            setup(f, NULL);
        }
    }
}

/* A peer that announces the most but sends little gets little memory. */
static void
test_announced_only(Fixture *f, const void *unused)
{
    guint8 bytes[100] = {0x02, 0x00, 0x00, 0x00};

    push(f, bytes, sizeof(bytes));
    turn();
    g_assert_null(f->reason);
    g_assert_cmpuint(vir_wire_memory(f->wire), <, 1024 * 1024);
}

static void
test_idle_is_small(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(100000, 0, 7);

    push(f, a->data, a->len);
    turn();
    g_assert_cmpuint(f->got->len, ==, 1);
    g_assert_cmpuint(vir_wire_memory(f->wire), <, 256);
}

static void
test_pause(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(40, 0, 1);

    f->pause_after = 2;
    for (int i = 0; i < 5; i++)
        push(f, a->data, a->len);
    push(f, a->data, 13);
    turn();
    g_assert_cmpuint(f->got->len, ==, 2);
    push(f, a->data + 13, a->len - 13);
    turn();
    g_assert_cmpuint(f->got->len, ==, 2);
    f->pause_after = 3;
    vir_wire_set_paused(f->wire, 1, FALSE);
    g_assert_cmpuint(f->got->len, ==, 3);
    vir_wire_set_paused(f->wire, 2, TRUE);
    vir_wire_set_paused(f->wire, 1, FALSE);
    g_assert_cmpuint(f->got->len, ==, 3);
    vir_wire_set_paused(f->wire, 2, FALSE);
    turn();
    g_assert_cmpuint(f->got->len, ==, 6);
    vir_wire_set_paused(f->wire, 1, TRUE);
    close(f->peer);
    f->peer = -1;
    turn();
    g_assert_nonnull(f->reason);
}

static void
test_fds(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(40, 4, 1), b = message(40, 0, 2);
    int pipe_fds[2];
    struct stat one, two;

    g_assert_cmpint(pipe(pipe_fds), ==, 0);
    fstat(pipe_fds[1], &one);
    a->data[31] = 2;
    memset(a->data + 28, 0, 3);
    push(f, a->data, a->len);
    turn();
    g_assert_cmpuint(f->got->len, ==, 0);
    push_fd(f, pipe_fds[0]);
    push_fd(f, pipe_fds[1]);
    push(f, b->data, b->len);
    turn();
    g_assert_cmpuint(f->got->len, ==, 2);
    g_assert_cmpuint(got(f, 0)->n_fds, ==, 2);
    fstat(got(f, 0)->fds[1], &two);
    g_assert_cmpuint(one.st_ino, ==, two.st_ino);
    g_assert_cmpint(fcntl(got(f, 0)->fds[1], F_GETFD), ==, FD_CLOEXEC);
    g_assert_cmpuint(got(f, 1)->n_fds, ==, 0);

    /* And back. */
    vir_wire_send(f->wire, vir_packet_own(got(f, 0)));
    turn();
    g_assert_cmpint(recv(f->peer, a->data, 40, 0), ==, 40);
    for (int i = 0; i < 2; i++) {
        char control[CMSG_SPACE(sizeof(int))];
        char byte = 1;
        struct iovec iov = {.iov_base = &byte, .iov_len = 1};
        struct msghdr msg = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
        int fd;

        g_assert_cmpint(recvmsg(f->peer, &msg, 0), ==, 1);
        g_assert_cmpint(byte, ==, 0);
        g_assert_nonnull(CMSG_FIRSTHDR(&msg));
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
        close(fd);
    }
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void
test_bad_fds(Fixture *f, const void *unused)
{
    for (int kind = 0; kind < 4; kind++) {
        g_autoptr(GByteArray) a = message(kind == 1 ? 28 : 40, 4, 1);

        memset(a->data + (kind == 1 ? 24 : 28), 0, 4);
        if (kind == 0)
            a->data[31] = 33; /* too many */
        else if (kind == 2)
            a->data[31] = 1; /* a byte without one */
        push(f, a->data, a->len);
        if (kind == 2)
            push(f, a->data, 4);
        else if (kind == 3)
            push_fd(f, 0); /* not announced */
        turn();
        g_assert_nonnull(f->reason);
        g_assert_cmpuint(f->got->len, <=, 1);
        teardown(f, NULL);
        memset(f, 0, sizeof(*f));
        setup(f, NULL);
    }
}

static gsize
drain_peer(Fixture *f)
{
    static guint8 buf[65536];
    gsize sum = 0;
    gssize n;

    do {
        turn();
        n = recv(f->peer, buf, sizeof(buf), MSG_DONTWAIT);
        sum += MAX(n, 0);
    } while (n > 0);
    return sum;
}

static void
test_send(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(200000, 1, 1);
    gsize expected = 0;

    for (int i = 0; i < 30; i++) {
        if (i % 2)
            vir_wire_send_data(f->wire, a->data, a->len);
        else
            vir_wire_send(f->wire, vir_packet_new_take(g_memdup2(a->data, a->len), a->len));
        expected += a->len;
    }
    g_assert_true(vir_wire_congested(f->wire));
    g_assert_cmpuint(drain_peer(f), ==, expected);
    g_assert_false(vir_wire_congested(f->wire));
    g_assert_cmpuint(f->drained, ==, 1);
    g_assert_cmpuint(vir_wire_queued(f->wire), ==, 0);
}

static void
test_not_reading(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(200000, 1, 1);

    for (int i = 0; i < 30; i++)
        vir_wire_send_bounded(f->wire, vir_packet_new_take(g_memdup2(a->data, a->len), a->len));
    turn();
    g_assert_nonnull(f->reason);
    g_assert_nonnull(strstr(f->reason, "does not read"));
}

static void
test_finish(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(1500000, 1, 1);

    vir_wire_send_data(f->wire, a->data, a->len);
    vir_wire_finish(f->wire, "done");
    g_assert_cmpuint(drain_peer(f), ==, a->len);
    turn();
    g_assert_cmpstr(f->reason, ==, "done");
}

static void
test_peer_gone(Fixture *f, const void *unused)
{
    g_autoptr(GByteArray) a = message(1000, 1, 1);

    close(f->peer);
    f->peer = -1;
    vir_wire_send_data(f->wire, a->data, a->len);
    vir_wire_send_data(f->wire, a->data, a->len);
    g_assert_null(f->reason);
    turn();
    g_assert_nonnull(f->reason);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/wire/" name, Fixture, NULL, setup, func, teardown)
    ADD("whole", test_whole);
    ADD("bytewise", test_bytewise);
    ADD("large", test_large);
    ADD("longest", test_longest);
    ADD("illegal-lengths", test_illegal_lengths);
    ADD("announced-only", test_announced_only);
    ADD("idle-is-small", test_idle_is_small);
    ADD("pause", test_pause);
    ADD("fds", test_fds);
    ADD("bad-fds", test_bad_fds);
    ADD("send", test_send);
    ADD("not-reading", test_not_reading);
    ADD("finish", test_finish);
    ADD("peer-gone", test_peer_gone);
    return g_test_run();
}
