/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket in the program's event loop; keepalive. */
#include "client-priv.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "event.h"
#include "vir-error.h"

/* The loop watches an epoll set of ours: what it shall wake for can be changed without waking it.
 */

enum { SOCKET, NOTICE, TIMER };

/* Reads in one turn of the loop, so that a busy peer does not keep it from its other sources. */
#define READS_PER_TURN 16

static void
watch_add(int epoll, int fd, guint32 events, guint32 what)
{
    struct epoll_event ev = {.events = events, .data.u32 = what};

    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
}

void
vir_client_rewatch(VirClient *client)
{
    struct epoll_event ev = {.data.u32 = SOCKET};

    if (client->watch < 0)
        return;
    if (!client->reading && !client->broken) {
        if (client->streams_len < STREAM_HIGH_MARK)
            ev.events |= EPOLLIN;
        if (client->out.length > 0)
            ev.events |= EPOLLOUT;
    }
    if (client->broken)
        epoll_ctl(client->epoll, EPOLL_CTL_DEL, client->fd, NULL);
    else if (ev.events != client->watched)
        epoll_ctl(client->epoll, EPOLL_CTL_MOD, client->fd, &ev);
    client->watched = ev.events;
}

void
vir_client_notice(VirClient *client)
{
    if (client->watch >= 0)
        eventfd_write(client->notice, 1);
}

static void
arm_timer(VirClient *client, int ms)
{
    struct itimerspec spec = {0};

    if (client->timer < 0)
        return;
    if (ms >= 0) {
        spec.it_value.tv_sec = ms / 1000;
        spec.it_value.tv_nsec = ms % 1000 * 1000000L + 1;
    }
    timerfd_settime(client->timer, 0, &spec, NULL);
}

void
vir_client_keepalive_reset(VirClient *client)
{
    if (client->ka_interval <= 0)
        return;
    client->ka_sent = 0;
    client->ka_last = g_get_monotonic_time();
}

int
vir_client_keepalive(VirClient *client)
{
    gint64 now;
    gint64 due;

    if (client->ka_interval <= 0 || client->broken)
        return -1;
    now = g_get_monotonic_time();
    due = client->ka_last + client->ka_interval * G_USEC_PER_SEC;
    if (now < due)
        return (due - now) / 1000 + 1;
    if (client->ka_sent >= client->ka_count) {
        GError *error = NULL;

        vir_error_set(&error, VIR_ERR_RPC,
                      "%s: connection closed due to keepalive timeout: %u pings unanswered",
                      client->peer, client->ka_sent);
        vir_client_break(client, VIR_CONNECT_CLOSE_REASON_KEEPALIVE, error);
        return -1;
    }
    client->ka_sent++;
    client->ka_last = now;
    vir_client_send_keepalive(client, KEEPALIVE_PROC_PING);
    return client->ka_interval * 1000;
}

void
vir_client_set_keepalive(VirClient *client, int interval, unsigned count)
{
    pthread_mutex_lock(&client->lock);
    client->ka_interval = interval;
    client->ka_count = count;
    client->ka_sent = 0;
    client->ka_last = g_get_monotonic_time();
    arm_timer(client, interval > 0 ? (int)MIN((gint64)interval * 1000, G_MAXINT) : -1);
    pthread_mutex_unlock(&client->lock);
}

/* Reads what there is, unless a thread that waits does. Lock held. */
static void
turn(VirClient *client)
{
    if (client->reading || client->broken)
        return;
    client->reading = TRUE;
    if (client->out.length > 0)
        vir_client_flush(client);
    for (int i = 0; i < READS_PER_TURN && vir_client_receive(client); i++)
        while (vir_client_parse(client, NULL))
            ;
    vir_client_release(client);
}

static void
tell_events(VirClient *client, void *owner)
{
    VirQueuedEvent *event;

    while ((event = g_queue_pop_head(&client->events))) {
        g_auto(VirArena) arena = {0};
        g_autofree guint8 *msg = NULL;

        client->events_len -= event->len;
        pthread_mutex_unlock(&client->lock);
        if (event->proc->args) {
            msg = g_malloc0(event->proc->args->size);
            if (vir_xdr_decode(event->proc->args, event->payload, event->len, msg, &arena, NULL))
                client->funcs->event(owner, event->proc, msg);
        }
        g_free(event);
        pthread_mutex_lock(&client->lock);
    }
}

