/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "vir-log.h"
#include "vir-relay-private.h"

VIR_LOG_INIT("rpc.relay");

#define BACKOFF_FIRST 10u
#define BACKOFF_MOST 1000u

#define CLASS(k) (1u << VIR_CLASS_##k)

/* The order of the hypervisors is that in which they are looked for where the URI names none. */
static const VirRelayDriver drivers[] = {
    {"xen", "virtxend", 0, FALSE},
    {"qemu", "virtqemud", 0, TRUE},
    {"lxc", "virtlxcd", 0, FALSE},
    {"vbox", "virtvboxd", 0, TRUE},
    {"bhyve", "virtbhyved", 0, FALSE},
    {"vz", "virtvzd", 0, FALSE},
    {"parallels", "virtvzd", 0, FALSE},
    {"ch", "virtchd", 0, TRUE},
    {"network", "virtnetworkd", CLASS(NETWORK) | CLASS(NETWORK_PORT), TRUE},
    {"storage", "virtstoraged", CLASS(STORAGE_POOL) | CLASS(STORAGE_VOL), TRUE},
    {"nodedev", "virtnodedevd", CLASS(NODE_DEVICE), TRUE},
    {"nwfilter", "virtnwfilterd", CLASS(NWFILTER) | CLASS(NWFILTER_BINDING), FALSE},
    {"secret", "virtsecretd", CLASS(SECRET), TRUE},
    {"interface", "virtinterfaced", CLASS(INTERFACE), TRUE},
};

const VirRelayDriver *
vir_relay_driver_by_scheme(const char *scheme, gsize len)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (strlen(drivers[i].scheme) == len && memcmp(drivers[i].scheme, scheme, len) == 0)
            return &drivers[i];
    }
    return NULL;
}

const VirRelayDriver *
vir_relay_driver_by_class(VirClass klass)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (drivers[i].classes & (1u << klass))
            return &drivers[i];
    }
    return NULL;
}

char *
vir_relay_probe(VirRelay *relay)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        VirRelayDaemon daemon = {.relay = relay, .driver = &drivers[i]};
        g_autofree char *path = vir_relay_daemon_socket(&daemon, FALSE);
        const char *mode = relay->privileged ? "system" : "session";

        if (drivers[i].classes || (!relay->privileged && !drivers[i].session))
            continue;
        if (access(path, F_OK) == 0)
            return g_strdup_printf("%s:///%s", drivers[i].scheme, mode);
    }
    return NULL;
}

VirRelayDaemon *
vir_relay_daemon(VirRelay *relay, const VirRelayDriver *driver)
{
    VirRelayDaemon *daemon;

    for (GSList *l = relay->daemons; l; l = l->next) {
        daemon = l->data;
        if (g_str_equal(daemon->driver->daemon, driver->daemon))
            return daemon;
    }
    daemon = g_new0(VirRelayDaemon, 1);
    daemon->relay = relay;
    daemon->driver = driver;
    relay->daemons = g_slist_prepend(relay->daemons, daemon);
    return daemon;
}

char *
vir_relay_daemon_socket(const VirRelayDaemon *daemon, gboolean readonly)
{
    /* A session mode daemon has no read-only socket: nobody else could reach it. */
    return g_strdup_printf("%s/%s-sock%s", daemon->relay->run_dir, daemon->driver->daemon,
                           readonly && daemon->relay->privileged ? "-ro" : "");
}

static void daemon_schedule(VirRelayDaemon *daemon, guint delay);

