/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-caps.h"

#include "cpu.h"
#include "firmware-descriptor.h"
#include "firmware.h"
#include "machine-kind.h"
#include "vir-cpu.h"
#include "vir-domain-caps-private.h"
#include "vir-error.h"
#include "vir-qemu-xml.h"
#include "vir-xml.h"
#include <string.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#define N(table) (table), G_N_ELEMENTS(table)

void
vir_domain_caps_sev_guests(guint *guests, guint *es_guests)
{
    *guests = *es_guests = 0;
#ifdef __x86_64__
    guint eax;
    guint ebx;
    guint ecx;
    guint edx;

    /* ECX: keys in all; EDX: the first one that is not for guests with encrypted registers. */
    if (__get_cpuid_count(0x8000001f, 0, &eax, &ebx, &ecx, &edx) && edx > 0 && ecx >= edx) {
        *guests = ecx - edx + 1;
        *es_guests = edx - 1;
    }
#endif
}

static VirCapsCpuModeCaps *
add_mode(VirCapsDomainCaps *to, int name, gboolean supported)
{
    VirCapsCpuModeCaps *mode = vir_caps_cpu_mode_caps_new();

    mode->name = (guint8)name;
    mode->supported = supported ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    vir_xml_append(to, cpu_modes, mode);
    return mode;
}

static void
add_migratable(VirCapsCpuModeCaps *mode, const char *name, gboolean can_be_on)
{
    VirCapsValueList *list;

    if (mode->supported != VIR_TRISTATE_YES)
        return;
    list = vir_domain_caps_values(&mode->enums, &mode->n_enums, name);
    if (can_be_on)
        vir_xml_append(list, values, g_strdup("on"));
    vir_xml_append(list, values, g_strdup("off"));
}

static VirCapsCpuModelName *
add_model(VirCapsCpuModeCaps *mode, const char *name)
{
    VirCapsCpuModelName *model = vir_caps_cpu_model_name_new();

    model->name = g_strdup(name);
    vir_xml_append(mode, models, model);
    return model;
}

static void
fill_host_model(VirCapsDomainCaps *to, const VirModel *model, guint bits)
{
    g_autoptr(VirCpu) cpu = vir_cpu_mode_supported(model, VIR_DOMAIN_CPU_MODE_HOST_MODEL)
                                ? vir_cpu_host_model(model, VIR_CPU_HOST_REPORTED)
                                : NULL;
    VirCapsCpuModeCaps *mode = add_mode(to, VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_MODEL, cpu != NULL);

    if (!cpu)
        return;
    add_model(mode, cpu->def->model)->fallback = VIR_CAPS_CPU_MODEL_NAME_FALLBACK_FORBID;
    mode->vendor = g_strdup(cpu->def->vendor);
    if (vir_def_is_x86(model->def) && model->def->virt_type != VIR_DOMAIN_VIRT_TYPE_QEMU &&
        bits > 0) {
        mode->maxphysaddr_mode = VIR_CAPS_CPU_MODE_CAPS_MAXPHYSADDR_MODE_PASSTHROUGH;
        mode->maxphysaddr_limit = bits;
        mode->has_maxphysaddr_limit = TRUE;
    }
    for (guint i = 0; i < cpu->def->n_features; i++) {
        VirDomainCpuFeature *feature = vir_domain_cpu_feature_new();

        feature->name = g_strdup(cpu->def->features[i]->name);
        feature->policy = cpu->def->features[i]->policy;
        vir_xml_append(mode, features, feature);
    }
}

static int
by_name(const void *a, const void *b)
{
    const VirQemuCpu *x = *(VirQemuCpu *const *)a;
    const VirQemuCpu *y = *(VirQemuCpu *const *)b;

    return strcmp(x->name, y->name);
}

/* Whether models and their features are known here, not by QEMU alone. */
static gboolean
has_table(VirCpuArch arch)
{
    return arch == VIR_CPU_ARCH_X86 || arch == VIR_CPU_ARCH_PPC64;
}