static void
tell_streams(VirClient *client)
{
    g_autoptr(GArray) due = g_array_new(FALSE, FALSE, sizeof(guint32));

    for (GList *l = client->streams; l; l = l->next) {
        VirClientStream *stream = l->data;

        if (vir_client_stream_pending(stream))
            g_array_append_val(due, stream->serial);
    }
    for (guint i = 0; i < due->len; i++) {
        VirClientStream *stream = vir_client_stream_find(client, g_array_index(due, guint32, i));
        void (*func)(void *data, int events);
        int events = stream ? vir_client_stream_pending(stream) : 0;
        void *data;

        if (!events)
            continue;
        func = stream->func;
        data = stream->data;
        if (!vir_handle_try_ref(data))
            continue;
        pthread_mutex_unlock(&client->lock);
        func(data, events);
        vir_handle_unref(data);
        pthread_mutex_lock(&client->lock);
        stream = vir_client_stream_find(client, g_array_index(due, guint32, i));
        if (stream && vir_client_stream_pending(stream))
            vir_client_notice(client);
    }
}

static void
on_ready(int watch, int fd, int ready, void *opaque)
{
    g_autoptr(VirClient) client = vir_client_ref(opaque);
    struct epoll_event events[3];
    int n = epoll_wait(client->epoll, events, G_N_ELEMENTS(events), 0);
    VirHandle *owner;

    pthread_mutex_lock(&client->lock);
    for (int i = 0; i < n; i++) {
        guint64 count;

        if (events[i].data.u32 == SOCKET) {
            turn(client);
        } else if (events[i].data.u32 == NOTICE) {
            eventfd_read(client->notice, &count);
        } else if (read(client->timer, &count, sizeof(count)) > 0) {
            /* What waits in the socket is a sign of life. */
            turn(client);
            arm_timer(client, vir_client_keepalive(client));
        }
    }
    owner = client->owner;
    if (owner && vir_handle_try_ref(owner)) {
        tell_events(client, owner);
        tell_streams(client);
        if (client->broken && !client->told) {
            int reason = client->broken_reason;

            client->told = TRUE;
            pthread_mutex_unlock(&client->lock);
            client->funcs->closed(owner, reason);
            pthread_mutex_lock(&client->lock);
        }
        pthread_mutex_unlock(&client->lock);
        vir_handle_unref(owner);
        return;
    }
    pthread_mutex_unlock(&client->lock);
}

static void
watch_gone(void *opaque)
{
    vir_client_unref(opaque);
}

gboolean
vir_client_watch(VirClient *client)
{
    int epoll;
    int watch;

    if (!vir_event_registered())
        return FALSE;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    client->notice = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    watch_add(epoll, client->fd, EPOLLIN, SOCKET);
    watch_add(epoll, client->notice, EPOLLIN, NOTICE);
    watch_add(epoll, client->timer, EPOLLIN, TIMER);
    client->epoll = epoll;
    client->watched = EPOLLIN;
    vir_client_ref(client);
    watch = virEventAddHandle(epoll, VIR_EVENT_HANDLE_READABLE, on_ready, client, watch_gone);
    if (watch < 0) {
        vir_client_unref(client);
        return FALSE;
    }
    pthread_mutex_lock(&client->lock);
    client->watch = watch;
    pthread_mutex_unlock(&client->lock);
    return TRUE;
}

gboolean
vir_client_watched(VirClient *client)
{
    gboolean watched;

    pthread_mutex_lock(&client->lock);
    watched = client->watch >= 0;
    pthread_mutex_unlock(&client->lock);
    return watched;
}

void
vir_client_detach(VirClient *client)
{
    GError *error = NULL;
    int watch;

    pthread_mutex_lock(&client->lock);
    vir_error_set(&error, VIR_ERR_OPERATION_INVALID, "%s: the connection is closed", client->peer);
    vir_client_break(client, VIR_CONNECT_CLOSE_REASON_CLIENT, error);
    client->owner = NULL;
    watch = client->watch;
    client->watch = -1;
    pthread_mutex_unlock(&client->lock);
    if (watch >= 0)
        virEventRemoveHandle(watch);
}
