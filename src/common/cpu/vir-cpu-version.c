/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu-private.h"
#include "vir-error.h"

#include <stdlib.h>

/* ARM: implementer and part number of MIDR_EL1, whatever the variant and the revision. */
static gboolean
is_arm_part(const VirCpuModelRow *row, guint32 part, guint32 version)
{
    return version >> 24 == strtoul(vir_cpu_vendors[row->vendor].id, NULL, 16) &&
           (version >> 4 & 0xfff) == part;
}

static gboolean
has_version(const VirCpuModelRow *row, guint32 version)
{
    for (guint i = 0; i < row->n_signatures; i++) {
        const VirCpuSignatureRow *s = &row->signatures[i];

        if (row->arch == VIR_CPU_ARCH_ARM ? is_arm_part(row, s->a, version)
                                          : (version & s->b) == s->a)
            return TRUE;
    }
    return FALSE;
}

VirCpu *
vir_cpu_version_decode(const char *arch, const VirCpuData *data, gboolean host, GError **error)
{
    for (guint i = 0; i < VIR_CPU_N_MODELS; i++) {
        const VirCpuModelRow *row = &vir_cpu_models[i];
        VirCpu *cpu;

        if (row->arch != vir_cpu_arch(arch) || !has_version(row, data->version))
            continue;
        cpu = vir_cpu_new(arch, host);
        cpu->def->model = g_strdup(row->name);
        cpu->def->vendor = g_strdup(vir_cpu_vendors[row->vendor].name);
        vir_cpu_set_defaults(cpu);
        return cpu;
    }
    vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "no CPU model of %s has the version 0x%08x", arch,
                  data->version);
    return NULL;
}
