/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-poller.h"

#include <unistd.h>

#include "vir-file.h"

typedef struct {
    VirWatch *watches[2];
    int calls;
} Pair;

/* Both are ready in one batch; the first that is called removes both. */
static void
remove_both(VirWatch *watch, guint32 events, void *data)
{
    Pair *pair = data;

    g_assert_cmpuint(events & EPOLLIN, ==, EPOLLIN);
    pair->calls++;
    for (int i = 0; i < 2; i++)
        g_clear_pointer(&pair->watches[i], vir_watch_remove);
}

static void
test_remove(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(VirPoller) poller = vir_poller_new(context);
    Pair pair = {0};
    int fds[2][2];

    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(pipe(fds[i]), ==, 0);
        g_assert_cmpint(write(fds[i][1], "x", 1), ==, 1);
        pair.watches[i] = vir_poller_add(poller, fds[i][0], EPOLLIN, remove_both, &pair);
        g_assert_cmpint(vir_watch_fd(pair.watches[i]), ==, fds[i][0]);
    }
    while (g_main_context_iteration(context, FALSE)) {
    }
    g_assert_cmpint(pair.calls, ==, 1);
    for (int i = 0; i < 4; i++)
        close(fds[i / 2][i % 2]);
}

static void
count(VirWatch *watch, guint32 events, void *data)
{
    ++*(int *)data;
    vir_watch_set_events(watch, 0);
}

static void
test_events(void)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(VirPoller) poller = vir_poller_new(context);
    VirWatch *watch;
    int calls = 0;
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    watch = vir_poller_add(poller, fds[1], EPOLLOUT, count, &calls);
    while (g_main_context_iteration(context, FALSE)) {
    }
    g_assert_cmpint(calls, ==, 1);
    vir_watch_set_events(watch, EPOLLOUT);
    while (g_main_context_iteration(context, FALSE)) {
    }
    g_assert_cmpint(calls, ==, 2);
    vir_watch_remove(watch);
    close(fds[0]);
    close(fds[1]);
    g_assert_null(vir_poller_add(poller, fds[0], EPOLLIN, count, &calls));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/poller/remove", test_remove);
    g_test_add_func("/poller/events", test_events);
    return g_test_run();
}
