/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vircorpus-cpu.h"
#include "vir-cpu.h"
#include "vir-error.h"
#include "vir-file.h"

#include <string.h>

#define MAX_DOCUMENT (16 * 1024 * 1024)

static const char *
param(const CorpusCpu *c, const char *name)
{
    gsize n = strlen(name);

    for (char **p = c->params; *p != NULL; p++) {
        if (strncmp(*p, name, n) == 0 && (*p)[n] == '=')
            return *p + n + 1;
    }
    return NULL;
}

static char *
read_param(const CorpusCpu *c, const char *name, gsize *len, GError **error)
{
    const char *path = param(c, name);

    if (path == NULL) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "the case has no %s", name);
        return NULL;
    }
    return vir_file_read(path, MAX_DOCUMENT, len, error);
}

static const char *
arch(const CorpusCpu *c)
{
    const char *name = param(c, "arch");

    return name != NULL ? name : "x86_64";
}

static VirCpu *
parse_cpu(const CorpusCpu *c, const char *text, gsize len, const char *name, GError **error)
{
    VirCpu *cpu = vir_cpu_parse(text, (gssize)len, name, FALSE, error);

    if (cpu != NULL && cpu->arch == NULL)
        cpu->arch = g_strdup(arch(c));
    return cpu;
}

static VirCpu *
other_cpu(const CorpusCpu *c, const char *name, GError **error)
{
    gsize len;
    g_autofree char *text = read_param(c, name, &len, error);

    return text != NULL ? parse_cpu(c, text, len, param(c, name), error) : NULL;
}

static char *
signature_text(const VirCpuData *data)
{
    const VirCpuSignature *s = &data->signature;

    return g_strdup_printf("%06x\nfamily:   %3u (0x%02x)\nmodel:    %3u (0x%02x)\n"
                           "stepping: %3u (0x%02x)\n",
                           vir_cpu_signature_value(s), s->family, s->family, s->model, s->model,
                           s->stepping, s->stepping);
}

static char *
convert_signature(const CorpusCpu *c, GError **error)
{
    VirCpuData data;

    return vir_cpu_data_parse(c->text, (gssize)c->len, c->path, &data, error)
               ? signature_text(&data)
               : NULL;
}

static char *
convert_json_signature(const CorpusCpu *c, GError **error)
{
    VirCpuData data;

    return vir_cpu_data_from_json(c->text, c->len, &data, error) ? signature_text(&data) : NULL;
}

static char *
format_decoded(const CorpusCpu *c, const VirCpuData *data, gboolean host, const GPtrArray *models,
               GError **error)
{
    g_autoptr(VirCpu) cpu = vir_cpu_decode(arch(c), data, host, models, NULL, error);

    return cpu != NULL ? vir_cpu_format(cpu, error) : NULL;
}

static char *
convert_host(const CorpusCpu *c, GError **error)
{
    VirCpuData data;

    return vir_cpu_data_parse(c->text, (gssize)c->len, c->path, &data, error)
               ? format_decoded(c, &data, TRUE, NULL, error)
               : NULL;
}

static char *
convert_guest(const CorpusCpu *c, GError **error)
{
    g_autoptr(GPtrArray) models = NULL;
    VirCpuData data;

    if (param(c, "qemu-models") != NULL) {
        gsize len;
        g_autofree char *text = read_param(c, "qemu-models", &len, error);

        if (text == NULL)
            return NULL;
        models = vir_cpu_usable_from_json(text, len, error);
    }
    return vir_cpu_data_parse(c->text, (gssize)c->len, c->path, &data, error)
               ? format_decoded(c, &data, FALSE, models, error)
               : NULL;
}

static char *
convert_json(const CorpusCpu *c, GError **error)
{
    g_autoptr(GPtrArray) models = vir_cpu_usable_from_json(c->text, c->len, NULL);
    VirCpuData data;

    return vir_cpu_data_from_json(c->text, c->len, &data, error)
               ? format_decoded(c, &data, FALSE, models, error)
               : NULL;
}

static char *
convert_compare(const CorpusCpu *c, GError **error)
{
    static const char *const words[] = {"INCOMPATIBLE", "IDENTICAL", "SUPERSET"};
    g_autoptr(VirCpu) host = parse_cpu(c, c->text, c->len, c->path, error);
    g_autoptr(VirCpu) cpu = host != NULL ? other_cpu(c, "cpu", error) : NULL;
    VirCpuResult result;

    if (cpu == NULL)
        return NULL;
    result = vir_cpu_compare(host, cpu, NULL, NULL);
    return g_strdup(result == VIR_CPU_ERROR ? "ERROR" : words[result]);
}

