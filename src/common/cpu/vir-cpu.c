/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu-private.h"
#include "vir-error.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    VirCpuArch arch;
} arches[] = {
    {"x86_64", VIR_CPU_ARCH_X86},
    {"i686", VIR_CPU_ARCH_X86},
    {"ppc64", VIR_CPU_ARCH_PPC64},
    {"ppc64le", VIR_CPU_ARCH_PPC64},
    {"s390", VIR_CPU_ARCH_S390},
    {"s390x", VIR_CPU_ARCH_S390},
    {"aarch64", VIR_CPU_ARCH_ARM},
    {"armv6l", VIR_CPU_ARCH_ARM},
    {"armv7b", VIR_CPU_ARCH_ARM},
    {"armv7l", VIR_CPU_ARCH_ARM},
    {"riscv32", VIR_CPU_ARCH_RISCV},
    {"riscv64", VIR_CPU_ARCH_RISCV},
    {"loongarch64", VIR_CPU_ARCH_LOONGARCH},
};

VirCpuArch
vir_cpu_arch(const char *name)
{
    for (guint i = 0; name != NULL && i < G_N_ELEMENTS(arches); i++) {
        if (strcmp(arches[i].name, name) == 0)
            return arches[i].arch;
    }
    return VIR_CPU_ARCH_OTHER;
}

VirCpu *
vir_cpu_new(const char *arch, gboolean is_host)
{
    VirCpu *cpu = g_new0(VirCpu, 1);

    cpu->arch = g_strdup(arch);
    cpu->is_host = is_host;
    cpu->def = vir_domain_cpu_new();
    return cpu;
}

void
vir_cpu_free(VirCpu *cpu)
{
    if (cpu == NULL)
        return;
    vir_domain_cpu_free(cpu->def);
    g_free(cpu->arch);
    g_free(cpu);
}

VirCpu *
vir_cpu_clone(const VirCpu *cpu)
{
    VirCpu *copy = g_new0(VirCpu, 1);

    *copy = *cpu;
    copy->arch = g_strdup(cpu->arch);
    copy->def = vir_domain_cpu_clone(cpu->def);
    return copy;
}

void
vir_cpu_usable_free(VirCpuUsable *model)
{
    g_free(model->name);
    g_strfreev(model->blockers);
    g_free(model);
}

const VirCpuUsable *
vir_cpu_usable_find(const GPtrArray *models, const char *name)
{
    for (guint i = 0; models != NULL && i < models->len; i++) {
        const VirCpuUsable *model = models->pdata[i];

        if (strcmp(model->name, name) == 0)
            return model;
    }
    return NULL;
}

VirDomainCpuFeature *
vir_cpu_get_feature(const VirCpu *cpu, const char *name)
{
    for (guint i = 0; i < cpu->def->n_features; i++) {
        if (strcmp(cpu->def->features[i]->name, name) == 0)
            return cpu->def->features[i];
    }
    return NULL;
}

void
vir_cpu_put_feature(VirCpu *cpu, const char *name, guint policy)
{
    VirDomainCpuFeature *feature = vir_cpu_get_feature(cpu, name);

    if (feature == NULL) {
        feature = vir_domain_cpu_feature_new();
        feature->name = g_strdup(name);
        vir_xml_append(cpu->def, features, feature);
    }
    feature->policy = (guint8)policy;
}

static int
by_name(const void *a, const void *b)
{
    const VirDomainCpuFeature *x = *(VirDomainCpuFeature *const *)a;
    const VirDomainCpuFeature *y = *(VirDomainCpuFeature *const *)b;

    return strcmp(x->name, y->name);
}

void
vir_cpu_sort_features(VirCpu *cpu)
{
    if (cpu->def->n_features > 0)
        qsort(cpu->def->features, cpu->def->n_features, sizeof(cpu->def->features[0]), by_name);
}

void
vir_cpu_clear_features(VirCpu *cpu)
{
    while (cpu->def->n_features > 0)
        vir_domain_cpu_feature_free(vir_xml_remove(cpu->def, features, cpu->def->n_features - 1));
}

