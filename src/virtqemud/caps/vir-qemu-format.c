/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-xml.h"
#include "vir-xml.h"

#include <stdarg.h>

/* Names and values alternate, then NULL; a NULL value leaves its attribute out. */
static void G_GNUC_NULL_TERMINATED
add_attributes(GString *out, ...)
{
    va_list args;
    const char *name;

    va_start(args, out);
    while ((name = va_arg(args, const char *))) {
        const char *value = va_arg(args, const char *);
        g_autofree char *text = value ? g_markup_escape_text(value, -1) : NULL;

        if (text)
            g_string_append_printf(out, " %s='%s'", name, text);
    }
    va_end(args);
}

static void
add_element(GString *out, const char *indent, const char *name, const char *value)
{
    g_autofree char *text = g_markup_escape_text(value ? value : "", -1);

    g_string_append_printf(out, "%s<%s>%s</%s>\n", indent, name, text, name);
}

static const char *
yes(gboolean value)
{
    return value ? "yes" : NULL;
}

static const char *
yes_no(gboolean value)
{
    return value ? "yes" : "no";
}

static void
add_property(GString *out, const VirQemuCpuModel *model, const VirQemuCpuProp *prop)
{
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, prop->number);
    gboolean on = prop->type == VIR_QEMU_CPU_PROP_BOOL && prop->number;

    g_string_append(out, "    <property");
    add_attributes(out, "name", prop->name, "type",
                   prop->type == VIR_QEMU_CPU_PROP_BOOL     ? "boolean"
                   : prop->type == VIR_QEMU_CPU_PROP_NUMBER ? "number"
                                                            : "string",
                   "value",
                   prop->type == VIR_QEMU_CPU_PROP_BOOL     ? (on ? "true" : "false")
                   : prop->type == VIR_QEMU_CPU_PROP_NUMBER ? number
                                                            : prop->text,
                   "migratable", on && model->migratability ? yes_no(prop->migratable) : NULL,
                   NULL);
    g_string_append(out, "/>\n");
}

static void
add_host_cpu(GString *out, const char *type, const VirQemuCpuModel *model)
{
    if (!model)
        return;
    g_string_append(out, "  <hostCPU");
    add_attributes(out, "type", type, "model", model->name, "migratability",
                   yes_no(model->migratability), NULL);
    g_string_append(out, ">\n");
    for (guint i = 0; i < model->props->len; i++)
        add_property(out, model, model->props->pdata[i]);
    if (model->deprecated && *model->deprecated) {
        g_string_append(out, "    <deprecatedFeatures>\n");
        for (char **name = model->deprecated; *name; name++) {
            g_string_append(out, "      <property");
            add_attributes(out, "name", *name, NULL);
            g_string_append(out, "/>\n");
        }
        g_string_append(out, "    </deprecatedFeatures>\n");
    }
    g_string_append(out, "  </hostCPU>\n");
}

static void
add_cpu(GString *out, const char *type, const VirQemuCpu *cpu)
{
    g_string_append(out, "  <cpu");
    add_attributes(out, "type", type, "name", cpu->name, "typename", cpu->type, "usable",
                   cpu->usable >= 0 ? yes_no(cpu->usable) : NULL, "deprecated",
                   yes(cpu->deprecated), NULL);
    if (!cpu->blockers) {
        g_string_append(out, "/>\n");
        return;
    }
    g_string_append(out, ">\n");
    for (char **name = cpu->blockers; *name; name++) {
        g_string_append(out, "    <blocker");
        add_attributes(out, "name", *name, NULL);
        g_string_append(out, "/>\n");
    }
    g_string_append(out, "  </cpu>\n");
}

static void
add_machine(GString *out, const char *type, const VirQemuMachine *machine, VirQemuAccel accel)
{
    g_autofree char *max = g_strdup_printf("%u", machine->max_cpus);

    g_string_append(out, "  <machine");
    add_attributes(out, "type", type, "name", machine->name, "alias", machine->alias, "hotplugCpus",
                   yes(machine->hotplug_cpus), "maxCpus", max, "default", yes(machine->is_default),
                   "defaultCPU", machine->default_cpu[accel], "numaMemSupported",
                   yes(machine->numa_mem), "defaultRAMid", machine->default_ram, "deprecated",
                   yes(machine->deprecated), "acpi",
                   machine->acpi ? yes_no(machine->acpi == VIR_TRISTATE_YES) : NULL, NULL);
    g_string_append(out, "/>\n");
}

