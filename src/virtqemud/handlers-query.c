/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is answered from views: lists, look-ups, state. Nothing here waits. */
#include "events.h"
#include "handlers.h"

#include "vir-server.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

VirDomainView *
vir_qemu_call_view(VirCall *call, GError **error)
{
    g_autoptr(VirDomainView) view = vir_object_view(call->object);
    char text[VIR_UUID_TEXT_LEN];

    if (!view->hidden)
        return g_steal_pointer(&view);
    vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'",
                  vir_uuid_format(call->object->uuid, text));
    return NULL;
}

gboolean
vir_qemu_check_flags(VirCall *call, unsigned flags, unsigned known, GError **error)
{
    if ((flags & ~known) == 0)
        return TRUE;
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x) in function %s",
                         flags & ~known, call->proc->name);
}

gboolean
vir_qemu_check_affect(unsigned *flags, gboolean active, gboolean persistent, GError **error)
{
    if ((*flags & (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)) == 0)
        *flags |= active ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG;
    if ((*flags & VIR_DOMAIN_AFFECT_LIVE) && !active)
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is not running");
    if ((*flags & VIR_DOMAIN_AFFECT_CONFIG) && !persistent) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "transient domains do not have any persistent config");
    }
    return TRUE;
}

static gboolean
persistent(const VirDomainView *view)
{
    return view->config != NULL;
}

static gboolean
active(const VirDomainView *view)
{
    return view->live != NULL;
}

/* ---- connection ---- */

HANDLER_PLAIN(connect_get_type)
{
    ret->type = g_strdup("QEMU");
    return TRUE;
}

HANDLER_PLAIN(connect_get_hostname)
{
    ret->hostname = g_strdup(g_get_host_name());
    return TRUE;
}

HANDLER_PLAIN(connect_is_secure)
{
    ret->secure = 1;
    return TRUE;
}

/* ---- lists ---- */

typedef gboolean (*ViewFilter)(const VirDomainView *view, unsigned flags);

/* The views of domains that pass @filter. */
static GPtrArray *
list_views(VirQemuDriver *driver, ViewFilter filter, unsigned flags)
{
    g_autoptr(GPtrArray) domains = vir_registry_list(driver->domains);
    GPtrArray *views = g_ptr_array_new_full(domains->len, vir_view_unref);

    for (guint i = 0; i < domains->len; i++) {
        g_autoptr(VirDomainView) view = vir_object_view(g_ptr_array_index(domains, i));

        if (!view->hidden && filter(view, flags))
            g_ptr_array_add(views, g_steal_pointer(&view));
    }
    return views;
}

static gboolean
filter_active(const VirDomainView *view, unsigned flags)
{
    return active(view);
}

static gboolean
filter_inactive(const VirDomainView *view, unsigned flags)
{
    return !active(view);
}

/* Flags of one group are alternatives; groups narrow each other. */
static gboolean
passes(unsigned flags, unsigned group, unsigned has)
{
    return (flags & group) == 0 || (flags & has) != 0;
}

#define GROUP(a, b) (VIR_CONNECT_LIST_DOMAINS_##a | VIR_CONNECT_LIST_DOMAINS_##b)
#define ONE(a) VIR_CONNECT_LIST_DOMAINS_##a
#define STATES (GROUP(RUNNING, PAUSED) | GROUP(SHUTOFF, OTHER))

static unsigned
state_flag(int state)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
        return ONE(RUNNING);
    case VIR_DOMAIN_PAUSED:
        return ONE(PAUSED);
    case VIR_DOMAIN_SHUTOFF:
        return ONE(SHUTOFF);
    default:
        return ONE(OTHER);
    }
}

static gboolean
filter_flags(const VirDomainView *view, unsigned flags)
{
    return passes(flags, GROUP(ACTIVE, INACTIVE), active(view) ? ONE(ACTIVE) : ONE(INACTIVE)) &&
           passes(flags, GROUP(PERSISTENT, TRANSIENT),
                  persistent(view) ? ONE(PERSISTENT) : ONE(TRANSIENT)) &&
           passes(flags, STATES, state_flag(view->state)) &&
           passes(flags, GROUP(MANAGEDSAVE, NO_MANAGEDSAVE),
                  view->managed_save ? ONE(MANAGEDSAVE) : ONE(NO_MANAGEDSAVE)) &&
           passes(flags, GROUP(AUTOSTART, NO_AUTOSTART),
                  view->autostart ? ONE(AUTOSTART) : ONE(NO_AUTOSTART)) &&
           passes(flags, GROUP(HAS_SNAPSHOT, NO_SNAPSHOT), ONE(NO_SNAPSHOT)) &&
           passes(flags, GROUP(HAS_CHECKPOINT, NO_CHECKPOINT), ONE(NO_CHECKPOINT));
}

