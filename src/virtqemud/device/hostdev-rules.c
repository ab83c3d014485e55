/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-hostdev.h"
#include "vir-error.h"

#define UNSUPPORTED VIR_ERR_CONFIG_UNSUPPORTED

static void
complete_vsock(VirDomainVsock *vsock)
{
    if (!vsock)
        return;
    if (vsock->model == VIR_DOMAIN_VIRTIO_MODEL_UNSET)
        vsock->model = VIR_DOMAIN_VIRTIO_MODEL_VIRTIO;
    if (!vsock->cid_auto)
        vsock->cid_auto = vsock->has_cid ? VIR_TRISTATE_NO : VIR_TRISTATE_YES;
}

gboolean
vir_complete_hostdevs(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_hostdevs; i++) {
        VirDomainHostdev *hostdev = devices->hostdevs[i];

        vir_domain_hostdev_complete(hostdev);
        if (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
            hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VFIO_PCI && !hostdev->display)
            hostdev->display = VIR_TRISTATE_OFF;
    }
    complete_vsock(devices->vsock);
    return TRUE;
}

/* ---- places of SCSI devices ---- */

#define SCSI_UNITS 16
#define SCSI_ADAPTER 7 /* the unit that an adapter itself has on a wide bus */
#define MAX_CONTROLLERS 256

static gboolean
is_at(const VirDomainAddress *address, guint controller, guint unit)
{
    return address && address->type == VIR_DOMAIN_ADDRESS_TYPE_DRIVE &&
           address->controller == controller && !address->bus && !address->target &&
           address->unit == unit;
}

static gboolean
is_taken(const VirDomainDevices *devices, guint controller, guint unit)
{
    for (guint i = 0; i < devices->n_disks; i++) {
        if (devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_SCSI &&
            is_at(devices->disks[i]->info.address, controller, unit))
            return TRUE;
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (devices->hostdevs[i]->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI &&
            is_at(devices->hostdevs[i]->info.address, controller, unit))
            return TRUE;
    }
    return unit == SCSI_ADAPTER;
}

static gboolean
assign_drive(const VirDomainDevices *devices, VirDomainHostdev *hostdev, GError **error)
{
    for (guint n = 0; n < MAX_CONTROLLERS * SCSI_UNITS; n++) {
        VirDomainAddress *address;

        if (is_taken(devices, n / SCSI_UNITS, n % SCSI_UNITS))
            continue;
        address = vir_domain_info_new_address(&hostdev->info, VIR_DOMAIN_ADDRESS_TYPE_DRIVE);
        address->controller = n / SCSI_UNITS;
        address->unit = n % SCSI_UNITS;
        return TRUE;
    }
    return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                     "no SCSI controller has a place left for it");
}

/* Controllers up to that of an address. */
static gboolean
need_controllers(const VirModel *model, const VirDomainHostdev *hostdev, guint index,
                 GError **error)
{
    if (index >= MAX_CONTROLLERS)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "there cannot be a controller %u", index);
    for (guint c = 0; c <= index; c++) {
        if (!vir_domain_controller_find(model->def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, c))
            vir_domain_controller_add(model->def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, c,
                                      vir_default_scsi_model(model));
    }
    return TRUE;
}

gboolean
vir_complete_hostdev_controllers(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_hostdevs; i++) {
        const VirDomainHostdev *hostdev = devices->hostdevs[i];
        const VirDomainAddress *address = hostdev->info.address;

        if (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI &&
            (!address || address->type == VIR_DOMAIN_ADDRESS_TYPE_DRIVE) &&
            !need_controllers(model, hostdev, address ? address->controller : 0, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_complete_hostdev_drives(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    for (guint i = 0; i < def->devices.n_hostdevs; i++) {
        VirDomainHostdev *hostdev = def->devices.hostdevs[i];
        const VirDomainAddress *address;

        if (hostdev->source_address.kind != VIR_DOMAIN_HOSTDEV_TYPE_SCSI)
            continue;
        if (!hostdev->info.address && !assign_drive(&def->devices, hostdev, error))
            return FALSE;
        address = hostdev->info.address;
        if (address->type == VIR_DOMAIN_ADDRESS_TYPE_DRIVE &&
            !need_controllers(model, hostdev, address->controller, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- checks ---- */

static gboolean
check_pci(const VirModel *model, const VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->driver && hostdev->driver != VIR_DOMAIN_HOSTDEV_DRIVER_VFIO)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "QEMU has VFIO only, not <driver name='%s'/>",
                                         vir_domain_hostdev_driver_to_string(hostdev->driver));
    if (hostdev->driver_iommufd == VIR_TRISTATE_YES)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "<driver iommufd='yes'/> is not supported yet");
    if (hostdev->source_write_filtering)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error, "QEMU has no writeFiltering");
    return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VFIO_PCI) ||
           vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                     "emulator '%s' has no device vfio-pci", model->caps->binary);
}

static gboolean
check_mdev(const VirModel *model, const VirDomainHostdev *hostdev, GError **error)
{
    static const struct {
        int model;
        VirQemuCapsFlag flag;
    } models[] = {
        {VIR_DOMAIN_HOSTDEV_MODEL_VFIO_PCI, VIR_QEMU_CAPS_DEVICE_VFIO_PCI},
        {VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW, VIR_QEMU_CAPS_DEVICE_VFIO_CCW},
        {VIR_DOMAIN_HOSTDEV_MODEL_VFIO_AP, VIR_QEMU_CAPS_DEVICE_VFIO_AP},
    };
    const char *name = vir_domain_hostdev_model_to_string(hostdev->model);

    if (hostdev->has_boot_order && hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "the guest cannot boot from model %s", name);

    for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
        if (models[i].model != hostdev->model)
            continue;
        return vir_qemu_caps_has(model->caps, models[i].flag) ||
               vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "emulator '%s' has no device %s", model->caps->binary,
                                         name);
    }
    return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error, "a mediated device is no '%s'",
                                     name);
}

