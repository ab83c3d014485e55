/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"

#include "vir-error.h"

/* Addresses of buses that are no PCI: CCW of s390, VIO of sPAPR, virtio-mmio. */

/* Channel subsystem of virtual devices. */
#define VIRTUAL_CSSID 0xfe
#define LAST_DEVNO 0xffff
#define LAST_SSID 3

#define ADD_ALL(all, list, condition)                                                              \
    for (guint i = 0; i < devices->n_##list; i++) {                                                \
        const typeof(*devices->list[0]) *it = devices->list[i];                                    \
        if (condition)                                                                             \
            g_ptr_array_add(all, &devices->list[i]->info);                                         \
    }

static gboolean
is_virtio_controller(const VirDomainController *controller)
{
    switch (controller->type) {
    case VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL:
        return TRUE;
    case VIR_DOMAIN_CONTROLLER_TYPE_SCSI:
        return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI ||
               controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL ||
               controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL;
    default:
        return FALSE;
    }
}

static gboolean
is_channel_hostdev(const VirDomainHostdev *hostdev)
{
    return hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST ||
           (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
            hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW);
}

/* Every virtio device, in the order in which places are given. */
static GPtrArray *
virtio_devices(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainMemballoon *balloon = devices->memballoon;
    GPtrArray *all = g_ptr_array_new();

    ADD_ALL(all, disks, it->bus == VIR_DOMAIN_DISK_BUS_VIRTIO);
    ADD_ALL(all, interfaces,
            it->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV && it->model &&
                g_str_has_prefix(it->model, "virtio"));
    ADD_ALL(all, sounds, it->model == VIR_DOMAIN_SOUND_MODEL_VIRTIO);
    ADD_ALL(all, hostdevs, is_channel_hostdev(it));
    ADD_ALL(all, videos, it->model && it->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO);
    ADD_ALL(all, controllers, is_virtio_controller(it));
    ADD_ALL(all, inputs, it->bus == VIR_DOMAIN_INPUT_BUS_VIRTIO);
    ADD_ALL(all, filesystems, it->driver != VIR_DOMAIN_FILESYSTEM_DRIVER_MTP);
    if (balloon && balloon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE &&
        balloon->model != VIR_DOMAIN_MEMBALLOON_MODEL_XEN)
        g_ptr_array_add(all, &balloon->info);
    ADD_ALL(all, rngs, it != NULL);
    ADD_ALL(all, memories,
            it->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM ||
                it->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM);
    if (devices->vsock)
        g_ptr_array_add(all, &devices->vsock->info);
    ADD_ALL(all, cryptos, it != NULL);
    return all;
}

static gboolean
is_ccw(const VirDomainDeviceInfo *info)
{
    return info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_CCW;
}

static guint
ccw_key(const VirDomainAddress *address)
{
    return (guint)address->cssid << 24 | (guint)address->ssid << 16 | address->devno;
}

static gboolean
take_ccw(GHashTable *taken, const VirDomainDeviceInfo *info, GError **error)
{
    const VirDomainAddress *address = info->address;

    if (!address->has_cssid && !address->has_ssid && !address->has_devno)
        return TRUE;
    if (!address->has_cssid || !address->has_ssid || !address->has_devno)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a CCW address has cssid, ssid and devno, or none of them");
    if (!g_hash_table_add(taken, GUINT_TO_POINTER(ccw_key(address))))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "two devices have the CCW address %x.%x.%04x", address->cssid,
                             address->ssid, address->devno);
    return TRUE;
}

