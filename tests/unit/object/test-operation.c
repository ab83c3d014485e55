/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-error.h"
#include "vir-object.h"

enum { SETUP, COPY, DONE, FAILED, N_STATES };
static const char *const states[N_STATES] = {"setup", "copy", "done", "failed"};
static const guint32 next[N_STATES] = {
    [SETUP] = 1 << COPY | 1 << FAILED,
    [COPY] = 1 << COPY | 1 << DONE | 1 << FAILED,
};

static int cancels;

static void
cancel(VirOperation *operation, void *data)
{
    g_assert_cmpstr(data, ==, "data");
    g_assert_cmpstr(vir_operation_cancelled(operation), ==, "by the user");
    cancels++;
}

static const VirOperationType save_type = {
    .name = "save",
    .work = VIR_WORK_LONG,
    .allows = VIR_WORK_QUERY | VIR_WORK_DESTROY | VIR_WORK_ABORT,
    .n_states = N_STATES,
    .states = states,
    .next = next,
    .cancel = cancel,
};

static const VirOperationType block_type = {
    .name = "block-copy",
    .work = VIR_WORK_MODIFY,
    .allows = ~0U,
    .n_states = N_STATES,
    .states = states,
    .next = next,
};

static VirOperation *
begin(VirOperations *set, const VirOperationType *type, GError **error)
{
    return vir_operation_begin(set, type, g_strdup("data"), g_free, error);
}

static void
done(VirOperation *operation, const GError *reason, void *data)
{
    g_string_append(data, reason != NULL ? reason->message : "ok");
}

static void
test_states(void)
{
    VirOperations set;
    g_autoptr(VirOperation) op = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) log = g_string_new(NULL);

    vir_operations_init(&set, "domain 'web'");
    op = begin(&set, &save_type, &error);
    g_assert_no_error(error);
    g_assert_cmpint(vir_operation_state(op), ==, SETUP);
    vir_operation_when_done(op, done, log);
    g_assert_false(vir_operation_move(op, SETUP, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_assert_cmpstr(error->message, ==,
                    "domain 'web': operation 'save' cannot go from state 'setup' in 'setup'");
    g_clear_error(&error);
    g_assert_false(vir_operation_move(op, 99, NULL));
    g_assert_false(vir_operation_move(op, -1, NULL));
    g_assert_false(vir_operation_end(op, DONE, NULL, NULL));
    g_assert_false(vir_operation_end(op, COPY, g_error_new_literal(VIR_ERROR, 1, "x"), NULL));
    /* A final state is reached with its reason, or not at all. */
    g_assert_false(vir_operation_move(op, FAILED, NULL));
    g_assert_cmpint(vir_operation_state(op), ==, SETUP);
    g_assert_true(vir_operation_move(op, COPY, NULL));
    g_assert_true(vir_operation_move(op, COPY, NULL));
    g_assert_cmpstr(log->str, ==, "");
    g_assert_true(
        vir_operation_end(op, FAILED, g_error_new_literal(VIR_ERROR, 1, "disk full"), &error));
    g_assert_cmpstr(log->str, ==, "disk full");
    g_assert_false(vir_operation_end(op, DONE, NULL, NULL));
    vir_operation_when_done(op, done, log);
    g_assert_cmpstr(log->str, ==, "disk fulldisk full");
    g_assert_null(vir_operations_find(&set, NULL));
    vir_operations_clear(&set);
}

static void
test_admit(void)
{
    VirOperations set;
    VirOperation *op;
    VirOperation *block;
    VirOperation *found;
    g_autoptr(GError) error = NULL;

    vir_operations_init(&set, "domain 'web'");
    g_assert_true(vir_operations_admit(&set, VIR_WORK_MODIFY, "setvcpus", &error));
    block = begin(&set, &block_type, &error);
    op = begin(&set, &save_type, &error);
    g_assert_no_error(error);
    g_assert_true(vir_operations_admit(&set, VIR_WORK_QUERY, "info", &error));
    g_assert_true(vir_operations_admit(&set, VIR_WORK_DESTROY, "destroy", &error));
    g_assert_false(vir_operations_admit(&set, VIR_WORK_MODIFY, "setvcpus", &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_INVALID);
    g_assert_cmpstr(error->message, ==,
                    "domain 'web': cannot do 'setvcpus' while 'save' is in progress "
                    "(state 'setup', for 0 s)");
    g_clear_error(&error);
    g_assert_null(begin(&set, &save_type, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_INVALID);
    g_assert_null(begin(&set, &block_type, NULL));
    found = vir_operations_find(&set, "save");
    g_assert_true(found == op);
    vir_operation_unref(found);
    g_assert_true(vir_operation_end(op, FAILED, NULL, NULL));
    vir_operation_unref(op);
    g_assert_true(vir_operations_admit(&set, VIR_WORK_MODIFY, "setvcpus", NULL));
    g_assert_null(vir_operations_find(&set, "save"));
    vir_operation_unref(block);
    /* One that never ended goes with its object. */
    vir_operations_clear(&set);
}

static void
test_cancel(void)
{
    VirOperations set;
    g_autoptr(VirOperation) op = NULL;
    g_autoptr(VirOperation) block = NULL;
    g_autoptr(GError) error = NULL;

    cancels = 0;
    vir_operations_init(&set, "domain 'web'");
    block = begin(&set, &block_type, &error);
    op = begin(&set, &save_type, &error);
    g_assert_null(vir_operation_cancelled(op));
    g_assert_true(vir_operation_cancel(op, "by the user", &error));
    g_assert_true(vir_operation_cancel(op, "again", &error));
    g_assert_cmpint(cancels, ==, 1);
    g_assert_cmpint(vir_operation_state(op), ==, SETUP);
    g_assert_false(vir_operation_cancel(block, "by the user", &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    vir_operation_end(op, FAILED, NULL, NULL);
    g_assert_false(vir_operation_cancel(op, "late", &error));
    g_assert_cmpstr(error->message, ==, "domain 'web': 'save' is over already");
    vir_operations_clear(&set);
}

static void *
drive(void *data)
{
    for (unsigned i = 0; i <= 1000; i++)
        vir_operation_set_progress(data, i, 1000);
    vir_operation_move(data, COPY, NULL);
    vir_operation_end(data, DONE, NULL, NULL);
    return NULL;
}

static void
test_threads(void)
{
    VirOperations set;
    g_autoptr(VirOperation) op = NULL;
    g_autoptr(GString) log = g_string_new(NULL);
    VirProgress progress = {0};
    VirProgress after;
    GThread *thread;

    vir_operations_init(&set, "domain 'web'");
    op = begin(&set, &save_type, NULL);
    vir_operation_when_done(op, done, log);
    thread = g_thread_new("driver", drive, op);
    while (vir_operation_state(op) != DONE) {
        guint64 before = progress.done;

        vir_operation_progress(op, &progress);
        g_assert_cmpuint(progress.done, >=, before);
        vir_operations_admit(&set, VIR_WORK_MODIFY, "x", NULL);
    }
    g_thread_join(thread);
    g_assert_cmpstr(log->str, ==, "ok");
    vir_operation_progress(op, &progress);
    vir_operation_progress(op, &after);
    g_assert_cmpuint(after.done, ==, 1000);
    g_assert_cmpint(after.elapsed_ms, ==, progress.elapsed_ms);
    vir_operations_clear(&set);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/operation/states", test_states);
    g_test_add_func("/operation/admit", test_admit);
    g_test_add_func("/operation/cancel", test_cancel);
    g_test_add_func("/operation/threads", test_threads);
    return g_test_run();
}
