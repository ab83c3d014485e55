/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu.h"
#include "machine-kind.h"
#include "vir-error.h"
#include "vir-log.h"
#include <string.h>

VIR_LOG_INIT("qemu.cpu");

static const VirQemuCpuModel *
expansion(const VirModel *model)
{
    return model->caps->host_cpu[vir_def_accel(model->def)];
}

GPtrArray *
vir_cpu_host_models(const VirModel *model)
{
    const GPtrArray *from = model->caps->cpus[vir_def_accel(model->def)];
    GPtrArray *models;

    if (from->len == 0)
        return NULL;
    models = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_usable_free);
    for (guint i = 0; i < from->len; i++) {
        const VirQemuCpu *cpu = from->pdata[i];
        VirCpuUsable *usable = g_new0(VirCpuUsable, 1);

        usable->name = vir_cpu_model_spelling(model->def->os.arch, cpu->name);
        usable->blockers = g_strdupv(cpu->blockers);
        g_ptr_array_add(models, usable);
    }
    return models;
}

static void
put_names(VirCpuSet *set, const char *const *names)
{
    for (; *names; names++) {
        int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, *names, FALSE);

        if (feature >= 0)
            vir_cpu_set_put(set, (guint)feature, TRUE);
    }
}

void
vir_cpu_baseline_without(const VirModel *model, gboolean migratable, VirCpuSet *set)
{
    static const char *const never[] = {
        "cmt",   "mbm_local",  "mbm_total",  "osxsave",
        "ospke", "vmx-ept-uc", "vmx-ept-wb", "vmx-invvpid-single-context",
        NULL};
    const VirQemuCpuModel *from = model ? expansion(model) : NULL;

    *set = (VirCpuSet){0};
    for (guint i = 0; from && i < VIR_CPU_N_FEATURES; i++)
        vir_cpu_set_put(set, i, TRUE);
    for (guint i = 0; from && i < from->props->len; i++) {
        const VirQemuCpuProp *prop = from->props->pdata[i];
        int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, prop->name, TRUE);

        if (feature >= 0)
            vir_cpu_set_put(set, (guint)feature, migratable && !prop->migratable);
    }
    put_names(set, never);
}

static VirCpu *
decode_x86(const VirModel *model, const VirQemuCpuModel *from, gboolean migratable)
{
    g_autoptr(GPtrArray) models = vir_cpu_host_models(model);
    g_autoptr(GError) error = NULL;
    VirCpuData data = {.vendor = -1};
    VirCpu *cpu;

    for (guint i = 0; i < from->props->len; i++) {
        const VirQemuCpuProp *prop = from->props->pdata[i];

        if (prop->type == VIR_QEMU_CPU_PROP_NUMBER)
            vir_cpu_data_put_number(&data, prop->name, prop->number);
        else if (prop->type == VIR_QEMU_CPU_PROP_TEXT)
            vir_cpu_data_put_text(&data, prop->name, prop->text);
        else if (prop->migratable || !migratable)
            vir_cpu_data_put_flag(&data, prop->name, prop->number != 0);
    }
    cpu = vir_cpu_decode(model->def->os.arch, &data, FALSE, models, NULL, &error);
    if (!cpu)
        vir_debug("no model of what '%s' has to give: %s", model->caps->binary, error->message);
    return cpu;
}

/* Where QEMU alone knows the features, all of its words are taken. */
static VirCpu *
take_words(const VirModel *model, const VirQemuCpuModel *from)
{
    VirCpu *cpu = vir_cpu_new(model->def->os.arch, FALSE);

    cpu->def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    cpu->def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    cpu->def->model = g_strdup(from->name);
    for (guint i = 0; i < from->props->len; i++) {
        const VirQemuCpuProp *prop = from->props->pdata[i];
        VirDomainCpuFeature *feature;

        if (prop->type != VIR_QEMU_CPU_PROP_BOOL)
            continue;
        feature = vir_domain_cpu_feature_new();
        feature->name = g_strdup(prop->name);
        feature->policy = prop->number ? VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE
                                       : VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE;
        vir_xml_append(cpu->def, features, feature);
    }
    return cpu;
}

/* The host's own processor, with what KVM plays beyond it. */
static VirCpu *
add_played(const VirCpu *host, const VirCpu *guest)
{
    VirCpu *cpu = vir_cpu_clone(host);

    for (guint i = 0; i < guest->def->n_features; i++) {
        const VirDomainCpuFeature *feature = guest->def->features[i];

        if (feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE)
            vir_cpu_put_feature(cpu, feature->name, 0);
    }
    return cpu;
}

VirCpu *
vir_cpu_host_model(const VirModel *model, VirCpuHost which)
{
    const VirQemuCpuModel *from = expansion(model);
    const VirCpu *host = model->env->host_cpu;
    VirCpuArch arch = vir_cpu_arch(model->def->os.arch);
    g_autoptr(VirCpu) cpu = NULL;

    if (from && arch == VIR_CPU_ARCH_S390)
        return take_words(model, from);
    if (from && arch == VIR_CPU_ARCH_X86)
        cpu = decode_x86(model, from, which == VIR_CPU_HOST_MIGRATABLE);
    if (cpu && which == VIR_CPU_HOST_WHOLE && vir_def_accel(model->def) == VIR_QEMU_NATIVE && host)
        return add_played(host, cpu);
    if (cpu)
        return g_steal_pointer(&cpu);
    /* QEMU has no model of ARM that could stand for a host's. */
    if (!host || !host->def->model || vir_cpu_arch(host->arch) != arch || arch == VIR_CPU_ARCH_ARM)
        return NULL;
    return vir_cpu_clone(host);
}

static gboolean
is_native(const VirModel *model)
{
    return vir_qemu_is_native(model->env->host_arch, model->def->os.arch);
}

/* Boards of before QEMU knew processors of s390 by names run the host's own as it is. */
static gboolean
is_before_models(const VirDomainDef *def)
{
    static const char *const boards[] = {"s390-ccw-virtio-2.4", "s390-ccw-virtio-2.5",
                                         "s390-ccw-virtio-2.6", "s390-ccw-virtio-2.7", NULL};

    return vir_def_is_s390(def) && def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM && def->os.machine &&
           g_strv_contains(boards, def->os.machine);
}

gboolean
vir_cpu_mode_supported(const VirModel *model, int mode)
{
    if (is_before_models(model->def) && mode != VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH)
        return FALSE;
    switch (mode) {
    case VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH:
        return model->def->virt_type != VIR_DOMAIN_VIRT_TYPE_QEMU && is_native(model);
    case VIR_DOMAIN_CPU_MODE_MAXIMUM:
        return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_CPU_MAX);
    case VIR_DOMAIN_CPU_MODE_HOST_MODEL: {
        g_autoptr(VirCpu) cpu =
            is_native(model) ? vir_cpu_host_model(model, VIR_CPU_HOST_MIGRATABLE) : NULL;

        return cpu != NULL;
    }
    default:
        return TRUE;
    }
}
