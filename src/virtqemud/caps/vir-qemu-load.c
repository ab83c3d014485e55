/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-probe.h"
#include "vir-qemu-xml.h"
#include "vir-xml-tree.h"
#include "vir-xml.h"
#include <string.h>

static const char *
attribute(const VirXmlNode *node, const char *name)
{
    for (guint i = 0; i < node->n_attrs; i++) {
        if (g_str_equal(node->attrs[i].name, name))
            return node->attrs[i].value;
    }
    return NULL;
}

/* 1: "yes", 0: anything else, -1: there is none. */
static int
yes_no(const VirXmlNode *node, const char *name)
{
    const char *value = attribute(node, name);

    return value ? g_str_equal(value, "yes") : -1;
}

static guint64
number_of(const char *text)
{
    return text ? g_ascii_strtoull(text, NULL, 10) : 0;
}

static guint
uint_of(const char *text)
{
    return (guint)MIN(number_of(text), G_MAXINT32);
}

/* Attributes "name" of the children @element of @node, NULL where there are none. */
static char **
names_of(const VirXmlNode *node, const char *element)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    gboolean some = FALSE;

    for (const VirXmlNode *child = node->first; child; child = child->next) {
        if (!g_str_equal(child->name, element) || !attribute(child, "name"))
            continue;
        g_strv_builder_add(builder, attribute(child, "name"));
        some = TRUE;
    }
    return some ? g_strv_builder_end(builder) : NULL;
}

static VirQemuAccel
accel_of(const VirXmlNode *node)
{
    return g_strcmp0(attribute(node, "type"), "tcg") == 0 ? VIR_QEMU_TCG : VIR_QEMU_NATIVE;
}

static void
load_host_cpu(VirQemuCaps *caps, const VirXmlNode *node)
{
    VirQemuCpuModel **at = &caps->host_cpu[accel_of(node)];

    if (*at || !attribute(node, "model"))
        return;
    *at = vir_qemu_cpu_model_new(attribute(node, "model"));
    (*at)->migratability = yes_no(node, "migratability") == 1;
    for (const VirXmlNode *child = node->first; child; child = child->next) {
        const char *type = attribute(child, "type");
        const char *value = attribute(child, "value");
        VirQemuCpuProp *prop;

        if (g_str_equal(child->name, "deprecatedFeatures") && !(*at)->deprecated)
            (*at)->deprecated = names_of(child, "property");
        if (!g_str_equal(child->name, "property") || !type || !value || !attribute(child, "name"))
            continue;
        prop = g_new0(VirQemuCpuProp, 1);
        prop->name = g_strdup(attribute(child, "name"));
        prop->migratable = yes_no(child, "migratable") != 0;
        prop->type = g_str_equal(type, "boolean")  ? VIR_QEMU_CPU_PROP_BOOL
                     : g_str_equal(type, "number") ? VIR_QEMU_CPU_PROP_NUMBER
                                                   : VIR_QEMU_CPU_PROP_TEXT;
        if (prop->type == VIR_QEMU_CPU_PROP_TEXT)
            prop->text = g_strdup(value);
        else
            prop->number = prop->type == VIR_QEMU_CPU_PROP_BOOL ? g_str_equal(value, "true")
                                                                : g_ascii_strtoll(value, NULL, 10);
        g_ptr_array_add((*at)->props, prop);
    }
}

static void
load_cpu(VirQemuCaps *caps, const VirXmlNode *node)
{
    VirQemuCpu *cpu;

    if (!attribute(node, "name"))
        return;
    cpu = g_new0(VirQemuCpu, 1);
    cpu->name = g_strdup(attribute(node, "name"));
    cpu->type = g_strdup(attribute(node, "typename"));
    cpu->usable = yes_no(node, "usable");
    cpu->deprecated = yes_no(node, "deprecated") == 1;
    cpu->blockers = names_of(node, "blocker");
    g_ptr_array_add(caps->cpus[accel_of(node)], cpu);
}

/* Accelerators differ in the processor that a machine has by default. */
static void
load_machine(VirQemuCaps *caps, GHashTable *by_name, const VirXmlNode *node)
{
    const char *name = attribute(node, "name");
    VirQemuMachine *machine = name ? g_hash_table_lookup(by_name, name) : NULL;
    VirQemuAccel accel = accel_of(node);

    if (!name)
        return;
    if (!machine) {
        int acpi = yes_no(node, "acpi");

        machine = g_new0(VirQemuMachine, 1);
        machine->name = g_strdup(name);
        machine->alias = g_strdup(attribute(node, "alias"));
        machine->max_cpus = uint_of(attribute(node, "maxCpus"));
        machine->hotplug_cpus = yes_no(node, "hotplugCpus") == 1;
        machine->is_default = yes_no(node, "default") == 1;
        machine->deprecated = yes_no(node, "deprecated") == 1;
        machine->numa_mem = yes_no(node, "numaMemSupported") == 1;
        machine->acpi = acpi < 0 ? VIR_TRISTATE_ABSENT : acpi ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
        machine->default_ram = g_strdup(attribute(node, "defaultRAMid"));
        g_ptr_array_add(caps->machines, machine);
        g_hash_table_insert(by_name, machine->name, machine);
    }
    if (!machine->default_cpu[accel])
        machine->default_cpu[accel] = g_strdup(attribute(node, "defaultCPU"));
}

