/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The event loop: what the program registered, or the built-in one on GLib's main context. */
#include "event.h"

#include "api.h"
#include "vir-error.h"

/* Set once, before the program has other threads that use it, as the API demands. */
static virEventAddHandleFunc add_handle;
static virEventUpdateHandleFunc update_handle;
static virEventRemoveHandleFunc remove_handle;
static virEventAddTimeoutFunc add_timeout;
static virEventUpdateTimeoutFunc update_timeout;
static virEventRemoveTimeoutFunc remove_timeout;

gboolean
vir_event_registered(void)
{
    return add_handle != NULL;
}

/* A handle or a timer of the built-in loop. */
typedef struct {
    GSource source;
    int id;
    gpointer tag; /* of the fd, handles only */
    int fd;
    int interval;
    gboolean removed;
    virEventHandleCallback handle_func;
    virEventTimeoutCallback timeout_func;
    void *opaque;
    virFreeCallback free_func;
} VirLoopSource;

static pthread_mutex_t loop_lock =
    PTHREAD_MUTEX_INITIALIZER; /* guards the two tables and `removed` */
static GHashTable *loop_handles;
static GHashTable *loop_timers;
static int next_watch = 1;
static int next_timer = 1;

static GIOCondition
to_condition(int events)
{
    GIOCondition condition = 0;

    if (events & VIR_EVENT_HANDLE_READABLE)
        condition |= G_IO_IN;
    if (events & VIR_EVENT_HANDLE_WRITABLE)
        condition |= G_IO_OUT;
    return condition ? condition | G_IO_ERR | G_IO_HUP : 0;
}

static int
from_condition(GIOCondition condition)
{
    int events = 0;

    if (condition & G_IO_IN)
        events |= VIR_EVENT_HANDLE_READABLE;
    if (condition & G_IO_OUT)
        events |= VIR_EVENT_HANDLE_WRITABLE;
    if (condition & (G_IO_ERR | G_IO_NVAL))
        events |= VIR_EVENT_HANDLE_ERROR;
    if (condition & G_IO_HUP)
        events |= VIR_EVENT_HANDLE_HANGUP;
    return events;
}

static gboolean
is_removed(const VirLoopSource *source)
{
    gboolean removed;

    pthread_mutex_lock(&loop_lock);
    removed = source->removed;
    pthread_mutex_unlock(&loop_lock);
    return removed;
}

static gboolean
handle_check(GSource *base)
{
    VirLoopSource *source = (VirLoopSource *)base;

    return source->tag && g_source_query_unix_fd(base, source->tag) != 0;
}

