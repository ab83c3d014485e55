/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-cpu.h"
#include "vir-error.h"

#include <string.h>

/* Bytes that CPUID has for it. */
#define VENDOR_ID_LEN 12

static gboolean
check_vendor_id(const char *id, GError **error)
{
    if (strlen(id) != VENDOR_ID_LEN)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/model/@vendor_id '%s' has not %d characters", id,
                             VENDOR_ID_LEN);
    if (strchr(id, ','))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/model/@vendor_id '%s' cannot have a comma", id);
    return TRUE;
}

static gboolean
check_features(const VirDomainCpu *cpu, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < cpu->n_features; i++) {
        const char *name = cpu->features[i]->name;

        if (*name == '\0')
            return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/cpu/feature[%u]/@name is empty",
                                 i + 1);
        if (!g_hash_table_add(seen, (void *)name))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "CPU feature '%s' is given more than once", name);
    }
    return TRUE;
}

gboolean
vir_domain_cpu_is_host(const VirDomainCpu *cpu)
{
    return cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH ||
           cpu->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM;
}

gboolean
vir_domain_cpu_has_model(const VirDomainCpu *cpu)
{
    return cpu->mode > VIR_DOMAIN_CPU_MODE_CUSTOM || cpu->model;
}

gboolean
vir_domain_cpu_check(const VirDomainDef *def, GError **error)
{
    const VirDomainCpu *cpu = def->cpu;

    if (!cpu)
        return TRUE;
    if (cpu->model_vendor_id && !check_vendor_id(cpu->model_vendor_id, error))
        return FALSE;
    if (cpu->migratable && !vir_domain_cpu_is_host(cpu))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/@migratable is for CPU modes 'host-passthrough' and "
                             "'maximum' only");
    if (cpu->vendor && !cpu->model)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/vendor needs a <model> as well");
    if (cpu->n_features > 0 && !vir_domain_cpu_has_model(cpu))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cpu/feature needs a <model> that it is added to");
    return check_features(cpu, error);
}

static void
default_topology(VirDomainCpu *cpu)
{
    if (!cpu->has_sockets)
        return;
    if (!cpu->has_dies)
        cpu->dies = 1;
    if (!cpu->has_clusters)
        cpu->clusters = 1;
    cpu->has_dies = cpu->has_clusters = TRUE;
}

static void
default_words(VirDomainCpu *cpu)
{
    /* Without a model it is there for what is beneath it only. */
    if (!vir_domain_cpu_has_model(cpu))
        cpu->mode = cpu->match = cpu->deprecated_features = 0;
    else if (!cpu->mode)
        cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && cpu->model && !cpu->match)
        cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    if (cpu->mode != VIR_DOMAIN_CPU_MODE_CUSTOM)
        cpu->match = VIR_DOMAIN_CPU_MATCH_UNSET;
    /* There it is the host's, whatever it is called. */
    if (vir_domain_cpu_is_host(cpu))
        g_clear_pointer(&cpu->model, g_free);
    if (cpu->model && !cpu->model_fallback)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    if (!cpu->model)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_UNSET;
}

void
vir_domain_cpu_complete(VirDomainCpu *cpu)
{
    default_topology(cpu);
    default_words(cpu);
}
