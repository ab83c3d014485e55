/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-lock.h"
#include "vir-strand.h"

/* What promises know of jobs. The lock order is strand, then promise. */
struct VirJob {
    VirStrand *strand; /* referenced: a strand lives while it has jobs */
    const char *what;
    VirJobFunc func;
    void *data;
    GDestroyNotify destroy;
    gint64 started_us;
    int cancelled; /* atomic: read under the promise's lock, set under the strand's */
    char *reason;  /* the strand's lock; set once, before `cancelled` */
    VirPromise *awaited;
    const char *awaited_what;
    gint64 awaited_since_us;
    GList waiting_link; /* of the pool's list; the pool's lock */
};

/** Begins and ends a wait of the running job; FALSE with the error where the job is cancelled. */
gboolean vir_job_begin_wait(VirJob *job, VirPromise *promise, const char *what, GError **error);
void vir_job_end_wait(VirJob *job);
void vir_job_set_cancelled_error(VirJob *job, const char *what, GError **error);

/** Wakes who waits for @promise, so that it looks at its job again. */
void vir_promise_wake(VirPromise *promise);
