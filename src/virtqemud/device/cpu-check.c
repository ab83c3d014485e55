/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-cpu.h"
#include "vir-error.h"

static gboolean
check_cache(const VirDomainDef *def, GError **error)
{
    const VirDomainCpu *cpu = def->cpu;
    const char *mode = vir_domain_cpu_cache_mode_to_string(cpu->cache_mode);

    if (!cpu->cache)
        return TRUE;
    if (!vir_def_is_x86(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/cpu/cache is for x86 guests, not for %s ones", def->os.arch);
    if (!cpu->cache_mode)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/cache needs a mode: emulate, passthrough or disable");
    if (cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_EMULATE) {
        if (!cpu->has_cache_level || cpu->cache_level != 3)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "CPU cache mode 'emulate' is for level='3' only");
        return TRUE;
    }
    if (cpu->has_cache_level)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "CPU cache mode '%s' is for all levels: leave level='%u' out", mode,
                             cpu->cache_level);
    if (cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_PASSTHROUGH && !vir_domain_cpu_is_host(cpu))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "CPU cache mode 'passthrough' needs CPU mode 'host-passthrough' or "
                             "'maximum', not '%s'",
                             vir_domain_cpu_mode_to_string(cpu->mode));
    return TRUE;
}

static gboolean
check_maxphysaddr(const VirDomainDef *def, GError **error)
{
    const VirDomainCpu *cpu = def->cpu;

    if (!cpu->maxphysaddr)
        return TRUE;
    if (!vir_def_is_x86(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/cpu/maxphysaddr is for x86 guests, not for %s ones",
                             def->os.arch);
    switch (cpu->maxphysaddr_mode) {
    case VIR_DOMAIN_CPU_MAXPHYSADDR_MODE_PASSTHROUGH:
        if (cpu->has_maxphysaddr_bits)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cpu/maxphysaddr of mode 'passthrough' has the host's "
                                 "bits: leave bits='%u' out, or use mode 'emulate'",
                                 cpu->maxphysaddr_bits);
        return TRUE;
    case VIR_DOMAIN_CPU_MAXPHYSADDR_MODE_EMULATE:
        if (!cpu->has_maxphysaddr_bits)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cpu/maxphysaddr of mode 'emulate' needs bits");
        if (cpu->has_maxphysaddr_limit)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cpu/maxphysaddr of mode 'emulate' has exactly its bits: "
                                 "leave limit='%u' out",
                                 cpu->maxphysaddr_limit);
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/maxphysaddr needs a mode: emulate or passthrough");
    }
}

static gboolean
check_migratable(const VirModel *model, GError **error)
{
    const VirDomainCpu *cpu = model->def->cpu;

    if (cpu->mode != VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH || cpu->migratable != VIR_TRISTATE_ON)
        return TRUE;
    return vir_model_needs(model, VIR_QEMU_CAPS_CPU_MIGRATABLE, error,
                           "CPU property 'migratable' for %s guests", model->def->os.arch);
}

static gboolean
check_features(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainFeatures *features = &def->features;

    if (features->hyperv && !vir_def_is_x86(def) && !vir_def_is_arm_virt(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/hyperv is not there for %s guests on machine type "
                             "'%s'",
                             def->os.arch, def->os.machine);
    return TRUE;
}

gboolean
vir_check_cpu(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;

    if (!check_features(model, error))
        return FALSE;
    if (!def->cpu)
        return TRUE;
    return (def->cpu->mode != VIR_DOMAIN_CPU_MODE_MAXIMUM ||
            vir_model_needs(model, VIR_QEMU_CAPS_CPU_MAX, error, "CPU of mode 'maximum'")) &&
           check_cache(def, error) && check_maxphysaddr(def, error) &&
           check_migratable(model, error);
}