static char *
convert_update(const CorpusCpu *c, GError **error)
{
    g_autoptr(VirCpu) host = parse_cpu(c, c->text, c->len, c->path, error);
    g_autoptr(VirCpu) cpu = host != NULL ? other_cpu(c, "cpu", error) : NULL;

    return cpu != NULL && vir_cpu_update(cpu, host, error) ? vir_cpu_format(cpu, error) : NULL;
}

/* "name: MODEL MODEL"; where the corpus names a list without its models, these are its models. */
static GPtrArray *
listed_models(const char *value)
{
    static const char *const lists[][2] = {{"model486", "486"}, {"models", "qemu64 core2duo"}};
    const char *names = value != NULL ? strchr(value, ':') : NULL;
    g_auto(GStrv) words = NULL;
    GPtrArray *models = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_usable_free);

    if (names == NULL)
        return models;
    words = g_strsplit(names + 1, " ", -1);
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        if (strspn(names + 1, " ") == strlen(names + 1) &&
            strncmp(value, lists[i][0], (gsize)(names - value)) == 0 &&
            strlen(lists[i][0]) == (gsize)(names - value)) {
            g_strfreev(words);
            words = g_strsplit(lists[i][1], " ", -1);
        }
    }
    for (char **word = words; *word != NULL; word++) {
        VirCpuUsable *model;

        if (**word == '\0')
            continue;
        model = g_new0(VirCpuUsable, 1);
        model->name = g_strdup(*word);
        g_ptr_array_add(models, model);
    }
    return models;
}

static char *
convert_guest_cpu(const CorpusCpu *c, GError **error)
{
    g_autoptr(GPtrArray) models = listed_models(param(c, "models"));
    g_autoptr(VirCpu) host = parse_cpu(c, c->text, c->len, c->path, error);
    g_autoptr(VirCpu) cpu = host != NULL ? other_cpu(c, "cpu", error) : NULL;
    g_autofree char *why = NULL;
    VirCpuResult result;

    if (cpu == NULL)
        return NULL;
    result = vir_cpu_compare(host, cpu, &why, error);
    if (result == VIR_CPU_INCOMPATIBLE)
        vir_error_set(error, VIR_ERR_CPU_INCOMPATIBLE, "%s", why);
    if (result <= 0 || !vir_cpu_update(cpu, host, error) || !vir_cpu_translate(cpu, models, error))
        return NULL;
    return vir_cpu_format(cpu, error);
}

/* All models; that of @cpu is available without what @cpu switches off. */
static GPtrArray *
models_for(const VirCpu *cpu)
{
    GPtrArray *models = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_usable_free);
    g_autofree const char **names = vir_cpu_model_names(cpu->arch);

    for (guint i = 0; names[i] != NULL; i++) {
        g_autoptr(GStrvBuilder) off = g_strv_builder_new();
        VirCpuUsable *model = g_new0(VirCpuUsable, 1);

        for (guint f = 0; f < cpu->def->n_features && g_strcmp0(names[i], cpu->def->model) == 0;
             f++) {
            if (cpu->def->features[f]->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE)
                g_strv_builder_add(off, cpu->def->features[f]->name);
        }
        model->name = g_strdup(names[i]);
        model->blockers = g_strv_builder_end(off);
        g_ptr_array_add(models, model);
    }
    return models;
}

static gboolean
data_param(const CorpusCpu *c, const char *name, VirCpuData *data, GError **error)
{
    gsize len;
    g_autofree char *text = read_param(c, name, &len, error);

    return text != NULL && vir_cpu_data_parse(text, (gssize)len, param(c, name), data, error);
}

/* What QEMU switched on and off, described anew as if it were what a processor says of itself. */
static char *
convert_update_live(const CorpusCpu *c, GError **error)
{
    g_autoptr(VirCpu) cpu = parse_cpu(c, c->text, c->len, c->path, error);
    g_autoptr(GPtrArray) models = cpu != NULL ? models_for(cpu) : NULL;
    VirCpuData enabled, disabled, host, data;

    if (cpu == NULL || !data_param(c, "enabled", &enabled, error) ||
        !data_param(c, "disabled", &disabled, error) || !data_param(c, "host", &host, error) ||
        !vir_cpu_update_live(cpu, &enabled, &disabled, error) ||
        !vir_cpu_data_of_cpu(cpu, &data, error))
        return NULL;
    data.signature = host.signature;
    return format_decoded(c, &data, FALSE, models, error);
}

