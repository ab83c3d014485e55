/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-lock.h"
#include "vir-strand.h"

#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    GSourceFunc func;
    void *data;
    GDestroyNotify destroy;
} VirMainCall;

typedef struct {
    pthread_mutex_t lock;
    GQueue calls;
    int fd;
} VirMainQueue;

static VirMainQueue main_queue = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_once_t main_once = PTHREAD_ONCE_INIT;

/* The next call; clears the wake-up with the queue's end, so that a later post rings again. */
static VirMainCall *
main_pop(void)
{
    guint64 count;
    VIR_LOCK(&main_queue.lock);

    if (main_queue.calls.length == 1 && read(main_queue.fd, &count, sizeof(count)) < 0)
        g_warn_if_reached();
    return g_queue_pop_head(&main_queue.calls);
}

static gboolean
main_dispatch(GSource *source, GSourceFunc func, void *data)
{
    unsigned left;

    pthread_mutex_lock(&main_queue.lock);
    left = main_queue.calls.length;
    pthread_mutex_unlock(&main_queue.lock);

    /* What is posted meanwhile has to wait for its turn, or sockets and timers would starve. */
    for (; left > 0; left--) {
        VirMainCall *call = main_pop();

        if (call == NULL) /* a main loop within a call did the rest */
            return G_SOURCE_CONTINUE;
        call->func(call->data);
        if (call->destroy != NULL)
            call->destroy(call->data);
        g_free(call);
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs main_funcs = {.dispatch = main_dispatch};

static void
main_init(void)
{
    GSource *source = g_source_new(&main_funcs, sizeof(GSource));

    main_queue.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (main_queue.fd < 0)
        g_error("eventfd: %s", g_strerror(errno));
    g_source_set_name(source, "vir-main-post");
    /* Else GLib takes the fd out of its poll set for every dispatch and wakes itself up twice. */
    g_source_set_can_recurse(source, TRUE);
    g_source_add_unix_fd(source, main_queue.fd, G_IO_IN);
    g_source_attach(source, NULL);
    g_source_unref(source);
}

void
vir_main_post(GSourceFunc func, void *data, GDestroyNotify destroy)
{
    VirMainCall *call = g_new(VirMainCall, 1);
    const guint64 one = 1;

    *call = (VirMainCall){func, data, destroy};
    pthread_once(&main_once, main_init);
    VIR_LOCK(&main_queue.lock);
    g_queue_push_tail(&main_queue.calls, call);
    if (main_queue.calls.length == 1 && write(main_queue.fd, &one, sizeof(one)) < 0)
        g_warn_if_reached();
}