static gboolean
handle_dispatch(GSource *base, GSourceFunc func, gpointer data)
{
    VirLoopSource *source = (VirLoopSource *)base;
    int events = from_condition(g_source_query_unix_fd(base, source->tag));

    if (events && !is_removed(source))
        source->handle_func(source->id, source->fd, events, source->opaque);
    return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch(GSource *base, GSourceFunc func, gpointer data)
{
    VirLoopSource *source = (VirLoopSource *)base;

    if (is_removed(source))
        return G_SOURCE_CONTINUE;
    g_source_set_ready_time(base, source->interval < 0
                                      ? -1
                                      : g_source_get_time(base) + (gint64)source->interval * 1000);
    source->timeout_func(source->id, source->opaque);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs handle_funcs = {.check = handle_check, .dispatch = handle_dispatch};
static GSourceFuncs timer_funcs = {.dispatch = timer_dispatch};

static int
builtin_add_handle(int fd, int events, virEventHandleCallback cb, void *opaque, virFreeCallback ff)
{
    GSource *base = g_source_new(&handle_funcs, sizeof(VirLoopSource));
    VirLoopSource *source = (VirLoopSource *)base;
    int id;

    source->fd = fd;
    source->handle_func = cb;
    source->opaque = opaque;
    source->free_func = ff;
    source->tag = g_source_add_unix_fd(base, fd, to_condition(events));
    pthread_mutex_lock(&loop_lock);
    id = source->id = next_watch++;
    g_hash_table_insert(loop_handles, GINT_TO_POINTER(id), source);
    g_source_attach(base, NULL);
    pthread_mutex_unlock(&loop_lock);
    return id;
}

static void
builtin_update_handle(int watch, int events)
{
    VirLoopSource *source;

    pthread_mutex_lock(&loop_lock);
    source = g_hash_table_lookup(loop_handles, GINT_TO_POINTER(watch));
    if (source)
        g_source_modify_unix_fd(&source->source, source->tag, to_condition(events));
    pthread_mutex_unlock(&loop_lock);
}

static int
builtin_add_timeout(int interval, virEventTimeoutCallback cb, void *opaque, virFreeCallback ff)
{
    GSource *base = g_source_new(&timer_funcs, sizeof(VirLoopSource));
    VirLoopSource *source = (VirLoopSource *)base;
    int id;

    source->interval = interval;
    source->timeout_func = cb;
    source->opaque = opaque;
    source->free_func = ff;
    pthread_mutex_lock(&loop_lock);
    id = source->id = next_timer++;
    g_hash_table_insert(loop_timers, GINT_TO_POINTER(id), source);
    g_source_set_ready_time(base,
                            interval < 0 ? -1 : g_get_monotonic_time() + (gint64)interval * 1000);
    g_source_attach(base, NULL);
    pthread_mutex_unlock(&loop_lock);
    return id;
}

static void
builtin_update_timeout(int timer, int interval)
{
    VirLoopSource *source;

    pthread_mutex_lock(&loop_lock);
    source = g_hash_table_lookup(loop_timers, GINT_TO_POINTER(timer));
    if (source) {
        source->interval = interval;
        g_source_set_ready_time(
            &source->source, interval < 0 ? -1 : g_get_monotonic_time() + (gint64)interval * 1000);
    }
    pthread_mutex_unlock(&loop_lock);
}

static gboolean
finish_removal(gpointer data)
{
    VirLoopSource *source = data;
    virFreeCallback ff;

    pthread_mutex_lock(&loop_lock); /* whoever removed it is done with it */
    ff = source->free_func;
    pthread_mutex_unlock(&loop_lock);
    if (ff)
        ff(source->opaque);
    g_source_destroy(&source->source);
    g_source_unref(&source->source);
    return G_SOURCE_REMOVE;
}

/* The free function runs from the loop: a callback of the source may be running right now. */
static int
builtin_remove(GHashTable *table, int id)
{
    VirLoopSource *source;

    pthread_mutex_lock(&loop_lock);
    source = g_hash_table_lookup(table, GINT_TO_POINTER(id));
    if (source) {
        g_hash_table_remove(table, GINT_TO_POINTER(id));
        source->removed = TRUE;
        if (source->tag)
            g_source_modify_unix_fd(&source->source, source->tag, 0);
        g_source_set_ready_time(&source->source, -1);
    }
    pthread_mutex_unlock(&loop_lock);
    if (!source)
        return -1;
    g_idle_add_full(G_PRIORITY_HIGH, finish_removal, source, NULL);
    return 0;
}

static int
builtin_remove_handle(int watch)
{
    return builtin_remove(loop_handles, watch);
}

static int
builtin_remove_timeout(int timer)
{
    return builtin_remove(loop_timers, timer);
}

void
virEventRegisterImpl(virEventAddHandleFunc addHandle, virEventUpdateHandleFunc updateHandle,
                     virEventRemoveHandleFunc removeHandle, virEventAddTimeoutFunc addTimeout,
                     virEventUpdateTimeoutFunc updateTimeout,
                     virEventRemoveTimeoutFunc removeTimeout)
{
    if (add_handle) /* the first one stays: sources may be registered with it */
        return;
    update_handle = updateHandle;
    remove_handle = removeHandle;
    add_timeout = addTimeout;
    update_timeout = updateTimeout;
    remove_timeout = removeTimeout;
    add_handle = addHandle;
}

int
virEventRegisterDefaultImpl(void)
{
    vir_api_begin();
    pthread_mutex_lock(&loop_lock);
    if (!loop_handles) {
        loop_handles = g_hash_table_new(NULL, NULL);
        loop_timers = g_hash_table_new(NULL, NULL);
    }
    pthread_mutex_unlock(&loop_lock);
    virEventRegisterImpl(builtin_add_handle, builtin_update_handle, builtin_remove_handle,
                         builtin_add_timeout, builtin_update_timeout, builtin_remove_timeout);
    return 0;
}

int
virEventRunDefaultImpl(void)
{
    vir_api_begin();
    if (!loop_handles) {
        vir_api_raise(NULL, VIR_ERR_OPERATION_INVALID, __func__,
                      "the default event loop is not registered");
        return -1;
    }
    g_main_context_iteration(NULL, TRUE);
    return 0;
}

int
virEventAddHandle(int fd, int events, virEventHandleCallback cb, void *opaque, virFreeCallback ff)
{
    return add_handle ? add_handle(fd, events, cb, opaque, ff) : -1;
}

void
virEventUpdateHandle(int watch, int events)
{
    if (update_handle)
        update_handle(watch, events);
}

int
virEventRemoveHandle(int watch)
{
    return remove_handle ? remove_handle(watch) : -1;
}

int
virEventAddTimeout(int timeout, virEventTimeoutCallback cb, void *opaque, virFreeCallback ff)
{
    return add_timeout ? add_timeout(timeout, cb, opaque, ff) : -1;
}

void
virEventUpdateTimeout(int timer, int timeout)
{
    if (update_timeout)
        update_timeout(timer, timeout);
}

int
virEventRemoveTimeout(int timer)
{
    return remove_timeout ? remove_timeout(timer) : -1;
}