void
vir_cpu_take_model(VirCpu *to, const VirCpu *from)
{
    g_free(to->def->model);
    to->def->model = g_strdup(from->def->model);
    vir_cpu_clear_features(to);
}

void
vir_cpu_set_defaults(VirCpu *cpu)
{
    VirDomainCpu *def = cpu->def;

    if (cpu->is_host)
        return;
    if (def->mode == 0)
        def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    if (def->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && def->match == 0)
        def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    if (def->model != NULL && def->model_fallback == 0)
        def->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    if (def->has_sockets && !def->has_dies) {
        def->has_dies = TRUE;
        def->dies = 1;
    }
    if (def->has_sockets && !def->has_clusters) {
        def->has_clusters = TRUE;
        def->clusters = 1;
    }
}

/* ---- documents ------------------------------------------------------------------------------- */

static VirCpu *
from_host_xml(const VirCapsHostCpu *xml)
{
    VirCpu *cpu = vir_cpu_new(xml->arch, TRUE);

    cpu->signature = (VirCpuSignature){
        .family = xml->signature_family,
        .model = xml->signature_model,
        .stepping = xml->signature_stepping,
    };
    cpu->def->model = g_strdup(xml->model);
    cpu->def->vendor = g_strdup(xml->vendor);
    cpu->def->has_sockets = xml->has_sockets;
    cpu->def->sockets = xml->sockets;
    cpu->def->has_dies = xml->has_dies;
    cpu->def->dies = xml->dies;
    cpu->def->has_clusters = xml->has_clusters;
    cpu->def->clusters = xml->clusters;
    cpu->def->has_cores = xml->has_cores;
    cpu->def->cores = xml->cores;
    cpu->def->has_threads = xml->has_threads;
    cpu->def->threads = xml->threads;
    for (guint i = 0; i < xml->n_features; i++)
        vir_cpu_put_feature(cpu, xml->features[i]->name, 0);
    return cpu;
}

static gboolean
check_features(const VirDomainCpu *def, const char *name, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < def->n_features; i++) {
        if (!g_hash_table_add(seen, def->features[i]->name))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: feature '%s' is there twice", name,
                                 def->features[i]->name);
    }
    if (def->n_features > 0 && def->model == NULL && def->mode <= VIR_DOMAIN_CPU_MODE_CUSTOM)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: features are those of a <model>, which is missing", name);
    return TRUE;
}