/* Models that a document can name, by name. What has features must be known here. */
static GPtrArray *
choose_models(const VirModel *model)
{
    VirCpuArch arch = vir_cpu_arch(model->def->os.arch);
    const GPtrArray *from = model->caps->cpus[vir_def_accel(model->def)];
    GPtrArray *chosen = g_ptr_array_new();

    /* Processors of other architectures have models, but no rules. */
    if (arch == VIR_CPU_ARCH_OTHER || !vir_cpu_mode_supported(model, VIR_DOMAIN_CPU_MODE_CUSTOM))
        return chosen;
    for (guint i = 0; i < from->len; i++) {
        const VirQemuCpu *cpu = from->pdata[i];
        g_autofree char *name = vir_cpu_model_spelling(model->def->os.arch, cpu->name);

        if (!g_str_equal(name, "host") && (!has_table(arch) || vir_cpu_model_find(arch, name)))
            g_ptr_array_add(chosen, (void *)cpu);
    }
    g_ptr_array_sort(chosen, by_name);
    return chosen;
}

static const char *
vendor_of(VirCpuArch arch, const char *name)
{
    const VirCpuModelRow *row = has_table(arch) ? vir_cpu_model_find(arch, name) : NULL;

    /* All but those that QEMU made up are of one vendor. */
    if (arch == VIR_CPU_ARCH_S390 && !g_str_equal(name, "qemu") && !g_str_equal(name, "max"))
        return "IBM";
    return row && row->vendor >= 0 ? vir_cpu_vendors[row->vendor].name : "unknown";
}

static void
fill_custom(VirCapsDomainCaps *to, const VirModel *model, const GPtrArray *models)
{
    VirCpuArch arch = vir_cpu_arch(model->def->os.arch);
    VirCapsCpuModeCaps *mode = add_mode(to, VIR_CAPS_CPU_MODE_CAPS_NAME_CUSTOM, models->len > 0);

    for (guint i = 0; i < models->len; i++) {
        const VirQemuCpu *cpu = models->pdata[i];
        g_autofree char *name = vir_cpu_model_spelling(model->def->os.arch, cpu->name);
        VirCapsCpuModelName *item = add_model(mode, name);

        item->usable = cpu->usable < 0 ? VIR_CAPS_CPU_MODEL_NAME_USABLE_UNKNOWN
                       : cpu->usable   ? VIR_CAPS_CPU_MODEL_NAME_USABLE_YES
                                       : VIR_CAPS_CPU_MODEL_NAME_USABLE_NO;
        item->deprecated = cpu->deprecated ? VIR_TRISTATE_YES : VIR_TRISTATE_ABSENT;
        item->vendor = g_strdup(vendor_of(arch, name));
        item->canonical = g_strdup(vir_cpu_model_canonical(arch, name));
    }
}

static void
fill_cpu(VirCapsDomainCaps *to, const VirModel *model, const GPtrArray *models, guint bits)
{
    VirCapsCpuModeCaps *mode;

    mode = add_mode(to, VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_PASSTHROUGH,
                    vir_cpu_mode_supported(model, VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH));
    add_migratable(mode, "hostPassthroughMigratable",
                   vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_CPU_MIGRATABLE));
    mode = add_mode(to, VIR_CAPS_CPU_MODE_CAPS_NAME_MAXIMUM,
                    vir_cpu_mode_supported(model, VIR_DOMAIN_CPU_MODE_MAXIMUM));
    add_migratable(mode, "maximumMigratable", TRUE);
    fill_host_model(to, model, bits);
    fill_custom(to, model, models);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
append_blockers(GString *out, const VirModel *model, const VirQemuCpu *cpu, const char *name)
{
    g_autoptr(GPtrArray) features = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *quoted = g_markup_escape_text(name, -1);

    for (char **word = cpu->blockers; *word; word++) {
        int known = vir_cpu_feature_find(vir_cpu_arch(model->def->os.arch), *word, TRUE);

        g_ptr_array_add(features, g_strdup(known < 0 ? *word : vir_cpu_features[known].name));
    }
    g_ptr_array_sort(features, by_text);
    g_string_append_printf(out, "      <blockers model='%s'>\n", quoted);
    for (guint i = 0; i < features->len; i++) {
        g_autofree char *feature = g_markup_escape_text(features->pdata[i], -1);

        if (i == 0 || !g_str_equal(features->pdata[i], features->pdata[i - 1]))
            g_string_append_printf(out, "        <feature name='%s'/>\n", feature);
    }
    g_string_append(out, "      </blockers>\n");
}