static char *
baseline(const CorpusCpu *c, const GPtrArray *cpus, GError **error)
{
    const char *words = param(c, "flags");
    unsigned flags = 0;
    g_autoptr(VirCpu) cpu = NULL;

    if (words != NULL && strstr(words, "EXPAND_FEATURES") != NULL)
        flags |= VIR_CPU_BASELINE_EXPAND;
    if (words != NULL && strstr(words, "MIGRATABLE") != NULL)
        flags |= VIR_CPU_BASELINE_MIGRATABLE;
    cpu = vir_cpu_baseline(cpus, NULL, NULL, flags, error);
    if (cpu == NULL)
        return NULL;
    for (guint i = 0; i < cpus->len; i++) {
        VirCpuResult result = vir_cpu_compare(cpus->pdata[i], cpu, NULL, error);

        if (result != VIR_CPU_IDENTICAL && result != VIR_CPU_SUPERSET) {
            if (result == VIR_CPU_INCOMPATIBLE)
                vir_error_set(error, VIR_ERR_CPU_INCOMPATIBLE, "processor %u lacks the baseline",
                              i);
            return NULL;
        }
    }
    return vir_cpu_format(cpu, error);
}

static char *
convert_baseline(const CorpusCpu *c, GError **error)
{
    static const char end[] = "</cpu>";
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_free);

    for (const char *at = strstr(c->text, "<cpu>"); at != NULL; at = strstr(at, "<cpu>")) {
        const char *stop = strstr(at, end);
        VirCpu *cpu;

        if (stop == NULL)
            break;
        stop += strlen(end);
        cpu = parse_cpu(c, at, (gsize)(stop - at), c->path, error);
        if (cpu == NULL)
            return NULL;
        g_ptr_array_add(cpus, cpu);
        at = stop;
    }
    return baseline(c, cpus, error);
}

static char *
convert_cpuid_baseline(const CorpusCpu *c, GError **error)
{
    g_autoptr(GPtrArray) cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_free);
    VirCpu *cpu = parse_cpu(c, c->text, c->len, c->path, error);

    for (guint i = 2; cpu != NULL; i++) {
        g_autofree char *name = g_strdup_printf("cpu%u", i);

        g_ptr_array_add(cpus, cpu);
        if (param(c, name) == NULL)
            return baseline(c, cpus, error);
        cpu = other_cpu(c, name, error);
    }
    return NULL;
}

static char *
convert_feature(const CorpusCpu *c, GError **error)
{
    g_autoptr(VirCpu) cpu = parse_cpu(c, c->text, c->len, c->path, error);
    int has = cpu != NULL ? vir_cpu_has_feature(cpu, param(c, "feature"), NULL) : -1;

    if (cpu == NULL)
        return NULL;
    return g_strdup(has < 0 ? "FAIL" : has > 0 ? "YES" : "NO");
}

static char *
convert_validate(const CorpusCpu *c, GError **error)
{
    g_autoptr(VirCpu) cpu = parse_cpu(c, c->text, c->len, c->path, error);

    return cpu != NULL && vir_cpu_validate(cpu, arch(c), error) ? g_strdup("ok\n") : NULL;
}

char *
corpus_cpu(const CorpusCpu *c, gboolean *known, GError **error)
{
    static const struct {
        const char *kind;
        char *(*convert)(const CorpusCpu *c, GError **error);
    } kinds[] = {
        {"cpu-signature", convert_signature},
        {"cpu-cpuid-host", convert_host},
        {"cpu-cpuid-guest", convert_guest},
        {"cpu-cpuid-baseline", convert_cpuid_baseline},
        {"cpu-compare", convert_compare},
        {"cpu-update", convert_update},
        {"cpu-update-live", convert_update_live},
        {"cpu-json", convert_json},
        {"cpu-json-signature", convert_json_signature},
        {"cpu-baseline", convert_baseline},
        {"cpu-guest", convert_guest_cpu},
        {"cpu-feature", convert_feature},
        {"cpu-validate", convert_validate},
    };

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        *known = strcmp(kinds[i].kind, c->kind) == 0;
        if (*known)
            return kinds[i].convert(c, error);
    }
    return NULL;
}
