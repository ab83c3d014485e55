/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "cpu.h"
#include "vir-domain-cpu.h"
#include "vir-error.h"
#include <string.h>

static gboolean
blockers_are_off(const VirCpu *guest, char **blockers)
{
    for (char **name = blockers; name && *name; name++) {
        const VirDomainCpuFeature *feature = vir_cpu_get_feature(guest, *name);

        if (!feature || feature->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE)
            return FALSE;
    }
    return TRUE;
}

/* Whether QEMU itself says that the host can run the model, as far as the guest wants it. */
static gboolean
is_known_to_run(const VirCpu *guest, const GPtrArray *models)
{
    if (guest->def->mode != VIR_DOMAIN_CPU_MODE_CUSTOM || !guest->def->model || guest->def->vendor)
        return FALSE;
    for (guint i = 0; i < guest->def->n_features; i++) {
        guint policy = guest->def->features[i]->policy;

        if (policy != VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE &&
            policy != VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL)
            return FALSE;
    }
    for (guint i = 0; models && i < models->len; i++) {
        const VirCpuUsable *usable = models->pdata[i];

        if (g_str_equal(usable->name, guest->def->model))
            return blockers_are_off(guest, usable->blockers);
    }
    return FALSE;
}

static gboolean
compare(const VirModel *model, const VirCpu *guest, GError **error)
{
    g_autoptr(VirCpu) host = vir_cpu_host_model(model, VIR_CPU_HOST_WHOLE);
    g_autofree char *why = NULL;

    if (!host)
        return TRUE;
    switch (vir_cpu_compare(host, guest, &why, error)) {
    case VIR_CPU_ERROR:
        return FALSE;
    case VIR_CPU_INCOMPATIBLE:
        return vir_error_set(error, VIR_ERR_CPU_INCOMPATIBLE, "%s", why);
    default:
        return TRUE;
    }
}

/* The processors of s390 have what is asked for, or do without: there is no third way. */
static gboolean
check_s390(const VirDomainCpu *cpu, GError **error)
{
    if (cpu->match == VIR_DOMAIN_CPU_MATCH_MINIMUM)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "CPU match 'minimum' is not for guests of s390x");
    for (guint i = 0; i < cpu->n_features; i++) {
        int policy = cpu->features[i]->policy;

        if (policy == VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL ||
            policy == VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "CPU feature '%s': policy '%s' is not for guests of s390x, "
                                 "'require' and 'disable' are",
                                 cpu->features[i]->name,
                                 vir_domain_cpu_feature_policy_to_string(policy));
    }
    return TRUE;
}

/* What depends on the host becomes a model and features that QEMU knows. */
static gboolean
resolve(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirCpu guest = {.arch = def->os.arch, .def = def->cpu};
    g_autoptr(GPtrArray) models = vir_cpu_host_models(model);
    g_autoptr(VirCpu) host = vir_cpu_host_model(model, VIR_CPU_HOST_MIGRATABLE);

    if (vir_def_is_s390(def) && !check_s390(def->cpu, error))
        return FALSE;
    if (def->cpu->check == VIR_DOMAIN_CPU_CHECK_PARTIAL && !is_known_to_run(&guest, models) &&
        !compare(model, &guest, error))
        return FALSE;
    if (host && !vir_cpu_update(&guest, host, error))
        return FALSE;
    if (!host && def->cpu->match == VIR_DOMAIN_CPU_MATCH_MINIMUM)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "CPU match 'minimum' takes the host's processor, of which no model "
                             "is known");
    if (!vir_cpu_translate(&guest, models, error))
        return FALSE;
    def->cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    return TRUE;
}

/* Features that QEMU has no switch for, or has no longer. */
static void
drop_features(VirDomainDef *def)
{
    static const char *const dropped[] = {"cmt",   "mbm_total", "mbm_local", "osxsave",
                                          "ospke", "pconfig",   NULL};

    if (!vir_def_is_x86(def))
        return;
    for (guint i = def->cpu->n_features; i-- > 0;) {
        if (g_strv_contains(dropped, def->cpu->features[i]->name))
            vir_domain_cpu_feature_free(vir_xml_remove(def->cpu, features, i));
    }
}

/* Off, they are taken away; only the host's own model gets them back. */
static gboolean
set_deprecated(VirModel *model, guint mode, GError **error)
{
    VirDomainDef *def = model->def;
    const VirQemuCpuModel *host = model->caps->host_cpu[vir_def_accel(def)];
    guint policy = def->cpu->deprecated_features == VIR_TRISTATE_ON
                       ? VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE
                       : VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE;
    VirCpu guest = {.arch = def->os.arch, .def = def->cpu};

    if (!def->cpu->deprecated_features)
        return TRUE;
    if (!host || !host->deprecated)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/cpu/@deprecated_features: emulator '%s' does not say which "
                             "features of the processor are deprecated",
                             model->caps->binary);
    if (policy == VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE && mode != VIR_DOMAIN_CPU_MODE_HOST_MODEL)
        return TRUE;
    for (char **name = host->deprecated; *name; name++)
        vir_cpu_put_feature(&guest, *name, policy);
    return TRUE;
}

gboolean
vir_prepare_cpu(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainCpu *cpu = def->cpu;
    guint mode = cpu ? cpu->mode : 0;

    if (!cpu || !vir_domain_cpu_has_model(cpu))
        return TRUE;
    if (!vir_cpu_mode_supported(model, cpu->mode))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "CPU mode '%s' cannot be had by %s guests of type '%s' on this host",
                             vir_domain_cpu_mode_to_string(cpu->mode), def->os.arch,
                             vir_domain_virt_type_to_string(def->virt_type));
    if (!vir_domain_cpu_is_host(cpu) && !resolve(model, error))
        return FALSE;
    drop_features(def);
    return set_deprecated(model, mode, error);
}
