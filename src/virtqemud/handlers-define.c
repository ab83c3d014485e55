/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions: define, undefine, rename, metadata, and the changes of single values. */
#include "define.h"

#include "events.h"
#include "handlers.h"
#include "lifecycle.h"
#include "native.h"
#include "nvram-host.h"
#include "persist.h"
#include "vir-device.h"
#include <string.h>

#define RUN_TIMEOUT_MS (10 * 60 * 1000)

gboolean
vir_qemu_check_name(const char *name, GError **error)
{
    if (name == NULL || name[0] == '\0')
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s", "the domain has an empty name");
    if (strchr(name, '/') != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "name %s cannot contain '/'", name);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strlen(name) > 200 ||
        strpbrk(name, "\n\r\t") != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "name '%s' cannot be that of a file, which it has to be", name);
    return TRUE;
}

VirDomainDef *
vir_qemu_parse_xml(VirQemuDriver *driver, const char *xml, gboolean validate, GError **error)
{
    g_autoptr(VirQemuCaps) caps = NULL;
    g_autoptr(VirDomainDef) def =
        vir_xml_parse(&vir_domain_domain_doc, xml, -1, "domain_definition",
                      VIR_XML_INACTIVE | (validate ? VIR_XML_STRICT : 0), NULL, error);

    if (def == NULL)
        return NULL;
    if (def->virt_type != VIR_DOMAIN_VIRT_TYPE_QEMU && def->virt_type != VIR_DOMAIN_VIRT_TYPE_KVM) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "unexpected domain type %s, expecting one of these: qemu, kvm",
                      vir_domain_virt_type_to_string(def->virt_type));
        return NULL;
    }
    if (!vir_qemu_check_name(def->name, error))
        return NULL;
    if (!def->has_uuid) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = true;
    }
    if (def->devices.emulator == NULL)
        def->devices.emulator = vir_caps_find_emulator(
            driver->env.host_arch, def->os.arch != NULL ? def->os.arch : vir_qemu_host_arch(driver),
            error);
    if (def->devices.emulator == NULL)
        return NULL;
    caps = vir_caps_cache_get(driver->caps, def->devices.emulator, error);
    if (caps == NULL)
        return NULL;
    if (!vir_device_complete(&(VirModel){def, caps, &driver->env, VIR_MODEL_ABI_UPDATE}, error))
        return NULL;
    return g_steal_pointer(&def);
}

/* ---- define ---- */

static void
unref_view(void *view)
{
    vir_view_unref(view);
}

/* On the strand: the definition becomes the domain's. */
static gboolean
define_work(VirQemuDomain *dom, void *data, GError **error)
{
    VirQemuDef *config = data;
    gboolean fresh = dom->config == NULL || dom->hidden;

    if (dom->gone)
        return vir_qemu_domain_check(dom, error);
    if (!vir_qemu_config_write(dom->driver, config, error)) {
        if (dom->hidden)
            vir_qemu_domain_forget(dom);
        return FALSE;
    }
    vir_view_ref(config);
    vir_qemu_def_unref(dom->config);
    dom->config = config;
    dom->updated = dom->updated || !fresh;
    dom->hidden = FALSE;
    vir_qemu_domain_publish(dom);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_DEFINED,
                            fresh ? VIR_DOMAIN_EVENT_DEFINED_ADDED
                                  : VIR_DOMAIN_EVENT_DEFINED_UPDATED);
    return TRUE;
}