HANDLER_PLAIN(connect_num_of_domains)
{
    g_autoptr(GPtrArray) views = list_views(CALL_DRIVER(call), filter_active, 0);

    ret->num = (int)views->len;
    return TRUE;
}

HANDLER(connect_list_domains)
{
    g_autoptr(GPtrArray) views = list_views(CALL_DRIVER(call), filter_active, 0);
    guint n = MIN(views->len, (guint)MAX(args->maxids, 0));

    ret->ids.ids_val = g_new0(int, n);
    ret->ids.ids_len = n;
    for (guint i = 0; i < n; i++)
        ret->ids.ids_val[i] = ((VirDomainView *)g_ptr_array_index(views, i))->id;
    return TRUE;
}

HANDLER_PLAIN(connect_num_of_defined_domains)
{
    g_autoptr(GPtrArray) views = list_views(CALL_DRIVER(call), filter_inactive, 0);

    ret->num = (int)views->len;
    return TRUE;
}

HANDLER(connect_list_defined_domains)
{
    g_autoptr(GPtrArray) views = list_views(CALL_DRIVER(call), filter_inactive, 0);
    guint n = MIN(views->len, (guint)MAX(args->maxnames, 0));

    ret->names.names_val = g_new0(remote_nonnull_string, n);
    ret->names.names_len = n;
    for (guint i = 0; i < n; i++) {
        VirDomainView *view = g_ptr_array_index(views, i);

        ret->names.names_val[i] = g_strdup(view->config->name);
    }
    return TRUE;
}

HANDLER(connect_list_all_domains)
{
    g_autoptr(GPtrArray) views = NULL;

    if (!vir_qemu_check_flags(call, args->flags, 0xffff, error))
        return FALSE;
    views = list_views(CALL_DRIVER(call), filter_flags, args->flags);
    ret->ret = views->len;
    if (!args->need_results)
        return TRUE;
    ret->domains.domains_val = g_new0(remote_nonnull_domain, views->len);
    ret->domains.domains_len = views->len;
    for (guint i = 0; i < views->len; i++) {
        VirDomainView *view = g_ptr_array_index(views, i);

        vir_qemu_handle(vir_domain_view_def(view), view->id, &ret->domains.domains_val[i]);
    }
    return TRUE;
}

/* ---- look-ups ---- */

/* @dom (taken) as a handle; FALSE without an error where there is none to see. */
static gboolean
found(VirQemuDomain *dom, remote_nonnull_domain *handle)
{
    g_autoptr(VirQemuDomain) held = dom;
    g_autoptr(VirDomainView) view = dom != NULL ? vir_object_view(dom) : NULL;

    if (view == NULL || view->hidden)
        return FALSE;
    vir_qemu_handle(vir_domain_view_def(view), view->id, handle);
    return TRUE;
}

HANDLER(domain_lookup_by_id)
{
    if (found(vir_registry_by_id(CALL_DRIVER(call)->domains, args->id), &ret->dom))
        return TRUE;
    return vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching id %d", args->id);
}

HANDLER(domain_lookup_by_uuid)
{
    const guint8 *uuid = (const guint8 *)args->uuid;
    char text[VIR_UUID_TEXT_LEN];

    if (found(vir_registry_by_uuid(CALL_DRIVER(call)->domains, uuid), &ret->dom))
        return TRUE;
    return vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'",
                         vir_uuid_format(uuid, text));
}

HANDLER(domain_lookup_by_name)
{
    if (found(vir_registry_by_name(CALL_DRIVER(call)->domains, args->name), &ret->dom))
        return TRUE;
    return vir_error_set(error, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'", args->name);
}

/* ---- one domain ---- */

HANDLER(domain_get_xml_desc)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);
    const VirQemuDef *def;

    if (view == NULL ||
        !vir_qemu_check_flags(call, args->flags,
                              VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE |
                                  VIR_DOMAIN_XML_UPDATE_CPU | VIR_DOMAIN_XML_MIGRATABLE,
                              error))
        return FALSE;
    def = vir_domain_view_def(view);
    if ((args->flags & VIR_DOMAIN_XML_INACTIVE) && view->config != NULL)
        def = view->config;
    ret->xml = vir_qemu_def_xml(def, args->flags, error);
    return ret->xml != NULL;
}

