/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <pthread.h>

/**
 * An operation is long work on an object that occupies no strand: a migration, a save, a backup, a
 * block job, a refresh, a start. It goes from state to state by the rows of its type's table, shows
 * its progress, can be cancelled, and says what else may be done to the object meanwhile. The jobs
 * that drive it are short. All functions may be called from any thread.
 */
typedef struct VirOperation VirOperation;

/** What a job or another operation is, for the masks; a driver adds its own from VIR_WORK_DRIVER.
 */
typedef enum {
    VIR_WORK_QUERY = 1 << 0,   /* asks the hypervisor, changes nothing */
    VIR_WORK_MODIFY = 1 << 1,  /* changes the object */
    VIR_WORK_RUN = 1 << 2,     /* pause and resume */
    VIR_WORK_DESTROY = 1 << 3, /* ends it by force */
    VIR_WORK_ABORT = 1 << 4,   /* cancels or tunes the operation */
    VIR_WORK_LONG = 1 << 5,    /* begins another operation */
    VIR_WORK_DRIVER = 1 << 16,
} VirWork;

/** A type of operation: constant, one per kind, static. States are at most 32; the first is 0. */
typedef struct VirOperationType {
    const char *name; /* in errors: "migration" */
    int job_type;     /* VIR_DOMAIN_JOB_OPERATION_*, or what the driver likes */
    guint32 work;     /* what beginning it is, for the masks of others */
    guint32 allows;   /* VirWork that may be done meanwhile */
    int n_states;
    const char *const *states;
    const guint32 *next; /* per state: 1 << each state that may follow; 0: the end */
    /** Asks the work to stop; once, on the thread that cancels; must not wait. May be NULL:
     * refused. */
    void (*cancel)(VirOperation *operation, void *data);
} VirOperationType;

typedef struct {
    guint64 done;
    guint64 total; /* 0: not known */
    gint64 elapsed_ms;
} VirProgress;

/** The operations in progress on one object. */
typedef struct VirOperations {
    pthread_mutex_t lock;
    char *label; /* of the object: "domain 'web'" */
    GList *active;
} VirOperations;

void vir_operations_init(VirOperations *operations, const char *label);
void vir_operations_clear(VirOperations *operations);

/** Whether work of kind @work may be done now; else VIR_ERR_OPERATION_INVALID names what is in the
 * way. */
gboolean vir_operations_admit(VirOperations *operations, guint32 work, const char *what,
                              GError **error);

/**
 * Begins one in state 0; refused as by vir_operations_admit(). A new reference; the object holds
 * another until the end. @destroy frees @data with the last one.
 */
VirOperation *vir_operation_begin(VirOperations *operations, const VirOperationType *type,
                                  void *data, GDestroyNotify destroy, GError **error);
VirOperation *vir_operation_ref(VirOperation *operation);
void vir_operation_unref(VirOperation *operation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirOperation, vir_operation_unref)

/** The first active one whose type has @name (NULL: any); new reference or NULL. */
VirOperation *vir_operations_find(VirOperations *operations, const char *name);

const VirOperationType *vir_operation_type(const VirOperation *operation);
void *vir_operation_data(const VirOperation *operation);
int vir_operation_state(VirOperation *operation);

/** Goes to @state. FALSE with VIR_ERR_INTERNAL_ERROR where the type's table has no such way. */
gboolean vir_operation_move(VirOperation *operation, int state, GError **error);

/** As vir_operation_move() to a final state, with the reason (taken; NULL: success). */
gboolean vir_operation_end(VirOperation *operation, int state, GError *reason, GError **error);

/**
 * Calls @func once when a final state is reached, on the thread that reached it (here, where that
 * was before). @reason is borrowed, NULL for success.
 */
typedef void (*VirOperationFunc)(VirOperation *operation, const GError *reason, void *data);
void vir_operation_when_done(VirOperation *operation, VirOperationFunc func, void *data);

void vir_operation_set_progress(VirOperation *operation, guint64 done, guint64 total);
void vir_operation_progress(VirOperation *operation, VirProgress *progress);

/**
 * Asks it to stop with @reason; TRUE as well where that was asked before. The operation ends when
 * its driver says so. VIR_ERR_OPERATION_INVALID where it is over or cannot be cancelled.
 */
gboolean vir_operation_cancel(VirOperation *operation, const char *reason, GError **error);
/** The reason given to vir_operation_cancel(), or NULL. Lives as long as @operation. */
const char *vir_operation_cancelled(VirOperation *operation);
