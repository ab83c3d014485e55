/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "cpu.h"
#include "vir-cpu.h"
#include "vir-domain-cpu.h"
#include "vir-domain-features.h"
#include "vir-error.h"
#include <string.h>

/* What QEMU takes where nothing is said, so that it stays that. */
static void
default_model(VirModel *model)
{
    VirDomainDef *def = model->def;
    VirCpuArch arch = vir_cpu_arch(def->os.arch);
    g_autofree char *name = NULL;

    /* Boards of others have but the one processor that belongs to them. */
    if (!vir_def_is_x86(def) && !vir_def_is_arm(def) && !vir_def_is_ppc64(def) &&
        !vir_def_is_s390(def) && !vir_def_is_riscv(def) &&
        !vir_def_has_arch(def, "loongarch64", NULL))
        return;
    /* Elsewhere the default is of TCG only, and KVM does not take it. */
    if (vir_def_accel(def) == VIR_QEMU_NATIVE && arch != VIR_CPU_ARCH_X86 &&
        arch != VIR_CPU_ARCH_S390 && arch != VIR_CPU_ARCH_PPC64)
        return;
    name = vir_qemu_caps_default_cpu(model->caps, def->os.machine, vir_def_accel(def));
    if (!name)
        return;
    if (!def->cpu)
        def->cpu = vir_domain_cpu_new();
    if (g_str_equal(name, "host")) {
        def->cpu->mode = arch == VIR_CPU_ARCH_S390 &&
                                 vir_cpu_mode_supported(model, VIR_DOMAIN_CPU_MODE_HOST_MODEL)
                             ? VIR_DOMAIN_CPU_MODE_HOST_MODEL
                             : VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH;
        return;
    }
    /* It may lack what the host has not got: QEMU's default is never refused. */
    def->cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    def->cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    def->cpu->check = VIR_DOMAIN_CPU_CHECK_NONE;
    def->cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    def->cpu->model = vir_cpu_model_spelling(def->os.arch, name);
}

/* A vector length is of no use without SVE itself. */
static gboolean
require_sve(VirDomainCpu *cpu, GError **error)
{
    VirDomainCpuFeature *sve = NULL;
    gboolean lengths = FALSE;

    for (guint i = 0; i < cpu->n_features; i++) {
        VirDomainCpuFeature *feature = cpu->features[i];

        if (g_str_equal(feature->name, "sve"))
            sve = feature;
        else if (g_str_has_prefix(feature->name, "sve"))
            lengths = TRUE;
    }
    if (!lengths)
        return TRUE;
    if (!sve) {
        sve = vir_domain_cpu_feature_new();
        sve->name = g_strdup("sve");
        vir_xml_append(cpu, features, sve);
    } else if (sve->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE ||
               sve->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID) {
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "vector lengths of SVE are given, but CPU feature 'sve' is off");
    }
    sve->policy = VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE;
    return TRUE;
}

static void
default_check(const VirDomainDef *def)
{
    VirDomainCpu *cpu = def->cpu;

    /* TCG does not need the host's processor for what it plays. */
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL ||
        (vir_def_accel(def) == VIR_QEMU_NATIVE && !vir_domain_cpu_is_host(cpu)))
        cpu->check = VIR_DOMAIN_CPU_CHECK_PARTIAL;
    else
        cpu->check = VIR_DOMAIN_CPU_CHECK_NONE;
}

static void
default_migratable(const VirModel *model)
{
    VirDomainCpu *cpu = model->def->cpu;

    if (cpu->migratable || cpu->mode != VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH)
        return;
    if (vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_CPU_MIGRATABLE))
        cpu->migratable = VIR_TRISTATE_ON;
    else if (vir_def_is_x86(model->def))
        cpu->migratable = VIR_TRISTATE_OFF;
}

gboolean
vir_complete_cpu(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    if (!vir_domain_features_complete(def, error) || !vir_domain_cpu_check(def, error))
        return FALSE;
    if (!def->cpu || !vir_domain_cpu_has_model(def->cpu))
        default_model(model);
    if (!def->cpu)
        return TRUE;
    if (def->cpu->check && !vir_domain_cpu_has_model(def->cpu))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/cpu/@check: there is no <model> to be checked");
    vir_domain_cpu_complete(def->cpu);
    if (!require_sve(def->cpu, error))
        return FALSE;
    default_migratable(model);
    if (vir_domain_cpu_has_model(def->cpu) && !def->cpu->check)
        default_check(def);
    return TRUE;
}
