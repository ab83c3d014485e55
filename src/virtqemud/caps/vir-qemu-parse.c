/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-parse.h"
#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-xml.h"
#include <string.h>

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
        machine->default_cpu = g_strdup(vir_json_string(item, "default-cpu-type"));
        machine->kvm_default_cpu = g_strdup(vir_json_string(item, "kvm-default-cpu-type"));
        machine->default_ram = g_strdup(vir_json_string(item, "default-ram-id"));
        g_ptr_array_add(caps->machines, machine);
    }
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
                g_free(machine->kvm_default_cpu);
                machine->kvm_default_cpu = g_strdup(type);
            }
        }
    }
}

void
vir_qemu_parse_cpus(GPtrArray *cpus, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        json_object *blockers = vir_json_array(item, "unavailable-features");
        VirQemuCpu *cpu;

        if (!name)
            continue;
        cpu = g_new0(VirQemuCpu, 1);
        cpu->name = g_strdup(name);
        cpu->type = g_strdup(vir_json_string(item, "typename"));
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

static void
parse_facts(GHashTable *facts, json_object *array)
{
    gsize n = array ? json_object_array_length(array) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *word = json_object_array_get_idx(array, i);

        if (json_object_is_type(word, json_type_string))
            g_hash_table_add(facts, g_strdup(json_object_get_string(word)));
    }
}

/* A flag that this version does not know is none that it asks for. */
static void
parse_flags(VirQemuCaps *caps, json_object *array)
{
    gsize n = array ? json_object_array_length(array) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *word = json_object_array_get_idx(array, i);
        int flag = json_object_is_type(word, json_type_string)
                       ? vir_qemu_caps_flag(json_object_get_string(word))
                       : -1;

        if (flag >= 0)
            caps->flags[flag] = TRUE;
    }
}

void
vir_qemu_parse_gic(VirQemuCaps *caps, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        json_object *version = NULL;
        int number = -1;

        if (json_object_object_get_ex(item, "version", &version))
            number = json_object_get_int(version);
        if (number < 0 || number > 7)
            continue;
        if (vir_json_bool(item, "kernel"))
            caps->gic_kernel |= 1u << number;
        if (vir_json_bool(item, "emulated"))
            caps->gic_emulated |= 1u << number;
    }
}

void
vir_qemu_parse_sev(VirQemuCaps *caps, json_object *reply)
{
    json_object *bit = NULL;
    json_object *lost = NULL;

    if (!json_object_object_get_ex(reply, "cbitpos", &bit) ||
        !json_object_object_get_ex(reply, "reduced-phys-bits", &lost))
        return;
    caps->sev = TRUE;
    caps->sev_cbitpos = (unsigned)CLAMP(json_object_get_int64(bit), 0, 63);
    caps->sev_reduced_phys_bits = (unsigned)CLAMP(json_object_get_int64(lost), 0, 63);
}

VirQemuCaps *
vir_qemu_caps_from_json(json_object *object, GError **error)
{
    const char *binary = vir_json_string(object, "binary");
    const char *arch = vir_json_string(object, "arch");
    json_object *version = NULL;
    json_object *cpu = NULL;
    json_object *sev = NULL;
    VirQemuCaps *caps;

    if (!binary || !arch || !json_object_object_get_ex(object, "version", &version) ||
        !vir_json_array(object, "machines") || !vir_json_array(object, "flags")) {
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "kept QEMU capabilities are incomplete");
        return NULL;
    }
    caps = vir_qemu_caps_new(binary);
    caps->arch = g_strdup(arch);
    caps->version = (unsigned)json_object_get_int64(version);
    caps->package = g_strdup(vir_json_string(object, "package"));
    caps->kvm = vir_json_bool(object, "kvm");
    caps->hvf = vir_json_bool(object, "hvf");
    vir_qemu_parse_machines(caps, vir_json_array(object, "machines"));
    vir_qemu_parse_gic(caps, vir_json_array(object, "gic"));
    json_object_object_get_ex(object, "sev", &sev);
    vir_qemu_parse_sev(caps, sev);
    vir_qemu_parse_cpus(caps->cpus, vir_json_array(object, "cpus"));
    vir_qemu_parse_cpus(caps->kvm_cpus, vir_json_array(object, "kvm-cpus"));
    json_object_object_get_ex(object, "host-cpu", &cpu);
    caps->host_cpu = vir_qemu_cpu_model_from_json(cpu);
    cpu = NULL;
    json_object_object_get_ex(object, "kvm-host-cpu", &cpu);
    caps->kvm_host_cpu = vir_qemu_cpu_model_from_json(cpu);
    parse_facts(caps->facts, vir_json_array(object, "facts"));
    vir_qemu_parse_names(caps->facts, "type", NULL, vir_json_array(object, "types"));
    vir_qemu_caps_derive(caps);
    parse_flags(caps, vir_json_array(object, "flags"));
    return caps;
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
