/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-model.h"

static gboolean
check_document(VirModel *model, GError **error)
{
    return vir_domain_document_check(model->def, error);
}

/*
 * Each array is taken in its order: a step may count on what those before it filled in. A step has
 * a line of its own, so that whoever adds one touches no other.
 */
/* clang-format off */
static const VirModelStep defaults[] = {
    check_document,
    vir_complete_machine,
    vir_complete_devices,
    vir_complete_firmware,
    vir_complete_labels,
    vir_complete_memory,
    vir_complete_boot,
    vir_complete_sysinfo,
    vir_complete_clock,
    vir_complete_vcpus,
    vir_complete_cpu,
    vir_complete_iommu,
    vir_complete_disks,
    vir_complete_filesystems,
    vir_complete_controllers,
    vir_complete_interfaces,
    vir_complete_hostdevs,
    vir_complete_chardevs,
    vir_complete_inputs,
    vir_complete_tpms,
    vir_complete_graphics,
    vir_complete_videos,
    vir_complete_audio,
    vir_complete_sounds,
    vir_complete_redirdevs,
    vir_complete_memballoon,
    vir_complete_rngs,
    vir_complete_panics,
    vir_complete_shmems,
    vir_complete_watchdogs,
    vir_complete_pstore,
};

static const VirModelStep addresses[] = {
    vir_complete_slots,
    vir_complete_drives,
    vir_complete_virtio_serial,
    vir_complete_smartcards,
    vir_complete_hostdev_drives,
    vir_complete_ccw,
    vir_complete_vio,
    vir_complete_virtio_mmio,
    vir_complete_pci,
    vir_complete_console_address,
};

/* What the parts of a complete definition ask of each other, of QEMU and of the host. */
static const VirModelStep checks[] = {
    vir_check_addresses,
    vir_check_memory,
    vir_check_firmware,
    vir_check_controllers,
    vir_check_features,
    vir_check_lifecycle,
    vir_check_boot,
    vir_check_sysinfo,
    vir_check_cpu,
    vir_check_vcpus,
    vir_check_iothreads,
    vir_check_clock,
    vir_check_interfaces,
    vir_check_panics,
    vir_check_nvram,
    vir_check_override,
    vir_check_hostdevs,
    vir_check_disks,
    vir_check_filesystems,
    vir_check_usb,
    vir_check_iommu,
    vir_check_chardevs,
    vir_check_smartcards,
    vir_check_tpms,
    vir_check_inputs,
    vir_check_graphics,
    vir_check_videos,
    vir_check_audio,
    vir_check_sounds,
    vir_check_watchdogs,
    vir_check_redirdevs,
    vir_check_memballoon,
    vir_check_rngs,
    vir_check_shmems,
    vir_check_cryptos,
    vir_check_pstore,
};

/* A guest that is defined anew keeps these places; an older one gets them at each start. */
static const VirModelStep placements[] = {
    vir_prepare_usb,
    vir_complete_console_address,
};

static const VirModelStep preparations[] = {
    vir_prepare_labels,
    vir_prepare_memory,
    vir_prepare_firmware,
    vir_prepare_cpu,
    vir_prepare_interfaces,
    vir_prepare_hostdevs,
    vir_prepare_serials,
    vir_prepare_usb,
    vir_prepare_aliases,
    vir_prepare_disks,
};
/* clang-format on */

static gboolean
take_steps(VirModel *model, const VirModelStep *steps, gsize n, GError **error)
{
    for (gsize i = 0; i < n; i++) {
        if (!steps[i](model, error)) {
            g_prefix_error(error, "domain '%s': ", model->def->name);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean
vir_device_complete(const VirModel *model, GError **error)
{
    VirModel pass = *model;

    return take_steps(&pass, defaults, G_N_ELEMENTS(defaults), error) &&
           take_steps(&pass, addresses, G_N_ELEMENTS(addresses), error) &&
           take_steps(&pass, checks, G_N_ELEMENTS(checks), error) &&
           (!(model->flags & VIR_MODEL_ABI_UPDATE) ||
            take_steps(&pass, placements, G_N_ELEMENTS(placements), error));
}

gboolean
vir_device_prepare(const VirModel *model, GError **error)
{
    VirModel pass = *model;

    return take_steps(&pass, preparations, G_N_ELEMENTS(preparations), error);
}
