/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's end against a peer that is scripted frame by frame, well-behaved or not. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "frames.h"
#include "vir-error.h"
#include "vir-file.h"

typedef struct {
    VirClient *client;
    int peer;
} Pair;

static const VirClientFuncs no_funcs;

static void
pair_new(Pair *pair)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    pair->client = vir_client_new(fds[0], "peer", &no_funcs, NULL);
    pair->peer = fds[1];
}

static void
pair_clear(Pair *pair)
{
    vir_client_detach(pair->client);
    vir_client_unref(pair->client);
    vir_fd_close(&pair->peer);
}

static const VirProc *
proc_of(int number)
{
    return vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
}

/* The words of a frame's header, 0: length; its payload is dropped. FALSE at the end. */
static gboolean
frame_recv(int fd, guint32 words[7])
{
    g_autofree guint8 *rest = NULL;

    if (!recv_all(fd, words, 28))
        return FALSE;
    for (int i = 0; i < 7; i++)
        words[i] = GUINT32_FROM_BE(words[i]);
    rest = g_malloc(words[0]);
    return recv_all(fd, rest, words[0] - 28);
}

/* Calls CONNECT_GET_TYPE; the answer's text, or NULL with @error. */
static char *
get_type(VirClient *client, GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_connect_get_type_ret ret;

    if (!vir_client_roundtrip(client, proc_of(REMOTE_PROC_CONNECT_GET_TYPE), NULL, NULL, 0, &ret,
                              NULL, NULL, NULL, &arena, error))
        return NULL;
    return g_strdup(ret.type);
}

/* Answers every call with the decimal serial as text, until the end. */
static gpointer
serve_serials(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);
    guint32 words[7];

    while (frame_recv(fd, words)) {
        g_autofree char *text = g_strdup_printf("%u", words[5]);
        GByteArray *reply =
            frame_new(REMOTE_PROGRAM, words[3], VIR_NET_REPLY, words[5], VIR_NET_OK);

        put_string(reply, text);
        frame_send(fd, reply);
    }
    return NULL;
}

static void
test_calls(void)
{
    Pair pair;
    GThread *server;

    pair_new(&pair);
    server = g_thread_new("peer", serve_serials, GINT_TO_POINTER(pair.peer));
    for (int i = 0; i < 100; i++) {
        g_autofree char *want = g_strdup_printf("%d", i);
        g_autofree char *got = get_type(pair.client, NULL);

        g_assert_cmpstr(got, ==, want);
    }
    vir_client_detach(pair.client);
    g_thread_join(server);
    pair_clear(&pair);
}

static gpointer
call_many(gpointer data)
{
    for (int i = 0; i < 200; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *got = get_type(data, &error);

        g_assert_no_error(error);
        g_assert_nonnull(got);
    }
    return NULL;
}

static void
test_threads(void)
{
    Pair pair;
    GThread *server;
    GThread *threads[8];

    pair_new(&pair);
    server = g_thread_new("peer", serve_serials, GINT_TO_POINTER(pair.peer));
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("calls", call_many, pair.client);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    vir_client_detach(pair.client);
    g_thread_join(server);
    pair_clear(&pair);
}

/* Collects three calls and answers them last first. */
static gpointer
serve_reversed(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);
    guint32 words[3][7];

    for (int i = 0; i < 3; i++)
        g_assert_true(frame_recv(fd, words[i]));
    for (int i = 2; i >= 0; i--) {
        GByteArray *reply =
            frame_new(REMOTE_PROGRAM, words[i][3], VIR_NET_REPLY, words[i][5], VIR_NET_OK);

        put_string(reply, "late");
        frame_send(fd, reply);
    }
    return NULL;
}

static gpointer
call_once(gpointer data)
{
    return get_type(data, NULL);
}

static void
test_out_of_order(void)
{
    Pair pair;
    GThread *server;
    GThread *threads[3];

    pair_new(&pair);
    server = g_thread_new("peer", serve_reversed, GINT_TO_POINTER(pair.peer));
    for (guint i = 0; i < 3; i++)
        threads[i] = g_thread_new("calls", call_once, pair.client);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *got = g_thread_join(threads[i]);

        g_assert_cmpstr(got, ==, "late");
    }
    g_thread_join(server);
    pair_clear(&pair);
}

