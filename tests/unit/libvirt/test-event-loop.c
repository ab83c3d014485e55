/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The built-in event loop through the public functions. */
#include <glib.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

typedef struct {
    int calls;
    int freed;
    int events;
    int id;
} Seen;

static void
on_handle(int watch, int fd, int events, void *opaque)
{
    Seen *seen = opaque;
    char byte;

    g_assert_cmpint(watch, ==, seen->id);
    seen->calls++;
    seen->events = events;
    if (events & VIR_EVENT_HANDLE_READABLE)
        g_assert_cmpint(read(fd, &byte, 1), >=, 0);
}

static void
on_timer(int timer, void *opaque)
{
    ((Seen *)opaque)->calls++;
}

static void
on_free(void *opaque)
{
    ((Seen *)opaque)->freed++;
}

static void
run_until(const int *counter, int value)
{
    while (*counter < value)
        g_assert_cmpint(virEventRunDefaultImpl(), ==, 0);
}

static void
test_handle(void)
{
    Seen seen = {0};
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    seen.id = virEventAddHandle(fds[0], VIR_EVENT_HANDLE_READABLE, on_handle, &seen, on_free);
    g_assert_cmpint(seen.id, >, 0);
    g_assert_cmpint(write(fds[1], "ab", 2), ==, 2);
    run_until(&seen.calls, 2);
    g_assert_cmpint(seen.events, ==, VIR_EVENT_HANDLE_READABLE);
    g_assert_cmpint(close(fds[1]), ==, 0);
    run_until(&seen.calls, 3);
    g_assert_cmpint(seen.events & VIR_EVENT_HANDLE_HANGUP, ==, VIR_EVENT_HANDLE_HANGUP);
    g_assert_cmpint(virEventRemoveHandle(seen.id), ==, 0);
    g_assert_cmpint(virEventRemoveHandle(seen.id), ==, -1);
    run_until(&seen.freed, 1);
    g_assert_cmpint(seen.calls, ==, 3);
    close(fds[0]);
}

static void
test_update(void)
{
    Seen seen = {0};
    Seen tick = {0};
    int fds[2];
    int timer;

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(write(fds[1], "ab", 2), ==, 2);
    seen.id = virEventAddHandle(fds[0], 0, on_handle, &seen, on_free);
    timer = virEventAddTimeout(1, on_timer, &tick, on_free);
    run_until(&tick.calls, 3);
    g_assert_cmpint(seen.calls, ==, 0);
    virEventUpdateHandle(seen.id, VIR_EVENT_HANDLE_READABLE);
    virEventUpdateTimeout(timer, -1);
    run_until(&seen.calls, 1);
    virEventUpdateTimeout(timer, 0);
    tick.calls = 0;
    run_until(&tick.calls, 1);
    g_assert_cmpint(virEventRemoveTimeout(timer), ==, 0);
    g_assert_cmpint(virEventRemoveHandle(seen.id), ==, 0);
    run_until(&tick.freed, 1);
    run_until(&seen.freed, 1);
    close(fds[0]);
    close(fds[1]);
}

static void
on_timer_once(int timer, void *opaque)
{
    ((Seen *)opaque)->calls++;
    g_assert_cmpint(virEventRemoveTimeout(timer), ==, 0);
    g_assert_cmpint(((Seen *)opaque)->freed, ==, 0);
}

static void
test_remove_from_callback(void)
{
    Seen seen = {0};

    g_assert_cmpint(virEventAddTimeout(0, on_timer_once, &seen, on_free), >, 0);
    run_until(&seen.freed, 1);
    g_assert_cmpint(seen.calls, ==, 1);
}

static gpointer
add_from_thread(gpointer opaque)
{
    g_assert_cmpint(virEventAddTimeout(0, on_timer_once, opaque, on_free), >, 0);
    return NULL;
}

static void
test_other_thread(void)
{
    Seen seen = {0};
    GThread *thread = g_thread_new("adds", add_from_thread, &seen);

    run_until(&seen.freed, 1);
    g_thread_join(thread);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(virEventAddHandle(0, 0, on_handle, NULL, NULL), ==, -1);
    g_assert_cmpint(virEventRegisterDefaultImpl(), ==, 0);
    g_test_add_func("/event-loop/handle", test_handle);
    g_test_add_func("/event-loop/update", test_update);
    g_test_add_func("/event-loop/remove-from-callback", test_remove_from_callback);
    g_test_add_func("/event-loop/other-thread", test_other_thread);
    return g_test_run();
}
