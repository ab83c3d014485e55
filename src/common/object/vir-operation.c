/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-operation.h"

#include "vir-error.h"
#include "vir-lock.h"

typedef struct {
    VirOperationFunc func;
    void *data;
} VirDone;

struct VirOperation {
    VirRef refs;
    const VirOperationType *type;
    VirOperations *owner; /* NULL once it is over; its lock, `lock` for reading */
    char *label;
    void *data;
    GDestroyNotify destroy;
    gint64 started_us;
    pthread_mutex_t lock; /* after the owner's */
    int state;
    gboolean over;
    GError *reason;
    GArray *done; /* of VirDone */
    char *cancelled;
    guint64 progress_done;
    guint64 progress_total;
    gint64 ended_us;
};

void
vir_operations_init(VirOperations *operations, const char *label)
{
    pthread_mutex_init(&operations->lock, NULL);
    operations->label = g_strdup(label);
    operations->active = NULL;
}

void
vir_operations_clear(VirOperations *operations)
{
    for (GList *l = operations->active; l != NULL; l = l->next) {
        VirOperation *operation = l->data;

        operation->owner = NULL;
        vir_operation_unref(operation);
    }
    g_clear_pointer(&operations->active, g_list_free);
    g_clear_pointer(&operations->label, g_free);
    pthread_mutex_destroy(&operations->lock);
}

/* With the owner's lock. */
static gboolean
operations_admit(VirOperations *operations, guint32 work, const char *what, GError **error)
{
    for (GList *l = operations->active; l != NULL; l = l->next) {
        VirOperation *operation = l->data;
        gint64 us = g_get_monotonic_time() - operation->started_us;

        if ((work & ~operation->type->allows) == 0)
            continue;
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                             "%s: cannot do '%s' while '%s' is in progress (state '%s', for %" //
                             G_GINT64_FORMAT " s)",
                             operations->label, what, operation->type->name,
                             operation->type->states[vir_operation_state(operation)],
                             us / G_USEC_PER_SEC);
    }
    return TRUE;
}

gboolean
vir_operations_admit(VirOperations *operations, guint32 work, const char *what, GError **error)
{
    VIR_LOCK(&operations->lock);

    return operations_admit(operations, work, what, error);
}

VirOperation *
vir_operation_begin(VirOperations *operations, const VirOperationType *type, void *data,
                    GDestroyNotify destroy, GError **error)
{
    VirOperation *operation;
    VIR_LOCK(&operations->lock);

    if (!operations_admit(operations, type->work, type->name, error)) {
        if (destroy != NULL)
            destroy(data);
        return NULL;
    }
    operation = g_new0(VirOperation, 1);
    vir_ref_init(&operation->refs);
    operation->type = type;
    operation->owner = operations;
    operation->label = g_strdup(operations->label);
    operation->data = data;
    operation->destroy = destroy;
    operation->started_us = g_get_monotonic_time();
    operation->done = g_array_new(FALSE, FALSE, sizeof(VirDone));
    pthread_mutex_init(&operation->lock, NULL);
    operations->active = g_list_append(operations->active, vir_operation_ref(operation));
    return operation;
}

VirOperation *
vir_operation_ref(VirOperation *operation)
{
    vir_ref_inc(&operation->refs);
    return operation;
}

void
vir_operation_unref(VirOperation *operation)
{
    if (operation == NULL || !vir_ref_dec(&operation->refs))
        return;
    if (operation->destroy != NULL)
        operation->destroy(operation->data);
    g_clear_error(&operation->reason);
    g_array_unref(operation->done);
    g_free(operation->cancelled);
    g_free(operation->label);
    pthread_mutex_destroy(&operation->lock);
    g_free(operation);
}

VirOperation *
vir_operations_find(VirOperations *operations, const char *name)
{
    VIR_LOCK(&operations->lock);

    for (GList *l = operations->active; l != NULL; l = l->next) {
        VirOperation *operation = l->data;

        if (name == NULL || g_str_equal(operation->type->name, name))
            return vir_operation_ref(operation);
    }
    return NULL;
}

