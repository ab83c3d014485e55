/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-parse.h"
#include "vir-cpu.h"
#include "vir-error.h"
#include "vir-qemu-xml.h"
#include "vir-xml.h"
#include <string.h>

/*
 * First comes what a guest gets that asks for none. Some emulators have no default of their own,
 * and that of RISC-V is a board for its simulator.
 */
static void
prefer_machine(GPtrArray *machines, const char *arch)
{
    gboolean riscv = g_str_has_prefix(arch, "riscv");
    guint found = machines->len;

    for (guint i = 0; i < machines->len; i++) {
        const VirQemuMachine *machine = machines->pdata[i];
        gboolean virt = !g_strcmp0(machine->alias, "virt") || g_str_equal(machine->name, "virt");

        if (riscv ? virt : machine->is_default) {
            found = i;
            break;
        }
        if (virt && found == machines->len)
            found = i;
    }
    if (found < machines->len)
        g_ptr_array_insert(machines, 0, g_ptr_array_steal_index(machines, found));
}

void
vir_qemu_parse_machines(VirQemuCaps *caps, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        json_object *max = NULL;
        VirQemuMachine *machine;

        /* "none" has no board to run a guest on. */
        if (!name || g_str_equal(name, "none"))
            continue;
        machine = g_new0(VirQemuMachine, 1);
        machine->name = g_strdup(name);
        machine->alias = g_strdup(vir_json_string(item, "alias"));
        if (json_object_object_get_ex(item, "cpu-max", &max))
            machine->max_cpus = (unsigned)CLAMP(json_object_get_int64(max), 0, G_MAXINT);
        machine->hotplug_cpus = vir_json_bool(item, "hotpluggable-cpus");
        machine->is_default = vir_json_bool(item, "is-default");
        machine->deprecated = vir_json_bool(item, "deprecated");
        machine->numa_mem = vir_json_bool(item, "numa-mem-supported");
        if (json_object_object_get_ex(item, "acpi", NULL))
            machine->acpi = vir_json_bool(item, "acpi") ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
        machine->default_cpu[VIR_QEMU_TCG] = g_strdup(vir_json_string(item, "default-cpu-type"));
        machine->default_ram = g_strdup(vir_json_string(item, "default-ram-id"));
        g_ptr_array_add(caps->machines, machine);
    }
    prefer_machine(caps->machines, caps->guest_arch);
}

void
vir_qemu_parse_kvm_machines(VirQemuCaps *caps, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        const char *type = vir_json_string(item, "default-cpu-type");

        for (guint j = 0; name && type && j < caps->machines->len; j++) {
            VirQemuMachine *machine = caps->machines->pdata[j];

            if (g_str_equal(machine->name, name)) {
                g_free(machine->default_cpu[VIR_QEMU_NATIVE]);
                machine->default_cpu[VIR_QEMU_NATIVE] = g_strdup(type);
            }
        }
    }
}

void
vir_qemu_parse_cpus(GPtrArray *cpus, const char *guest_arch, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        const char *type = vir_json_string(item, "typename");
        json_object *blockers = vir_json_array(item, "unavailable-features");
        VirQemuCpu *cpu;

        if (!name)
            continue;
        cpu = g_new0(VirQemuCpu, 1);
        cpu->name = vir_cpu_model_spelling(guest_arch, name);
        /* QEMU has names of models without a type of their own. */
        if (type && *type)
            cpu->type = g_strdup(type);
        cpu->deprecated = vir_json_bool(item, "deprecated");
        cpu->usable = -1;
        if (blockers) {
            g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
            gsize count = json_object_array_length(blockers);

            for (gsize j = 0; j < count; j++) {
                json_object *word = json_object_array_get_idx(blockers, j);

                if (json_object_is_type(word, json_type_string))
                    g_strv_builder_add(builder, json_object_get_string(word));
            }
            cpu->usable = count == 0;
            if (count > 0)
                cpu->blockers = g_strv_builder_end(builder);
        }
        g_ptr_array_add(cpus, cpu);
    }
}

static guint
json_uint(json_object *object, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) &&
                   json_object_is_type(value, json_type_int)
               ? (guint)CLAMP(json_object_get_int64(value), 0, G_MAXINT32)
               : 0;
}

static guint64
json_kib(json_object *object, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) &&
                   json_object_is_type(value, json_type_int)
               ? (guint64)MAX(json_object_get_int64(value), 0) / 1024
               : 0;
}

void
vir_qemu_parse_gics(GArray *gics, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        VirQemuGic gic = {json_uint(item, "version"), vir_json_bool(item, "kernel"),
                          vir_json_bool(item, "emulated")};

        g_array_append_val(gics, gic);
    }
}