static gboolean
check_usb(const VirModel *model, const VirDomainHostdev *hostdev, GError **error)
{
    return !hostdev->source_guest_reset ||
           vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_USB_HOST_GUESTS_RESETS_ALL) ||
           vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error, "emulator '%s' has no guestReset",
                                     model->caps->binary);
}

static gboolean
check_scsi_host(const VirModel *model, const VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->has_boot_order)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "the guest cannot boot from vhost SCSI");
    return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VHOST_SCSI) ||
           vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                     "emulator '%s' has no device vhost-scsi", model->caps->binary);
}

/* What the guest is shown needs a display to be seen on. */
static gboolean
check_display(const VirDomainDef *def, const VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->display == VIR_TRISTATE_ON && def->devices.n_graphics == 0)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "display='on' needs a <graphics> device");
    return TRUE;
}

static gboolean
check_hostdev(const VirModel *model, const VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->mode == VIR_DOMAIN_HOSTDEV_MODE_CAPABILITIES)
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "QEMU guests have no <hostdev mode='capabilities'>");
    if (!vir_domain_hostdev_check(hostdev, error) || !check_display(model->def, hostdev, error))
        return FALSE;
    switch (hostdev->source_address.kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_PCI:
        return check_pci(model, hostdev, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        return check_usb(model, hostdev, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return check_mdev(model, hostdev, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST:
        return check_scsi_host(model, hostdev, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI:
        return vir_check_drive(model, VIR_DOMAIN_DISK_BUS_SCSI, hostdev->info.address, error);
    default:
        return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                         "QEMU guests have no such devices");
    }
}

static const VirDomainAddress *
drive_of(const VirDomainHostdev *hostdev)
{
    const VirDomainAddress *address = hostdev->info.address;

    return hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI && address &&
                   address->type == VIR_DOMAIN_ADDRESS_TYPE_DRIVE
               ? address
               : NULL;
}

static char *
place_text(const VirDomainAddress *at)
{
    return g_strdup_printf("%u:%u:%u of controller %u", at->bus, at->target, at->unit,
                           at->controller);
}

/** Disks and devices of the host share the places on SCSI controllers. */
static gboolean
check_places(const VirDomainDevices *devices, GError **error)
{
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < devices->n_disks; i++) {
        VirDomainDisk *disk = devices->disks[i];

        if (disk->bus == VIR_DOMAIN_DISK_BUS_SCSI && disk->info.address &&
            disk->info.address->type == VIR_DOMAIN_ADDRESS_TYPE_DRIVE)
            g_hash_table_insert(taken, place_text(disk->info.address), disk->target);
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        const VirDomainAddress *address = drive_of(devices->hostdevs[i]);
        g_autofree char *place = address ? place_text(address) : NULL;
        const char *disk;

        if (!place)
            continue;
        disk = g_hash_table_lookup(taken, place);
        if (g_hash_table_contains(taken, place))
            return vir_domain_hostdev_refuse(
                devices->hostdevs[i], UNSUPPORTED, error, "%s%s%s is at %s",
                disk ? "disk '" : "another SCSI device", disk ? disk : "", disk ? "'" : "", place);
        g_hash_table_insert(taken, g_steal_pointer(&place), NULL);
    }
    return TRUE;
}

static gboolean
check_vsock(const VirModel *model, const VirDomainVsock *vsock, GError **error)
{
    if (vsock->cid_auto == VIR_TRISTATE_NO && !vsock->has_cid)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "<vsock>: with auto='no' <cid> needs an address, the guest's number");
    return vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VHOST_VSOCK) ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "<vsock>: emulator '%s' has no device vhost-vsock", model->caps->binary);
}

gboolean
vir_check_hostdevs(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;
    const VirDomainHostdev *adapters = NULL;

    for (guint i = 0; i < devices->n_hostdevs; i++) {
        const VirDomainHostdev *hostdev = devices->hostdevs[i];

        if (!check_hostdev(model, hostdev, error))
            return FALSE;
        if (hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_VFIO_AP)
            continue;
        if (adapters)
            return vir_domain_hostdev_refuse(hostdev, UNSUPPORTED, error,
                                             "a guest has one device of model vfio-ap at most");
        adapters = hostdev;
    }
    if (devices->vsock && !check_vsock(model, devices->vsock, error))
        return FALSE;
    return check_places(devices, error) && vir_domain_hostdevs_check_twice(model->def, error);
}

/* ---- a start ---- */

gboolean
vir_prepare_hostdevs(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        VirDomainHostdev hostdev = vir_domain_hostdev_of_interface(devices->interfaces[i]);

        if (hostdev.source_address.kind && !model->env->take_hostdev(model->env, &hostdev, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (!model->env->take_hostdev(model->env, devices->hostdevs[i], error))
            return FALSE;
    }
    return TRUE;
}
