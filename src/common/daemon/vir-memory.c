/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-memory.h"

#include <glib.h>

#ifdef __GLIBC__
#include <malloc.h>

#define TRIM_DELAY_US (2 * G_USEC_PER_SEC)
#define TRIM_LEAST (gsize)(1024 * 1024)
#define ARENAS 2
#define TRIM_THRESHOLD (256 * 1024)
#define MMAP_THRESHOLD (128 * 1024)

/* Looks at every turn of the main loop: one that its own timer did not cause means that there was
 * work. */
typedef struct {
    GSource source;
    gboolean armed;
    gboolean own_turn;
} VirTrim;

static gboolean
trim_prepare(GSource *source, int *timeout_ms)
{
    VirTrim *trim = (VirTrim *)source;

    if (!trim->armed && !trim->own_turn) {
        trim->armed = TRUE;
        g_source_set_ready_time(source, g_source_get_time(source) + TRIM_DELAY_US);
    }
    trim->own_turn = FALSE;
    *timeout_ms = -1;
    return FALSE;
}

static gboolean
trim_dispatch(GSource *source, GSourceFunc func, void *data)
{
    VirTrim *trim = (VirTrim *)source;

    g_source_set_ready_time(source, -1);
    trim->armed = FALSE;
    trim->own_turn = TRUE;
    if (mallinfo2().fordblks >= TRIM_LEAST)
        malloc_trim(0);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs trim_funcs = {.prepare = trim_prepare, .dispatch = trim_dispatch};

void
vir_memory_setup(void)
{
    GSource *source = g_source_new(&trim_funcs, sizeof(VirTrim));

    /* An arena for each thread would keep what a burst took; the thresholds are set because their
     * automatic adjustment makes the heap grow for good. */
    mallopt(M_ARENA_MAX, ARENAS);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
    g_source_set_name(source, "vir-memory-trim");
    g_source_set_priority(source, G_PRIORITY_LOW);
    g_source_attach(source, NULL);
    g_source_unref(source);
}
#else
void
vir_memory_setup(void)
{
}
#endif
