/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * A strand is a serial job queue on one shared bounded thread pool: at most one job of a strand
 * runs at a time, in posting order. Only the running job touches the mutable state of the object
 * that the strand belongs to. Reference counted, thread-safe.
 */
typedef struct VirStrand VirStrand;
typedef struct VirJob VirJob;

/** Runs on a pool thread; may wait with vir_promise_wait(), and with nothing else. */
typedef void (*VirJobFunc)(VirJob *job, void *data);

/** @name is used in errors ("domain 'web'"); at most @max_queued jobs wait (0: 1024). */
VirStrand *vir_strand_new(const char *name, unsigned max_queued);
VirStrand *vir_strand_ref(VirStrand *strand);
void vir_strand_unref(VirStrand *strand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirStrand, vir_strand_unref)

/**
 * Queues a job. @what names it in errors ("start", "setvcpus"); static string. @destroy frees @data
 * whether the job ran or not. FALSE with VIR_ERR_RESOURCE_BUSY, naming the running job, where the
 * queue is full.
 */
gboolean vir_strand_post(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                         GDestroyNotify destroy, GError **error);

/** As vir_strand_post(), before everything that waits; never refused (destroy, clean-up). */
void vir_strand_post_urgent(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                            GDestroyNotify destroy);

/**
 * Runs @func now, on the calling thread, as a job of @strand. FALSE, nothing done and @data
 * untouched, where @strand has other work, or the caller is not itself a job: post it then.
 */
gboolean vir_strand_try_run(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                            GDestroyNotify destroy);

/**
 * Cancels the wait that the running job is in, and every wait it begins later:
 * vir_promise_wait() returns FALSE with VIR_ERR_OPERATION_ABORTED and @reason. Queued jobs stay.
 */
void vir_strand_cancel_running(VirStrand *strand, const char *reason);

/** As vir_strand_cancel_running() on every strand whose job waits now: for shutdown. */
void vir_strand_cancel_all(const char *reason);

/**
 * What runs now and for how long, for errors: "job 'start' for 12 s, waiting for QMP greeting for
 * 11 s"; NULL when idle. g_free().
 */
char *vir_strand_describe(VirStrand *strand);

/** Milliseconds since the running job began the wait that it is in; -1 where nothing waits. */
gint64 vir_strand_waiting_ms(VirStrand *strand);

/** The strand's name. */
const char *vir_strand_name(const VirStrand *strand);

/** The job that the calling thread runs, or NULL. */
VirJob *vir_job_current(void);

/** Whether vir_strand_cancel_running() hit @job: for loops that work without waiting. */
gboolean vir_job_cancelled(VirJob *job);

/**
 * Waits until no job runs or waits on any strand, at most @timeout_ms: for shutdown and tests.
 * Called on the main thread it turns the main loop meanwhile. TRUE where all is idle.
 */
gboolean vir_strand_drain_all(int timeout_ms);

/** The pool that all strands share, at this moment. */
typedef struct VirStrandStats {
    unsigned threads; /* alive */
    unsigned idle;    /* of them without a job */
    unsigned queued;  /* jobs that wait for their turn */
} VirStrandStats;

void vir_strand_stats(VirStrandStats *stats);

/**
 * A promise is something awaited from outside: a QMP reply, a child's exit. Fulfilled once, from
 * any thread; reference counted.
 */
typedef struct VirPromise VirPromise;

VirPromise *vir_promise_new(GDestroyNotify free_value);
VirPromise *vir_promise_ref(VirPromise *promise);
void vir_promise_unref(VirPromise *promise);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPromise, vir_promise_unref)

/** First of the two wins, later calls free what they bring. @value and @error are taken. */
void vir_promise_fulfil(VirPromise *promise, void *value);
void vir_promise_fail(VirPromise *promise, GError *error);

/**
 * Waits at most @timeout_ms (a deadline is compulsory). TRUE: *@value is owned by the caller; the
 * first waiter gets it, later ones NULL; @value NULL leaves it with the promise. FALSE: the
 * failure; VIR_ERR_OPERATION_TIMEOUT with @what ("the answer to 'query-status'") and the time
 * waited; or VIR_ERR_OPERATION_ABORTED where the strand's job was cancelled. Never on the main
 * thread while its loop runs: that is VIR_ERR_INTERNAL_ERROR.
 */
gboolean vir_promise_wait(VirPromise *promise, int timeout_ms, const char *what, void **value,
                          GError **error);

/**
 * Runs @func once in the main context's thread, soon; its value is ignored. The order of calls is
 * kept. Any thread.
 */
void vir_main_post(GSourceFunc func, void *data, GDestroyNotify destroy);
