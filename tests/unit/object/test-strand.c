/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-error.h"
#include "vir-lock.h"
#include "vir-strand.h"

#define DRAIN_MS 60000

typedef struct {
    pthread_mutex_t lock;
    GArray *order;
    int running;
    int overlaps;
    int destroyed;
} Trace;

typedef struct {
    Trace *trace;
    int n;
} Step;

static Trace *
trace_new(void)
{
    Trace *trace = g_new0(Trace, 1);

    pthread_mutex_init(&trace->lock, NULL);
    trace->order = g_array_new(FALSE, FALSE, sizeof(int));
    return trace;
}

static void
trace_free(Trace *trace)
{
    g_array_unref(trace->order);
    pthread_mutex_destroy(&trace->lock);
    g_free(trace);
}

static Step *
step_new(Trace *trace, int n)
{
    Step *step = g_new(Step, 1);

    *step = (Step){trace, n};
    return step;
}

static void
step_free(void *data)
{
    Step *step = data;

    __atomic_add_fetch(&step->trace->destroyed, 1, __ATOMIC_SEQ_CST);
    g_free(step);
}

static void
run_step(VirJob *job, void *data)
{
    Step *step = data;

    if (__atomic_add_fetch(&step->trace->running, 1, __ATOMIC_SEQ_CST) != 1)
        __atomic_add_fetch(&step->trace->overlaps, 1, __ATOMIC_SEQ_CST);
    g_assert_true(vir_job_current() == job);
    /* No lock: that the strand is serial makes this safe, as the thread sanitizer can tell. */
    g_array_append_val(step->trace->order, step->n);
    __atomic_sub_fetch(&step->trace->running, 1, __ATOMIC_SEQ_CST);
}

/* A job that holds the strand until the promise comes. */
static void
run_hold(VirJob *job, void *data)
{
    vir_promise_wait(data, DRAIN_MS, "the gate", NULL, NULL);
}

static void
hold(VirStrand *strand, VirPromise *gate)
{
    g_autoptr(GError) error = NULL;

    vir_strand_post(strand, "hold", run_hold, vir_promise_ref(gate),
                    (GDestroyNotify)vir_promise_unref, &error);
    g_assert_no_error(error);
}

static void
wait_running(VirStrand *strand)
{
    g_autofree char *running = NULL;

    while ((running = vir_strand_describe(strand)) == NULL)
        g_thread_yield();
}

static void
test_order(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain 'a'", 5000);
    Trace *trace = trace_new();

    for (int i = 0; i < 5000; i++) {
        g_autoptr(GError) error = NULL;

        vir_strand_post(strand, "step", run_step, step_new(trace, i), step_free, &error);
        g_assert_no_error(error);
    }
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpint(trace->order->len, ==, 5000);
    for (int i = 0; i < 5000; i++)
        g_assert_cmpint(g_array_index(trace->order, int, i), ==, i);
    g_assert_cmpint(trace->overlaps, ==, 0);
    g_assert_cmpint(trace->destroyed, ==, 5000);
    g_assert_null(vir_job_current());
    trace_free(trace);
}

static void *
post_many(void *data)
{
    VirStrand **strands = ((void **)data)[0];
    Trace **traces = ((void **)data)[1];

    for (int i = 0; i < 2000; i++) {
        vir_strand_post(strands[i % 8], "step", run_step, step_new(traces[i % 8], i), step_free,
                        NULL);
    }
    return NULL;
}

static void
test_many_strands(void)
{
    VirStrand *strands[8];
    Trace *traces[8];
    GThread *threads[4];
    void *arg[] = {strands, traces};

    for (int i = 0; i < 8; i++) {
        strands[i] = vir_strand_new("domain", 100000);
        traces[i] = trace_new();
    }
    for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new("poster", post_many, arg);
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    /* Without waiting for the jobs: they keep their strand. */
    for (int i = 0; i < 8; i++)
        vir_strand_unref(strands[i]);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(traces[i]->order->len, ==, 1000);
        g_assert_cmpint(traces[i]->overlaps, ==, 0);
        g_assert_cmpint(traces[i]->destroyed, ==, 1000);
        trace_free(traces[i]);
    }
}