/* What one element says of another. */
static gboolean
check_guest(const VirDomainCpu *def, const char *name, GError **error)
{
    if (def->migratable != 0 && def->mode != VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH &&
        def->mode != VIR_DOMAIN_CPU_MODE_MAXIMUM)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s: @migratable is of mode 'host-passthrough' or 'maximum'", name);
    if (def->vendor != NULL && def->model == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: a <vendor> is that of a <model>, which is missing", name);
    if (def->has_sockets != def->has_cores || def->has_cores != def->has_threads)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: <topology> needs @sockets, @cores and @threads", name);
    return check_features(def, name, error);
}

static gboolean
check_host(const VirDomainCpu *def, const char *arch, const char *name, gboolean is_host,
           GError **error)
{
    if (def->match != 0 && !is_host)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: @match is of a guest's processor, <arch> of a host's", name);
    if (def->mode != 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s: @mode is of a guest's processor, this is that of a host", name);
    if (arch == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: a host's processor has an <arch>",
                             name);
    if (vir_enum_from_string(&vir_domain_arch_enum, arch) < 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s: there is no architecture '%s'",
                             name, arch);
    if (def->model == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: a host's processor has a <model>",
                             name);
    return TRUE;
}

VirCpu *
vir_cpu_parse(const char *text, gssize len, const char *name, gboolean is_host, GError **error)
{
    g_autoptr(VirCapsHostCpu) host =
        vir_xml_parse(&vir_cpu_xml_host_doc, text, len, name, 0, NULL, error);
    g_autoptr(VirDomainCpu) def = NULL;
    VirCpu *cpu;

    if (host == NULL)
        return NULL;
    def = vir_xml_parse(&vir_cpu_xml_guest_doc, text, len, name, 0, NULL, error);
    if (def == NULL)
        return NULL;
    if (((is_host || host->arch != NULL) && !check_host(def, host->arch, name, is_host, error)) ||
        !check_guest(def, name, error))
        return NULL;
    if (host->arch != NULL)
        return from_host_xml(host);
    cpu = g_new0(VirCpu, 1);
    cpu->def = g_steal_pointer(&def);
    vir_cpu_set_defaults(cpu);
    return cpu;
}

static VirCapsHostCpu *
to_host_xml(const VirCpu *cpu)
{
    VirCapsHostCpu *xml = vir_caps_host_cpu_new();

    xml->arch = g_strdup(cpu->arch);
    xml->model = g_strdup(cpu->def->model);
    xml->vendor = g_strdup(cpu->def->vendor);
    if (cpu->signature.family != 0) {
        xml->has_signature_family = xml->has_signature_model = xml->has_signature_stepping = TRUE;
        xml->signature_family = cpu->signature.family;
        xml->signature_model = cpu->signature.model;
        xml->signature_stepping = cpu->signature.stepping;
    }
    xml->has_sockets = cpu->def->has_sockets;
    xml->sockets = cpu->def->sockets;
    xml->has_dies = cpu->def->has_dies;
    xml->dies = cpu->def->dies;
    xml->has_clusters = cpu->def->has_clusters;
    xml->clusters = cpu->def->clusters;
    xml->has_cores = cpu->def->has_cores;
    xml->cores = cpu->def->cores;
    xml->has_threads = cpu->def->has_threads;
    xml->threads = cpu->def->threads;
    for (guint i = 0; i < cpu->def->n_features; i++) {
        VirCapsCpuFeatureName *feature = vir_caps_cpu_feature_name_new();

        feature->name = g_strdup(cpu->def->features[i]->name);
        vir_xml_append(xml, features, feature);
    }
    return xml;
}

char *
vir_cpu_format(const VirCpu *cpu, GError **error)
{
    g_autoptr(VirCapsHostCpu) host = NULL;

    if (!cpu->is_host)
        return vir_xml_format(&vir_cpu_xml_guest_doc, cpu->def, 0, error);
    host = to_host_xml(cpu);
    return vir_xml_format(&vir_cpu_xml_host_doc, host, 0, error);
}

/* ---- by architecture ------------------------------------------------------------------------- */

static gboolean
unsupported(const char *what, const char *arch, GError **error)
{
    return vir_error_set(error, VIR_ERR_NO_SUPPORT, "cannot %s processors of %s", what,
                         arch != NULL ? arch : "an unknown architecture");
}

VirCpu *
vir_cpu_decode(const char *arch, const VirCpuData *data, gboolean host, const GPtrArray *models,
               const char *preferred, GError **error)
{
    switch (vir_cpu_arch(arch)) {
    case VIR_CPU_ARCH_X86:
        return vir_cpu_x86_decode(arch, data, host, models, preferred, error);
    case VIR_CPU_ARCH_ARM:
    case VIR_CPU_ARCH_PPC64:
        return vir_cpu_version_decode(arch, data, host, error);
    default:
        unsupported("decode", arch, error);
        return NULL;
    }
}

gboolean
vir_cpu_data_of_cpu(const VirCpu *cpu, VirCpuData *data, GError **error)
{
    *data = (VirCpuData){
        .signature = cpu->signature,
        .vendor = vir_cpu_vendor_find(VIR_CPU_ARCH_X86, cpu->def->vendor),
    };
    return vir_cpu_x86_features(cpu, &data->features, error);
}

gboolean
vir_cpu_is_of_arch(const VirCpu *host, const VirCpu *cpu, char **why)
{
    if (cpu->arch == NULL || vir_cpu_arch(cpu->arch) == vir_cpu_arch(host->arch))
        return TRUE;
    if (why != NULL)
        *why = g_strdup_printf("a processor of %s is not one of %s", host->arch, cpu->arch);
    return FALSE;
}

/* Two hosts of which nothing is known but names. */
static VirCpuResult
compare_named(const VirCpu *host, const VirCpu *cpu, char **why)
{
    g_autofree char *lacks = NULL;

    if (host->def->model == NULL)
        lacks = g_strdup("nothing is known of the host's processor");
    else if (strcmp(host->def->model, cpu->def->model) != 0 ||
             (cpu->def->vendor != NULL && g_strcmp0(host->def->vendor, cpu->def->vendor) != 0))
        lacks = g_strdup_printf("the host's processor is %s", host->def->model);
    for (guint i = 0; lacks == NULL && i < cpu->def->n_features; i++) {
        if (vir_cpu_get_feature(host, cpu->def->features[i]->name) == NULL)
            lacks = g_strdup_printf("the host has not got: %s", cpu->def->features[i]->name);
    }
    if (lacks == NULL)
        return host->def->n_features == cpu->def->n_features ? VIR_CPU_IDENTICAL : VIR_CPU_SUPERSET;
    if (why != NULL)
        *why = g_steal_pointer(&lacks);
    return VIR_CPU_INCOMPATIBLE;
}

VirCpuResult
vir_cpu_compare(const VirCpu *host, const VirCpu *cpu, char **why, GError **error)
{
    VirCpuArch arch = vir_cpu_arch(host->arch);

    if (why != NULL)
        *why = NULL;
    switch (arch) {
    case VIR_CPU_ARCH_X86:
        return vir_cpu_is_of_arch(host, cpu, why) ? vir_cpu_x86_compare(host, cpu, why, error)
                                                  : VIR_CPU_INCOMPATIBLE;
    case VIR_CPU_ARCH_PPC64:
        if (!vir_cpu_is_of_arch(host, cpu, why))
            return VIR_CPU_INCOMPATIBLE;
        if (host->def->model == NULL) {
            if (why != NULL)
                *why = g_strdup("nothing is known of the host's processor");
            return VIR_CPU_INCOMPATIBLE;
        }
        return vir_cpu_ppc64_compare(host, cpu, why, error);
    case VIR_CPU_ARCH_ARM:
        if (cpu->is_host)
            return compare_named(host, cpu, why);
        G_GNUC_FALLTHROUGH;
    case VIR_CPU_ARCH_S390:
    case VIR_CPU_ARCH_RISCV:
    case VIR_CPU_ARCH_LOONGARCH:
        /* the hypervisor alone knows, and says so when the guest starts */
        return VIR_CPU_IDENTICAL;
    case VIR_CPU_ARCH_OTHER:
        break;
    }
    unsupported("compare", host->arch, error);
    return VIR_CPU_ERROR;
}

/* What has no features that could be told apart: all must be the same. */
static VirCpu *
baseline_same(const GPtrArray *cpus, VirCpuArch arch, GError **error)
{
    const VirCpu *first = cpus->pdata[0];
    g_autoptr(VirCpu) cpu = vir_cpu_new(first->arch, FALSE);
    const char *vendor = NULL;

    if (arch == VIR_CPU_ARCH_PPC64 && vir_cpu_model_find(arch, first->def->model) == NULL) {
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "unknown CPU model %s", first->def->model);
        return NULL;
    }
    for (guint i = 0; i < cpus->len; i++) {
        const VirDomainCpu *def = ((const VirCpu *)cpus->pdata[i])->def;

        if (g_strcmp0(def->model, first->def->model) != 0) {
            vir_error_set(error, VIR_ERR_OPERATION_FAILED, "CPUs are incompatible: %s and %s",
                          first->def->model, def->model);
            return NULL;
        }
        if (arch == VIR_CPU_ARCH_PPC64 && def->vendor != NULL &&
            vir_cpu_vendor_find(arch, def->vendor) < 0) {
            vir_error_set(error, VIR_ERR_OPERATION_FAILED, "unknown CPU vendor %s", def->vendor);
            return NULL;
        }
        if (def->vendor != NULL && vendor != NULL && strcmp(def->vendor, vendor) != 0) {
            vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                          "the processors are of different vendors: %s and %s", vendor,
                          def->vendor);
            return NULL;
        }
        vendor = vendor != NULL ? vendor : def->vendor;
    }
    cpu->def->model = g_strdup(first->def->model);
    cpu->def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    cpu->def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    cpu->def->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    return g_steal_pointer(&cpu);
}

