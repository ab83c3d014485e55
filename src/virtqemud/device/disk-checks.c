/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-chain.h"
#include "vir-error.h"

gboolean
vir_check_disks(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_disks; i++) {
        const VirDomainDisk *disk = model->def->devices.disks[i];

        if (vir_disk_is_empty(disk) && disk->device != VIR_DOMAIN_DISK_DEVICE_CDROM &&
            disk->device != VIR_DOMAIN_DISK_DEVICE_FLOPPY)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s' has no source", disk->target);
    }
    return TRUE;
}
