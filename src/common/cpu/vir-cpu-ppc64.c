/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu-private.h"
#include "vir-error.h"

#include <stdlib.h>
#include <string.h>

/* Names with a revision ("POWER7+_v2.1") stand for their model. */
static const VirCpuModelRow *
find_model(const char *name, GError **error)
{
    g_autofree char *plain = g_strdup(name != NULL ? name : "");
    char *revision = strstr(plain, "_v");
    const VirCpuModelRow *row;

    if (revision != NULL) {
        if (revision > plain && revision[-1] == '+')
            revision--;
        *revision = '\0';
    }
    row = vir_cpu_model_find(VIR_CPU_ARCH_PPC64, plain);
    if (row == NULL)
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "unknown CPU model %s",
                      name != NULL ? name : "(none)");
    return row;
}

/* The generation of a compatibility mode ("power8"), or of a model ("POWER8"); 0: it is none. */
static guint
generation(const char *name, const char *prefix)
{
    char *end;
    gulong number;

    if (!g_str_has_prefix(name, prefix) || !g_ascii_isdigit(name[strlen(prefix)]))
        return 0;
    number = strtoul(name + strlen(prefix), &end, 10);
    return *end == '\0' && number < 100 ? (guint)number : 0;
}

static VirCpuResult
compare_mode(const VirCpuModelRow *host, const char *mode, char **why, GError **error)
{
    guint wanted = generation(mode, "power");
    guint has = generation(host->name, "POWER");

    if (wanted < 6 || wanted > 11) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "unknown compatibility mode %s", mode);
        return VIR_CPU_ERROR;
    }
    if (wanted <= has)
        return VIR_CPU_IDENTICAL;
    if (why != NULL)
        *why = g_strdup_printf("a host with %s has no compatibility mode %s", host->name, mode);
    return VIR_CPU_INCOMPATIBLE;
}

VirCpuResult
vir_cpu_ppc64_compare(const VirCpu *host, const VirCpu *cpu, char **why, GError **error)
{
    const VirCpuModelRow *has;
    const VirCpuModelRow *wants;

    if (cpu->def->vendor != NULL && g_strcmp0(cpu->def->vendor, host->def->vendor) != 0) {
        if (why != NULL)
            *why = g_strdup_printf("the host's processor is not made by %s", cpu->def->vendor);
        return VIR_CPU_INCOMPATIBLE;
    }
    has = find_model(host->def->model, error);
    if (has == NULL)
        return VIR_CPU_ERROR;
    if (!cpu->is_host && (cpu->def->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH ||
                          cpu->def->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM))
        return VIR_CPU_IDENTICAL;
    if (!cpu->is_host && cpu->def->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL)
        return cpu->def->model == NULL ? VIR_CPU_IDENTICAL
                                       : compare_mode(has, cpu->def->model, why, error);
    wants = find_model(cpu->def->model, error);
    if (wants == NULL)
        return VIR_CPU_ERROR;
    if (wants == has)
        return VIR_CPU_IDENTICAL;
    if (why != NULL)
        *why = g_strdup_printf("the host's processor is %s, not %s", has->name, wants->name);
    return VIR_CPU_INCOMPATIBLE;
}

gboolean
vir_cpu_ppc64_translate(VirCpu *guest, GError **error)
{
    const VirCpuModelRow *row = find_model(guest->def->model, error);

    if (row == NULL)
        return FALSE;
    g_free(guest->def->model);
    guest->def->model = g_strdup(row->name);
    return TRUE;
}
