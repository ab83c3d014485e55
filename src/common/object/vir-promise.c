/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-strand-private.h"

struct VirPromise {
    VirRef refs;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    gboolean done;
    void *value;
    GError *error;
    GDestroyNotify free_value;
};

VirPromise *
vir_promise_new(GDestroyNotify free_value)
{
    VirPromise *promise = g_new0(VirPromise, 1);

    vir_ref_init(&promise->refs);
    pthread_mutex_init(&promise->lock, NULL);
    vir_cond_init(&promise->changed);
    promise->free_value = free_value;
    return promise;
}

VirPromise *
vir_promise_ref(VirPromise *promise)
{
    vir_ref_inc(&promise->refs);
    return promise;
}

static void
free_value(VirPromise *promise, void *value)
{
    if (value != NULL && promise->free_value != NULL)
        promise->free_value(value);
}

void
vir_promise_unref(VirPromise *promise)
{
    if (promise == NULL || !vir_ref_dec(&promise->refs))
        return;
    free_value(promise, promise->value);
    g_clear_error(&promise->error);
    pthread_cond_destroy(&promise->changed);
    pthread_mutex_destroy(&promise->lock);
    g_free(promise);
}

static gboolean
promise_settle(VirPromise *promise, void *value, GError *error)
{
    gboolean first;

    pthread_mutex_lock(&promise->lock);
    first = !promise->done;
    if (first) {
        promise->done = TRUE;
        promise->value = value;
        promise->error = error;
    }
    pthread_mutex_unlock(&promise->lock);
    /* The caller has a reference. Who is woken need not wait for the lock then. */
    if (first)
        pthread_cond_broadcast(&promise->changed);
    return first;
}

void
vir_promise_fulfil(VirPromise *promise, void *value)
{
    if (!promise_settle(promise, value, NULL))
        free_value(promise, value);
}

void
vir_promise_fail(VirPromise *promise, GError *error)
{
    if (!promise_settle(promise, NULL, error))
        g_error_free(error);
}

void
vir_promise_wake(VirPromise *promise)
{
    VIR_LOCK(&promise->lock);

    pthread_cond_broadcast(&promise->changed);
}

/* With the lock: what the promise holds. The error stays for others, the value has one taker. */
static gboolean
promise_take(VirPromise *promise, void **value, GError **error)
{
    if (promise->error != NULL) {
        if (error != NULL)
            *error = g_error_copy(promise->error);
        return FALSE;
    }
    if (value != NULL)
        *value = g_steal_pointer(&promise->value);
    return TRUE;
}

static gboolean
promise_wait(VirPromise *promise, VirJob *job, int timeout_ms, const char *what, void **value,
             GError **error)
{
    gint64 until = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    VIR_LOCK(&promise->lock);

    while (!promise->done) {
        if (job != NULL && vir_job_cancelled(job)) {
            vir_job_set_cancelled_error(job, what, error);
            return FALSE;
        }
        if (!vir_cond_wait_until(&promise->changed, &promise->lock, until) && !promise->done) {
            return vir_error_set(
                error, VIR_ERR_OPERATION_TIMEOUT, "%s%s%s did not come within %d.%03d s",
                job != NULL ? vir_strand_name(job->strand) : "", job != NULL ? ": " : "", what,
                timeout_ms / 1000, timeout_ms % 1000);
        }
    }
    return promise_take(promise, value, error);
}

gboolean
vir_promise_wait(VirPromise *promise, int timeout_ms, const char *what, void **value,
                 GError **error)
{
    VirJob *job = vir_job_current();
    gboolean ok;

    if (g_main_context_is_owner(NULL)) {
        return vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "the main loop cannot wait for %s",
                             what);
    }
    if (job != NULL && !vir_job_begin_wait(job, promise, what, error))
        return FALSE;
    ok = promise_wait(promise, job, timeout_ms, what, value, error);
    if (job != NULL)
        vir_job_end_wait(job);
    return ok;
}
