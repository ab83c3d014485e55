/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu-private.h"
#include "vir-error.h"

#include <stdlib.h>
#include <string.h>

/** A model as a description of some processor. */
typedef struct {
    const VirCpuModelRow *row;
    gboolean same_signature;
    VirCpuSet more;    /* the processor has it, the model has not */
    VirCpuSet less;    /* the model has it, the processor has not */
    VirCpuSet removed; /* the model had it once */
    gboolean lacks;    /* the model has more than the processor */
    guint length;      /* of the list of features */
    guint penalty;     /* for those of it that are off */
} Candidate;

/* Intel switched transactions off in these Haswells, but they may still claim to have them. */
static gboolean
has_broken_tsx(const VirCpuData *data)
{
    const VirCpuSignature *s = &data->signature;

    return data->vendor >= 0 && strcmp(vir_cpu_vendors[data->vendor].name, "Intel") == 0 &&
           s->family == 6 &&
           (s->model == 60 || s->model == 69 || s->model == 70 ||
            (s->model == 63 && s->stepping < 4));
}

static gboolean
has_signature(const VirCpuModelRow *row, const VirCpuSignature *s)
{
    for (guint i = 0; i < row->n_signatures; i++) {
        const VirCpuSignatureRow *r = &row->signatures[i];

        if (r->a == s->family && r->b == s->model && s->stepping >= r->low &&
            s->stepping <= r->high)
            return TRUE;
    }
    return FALSE;
}

static void
weigh(Candidate *c, const VirCpuModelRow *row, const VirCpuData *data, const VirCpuUsable *usable)
{
    VirCpuSet blocked = {0};
    VirCpuSet off;
    guint pairs;

    c->row = row;
    c->same_signature = has_signature(row, &data->signature);
    for (guint i = 0; usable != NULL && usable->blockers != NULL && usable->blockers[i] != NULL;
         i++) {
        int blocker = vir_cpu_feature_find(VIR_CPU_ARCH_X86, usable->blockers[i], TRUE);

        if (blocker >= 0)
            vir_cpu_set_put(&blocked, (guint)blocker, TRUE);
    }
    c->more = data->features;
    vir_cpu_set_subtract(&c->more, &row->features);
    c->less = row->features;
    vir_cpu_set_subtract(&c->less, &data->features);
    c->lacks = vir_cpu_set_count(&c->less) > 0;
    /* the hypervisor's model may have more than ours; what is asked for by name stays that */
    vir_cpu_set_subtract(&blocked, &c->more);
    vir_cpu_set_add(&c->less, &blocked);
    c->removed = row->removed;
    vir_cpu_set_subtract(&c->removed, &c->more);
    off = c->less;
    vir_cpu_set_add(&off, &c->removed);
    pairs = (vir_cpu_set_count(&off) + 1) / 2;
    c->length = vir_cpu_set_count(&c->more) + vir_cpu_set_count(&off);
    c->penalty = pairs * (pairs + 1) / 2;
}

static void
put_set(VirCpu *cpu, const VirCpuSet *set, guint policy)
{
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_set_has(set, i))
            vir_cpu_put_feature(cpu, vir_cpu_features[i].name, policy);
    }
}

/*
 * Whether @c describes the processor better than @best: it has the processor's signature, or its
 * list of features is shorter. Those that are off weigh more, and the more so the more there are:
 * an old model with additions is safer than a new one that has lost what its guests expect.
 */
static gboolean
is_better(const Candidate *c, const Candidate *best)
{
    if (best->row == NULL)
        return TRUE;
    if (c->same_signature != best->same_signature)
        return c->same_signature;
    if (c->length + c->penalty != best->length + best->penalty)
        return c->length + c->penalty < best->length + best->penalty;
    return c->penalty < best->penalty;
}

