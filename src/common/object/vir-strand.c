/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-strand.h"

#include "vir-error.h"
#include "vir-strand-private.h"

#define DEFAULT_MAX_QUEUED 1024
/* Threads that work at once. One that waits for a promise is not counted: a hundred frozen
 * monitors must not keep the healthy domains from their jobs. */
#define MAX_ACTIVE 64
#define MAX_THREADS 2048
/* Beyond MAX_THREADS for urgent jobs, so that destroy works when all else is stuck. */
#define URGENT_RESERVE 16
#define IDLE_US (5 * G_USEC_PER_SEC)

struct VirStrand {
    VirRef refs;
    char *name;
    unsigned max_queued;
    pthread_mutex_t lock;
    GQueue urgent;
    GQueue queue;
    VirJob *running;
    gboolean scheduled; /* in the pool's queue, or a thread works on it */
    GList link;         /* of the pool's queue; the pool's lock, as `ready` */
    gboolean ready;
};

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t idle; /* `jobs` became 0, for drainers */
    GQueue ready;        /* of VirStrand, each with a reference */
    unsigned threads;
    unsigned sleeping; /* for want of work */
    GQueue waiting;    /* of VirJob: those that wait for a promise */
    int jobs;          /* atomic: queued and running ones, of all strands */
    int drainers;      /* atomic */
} VirPool;

static VirPool pool = {.lock = PTHREAD_MUTEX_INITIALIZER};
static pthread_once_t pool_once = PTHREAD_ONCE_INIT;
static __thread VirJob *current_job;

static void *pool_thread(void *data);

static void
pool_init(void)
{
    vir_cond_init(&pool.work);
    vir_cond_init(&pool.idle);
}

/*
 * With the pool's lock: sees to it that a thread takes what is ready. TRUE: one sleeps and is to be
 * woken by pool_wake() once all locks are free, lest it wait for them.
 */
static gboolean
pool_provide(gboolean urgent)
{
    unsigned limit = MAX_THREADS + (urgent ? URGENT_RESERVE : 0);
    unsigned active = pool.threads - pool.waiting.length - pool.sleeping;

    if (pool.ready.length <= pool.sleeping)
        return TRUE;
    if (pool.threads < limit && (active < MAX_ACTIVE || urgent)) {
        g_autoptr(GError) error = NULL;
        GThread *thread = g_thread_try_new("vir-job", pool_thread, NULL, &error);

        /* Without a new thread the ready strands wait for one that becomes free. */
        if (thread != NULL) {
            pool.threads++;
            g_thread_unref(thread);
        }
    }
    return pool.sleeping > 0;
}

static void
pool_wake(gboolean wanted)
{
    if (wanted)
        pthread_cond_signal(&pool.work);
}

/* Takes a reference to @strand, which is not queued and not about to run. As pool_provide(). */
static gboolean
pool_push(VirStrand *strand, gboolean urgent)
{
    VIR_LOCK(&pool.lock);

    vir_strand_ref(strand);
    strand->ready = TRUE;
    if (urgent)
        g_queue_push_head_link(&pool.ready, &strand->link);
    else
        g_queue_push_tail_link(&pool.ready, &strand->link);
    return pool_provide(urgent);
}

/*
 * Moves @strand to the front where it still waits. Where a thread has just taken it, that thread
 * finds the urgent job; queueing it again would let two jobs of the strand run at once. As
 * pool_provide().
 */
static gboolean
pool_promote(VirStrand *strand)
{
    VIR_LOCK(&pool.lock);

    if (!strand->ready)
        return FALSE;
    g_queue_unlink(&pool.ready, &strand->link);
    g_queue_push_head_link(&pool.ready, &strand->link);
    return pool_provide(TRUE);
}

static void
pool_end_job(void)
{
    if (__atomic_sub_fetch(&pool.jobs, 1, __ATOMIC_SEQ_CST) > 0 ||
        __atomic_load_n(&pool.drainers, __ATOMIC_SEQ_CST) == 0)
        return;
    VIR_LOCK(&pool.lock);
    pthread_cond_broadcast(&pool.idle);
    g_main_context_wakeup(NULL);
}