guint64
vir_qemu_cpu_time(const VirDomainView *view, guint64 *user, guint64 *sys)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)view->pid);
    g_autofree char *text = NULL;
    const char *rest;
    unsigned long long u = 0;
    unsigned long long s = 0;
    guint64 tick = G_USEC_PER_SEC * G_GUINT64_CONSTANT(1000) / (guint64)sysconf(_SC_CLK_TCK);

    /* Fields 14 and 15 of proc(5); the text after the bracket begins with the third. */
    if (view->pid > 0 && g_file_get_contents(path, &text, NULL, NULL) &&
        (rest = strrchr(text, ')')) != NULL &&
        sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &u, &s) < 2)
        u = s = 0;
    if (user != NULL)
        *user = u * tick;
    if (sys != NULL)
        *sys = s * tick;
    return (u + s) * tick;
}

HANDLER(domain_get_info)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);
    const VirQemuDef *def;

    if (view == NULL)
        return FALSE;
    def = vir_domain_view_def(view);
    ret->state = (u_char)view->state;
    ret->maxMem = def->max_memory;
    ret->memory = active(view) ? view->balloon : def->memory;
    ret->nrVirtCpu = (u_short)MIN(def->vcpus, G_MAXUSHORT);
    ret->cpuTime = vir_qemu_cpu_time(view, NULL, NULL);
    return TRUE;
}

HANDLER(domain_get_state)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL || !vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    ret->state = view->state;
    ret->reason = view->reason;
    return TRUE;
}

HANDLER(domain_get_control_info)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);
    gint64 waiting_ms;

    if (view == NULL || !vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (!active(view))
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is not running");
    /* A job that has answered its caller may still be running, so that it runs says nothing. */
    waiting_ms = vir_strand_waiting_ms(call->object->strand);
    if (view->unreachable != NULL) {
        ret->state = VIR_DOMAIN_CONTROL_ERROR;
        ret->details = VIR_DOMAIN_CONTROL_ERROR_REASON_MONITOR;
    } else if (waiting_ms >= 0) {
        ret->state = VIR_DOMAIN_CONTROL_OCCUPIED;
        ret->stateTime = (u_int)MIN(waiting_ms, G_MAXUINT);
    }
    return TRUE;
}

HANDLER(domain_get_os_type)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->type = g_strdup(vir_domain_os_type_to_string(vir_domain_view_def(view)->os_type));
    return TRUE;
}

HANDLER(domain_get_max_memory)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->memory = vir_domain_view_def(view)->max_memory;
    return TRUE;
}

static gboolean
count_vcpus(const VirDomainView *view, unsigned flags, int *num, GError **error)
{
    const VirQemuDef *def;

    if ((flags & VIR_DOMAIN_AFFECT_LIVE) && (flags & VIR_DOMAIN_AFFECT_CONFIG)) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                             "flags for the live and the persistent state exclude each other");
    }
    if (!vir_qemu_check_affect(&flags, active(view), persistent(view), error))
        return FALSE;
    if (flags & VIR_DOMAIN_VCPU_GUEST) {
        return vir_error_set(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "%s",
                             "QEMU guest agent is not configured");
    }
    def = flags & VIR_DOMAIN_AFFECT_LIVE ? view->live : view->config;
    *num = (int)(flags & VIR_DOMAIN_VCPU_MAXIMUM ? def->max_vcpus : def->vcpus);
    return TRUE;
}

HANDLER(domain_get_max_vcpus)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    return view != NULL &&
           count_vcpus(view, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_VCPU_MAXIMUM, &ret->num, error);
}

HANDLER(domain_get_vcpus_flags)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    return view != NULL &&
           vir_qemu_check_flags(call, args->flags,
                                VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG |
                                    VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_GUEST,
                                error) &&
           count_vcpus(view, args->flags, &ret->num, error);
}

HANDLER(domain_get_autostart)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->autostart = view->autostart;
    return TRUE;
}

HANDLER(domain_is_active)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->active = active(view);
    return TRUE;
}

HANDLER(domain_is_persistent)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->persistent = persistent(view);
    return TRUE;
}

HANDLER(domain_is_updated)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    ret->updated = view->updated;
    return TRUE;
}

HANDLER(domain_has_managed_save_image)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL || !vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    ret->result = view->managed_save;
    return TRUE;
}

/* Nothing built so far is a job that clients could follow. */
static gboolean
no_job(VirCall *call, int *type, GError **error)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);

    if (view == NULL)
        return FALSE;
    if (!active(view))
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is not running");
    *type = VIR_DOMAIN_JOB_NONE;
    return TRUE;
}

HANDLER(domain_get_job_info)
{
    return no_job(call, &ret->type, error);
}

HANDLER(domain_get_job_stats)
{
    return no_job(call, &ret->type, error);
}