VirCpu *
vir_cpu_x86_decode(const char *arch, const VirCpuData *data, gboolean host, const GPtrArray *models,
                   const char *preferred, GError **error)
{
    static const char *const tsx[] = {"hle", "rtm"};
    VirCpuData sound = *data;
    Candidate best = {0};
    VirCpu *cpu;

    for (guint i = 0; has_broken_tsx(data) && i < G_N_ELEMENTS(tsx); i++)
        vir_cpu_set_put(&sound.features,
                        (guint)vir_cpu_feature_find(VIR_CPU_ARCH_X86, tsx[i], FALSE), FALSE);
    for (guint i = VIR_CPU_N_MODELS; i-- > 0;) {
        const VirCpuModelRow *row = &vir_cpu_models[i];
        const VirCpuUsable *usable = vir_cpu_usable_find(models, row->name);
        gboolean wanted = preferred != NULL && strcmp(preferred, row->name) == 0;
        Candidate c = {0};

        if (row->arch != VIR_CPU_ARCH_X86 || (models != NULL && usable == NULL) ||
            !(host ? row->host : row->guest) ||
            (row->vendor >= 0 && data->vendor >= 0 && row->vendor != data->vendor))
            continue;
        weigh(&c, row, &sound, usable);
        if (host && c.lacks)
            continue;
        if (wanted || is_better(&c, &best))
            best = c;
        if (wanted)
            break;
    }
    if (best.row == NULL) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "none of the known processor models describes this processor");
        return NULL;
    }
    cpu = vir_cpu_new(arch, host);
    cpu->def->model = g_strdup(best.row->name);
    if (data->vendor >= 0)
        cpu->def->vendor = g_strdup(vir_cpu_vendors[data->vendor].name);
    if (host) {
        cpu->signature = data->signature;
        put_set(cpu, &best.more, 0);
        return cpu;
    }
    cpu->def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    cpu->def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    cpu->def->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    put_set(cpu, &best.more, VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
    put_set(cpu, &best.less, VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE);
    put_set(cpu, &best.removed, VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE);
    return cpu;
}

/* The model of @cpu and the features by policy; a host's features are required ones. */
static const VirCpuModelRow *
split(const VirCpu *cpu, VirCpuSet by_policy[VIR_DOMAIN_CPU_FEATURE_POLICY_LAST], GError **error)
{
    static const VirCpuModelRow nothing;
    const VirCpuModelRow *row =
        cpu->def->model != NULL ? vir_cpu_model_find(VIR_CPU_ARCH_X86, cpu->def->model) : &nothing;

    if (row == NULL) {
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "unknown CPU model %s", cpu->def->model);
        return NULL;
    }
    for (guint i = 0; i < cpu->def->n_features; i++) {
        const VirDomainCpuFeature *f = cpu->def->features[i];
        guint policy = f->policy == 0 ? VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE : f->policy;
        int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, f->name, FALSE);

        if (feature < 0) {
            vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "unknown CPU feature: %s", f->name);
            return NULL;
        }
        vir_cpu_set_put(&by_policy[policy], (guint)feature, TRUE);
    }
    return row;
}

gboolean
vir_cpu_x86_features(const VirCpu *cpu, VirCpuSet *set, GError **error)
{
    VirCpuSet by[VIR_DOMAIN_CPU_FEATURE_POLICY_LAST] = {0};
    const VirCpuModelRow *row = split(cpu, by, error);

    if (row == NULL)
        return FALSE;
    *set = row->features;
    vir_cpu_set_add(set, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE]);
    vir_cpu_set_add(set, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORCE]);
    vir_cpu_set_subtract(set, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE]);
    vir_cpu_set_subtract(set, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID]);
    return TRUE;
}

static void
say_features(char **why, const char *what, const VirCpuSet *set)
{
    g_autoptr(GString) text = g_string_new(what);

    if (why == NULL)
        return;
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_set_has(set, i))
            g_string_append_printf(text, " %s", vir_cpu_features[i].name);
    }
    *why = g_string_free(g_steal_pointer(&text), FALSE);
}

