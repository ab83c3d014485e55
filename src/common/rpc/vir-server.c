/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vir-log.h"
#include "vir-server-private.h"

VIR_LOG_INIT("rpc.server");

/* Connections taken in one turn of the main loop, so that other clients have theirs. */
#define ACCEPTS_PER_TURN 32

typedef struct {
    VirServer *server;
    VirWatch *watch;
    int fd;
    gboolean readonly;
    VirAuth auth;
} Listener;

static const VirProgram *default_programs[4];

static const VirProgram *const *
programs_of_drivers(void)
{
    if (!default_programs[0]) {
        default_programs[2] = vir_program_find(LXC_PROGRAM);
        default_programs[1] = vir_program_find(QEMU_PROGRAM);
        default_programs[0] = vir_program_find(REMOTE_PROGRAM);
    }
    return default_programs;
}

static gboolean
server_try_again(void *data)
{
    VirServer *server = data;

    server->starved = 0;
    vir_server_update_accepting(server);
    return G_SOURCE_REMOVE;
}

/* Out of file descriptors or memory: the client stays in the backlog, and epoll would go on
 * telling. */
static void
server_starve(VirServer *server, int errnum)
{
    vir_warn("server '%s' cannot accept a client: %s", server->name, g_strerror(errnum));
    if (!server->starved)
        server->starved = g_timeout_add_seconds(1, server_try_again, server);
    vir_server_update_accepting(server);
}

static void
listener_on_poll(VirWatch *watch, guint32 events, void *data)
{
    Listener *listener = data;
    VirServer *server = listener->server;

    for (int i = 0; i < ACCEPTS_PER_TURN && server->accepting; i++) {
        g_autoptr(GError) error = NULL;
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                server_starve(server, errno);
            return;
        }
        if (!vir_session_new(server, fd, listener->readonly, listener->auth, &error))
            vir_warn("cannot serve a client: %s", error->message);
    }
}

static void
listener_free(void *data)
{
    Listener *listener = data;

    vir_watch_remove(listener->watch);
    close(listener->fd);
    g_free(listener);
}

VirServer *
vir_server_new(const VirServerConfig *config)
{
    VirServer *server = g_new0(VirServer, 1);

    server->config = *config;
    server->name = g_strdup(config->name);
    server->poller = vir_poller_default();
    server->accepting = TRUE;
    server->out = g_byte_array_new();
    if (!server->config.programs)
        server->config.programs = programs_of_drivers();
    if (!server->config.limits.max_clients)
        server->config.limits.max_clients = 5000;
    if (!server->config.limits.max_anonymous_clients)
        server->config.limits.max_anonymous_clients = 20;
    if (!server->config.limits.max_client_requests)
        server->config.limits.max_client_requests = 5;
    vir_server_set_keepalive(server, config->keepalive_interval ? config->keepalive_interval : 5,
                             config->keepalive_count ? config->keepalive_count : 5);
    return server;
}

void
vir_server_add_socket(VirServer *server, int fd, gboolean readonly, VirAuth auth)
{
    Listener *listener = g_new0(Listener, 1);

    listener->server = server;
    listener->fd = fd;
    listener->readonly = readonly;
    listener->auth = auth;
    listener->watch = vir_poller_add(server->poller, fd, server->accepting ? EPOLLIN : 0,
                                     listener_on_poll, listener);
    server->listeners = g_slist_prepend(server->listeners, listener);
}

void
vir_server_stop_listening(VirServer *server)
{
    g_slist_free_full(g_steal_pointer(&server->listeners), listener_free);
}

void
vir_server_free(VirServer *server)
{
    if (!server)
        return;
    vir_server_stop_listening(server);
    while (server->sessions)
        vir_session_close(server->sessions, "the daemon ends");
    if (server->keepalive)
        g_source_remove(server->keepalive);
    if (server->starved)
        g_source_remove(server->starved);
    g_byte_array_unref(server->out);
    g_free(server->name);
    g_free(server);
}

const char *
vir_server_name(const VirServer *server)
{
    return server->name;
}