static void
put_error(GByteArray *out, int code, const char *message)
{
    put(out, code);
    put(out, VIR_FROM_QEMU);
    put(out, 1);
    put_string(out, message);
    put(out, VIR_ERR_ERROR);
    put(out, 0);
    put(out, 1);
    put_string(out, "%s");
    put(out, 0);
    put(out, 0);
    put(out, 7);
    put(out, 8);
    put(out, 0);
}

static void
expect_error(GByteArray *reply, int code, const char *text, gboolean alive)
{
    g_autoptr(GError) error = NULL;
    Pair pair;

    pair_new(&pair);
    frame_send(pair.peer, reply); /* serials are known beforehand */
    g_assert_null(get_type(pair.client, &error));
    g_assert_error(error, VIR_ERROR, code);
    if (!strstr(error->message, text))
        g_error("'%s' does not say '%s'", error->message, text);
    g_assert_cmpint(vir_client_alive(pair.client), ==, alive);
    if (!alive) { /* and stays so */
        g_autoptr(GError) again = NULL;

        g_assert_null(get_type(pair.client, &again));
        g_assert_error(again, VIR_ERROR, code);
    }
    pair_clear(&pair);
}

static void
test_error_reply(void)
{
    GByteArray *reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_ERROR);

    put_error(reply, VIR_ERR_NO_DOMAIN, "Domain not found: x");
    expect_error(reply, VIR_ERR_NO_DOMAIN, "Domain not found: x", TRUE);
    reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_ERROR);
    put_error(reply, VIR_ERR_RPC, "unknown procedure: 3");
    expect_error(reply, VIR_ERR_NO_SUPPORT, "virConnectGetType", TRUE);
}

static void
test_bad_payloads(void)
{
    GByteArray *reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_OK);

    expect_error(reply, VIR_ERR_RPC, "", TRUE); /* nothing at all */
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_OK);
    put(reply, 0x7fffffff);
    expect_error(reply, VIR_ERR_RPC, "", TRUE);
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_OK);
    put_string(reply, "QEMU");
    put(reply, 1);
    expect_error(reply, VIR_ERR_RPC, "", TRUE);
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, 17);
    put_string(reply, "QEMU");
    expect_error(reply, VIR_ERR_RPC, "status 17", TRUE);
    reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_ERROR);
    put(reply, 1);
    expect_error(reply, VIR_ERR_RPC, "", TRUE);
}

static void
test_bad_frames(void)
{
    GByteArray *reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 5, VIR_NET_OK);

    put_string(reply, "QEMU");
    expect_error(reply, VIR_ERR_RPC, "serial 5", FALSE);
    reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_VERSION, VIR_NET_REPLY, 0, VIR_NET_OK);
    expect_error(reply, VIR_ERR_RPC, "procedure 4", FALSE);
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, 99, 0, VIR_NET_OK);
    expect_error(reply, VIR_ERR_RPC, "type 99", FALSE);
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY_WITH_FDS, 0,
                      VIR_NET_OK);
    put(reply, 33);
    expect_error(reply, VIR_ERR_RPC, "descriptors", FALSE);
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY_WITH_FDS, 0,
                      VIR_NET_OK);
    expect_error(reply, VIR_ERR_RPC, "descriptors", FALSE);
}

static void
test_bad_lengths(void)
{
    static const guint32 lengths[] = {0, 1, 4, 27, 33554437, 0x80000000, 0xffffffff};

    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GError) error = NULL;
        guint32 word = GUINT32_TO_BE(lengths[i]);
        Pair pair;

        pair_new(&pair);
        send_all(pair.peer, &word, 4);
        g_assert_null(get_type(pair.client, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
        g_assert_cmpint(vir_error_detail(error)->domain, ==, VIR_FROM_RPC);
        pair_clear(&pair);
    }
}