VirQemuSev *
vir_qemu_parse_sev(json_object *reply)
{
    VirQemuSev *sev;

    if (!vir_json_string(reply, "pdh") || !vir_json_string(reply, "cert-chain"))
        return NULL;
    sev = g_new0(VirQemuSev, 1);
    sev->cbitpos = json_uint(reply, "cbitpos");
    sev->reduced_phys_bits = json_uint(reply, "reduced-phys-bits");
    sev->pdh = g_strdup(vir_json_string(reply, "pdh"));
    sev->cert_chain = g_strdup(vir_json_string(reply, "cert-chain"));
    sev->cpu0_id = g_strdup(vir_json_string(reply, "cpu0-id"));
    return sev;
}

VirQemuSgx *
vir_qemu_parse_sgx(json_object *reply)
{
    json_object *sections = vir_json_array(reply, "sections");
    gsize n = sections ? json_object_array_length(sections) : 0;
    VirQemuSgx *sgx;

    if (!vir_json_bool(reply, "sgx"))
        return NULL;
    sgx = vir_qemu_sgx_new();
    sgx->flc = vir_json_bool(reply, "flc");
    sgx->sgx1 = vir_json_bool(reply, "sgx1");
    sgx->sgx2 = vir_json_bool(reply, "sgx2");
    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(sections, i);
        VirQemuSgxSection section = {json_uint(item, "node"), json_kib(item, "size")};

        sgx->size += section.size;
        g_array_append_val(sgx->sections, section);
    }
    if (n == 0)
        sgx->size = json_kib(reply, "section-size");
    return sgx;
}

const char *const vir_qemu_hyperv_names[] = {
    "relaxed", "vapic", "spinlocks", "vpindex",     "runtime",         "synic",
    "stimer",  "reset", "vendor_id", "frequencies", "reenlightenment", "tlbflush",
    "ipi",     "evmcs", "avic",      "emsr_bitmap", "xmm_input",       NULL};

guint
vir_qemu_parse_hyperv(json_object *reply)
{
    json_object *model = NULL;
    json_object *props = NULL;
    guint set = 0;

    json_object_object_get_ex(reply, "model", &model);
    json_object_object_get_ex(model, "props", &props);
    for (guint i = 0; vir_qemu_hyperv_names[i]; i++) {
        g_autofree char *name = g_strconcat("hv-", vir_qemu_hyperv_names[i], NULL);
        json_object *value = NULL;

        if (!json_object_object_get_ex(props, g_strdelimit(name, "_", '-'), &value))
            continue;
        /* A number is how often, a text what to say: both mean that there is it. */
        if (json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value)
            : json_object_is_type(value, json_type_int)   ? json_object_get_int64(value) != 0
                                                          : json_object_get_string_len(value) > 0)
            set |= 1U << i;
    }
    return set;
}

void
vir_qemu_add_fact(GHashTable *facts, const char *kind, const char *of, const char *name)
{
    g_hash_table_add(facts, of ? g_strconcat(kind, " ", of, ".", name, NULL)
                               : g_strconcat(kind, " ", name, NULL));
}

void
vir_qemu_parse_names(GHashTable *facts, const char *kind, const char *key, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = key ? vir_json_string(item, key)
                           : json_object_is_type(item, json_type_string)
                               ? json_object_get_string(item)
                               : NULL;

        if (name)
            vir_qemu_add_fact(facts, kind, NULL, name);
    }
}

void
vir_qemu_parse_props(GHashTable *facts, const char *kind, const char *of, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        json_object *value = NULL;

        if (!name)
            continue;
        vir_qemu_add_fact(facts, kind, of, name);
        if (json_object_object_get_ex(item, "default-value", &value) &&
            json_object_is_type(value, json_type_boolean) && !json_object_get_boolean(value)) {
            g_autofree char *off = g_strconcat(name, "=false", NULL);

            vir_qemu_add_fact(facts, kind, of, off);
        }
    }
}

void
vir_qemu_parse_options(GHashTable *facts, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    vir_qemu_parse_names(facts, "option", "option", reply);
    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        json_object *list = vir_json_array(item, "parameters");
        const char *option = vir_json_string(item, "option");
        g_autofree char *kind = g_strconcat("option ", option, NULL);
        gsize count = option && list ? json_object_array_length(list) : 0;

        for (gsize j = 0; j < count; j++) {
            const char *name = vir_json_string(json_object_array_get_idx(list, j), "name");

            if (name)
                g_hash_table_add(facts, g_strconcat(kind, "/", name, NULL));
        }
    }
}