static gboolean
define(VirCall *call, const char *xml, unsigned flags, remote_nonnull_domain *handle,
       GError **error)
{
    VirQemuDriver *driver = CALL_DRIVER(call);
    g_autoptr(VirDomainDef) def = NULL;
    g_autoptr(VirQemuDef) config = NULL;
    g_autoptr(VirQemuDomain) dom = NULL;
    g_autoptr(GError) clash = NULL;
    g_autoptr(VirDomainView) view = NULL;

    if (!vir_qemu_check_flags(call, flags, VIR_DOMAIN_DEFINE_VALIDATE, error))
        return FALSE;
    def = vir_qemu_parse_xml(driver, xml, (flags & VIR_DOMAIN_DEFINE_VALIDATE) != 0, error);
    if (def == NULL)
        return FALSE;
    config = vir_qemu_def_new(def, FALSE, error);
    if (config == NULL)
        return FALSE;
    {
        VirQemuDomain *existing = NULL;

        dom = vir_qemu_domain_add(driver, config, def->name, def->uuid, TRUE, &existing, &clash);
        if (dom == NULL)
            dom = existing;
    }
    if (dom == NULL) {
        g_propagate_error(error, g_steal_pointer(&clash));
        return FALSE;
    }
    if (!vir_qemu_domain_run(dom, "define", RUN_TIMEOUT_MS, define_work, vir_view_ref(config),
                             unref_view, error))
        return FALSE;
    view = vir_object_view(dom);
    vir_qemu_handle(config, view->id, handle);
    return TRUE;
}

HANDLER(domain_define_xml)
{
    return define(call, args->xml, 0, &ret->dom, error);
}

HANDLER(domain_define_xml_flags)
{
    return define(call, args->xml, args->flags, &ret->dom, error);
}

HANDLER(connect_domain_xml_to_native)
{
    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (strcmp(args->nativeFormat, "qemu-argv") != 0)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "there is no native format '%s' of domains; try 'qemu-argv'",
                             args->nativeFormat);
    ret->nativeConfig = vir_qemu_native_argv(CALL_DRIVER(call), args->domainXml, error);
    return ret->nativeConfig != NULL;
}

/* ---- undefine ---- */

/* Variables of firmware go, or stay, only where the caller says which. */
static gboolean
undefine_nvram(VirQemuDomain *dom, unsigned flags, GError **error)
{
    g_autoptr(VirDomainDef) def = vir_qemu_def_open(dom->config, error);

    if (def == NULL)
        return FALSE;
    if (!vir_qemu_nvram_exists(def) || (flags & VIR_DOMAIN_UNDEFINE_KEEP_NVRAM) != 0)
        return TRUE;
    if ((flags & VIR_DOMAIN_UNDEFINE_NVRAM) == 0)
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                             "domain '%s' has variables of its firmware: undefine it with them, or "
                             "say that they are to be kept",
                             def->name);
    return vir_qemu_nvram_remove(def, error);
}

static gboolean
undefine(VirQemuDomain *dom, unsigned flags, GError **error)
{
    g_autofree char *save = NULL;

    if (!vir_qemu_domain_check(dom, error))
        return FALSE;
    if (dom->config == NULL) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "cannot undefine transient domain");
    }
    if (dom->managed_save && (flags & VIR_DOMAIN_UNDEFINE_MANAGED_SAVE) == 0) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                             "domain '%s' has a managed save image: undefine it with that image, "
                             "or remove the image first",
                             dom->config->name);
    }
    if (dom->managed_save) {
        save = g_strconcat(dom->driver->dirs.save, "/", dom->config->name, ".save", NULL);
        if (!vir_file_remove(save, error))
            return FALSE;
        dom->managed_save = FALSE;
    }
    if (!undefine_nvram(dom, flags, error) ||
        !vir_qemu_config_remove(dom->driver, dom->config->name, error))
        return FALSE;
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
    dom->autostart = FALSE;
    if (vir_qemu_domain_active(dom)) {
        g_clear_pointer(&dom->config, vir_qemu_def_unref);
        vir_qemu_domain_publish(dom);
    } else {
        vir_qemu_domain_forget(dom);
        g_clear_pointer(&dom->config, vir_qemu_def_unref);
    }
    return TRUE;
}

HANDLER_VOID(domain_undefine)
{
    return undefine(CALL_DOMAIN(call), 0, error);
}

