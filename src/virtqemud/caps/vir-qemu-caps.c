/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-caps.h"

#include "vir-error.h"
#include "vir-qemu-cpu-model.h"
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
    for (guint i = 0; i < VIR_QEMU_N_ACCELS; i++)
        g_free(machine->default_cpu[i]);
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

static void
vir_qemu_sev_free(VirQemuSev *sev)
{
    if (!sev)
        return;
    g_free(sev->pdh);
    g_free(sev->cert_chain);
    g_free(sev->cpu0_id);
    g_free(sev);
}

VirQemuSgx *
vir_qemu_sgx_new(void)
{
    VirQemuSgx *sgx = g_new0(VirQemuSgx, 1);

    sgx->sections = g_array_new(FALSE, FALSE, sizeof(VirQemuSgxSection));
    return sgx;
}

static void
vir_qemu_sgx_free(VirQemuSgx *sgx)
{
    if (!sgx)
        return;
    g_array_unref(sgx->sections);
    g_free(sgx);
}

/* Where the names differ; of several guests the first stands for QEMU's name. */
static const struct {
    const char *guest;
    const char *qemu;
} arches[] = {
    {"armv7l", "arm"},
    {"armv6l", "arm"},
    {"i686", "i386"},
    {"ppc64le", "ppc64"},
};

const char *
vir_qemu_arch(const char *guest_arch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(arches); i++) {
        if (g_str_equal(arches[i].guest, guest_arch))
            return arches[i].qemu;
    }
    return guest_arch;
}

const char *
vir_qemu_guest_arch(const char *arch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(arches); i++) {
        if (g_str_equal(arches[i].qemu, arch) && !g_str_equal(arch, "ppc64"))
            return arches[i].guest;
    }
    return arch;
}

void
vir_qemu_caps_set_arch(VirQemuCaps *caps, const char *arch)
{
    g_autofree char *old = caps->guest_arch;

    g_free(caps->arch);
    caps->arch = g_strdup(vir_qemu_arch(arch));
    caps->guest_arch = g_strdup(vir_qemu_guest_arch(caps->arch));
}

VirQemuCaps *
vir_qemu_caps_new(const char *binary)
{
    VirQemuCaps *caps = g_new0(VirQemuCaps, 1);

    vir_ref_init(&caps->refs);
    caps->binary = g_strdup(binary);
    caps->machines = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_machine_free);
    for (guint i = 0; i < VIR_QEMU_N_ACCELS; i++)
        caps->cpus[i] = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_cpu_free);
    caps->gics = g_array_new(FALSE, FALSE, sizeof(VirQemuGic));
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
    for (guint i = 0; i < VIR_QEMU_N_ACCELS; i++) {
        g_ptr_array_unref(caps->cpus[i]);
        vir_qemu_cpu_model_free(caps->host_cpu[i]);
    }
    g_free(caps->guest_arch);
    g_free(caps->kernel);
    g_array_unref(caps->gics);
    vir_qemu_sev_free(caps->sev);
    vir_qemu_sgx_free(caps->sgx);
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
vir_qemu_caps_derive(VirQemuCaps *caps, GHashTable *facts)
{
    gboolean x86 = g_str_equal(caps->arch, "x86_64") || g_str_equal(caps->arch, "i386");

    for (guint i = 0; i < vir_qemu_n_triggers; i++) {
        if (g_hash_table_contains(facts, vir_qemu_triggers[i].fact))
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
    /* Types that are built in are of no use where the host lacks what they need. */
    if (!caps->sev)
        caps->flags[VIR_QEMU_CAPS_SEV_GUEST] = caps->flags[VIR_QEMU_CAPS_SEV_SNP_GUEST] = FALSE;
    if (!caps->sgx)
        caps->flags[VIR_QEMU_CAPS_SGX_EPC] = FALSE;
}

gboolean
vir_qemu_caps_has_type(const VirQemuCaps *caps, const char *type)
{
    gboolean told = FALSE;

    for (guint i = 0; i < vir_qemu_n_triggers; i++) {
        const char *fact = vir_qemu_triggers[i].fact;

        if (!g_str_has_prefix(fact, "type ") || !g_str_equal(fact + strlen("type "), type))
            continue;
        if (caps->flags[vir_qemu_triggers[i].flag])
            return TRUE;
        told = TRUE;
    }
    return !told;
}

gboolean
vir_qemu_caps_has_gic(const VirQemuCaps *caps, guint version, gboolean kvm)
{
    for (guint i = 0; i < caps->gics->len; i++) {
        const VirQemuGic *gic = &g_array_index(caps->gics, VirQemuGic, i);

        if (gic->version == version && (kvm ? gic->kernel : gic->emulated))
            return TRUE;
    }
    return FALSE;
}

const VirQemuMachine *
vir_qemu_caps_machine(const VirQemuCaps *caps, const char *name)
{
    if (!name)
        return caps->machines->len > 0 ? caps->machines->pdata[0] : NULL;
    for (guint i = 0; i < caps->machines->len; i++) {
        const VirQemuMachine *machine = caps->machines->pdata[i];

        if (g_str_equal(machine->name, name) || !g_strcmp0(machine->alias, name))
            return machine;
    }
    return NULL;
}

char *
vir_qemu_caps_default_cpu(const VirQemuCaps *caps, const char *machine, VirQemuAccel accel)
{
    const VirQemuMachine *found = vir_qemu_caps_machine(caps, machine);
    const GPtrArray *cpus = caps->cpus[accel];
    const char *type = found ? found->default_cpu[accel] : NULL;
    g_autofree char *suffix = g_strdup_printf("-%s-cpu", caps->arch);

    /* A type may have several names; one made of the type itself tells least. */
    for (guint i = 0; type && i < cpus->len; i++) {
        const VirQemuCpu *cpu = cpus->pdata[i];

        if (!g_strcmp0(cpu->type, type))
            return g_strdup(cpu->name);
    }
    /* Else it is one that cannot be asked for by a name. */
    return type && g_str_has_suffix(type, suffix) ? g_strndup(type, strlen(type) - strlen(suffix))
                                                  : NULL;
}