static void
test_end(void)
{
    g_autoptr(GError) error = NULL;
    Pair pair;

    pair_new(&pair);
    g_assert_cmpint(shutdown(pair.peer, SHUT_WR), ==, 0);
    g_assert_null(get_type(pair.client, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_assert_cmpint(vir_error_detail(error)->domain, ==, VIR_FROM_RPC);
    g_assert_false(vir_client_alive(pair.client));
    pair_clear(&pair);

    pair_new(&pair); /* SIGPIPE would end this program */
    vir_fd_close(&pair.peer);
    g_assert_false(vir_client_alive(pair.client));
    g_assert_null(get_type(pair.client, NULL));
    pair_clear(&pair);
}

/* Every byte alone, and a ping between. */
static void
test_bytewise(void)
{
    GByteArray *reply =
        frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_OK);
    guint8 ping[28] = {0, 0, 0, 28, 0x6b, 0x65, 0x65, 0x70, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2};
    g_autofree char *got = NULL;
    guint32 words[7];
    guint32 len;
    Pair pair;

    pair_new(&pair);
    put_string(reply, "bytes");
    len = GUINT32_TO_BE(reply->len);
    memcpy(reply->data, &len, 4);
    g_byte_array_prepend(reply, ping, sizeof(ping));
    for (guint i = 0; i < reply->len; i++)
        send_all(pair.peer, reply->data + i, 1);
    g_byte_array_unref(reply);
    got = get_type(pair.client, NULL);
    g_assert_cmpstr(got, ==, "bytes");
    g_assert_true(frame_recv(pair.peer, words)); /* the call */
    g_assert_true(frame_recv(pair.peer, words)); /* the answer to the ping */
    g_assert_cmpuint(words[1], ==, KEEPALIVE_PROGRAM);
    g_assert_cmpuint(words[3], ==, KEEPALIVE_PROC_PONG);
    pair_clear(&pair);
}

static void
send_fd(int sock, int fd)
{
    char byte = 0;
    struct iovec iov = {&byte, 1};
    union {
        char buf[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.buf,
                         .msg_controllen = sizeof(control.buf)};
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
    g_assert_cmpint(sendmsg(sock, &msg, 0), ==, 1);
}

static void
test_fds(void)
{
    const VirProc *proc = proc_of(REMOTE_PROC_CONNECT_GET_TYPE);
    GByteArray *reply =
        frame_new(REMOTE_PROGRAM, proc->number, VIR_NET_REPLY_WITH_FDS, 0, VIR_NET_OK);
    g_auto(VirArena) arena = {0};
    remote_connect_get_type_ret ret;
    g_autofree int *fds = NULL;
    unsigned n_fds = 0;
    int pipes[2];
    char byte = 0;
    Pair pair;

    pair_new(&pair);
    g_assert_cmpint(pipe(pipes), ==, 0);
    put(reply, 2);
    put_string(reply, "fds");
    frame_send(pair.peer, reply);
    send_fd(pair.peer, pipes[0]);
    send_fd(pair.peer, pipes[1]);
    g_assert_true(vir_client_roundtrip(pair.client, proc, NULL, pipes, 2, &ret, &fds, &n_fds, NULL,
                                       &arena, NULL));
    g_assert_cmpstr(ret.type, ==, "fds");
    g_assert_cmpuint(n_fds, ==, 2);
    g_assert_cmpint(fcntl(fds[0], F_GETFD), ==, FD_CLOEXEC);
    g_assert_cmpint(write(fds[1], "x", 1), ==, 1);
    g_assert_cmpint(read(pipes[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'x');
    for (int i = 0; i < 2; i++) {
        close(fds[i]);
        close(pipes[i]);
    }
    /* What it sent: the call, its count, and then one byte for each fd. */
    {
        guint32 words[8];
        char bytes[2];

        g_assert_true(recv_all(pair.peer, words, sizeof(words)));
        g_assert_cmpuint(GUINT32_FROM_BE(words[4]), ==, VIR_NET_CALL_WITH_FDS);
        g_assert_cmpuint(GUINT32_FROM_BE(words[7]), ==, 2);
        g_assert_true(recv_all(pair.peer, bytes, 2));
    }
    pair_clear(&pair);
}

static VirClientStream *
open_stream(Pair *pair, int number)
{
    g_auto(VirArena) arena = {0};
    VirClientStream *stream = NULL;
    remote_domain_open_console_args args = {.dom = {.name = (char *)"d"}};
    remote_domain_screenshot_args shot = {.dom = {.name = (char *)"d"}};
    remote_domain_screenshot_ret ret;
    GByteArray *reply = frame_new(REMOTE_PROGRAM, number, VIR_NET_REPLY, 0, VIR_NET_OK);
    guint32 words[7];

    if (number == REMOTE_PROC_DOMAIN_SCREENSHOT) {
        put(reply, 1);
        put_string(reply, "image/png");
    }
    frame_send(pair->peer, reply);
    g_assert_true(vir_client_roundtrip(pair->client, proc_of(number),
                                       number == REMOTE_PROC_DOMAIN_SCREENSHOT ? (void *)&shot
                                                                               : (void *)&args,
                                       NULL, 0, &ret, NULL, NULL, &stream, &arena, NULL));
    g_assert_true(frame_recv(pair->peer, words));
    return stream;
}

static void
stream_data(Pair *pair, int number, const char *data)
{
    GByteArray *frame = frame_new(REMOTE_PROGRAM, number, VIR_NET_STREAM, 0, VIR_NET_CONTINUE);

    g_byte_array_append(frame, (const guint8 *)data, strlen(data));
    frame_send(pair->peer, frame);
}

static void
test_stream_read(void)
{
    const int number = REMOTE_PROC_DOMAIN_SCREENSHOT;
    VirClientStream *stream;
    GByteArray *hole;
    g_autoptr(GError) error = NULL;
    gint64 length = 0;
    char data[16];
    Pair pair;

    pair_new(&pair);
    stream = open_stream(&pair, number);
    g_assert_cmpint(vir_client_stream_recv(stream, data, 16, FALSE, TRUE, &error), ==, -2);
    stream_data(&pair, number, "abc");
    hole = frame_new(REMOTE_PROGRAM, number, VIR_NET_STREAM_HOLE, 0, VIR_NET_CONTINUE);
    put(hole, 0);
    put(hole, 5);
    put(hole, 0);
    frame_send(pair.peer, hole);
    stream_data(&pair, number, "de");
    stream_data(&pair, number, "");
    g_assert_cmpint(vir_client_stream_recv(stream, data, 2, TRUE, FALSE, &error), ==, 2);
    g_assert_cmpint(vir_client_stream_recv(stream, data, 16, TRUE, FALSE, &error), ==, 1);
    g_assert_cmpint(vir_client_stream_recv(stream, data, 16, TRUE, FALSE, &error), ==, -3);
    g_assert_true(vir_client_stream_recv_hole(stream, &length, &error));
    g_assert_cmpint(length, ==, 5);
    g_assert_cmpint(vir_client_stream_recv(stream, data, 16, TRUE, FALSE, &error), ==, 2);
    g_assert_cmpmem(data, 2, "de", 2);
    g_assert_cmpint(vir_client_stream_recv(stream, data, 16, TRUE, FALSE, &error), ==, 0);
    frame_send(pair.peer, frame_new(REMOTE_PROGRAM, number, VIR_NET_STREAM, 0, VIR_NET_OK));
    g_assert_true(vir_client_stream_finish(stream, &error));
    g_assert_no_error(error);
    vir_client_stream_free(stream);
    pair_clear(&pair);
}

static void
test_stream_write(void)
{
    const int number = REMOTE_PROC_DOMAIN_OPEN_CONSOLE;
    VirClientStream *stream;
    g_autoptr(GError) error = NULL;
    GByteArray *frame;
    guint32 words[7];
    Pair pair;

    pair_new(&pair);
    stream = open_stream(&pair, number);
    g_assert_cmpint(vir_client_stream_send(stream, "abc", 3, FALSE, &error), ==, 3);
    g_assert_true(frame_recv(pair.peer, words));
    g_assert_cmpuint(words[0], ==, 31);
    g_assert_cmpuint(words[4], ==, VIR_NET_STREAM);
    g_assert_cmpuint(words[6], ==, VIR_NET_CONTINUE);
    frame = frame_new(REMOTE_PROGRAM, number, VIR_NET_STREAM, 0, VIR_NET_ERROR);
    put_error(frame, VIR_ERR_OPERATION_FAILED, "disk full");
    frame_send(pair.peer, frame);
    g_assert_false(vir_client_stream_finish(stream, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_clear_error(&error);
    g_assert_cmpint(vir_client_stream_send(stream, "abc", 3, FALSE, &error), ==, -1);
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    vir_client_stream_free(stream);
    pair_clear(&pair);
}

static void
test_stream_abort(void)
{
    const int number = REMOTE_PROC_DOMAIN_OPEN_CONSOLE;
    VirClientStream *stream;
    g_autofree char *got = NULL;
    GByteArray *reply;
    guint32 words[7];
    Pair pair;

    pair_new(&pair);
    stream = open_stream(&pair, number);
    vir_client_stream_abort(stream);
    g_assert_true(frame_recv(pair.peer, words));
    g_assert_cmpuint(words[4], ==, VIR_NET_STREAM);
    g_assert_cmpuint(words[6], ==, VIR_NET_ERROR);
    vir_client_stream_free(stream);
    stream_data(&pair, number, "late"); /* nobody's any more */
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 1, VIR_NET_OK);
    put_string(reply, "on");
    frame_send(pair.peer, reply);
    got = get_type(pair.client, NULL);
    g_assert_cmpstr(got, ==, "on");
    pair_clear(&pair);
}

/* More than the socket takes, so that it has to wait. */
static gpointer
write_much(gpointer data)
{
    g_autofree char *block = g_malloc0(200000);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 20; i++)
        g_assert_cmpint(vir_client_stream_send(data, block, 200000, FALSE, &error), ==, 200000);
    return NULL;
}

/* While one thread waits for the peer to read, another one's call gets through. */
static void
test_slow_peer(void)
{
    VirClientStream *stream;
    GThread *writer;
    GThread *caller;
    g_autofree char *got = NULL;
    int data = 0;
    int calls = 0;
    Pair pair;

    pair_new(&pair);
    stream = open_stream(&pair, REMOTE_PROC_DOMAIN_OPEN_CONSOLE);
    writer = g_thread_new("writes", write_much, stream);
    caller = g_thread_new("calls", call_once, pair.client);
    while (data < 20 || calls < 1) {
        guint32 words[7];

        g_assert_true(frame_recv(pair.peer, words));
        if (words[4] == VIR_NET_CALL) {
            GByteArray *reply =
                frame_new(REMOTE_PROGRAM, words[3], VIR_NET_REPLY, words[5], VIR_NET_OK);

            put_string(reply, "through");
            frame_send(pair.peer, reply);
            calls++;
        } else {
            data++;
        }
    }
    got = g_thread_join(caller);
    g_assert_cmpstr(got, ==, "through");
    g_thread_join(writer);
    vir_client_stream_free(stream);
    pair_clear(&pair);
}

static void
test_arguments_too_long(void)
{
    g_auto(VirArena) arena = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *xml = g_strnfill(REMOTE_STRING_MAX + 1, 'x');
    remote_domain_define_xml_args args = {.xml = xml};
    remote_domain_define_xml_ret ret;
    Pair pair;

    pair_new(&pair);
    g_assert_false(vir_client_roundtrip(pair.client, proc_of(REMOTE_PROC_DOMAIN_DEFINE_XML), &args,
                                        NULL, 0, &ret, NULL, NULL, NULL, &arena, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RPC);
    g_assert_true(vir_client_alive(pair.client));
    pair_clear(&pair);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/client/calls", test_calls);
    g_test_add_func("/client/threads", test_threads);
    g_test_add_func("/client/out-of-order", test_out_of_order);
    g_test_add_func("/client/error-reply", test_error_reply);
    g_test_add_func("/client/bad-payloads", test_bad_payloads);
    g_test_add_func("/client/bad-frames", test_bad_frames);
    g_test_add_func("/client/bad-lengths", test_bad_lengths);
    g_test_add_func("/client/end", test_end);
    g_test_add_func("/client/bytewise", test_bytewise);
    g_test_add_func("/client/fds", test_fds);
    g_test_add_func("/client/stream-read", test_stream_read);
    g_test_add_func("/client/stream-write", test_stream_write);
    g_test_add_func("/client/stream-abort", test_stream_abort);
    g_test_add_func("/client/slow-peer", test_slow_peer);
    g_test_add_func("/client/arguments-too-long", test_arguments_too_long);
    return g_test_run();
}
