/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

static void
default_boot(VirDomainDef *def)
{
    VirDomainBootDevice *boot;

    if (def->os.bootmenu_enable != VIR_TRISTATE_YES)
        def->os.has_bootmenu_timeout = FALSE;
    if (def->os.n_boot_devices > 0)
        return;
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (def->devices.disks[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        if (def->devices.interfaces[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_hostdevs; i++) {
        if (def->devices.hostdevs[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_redirdevs; i++) {
        if (def->devices.redirdevs[i]->has_boot_order)
            return;
    }
    boot = vir_domain_boot_device_new();
    boot->dev = VIR_DOMAIN_BOOT_DEVICE_DEV_HD;
    vir_xml_append(&def->os, boot_devices, boot);
}

gboolean
vir_complete_boot(VirModel *model, GError **error)
{
    default_boot(model->def);
    return TRUE;
}
