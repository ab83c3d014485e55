/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-error.h"
#include "vir-lock.h"
#include "vir-strand.h"

static int freed;

static void
count_free(void *value)
{
    __atomic_add_fetch(&freed, 1, __ATOMIC_SEQ_CST);
    g_free(value);
}

static void
test_first_wins(void)
{
    g_autoptr(VirPromise) promise = vir_promise_new(count_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *value = NULL;
    char *again = NULL;

    freed = 0;
    vir_promise_fulfil(promise, g_strdup("first"));
    vir_promise_fulfil(promise, g_strdup("second"));
    vir_promise_fail(promise, g_error_new_literal(VIR_ERROR, VIR_ERR_INTERNAL_ERROR, "late"));
    g_assert_cmpint(freed, ==, 1);
    g_assert_true(vir_promise_wait(promise, 0, "it", (void **)&value, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(value, ==, "first");
    g_assert_true(vir_promise_wait(promise, 0, "it", (void **)&again, &error));
    g_assert_null(again);
}

static void
test_unclaimed_value_is_freed(void)
{
    VirPromise *promise = vir_promise_new(count_free);

    freed = 0;
    vir_promise_fulfil(promise, g_strdup("x"));
    g_assert_true(vir_promise_wait(promise, 0, "it", NULL, NULL));
    vir_promise_unref(promise);
    g_assert_cmpint(freed, ==, 1);
}

static void
test_failure(void)
{
    g_autoptr(VirPromise) promise = vir_promise_new(NULL);

    vir_promise_fail(promise, g_error_new_literal(VIR_ERROR, VIR_ERR_OPERATION_FAILED, "gone"));
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(vir_promise_wait(promise, 0, "it", NULL, &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
        g_assert_cmpstr(error->message, ==, "gone");
    }
}

static void
test_deadline(void)
{
    g_autoptr(VirPromise) promise = vir_promise_new(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_promise_wait(promise, 20, "the QMP greeting", NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_TIMEOUT);
    g_assert_cmpstr(error->message, ==, "the QMP greeting did not come within 0.020 s");
}

static void
run_deadline(VirJob *job, void *data)
{
    g_autoptr(VirPromise) promise = vir_promise_new(NULL);

    vir_promise_wait(promise, 1, "the QMP greeting", NULL, data);
}

/* In a job the error names the object. */
static void
test_deadline_in_job(void)
{
    g_autoptr(VirStrand) strand = vir_strand_new("domain 'web'", 0);
    g_autoptr(GError) error = NULL;

    vir_strand_post(strand, "start", run_deadline, &error, NULL, NULL);
    g_assert_true(vir_strand_drain_all(60000));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_TIMEOUT);
    g_assert_cmpstr(error->message, ==,
                    "domain 'web': the QMP greeting did not come within 0.001 s");
}

static gboolean
wait_here(void *data)
{
    g_autoptr(VirPromise) promise = vir_promise_new(NULL);

    vir_promise_fulfil(promise, NULL);
    g_assert_false(vir_promise_wait(promise, 1000, "it", NULL, data));
    return G_SOURCE_REMOVE;
}

static void
test_not_in_main_loop(void)
{
    g_autoptr(GError) error = NULL;

    vir_main_post(wait_here, &error, NULL);
    while (error == NULL)
        g_main_context_iteration(NULL, TRUE);
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
}

static void *
fulfil(void *data)
{
    char *text = g_strdup("from another thread");

    vir_promise_fulfil(data, text);
    vir_promise_unref(data);
    return NULL;
}

static void
test_threads(void)
{
    for (int i = 0; i < 500; i++) {
        g_autoptr(VirPromise) promise = vir_promise_new(g_free);
        g_autofree char *value = NULL;
        GThread *one = g_thread_new("one", fulfil, vir_promise_ref(promise));
        GThread *two = g_thread_new("two", fulfil, vir_promise_ref(promise));

        g_assert_true(vir_promise_wait(promise, 60000, "it", (void **)&value, NULL));
        g_assert_cmpstr(value, ==, "from another thread");
        g_thread_join(one);
        g_thread_join(two);
    }
}

typedef struct {
    int thread;
    int n;
    int *last;
    int *seen;
} Posted;

static gboolean
check_order(void *data)
{
    Posted *p = data;

    g_assert_cmpint(p->last[p->thread], ==, p->n - 1);
    p->last[p->thread] = p->n;
    ++*p->seen;
    return G_SOURCE_CONTINUE; /* ignored: each runs once */
}

static int last[4] = {-1, -1, -1, -1};
static int seen;

static void *
post_main(void *data)
{
    for (int i = 0; i < 2000; i++) {
        Posted *p = g_new(Posted, 1);

        *p = (Posted){GPOINTER_TO_INT(data), i, last, &seen};
        vir_main_post(check_order, p, g_free);
    }
    return NULL;
}

static void
test_main_post(void)
{
    GThread *threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new("poster", post_main, GINT_TO_POINTER(i));
    while (seen < 8000)
        g_main_context_iteration(NULL, TRUE);
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_assert_cmpint(seen, ==, 8000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/promise/first-wins", test_first_wins);
    g_test_add_func("/promise/unclaimed-value-is-freed", test_unclaimed_value_is_freed);
    g_test_add_func("/promise/failure", test_failure);
    g_test_add_func("/promise/deadline", test_deadline);
    g_test_add_func("/promise/deadline-in-job", test_deadline_in_job);
    g_test_add_func("/promise/not-in-main-loop", test_not_in_main_loop);
    g_test_add_func("/promise/threads", test_threads);
    g_test_add_func("/promise/main-post", test_main_post);
    return g_test_run();
}