HANDLER_VOID(domain_undefine_flags)
{
    const unsigned nvram = VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM;

    if ((args->flags & nvram) == nvram)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                             "firmware variables cannot be both kept and removed");
    /* Snapshots, checkpoints and TPM state: what is not there needs no removal. */
    return vir_qemu_check_flags(call, args->flags, 0x7f, error) &&
           undefine(CALL_DOMAIN(call), args->flags, error);
}

/* ---- single values ---- */

gboolean
vir_qemu_edit_config(VirQemuDomain *dom, VirQemuEdit edit, void *data, GError **error)
{
    g_autoptr(VirDomainDef) def = vir_qemu_def_open(dom->config, error);
    g_autoptr(VirQemuDef) config = NULL;

    if (def == NULL || !edit(def, data, error))
        return FALSE;
    config = vir_qemu_def_new(def, FALSE, error);
    if (config == NULL || !vir_qemu_config_write(dom->driver, config, error))
        return FALSE;
    vir_qemu_def_unref(dom->config);
    dom->config = g_steal_pointer(&config);
    vir_qemu_domain_publish(dom);
    return TRUE;
}

HANDLER_VOID(domain_set_autostart)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    gboolean on = args->autostart != 0;

    if (!vir_qemu_domain_check(dom, error))
        return FALSE;
    if (dom->config == NULL) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "cannot set autostart for transient domain");
    }
    if (on == dom->autostart)
        return TRUE;
    if (!vir_qemu_autostart_write(dom->driver, dom->config->name, on, error))
        return FALSE;
    dom->autostart = on;
    vir_qemu_domain_publish(dom);
    return TRUE;
}

static gboolean
edit_name(VirDomainDef *def, void *data, GError **error)
{
    g_free(def->name);
    def->name = g_strdup(data);
    return TRUE;
}

/* The old file goes last: a crash between leaves two files, and the first loaded wins. */
static gboolean
rename_domain(VirQemuDomain *dom, const char *name, GError **error)
{
    VirQemuDriver *driver = dom->driver;
    g_autofree char *old = g_strdup(dom->config->name);

    if (!vir_registry_rename(driver->domains, &dom->base, name)) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                             "domain with name '%s' already exists", name);
    }
    if (!vir_qemu_edit_config(dom, edit_name, (void *)name, error)) {
        vir_registry_rename(driver->domains, &dom->base, old);
        return FALSE;
    }
    if (dom->autostart && !vir_qemu_autostart_write(driver, name, TRUE, error))
        return FALSE;
    return vir_qemu_config_remove(driver, old, error);
}

HANDLER(domain_rename)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    const char *name = args->new_name != NULL ? *args->new_name : NULL;

    if (!vir_qemu_check_flags(call, args->flags, 0, error) || !vir_qemu_domain_check(dom, error) ||
        !vir_qemu_check_name(name, error))
        return FALSE;
    if (vir_qemu_domain_active(dom)) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "cannot rename active domain");
    }
    if (dom->managed_save) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "domain with a managed saved state can't be renamed");
    }
    if (strcmp(dom->config->name, name) == 0) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "Can't rename domain to itself");
    }
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_RENAMED);
    if (!rename_domain(dom, name, error))
        return FALSE;
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_RENAMED);
    ret->retcode = 0;
    return TRUE;
}

typedef struct {
    guint64 kib;
    guint vcpus;
    gboolean maximum;
} Amount;

static gboolean
edit_memory(VirDomainDef *def, void *data, GError **error)
{
    const Amount *amount = data;

    if (amount->maximum) {
        def->memory = amount->kib;
        def->has_memory = true;
        if (def->has_current_memory && def->current_memory > amount->kib)
            def->current_memory = amount->kib;
        return TRUE;
    }
    if (amount->kib > def->memory) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                             "cannot set memory higher than max memory");
    }
    def->current_memory = amount->kib;
    def->has_current_memory = true;
    return TRUE;
}

