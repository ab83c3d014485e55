/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain.h"

#include "handlers.h"
#include "persist.h"
#include "reconnect.h"
#include "vir-error.h"
#include "vir-log.h"
#include <libvirt/libvirt.h>
#include <string.h>

VIR_LOG_INIT("qemu.domain");

static void
view_free(VirView *base)
{
    VirDomainView *view = (VirDomainView *)base;

    vir_qemu_def_unref(view->config);
    vir_qemu_def_unref(view->live);
    g_clear_pointer(&view->vcpu_tids, g_array_unref);
    g_free(view->unreachable);
    g_free(view);
}

static VirQemuDef *
def_ref(VirQemuDef *def)
{
    return def != NULL ? vir_view_ref(def) : NULL;
}

static VirDomainView *
view_new(VirQemuDomain *dom)
{
    VirDomainView *view = g_new0(VirDomainView, 1);
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);

    vir_view_init(&view->base, view_free);
    view->config = def_ref(dom->config);
    view->live = def_ref(dom->live);
    view->id = dom->live != NULL ? dom->id : -1;
    view->state = dom->state;
    view->reason = dom->reason;
    if (process != NULL) {
        view->pid = vir_qemu_process_pid(process);
        view->process_start = vir_qemu_process_started(process);
    }
    view->balloon = dom->balloon;
    view->vcpu_tids = dom->vcpu_tids != NULL ? g_array_ref(dom->vcpu_tids) : NULL;
    view->autostart = dom->autostart;
    view->updated = dom->updated;
    view->managed_save = dom->managed_save;
    view->hidden = dom->hidden;
    view->unreachable = g_strdup(dom->unreachable);
    return view;
}

void
vir_qemu_domain_publish(VirQemuDomain *dom)
{
    vir_object_publish(dom, view_new(dom));
}

gboolean
vir_qemu_domain_save_live(VirQemuDomain *dom, GError **error)
{
    g_autoptr(VirQemuDef) live = vir_qemu_def_new(dom->def, TRUE, error);

    if (live == NULL)
        return FALSE;
    vir_qemu_def_unref(dom->live);
    dom->live = g_steal_pointer(&live);
    if (!vir_qemu_status_write(dom, error))
        return FALSE;
    vir_qemu_domain_publish(dom);
    return TRUE;
}

static void
domain_finalize(VirObject *object)
{
    VirQemuDomain *dom = (VirQemuDomain *)object;

    vir_qemu_def_unref(dom->config);
    vir_qemu_def_unref(dom->live);
    vir_domain_def_free(dom->def);
    vir_qemu_caps_unref(dom->caps);
    vir_qemu_process_unref(dom->process);
    vir_qemu_stats_forget(dom);
    g_clear_pointer(&dom->vcpu_tids, g_array_unref);
    g_clear_pointer(&dom->ports, g_array_unref);
    g_clear_pointer(&dom->streams, g_hash_table_unref);
    g_free(dom->lib_dir);
    g_free(dom->unreachable);
    pthread_mutex_destroy(&dom->lock);
}

static VirQemuDomain *
domain_new(VirQemuDriver *driver, VirQemuDef *config, const char *name,
           const guint8 uuid[VIR_UUID_LEN], gboolean hidden)
{
    VirQemuDomain *dom = g_new0(VirQemuDomain, 1);

    dom->driver = driver;
    pthread_mutex_init(&dom->lock, NULL);
    dom->config = def_ref(config);
    dom->state = VIR_DOMAIN_SHUTOFF;
    dom->reason = VIR_DOMAIN_SHUTOFF_UNKNOWN;
    dom->id = -1;
    dom->hidden = hidden;
    vir_object_init(&dom->base, VIR_CLASS_DOMAIN, "domain", name, uuid, domain_finalize);
    vir_qemu_domain_publish(dom);
    return dom;
}

VirQemuDomain *
vir_qemu_domain_add(VirQemuDriver *driver, VirQemuDef *config, const char *name,
                    const guint8 uuid[VIR_UUID_LEN], gboolean hidden, VirQemuDomain **existing,
                    GError **error)
{
    g_autoptr(VirQemuDomain) dom = domain_new(driver, config, name, uuid, hidden);
    VirObject *taken = NULL;
    g_autoptr(VirQemuDomain) clash = NULL;
    g_autoptr(VirDomainView) view = NULL;
    const VirQemuDef *def;
    char text[VIR_UUID_TEXT_LEN];

    if (vir_registry_add(driver->domains, &dom->base, &taken))
        return g_steal_pointer(&dom);
    clash = (VirQemuDomain *)taken;
    view = vir_object_view(clash);
    def = vir_domain_view_def(view);
    vir_uuid_format(clash->base.uuid, text);
    if (memcmp(clash->base.uuid, uuid, VIR_UUID_LEN) != 0) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s",
                      name, text);
    } else if (def != NULL && strcmp(def->name, name) != 0) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                      "domain '%s' is already defined with uuid %s", def->name, text);
    } else if (existing != NULL) {
        *existing = g_steal_pointer(&clash);
    } else {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "domain '%s' already exists with uuid %s",
                      name, text);
    }
    return NULL;
}