const VirOperationType *
vir_operation_type(const VirOperation *operation)
{
    return operation->type;
}

void *
vir_operation_data(const VirOperation *operation)
{
    return operation->data;
}

int
vir_operation_state(VirOperation *operation)
{
    VIR_LOCK(&operation->lock);

    return operation->state;
}

/* Where @final does not fit what the table says of @state, that is no way either. */
static gboolean
operation_go(VirOperation *operation, int state, gboolean final, GError *reason, GError **error)
{
    const VirOperationType *type = operation->type;
    VIR_LOCK(&operation->lock);

    if (state < 0 || state >= type->n_states ||
        (type->next[operation->state] & (guint32)1 << state) == 0 ||
        (type->next[state] == 0) != final) {
        return vir_error_set(
            error, VIR_ERR_INTERNAL_ERROR, "%s: operation '%s' cannot %s from state '%s' in '%s'",
            operation->label, type->name, final ? "end" : "go", type->states[operation->state],
            state >= 0 && state < type->n_states ? type->states[state] : "?");
    }
    operation->state = state;
    if (final) {
        operation->over = TRUE;
        operation->reason = reason;
        operation->ended_us = g_get_monotonic_time();
    }
    return TRUE;
}

gboolean
vir_operation_move(VirOperation *operation, int state, GError **error)
{
    return operation_go(operation, state, FALSE, NULL, error);
}

gboolean
vir_operation_end(VirOperation *operation, int state, GError *reason, GError **error)
{
    VirOperations *owner;

    if (!operation_go(operation, state, TRUE, reason, error)) {
        g_clear_error(&reason);
        return FALSE;
    }
    /* Only one caller comes here, and nobody adds to `done` any more. */
    owner = g_steal_pointer(&operation->owner);
    if (owner != NULL) {
        pthread_mutex_lock(&owner->lock);
        owner->active = g_list_remove(owner->active, operation);
        pthread_mutex_unlock(&owner->lock);
    }
    for (unsigned i = 0; i < operation->done->len; i++) {
        VirDone *done = &g_array_index(operation->done, VirDone, i);

        done->func(operation, operation->reason, done->data);
    }
    if (owner != NULL)
        vir_operation_unref(operation);
    return TRUE;
}

void
vir_operation_when_done(VirOperation *operation, VirOperationFunc func, void *data)
{
    VirDone done = {func, data};

    pthread_mutex_lock(&operation->lock);
    if (!operation->over) {
        g_array_append_val(operation->done, done);
        pthread_mutex_unlock(&operation->lock);
        return;
    }
    pthread_mutex_unlock(&operation->lock);
    func(operation, operation->reason, data);
}

void
vir_operation_set_progress(VirOperation *operation, guint64 done, guint64 total)
{
    VIR_LOCK(&operation->lock);

    operation->progress_done = done;
    operation->progress_total = total;
}

void
vir_operation_progress(VirOperation *operation, VirProgress *progress)
{
    gint64 end;
    VIR_LOCK(&operation->lock);

    end = operation->over ? operation->ended_us : g_get_monotonic_time();
    progress->done = operation->progress_done;
    progress->total = operation->progress_total;
    progress->elapsed_ms = (end - operation->started_us) / 1000;
}

gboolean
vir_operation_cancel(VirOperation *operation, const char *reason, GError **error)
{
    const VirOperationType *type = operation->type;

    pthread_mutex_lock(&operation->lock);
    if (operation->over || type->cancel == NULL) {
        gboolean over = operation->over;

        pthread_mutex_unlock(&operation->lock);
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s: '%s' %s", operation->label,
                             type->name, over ? "is over already" : "cannot be cancelled");
    }
    if (operation->cancelled != NULL) {
        pthread_mutex_unlock(&operation->lock);
        return TRUE;
    }
    operation->cancelled = g_strdup(reason);
    pthread_mutex_unlock(&operation->lock);
    type->cancel(operation, operation->data);
    return TRUE;
}

const char *
vir_operation_cancelled(VirOperation *operation)
{
    VIR_LOCK(&operation->lock);

    return operation->cancelled;
}