/* Whether @has is enough for the model @row with features by policy; *@needs: what it has to be. */
static gboolean
fits(const VirCpuSet *has, const VirCpuModelRow *row, const VirCpuSet *by, VirCpuSet *needs,
     char **why)
{
    VirCpuSet bad = by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID];

    vir_cpu_set_intersect(&bad, has);
    if (vir_cpu_set_count(&bad) > 0) {
        say_features(why, "the host has forbidden features:", &bad);
        return FALSE;
    }
    *needs = row->features;
    vir_cpu_set_add(needs, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE]);
    vir_cpu_set_subtract(needs, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL]);
    vir_cpu_set_subtract(needs, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE]);
    vir_cpu_set_subtract(needs, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORCE]);
    vir_cpu_set_subtract(needs, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID]);
    bad = *needs;
    vir_cpu_set_subtract(&bad, has);
    if (vir_cpu_set_count(&bad) > 0) {
        say_features(why, "the host has not got:", &bad);
        return FALSE;
    }
    return TRUE;
}

VirCpuResult
vir_cpu_x86_compare(const VirCpu *host, const VirCpu *cpu, char **why, GError **error)
{
    VirCpuSet by[VIR_DOMAIN_CPU_FEATURE_POLICY_LAST] = {0};
    VirCpuSet has, needs;
    const VirCpuModelRow *row;

    if (cpu->def->vendor != NULL && g_strcmp0(cpu->def->vendor, host->def->vendor) != 0) {
        if (why != NULL)
            *why = g_strdup_printf("the host's processor is not made by %s", cpu->def->vendor);
        return VIR_CPU_INCOMPATIBLE;
    }
    if (!vir_cpu_x86_features(host, &has, error))
        return VIR_CPU_ERROR;
    row = split(cpu, by, error);
    if (row == NULL)
        return VIR_CPU_ERROR;

    if (!fits(&has, row, by, &needs, why))
        return VIR_CPU_INCOMPATIBLE;
    vir_cpu_set_subtract(&has, &needs);
    vir_cpu_set_subtract(&has, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL]);
    vir_cpu_set_subtract(&has, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE]);
    vir_cpu_set_subtract(&has, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORCE]);
    if (vir_cpu_set_count(&has) == 0)
        return VIR_CPU_IDENTICAL;
    if (!cpu->is_host && cpu->def->match == VIR_DOMAIN_CPU_MATCH_STRICT) {
        say_features(why, "the host has more than is asked for:", &has);
        return VIR_CPU_INCOMPATIBLE;
    }
    return VIR_CPU_SUPERSET;
}

/* "Haswell-v2": it is what the hypervisor makes of it. */
static gboolean
is_version(const char *name)
{
    const char *version = g_strrstr(name, "-v");

    return version != NULL && version[2] != '\0' &&
           strspn(version + 2, "0123456789") == strlen(version + 2);
}

/* Nothing that the hypervisor cannot give is left on, and what is asked for by name is there. */
static VirCpuResult
compare_version(const VirCpuSet *has, const VirCpu *cpu, const VirCpuUsable *usable, char **why)
{
    for (guint i = 0; usable->blockers != NULL && usable->blockers[i] != NULL; i++) {
        const VirDomainCpuFeature *f = vir_cpu_get_feature(cpu, usable->blockers[i]);

        if (f != NULL && f->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE)
            continue;
        if (why != NULL)
            *why = g_strdup_printf("%s needs %s, which is not available", usable->name,
                                   usable->blockers[i]);
        return VIR_CPU_INCOMPATIBLE;
    }
    for (guint i = 0; i < cpu->def->n_features; i++) {
        const VirDomainCpuFeature *f = cpu->def->features[i];
        int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, f->name, FALSE);

        if (f->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE ||
            (feature >= 0 && vir_cpu_set_has(has, (guint)feature)))
            continue;
        if (why != NULL)
            *why = g_strdup_printf("%s is not available", f->name);
        return VIR_CPU_INCOMPATIBLE;
    }
    return VIR_CPU_SUPERSET;
}