static gboolean
balloon_to(VirQemuDomain *dom, const Amount *amount, GError **error)
{
    json_object *args;

    if (amount->maximum) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "cannot resize the maximum memory on an active domain");
    }
    if (amount->kib > dom->def->memory || amount->kib > G_MAXINT64 / 1024) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                             "cannot set memory higher than max memory");
    }
    args = json_object_new_object();
    json_object_object_add(args, "value", json_object_new_int64((gint64)amount->kib * 1024));
    return vir_qemu_domain_qmp(dom, "balloon", args, NULL, error);
}

static gboolean
set_memory(VirCall *call, guint64 kib, unsigned flags, GError **error)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    Amount amount = {.kib = kib, .maximum = (flags & VIR_DOMAIN_MEM_MAXIMUM) != 0};

    if (!vir_qemu_check_flags(
            call, flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_MEM_MAXIMUM,
            error) ||
        !vir_qemu_domain_check(dom, error) ||
        !vir_qemu_check_affect(&flags, vir_qemu_domain_active(dom), dom->config != NULL, error))
        return FALSE;
    if (kib == 0)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s", "memory must not be 0");
    return ((flags & VIR_DOMAIN_AFFECT_LIVE) == 0 || balloon_to(dom, &amount, error)) &&
           ((flags & VIR_DOMAIN_AFFECT_CONFIG) == 0 ||
            vir_qemu_edit_config(dom, edit_memory, &amount, error));
}

HANDLER_VOID(domain_set_memory)
{
    return set_memory(call, args->memory, VIR_DOMAIN_AFFECT_LIVE, error);
}

HANDLER_VOID(domain_set_memory_flags)
{
    return set_memory(call, args->memory, args->flags, error);
}

HANDLER_VOID(domain_set_max_memory)
{
    return set_memory(call, args->memory, VIR_DOMAIN_MEM_MAXIMUM, error);
}

static gboolean
edit_vcpus(VirDomainDef *def, void *data, GError **error)
{
    const Amount *amount = data;

    if (amount->maximum) {
        def->vcpus_max = amount->vcpus;
        if (def->has_vcpus_current && def->vcpus_current >= amount->vcpus)
            def->has_vcpus_current = false;
        return TRUE;
    }
    if (amount->vcpus > def->vcpus_max) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "requested vcpus is greater than max allowable vcpus for the "
                             "persistent domain: %u > %u",
                             amount->vcpus, def->vcpus_max);
    }
    def->vcpus_current = amount->vcpus;
    def->has_vcpus_current = amount->vcpus < def->vcpus_max;
    return TRUE;
}

static gboolean
set_vcpus(VirCall *call, guint n, unsigned flags, GError **error)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    Amount amount = {.vcpus = n, .maximum = (flags & VIR_DOMAIN_VCPU_MAXIMUM) != 0};

    if (!vir_qemu_check_flags(
            call, flags,
            VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM, error) ||
        !vir_qemu_domain_check(dom, error) ||
        !vir_qemu_check_affect(&flags, vir_qemu_domain_active(dom), dom->config != NULL, error))
        return FALSE;
    if (n == 0 || n > G_MAXUINT16)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%u is no number of vcpus", n);
    if (flags & VIR_DOMAIN_AFFECT_LIVE) {
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "vcpus of the running domain '%s' cannot be changed yet",
                             dom->def->name);
    }
    return vir_qemu_edit_config(dom, edit_vcpus, &amount, error);
}

HANDLER_VOID(domain_set_vcpus)
{
    return set_vcpus(call, (guint)args->nvcpus, VIR_DOMAIN_AFFECT_LIVE, error);
}

HANDLER_VOID(domain_set_vcpus_flags)
{
    return set_vcpus(call, args->nvcpus, args->flags, error);
}