/*
 * What blocks a model stands behind it, between the models: an order that no schema row has. So the
 * lines are put into the document, in which each model has one line.
 */
static char *
insert_blockers(const char *text, const VirModel *model, const GPtrArray *models)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *at = strstr(text, "<mode name='custom'");

    for (guint i = 0; at && i < models->len; i++) {
        const VirQemuCpu *cpu = models->pdata[i];
        g_autofree char *name = vir_cpu_model_spelling(model->def->os.arch, cpu->name);
        const char *end = strstr(at, "</model>\n");

        if (!end)
            break;
        end += strlen("</model>\n");
        if (cpu->blockers) {
            g_string_append_len(out, text, end - text);
            text = end;
            append_blockers(out, model, cpu, name);
        }
        at = end;
    }
    g_string_append(out, text);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean
has_value(const VirCapsLoader *loader, const char *value)
{
    for (guint i = 0; i < loader->n_values; i++) {
        if (g_str_equal(loader->values[i], value))
            return TRUE;
    }
    return FALSE;
}

/* A file is named once, and only where it is there. */
static void
add_loader(VirCapsLoader *loader, const char *path)
{
    if (access(path, F_OK) == 0 && !has_value(loader, path))
        vir_xml_append(loader, values, g_strdup(path));
}

/* Without any descriptor for such guests there is the firmware that qemu.conf tells of. */
static void
add_pairs(VirCapsLoader *loader, const VirQemuConf *conf)
{
    for (const char *const *pairs = vir_firmware_pairs(conf); *pairs; pairs++) {
        g_autofree char *code = g_strndup(*pairs, strcspn(*pairs, ":"));

        add_loader(loader, code);
    }
}

static void
fill_os(VirCapsDomainCaps *to, const VirDomainCapsAsk *ask, const VirDomainDef *def)
{
    static const VirDomainCapsChoice choices[] = {
        {"type", "rom", VIR_DOMAIN_CAPS_ANY},
        {"type", "pflash", VIR_DOMAIN_CAPS_ANY},
        {"readonly", "yes", VIR_DOMAIN_CAPS_ANY},
        {"readonly", "no", VIR_DOMAIN_CAPS_ANY},
    };
    g_autoptr(VirCapsAbility) basics = vir_domain_caps_ability(ask->caps, 0, N(choices));
    VirCapsLoader *loader = vir_caps_loader_new();
    VirCapsValueList *list;
    unsigned interfaces = 0;
    gboolean described = FALSE;
    gboolean secure = FALSE;

    to->os = vir_caps_os_caps_new();
    to->os->supported = loader->supported = VIR_TRISTATE_YES;
    to->os->loader = loader;
    for (guint i = 0; ask->firmware && i < ask->firmware->len; i++) {
        const VirFirmware *firmware = ask->firmware->pdata[i];

        if (!vir_firmware_fits(firmware, def->os.arch, def->os.machine))
            continue;
        described = TRUE;
        interfaces |= firmware->interfaces;
        secure |= (firmware->features & VIR_FIRMWARE_REQUIRES_SMM) != 0;
        if (!ask->loaders)
            add_loader(loader, firmware->executable);
    }
    if (!ask->loaders && !described)
        add_pairs(loader, ask->env->conf);
    for (guint i = 0; ask->loaders && ask->loaders[i]; i++)
        vir_xml_append(loader, values, g_strdup(ask->loaders[i]));
    list = vir_domain_caps_values(&to->os->enums, &to->os->n_enums, "firmware");
    if (interfaces & VIR_FIRMWARE_BIOS)
        vir_xml_append(list, values, g_strdup("bios"));
    if (interfaces & VIR_FIRMWARE_UEFI)
        vir_xml_append(list, values, g_strdup("efi"));
    loader->enums = g_steal_pointer(&basics->enums);
    loader->n_enums = basics->n_enums;
    basics->n_enums = 0;
    list = vir_domain_caps_values(&loader->enums, &loader->n_enums, "secure");
    if (secure)
        vir_xml_append(list, values, g_strdup("yes"));
    vir_xml_append(list, values, g_strdup("no"));
}