VirCpu *
vir_cpu_baseline(const GPtrArray *cpus, const GPtrArray *models, const VirCpuSet *without,
                 unsigned flags, GError **error)
{
    const char *name = cpus->len > 0 ? ((const VirCpu *)cpus->pdata[0])->arch : NULL;
    VirCpuArch arch = vir_cpu_arch(name);

    if (cpus->len == 0) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "no processors to find a baseline of");
        return NULL;
    }
    if (arch != VIR_CPU_ARCH_X86 && arch != VIR_CPU_ARCH_PPC64 && arch != VIR_CPU_ARCH_ARM) {
        unsupported("find a baseline of", name, error);
        return NULL;
    }
    for (guint i = 0; i < cpus->len; i++) {
        const VirCpu *cpu = cpus->pdata[i];

        if (cpu->def->model == NULL) {
            vir_error_set(error, VIR_ERR_INVALID_ARG, "CPU %u has no model", i + 1);
            return NULL;
        }
        if (cpu->arch != NULL && vir_cpu_arch(cpu->arch) != arch) {
            vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                          "processors of %s and %s have nothing in common", name, cpu->arch);
            return NULL;
        }
    }
    return arch == VIR_CPU_ARCH_X86 ? vir_cpu_x86_baseline(cpus, models, without, flags, error)
                                    : baseline_same(cpus, arch, error);
}

