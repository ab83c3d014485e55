/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a daemon sends to the client library: replies to two calls, one with a stream, and events.
 */

#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fuzz.h"

static guint events;

static void
on_event(void *owner, const VirProc *proc, const void *msg)
{
    events++;
}

static void
on_closed(void *owner, int reason)
{
}

static const VirClientFuncs funcs = {.event = on_event, .closed = on_closed};

static const VirProc *
proc_of(int number)
{
    return vir_program_proc(vir_program_find(REMOTE_PROGRAM), number);
}

static void
calls(VirClient *client)
{
    g_auto(VirArena) arena = {0};
    remote_connect_get_type_ret type;
    remote_domain_open_console_args console = {.dom = {.name = (char *)"d"}};
    VirClientStream *stream = NULL;
    int *fds = NULL;
    unsigned n_fds = 0;

    if (vir_client_roundtrip(client, proc_of(REMOTE_PROC_CONNECT_GET_TYPE), NULL, NULL, 0, &type,
                             &fds, &n_fds, NULL, &arena, NULL)) {
        for (unsigned i = 0; i < n_fds; i++)
            close(fds[i]);
        g_free(fds);
    }
    if (vir_client_roundtrip(client, proc_of(REMOTE_PROC_DOMAIN_OPEN_CONSOLE), &console, NULL, 0,
                             NULL, NULL, NULL, &stream, &arena, NULL)) {
        char data[64];
        gint64 hole;

        while (vir_client_stream_recv(stream, data, sizeof(data), TRUE, FALSE, NULL) > 0 ||
               vir_client_stream_recv_hole(stream, &hole, NULL))
            ;
        vir_client_stream_finish(stream, NULL);
        vir_client_stream_free(stream);
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    virNetwork owner = {.head = {VIR_HANDLE_NETWORK, 1}};
    VirClient *client;
    int fds[2];

    virEventRegisterDefaultImpl();
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    client = vir_client_new(fds[0], "peer", &funcs, &owner);
    g_assert_true(vir_client_watch(client));
    if (send(fds[1], data, len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        len = 0;
    shutdown(fds[1], SHUT_WR);
    calls(client);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    vir_client_detach(client);
    vir_client_unref(client);
    close(fds[1]);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    return 0;
}