static void
test_urgent(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain 'a'", 2);
    g_autoptr(VirPromise) gate = vir_promise_new(NULL);
    g_autoptr(GError) error = NULL;
    Trace *trace = trace_new();
    const int expected[] = {10, 11, 0};

    hold(strand, gate);
    wait_running(strand);
    vir_strand_post(strand, "step", run_step, step_new(trace, 0), step_free, &error);
    g_assert_no_error(error);
    vir_strand_post_urgent(strand, "destroy", run_step, step_new(trace, 10), step_free);
    vir_strand_post_urgent(strand, "destroy", run_step, step_new(trace, 11), step_free);
    vir_promise_fulfil(gate, NULL);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpmem(trace->order->data, trace->order->len * sizeof(int), expected,
                    sizeof(expected));
    trace_free(trace);
}

static void
test_bound(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain 'web'", 3);
    g_autoptr(VirPromise) gate = vir_promise_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *idle = vir_strand_describe(strand);
    Trace *trace = trace_new();

    g_assert_null(idle);
    hold(strand, gate);
    wait_running(strand);
    for (int i = 0; i < 3; i++) {
        vir_strand_post(strand, "step", run_step, step_new(trace, i), step_free, &error);
        g_assert_no_error(error);
    }
    g_assert_false(
        vir_strand_post(strand, "setvcpus", run_step, step_new(trace, 3), step_free, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_RESOURCE_BUSY);
    g_assert_nonnull(strstr(error->message, "domain 'web'"));
    g_assert_nonnull(strstr(error->message, "'setvcpus'"));
    g_assert_nonnull(strstr(error->message, "job 'hold' for"));
    /* The data of the refused one is freed, an urgent one still goes in. */
    g_assert_cmpint(trace->destroyed, ==, 1);
    vir_strand_post_urgent(strand, "destroy", run_step, step_new(trace, 9), step_free);
    vir_promise_fulfil(gate, NULL);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpint(trace->order->len, ==, 4);
    g_assert_cmpint(trace->destroyed, ==, 5);
    trace_free(trace);
}

typedef struct {
    VirPromise *never;
    GError *first;
    GError *second;
} Cancelled;

static void
run_cancelled(VirJob *job, void *data)
{
    Cancelled *c = data;

    vir_promise_wait(c->never, DRAIN_MS, "the answer to 'query-status'", NULL, &c->first);
    vir_promise_wait(c->never, DRAIN_MS, "the answer to 'quit'", NULL, &c->second);
    g_assert_true(vir_job_cancelled(job));
}

static void
test_cancel(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain 'web'", 0);
    g_autoptr(VirPromise) never = vir_promise_new(NULL);
    Cancelled c = {.never = never};
    Trace *trace = trace_new();
    char *running = NULL;

    vir_strand_cancel_running(strand, "nothing runs");
    vir_strand_post(strand, "start", run_cancelled, &c, NULL, NULL);
    vir_strand_post(strand, "step", run_step, step_new(trace, 1), step_free, NULL);
    while (running == NULL || strstr(running, "waiting for the answer to 'query-status'") == NULL) {
        g_free(running);
        running = vir_strand_describe(strand);
        g_thread_yield();
    }
    g_assert_true(g_str_has_prefix(running, "job 'start' for "));
    g_free(running);
    vir_strand_cancel_running(strand, "the domain is destroyed");
    vir_strand_cancel_running(strand, "again");
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_error(c.first, VIR_ERROR, VIR_ERR_OPERATION_ABORTED);
    g_assert_nonnull(strstr(c.first->message, "domain 'web'"));
    g_assert_nonnull(strstr(c.first->message, "'query-status'"));
    g_assert_nonnull(strstr(c.first->message, "the domain is destroyed"));
    g_assert_error(c.second, VIR_ERROR, VIR_ERR_OPERATION_ABORTED);
    /* What was queued is not touched by it. */
    g_assert_cmpint(trace->order->len, ==, 1);
    g_clear_error(&c.first);
    g_clear_error(&c.second);
    trace_free(trace);
}

static void
test_cancel_all(void)
{
    g_autoptr(VirPromise) never = vir_promise_new(NULL);
    Cancelled c[3] = {{.never = never}, {.never = never}, {.never = never}};

    for (int i = 0; i < 3; i++) {
        g_autoptr(VirStrand) strand = vir_strand_new("domain", 0);
        char *running = NULL;

        vir_strand_post(strand, "start", run_cancelled, &c[i], NULL, NULL);
        while (!running || !strstr(running, "waiting for the answer to 'query-status'")) {
            g_free(running);
            running = vir_strand_describe(strand);
            g_thread_yield();
        }
        g_free(running);
    }
    vir_strand_cancel_all("the daemon ends");
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    for (int i = 0; i < 3; i++) {
        g_assert_error(c[i].first, VIR_ERROR, VIR_ERR_OPERATION_ABORTED);
        g_assert_nonnull(strstr(c[i].second->message, "the daemon ends"));
        g_clear_error(&c[i].first);
        g_clear_error(&c[i].second);
    }
}

/* More frozen jobs than threads may be active at once do not hold up the others. */
static void
test_frozen_do_not_block(void)
{
    g_autoptr(VirPromise) gate = vir_promise_new(NULL);
    g_autoptr(VirStrand) healthy = vir_strand_new("domain 'healthy'", 0);
    Trace *trace = trace_new();

    for (int i = 0; i < 300; i++) {
        g_autoptr(VirStrand) strand = vir_strand_new("domain 'frozen'", 0);

        hold(strand, gate);
    }
    vir_strand_post(healthy, "step", run_step, step_new(trace, 1), step_free, NULL);
    while (__atomic_load_n(&trace->destroyed, __ATOMIC_SEQ_CST) == 0)
        g_thread_yield();
    g_assert_false(vir_strand_drain_all(1));
    vir_promise_fulfil(gate, NULL);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    trace_free(trace);
}

typedef struct {
    VirStrand *strand;
    int left;
} Chain;

static void
run_chain(VirJob *job, void *data)
{
    Chain *chain = data;

    if (--chain->left > 0)
        vir_strand_post(chain->strand, "chain", run_chain, chain, NULL, NULL);
}

static void
test_post_from_job(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain", 1);
    Chain chain = {.strand = strand, .left = 1000};

    vir_strand_post(strand, "chain", run_chain, &chain, NULL, NULL);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpint(chain.left, ==, 0);
}

typedef struct {
    VirStrand *other;
    VirPromise *begun;
    VirPromise *gate;
    Trace *trace;
    VirJob *outer;
    gboolean ran;
} Inside;

static void
run_inside(VirJob *job, void *data)
{
    Inside *inside = data;

    g_assert_true(vir_job_current() == job);
    g_assert_true(job != inside->outer);
    /* What comes meanwhile has to wait. */
    vir_strand_post(inside->other, "late", run_step, step_new(inside->trace, 2), step_free, NULL);
    g_assert_false(vir_strand_try_run(inside->other, "again", run_step, NULL, NULL));
    vir_promise_fulfil(inside->begun, NULL);
    vir_promise_wait(inside->gate, DRAIN_MS, "the gate", NULL, NULL);
    run_step(job, &(Step){.trace = inside->trace, .n = 1});
}

static void
run_outside(VirJob *job, void *data)
{
    Inside *inside = data;

    inside->outer = job;
    inside->ran = vir_strand_try_run(inside->other, "inside", run_inside, inside, NULL);
    g_assert_true(vir_job_current() == job);
}

/* A job that runs on the thread of another strand's job is one of its own strand all the same. */
static void
test_try_run(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("connection", 0);
    g_autoptr(VirStrand) other = vir_strand_new("domain 'a'", 0);
    g_autoptr(VirPromise) begun = vir_promise_new(NULL);
    g_autoptr(VirPromise) gate = vir_promise_new(NULL);
    Inside inside = {.other = other, .begun = begun, .gate = gate, .trace = trace_new()};
    g_autofree char *holder = NULL;

    g_assert_false(vir_strand_try_run(other, "no job here", run_step, NULL, NULL));
    vir_strand_post(strand, "outside", run_outside, &inside, NULL, NULL);
    g_assert_true(vir_promise_wait(begun, DRAIN_MS, "the begin", NULL, NULL));
    while (holder == NULL || strstr(holder, "waiting for the gate") == NULL) {
        g_free(holder);
        holder = vir_strand_describe(other);
        g_thread_yield();
    }
    g_assert_true(g_str_has_prefix(holder, "job 'inside'"));
    vir_strand_cancel_running(other, "enough");
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_true(inside.ran);
    g_assert_cmpint(inside.trace->overlaps, ==, 0);
    g_assert_cmpint(inside.trace->order->len, ==, 2);
    g_assert_cmpint(g_array_index(inside.trace->order, int, 0), ==, 1);
    g_assert_cmpint(g_array_index(inside.trace->order, int, 1), ==, 2);
    trace_free(inside.trace);
}

static gboolean
fulfil_later(void *data)
{
    vir_promise_fulfil(data, NULL);
    return G_SOURCE_REMOVE;
}

static void
run_needs_main(VirJob *job, void *data)
{
    g_autoptr(VirPromise) promise = vir_promise_new(NULL);
    g_autoptr(GError) error = NULL;

    vir_main_post(fulfil_later, vir_promise_ref(promise), (GDestroyNotify)vir_promise_unref);
    vir_promise_wait(promise, DRAIN_MS, "the main loop", NULL, &error);
    g_assert_no_error(error);
    *(int *)data = 1;
}

/* Draining on the main thread serves jobs that await what the main loop brings. */
static void
test_drain_turns_main_loop(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain", 0);
    int done = 0;

    vir_strand_post(strand, "needs-main", run_needs_main, &done, NULL, NULL);
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpint(done, ==, 1);
}

typedef struct {
    gint inside;
    gint ran;
} Alone;

static void
run_alone(VirJob *job, void *data)
{
    Alone *alone = data;

    g_assert_cmpint(g_atomic_int_add(&alone->inside, 1), ==, 0);
    g_thread_yield();
    g_atomic_int_inc(&alone->ran);
    g_atomic_int_add(&alone->inside, -1);
}

/* Urgent jobs that come while a thread has just taken the strand do not let a second one in. */
static void
test_urgent_stays_serial(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain", 0);
    Alone alone = {0};
    int posted = 0;

    for (int i = 0; i < 5000; i++) {
        posted += vir_strand_post(strand, "plain", run_alone, &alone, NULL, NULL);
        vir_strand_post_urgent(strand, "urgent", run_alone, &alone, NULL);
        posted++;
    }
    g_assert_true(vir_strand_drain_all(DRAIN_MS));
    g_assert_cmpint(g_atomic_int_get(&alone.ran), ==, posted);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/strand/order", test_order);
    g_test_add_func("/strand/many-strands", test_many_strands);
    g_test_add_func("/strand/urgent", test_urgent);
    g_test_add_func("/strand/urgent-stays-serial", test_urgent_stays_serial);
    g_test_add_func("/strand/bound", test_bound);
    g_test_add_func("/strand/cancel", test_cancel);
    g_test_add_func("/strand/cancel-all", test_cancel_all);
    g_test_add_func("/strand/frozen-do-not-block", test_frozen_do_not_block);
    g_test_add_func("/strand/post-from-job", test_post_from_job);
    g_test_add_func("/strand/try-run", test_try_run);
    g_test_add_func("/strand/drain-turns-main-loop", test_drain_turns_main_loop);
    return g_test_run();
}
