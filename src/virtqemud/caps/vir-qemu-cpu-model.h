/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qemu-caps.h"
#include <json-c/json.h>

/** The questions (arguments of query-cpu-model-expansion) that tell the widest processor. */
enum {
    VIR_QEMU_CPU_ALL,    /* x86: also what cannot migrate */
    VIR_QEMU_CPU_STATIC, /* x86: what can migrate; others */
    VIR_QEMU_CPU_FULL,   /* ARM; s390: features about to go */
    VIR_QEMU_CPU_N_QUESTIONS,
};

/** @name: "host" of KVM, "max" of TCG. An object to put. */
json_object *vir_qemu_cpu_question(guint which, const char *name);

/** From the answers, each may be NULL; NULL where the one that @arch needs is missing. */
VirQemuCpuModel *vir_qemu_cpu_model_parse(const char *arch,
                                          json_object *const answers[VIR_QEMU_CPU_N_QUESTIONS]);
VirQemuCpuModel *vir_qemu_cpu_model_new(const char *name);
void vir_qemu_cpu_model_free(VirQemuCpuModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuCpuModel, vir_qemu_cpu_model_free)
