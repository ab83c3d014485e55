/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine-kind.h"

#include <string.h>

/* @family itself ("pc"), or a version of it ("pc-i440fx-7.2" of "pc-i440fx"). */
static gboolean
is_board(const VirDomainDef *def, const char *family)
{
    const char *machine = def->os.machine;
    gsize n = strlen(family);

    return machine && strncmp(machine, family, n) == 0 && (machine[n] == '\0' || machine[n] == '-');
}

static gboolean
has_arch(const VirDomainDef *def, const char *const *names)
{
    return def->os.arch && g_strv_contains(names, def->os.arch);
}

gboolean
vir_def_is_q35(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && (is_board(def, "q35") || is_board(def, "pc-q35"));
}

gboolean
vir_def_is_i440fx(const VirDomainDef *def)
{
    const char *machine = def->os.machine;

    return vir_def_is_x86(def) && machine &&
           (g_str_equal(machine, "pc") || is_board(def, "pc-i440fx") ||
            g_str_has_prefix(machine, "pc-0") || g_str_has_prefix(machine, "pc-1"));
}

gboolean
vir_def_is_microvm(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && is_board(def, "microvm");
}

gboolean
vir_def_is_isapc(const VirDomainDef *def)
{
    return vir_def_is_x86(def) && is_board(def, "isapc");
}

gboolean
vir_def_is_x86(const VirDomainDef *def)
{
    static const char *const names[] = {"i686", "x86_64", NULL};

    return has_arch(def, names);
}

gboolean
vir_def_is_arm(const VirDomainDef *def)
{
    static const char *const names[] = {"aarch64", "armv6l", "armv7l", NULL};

    return has_arch(def, names);
}

gboolean
vir_def_is_arm_virt(const VirDomainDef *def)
{
    return vir_def_is_arm(def) && is_board(def, "virt");
}

gboolean
vir_def_is_riscv_virt(const VirDomainDef *def)
{
    static const char *const names[] = {"riscv32", "riscv64", NULL};

    return has_arch(def, names) && is_board(def, "virt");
}

gboolean
vir_def_is_loongarch_virt(const VirDomainDef *def)
{
    static const char *const names[] = {"loongarch64", NULL};

    return has_arch(def, names) && is_board(def, "virt");
}

gboolean
vir_def_is_pseries(const VirDomainDef *def)
{
    static const char *const names[] = {"ppc64", "ppc64le", NULL};

    return has_arch(def, names) && is_board(def, "pseries");
}

gboolean
vir_def_is_s390(const VirDomainDef *def)
{
    static const char *const names[] = {"s390", "s390x", NULL};

    return has_arch(def, names);
}
