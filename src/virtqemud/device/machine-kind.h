/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include "vir-qemu-caps.h"

/* What board a definition (with its canonical machine type and architecture) is for. */

/** Whether the architecture is one of the names that follow, up to NULL. */
gboolean vir_def_has_arch(const VirDomainDef *def, const char *first, ...) G_GNUC_NULL_TERMINATED;
/** @family itself ("pseries"), or a version of it ("pseries-7.2"). */
gboolean vir_def_is_board(const VirDomainDef *def, const char *family);

gboolean vir_def_is_q35(const VirDomainDef *def);
gboolean vir_def_is_i440fx(const VirDomainDef *def);
gboolean vir_def_is_microvm(const VirDomainDef *def);
gboolean vir_def_is_isapc(const VirDomainDef *def);
gboolean vir_def_is_x86(const VirDomainDef *def);
/** arm, aarch64, any board. */
gboolean vir_def_is_arm(const VirDomainDef *def);
/** "virt" of arm, aarch64. */
gboolean vir_def_is_arm_virt(const VirDomainDef *def);
gboolean vir_def_is_arm_versatile(const VirDomainDef *def);
gboolean vir_def_is_arm_realview(const VirDomainDef *def);
gboolean vir_def_is_riscv(const VirDomainDef *def);
gboolean vir_def_is_riscv_virt(const VirDomainDef *def);
gboolean vir_def_is_loongarch_virt(const VirDomainDef *def);
/** "virt" of any architecture. */
gboolean vir_def_is_virt(const VirDomainDef *def);
/** ppc, ppc64, ppc64le, any board. */
gboolean vir_def_is_ppc(const VirDomainDef *def);
gboolean vir_def_is_ppc64(const VirDomainDef *def);
gboolean vir_def_is_pseries(const VirDomainDef *def);
/** s390, s390x: the only board there is. */
gboolean vir_def_is_s390(const VirDomainDef *def);
VirQemuAccel vir_def_accel(const VirDomainDef *def);