static gboolean
adds_nothing(const VirCpu *cpu)
{
    for (guint i = 0; i < cpu->def->n_features; i++) {
        if (cpu->def->features[i]->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE)
            return FALSE;
    }
    return TRUE;
}

VirCpuResult
vir_cpu_compare_played(const VirCpu *host, const VirCpu *cpu, const GPtrArray *models, char **why,
                       GError **error)
{
    const char *model = cpu->def->model;
    const VirCpuUsable *usable = model != NULL ? vir_cpu_usable_find(models, model) : NULL;
    VirCpuResult result;

    if (why != NULL)
        *why = NULL;
    if (usable != NULL) {
        VirCpuSet has;

        if ((usable->blockers == NULL || usable->blockers[0] == NULL) && adds_nothing(cpu))
            return VIR_CPU_SUPERSET;
        if (vir_cpu_model_find(VIR_CPU_ARCH_X86, model) == NULL) {
            vir_error_set(error, VIR_ERR_INVALID_ARG, "the features of CPU model %s are unknown",
                          model);
            return VIR_CPU_ERROR;
        }
        if (is_version(model))
            return vir_cpu_x86_features(host, &has, error) ? compare_version(&has, cpu, usable, why)
                                                           : VIR_CPU_ERROR;
    }
    if (!vir_cpu_is_of_arch(host, cpu, why))
        return VIR_CPU_INCOMPATIBLE;
    result = vir_cpu_x86_compare(host, cpu, why, error);
    return result == VIR_CPU_IDENTICAL ? VIR_CPU_SUPERSET : result;
}

/* The vendor that all name who name one; FALSE where @cpu is of another than those before it. */
static gboolean
add_vendor(const VirCpu *cpu, gboolean first, int *vendor, gboolean *all, GError **error)
{
    const VirCpuModelRow *row = vir_cpu_model_find(VIR_CPU_ARCH_X86, cpu->def->model);
    int own = vir_cpu_vendor_find(VIR_CPU_ARCH_X86, cpu->def->vendor);

    if (cpu->def->vendor != NULL && own < 0)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "unknown CPU vendor %s",
                             cpu->def->vendor);
    if (cpu->def->vendor == NULL) {
        *all = FALSE;
        own = !first && row != NULL ? row->vendor : -1;
    }
    if (own < 0)
        return TRUE;
    /* the first one is what it says that it is */
    if (!first && row != NULL && row->vendor >= 0 && row->vendor != own)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "CPU model %s is made by %s, not by %s", row->name,
                             vir_cpu_vendors[row->vendor].name, cpu->def->vendor);
    if (*vendor >= 0 && *vendor != own)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "the processors are of different vendors: %s and %s",
                             vir_cpu_vendors[*vendor].name, vir_cpu_vendors[own].name);
    *vendor = own;
    return TRUE;
}

/* What all of @cpus have. */
static gboolean
common_data(const GPtrArray *cpus, VirCpuData *data, gboolean *all_vendors, GError **error)
{
    *data = (VirCpuData){.vendor = -1};
    *all_vendors = TRUE;
    for (guint i = 0; i < cpus->len; i++) {
        VirCpuSet has;

        if (!vir_cpu_x86_features(cpus->pdata[i], &has, error) ||
            !add_vendor(cpus->pdata[i], i == 0, &data->vendor, all_vendors, error))
            return FALSE;
        if (i == 0)
            data->features = has;
        else
            vir_cpu_set_intersect(&data->features, &has);
    }
    return vir_cpu_set_count(&data->features) > 0 ||
           vir_error_set(error, VIR_ERR_OPERATION_FAILED, "CPUs are incompatible");
}

