/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-cpu-size.h"
#include <glib.h>

/** Rows of the generated tables, and sets of features. */

typedef enum {
    VIR_CPU_ARCH_OTHER,
    VIR_CPU_ARCH_X86,
    VIR_CPU_ARCH_PPC64,
    VIR_CPU_ARCH_S390,
    VIR_CPU_ARCH_ARM,
    VIR_CPU_ARCH_RISCV,
    VIR_CPU_ARCH_LOONGARCH,
} VirCpuArch;

typedef enum { VIR_CPU_BY_NONE, VIR_CPU_BY_CPUID, VIR_CPU_BY_MSR } VirCpuBy;

typedef struct {
    guint64 words[VIR_CPU_SET_WORDS];
} VirCpuSet;

typedef struct {
    const char *name;
    const char *aliases; /* separated by blanks; NULL where there are none */
    VirCpuArch arch;
    VirCpuBy by;
    gboolean migratable;
    guint32 leaf; /* or number of the register */
    guint32 subleaf;
    guint32 mask[4]; /* eax, ebx, ecx, edx */
} VirCpuFeatureRow;

typedef struct {
    const char *name;
    const char *id;
    VirCpuArch arch;
} VirCpuVendorRow;

/** x86: family, model, steppings; ppc64: PVR and mask; arm: part number. */
typedef struct {
    guint32 a, b, low, high;
} VirCpuSignatureRow;

typedef struct {
    const char *name;
    const char *ancestor; /* the model that this is another name of, or NULL */
    VirCpuArch arch;
    int vendor; /* index, or -1 */
    gboolean host, guest;
    guint n_signatures;
    VirCpuSignatureRow signatures[VIR_CPU_MAX_SIGNATURES];
    VirCpuSet features, added, removed;
} VirCpuModelRow;

extern const VirCpuFeatureRow vir_cpu_features[VIR_CPU_N_FEATURES];
extern const VirCpuVendorRow vir_cpu_vendors[VIR_CPU_N_VENDORS];
extern const VirCpuModelRow vir_cpu_models[VIR_CPU_N_MODELS];

/** Index of the feature @name or of the alias, -1 where nobody knows it. */
int vir_cpu_feature_find(VirCpuArch arch, const char *name, gboolean aliases);
const VirCpuModelRow *vir_cpu_model_find(VirCpuArch arch, const char *name);
/** The versioned name of the model @name, NULL where it has none or is one. */
const char *vir_cpu_model_canonical(VirCpuArch arch, const char *name);
int vir_cpu_vendor_find(VirCpuArch arch, const char *name);

static inline gboolean
vir_cpu_set_has(const VirCpuSet *set, guint i)
{
    return (set->words[i / 64] >> (i % 64)) & 1;
}

static inline void
vir_cpu_set_put(VirCpuSet *set, guint i, gboolean on)
{
    guint64 bit = G_GUINT64_CONSTANT(1) << (i % 64);

    set->words[i / 64] = on ? set->words[i / 64] | bit : set->words[i / 64] & ~bit;
}

void vir_cpu_set_add(VirCpuSet *set, const VirCpuSet *other);
void vir_cpu_set_subtract(VirCpuSet *set, const VirCpuSet *other);
void vir_cpu_set_intersect(VirCpuSet *set, const VirCpuSet *other);
guint vir_cpu_set_count(const VirCpuSet *set);
/** Whether all of @part is in @set. */
gboolean vir_cpu_set_contains(const VirCpuSet *set, const VirCpuSet *part);