static void
add_accelerator(GString *out, const char *type, const VirQemuCaps *caps, VirQemuAccel accel)
{
    const GPtrArray *cpus = caps->cpus[accel];

    add_host_cpu(out, type, caps->host_cpu[accel]);
    for (guint i = 0; i < cpus->len; i++)
        add_cpu(out, type, cpus->pdata[i]);
    for (guint i = 0; i < caps->machines->len; i++)
        add_machine(out, type, caps->machines->pdata[i], accel);
}

static void
add_sev(GString *out, const VirQemuSev *sev)
{
    g_string_append_printf(out,
                           "  <sev>\n    <cbitpos>%u</cbitpos>\n"
                           "    <reducedPhysBits>%u</reducedPhysBits>\n",
                           sev->cbitpos, sev->reduced_phys_bits);
    add_element(out, "    ", "pdh", sev->pdh);
    add_element(out, "    ", "certChain", sev->cert_chain);
    if (sev->cpu0_id)
        add_element(out, "    ", "cpu0Id", sev->cpu0_id);
    g_string_append(out, "  </sev>\n");
}

static void
add_sgx(GString *out, const VirQemuSgx *sgx)
{
    g_string_append(out, "  <sgx supported='yes'>\n");
    add_element(out, "    ", "flc", yes_no(sgx->flc));
    add_element(out, "    ", "sgx1", yes_no(sgx->sgx1));
    add_element(out, "    ", "sgx2", yes_no(sgx->sgx2));
    g_string_append_printf(
        out, "    <section_size unit='KiB'>%" G_GUINT64_FORMAT "</section_size>\n", sgx->size);
    if (sgx->sections->len > 0) {
        g_string_append(out, "    <sections>\n");
        for (guint i = 0; i < sgx->sections->len; i++) {
            const VirQemuSgxSection *section = &g_array_index(sgx->sections, VirQemuSgxSection, i);

            g_string_append_printf(
                out, "      <section node='%u' size='%" G_GUINT64_FORMAT "' unit='KiB'/>\n",
                section->node, section->size);
        }
        g_string_append(out, "    </sections>\n");
    }
    g_string_append(out, "  </sgx>\n");
}

static void
add_hyperv(GString *out, guint set)
{
    g_string_append(out, "  <hypervCapabilities supported='yes'>\n");
    for (guint i = 0; vir_qemu_hyperv_names[i]; i++) {
        if (set & 1U << i)
            g_string_append_printf(out, "    <cap name='%s'/>\n", vir_qemu_hyperv_names[i]);
    }
    g_string_append(out, "  </hypervCapabilities>\n");
}

char *
vir_qemu_caps_format(const VirQemuCaps *caps, const VirQemuCapsMaker *maker)
{
    g_autoptr(GString) out = g_string_new("<qemuCaps>\n");

    add_element(out, "  ", "emulator", caps->binary);
    g_string_append_printf(out,
                           "  <qemuctime>%" G_GINT64_FORMAT "</qemuctime>\n"
                           "  <selfctime>%" G_GINT64_FORMAT "</selfctime>\n"
                           "  <selfvers>%u</selfvers>\n",
                           maker->qemu_ctime, maker->self_ctime, maker->self_version);
    for (guint i = 0; i < VIR_QEMU_CAPS_LAST; i++) {
        if (caps->flags[i])
            g_string_append_printf(out, "  <flag name='%s'/>\n", vir_qemu_flag_names[i]);
    }
    g_string_append_printf(out,
                           "  <version>%u</version>\n"
                           "  <microcodeVersion>%u</microcodeVersion>\n",
                           caps->version, caps->microcode);
    add_element(out, "  ", "package", caps->package);
    if (caps->kernel)
        add_element(out, "  ", "kernelVersion", caps->kernel);
    add_element(out, "  ", "arch", caps->guest_arch);
    if (caps->kvm || caps->hvf)
        add_accelerator(out, caps->kvm ? "kvm" : "hvf", caps, VIR_QEMU_NATIVE);
    add_accelerator(out, "tcg", caps, VIR_QEMU_TCG);
    for (guint i = 0; i < caps->gics->len; i++) {
        const VirQemuGic *gic = &g_array_index(caps->gics, VirQemuGic, i);

        g_string_append_printf(out, "  <gic version='%u' kernel='%s' emulated='%s'/>\n",
                               gic->version, yes_no(gic->kernel), yes_no(gic->emulated));
    }
    if (caps->sev)
        add_sev(out, caps->sev);
    if (caps->sgx)
        add_sgx(out, caps->sgx);
    if (caps->hyperv)
        add_hyperv(out, caps->hyperv);
    g_string_append(out, "</qemuCaps>\n");
    return g_string_free(g_steal_pointer(&out), FALSE);
}