static void
drop_unmigratable(VirCpuSet *set)
{
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        if (!vir_cpu_features[i].migratable)
            vir_cpu_set_put(set, i, FALSE);
    }
}

static gboolean
switches_off(const VirCpu *cpu)
{
    for (guint i = 0; i < cpu->def->n_features; i++) {
        if (cpu->def->features[i]->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE)
            return TRUE;
    }
    return FALSE;
}

/* Rather one of the models asked about, with additions, than another with features switched off. */
static void
prefer_asked_model(VirCpu **cpu, const GPtrArray *cpus, const VirCpuData *data,
                   const GPtrArray *models)
{
    g_autoptr(VirCpu) best = NULL;

    for (guint i = 0; i < cpus->len; i++) {
        const VirCpu *asked = cpus->pdata[i];
        g_autoptr(VirCpu) other =
            vir_cpu_x86_decode(asked->arch, data, FALSE, models, asked->def->model, NULL);

        if (other == NULL || g_strcmp0(other->def->model, asked->def->model) != 0 ||
            switches_off(other) ||
            (best != NULL && best->def->n_features <= other->def->n_features))
            continue;
        vir_cpu_free(best);
        best = g_steal_pointer(&other);
    }
    if (best != NULL) {
        vir_cpu_free(*cpu);
        *cpu = g_steal_pointer(&best);
    }
}

VirCpu *
vir_cpu_x86_baseline(const GPtrArray *cpus, const GPtrArray *models, const VirCpuSet *without,
                     unsigned flags, GError **error)
{
    const VirCpu *first = cpus->pdata[0];
    const char *common = first->def->model;
    g_autoptr(VirCpu) cpu = NULL;
    VirCpuData data;
    gboolean all_vendors;

    if (!common_data(cpus, &data, &all_vendors, error))
        return NULL;
    for (guint i = 1; common != NULL && i < cpus->len; i++) {
        if (g_strcmp0(common, ((const VirCpu *)cpus->pdata[i])->def->model) != 0)
            common = NULL;
    }
    if (flags & VIR_CPU_BASELINE_MIGRATABLE)
        drop_unmigratable(&data.features);
    if (without != NULL)
        vir_cpu_set_subtract(&data.features, without);
    cpu = vir_cpu_x86_decode(first->arch, &data, FALSE, models, common, error);
    if (cpu == NULL)
        return NULL;
    if (common == NULL && switches_off(cpu))
        prefer_asked_model(&cpu, cpus, &data, models);
    if (g_strcmp0(cpu->def->model, common) != 0)
        cpu->def->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    if (!all_vendors)
        g_clear_pointer(&cpu->def->vendor, g_free);
    if ((flags & VIR_CPU_BASELINE_EXPAND) && !vir_cpu_expand(cpu, error))
        return NULL;
    return g_steal_pointer(&cpu);
}

static gboolean
is_migratable(const char *name)
{
    int feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, name, FALSE);

    return feature < 0 || vir_cpu_features[feature].migratable;
}

/*
 * The host's model and features, those of a processor itself only where they can migrate: of what a
 * hypervisor has to give it has said so. Then what the guest says of features. */
static void
take_host(VirCpu *guest, const VirCpu *host)
{
    g_autoptr(VirCpu) old = vir_cpu_clone(guest);

    vir_cpu_take_model(guest, host);
    for (guint i = 0; i < host->def->n_features; i++) {
        const VirDomainCpuFeature *f = host->def->features[i];

        if (!host->is_host || is_migratable(f->name))
            vir_cpu_put_feature(guest, f->name,
                                f->policy == 0 ? VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE : f->policy);
    }
    for (guint i = 0; i < old->def->n_features; i++)
        vir_cpu_put_feature(guest, old->def->features[i]->name, old->def->features[i]->policy);
    guest->def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    guest->def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* An older hypervisor would give the guest what the model has no longer. */
static void
disable_removed(VirCpu *guest)
{
    const VirCpuModelRow *row = vir_cpu_model_find(VIR_CPU_ARCH_X86, guest->def->model);
    const char *names[VIR_CPU_N_FEATURES];
    gsize n = 0;

    for (guint i = 0; row != NULL && i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_set_has(&row->removed, i) &&
            vir_cpu_get_feature(guest, vir_cpu_features[i].name) == NULL)
            names[n++] = vir_cpu_features[i].name;
    }
    qsort(names, n, sizeof(names[0]), by_name);
    for (gsize i = 0; i < n; i++)
        vir_cpu_put_feature(guest, names[i], VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE);
}