/* The next strand with work, or NULL where the thread has slept long enough to go. */
static VirStrand *
pool_pop(void)
{
    gint64 until = g_get_monotonic_time() + IDLE_US;
    gboolean late = FALSE;
    VirStrand *strand;
    VIR_LOCK(&pool.lock);

    while (pool.ready.length == 0 && !late) {
        pool.sleeping++;
        late = !vir_cond_wait_until(&pool.work, &pool.lock, until);
        pool.sleeping--;
    }
    if (pool.ready.length == 0) {
        pool.threads--;
        return NULL;
    }
    strand = g_queue_pop_head_link(&pool.ready)->data;
    strand->ready = FALSE;
    return strand;
}

static void
job_free(VirJob *job)
{
    g_free(job->reason);
    g_free(job);
}

/* With the strand's lock. */
static void
strand_begin(VirStrand *strand, VirJob *job)
{
    job->started_us = g_get_monotonic_time();
    strand->running = job;
}

/*
 * Runs the job that has begun, and lets the strand queue again behind the others where it has more.
 */
static void
strand_run(VirStrand *strand, VirJob *job)
{
    VirJob *outer = current_job;
    gboolean urgent;
    gboolean wake = FALSE;

    current_job = job;
    job->func(job, job->data);
    if (job->destroy != NULL)
        job->destroy(job->data);
    current_job = outer;

    pthread_mutex_lock(&strand->lock);
    strand->running = NULL;
    urgent = strand->urgent.length > 0;
    strand->scheduled = urgent || strand->queue.length > 0;
    if (strand->scheduled)
        wake = pool_push(strand, urgent);
    pthread_mutex_unlock(&strand->lock);
    pool_wake(wake);
    job_free(job);
    vir_strand_unref(strand); /* of the job */
    pool_end_job();
}

static void
strand_run_one(VirStrand *strand)
{
    VirJob *job;

    pthread_mutex_lock(&strand->lock);
    job = g_queue_pop_head(strand->urgent.length > 0 ? &strand->urgent : &strand->queue);
    strand_begin(strand, job);
    pthread_mutex_unlock(&strand->lock);
    strand_run(strand, job);
}

static void *
pool_thread(void *data)
{
    VirStrand *strand;

    while ((strand = pool_pop()) != NULL) {
        strand_run_one(strand);
        vir_strand_unref(strand); /* of the pool's queue */
    }
    return NULL;
}

VirStrand *
vir_strand_new(const char *name, unsigned max_queued)
{
    VirStrand *strand = g_new0(VirStrand, 1);

    vir_ref_init(&strand->refs);
    strand->name = g_strdup(name);
    strand->max_queued = max_queued > 0 ? max_queued : DEFAULT_MAX_QUEUED;
    strand->link.data = strand;
    pthread_mutex_init(&strand->lock, NULL);
    return strand;
}

VirStrand *
vir_strand_ref(VirStrand *strand)
{
    vir_ref_inc(&strand->refs);
    return strand;
}

void
vir_strand_unref(VirStrand *strand)
{
    if (strand == NULL || !vir_ref_dec(&strand->refs))
        return;
    pthread_mutex_destroy(&strand->lock);
    g_free(strand->name);
    g_free(strand);
}

const char *
vir_strand_name(const VirStrand *strand)
{
    return strand->name;
}

static VirJob *
job_new(VirStrand *strand, const char *what, VirJobFunc func, void *data, GDestroyNotify destroy)
{
    VirJob *job = g_new0(VirJob, 1);

    job->strand = strand;
    job->what = what;
    job->func = func;
    job->data = data;
    job->destroy = destroy;
    return job;
}

/* With the strand's lock. */
static char *
strand_describe(VirStrand *strand)
{
    VirJob *job = strand->running;
    gint64 now = g_get_monotonic_time();

    if (job == NULL)
        return NULL;
    if (job->awaited != NULL) {
        return g_strdup_printf("job '%s' for %" G_GINT64_FORMAT " s, waiting for %s for %" //
                               G_GINT64_FORMAT " s",
                               job->what, (now - job->started_us) / G_USEC_PER_SEC,
                               job->awaited_what, (now - job->awaited_since_us) / G_USEC_PER_SEC);
    }
    return g_strdup_printf("job '%s' for %" G_GINT64_FORMAT " s", job->what,
                           (now - job->started_us) / G_USEC_PER_SEC);
}