/* Tries to bring back the connections, and gives up calls that waited too long. */
static gboolean
daemon_tick(void *data)
{
    VirRelayDaemon *daemon = data;
    gint64 now = g_get_monotonic_time();
    gboolean refused = FALSE;
    gboolean wanted = FALSE;
    VirRelayPeer *next;

    daemon->timer = 0;
    for (VirRelayPeer *peer = daemon->away; peer; peer = next) {
        next = peer->next_away;
        if (peer->state == VIR_RELAY_PEER_AWAY && !refused && vir_relay_peer_wanted(peer))
            refused = !vir_relay_peer_connect(peer);
    }
    for (VirRelayPeer *peer = daemon->away; peer; peer = next) {
        next = peer->next_away;
        vir_relay_peer_expire(peer, now);
        wanted |= vir_relay_peer_wanted(peer);
    }
    daemon->backoff = MIN(MAX(daemon->backoff * 2, BACKOFF_FIRST), BACKOFF_MOST);
    if (daemon->away && wanted)
        daemon_schedule(daemon, daemon->backoff);
    return G_SOURCE_REMOVE;
}

static void
daemon_schedule(VirRelayDaemon *daemon, guint delay)
{
    if (daemon->timer)
        g_source_remove(daemon->timer);
    daemon->timer = g_timeout_add(delay, daemon_tick, daemon);
}

void
vir_relay_daemon_add_away(VirRelayDaemon *daemon, VirRelayPeer *peer)
{
    VirRelayPeer **at = &daemon->away;

    while (*at && *at != peer)
        at = &(*at)->next_away;
    if (!*at) {
        peer->next_away = NULL;
        *at = peer;
    }
    if (!daemon->timer) {
        daemon->backoff = 0;
        daemon_schedule(daemon, BACKOFF_FIRST);
    }
}

void
vir_relay_daemon_remove_away(VirRelayDaemon *daemon, VirRelayPeer *peer)
{
    for (VirRelayPeer **at = &daemon->away; *at; at = &(*at)->next_away) {
        if (*at == peer) {
            *at = peer->next_away;
            break;
        }
    }
    if (!daemon->away && daemon->timer) {
        g_source_remove(daemon->timer);
        daemon->timer = 0;
    }
}

/* A socket appeared: no need to wait for the next turn. */
static void
on_inotify(VirWatch *watch, guint32 events, void *data)
{
    VirRelay *relay = data;
    char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    gssize n = read(vir_watch_fd(watch), buf, sizeof(buf));

    for (gssize pos = 0; pos < n;) {
        const struct inotify_event *event = (const void *)(buf + pos);

        pos += sizeof(*event) + event->len;
        for (GSList *l = relay->daemons; l && event->len > 0; l = l->next) {
            VirRelayDaemon *daemon = l->data;

            if (daemon->away && g_str_has_prefix(event->name, daemon->driver->daemon)) {
                daemon->backoff = 0;
                daemon_schedule(daemon, 1);
            }
        }
    }
}

VirRelay *
vir_relay_new(const VirRelayConfig *config)
{
    VirRelay *relay = g_new0(VirRelay, 1);
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    relay->run_dir = g_strdup(config->run_dir);
    relay->privileged = config->privileged;
    relay->wait_ms = config->wait_ms ? config->wait_ms : 30000;
    relay->answer_ms = config->answer_ms ? config->answer_ms : 30000;
    relay->probe_ms = config->probe_ms ? config->probe_ms : 5000;
    if (fd >= 0 && inotify_add_watch(fd, relay->run_dir, IN_CREATE | IN_MOVED_TO) >= 0)
        relay->inotify = vir_poller_add(vir_poller_default(), fd, EPOLLIN, on_inotify, relay);
    if (!relay->inotify) {
        vir_info("cannot watch '%s' for sockets (%s): looking for them from time to time",
                 relay->run_dir, g_strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return relay;
}

static void
daemon_free(void *data)
{
    VirRelayDaemon *daemon = data;

    if (daemon->timer)
        g_source_remove(daemon->timer);
    g_free(daemon);
}

void
vir_relay_free(VirRelay *relay)
{
    if (!relay)
        return;
    g_slist_free_full(relay->daemons, daemon_free);
    if (relay->inotify) {
        int fd = vir_watch_fd(relay->inotify);

        vir_watch_remove(relay->inotify);
        close(fd);
    }
    g_free(relay->run_dir);
    g_free(relay);
}
