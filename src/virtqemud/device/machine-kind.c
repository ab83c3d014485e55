/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine-kind.h"

#include <stdarg.h>
#include <string.h>

gboolean
vir_def_is_board(const VirDomainDef *def, const char *family)
{
    const char *machine = def->os.machine;
    gsize n = strlen(family);

    return machine && strncmp(machine, family, n) == 0 && (machine[n] == '\0' || machine[n] == '-');
}

gboolean
vir_def_has_arch(const VirDomainDef *def, const char *first, ...)
{
    gboolean found = FALSE;
    va_list names;

    va_start(names, first);
    for (const char *name = first; name && !found; name = va_arg(names, const char *))
        found = g_strcmp0(def->os.arch, name) == 0;
    va_end(names);
    return found;
}

gboolean
vir_def_is_q35(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && (vir_def_is_board(def, "q35") || vir_def_is_board(def, "pc-q35"));
}

gboolean
vir_def_is_i440fx(const VirDomainDef *def)
{
    const char *machine = def->os.machine;

    return vir_def_is_x86(def) && machine &&
           (g_str_equal(machine, "pc") || vir_def_is_board(def, "pc-i440fx") ||
            g_str_has_prefix(machine, "pc-0") || g_str_has_prefix(machine, "pc-1"));
}

gboolean
vir_def_is_microvm(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && vir_def_is_board(def, "microvm");
}

gboolean
vir_def_is_isapc(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && vir_def_is_board(def, "isapc");
}

gboolean
vir_def_is_x86(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "i686", "x86_64", NULL);
}

gboolean
vir_def_is_arm(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "aarch64", "armv6l", "armv7l", NULL);
}

gboolean
vir_def_is_arm_virt(const VirDomainDef *def)
{
    return vir_def_is_arm(def) && vir_def_is_board(def, "virt");
}

gboolean
vir_def_is_arm_versatile(const VirDomainDef *def)
{
    return vir_def_is_arm(def) &&
           (vir_def_is_board(def, "versatilepb") || vir_def_is_board(def, "versatileab"));
}

gboolean
vir_def_is_arm_realview(const VirDomainDef *def)
{
    return vir_def_is_arm(def) && vir_def_is_board(def, "realview");
}

gboolean
vir_def_is_riscv(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "riscv32", "riscv64", NULL);
}

gboolean
vir_def_is_riscv_virt(const VirDomainDef *def)
{
    return vir_def_is_riscv(def) && vir_def_is_board(def, "virt");
}

gboolean
vir_def_is_loongarch_virt(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "loongarch64", NULL) && vir_def_is_board(def, "virt");
}

gboolean
vir_def_is_virt(const VirDomainDef *def)
{
    return vir_def_is_arm_virt(def) || vir_def_is_riscv_virt(def) || vir_def_is_loongarch_virt(def);
}

gboolean
vir_def_is_ppc64(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "ppc64", "ppc64le", NULL);
}

gboolean
vir_def_is_ppc(const VirDomainDef *def)
{
    return vir_def_is_ppc64(def) || vir_def_has_arch(def, "ppc", "ppcemb", NULL);
}

gboolean
vir_def_is_pseries(const VirDomainDef *def)
{
    return vir_def_is_ppc64(def) && vir_def_is_board(def, "pseries");
}

gboolean
vir_def_is_s390(const VirDomainDef *def)
{
    return vir_def_has_arch(def, "s390", "s390x", NULL);
}

VirQemuAccel
vir_def_accel(const VirDomainDef *def)
{
    return def->virt_type == VIR_DOMAIN_VIRT_TYPE_QEMU ? VIR_QEMU_TCG : VIR_QEMU_NATIVE;
}
