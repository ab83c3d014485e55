/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include "vir-uuid.h"

/* Guests that an emulator runs, besides those of its own architecture. */
static const struct {
    const char *emulator;
    const char *guest;
} related[] = {
    {"x86_64", "i686"},   {"i386", "i686"},  {"aarch64", "armv7l"}, {"arm", "armv7l"},
    {"armv7l", "armv6l"}, {"arm", "armv6l"}, {"ppc64", "ppc64le"},
};

/* The architecture of guests that @caps is named for. */
static const char *
native_arch(const VirQemuCaps *caps)
{
    if (g_str_equal(caps->arch, "i386"))
        return "i686";
    return g_str_equal(caps->arch, "arm") ? "armv7l" : caps->arch;
}

static gboolean
check_arch(const VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    if (g_str_equal(def->os.arch, caps->arch))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(related); i++) {
        if (g_str_equal(related[i].emulator, caps->arch) &&
            g_str_equal(related[i].guest, def->os.arch))
            return TRUE;
    }
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "emulator '%s' runs guests of architecture '%s', not '%s'", caps->binary,
                         native_arch(caps), def->os.arch);
}

static gboolean
check_virt_type(const VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    switch (def->virt_type) {
    case VIR_DOMAIN_VIRT_TYPE_QEMU:
        return TRUE;
    case VIR_DOMAIN_VIRT_TYPE_KVM:
        return caps->kvm || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                          "emulator '%s' cannot use KVM on this host; domain "
                                          "type 'qemu' runs without it",
                                          caps->binary);
    case VIR_DOMAIN_VIRT_TYPE_HVF:
        return vir_qemu_caps_has(caps, VIR_QEMU_CAPS_HVF) ||
               vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' has no Hypervisor.framework; domain type 'qemu' runs "
                             "without it",
                             caps->binary);
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain type '%s' is not one of QEMU; 'kvm' and 'qemu' are",
                             vir_domain_virt_type_to_string(def->virt_type));
    }
}

static gboolean
default_machine(VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    const VirQemuMachine *machine;

    if (def->os.type != VIR_DOMAIN_OS_TYPE_HVM)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/os/type: QEMU runs guests of type 'hvm', not '%s'",
                             vir_domain_os_type_to_string(def->os.type));
    if (!def->os.arch)
        def->os.arch = g_strdup(native_arch(caps));
    if (!check_arch(def, caps, error))
        return FALSE;
    machine = vir_qemu_caps_machine(caps, def->os.machine);
    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             def->os.machine ? "emulator '%s' has no machine type '%s'"
                                             : "emulator '%s' has no machine type of its own "
                                               "choice; name one in /domain/os/type/@machine",
                             caps->binary, def->os.machine);
    if (g_strcmp0(def->os.machine, machine->name) != 0) {
        g_free(def->os.machine);
        def->os.machine = g_strdup(machine->name);
    }
    if (!def->devices.emulator)
        def->devices.emulator = g_strdup(caps->binary);
    if (machine->max_cpus && def->vcpus_max > machine->max_cpus)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' has room for %u processors, %u are asked for",
                             machine->name, machine->max_cpus, def->vcpus_max);
    return check_virt_type(def, caps, error);
}

/*
 * Every "virt" of ARM has an interrupt controller. KVM plays those of its host; emulated, version 2
 * is the one that all guests know.
 */
static void
default_gic(VirDomainDef *def, const VirQemuCaps *caps)
{
    VirDomainFeatures *features = &def->features;

    if (features->gic || !(features->gic_present || vir_def_is_arm_virt(def)))
        return;
    features->gic_present = TRUE;
    features->gic = VIR_DOMAIN_FEATURES_GIC_2;
    if (def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM && vir_qemu_caps_has_gic(caps, 3, TRUE))
        features->gic = VIR_DOMAIN_FEATURES_GIC_3;
}

gboolean
vir_complete_machine(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    if (!default_machine(def, model->caps, error))
        return FALSE;
    if (!def->has_uuid) {
        model->env->random(def->uuid, VIR_UUID_LEN);
        vir_uuid_stamp(def->uuid);
        def->has_uuid = TRUE;
    }
    if (def->genid && !def->genid->has_uuid) {
        model->env->random(def->genid->uuid, VIR_UUID_LEN);
        vir_uuid_stamp(def->genid->uuid);
        def->genid->has_uuid = TRUE;
    }
    default_gic(def, model->caps);
    return TRUE;
}
