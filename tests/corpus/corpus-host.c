/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-host.h"

#include <string.h>

/* A Friday the 13th; the wall clock is half an hour behind. */
static gint64
fixed_time(const VirQemuEnv *env, gboolean local)
{
    return 1234567890 - (local ? 30 * 60 : 0);
}

/* The first of an architecture is its default. */
static const struct {
    const char *name;
    const char *arch;
    const char *model;
    const char *vendor;
    const char *features;
} cpus[] = {
    {"DEFAULT", "x86_64", "core2duo", "Intel",
     "ds acpi ss ht tm pbe ds_cpl vmx est tm2 cx16 xtpr lahf_lm"},
    {"HASWELL", "x86_64", "Haswell", "Intel",
     "vme ds acpi ss ht tm pbe dtes64 monitor ds_cpl vmx smx est tm2 xtpr pdcm osxsave f16c rdrand "
     "cmt pdpe1gb abm invtsc lahf_lm"},
    {"POWER8", "ppc64", "POWER8", NULL, ""},
    {"POWER9", "ppc64", "POWER9", NULL, ""},
    {"POWER10", "ppc64", "POWER10", NULL, ""},
};

static VirCpu *
host_cpu(const char *arch, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cpus); i++) {
        g_auto(GStrv) features = NULL;
        VirCpu *cpu;

        if (name ? !g_str_equal(cpus[i].name, name)
                 : vir_cpu_arch(cpus[i].arch) != vir_cpu_arch(arch))
            continue;
        cpu = vir_cpu_new(cpus[i].arch, TRUE);
        cpu->def->model = g_strdup(cpus[i].model);
        cpu->def->vendor = g_strdup(cpus[i].vendor);
        features = g_strsplit(cpus[i].features, " ", -1);
        for (char **word = features; *word && **word; word++)
            vir_cpu_put_feature(cpu, *word, 0);
        return cpu;
    }
    return NULL;
}

void
corpus_host_fill(VirQemuEnv *env, const CorpusQemu *c)
{
    const char *arch = corpus_param(c, "", "hostarch");

    env->now = fixed_time;
    env->host_arch = arch ? arch : c->arch;
    env->host_cpu = host_cpu(env->host_arch, corpus_param(c, "", "host_cpu"));
}

gboolean
corpus_host_is_other(const CorpusQemu *c)
{
    return corpus_param(c, "", "host_cpu") != NULL;
}