/* host-model where the host's processor is known by name and features only. */
static gboolean
update_s390(VirCpu *guest, const VirCpu *host, GError **error)
{
    g_autoptr(VirCpu) old = NULL;

    if (guest->def->mode != VIR_DOMAIN_CPU_MODE_HOST_MODEL)
        return TRUE;
    if (host->def->model == NULL)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the model of the host's processor is not known");
    old = vir_cpu_clone(guest);
    vir_cpu_take_model(guest, host);
    /* A host by name only has what it says; what is played in its place lacks some of its model. */
    for (guint i = 0; i < host->def->n_features; i++) {
        const VirDomainCpuFeature *feature = host->def->features[i];

        vir_cpu_put_feature(guest, feature->name,
                            feature->policy ? feature->policy
                                            : VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
    }
    for (guint i = 0; i < old->def->n_features; i++)
        vir_cpu_put_feature(guest, old->def->features[i]->name, old->def->features[i]->policy);
    guest->def->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    guest->def->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    return TRUE;
}

gboolean
vir_cpu_update(VirCpu *guest, const VirCpu *host, GError **error)
{
    gboolean ok = TRUE;

    if (vir_cpu_arch(host->arch) == VIR_CPU_ARCH_X86)
        ok = vir_cpu_x86_update(guest, host, error);
    else if (vir_cpu_arch(host->arch) == VIR_CPU_ARCH_S390)
        ok = update_s390(guest, host, error);
    vir_cpu_set_defaults(guest);
    return ok;
}

gboolean
vir_cpu_update_live(VirCpu *guest, const VirCpuData *enabled, const VirCpuData *disabled,
                    GError **error)
{
    if (guest->arch == NULL || vir_cpu_arch(guest->arch) == VIR_CPU_ARCH_X86)
        return vir_cpu_x86_update_live(guest, enabled, disabled, error);
    return TRUE;
}

gboolean
vir_cpu_translate(VirCpu *guest, const GPtrArray *models, GError **error)
{
    VirCpuArch arch = guest->arch != NULL ? vir_cpu_arch(guest->arch) : VIR_CPU_ARCH_X86;

    if (guest->def->mode != VIR_DOMAIN_CPU_MODE_CUSTOM || guest->def->model == NULL ||
        vir_cpu_usable_find(models, guest->def->model) != NULL)
        return TRUE;
    if (guest->def->model_fallback == VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the hypervisor has no CPU model %s, and the guest forbids another",
                             guest->def->model);
    if (arch == VIR_CPU_ARCH_PPC64) {
        if (!vir_cpu_ppc64_translate(guest, error))
            return FALSE;
        return models == NULL || vir_cpu_usable_find(models, guest->def->model) != NULL ||
               vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the hypervisor has no CPU model %s", guest->def->model);
    }
    if (arch == VIR_CPU_ARCH_X86)
        return vir_cpu_x86_translate(guest, models, error);
    if (arch == VIR_CPU_ARCH_OTHER)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the model of a processor of %s cannot be chosen", guest->arch);
    return models == NULL || models->len == 0 ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "the hypervisor has no CPU model %s",
                         guest->def->model);
}

