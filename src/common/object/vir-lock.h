/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pthread.h>
#include <time.h>

/*
 * Locks and counters of what threads share. POSIX threads and compiler builtins rather than GLib's:
 * the thread sanitizer understands the former, and sees nothing of what happens inside an
 * uninstrumented GLib.
 */

/** A thread-safe reference count. */
typedef struct {
    int n;
} VirRef;

static inline void
vir_ref_init(VirRef *ref)
{
    __atomic_store_n(&ref->n, 1, __ATOMIC_RELAXED);
}

static inline void
vir_ref_inc(VirRef *ref)
{
    __atomic_fetch_add(&ref->n, 1, __ATOMIC_RELAXED);
}

/** TRUE where that was the last reference. */
static inline gboolean
vir_ref_dec(VirRef *ref)
{
    return __atomic_fetch_sub(&ref->n, 1, __ATOMIC_ACQ_REL) == 1;
}

static inline pthread_mutex_t *
vir_lock_(pthread_mutex_t *mutex)
{
    pthread_mutex_lock(mutex);
    return mutex;
}

static inline void
vir_unlock_(pthread_mutex_t **mutex)
{
    pthread_mutex_unlock(*mutex);
}

/** Holds @mutex until the end of the block. */
#define VIR_LOCK(mutex)                                                                            \
    __attribute__((cleanup(vir_unlock_), unused)) pthread_mutex_t *G_PASTE(vir_lock_, __LINE__) =  \
        vir_lock_(mutex)

/** A condition variable that counts time by g_get_monotonic_time(). */
static inline void
vir_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

/** Waits until @until_us of g_get_monotonic_time(); FALSE where that time has come. */
static inline gboolean
vir_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, gint64 until_us)
{
    struct timespec ts = {.tv_sec = until_us / G_USEC_PER_SEC,
                          .tv_nsec = until_us % G_USEC_PER_SEC * 1000};

    return pthread_cond_timedwait(cond, mutex, &ts) == 0;
}
