/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-device.h"
#include "vir-error.h"

gboolean
vir_complete_devices(VirModel *model, GError **error)
{
    vir_domain_devices_complete(model->def);
    return TRUE;
}

/* What no board, or only another one, has an address of. */
static gboolean
check_address(const VirDomainDevice *device, void *data, GError **error)
{
    const VirDomainDef *def = data;
    const VirDomainDeviceInfo *info = device->info;
    int type = info->address ? info->address->type : VIR_DOMAIN_ADDRESS_TYPE_UNSET;

    switch (type) {
    case VIR_DOMAIN_ADDRESS_TYPE_CCW:
        if (vir_def_is_s390(def))
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s[%u]: machine type '%s' has no CCW addresses, they are of s390",
                             device->element, device->index + 1, def->os.machine);
    case VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_S390:
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s[%u]: QEMU has no bus 'virtio-s390' any more; addresses of s390 "
                             "are of type 'ccw'",
                             device->element, device->index + 1);
    case VIR_DOMAIN_ADDRESS_TYPE_UNASSIGNED:
        if (device->kind == VIR_DOMAIN_DEVICE_HOSTDEV ||
            device->kind == VIR_DOMAIN_DEVICE_INTERFACE)
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s[%u]: only devices of the host can be kept from the guest with an "
                             "address of type 'unassigned'",
                             device->element, device->index + 1);
    default:
        break;
    }
    if (info->has_acpi_index && type != VIR_DOMAIN_ADDRESS_TYPE_PCI &&
        type != VIR_DOMAIN_ADDRESS_TYPE_UNSET)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s[%u]: only devices on PCI have an <acpi index=…>", device->element,
                             device->index + 1);
    return TRUE;
}

gboolean
vir_check_addresses(VirModel *model, GError **error)
{
    return vir_domain_each_device(model->def, check_address, model->def, error);
}