/* KVM has what the host has; TCG plays all that QEMU can. */
static VirCapsAbility *
gic_ability(const VirModel *model)
{
    VirCapsAbility *gic = vir_domain_caps_plain(FALSE);
    gboolean kvm = model->def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM;
    gboolean tcg = model->def->virt_type == VIR_DOMAIN_VIRT_TYPE_QEMU;

    if (!vir_def_is_arm_virt(model->def))
        return gic;
    for (guint version = 2; (kvm || tcg) && version <= 3; version++) {
        VirCapsValueList *list;

        if (!vir_qemu_caps_has_gic(model->caps, version, kvm))
            continue;
        gic->supported = VIR_TRISTATE_YES;
        list = vir_domain_caps_values(&gic->enums, &gic->n_enums, "version");
        vir_xml_append(list, values, g_strdup_printf("%u", version));
    }
    return gic;
}

static VirCapsSevCaps *
sev_caps(const VirDomainCapsAsk *ask)
{
    VirCapsSevCaps *to = vir_caps_sev_caps_new();
    const VirQemuSev *sev = ask->caps->sev;

    to->supported = sev ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    if (!sev)
        return to;
    to->cbitpos = sev->cbitpos;
    to->reduced_phys_bits = sev->reduced_phys_bits;
    to->max_guests = ask->sev_guests;
    to->max_es_guests = ask->sev_es_guests;
    to->has_cbitpos = to->has_reduced_phys_bits = to->has_max_guests = to->has_max_es_guests = TRUE;
    to->cpu0_id = g_strdup(sev->cpu0_id);
    return to;
}

static VirCapsSgxCaps *
sgx_caps(const VirQemuSgx *sgx)
{
    VirCapsSgxCaps *to = vir_caps_sgx_caps_new();

    to->supported = sgx ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    if (!sgx)
        return to;
    to->flc = sgx->flc ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    to->sgx1 = sgx->sgx1 ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    to->sgx2 = sgx->sgx2 ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    to->section_size = sgx->size;
    to->has_section_size = TRUE;
    for (guint i = 0; i < sgx->sections->len; i++) {
        const VirQemuSgxSection *from = &g_array_index(sgx->sections, VirQemuSgxSection, i);
        VirCapsSgxSection *section = vir_caps_sgx_section_new();

        section->node = from->node;
        section->size = from->size;
        section->unit = g_strdup("KiB");
        vir_xml_append(to, sections, section);
    }
    return to;
}

static VirCapsAbility *
hyperv_ability(guint set)
{
    VirCapsAbility *made = vir_domain_caps_plain(TRUE);
    VirCapsValueList *list = vir_domain_caps_values(&made->enums, &made->n_enums, "features");

    for (guint i = 0; vir_qemu_hyperv_names[i]; i++) {
        if (set & 1U << i)
            vir_xml_append(list, values, g_strdup(vir_qemu_hyperv_names[i]));
    }
    return made;
}

/* The boards of PCs, which can be had without it. */
static gboolean
has_ps2(const VirDomainDef *def)
{
    return vir_def_is_i440fx(def) || vir_def_is_q35(def) || vir_def_is_isapc(def);
}

