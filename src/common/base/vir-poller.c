/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-poller.h"

#include <errno.h>
#include <string.h>

#include "vir-file.h"

enum { BATCH = 64 };

struct VirWatch {
    VirPoller *poller;
    int fd;
    guint32 events;
    VirPollFunc func;
    void *data;
};

struct VirPoller {
    GSource source;
    int epfd;
    /* The batch being dispatched: a removed watch is blanked here, so it is never called. */
    struct epoll_event batch[BATCH];
    int n_batch;
};

static gboolean
poller_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    VirPoller *poller = (VirPoller *)source;

    poller->n_batch = epoll_wait(poller->epfd, poller->batch, BATCH, 0);
    for (int i = 0; i < poller->n_batch; i++) {
        VirWatch *watch = poller->batch[i].data.ptr;

        if (watch)
            watch->func(watch, poller->batch[i].events, watch->data);
    }
    poller->n_batch = 0;
    return G_SOURCE_CONTINUE;
}

static void
poller_finalize(GSource *source)
{
    vir_fd_close(&((VirPoller *)source)->epfd);
}

static GSourceFuncs poller_funcs = {.dispatch = poller_dispatch, .finalize = poller_finalize};

VirPoller *
vir_poller_new(GMainContext *context)
{
    VirPoller *poller = (VirPoller *)g_source_new(&poller_funcs, sizeof(VirPoller));

    poller->epfd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epfd < 0)
        g_error("epoll_create1: %s", g_strerror(errno));
    g_source_set_static_name(&poller->source, "poller");
    /* Else GLib takes the fd out of its poll set for every dispatch and wakes itself up twice. */
    g_source_set_can_recurse(&poller->source, TRUE);
    /* A unix fd of the source: GLib skips prepare/check and wakes us by the poll result. */
    g_source_add_unix_fd(&poller->source, poller->epfd, G_IO_IN);
    g_source_attach(&poller->source, context);
    return poller;
}

void
vir_poller_free(VirPoller *poller)
{
    if (!poller)
        return;
    g_source_destroy(&poller->source);
    g_source_unref(&poller->source);
}

VirPoller *
vir_poller_default(void)
{
    static VirPoller *poller;

    if (g_once_init_enter(&poller))
        g_once_init_leave(&poller, vir_poller_new(NULL));
    return poller;
}

VirWatch *
vir_poller_add(VirPoller *poller, int fd, guint32 events, VirPollFunc func, void *data)
{
    VirWatch *watch = g_new(VirWatch, 1);
    struct epoll_event ev = {.events = events, .data.ptr = watch};

    *watch = (VirWatch){poller, fd, events, func, data};
    if (epoll_ctl(poller->epfd, EPOLL_CTL_ADD, fd, &ev) < 0) {
        g_free(watch);
        return NULL;
    }
    return watch;
}

int
vir_watch_fd(const VirWatch *watch)
{
    return watch->fd;
}

void
vir_watch_set_events(VirWatch *watch, guint32 events)
{
    struct epoll_event ev = {.events = events, .data.ptr = watch};

    if (watch->events == events)
        return;
    watch->events = events;
    epoll_ctl(watch->poller->epfd, EPOLL_CTL_MOD, watch->fd, &ev);
}

void
vir_watch_remove(VirWatch *watch)
{
    VirPoller *poller;

    if (!watch)
        return;
    poller = watch->poller;
    epoll_ctl(poller->epfd, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int i = 0; i < poller->n_batch; i++) {
        if (poller->batch[i].data.ptr == watch)
            poller->batch[i].data.ptr = NULL;
    }
    g_free(watch);
}
