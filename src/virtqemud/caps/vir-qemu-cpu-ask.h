/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-cpu.h"
#include "vir-qemu-probe.h"

/**
 * Questions about processors whose models and features QEMU alone knows (s390x). What it refuses
 * is an error in its words: a model or a feature that it has not got.
 */

/** Whether @host, which is what @peer has to give, runs @cpu; see vir_cpu_compare(). */
VirCpuResult vir_qemu_cpu_compare(const VirProbePeer *peer, const VirCpu *host, const VirCpu *cpu,
                                  char **why, GError **error);

/**
 * What all of @cpus (VirCpu with a model, one at least) have, as a guest's processor whose features
 * are without policies; @expand: with the features of the model by name.
 */
VirCpu *vir_qemu_cpu_baseline(const VirProbePeer *peer, const GPtrArray *cpus, gboolean expand,
                              GError **error);