static void
load_sev(VirQemuCaps *caps, const VirXmlNode *node)
{
    VirQemuSev *sev = g_new0(VirQemuSev, 1);

    for (const VirXmlNode *child = node->first; child; child = child->next) {
        if (g_str_equal(child->name, "cbitpos"))
            sev->cbitpos = uint_of(child->text);
        else if (g_str_equal(child->name, "reducedPhysBits"))
            sev->reduced_phys_bits = uint_of(child->text);
        else if (g_str_equal(child->name, "pdh") && !sev->pdh)
            sev->pdh = g_strdup(child->text);
        else if (g_str_equal(child->name, "certChain") && !sev->cert_chain)
            sev->cert_chain = g_strdup(child->text);
        else if (g_str_equal(child->name, "cpu0Id") && !sev->cpu0_id)
            sev->cpu0_id = g_strdup(child->text);
    }
    caps->sev = sev;
}

static void
load_sgx(VirQemuCaps *caps, const VirXmlNode *node)
{
    VirQemuSgx *sgx = vir_qemu_sgx_new();

    for (const VirXmlNode *child = node->first; child; child = child->next) {
        gboolean on = !g_strcmp0(child->text, "yes");

        if (g_str_equal(child->name, "flc"))
            sgx->flc = on;
        else if (g_str_equal(child->name, "sgx1"))
            sgx->sgx1 = on;
        else if (g_str_equal(child->name, "sgx2"))
            sgx->sgx2 = on;
        else if (g_str_equal(child->name, "section_size"))
            sgx->size = number_of(child->text);
        for (const VirXmlNode *part = child->first; part; part = part->next) {
            VirQemuSgxSection section = {uint_of(attribute(part, "node")),
                                         number_of(attribute(part, "size"))};

            g_array_append_val(sgx->sections, section);
        }
    }
    caps->sgx = sgx;
}

static void
load_hyperv(VirQemuCaps *caps, const VirXmlNode *node)
{
    g_auto(GStrv) names = names_of(node, "cap");

    for (guint i = 0; names && vir_qemu_hyperv_names[i]; i++) {
        if (g_strv_contains((const char *const *)names, vir_qemu_hyperv_names[i]))
            caps->hyperv |= 1U << i;
    }
}

static void
load_texts(VirQemuCaps *caps, const VirXmlNode *node)
{
    const struct {
        const char *name;
        char **at;
    } texts[] = {
        {"emulator", &caps->binary},
        {"package", &caps->package},
        {"kernelVersion", &caps->kernel},
        {"arch", &caps->guest_arch},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_str_equal(node->name, texts[i].name) && !*texts[i].at)
            *texts[i].at = g_strdup(node->text ? node->text : "");
    }
    if (g_str_equal(node->name, "version"))
        caps->version = uint_of(node->text);
    else if (g_str_equal(node->name, "microcodeVersion"))
        caps->microcode = (guint)number_of(node->text);
}

static void
load_node(VirQemuCaps *caps, GHashTable *machines, const VirXmlNode *node)
{
    const char *name = attribute(node, "name");
    int flag = g_str_equal(node->name, "flag") && name ? vir_qemu_caps_flag(name) : -1;

    /* A flag that this version does not know is none that it asks for. */
    if (flag >= 0) {
        caps->flags[flag] = TRUE;
    } else if (g_str_equal(node->name, "hostCPU")) {
        load_host_cpu(caps, node);
    } else if (g_str_equal(node->name, "cpu")) {
        load_cpu(caps, node);
    } else if (g_str_equal(node->name, "machine")) {
        load_machine(caps, machines, node);
    } else if (g_str_equal(node->name, "gic")) {
        VirQemuGic gic = {uint_of(attribute(node, "version")), yes_no(node, "kernel") == 1,
                          yes_no(node, "emulated") == 1};

        g_array_append_val(caps->gics, gic);
    } else if (g_str_equal(node->name, "sev") && !caps->sev) {
        load_sev(caps, node);
    } else if (g_str_equal(node->name, "sgx") && !caps->sgx) {
        load_sgx(caps, node);
    } else if (g_str_equal(node->name, "hypervCapabilities")) {
        load_hyperv(caps, node);
    } else {
        load_texts(caps, node);
    }
}

VirQemuCaps *
vir_qemu_caps_load(const char *text, gsize len, const char *name, GError **error)
{
    g_autoptr(VirXmlTree) tree = vir_xml_tree_new(text, len, name, error);
    g_autoptr(VirQemuCaps) caps = NULL;
    g_autoptr(GHashTable) machines = NULL;

    if (!tree)
        return NULL;
    caps = vir_qemu_caps_new(NULL);
    machines = g_hash_table_new(g_str_hash, g_str_equal);
    for (const VirXmlNode *node = vir_xml_tree_root(tree)->first; node; node = node->next)
        load_node(caps, machines, node);
    if (!caps->binary || !caps->guest_arch || caps->version == 0) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "%s: these are no capabilities of a QEMU", name);
        return NULL;
    }
    vir_qemu_caps_set_arch(caps, caps->guest_arch);
    caps->kvm = caps->flags[VIR_QEMU_CAPS_KVM];
    caps->hvf = caps->flags[VIR_QEMU_CAPS_HVF];
    return g_steal_pointer(&caps);
}