/* Takes @job. FALSE, @job untouched, where the queue is full. */
static gboolean
strand_enqueue(VirStrand *strand, VirJob *job, gboolean urgent)
{
    gboolean wake = FALSE;

    pthread_mutex_lock(&strand->lock);
    if (!urgent && strand->queue.length >= strand->max_queued) {
        pthread_mutex_unlock(&strand->lock);
        return FALSE;
    }
    pthread_once(&pool_once, pool_init);
    __atomic_add_fetch(&pool.jobs, 1, __ATOMIC_SEQ_CST);
    vir_strand_ref(strand);
    g_queue_push_tail(urgent ? &strand->urgent : &strand->queue, job);
    /* While a job runs, its end schedules what came meanwhile. */
    if (!strand->scheduled)
        wake = pool_push(strand, urgent);
    else if (urgent && strand->running == NULL)
        wake = pool_promote(strand);
    strand->scheduled = TRUE;
    pthread_mutex_unlock(&strand->lock);
    pool_wake(wake);
    return TRUE;
}

gboolean
vir_strand_try_run(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                   GDestroyNotify destroy)
{
    VirJob *job;

    /* Only a job's thread may wait, and the strand's own job is before us. */
    if (current_job == NULL)
        return FALSE;
    pthread_mutex_lock(&strand->lock);
    if (strand->scheduled) {
        pthread_mutex_unlock(&strand->lock);
        return FALSE;
    }
    job = job_new(strand, what, func, data, destroy);
    __atomic_add_fetch(&pool.jobs, 1, __ATOMIC_SEQ_CST);
    vir_strand_ref(strand);
    strand->scheduled = TRUE;
    strand_begin(strand, job);
    pthread_mutex_unlock(&strand->lock);
    strand_run(strand, job);
    return TRUE;
}

gboolean
vir_strand_post(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                GDestroyNotify destroy, GError **error)
{
    VirJob *job = job_new(strand, what, func, data, destroy);
    g_autofree char *holder = NULL;

    if (strand_enqueue(strand, job, FALSE))
        return TRUE;
    job_free(job);
    if (destroy != NULL)
        destroy(data);
    holder = vir_strand_describe(strand);
    return vir_error_set(error, VIR_ERR_RESOURCE_BUSY,
                         "%s: cannot queue '%s', %u jobs already wait behind %s", strand->name,
                         what, strand->max_queued, holder != NULL ? holder : "the next one");
}

void
vir_strand_post_urgent(VirStrand *strand, const char *what, VirJobFunc func, void *data,
                       GDestroyNotify destroy)
{
    strand_enqueue(strand, job_new(strand, what, func, data, destroy), TRUE);
}

void
vir_strand_cancel_running(VirStrand *strand, const char *reason)
{
    VirJob *job;
    VIR_LOCK(&strand->lock);

    job = strand->running;
    if (job == NULL || vir_job_cancelled(job))
        return;
    job->reason = g_strdup(reason);
    __atomic_store_n(&job->cancelled, 1, __ATOMIC_RELEASE);
    if (job->awaited != NULL)
        vir_promise_wake(job->awaited);
}

void
vir_strand_cancel_all(const char *reason)
{
    g_autoptr(GPtrArray) strands = g_ptr_array_new_with_free_func((GDestroyNotify)vir_strand_unref);

    /* A strand's lock comes before the pool's: first collect, then cancel. */
    pthread_mutex_lock(&pool.lock);
    for (GList *l = pool.waiting.head; l; l = l->next)
        g_ptr_array_add(strands, vir_strand_ref(((VirJob *)l->data)->strand));
    pthread_mutex_unlock(&pool.lock);
    for (unsigned i = 0; i < strands->len; i++)
        vir_strand_cancel_running(strands->pdata[i], reason);
}

