/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-parse.h"
#include "vir-error.h"
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
        machine->acpi = vir_json_bool(item, "acpi");
        machine->default_cpu = g_strdup(vir_json_string(item, "default-cpu-type"));
        machine->default_ram = g_strdup(vir_json_string(item, "default-ram-id"));
        g_ptr_array_add(caps->machines, machine);
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
parse_set(GHashTable *set, json_object *array)
{
    gsize n = array ? json_object_array_length(array) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *word = json_object_array_get_idx(array, i);

        if (json_object_is_type(word, json_type_string))
            g_hash_table_add(set, g_strdup(json_object_get_string(word)));
    }
}

VirQemuCaps *
vir_qemu_caps_from_json(json_object *object, GError **error)
{
    const char *binary = vir_json_string(object, "binary");
    const char *arch = vir_json_string(object, "arch");
    json_object *version = NULL;
    VirQemuCaps *caps;

    if (!binary || !arch || !json_object_object_get_ex(object, "version", &version) ||
        !vir_json_array(object, "machines") || !vir_json_array(object, "types")) {
        vir_error_set(error, VIR_ERR_INTERNAL_ERROR, "kept QEMU capabilities are incomplete");
        return NULL;
    }
    caps = vir_qemu_caps_new(binary);
    caps->arch = g_strdup(arch);
    caps->version = (unsigned)json_object_get_int64(version);
    caps->package = g_strdup(vir_json_string(object, "package"));
    caps->kvm = vir_json_bool(object, "kvm");
    vir_qemu_parse_machines(caps, vir_json_array(object, "machines"));
    vir_qemu_parse_cpus(caps->cpus, vir_json_array(object, "cpus"));
    vir_qemu_parse_cpus(caps->kvm_cpus, vir_json_array(object, "kvm-cpus"));
    parse_set(caps->types, vir_json_array(object, "types"));
    parse_set(caps->props, vir_json_array(object, "props"));
    parse_set(caps->schema, vir_json_array(object, "schema"));
    parse_set(caps->options, vir_json_array(object, "options"));
    vir_qemu_caps_derive(caps);
    return caps;
}

/* One step of a path: the type that @step leads to, "" where it leads to a leaf, NULL: nowhere. */
static const char *
schema_step(GHashTable *by_name, const char *type, const char *step)
{
    json_object *item = g_hash_table_lookup(by_name, type);
    const char *key = *step == '+' ? "variants" : *step == '^' ? "values" : "members";
    const char *field = *step == '+' ? "case" : "name";
    const char *want = *step == '+' || *step == '^' ? step + 1 : step;
    json_object *list = vir_json_array(item, key);
    gsize n = list ? json_object_array_length(list) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *entry = json_object_array_get_idx(list, i);
        const char *name = *step == '^' && json_object_is_type(entry, json_type_string)
                               ? json_object_get_string(entry)
                               : vir_json_string(entry, field);

        if (!g_strcmp0(name, want)) {
            const char *next = *step == '^' ? NULL : vir_json_string(entry, "type");

            return next ? next : "";
        }
    }
    return NULL;
}

/*
 * @path is "command/step/step…": a member's name, "+case" of a union, "^value" of an enumeration,
 * or "$feature" of the command.
 */
static gboolean
schema_has(GHashTable *by_name, const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    json_object *command = g_hash_table_lookup(by_name, steps[0]);
    const char *type;

    if (!command)
        return FALSE;
    if (steps[1][0] == '$') {
        json_object *features = vir_json_array(command, "features");
        gsize n = features ? json_object_array_length(features) : 0;

        for (gsize i = 0; i < n; i++) {
            json_object *feature = json_object_array_get_idx(features, i);

            if (json_object_is_type(feature, json_type_string) &&
                g_str_equal(json_object_get_string(feature), steps[1] + 1))
                return TRUE;
        }
        return FALSE;
    }
    type = vir_json_string(command, "arg-type");
    for (char **step = steps + 1; type && *step; step++)
        type = schema_step(by_name, type, *step);
    return type != NULL;
}

/* Paths that a decision hangs on. */
static const char *const schema_paths[] = {
    "device_add/$json-cli-hotplug",
    "netdev_add/type/^dgram",
    "chardev-add/backend/+socket/data/reconnect",
    "chardev-add/backend/+socket/data/reconnect-ms",
};

void
vir_qemu_parse_schema(VirQemuCaps *caps, json_object *reply)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        const char *meta = vir_json_string(item, "meta-type");

        if (!name || !meta)
            continue;
        g_hash_table_insert(by_name, (void *)name, item);
        if (g_str_equal(meta, "command") || g_str_equal(meta, "event"))
            g_hash_table_add(caps->schema, g_strdup(name));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(schema_paths); i++) {
        if (schema_has(by_name, schema_paths[i]))
            g_hash_table_add(caps->schema, g_strdup(schema_paths[i]));
    }
}

void
vir_qemu_parse_names(GHashTable *set, const char *prefix, const char *key, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        const char *name = vir_json_string(json_object_array_get_idx(reply, i), key);

        if (name)
            g_hash_table_add(set, prefix ? g_strconcat(prefix, ".", name, NULL) : g_strdup(name));
    }
}

void
vir_qemu_parse_options(VirQemuCaps *caps, json_object *reply)
{
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    vir_qemu_parse_names(caps->options, NULL, "option", reply);
    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);

        vir_qemu_parse_names(caps->options, vir_json_string(item, "option"), "name",
                             vir_json_array(item, "parameters"));
    }
}
