/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-domain-vcpu.h"
#include "vir-error.h"

gboolean
vir_argv_smp(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainCpu *cpu = def->cpu;
    guint max = def->vcpus_max;
    guint now = vir_domain_vcpus_fixed(def);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%u", now);
    if (now != max)
        g_string_append_printf(text, ",maxcpus=%u", max);
    if (cpu && cpu->has_sockets) {
        g_string_append_printf(text, ",sockets=%u", cpu->sockets);
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_SMP_DIES))
            g_string_append_printf(text, ",dies=%u", cpu->has_dies ? cpu->dies : 1);
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_SMP_CLUSTERS))
            g_string_append_printf(text, ",clusters=%u", cpu->has_clusters ? cpu->clusters : 1);
        g_string_append_printf(text, ",cores=%u,threads=%u", cpu->has_cores ? cpu->cores : 1,
                               cpu->has_threads ? cpu->threads : 1);
    } else {
        g_string_append_printf(text, ",sockets=%u,cores=1,threads=1", max);
    }
    vir_argv_add(argv, "-smp", text->str);
    return TRUE;
}
