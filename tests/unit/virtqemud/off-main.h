/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/* Test functions that wait: each runs on a thread of its own while the main loop turns here. */

typedef struct {
    GTestDataFunc func;
    const void *data;
    gint done;
} OffMain;

static void *
off_main_thread(void *data)
{
    OffMain *off = data;

    off->func(off->data);
    g_atomic_int_set(&off->done, 1);
    g_main_context_wakeup(NULL);
    return NULL;
}

static void
off_main_run(const void *data)
{
    OffMain *off = (OffMain *)data;
    GThread *thread = g_thread_new("test", off_main_thread, off);

    while (!g_atomic_int_get(&off->done))
        g_main_context_iteration(NULL, TRUE);
    g_thread_join(thread);
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