/* Clients beyond a limit wait in the backlog of the listening socket. */
void
vir_server_update_accepting(VirServer *server)
{
    const VirServerLimits *limits = &server->config.limits;
    gboolean accepting =
        server->count < limits->max_clients && server->anonymous < limits->max_anonymous_clients;

    accepting = accepting && !server->starved;
    if (accepting == server->accepting)
        return;
    server->accepting = accepting;
    for (GSList *l = server->listeners; l; l = l->next)
        vir_watch_set_events(((Listener *)l->data)->watch, accepting ? EPOLLIN : 0);
    if (!accepting && !server->starved)
        vir_warn("server '%s' has %u clients, %u of them not authenticated: new ones have to wait",
                 server->name, server->count, server->anonymous);
}

void
vir_server_session_gone(VirServer *server, VirSession *session)
{
    if (session->prev)
        session->prev->next = session->next;
    else
        server->sessions = session->next;
    if (session->next)
        session->next->prev = session->prev;
    server->count--;
    if (!session->authenticated)
        server->anonymous--;
    if (session->keepalive)
        vir_server_want_keepalive(server, -1);
    vir_server_update_accepting(server);
    if (server->count == 0 && server->config.busy)
        server->config.busy(server, FALSE, server->config.data);
}

void
vir_server_get_limits(const VirServer *server, VirServerLimits *limits)
{
    *limits = server->config.limits;
}

void
vir_server_set_limits(VirServer *server, const VirServerLimits *limits)
{
    server->config.limits = *limits;
    vir_server_update_accepting(server);
    for (VirSession *s = server->sessions; s; s = s->next)
        vir_wire_set_paused(s->wire, VIR_PAUSE_REQUESTS,
                            s->n_requests >= limits->max_client_requests);
}

static gboolean
keepalive_turn(void *data)
{
    VirServer *server = data;
    VirSession *next;

    for (VirSession *s = server->sessions; s; s = next) {
        next = s->next;
        if (s->keepalive)
            vir_session_keepalive(s);
    }
    return G_SOURCE_CONTINUE;
}

void
vir_server_want_keepalive(VirServer *server, int change)
{
    int interval = server->config.keepalive_interval;

    server->n_keepalive += change;
    if (server->keepalive && (server->n_keepalive == 0 || change == 0)) {
        g_source_remove(server->keepalive);
        server->keepalive = 0;
    }
    if (!server->keepalive && server->n_keepalive > 0 && interval > 0)
        server->keepalive = g_timeout_add_seconds(interval, keepalive_turn, server);
}

void
vir_server_set_keepalive(VirServer *server, int interval, unsigned count)
{
    server->config.keepalive_interval = interval;
    server->config.keepalive_count = count;
    vir_server_want_keepalive(server, 0);
}

/* The admin API. */

static void
session_info(const VirSession *session, VirSessionInfo *info)
{
    memset(info, 0, sizeof(*info));
    info->id = session->id;
    info->connected = session->connected;
    info->transport = session->tcp ? 1 : 0;
    info->readonly = session->readonly;
    info->authenticated = session->authenticated;
    info->identity = session->identity;
    if (session->tcp) {
        struct sockaddr_storage addr;
        socklen_t len = sizeof(addr);
        g_autoptr(GSocketAddress) address = NULL;
        g_autofree char *text = NULL;

        if (getpeername(vir_wire_fd(session->wire), (struct sockaddr *)&addr, &len) == 0)
            address = g_socket_address_new_from_native(&addr, len);
        if (address)
            text = g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
        g_strlcpy(info->address, text ? text : "", sizeof(info->address));
    }
}

static VirSession *
find_session(const VirServer *server, guint64 id)
{
    VirSession *session = server->sessions;

    while (session && session->id != id)
        session = session->next;
    return session;
}

unsigned
vir_server_count(const VirServer *server, unsigned *anonymous)
{
    if (anonymous)
        *anonymous = server->anonymous;
    return server->count;
}

GArray *
vir_server_list_sessions(const VirServer *server)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(VirSessionInfo));
    VirSession *session = server->sessions;

    while (session && session->next)
        session = session->next;
    for (; session; session = session->prev) {
        VirSessionInfo info;

        session_info(session, &info);
        g_array_append_val(list, info);
    }
    return list;
}

gboolean
vir_server_get_session(const VirServer *server, guint64 id, VirSessionInfo *info)
{
    VirSession *session = find_session(server, id);

    if (session)
        session_info(session, info);
    return session != NULL;
}

gboolean
vir_server_close_session(VirServer *server, guint64 id)
{
    VirSession *session = find_session(server, id);

    /* Not at once: the one who asks may be this client itself. */
    if (session)
        vir_wire_finish(session->wire, "the administrator closed it");
    return session != NULL;
}
