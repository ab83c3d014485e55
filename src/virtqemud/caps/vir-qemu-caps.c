/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-caps.h"

#include "vir-error.h"
#include "vir-qemu-probe.h"
#include <string.h>

const char *
vir_json_string(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

gboolean
vir_json_bool(json_object *object, const char *key)
{
    json_object *value = NULL;

    return json_object_is_type(object, json_type_object) &&
           json_object_object_get_ex(object, key, &value) &&
           json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

json_object *
vir_json_array(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_array))
        return NULL;
    return value;
}

void
vir_qemu_machine_free(VirQemuMachine *machine)
{
    g_free(machine->name);
    g_free(machine->alias);
    g_free(machine->default_cpu);
    g_free(machine->default_ram);
    g_free(machine);
}

void
vir_qemu_cpu_free(VirQemuCpu *cpu)
{
    g_free(cpu->name);
    g_free(cpu->type);
    g_strfreev(cpu->blockers);
    g_free(cpu);
}

static GHashTable *
set_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

VirQemuCaps *
vir_qemu_caps_new(const char *binary)
{
    VirQemuCaps *caps = g_new0(VirQemuCaps, 1);

    vir_ref_init(&caps->refs);
    caps->binary = g_strdup(binary);
    caps->machines = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_machine_free);
    caps->cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_cpu_free);
    caps->kvm_cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_cpu_free);
    caps->types = set_new();
    caps->props = set_new();
    caps->schema = set_new();
    caps->options = set_new();
    return caps;
}

VirQemuCaps *
vir_qemu_caps_ref(VirQemuCaps *caps)
{
    vir_ref_inc(&caps->refs);
    return caps;
}

void
vir_qemu_caps_unref(VirQemuCaps *caps)
{
    if (!caps || !vir_ref_dec(&caps->refs))
        return;
    g_free(caps->binary);
    g_free(caps->arch);
    g_free(caps->package);
    g_ptr_array_unref(caps->machines);
    g_ptr_array_unref(caps->cpus);
    g_ptr_array_unref(caps->kvm_cpus);
    g_hash_table_unref(caps->types);
    g_hash_table_unref(caps->props);
    g_hash_table_unref(caps->schema);
    g_hash_table_unref(caps->options);
    g_free(caps);
}

gboolean
vir_qemu_caps_has(const VirQemuCaps *caps, VirQemuCapsFlag flag)
{
    return caps->flags[flag];
}

static gboolean
is_shown(const VirQemuCaps *caps, const VirQemuTrigger *trigger)
{
    switch (trigger->kind) {
    case VIR_QEMU_TRIGGER_COMMAND:
    case VIR_QEMU_TRIGGER_SCHEMA:
        return vir_qemu_caps_has_qmp(caps, trigger->name);
    case VIR_QEMU_TRIGGER_TYPE:
        return vir_qemu_caps_has_type(caps, trigger->name);
    case VIR_QEMU_TRIGGER_OPTION:
        return vir_qemu_caps_has_option(caps, trigger->name);
    case VIR_QEMU_TRIGGER_PROPERTY:
    case VIR_QEMU_TRIGGER_MACHINE:
        for (const char *const *type = trigger->types; *type; type++) {
            if (vir_qemu_caps_has_prop(caps, *type, trigger->name))
                return TRUE;
        }
        return FALSE;
    case VIR_QEMU_TRIGGER_MIGRATION:
        break;
    }
    return FALSE;
}

void
vir_qemu_caps_derive(VirQemuCaps *caps)
{
    for (guint i = 0; i < vir_qemu_n_triggers; i++) {
        if (is_shown(caps, &vir_qemu_triggers[i]))
            caps->flags[vir_qemu_triggers[i].flag] = TRUE;
    }
    if (caps->kvm)
        caps->flags[VIR_QEMU_CAPS_KVM] = TRUE;
}

gboolean
vir_qemu_caps_has_type(const VirQemuCaps *caps, const char *type)
{
    return g_hash_table_contains(caps->types, type);
}

gboolean
vir_qemu_caps_has_prop(const VirQemuCaps *caps, const char *type, const char *prop)
{
    g_autofree char *key = g_strconcat(type, ".", prop, NULL);

    return g_hash_table_contains(caps->props, key);
}

