/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client in the program's event loop: events, the end, keepalive, calls of other threads. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "frames.h"
#include "vir-error.h"
#include "vir-file.h"

/* All the client knows of its owner is that it is a handle. */
typedef struct {
    virNetwork handle;
    VirClient *client;
    int peer;
    int events;
    char *last_name;
    int closed; /* reason + 1 */
    GThread *loop_thread;
} Owner;

static gint stop;

static void
on_event(void *data, const VirProc *proc, const void *msg)
{
    Owner *owner = data;
    const remote_domain_event_callback_lifecycle_msg *m = msg;

    g_assert_cmpint(proc->number, ==, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
    g_assert_true(g_thread_self() == owner->loop_thread);
    g_free(owner->last_name);
    owner->last_name = g_strdup(m->msg.dom.name);
    g_atomic_int_inc(&owner->events);
}

static void
on_closed(void *data, int reason)
{
    Owner *owner = data;

    g_assert_true(g_thread_self() == owner->loop_thread);
    g_atomic_int_set(&owner->closed, reason + 1);
}

static const VirClientFuncs funcs = {.event = on_event, .closed = on_closed};

static void
owner_init(Owner *owner)
{
    int fds[2];

    memset(owner, 0, sizeof(*owner));
    owner->handle.head.magic = VIR_HANDLE_NETWORK;
    owner->handle.head.refs = 1;
    owner->loop_thread = g_thread_self();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    owner->client = vir_client_new(fds[0], "peer", &funcs, owner);
    owner->peer = fds[1];
    g_assert_true(vir_client_watch(owner->client));
}

static void
owner_clear(Owner *owner)
{
    vir_client_detach(owner->client);
    vir_client_unref(owner->client);
    vir_fd_close(&owner->peer);
    g_free(owner->last_name);
}

static void
send_event(int fd, const char *name)
{
    static const guint8 uuid[16];
    GByteArray *event = frame_new(REMOTE_PROGRAM, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE,
                                  VIR_NET_MESSAGE, 0, VIR_NET_OK);

    put(event, 5); /* callback */
    put_string(event, name);
    g_byte_array_append(event, uuid, 16);
    put(event, 1); /* id */
    put(event, 2);
    put(event, 0);
    frame_send(fd, event);
}

static gboolean
recv_header(int fd, guint32 words[7])
{
    if (recv(fd, words, 28, MSG_WAITALL) != 28)
        return FALSE;
    for (int i = 0; i < 7; i++)
        words[i] = GUINT32_FROM_BE(words[i]);
    return TRUE;
}

static gboolean
call(VirClient *client)
{
    g_auto(VirArena) arena = {0};
    remote_connect_get_type_ret ret;

    return vir_client_roundtrip(
        client, vir_program_proc(vir_program_find(REMOTE_PROGRAM), REMOTE_PROC_CONNECT_GET_TYPE),
        NULL, NULL, 0, &ret, NULL, NULL, NULL, &arena, NULL);
}

static void
run_until(const int *counter, int value)
{
    while (g_atomic_int_get(counter) < value)
        g_assert_cmpint(virEventRunDefaultImpl(), ==, 0);
}

static void
test_events(void)
{
    Owner owner;

    owner_init(&owner);
    send_event(owner.peer, "one");
    send_event(owner.peer, "two");
    run_until(&owner.events, 2);
    g_assert_cmpstr(owner.last_name, ==, "two");
    owner_clear(&owner);
}

/* An event that a call's thread reads is told by the loop all the same. */
static void
test_event_before_reply(void)
{
    Owner owner;
    GByteArray *reply;

    owner_init(&owner);
    send_event(owner.peer, "before");
    reply = frame_new(REMOTE_PROGRAM, REMOTE_PROC_CONNECT_GET_TYPE, VIR_NET_REPLY, 0, VIR_NET_OK);
    put_string(reply, "QEMU");
    frame_send(owner.peer, reply);
    send_event(owner.peer, "behind");
    g_assert_true(call(owner.client));
    g_assert_cmpint(owner.events, ==, 0);
    run_until(&owner.events, 2);
    g_assert_cmpstr(owner.last_name, ==, "behind");
    owner_clear(&owner);
}

static void
test_bad_event(void)
{
    Owner owner;
    GByteArray *event = frame_new(REMOTE_PROGRAM, REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE,
                                  VIR_NET_MESSAGE, 0, VIR_NET_OK);

    owner_init(&owner);
    put(event, 0xffffffff);
    frame_send(owner.peer, event);
    frame_send(owner.peer, frame_new(REMOTE_PROGRAM, 9999, VIR_NET_MESSAGE, 0, VIR_NET_OK));
    frame_send(owner.peer, frame_new(0x1234, 1, VIR_NET_MESSAGE, 0, VIR_NET_OK));
    send_event(owner.peer, "good");
    run_until(&owner.events, 1);
    g_assert_cmpstr(owner.last_name, ==, "good");
    owner_clear(&owner);
}

static void
test_ping(void)
{
    Owner owner;
    guint32 words[7];

    owner_init(&owner);
    frame_send(owner.peer,
               frame_new(KEEPALIVE_PROGRAM, KEEPALIVE_PROC_PING, VIR_NET_MESSAGE, 0, VIR_NET_OK));
    send_event(owner.peer, "x");
    run_until(&owner.events, 1);
    g_assert_true(recv_header(owner.peer, words));
    g_assert_cmpuint(words[1], ==, KEEPALIVE_PROGRAM);
    g_assert_cmpuint(words[3], ==, KEEPALIVE_PROC_PONG);
    owner_clear(&owner);
}

static void
test_closed(void)
{
    Owner owner;

    owner_init(&owner);
    vir_fd_close(&owner.peer);
    run_until(&owner.closed, 1);
    g_assert_cmpint(owner.closed - 1, ==, VIR_CONNECT_CLOSE_REASON_EOF);
    g_assert_false(vir_client_alive(owner.client));
    g_assert_false(call(owner.client));
    owner_clear(&owner);
}

static void
test_keepalive(void)
{
    Owner owner;
    guint32 words[7];

    owner_init(&owner);
    vir_client_set_keepalive(owner.client, 1, 1);
    run_until(&owner.closed, 1);
    g_assert_cmpint(owner.closed - 1, ==, VIR_CONNECT_CLOSE_REASON_KEEPALIVE);
    g_assert_true(recv_header(owner.peer, words));
    g_assert_cmpuint(words[3], ==, KEEPALIVE_PROC_PING);
    owner_clear(&owner);
}

/* Answers calls, each with an event before it. */
static gpointer
serve(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);
    guint32 words[7];

    while (recv_header(fd, words)) {
        GByteArray *reply;

        if (words[1] != REMOTE_PROGRAM)
            continue;
        send_event(fd, "busy");
        reply = frame_new(REMOTE_PROGRAM, words[3], VIR_NET_REPLY, words[5], VIR_NET_OK);
        put_string(reply, "QEMU");
        frame_send(fd, reply);
    }
    return NULL;
}

