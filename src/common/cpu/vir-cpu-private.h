/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-cpu.h"

/** Drops all features. */
void vir_cpu_clear_features(VirCpu *cpu);
/** Defaults of a guest's document. */
void vir_cpu_set_defaults(VirCpu *cpu);
void vir_cpu_take_model(VirCpu *to, const VirCpu *from);
/** FALSE with @why: @cpu is of another family of processors than @host. */
gboolean vir_cpu_is_of_arch(const VirCpu *host, const VirCpu *cpu, char **why);

VirCpu *vir_cpu_x86_decode(const char *arch, const VirCpuData *data, gboolean host,
                           const GPtrArray *models, const char *preferred, GError **error);
VirCpuResult vir_cpu_x86_compare(const VirCpu *host, const VirCpu *cpu, char **why, GError **error);
VirCpu *vir_cpu_x86_baseline(const GPtrArray *cpus, const GPtrArray *models,
                             const VirCpuSet *without, unsigned flags, GError **error);
gboolean vir_cpu_x86_update(VirCpu *guest, const VirCpu *host, GError **error);
gboolean vir_cpu_x86_update_live(VirCpu *guest, const VirCpuData *enabled,
                                 const VirCpuData *disabled, GError **error);
gboolean vir_cpu_x86_translate(VirCpu *guest, const GPtrArray *models, GError **error);
/** All that @cpu has: its model, with and without features by their policies. */
gboolean vir_cpu_x86_features(const VirCpu *cpu, VirCpuSet *set, GError **error);

/** Models that a version names, without features: ARM, POWER. */
VirCpu *vir_cpu_version_decode(const char *arch, const VirCpuData *data, gboolean host,
                               GError **error);

VirCpuResult vir_cpu_ppc64_compare(const VirCpu *host, const VirCpu *cpu, char **why,
                                   GError **error);
gboolean vir_cpu_ppc64_translate(VirCpu *guest, GError **error);