static gboolean
assign_ccw(GHashTable *taken, VirDomainAddress *address, GError **error)
{
    if (address->has_devno)
        return TRUE;
    address->cssid = VIRTUAL_CSSID;
    address->has_cssid = address->has_ssid = address->has_devno = TRUE;
    for (guint ssid = 0; ssid <= LAST_SSID; ssid++) {
        for (guint devno = 0; devno <= LAST_DEVNO; devno++) {
            address->ssid = (guint8)ssid;
            address->devno = (guint16)devno;
            if (g_hash_table_add(taken, GUINT_TO_POINTER(ccw_key(address))))
                return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR, "no CCW address is left");
}

gboolean
vir_complete_ccw(VirModel *model, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GHashTable) taken = NULL;

    if (!vir_def_is_s390(model->def))
        return TRUE;
    all = virtio_devices(model->def);
    taken = g_hash_table_new(NULL, NULL);
    /* It needs no place of its own; where it was given one, nothing else is put there. */
    for (guint i = 0; i < model->def->devices.n_consoles; i++) {
        const VirDomainDeviceInfo *info = &model->def->devices.consoles[i]->info;

        if (is_ccw(info) && !take_ccw(taken, info, error))
            return FALSE;
    }
    for (guint i = 0; i < all->len; i++) {
        VirDomainDeviceInfo *info = all->pdata[i];

        if (!info->address)
            vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_CCW);
        if (is_ccw(info) && !take_ccw(taken, info, error))
            return FALSE;
    }
    for (guint i = 0; i < all->len; i++) {
        const VirDomainDeviceInfo *info = all->pdata[i];

        if (is_ccw(info) && !assign_ccw(taken, info->address, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
has_mmio(const GPtrArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const VirDomainDeviceInfo *info = all->pdata[i];

        if (info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_MMIO)
            return TRUE;
    }
    return FALSE;
}

gboolean
vir_complete_virtio_mmio(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(GPtrArray) all = NULL;

    if (!vir_def_is_virt(def) &&
        !(vir_def_is_arm(def) && g_str_has_prefix(def->os.machine, "vexpress-")))
        return TRUE;
    all = virtio_devices(def);
    /* Where there is PCI, it is used unless the user began otherwise. */
    if (vir_board(def, model->caps).pci_root && !has_mmio(all))
        return TRUE;
    for (guint i = 0; i < all->len; i++) {
        VirDomainDeviceInfo *info = all->pdata[i];

        if (!info->address)
            vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_MMIO);
    }
    return TRUE;
}

/* ---- VIO of sPAPR ---- */

#define VIO_NET 0x1000
#define VIO_SCSI 0x2000
#define VIO_NVRAM 0x3000
#define VIO_TPM 0x4000
#define VIO_SERIAL 0x30000000
#define VIO_STEP 0x1000
#define VIO_LAST 0xffffffff

typedef struct {
    VirDomainDeviceInfo *info;
    guint64 first;
} VioDevice;

static void
add_vio(GArray *all, VirDomainDeviceInfo *info, guint64 first)
{
    VioDevice device = {info, first};

    if (!info->address || info->address->type == VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO)
        g_array_append_val(all, device);
}

/* In the order in which registers are given. */
static GArray *
vio_devices(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(VioDevice));

    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (!g_strcmp0(devices->interfaces[i]->model, "spapr-vlan"))
            add_vio(all, &devices->interfaces[i]->info, VIO_NET);
    }
    for (guint i = 0; i < devices->n_controllers; i++) {
        if (devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
            devices->controllers[i]->model == VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI)
            add_vio(all, &devices->controllers[i]->info, VIO_SCSI);
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        if (devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL)
            add_vio(all, &devices->serials[i]->info, VIO_SERIAL);
    }
    if (devices->nvram)
        add_vio(all, &devices->nvram->info, VIO_NVRAM);
    for (guint i = 0; i < devices->n_tpms; i++) {
        if (devices->tpms[i]->model == VIR_DOMAIN_TPM_MODEL_TPM_SPAPR)
            add_vio(all, &devices->tpms[i]->info, VIO_TPM);
    }
    return all;
}

static gboolean
assign_vio(GHashTable *taken, const VioDevice *device, GError **error)
{
    VirDomainAddress *address = device->info->address;

    if (!address)
        address = vir_info_new_address(device->info, VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO);
    if (address->has_reg)
        return TRUE;
    for (guint64 reg = device->first; reg <= VIO_LAST; reg += VIO_STEP) {
        if (g_hash_table_add(taken, GSIZE_TO_POINTER(reg))) {
            address->reg = reg;
            address->has_reg = TRUE;
            return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR, "no VIO register is left");
}

gboolean
vir_complete_vio(VirModel *model, GError **error)
{
    g_autoptr(GArray) all = NULL;
    g_autoptr(GHashTable) taken = NULL;

    if (!vir_def_is_pseries(model->def))
        return TRUE;
    all = vio_devices(model->def);
    taken = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < all->len; i++) {
        const VirDomainAddress *address = g_array_index(all, VioDevice, i).info->address;

        if (!address || !address->has_reg)
            continue;
        if (address->reg > VIO_LAST)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "VIO register 0x%" G_GINT64_MODIFIER
                                 "x: the bus has registers up to 0x%x",
                                 address->reg, (guint)VIO_LAST);
        if (!g_hash_table_add(taken, GSIZE_TO_POINTER(address->reg)))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "two devices have the VIO register 0x%" G_GINT64_MODIFIER "x",
                                 address->reg);
    }
    for (guint i = 0; i < all->len; i++) {
        if (!assign_vio(taken, &g_array_index(all, VioDevice, i), error))
            return FALSE;
    }
    return TRUE;
}
