/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-caps.h"

#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
#include "vir-qemu-probe.h"
#include "vir-xml.h"
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
    g_free(machine->kvm_default_cpu);
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

VirQemuCaps *
vir_qemu_caps_new(const char *binary)
{
    VirQemuCaps *caps = g_new0(VirQemuCaps, 1);

    vir_ref_init(&caps->refs);
    caps->binary = g_strdup(binary);
    caps->machines = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_machine_free);
    caps->cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_cpu_free);
    caps->kvm_cpus = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_cpu_free);
    caps->facts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
    vir_qemu_cpu_model_free(caps->host_cpu);
    vir_qemu_cpu_model_free(caps->kvm_host_cpu);
    g_hash_table_unref(caps->facts);
    g_free(caps);
}

gboolean
vir_qemu_caps_has(const VirQemuCaps *caps, VirQemuCapsFlag flag)
{
    return caps->flags[flag];
}

int
vir_qemu_caps_flag(const char *name)
{
    for (int i = 0; i < VIR_QEMU_CAPS_LAST; i++) {
        if (g_str_equal(vir_qemu_flag_names[i], name) || g_str_equal(vir_qemu_flag_words[i], name))
            return i;
    }
    return -1;
}

void
vir_qemu_caps_derive(VirQemuCaps *caps)
{
    gboolean x86 = g_str_equal(caps->arch, "x86_64") || g_str_equal(caps->arch, "i386");

    for (guint i = 0; i < vir_qemu_n_triggers; i++) {
        if (g_hash_table_contains(caps->facts, vir_qemu_triggers[i].fact))
            caps->flags[vir_qemu_triggers[i].flag] = TRUE;
    }
    if (caps->kvm)
        caps->flags[VIR_QEMU_CAPS_KVM] = TRUE;
    if (caps->hvf)
        caps->flags[VIR_QEMU_CAPS_HVF] = TRUE;
    /* Names of features are those of properties since QEMU says what is unavailable. */
    if (x86 && caps->flags[VIR_QEMU_CAPS_CPU_UNAVAILABLE_FEATURES])
        caps->flags[VIR_QEMU_CAPS_CANONICAL_CPU_FEATURES] = TRUE;
    /* On the boards of others it is there as well, but not for disks of guests. */
    if (g_str_equal(caps->arch, "sparc"))
        caps->flags[VIR_QEMU_CAPS_SCSI_NCR53C90] = TRUE;
}

gboolean
vir_qemu_caps_has_type(const VirQemuCaps *caps, const char *type)
{
    g_autofree char *fact = g_strconcat("type ", type, NULL);

    return g_hash_table_contains(caps->facts, fact);
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

char *
vir_qemu_caps_default_cpu(const VirQemuCaps *caps, const char *machine, gboolean kvm)
{
    const VirQemuMachine *found = vir_qemu_caps_machine(caps, machine);
    const GPtrArray *cpus = kvm ? caps->kvm_cpus : caps->cpus;
    const char *type = !found ? NULL : kvm ? found->kvm_default_cpu : found->default_cpu;
    g_autofree char *suffix = g_strdup_printf("-%s-cpu", caps->arch);

    /* A type may have several names; one made of the type itself tells least. */
    for (guint i = 0; type && i < cpus->len; i++) {
        const VirQemuCpu *cpu = cpus->pdata[i];

        if (!g_strcmp0(cpu->type, type))
            return g_strdup(cpu->name);
    }
    if (type && g_str_has_suffix(type, suffix))
        return g_strndup(type, strlen(type) - strlen(suffix));
    return g_strdup(type);
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
flags_to_json(const VirQemuCaps *caps)
{
    json_object *array = json_object_new_array();

    for (guint i = 0; i < VIR_QEMU_CAPS_LAST; i++) {
        if (caps->flags[i])
            json_object_array_add(array, json_object_new_string(vir_qemu_flag_names[i]));
    }
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
    if (machine->acpi)
        json_object_object_add(object, "acpi",
                               json_object_new_boolean(machine->acpi == VIR_TRISTATE_YES));
    add_string(object, "default-cpu-type", machine->default_cpu);
    add_string(object, "kvm-default-cpu-type", machine->kvm_default_cpu);
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

/* As QEMU answers query-gic-capabilities. */
static json_object *
gic_to_json(const VirQemuCaps *caps)
{
    json_object *array = json_object_new_array();

    for (int version = 0; version < 8; version++) {
        unsigned bit = 1u << version;
        json_object *object;

        if (!((caps->gic_kernel | caps->gic_emulated) & bit))
            continue;
        object = json_object_new_object();
        json_object_object_add(object, "version", json_object_new_int(version));
        json_object_object_add(object, "kernel",
                               json_object_new_boolean((caps->gic_kernel & bit) != 0));
        json_object_object_add(object, "emulated",
                               json_object_new_boolean((caps->gic_emulated & bit) != 0));
        json_object_array_add(array, object);
    }
    return array;
}

/* As QEMU answers query-sev-capabilities. */
static json_object *
sev_to_json(const VirQemuCaps *caps)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "cbitpos", json_object_new_int64(caps->sev_cbitpos));
    json_object_object_add(object, "reduced-phys-bits",
                           json_object_new_int64(caps->sev_reduced_phys_bits));
    return object;
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
    add_true(object, "hvf", caps->hvf);
    json_object_object_add(object, "gic", gic_to_json(caps));
    if (caps->sev)
        json_object_object_add(object, "sev", sev_to_json(caps));
    for (guint i = 0; i < caps->machines->len; i++)
        json_object_array_add(machines, machine_to_json(caps->machines->pdata[i]));
    json_object_object_add(object, "machines", machines);
    json_object_object_add(object, "cpus", cpus_to_json(caps->cpus));
    json_object_object_add(object, "kvm-cpus", cpus_to_json(caps->kvm_cpus));
    if (caps->host_cpu)
        json_object_object_add(object, "host-cpu", vir_qemu_cpu_model_to_json(caps->host_cpu));
    if (caps->kvm_host_cpu)
        json_object_object_add(object, "kvm-host-cpu",
                               vir_qemu_cpu_model_to_json(caps->kvm_host_cpu));
    json_object_object_add(object, "flags", flags_to_json(caps));
    json_object_object_add(object, "facts", set_to_json(caps->facts));
    return object;
}
