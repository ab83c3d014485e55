/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu-map.h"

#include <string.h>

static gboolean
has_word(const char *words, const char *word)
{
    gsize n = strlen(word);

    for (const char *at = words; at != NULL && (at = strstr(at, word)) != NULL; at += n) {
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return TRUE;
    }
    return FALSE;
}

int
vir_cpu_feature_find(VirCpuArch arch, const char *name, gboolean aliases)
{
    if (name == NULL || *name == '\0')
        return -1;
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_features[i].arch == arch && strcmp(vir_cpu_features[i].name, name) == 0)
            return (int)i;
    }
    for (guint i = 0; aliases && i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_features[i].arch == arch && has_word(vir_cpu_features[i].aliases, name))
            return (int)i;
    }
    return -1;
}

const VirCpuModelRow *
vir_cpu_model_find(VirCpuArch arch, const char *name)
{
    for (guint i = 0; name != NULL && i < VIR_CPU_N_MODELS; i++) {
        if (vir_cpu_models[i].arch == arch && strcmp(vir_cpu_models[i].name, name) == 0)
            return &vir_cpu_models[i];
    }
    return NULL;
}

const char *
vir_cpu_model_canonical(VirCpuArch arch, const char *name)
{
    for (guint i = 0; i < VIR_CPU_N_MODELS; i++) {
        if (vir_cpu_models[i].arch == arch && vir_cpu_models[i].ancestor != NULL &&
            strcmp(vir_cpu_models[i].ancestor, name) == 0)
            return vir_cpu_models[i].name;
    }
    return NULL;
}

int
vir_cpu_vendor_find(VirCpuArch arch, const char *name)
{
    for (guint i = 0; name != NULL && i < VIR_CPU_N_VENDORS; i++) {
        if (vir_cpu_vendors[i].arch == arch && strcmp(vir_cpu_vendors[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

void
vir_cpu_set_add(VirCpuSet *set, const VirCpuSet *other)
{
    for (guint i = 0; i < VIR_CPU_SET_WORDS; i++)
        set->words[i] |= other->words[i];
}

void
vir_cpu_set_subtract(VirCpuSet *set, const VirCpuSet *other)
{
    for (guint i = 0; i < VIR_CPU_SET_WORDS; i++)
        set->words[i] &= ~other->words[i];
}

void
vir_cpu_set_intersect(VirCpuSet *set, const VirCpuSet *other)
{
    for (guint i = 0; i < VIR_CPU_SET_WORDS; i++)
        set->words[i] &= other->words[i];
}

guint
vir_cpu_set_count(const VirCpuSet *set)
{
    guint n = 0;

    for (guint i = 0; i < VIR_CPU_SET_WORDS; i++)
        n += (guint)__builtin_popcountll(set->words[i]);
    return n;
}

gboolean
vir_cpu_set_contains(const VirCpuSet *set, const VirCpuSet *part)
{
    for (guint i = 0; i < VIR_CPU_SET_WORDS; i++) {
        if ((part->words[i] & ~set->words[i]) != 0)
            return FALSE;
    }
    return TRUE;
}
