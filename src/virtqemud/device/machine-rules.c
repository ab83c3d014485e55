/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include "vir-uuid.h"

static gboolean
default_machine(VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(caps, def->os.machine);

    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' has no machine type '%s'", caps->binary,
                             def->os.machine ? def->os.machine : "(default)");
    if (g_strcmp0(def->os.machine, machine->name) != 0) {
        g_free(def->os.machine);
        def->os.machine = g_strdup(machine->name);
    }
    if (!def->os.arch)
        def->os.arch = g_strdup(g_str_equal(caps->arch, "i386") ? "i686" : caps->arch);
    if (!def->devices.emulator)
        def->devices.emulator = g_strdup(caps->binary);
    if (machine->max_cpus && def->vcpus_max > machine->max_cpus)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' has room for %u processors, %u are asked for",
                             machine->name, machine->max_cpus, def->vcpus_max);
    if (def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM && !caps->kvm)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' cannot use KVM on this host; domain type 'qemu' runs "
                             "without it",
                             caps->binary);
    return TRUE;
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
    return TRUE;
}