char *
vir_strand_describe(VirStrand *strand)
{
    VIR_LOCK(&strand->lock);

    return strand_describe(strand);
}

gint64
vir_strand_waiting_ms(VirStrand *strand)
{
    VIR_LOCK(&strand->lock);

    if (strand->running == NULL || strand->running->awaited == NULL)
        return -1;
    return (g_get_monotonic_time() - strand->running->awaited_since_us) / 1000;
}

VirJob *
vir_job_current(void)
{
    return current_job;
}

gboolean
vir_job_cancelled(VirJob *job)
{
    return __atomic_load_n(&job->cancelled, __ATOMIC_ACQUIRE) != 0;
}

void
vir_job_set_cancelled_error(VirJob *job, const char *what, GError **error)
{
    vir_error_set(error, VIR_ERR_OPERATION_ABORTED, "%s: '%s' gave up waiting for %s: %s",
                  job->strand->name, job->what, what, job->reason);
}

gboolean
vir_job_begin_wait(VirJob *job, VirPromise *promise, const char *what, GError **error)
{
    gboolean wake = FALSE;

    pthread_mutex_lock(&job->strand->lock);
    if (vir_job_cancelled(job)) {
        pthread_mutex_unlock(&job->strand->lock);
        vir_job_set_cancelled_error(job, what, error);
        return FALSE;
    }
    job->awaited = promise;
    job->awaited_what = what;
    job->awaited_since_us = g_get_monotonic_time();
    pthread_mutex_unlock(&job->strand->lock);

    pthread_mutex_lock(&pool.lock);
    job->waiting_link.data = job;
    g_queue_push_tail_link(&pool.waiting, &job->waiting_link);
    if (pool.ready.length > 0)
        wake = pool_provide(FALSE);
    pthread_mutex_unlock(&pool.lock);
    pool_wake(wake);
    return TRUE;
}

void
vir_job_end_wait(VirJob *job)
{
    pthread_mutex_lock(&pool.lock);
    g_queue_unlink(&pool.waiting, &job->waiting_link);
    pthread_mutex_unlock(&pool.lock);

    VIR_LOCK(&job->strand->lock);
    job->awaited = NULL;
}

static gboolean
drain_tick(void *data)
{
    return G_SOURCE_CONTINUE;
}

/* On the main thread jobs may await what only the main loop brings: it has to turn meanwhile. */
static void
drain_turn_main(gint64 until)
{
    gint64 left_ms = (until - g_get_monotonic_time()) / 1000 + 1;
    unsigned timer = g_timeout_add((unsigned)CLAMP(left_ms, 1, G_MAXINT), drain_tick, NULL);

    g_main_context_iteration(NULL, TRUE);
    g_source_remove(timer);
}

gboolean
vir_strand_drain_all(int timeout_ms)
{
    gint64 until = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    gboolean main_thread = current_job == NULL && g_main_context_acquire(NULL);
    gboolean idle;

    pthread_once(&pool_once, pool_init);
    __atomic_add_fetch(&pool.drainers, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&pool.lock);
    while (__atomic_load_n(&pool.jobs, __ATOMIC_SEQ_CST) > 0 && g_get_monotonic_time() < until) {
        if (main_thread) {
            pthread_mutex_unlock(&pool.lock);
            drain_turn_main(until);
            pthread_mutex_lock(&pool.lock);
        } else {
            vir_cond_wait_until(&pool.idle, &pool.lock, until);
        }
    }
    idle = __atomic_load_n(&pool.jobs, __ATOMIC_SEQ_CST) == 0;
    pthread_mutex_unlock(&pool.lock);
    __atomic_sub_fetch(&pool.drainers, 1, __ATOMIC_SEQ_CST);
    if (main_thread)
        g_main_context_release(NULL);
    return idle;
}

void
vir_strand_stats(VirStrandStats *stats)
{
    unsigned jobs = (unsigned)__atomic_load_n(&pool.jobs, __ATOMIC_SEQ_CST);
    VIR_LOCK(&pool.lock);

    stats->threads = pool.threads;
    stats->idle = pool.sleeping;
    stats->queued = jobs - MIN(jobs, pool.threads - pool.sleeping);
}
