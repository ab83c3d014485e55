/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_memballoon(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    if (!devices->memballoon && vir_board(model->def, model->caps).balloon) {
        devices->memballoon = vir_domain_memballoon_new();
        devices->memballoon->model = VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO;
    }
    /* No device has no place. */
    if (devices->memballoon && devices->memballoon->model == VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
        vir_info_clear(&devices->memballoon->info);
    return TRUE;
}

gboolean
vir_check_memballoon(VirModel *model, GError **error)
{
    const VirDomainMemballoon *balloon = model->def->devices.memballoon;

    if (!balloon || balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
        return TRUE;
    if (balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_XEN)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "memballoon: QEMU has no balloon of model 'xen'");
    return (!balloon->autodeflate ||
            vir_model_needs(model, VIR_QEMU_CAPS_VIRTIO_BALLOON_AUTODEFLATE, error,
                            "memballoon/@autodeflate")) &&
           (!balloon->free_page_reporting ||
            vir_model_needs(model, VIR_QEMU_CAPS_VIRTIO_BALLOON_FREE_PAGE_REPORTING, error,
                            "memballoon/@freePageReporting"));
}