void
vir_qemu_domain_forget(VirQemuDomain *dom)
{
    dom->hidden = dom->gone = TRUE;
    vir_qemu_domain_publish(dom);
    vir_registry_remove(dom->driver->domains, &dom->base);
}

VirQemuProcess *
vir_qemu_domain_process(VirQemuDomain *dom)
{
    VIR_LOCK(&dom->lock);

    return dom->process != NULL ? vir_qemu_process_ref(dom->process) : NULL;
}

/* A piece of work on its way to the strand of a domain. */
typedef struct {
    VirRef refs;
    VirQemuDomain *dom;
    VirQemuWork work;
    void *data;
    GDestroyNotify destroy;
    VirPromise *done; /* NULL: nobody waits */
    const char *what;
    int begun; /* atomic; 2: given up before it began */
} Errand;

static void
errand_unref(void *data)
{
    Errand *errand = data;

    if (!vir_ref_dec(&errand->refs))
        return;
    if (errand->destroy != NULL)
        errand->destroy(errand->data);
    if (errand->done != NULL)
        vir_promise_unref(errand->done);
    vir_object_unref(errand->dom);
    g_free(errand);
}

static Errand *
errand_new(VirQemuDomain *dom, const char *what, VirQemuWork work, void *data,
           GDestroyNotify destroy)
{
    Errand *errand = g_new0(Errand, 1);

    vir_ref_init(&errand->refs);
    errand->dom = vir_object_ref(dom);
    errand->what = what;
    errand->work = work;
    errand->data = data;
    errand->destroy = destroy;
    return errand;
}

static void
errand_run(VirJob *job, void *data)
{
    Errand *errand = data;
    GError *error = NULL;
    int idle = 0;

    if (!__atomic_compare_exchange_n(&errand->begun, &idle, 1, FALSE, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        return;
    if (errand->work(errand->dom, errand->data, &error)) {
        if (errand->done != NULL)
            vir_promise_fulfil(errand->done, NULL);
    } else if (errand->done != NULL) {
        vir_promise_fail(errand->done, error);
    } else {
        vir_err("%s: %s: %s", vir_strand_name(errand->dom->base.strand), errand->what,
                error->message);
        g_error_free(error);
    }
}

gboolean
vir_qemu_domain_run(VirQemuDomain *dom, const char *what, int timeout_ms, VirQemuWork work,
                    void *data, GDestroyNotify destroy, GError **error)
{
    Errand *errand = errand_new(dom, what, work, data, destroy);
    g_autofree char *holder = NULL;
    gboolean ok;
    int idle = 0;

    errand->done = vir_promise_new(NULL);
    vir_ref_inc(&errand->refs);
    /* A domain that has nothing else to do needs no other thread. */
    if (!vir_strand_try_run(dom->base.strand, what, errand_run, errand, errand_unref) &&
        !vir_strand_post(dom->base.strand, what, errand_run, errand, errand_unref, error)) {
        errand_unref(errand);
        return FALSE;
    }
    ok = vir_promise_wait(errand->done, timeout_ms, what, NULL, error);
    /* Whoever gave up must not find later that it was done after all. */
    if (!ok && __atomic_compare_exchange_n(&errand->begun, &idle, 2, FALSE, __ATOMIC_ACQ_REL,
                                           __ATOMIC_ACQUIRE)) {
        holder = vir_strand_describe(dom->base.strand);
        g_prefix_error(error, "%s is held by %s: ", vir_strand_name(dom->base.strand),
                       holder != NULL ? holder : "nobody");
    }
    errand_unref(errand);
    return ok;
}

void
vir_qemu_domain_post(VirQemuDomain *dom, const char *what, VirQemuWork work, void *data,
                     GDestroyNotify destroy)
{
    vir_strand_post_urgent(dom->base.strand, what, errand_run,
                           errand_new(dom, what, work, data, destroy), errand_unref);
}

gboolean
vir_qemu_domain_check(VirQemuDomain *dom, GError **error)
{
    char text[VIR_UUID_TEXT_LEN];

    if (!dom->hidden)
        return TRUE;
    return vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'",
                         vir_uuid_format(dom->base.uuid, text));
}

gboolean
vir_qemu_domain_check_active(VirQemuDomain *dom, GError **error)
{
    if (!vir_qemu_domain_check(dom, error))
        return FALSE;
    if (!vir_qemu_domain_active(dom))
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is not running");
    return TRUE;
}

gboolean
vir_qemu_domain_qmp(VirQemuDomain *dom, const char *command, json_object *args, json_object **ret,
                    GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(VirQmp) qmp = process != NULL ? vir_qemu_process_qmp(process) : NULL;

    if (qmp != NULL && dom->unreachable == NULL) {
        if (dom->unsure && !vir_qemu_resync(dom, error)) {
            json_object_put(args);
            return FALSE;
        }
        return vir_qmp_run(qmp, command, args, dom->driver->conf.monitor_timeout_ms, ret, error);
    }
    json_object_put(args);
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "%s: cannot run '%s': %s",
                         vir_strand_name(dom->base.strand), command,
                         dom->unreachable != NULL ? dom->unreachable : "there is no monitor");
}
