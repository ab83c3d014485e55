/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/epoll.h>

/**
 * One epoll set as one GSource: the cost of a main loop turn does not grow with the number of
 * sockets, as it would with a GSource for each. All calls from the thread of its context only.
 */
typedef struct VirPoller VirPoller;
typedef struct VirWatch VirWatch;

/** Called with the EPOLL* bits that are ready. May remove any watch, its own included. */
typedef void (*VirPollFunc)(VirWatch *watch, guint32 events, void *data);

/** @context NULL: the default one. */
VirPoller *vir_poller_new(GMainContext *context);
void vir_poller_free(VirPoller *poller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPoller, vir_poller_free)

/** The poller of the default main context, made at first use. */
VirPoller *vir_poller_default(void);

/** Watches @fd (not owned) for @events (level triggered). NULL with errno where epoll refuses. */
VirWatch *vir_poller_add(VirPoller *poller, int fd, guint32 events, VirPollFunc func, void *data);
int vir_watch_fd(const VirWatch *watch);
void vir_watch_set_events(VirWatch *watch, guint32 events);
/** Stops and frees; the callback is not called again, not even for events already fetched. */
void vir_watch_remove(VirWatch *watch);
