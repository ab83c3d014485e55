/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include <string.h>

static void
default_cpu(VirDomainDef *def, const VirQemuCaps *caps)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(caps, def->os.machine);
    VirDomainCpu *cpu;

    if (!def->cpu)
        def->cpu = vir_domain_cpu_new();
    cpu = def->cpu;
    if (cpu->has_sockets) {
        if (!cpu->has_dies)
            cpu->dies = 1;
        if (!cpu->has_clusters)
            cpu->clusters = 1;
        cpu->has_dies = cpu->has_clusters = TRUE;
    }
    if ((!cpu->mode || cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM) && !cpu->model &&
        machine->default_cpu) {
        g_autofree char *suffix = g_strdup_printf("-%s-cpu", caps->arch);

        cpu->model = g_strdup(machine->default_cpu);
        if (g_str_has_suffix(cpu->model, suffix))
            cpu->model[strlen(cpu->model) - strlen(suffix)] = '\0';
        cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
        cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
        cpu->check = VIR_DOMAIN_CPU_CHECK_NONE;
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    }
    if (!cpu->mode)
        cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && !cpu->match)
        cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    if (!cpu->check)
        cpu->check =
            cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM || cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL
                ? VIR_DOMAIN_CPU_CHECK_PARTIAL
                : VIR_DOMAIN_CPU_CHECK_NONE;
    if ((cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH ||
         cpu->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM) &&
        !cpu->migratable)
        cpu->migratable = VIR_TRISTATE_ON;
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && cpu->model && !cpu->model_fallback)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    if (!cpu->model)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_UNSET;
}

gboolean
vir_complete_cpu(VirModel *model, GError **error)
{
    if (!model->def->vcpu_placement)
        model->def->vcpu_placement = VIR_DOMAIN_VCPU_PLACEMENT_STATIC;
    default_cpu(model->def, model->caps);
    return TRUE;
}