gboolean
vir_qemu_caps_has_qmp(const VirQemuCaps *caps, const char *name)
{
    return g_hash_table_contains(caps->schema, name);
}

gboolean
vir_qemu_caps_has_option(const VirQemuCaps *caps, const char *name)
{
    return g_hash_table_contains(caps->options, name);
}

const VirQemuMachine *
vir_qemu_caps_machine(const VirQemuCaps *caps, const char *name)
{
    for (guint i = 0; i < caps->machines->len; i++) {
        const VirQemuMachine *machine = caps->machines->pdata[i];

        if (name ? g_str_equal(machine->name, name) || !g_strcmp0(machine->alias, name)
                 : machine->is_default)
            return machine;
    }
    return NULL;
}

static void
add_string(json_object *object, const char *key, const char *value)
{
    if (value)
        json_object_object_add(object, key, json_object_new_string(value));
}

static void
add_true(json_object *object, const char *key, gboolean value)
{
    if (value)
        json_object_object_add(object, key, json_object_new_boolean(TRUE));
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_object *
set_to_json(GHashTable *set)
{
    json_object *array = json_object_new_array();
    g_autofree void **keys = NULL;
    guint n = 0;

    keys = g_hash_table_get_keys_as_array(set, &n);
    qsort(keys, n, sizeof(*keys), by_text);
    for (guint i = 0; i < n; i++)
        json_object_array_add(array, json_object_new_string(keys[i]));
    return array;
}

static json_object *
machine_to_json(const VirQemuMachine *machine)
{
    json_object *object = json_object_new_object();

    add_string(object, "name", machine->name);
    add_string(object, "alias", machine->alias);
    json_object_object_add(object, "cpu-max", json_object_new_int64(machine->max_cpus));
    add_true(object, "hotpluggable-cpus", machine->hotplug_cpus);
    add_true(object, "is-default", machine->is_default);
    add_true(object, "deprecated", machine->deprecated);
    add_true(object, "numa-mem-supported", machine->numa_mem);
    add_true(object, "acpi", machine->acpi);
    add_string(object, "default-cpu-type", machine->default_cpu);
    add_string(object, "default-ram-id", machine->default_ram);
    return object;
}

static json_object *
cpus_to_json(const GPtrArray *cpus)
{
    json_object *array = json_object_new_array();

    for (guint i = 0; i < cpus->len; i++) {
        const VirQemuCpu *cpu = cpus->pdata[i];
        json_object *object = json_object_new_object();

        add_string(object, "name", cpu->name);
        add_string(object, "typename", cpu->type);
        add_true(object, "deprecated", cpu->deprecated);
        if (cpu->usable >= 0) {
            json_object *blockers = json_object_new_array();

            for (char **word = cpu->blockers; word && *word; word++)
                json_object_array_add(blockers, json_object_new_string(*word));
            json_object_object_add(object, "unavailable-features", blockers);
        }
        json_object_array_add(array, object);
    }
    return array;
}

json_object *
vir_qemu_caps_to_json(const VirQemuCaps *caps)
{
    json_object *object = json_object_new_object();
    json_object *machines = json_object_new_array();

    add_string(object, "binary", caps->binary);
    add_string(object, "arch", caps->arch);
    json_object_object_add(object, "version", json_object_new_int64(caps->version));
    add_string(object, "package", caps->package);
    add_true(object, "kvm", caps->kvm);
    for (guint i = 0; i < caps->machines->len; i++)
        json_object_array_add(machines, machine_to_json(caps->machines->pdata[i]));
    json_object_object_add(object, "machines", machines);
    json_object_object_add(object, "cpus", cpus_to_json(caps->cpus));
    json_object_object_add(object, "kvm-cpus", cpus_to_json(caps->kvm_cpus));
    json_object_object_add(object, "types", set_to_json(caps->types));
    json_object_object_add(object, "props", set_to_json(caps->props));
    json_object_object_add(object, "schema", set_to_json(caps->schema));
    json_object_object_add(object, "options", set_to_json(caps->options));
    return object;
}