static gpointer
call_many(gpointer data)
{
    for (int i = 0; i < 100; i++)
        g_assert_true(call(data));
    return NULL;
}

static void
test_threads(void)
{
    Owner owner;
    GThread *server;
    GThread *threads[4];

    owner_init(&owner);
    server = g_thread_new("peer", serve, GINT_TO_POINTER(owner.peer));
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("calls", call_many, owner.client);
    run_until(&owner.events, 400);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(owner.events, ==, 400);
    vir_client_detach(owner.client);
    g_thread_join(server);
    owner_clear(&owner);
}

static gpointer
run_loop(gpointer data)
{
    while (!g_atomic_int_get(&stop))
        virEventRunDefaultImpl();
    return NULL;
}

static void
wake_loop(int timer, void *opaque)
{
}

/* Connections come and go while another thread runs the loop. */
static void
test_detach(void)
{
    GThread *loop = g_thread_new("loop", run_loop, NULL);
    g_autofree Owner *owners = g_new0(Owner, 50); /* a callback may still run */
    int timer;

    for (int i = 0; i < 50; i++) {
        owner_init(&owners[i]);
        owners[i].loop_thread = loop;
        send_event(owners[i].peer, "gone");
        vir_client_set_keepalive(owners[i].client, 5, 5);
        vir_client_detach(owners[i].client);
    }
    g_atomic_int_set(&stop, 1);
    timer = virEventAddTimeout(0, wake_loop, NULL, NULL);
    g_thread_join(loop);
    virEventRemoveTimeout(timer);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    for (int i = 0; i < 50; i++)
        owner_clear(&owners[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(virEventRegisterDefaultImpl(), ==, 0);
    g_test_add_func("/client-loop/events", test_events);
    g_test_add_func("/client-loop/event-before-reply", test_event_before_reply);
    g_test_add_func("/client-loop/bad-event", test_bad_event);
    g_test_add_func("/client-loop/ping", test_ping);
    g_test_add_func("/client-loop/closed", test_closed);
    g_test_add_func("/client-loop/keepalive", test_keepalive);
    g_test_add_func("/client-loop/threads", test_threads);
    g_test_add_func("/client-loop/detach", test_detach);
    return g_test_run();
}
