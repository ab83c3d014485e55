/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-cputune.h"
#include "vir-domain-iothread.h"
#include "vir-domain-tuning.h"
#include "vir-domain-vcpu.h"
#include "vir-error.h"

/* How many processors are plugged at once: a core of POWER as a whole. */
static guint
granularity(const VirDomainDef *def)
{
    return vir_def_is_pseries(def) && def->cpu && def->cpu->has_threads ? def->cpu->threads : 1;
}

static gboolean
check_topology(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainCpu *cpu = def->cpu;
    guint64 all;

    if (!cpu || !cpu->has_sockets)
        return TRUE;
    if (!g_uint64_checked_mul(&all, cpu->sockets, cpu->has_dies ? cpu->dies : 1) ||
        !g_uint64_checked_mul(&all, all, cpu->has_clusters ? cpu->clusters : 1) ||
        !g_uint64_checked_mul(&all, all, cpu->has_cores ? cpu->cores : 1) ||
        !g_uint64_checked_mul(&all, all, cpu->has_threads ? cpu->threads : 1) ||
        all != def->vcpus_max)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/cpu/topology: sockets, dies, clusters, cores and threads do "
                             "not multiply to the %u processors of /domain/vcpu",
                             def->vcpus_max);
    return (cpu->dies < 2 ||
            vir_model_needs(model, VIR_QEMU_CAPS_SMP_DIES, error, "dies of processors")) &&
           (cpu->clusters < 2 ||
            vir_model_needs(model, VIR_QEMU_CAPS_SMP_CLUSTERS, error, "clusters of processors"));
}

gboolean
vir_complete_vcpus(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    return vir_domain_vcpus_complete(def, error) && vir_domain_iothreads_complete(def, error) &&
           vir_domain_cputune_complete(def, error) && vir_domain_tuning_complete(def, error);
}

static gboolean
check_shares(const VirDomainDef *def, GError **error)
{
    return def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM || !def->cputune ||
           (def->cputune->n_cachetunes == 0 && def->cputune->n_memorytunes == 0) ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "/domain/cputune: shares of caches and of memory's bandwidth are of "
                         "threads of KVM, this guest has none");
}

/* QEMU starts with the processors that stay, the others are plugged before the guest runs. */
static gboolean
check_plugged(const VirDomainDef *def, guint step, GError **error)
{
    gboolean gap = FALSE;

    for (guint i = 0; i < def->n_vcpus; i++) {
        const VirDomainVcpu *vcpu = def->vcpus[i];
        gboolean fixed =
            vcpu->enabled == VIR_TRISTATE_YES && vcpu->hotpluggable != VIR_TRISTATE_YES;

        if (i < step && !fixed)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/vcpus/vcpu[@id='%u'] is to be enabled and not "
                                 "hotpluggable: QEMU starts with it",
                                 i);
        if (fixed && gap)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/vcpus/vcpu[@id='%u'] is not hotpluggable, but one before "
                                 "it is",
                                 i);
        gap = gap || !fixed;
    }
    return TRUE;
}

gboolean
vir_check_vcpus(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    guint now = vir_domain_vcpus_now(def);
    guint step = granularity(def);

    if (!check_shares(def, error) || !check_topology(model, error))
        return FALSE;
    if (now % step)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/vcpu: %u processors are no multiple of the %u threads that "
                             "are plugged together",
                             now, step);
    return check_plugged(def, step, error);
}