static void
fill_features(VirCapsDomainCaps *to, const VirDomainCapsAsk *ask, const VirModel *model)
{
    static const VirDomainCapsChoice launch_choices[] = {
        {"sectype", "sev", VIR_QEMU_CAPS_SEV_GUEST},
        {"sectype", "sev-snp", VIR_QEMU_CAPS_SEV_SNP_GUEST},
        {"sectype", "s390-pv", VIR_QEMU_CAPS_S390_PV_GUEST, VIR_DOMAIN_CAPS_WHEN_S390},
    };
    const VirQemuCaps *caps = model->caps;
    VirCapsFeatureCaps *features = vir_caps_feature_caps_new();
    unsigned when = vir_domain_caps_conditions(ask, model->def);
    const struct {
        VirCapsAbility **at;
        int flag;
    } plain[] = {
        {&features->vmcoreinfo, VIR_QEMU_CAPS_DEVICE_VMCOREINFO},
        {&features->genid, VIR_QEMU_CAPS_DEVICE_VMGENID},
        {&features->backing_store_input, VIR_DOMAIN_CAPS_ANY},
        {&features->backup, VIR_DOMAIN_CAPS_ANY},
        {&features->async_teardown, VIR_QEMU_CAPS_RUN_WITH_ASYNC_TEARDOWN},
    };

    to->features = features;
    features->gic = gic_ability(model);
    for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
        *plain[i].at = vir_domain_caps_plain(plain[i].flag == VIR_DOMAIN_CAPS_ANY ||
                                             vir_qemu_caps_has(caps, plain[i].flag));
    features->ps2 = vir_domain_caps_plain(has_ps2(model->def) &&
                                          vir_qemu_caps_has(caps, VIR_QEMU_CAPS_MACHINE_I8042_OPT));
    if (when & VIR_DOMAIN_CAPS_WHEN_S390)
        features->s390_pv =
            vir_domain_caps_plain(vir_qemu_caps_has(caps, VIR_QEMU_CAPS_S390_PV_GUEST));
    features->sev = sev_caps(ask);
    features->sgx = sgx_caps(caps->sgx);
    if (caps->hyperv)
        features->hyperv = hyperv_ability(caps->hyperv);
    features->launch_security = vir_domain_caps_ability(caps, when, N(launch_choices));
    if (features->launch_security->enums[0]->n_values == 0) {
        vir_caps_ability_free(features->launch_security);
        features->launch_security = vir_domain_caps_plain(FALSE);
    }
}

/* The guest that is asked about. */
static VirDomainDef *
make_def(const VirDomainCapsAsk *ask, const VirQemuMachine *machine)
{
    VirDomainDef *def = vir_domain_def_new();

    def->os.arch = g_strdup(ask->arch ? ask->arch : ask->caps->guest_arch);
    def->os.machine = g_strdup(machine->name);
    def->virt_type = (guint8)(ask->virt_type   ? ask->virt_type
                              : ask->caps->kvm ? VIR_DOMAIN_VIRT_TYPE_KVM
                              : ask->caps->hvf ? VIR_DOMAIN_VIRT_TYPE_HVF
                                               : VIR_DOMAIN_VIRT_TYPE_QEMU);
    return def;
}

char *
vir_domain_caps_xml(const VirDomainCapsAsk *ask, GError **error)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(ask->caps, ask->machine);
    g_autoptr(VirCapsDomainCaps) to = vir_caps_domain_caps_new();
    g_autoptr(VirDomainDef) def = NULL;
    g_autoptr(GPtrArray) models = NULL;
    g_autofree char *text = NULL;
    VirModel model = {.caps = ask->caps, .env = ask->env};
    gboolean accelerated;

    if (!machine) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "emulator '%s' has no machine type '%s'",
                      ask->caps->binary, ask->machine ? ask->machine : "(default)");
        return NULL;
    }
    model.def = def = make_def(ask, machine);
    accelerated = def->virt_type == VIR_DOMAIN_VIRT_TYPE_QEMU ||
                  (def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM && ask->caps->kvm) ||
                  (def->virt_type == VIR_DOMAIN_VIRT_TYPE_HVF && ask->caps->hvf);
    to->path = g_strdup(ask->caps->binary);
    to->domain = g_strdup(vir_domain_virt_type_to_string(def->virt_type));
    to->machine = g_strdup(machine->name);
    to->arch = g_strdup(def->os.arch);
    to->vcpu_max = machine->max_cpus;
    to->has_vcpu_max = accelerated && machine->max_cpus > 0;
    to->iothreads = vir_domain_caps_plain(TRUE);
    fill_os(to, ask, def);
    models = choose_models(&model);
    fill_cpu(to, &model, models, ask->phys_addr_bits);
    vir_domain_caps_devices(to, ask->caps, vir_domain_caps_conditions(ask, def));
    fill_features(to, ask, &model);
    text = vir_xml_format(&vir_caps_domain_doc, to, 0, error);
    return text ? insert_blockers(text, &model, models) : NULL;
}
