/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "def.h"
#include "driver.h"
#include "process.h"
#include "stats-cache.h"

/** What readers see of a domain: immutable, published by the job that changed it. */
typedef struct {
    VirView base;
    VirQemuDef *config; /* persistent definition; NULL: transient */
    VirQemuDef *live;   /* running definition; NULL: not running */
    int id;             /* -1: not running */
    int state;          /* VIR_DOMAIN_* */
    int reason;
    pid_t pid;             /* 0: not running, or not known */
    guint64 process_start; /* of `pid`, clock ticks since boot */
    guint64 balloon;       /* KiB the guest has now */
    GArray *vcpu_tids;     /* of pid_t, or NULL */
    gboolean autostart;
    gboolean updated;
    gboolean managed_save;
    gboolean hidden;   /* not (yet, any more) to be found */
    char *unreachable; /* why the monitor cannot be used and how to mend it; or NULL */
} VirDomainView;

static inline void
vir_domain_view_unref(VirDomainView *view)
{
    if (view != NULL)
        vir_view_unref(view);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirDomainView, vir_domain_view_unref)

/** The definition that speaks for the domain now. Borrowed. */
static inline const VirQemuDef *
vir_domain_view_def(const VirDomainView *view)
{
    return view->live != NULL ? view->live : view->config;
}

/** A domain. */
typedef struct VirQemuDomain {
    VirObject base;
    VirQemuDriver *driver;

    /* The running job's. */
    VirQemuDef *config; /* persistent definition, or NULL */
    VirDomainDef *def;  /* of the running guest: completed, with aliases; or NULL */
    VirQemuDef *live;   /* reader's form of `def` */
    VirQemuCaps *caps;  /* of the running guest's QEMU */
    int state;
    int reason;
    int id;
    guint64 balloon; /* KiB */
    gboolean autostart;
    gboolean updated;
    gboolean managed_save;
    gboolean hidden;
    gboolean gone; /* out of the registry for good */
    gboolean autodestroy;
    gboolean fake_reboot; /* the next power off is half a reboot */
    gboolean unsure;  /* the state comes from the status file: ask the monitor when it answers */
    int pause_reason; /* of the STOP that comes next, 0: unknown */
    int resume_reason;
    int stop_reason; /* VIR_DOMAIN_SHUTOFF_* decided before the process ended; 0: none */
    char *lib_dir;   /* of the running guest */
    char *unreachable;
    GArray *vcpu_tids; /* of pid_t */
    GArray *ports;     /* of int: graphics ports taken */

    /* Any thread. */
    pthread_mutex_t lock;
    VirQemuProcess *process;       /* or NULL */
    VirQemuStats *stats;           /* last answers of the monitor, or NULL */
    struct VirQemuQuestions *late; /* asked for statistics and not answered in time, or NULL */
    int destroying;                /* a destroy call has come and is not done */
    GHashTable *streams;           /* device alias: VirStream, the last of that device */
} VirQemuDomain;

/**
 * A new domain in the registry with its first view, hidden or not. NULL with
 * VIR_ERR_OPERATION_FAILED where name or UUID is another's. @existing (may be NULL) gets the
 * domain that has both, in which case NULL is returned without error.
 */
VirQemuDomain *vir_qemu_domain_add(VirQemuDriver *driver, VirQemuDef *config, const char *name,
                                   const guint8 uuid[VIR_UUID_LEN], gboolean hidden,
                                   VirQemuDomain **existing, GError **error);

/** Job: publishes the state as it is now. */
void vir_qemu_domain_publish(VirQemuDomain *dom);
/** Job: makes the reader's form of `def` anew, writes the status file, publishes. */
gboolean vir_qemu_domain_save_live(VirQemuDomain *dom, GError **error);
/** Job: out of the registry; its calls answer VIR_ERR_NO_DOMAIN from now on. */
void vir_qemu_domain_forget(VirQemuDomain *dom);

/** The process, a new reference; NULL where none runs. Any thread. */
VirQemuProcess *vir_qemu_domain_process(VirQemuDomain *dom);

/** A function of the strand of a domain. */
typedef gboolean (*VirQemuWork)(VirQemuDomain *dom, void *data, GError **error);

/**
 * From a job of another strand: runs @work on the strand of @dom and waits for it. @data is taken.
 * VIR_ERR_OPERATION_TIMEOUT names who holds the domain; @work does not begin after that.
 */
gboolean vir_qemu_domain_run(VirQemuDomain *dom, const char *what, int timeout_ms, VirQemuWork work,
                             void *data, GDestroyNotify destroy, GError **error);

/** Any thread: as vir_qemu_domain_run() without waiting; failures are logged. */
void vir_qemu_domain_post(VirQemuDomain *dom, const char *what, VirQemuWork work, void *data,
                          GDestroyNotify destroy);

/** Job: FALSE with VIR_ERR_NO_DOMAIN where it is gone or not there yet. */
gboolean vir_qemu_domain_check(VirQemuDomain *dom, GError **error);
/** Job: FALSE with VIR_ERR_OPERATION_INVALID where it does not run. */
gboolean vir_qemu_domain_check_active(VirQemuDomain *dom, GError **error);

/** Job: a QMP command with the configured deadline. @args is taken, @ret may be NULL. */
gboolean vir_qemu_domain_qmp(VirQemuDomain *dom, const char *command, json_object *args,
                             json_object **ret, GError **error);

static inline gboolean
vir_qemu_domain_active(const VirQemuDomain *dom)
{
    return dom->live != NULL;
}

static inline void
vir_qemu_domain_unref(VirQemuDomain *dom)
{
    if (dom != NULL)
        vir_object_unref(dom);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuDomain, vir_qemu_domain_unref)
