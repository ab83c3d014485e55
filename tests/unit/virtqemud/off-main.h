/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vir-strand.h"
#include <glib.h>
#include <pthread.h>

/* Test functions that wait: each runs on a thread of its own while the main loop turns here. */

typedef struct {
    GTestDataFunc func;
    const void *data;
    int done; /* main thread only */
} OffMain;

/* Main loop: the thread has ended. */
static gboolean
off_main_done(void *data)
{
    ((OffMain *)data)->done = 1;
    return G_SOURCE_REMOVE;
}

static void *
off_main_thread(void *data)
{
    OffMain *off = data;

    off->func(off->data);
    vir_main_post(off_main_done, off, NULL);
    return NULL;
}

static void
off_main_run(const void *data)
{
    OffMain *off = (OffMain *)data;
    pthread_t thread;

    /* The first post sets up the way to the main loop. */
    vir_main_post(off_main_done, off, NULL);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    off->done = 0;
    g_assert_cmpint(pthread_create(&thread, NULL, off_main_thread, off), ==, 0);
    while (!off->done)
        g_main_context_iteration(NULL, TRUE);
    pthread_join(thread, NULL);
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static inline void
off_main_add_data(const char *name, const void *data, GTestDataFunc func)
{
    OffMain *off = g_new0(OffMain, 1);

    off->func = func;
    off->data = data;
    g_test_add_data_func_full(name, off, (GTestDataFunc)off_main_run, g_free);
}

static void
off_main_call(const void *func)
{
    ((void (*)(void))func)();
}

static inline void G_GNUC_UNUSED
off_main_add(const char *name, void (*func)(void))
{
    off_main_add_data(name, (const void *)func, off_main_call);
}
