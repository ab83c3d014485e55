/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

#include "vir-memory.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#endif

#define PIECES 200000
#define PIECE 400

#ifndef OWN_ALLOCATOR
static gsize
resident(void)
{
    g_autofree char *text = NULL;
    gsize total;
    gsize pages = 0;

    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%zu %zu", &total, &pages), ==, 2);
    return pages * (gsize)sysconf(_SC_PAGESIZE);
}

static gboolean
too_late(void *data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}
#endif

/* Free memory below a piece still in use goes back only when asked for. */
static void
test_given_back(void)
{
#ifdef OWN_ALLOCATOR
    g_test_skip("a sanitizer brings its own allocator");
#else
    char **pieces = g_new(char *, PIECES);
    gboolean late = FALSE;
    unsigned timer = g_timeout_add_seconds(30, too_late, &late);
    gsize before = resident();
    gsize burst;

    for (int i = 0; i < PIECES; i++)
        pieces[i] = g_malloc0(PIECE);
    for (int i = 0; i < PIECES - 1; i++)
        g_free(pieces[i]);
    burst = resident() - before;
    g_assert_cmpuint(burst, >, (gsize)PIECES * PIECE / 2);
    while (!late && resident() > before + burst / 4)
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(late);
    g_source_remove(timer);
    g_free(pieces[PIECES - 1]);
    g_free(pieces);
#endif
}

static int polled_timeout;

static int
poll_finite(GPollFD *fds, unsigned n, int timeout)
{
    polled_timeout = timeout;
    return timeout < 0 ? 0 : g_poll(fds, n, timeout);
}

/* After the turn that gives back nothing is due: no timer wakes an idle daemon. */
static void
test_no_wakeups(void)
{
    polled_timeout = 0;
    g_main_context_set_poll_func(NULL, poll_finite);
    for (int i = 0; i < 3 && polled_timeout >= 0; i++)
        g_main_context_iteration(NULL, TRUE);
    g_main_context_set_poll_func(NULL, NULL);
    g_assert_cmpint(polled_timeout, ==, -1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    vir_memory_setup();
    g_test_add_func("/memory/given-back", test_given_back);
    g_test_add_func("/memory/no-wakeups", test_no_wakeups);
    return g_test_run();
}