int
vir_cpu_has_feature(const VirCpu *cpu, const char *name, GError **error)
{
    VirCpuArch arch = cpu->arch != NULL ? vir_cpu_arch(cpu->arch) : VIR_CPU_ARCH_X86;
    VirCpuSet set;
    int feature;

    if (arch != VIR_CPU_ARCH_X86)
        return vir_cpu_get_feature(cpu, name) != NULL;
    feature = vir_cpu_feature_find(arch, name, FALSE);
    if (feature < 0) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown CPU feature: %s", name);
        return -1;
    }
    if (!vir_cpu_x86_features(cpu, &set, error))
        return -1;
    return vir_cpu_set_has(&set, (guint)feature);
}

gboolean
vir_cpu_expand(VirCpu *cpu, GError **error)
{
    VirCpuArch arch = cpu->arch != NULL ? vir_cpu_arch(cpu->arch) : VIR_CPU_ARCH_X86;
    const VirCpuModelRow *row = vir_cpu_model_find(arch, cpu->def->model);
    g_autoptr(VirCpu) own = NULL;

    if (arch != VIR_CPU_ARCH_X86)
        return TRUE;
    if (row == NULL)
        return vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "unknown CPU model %s",
                             cpu->def->model != NULL ? cpu->def->model : "(none)");
    own = vir_cpu_clone(cpu);
    vir_cpu_clear_features(cpu);
    for (guint i = 0; i < VIR_CPU_N_FEATURES; i++) {
        if (vir_cpu_set_has(&row->features, i))
            vir_cpu_put_feature(cpu, vir_cpu_features[i].name,
                                cpu->is_host ? 0 : VIR_DOMAIN_CPU_FEATURE_POLICY_REQUIRE);
    }
    for (guint i = 0; i < own->def->n_features; i++)
        vir_cpu_put_feature(cpu, own->def->features[i]->name, own->def->features[i]->policy);
    vir_cpu_sort_features(cpu);
    return TRUE;
}

gboolean
vir_cpu_validate(const VirCpu *cpu, const char *arch_name, GError **error)
{
    VirCpuArch arch = vir_cpu_arch(cpu->arch != NULL ? cpu->arch : arch_name);

    if (arch == VIR_CPU_ARCH_X86 && cpu->def->model != NULL &&
        vir_cpu_model_find(arch, cpu->def->model) == NULL)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "unknown CPU model %s",
                             cpu->def->model);
    for (guint i = 0;
         (arch == VIR_CPU_ARCH_X86 || arch == VIR_CPU_ARCH_ARM) && i < cpu->def->n_features; i++) {
        if (vir_cpu_feature_find(arch, cpu->def->features[i]->name, FALSE) < 0)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "unknown CPU feature: %s",
                                 cpu->def->features[i]->name);
    }
    return TRUE;
}

const char **
vir_cpu_model_names(const char *arch)
{
    const char **names = g_new0(const char *, VIR_CPU_N_MODELS + 1);
    guint n = 0;

    for (guint i = 0; i < VIR_CPU_N_MODELS; i++) {
        if (vir_cpu_models[i].arch == vir_cpu_arch(arch))
            names[n++] = vir_cpu_models[i].name;
    }
    return names;
}

char *
vir_cpu_model_spelling(const char *arch, const char *name)
{
    g_autofree const char **known = NULL;

    if (vir_cpu_arch(arch) != VIR_CPU_ARCH_PPC64)
        return g_strdup(name);
    known = vir_cpu_model_names(arch);
    for (guint i = 0; known[i]; i++) {
        if (!g_ascii_strcasecmp(known[i], name))
            return g_strdup(known[i]);
    }
    return g_strdup(name);
}
