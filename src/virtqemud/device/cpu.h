/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-cpu.h"
#include "vir-device.h"

/** Which processor is meant by "the host's". */
typedef enum {
    VIR_CPU_HOST_WHOLE,      /* all that there is: what a guest is compared with */
    VIR_CPU_HOST_REPORTED,   /* what a hypervisor has to give, whether it can migrate or not */
    VIR_CPU_HOST_MIGRATABLE, /* what a guest of mode host-model gets */
} VirCpuHost;

/** Whether a guest of this kind can have a processor of @mode (VIR_DOMAIN_CPU_MODE_…) here. */
gboolean vir_cpu_mode_supported(const VirModel *model, int mode);
/** The processor that the accelerator of this guest has to give; NULL where nobody can tell. */
VirCpu *vir_cpu_host_model(const VirModel *model, VirCpuHost which);
/**
 * What a baseline leaves out: features that the host's kernel or QEMU's version decides about, and
 * those of hosts alone; those that cannot migrate, as QEMU sees it, with @migratable. @model NULL:
 * it is not for this hypervisor.
 */
void vir_cpu_baseline_without(const VirModel *model, gboolean migratable, VirCpuSet *set);
/** The models (VirCpuUsable) that QEMU has for this guest; NULL: it does not say. */
GPtrArray *vir_cpu_host_models(const VirModel *model);