gboolean
vir_cpu_x86_update(VirCpu *guest, const VirCpu *host, GError **error)
{
    VirDomainCpu *def = guest->def;
    VirCpuSet has;

    if (def->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH ||
        def->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM)
        return TRUE;
    if (!vir_cpu_x86_features(host, &has, error))
        return FALSE;
    if (def->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL) {
        g_clear_pointer(&def->vendor, g_free);
        def->vendor = g_strdup(host->def->vendor);
        take_host(guest, host);
    } else if (def->match == VIR_DOMAIN_CPU_MATCH_MINIMUM) {
        take_host(guest, host);
    }
    for (guint i = 0; i < def->n_features; i++) {
        VirDomainCpuFeature *f = def->features[i];
        int feature;

        if (f->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL)
            continue;
        feature = vir_cpu_feature_find(VIR_CPU_ARCH_X86, f->name, FALSE);
        if (feature < 0)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "unknown CPU feature: %s",
                                 f->name);
        f->policy = vir_cpu_set_has(&has, (guint)feature) ? VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE
                                                          : VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE;
    }
    disable_removed(guest);
    vir_cpu_set_defaults(guest);
    return TRUE;
}

gboolean
vir_cpu_x86_update_live(VirCpu *guest, const VirCpuData *enabled, const VirCpuData *disabled,
                        GError **error)
{
    VirCpuSet by[VIR_DOMAIN_CPU_FEATURE_POLICY_LAST] = {0};
    const VirCpuModelRow *row = split(guest, by, error);
    VirCpuSet asked;

    if (row == NULL)
        return FALSE;
    asked = row->features;
    vir_cpu_set_add(&asked, &row->removed);
    vir_cpu_set_add(&asked, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE]);
    vir_cpu_set_add(&asked, &by[VIR_DOMAIN_CPU_FEATURE_POLICY_FORCE]);
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        const char *name = vir_cpu_features[i].name;

        if (vir_cpu_set_has(&disabled->features, i)) {
            if (vir_cpu_set_has(&asked, i))
                vir_cpu_put_feature(guest, name, VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE);
        } else if (vir_cpu_set_has(&enabled->features, i) && !vir_cpu_set_has(&row->features, i)) {
            vir_cpu_put_feature(guest, name, VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
        }
    }
    return TRUE;
}

gboolean
vir_cpu_x86_translate(VirCpu *guest, const GPtrArray *models, GError **error)
{
    VirCpuData data = {.vendor = vir_cpu_vendor_find(VIR_CPU_ARCH_X86, guest->def->vendor)};
    g_autoptr(VirCpu) other = NULL;

    if (!vir_cpu_x86_features(guest, &data.features, error))
        return FALSE;
    other = vir_cpu_x86_decode(guest->arch, &data, FALSE, models, NULL, error);
    if (other == NULL)
        return FALSE;
    for (guint i = 0; i < guest->def->n_features; i++)
        vir_cpu_put_feature(other, guest->def->features[i]->name, guest->def->features[i]->policy);
    vir_cpu_take_model(guest, other);
    for (guint i = 0; i < other->def->n_features; i++)
        vir_cpu_put_feature(guest, other->def->features[i]->name, other->def->features[i]->policy);
    return TRUE;
}
