/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-controller.h"
#include "vir-domain-device.h"
#include "vir-domain-net.h"
#include "vir-error.h"

/* Addresses of buses that are no PCI: CCW of s390, VIO of sPAPR, virtio-mmio. */

/* Channel subsystem of virtual devices. */
#define VIRTUAL_CSSID 0xfe
#define LAST_DEVNO 0xffff
#define LAST_SSID 3

static gboolean
is_channel_hostdev(const VirDomainHostdev *hostdev)
{
    return hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST ||
           (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
            hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW);
}

static gboolean
is_virtio_memory(const VirDomainMemoryDevice *memory)
{
    return memory->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM ||
           memory->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM;
}

static gboolean
is_virtio(const VirDomainDevice *at)
{
    switch (at->kind) {
    case VIR_DOMAIN_DEVICE_DISK:
        return at->disk->bus == VIR_DOMAIN_DISK_BUS_VIRTIO;
    case VIR_DOMAIN_DEVICE_INTERFACE:
        return at->interface->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
               vir_domain_net_is_virtio(at->interface);
    case VIR_DOMAIN_DEVICE_SOUND:
        return at->sound->model == VIR_DOMAIN_SOUND_MODEL_VIRTIO;
    case VIR_DOMAIN_DEVICE_HOSTDEV:
        return is_channel_hostdev(at->hostdev);
    case VIR_DOMAIN_DEVICE_VIDEO:
        return at->video->model && at->video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO;
    case VIR_DOMAIN_DEVICE_CONTROLLER:
        return at->controller->type == VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL ||
               vir_domain_controller_is_virtio_scsi(at->controller);
    case VIR_DOMAIN_DEVICE_INPUT:
        return at->input->bus == VIR_DOMAIN_INPUT_BUS_VIRTIO;
    case VIR_DOMAIN_DEVICE_FILESYSTEM:
        return at->filesystem->driver != VIR_DOMAIN_FILESYSTEM_DRIVER_MTP;
    case VIR_DOMAIN_DEVICE_MEMBALLOON:
        return at->memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE &&
               at->memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_XEN;
    case VIR_DOMAIN_DEVICE_MEMORY:
        return is_virtio_memory(at->memory);
    case VIR_DOMAIN_DEVICE_RNG:
    case VIR_DOMAIN_DEVICE_VSOCK:
    case VIR_DOMAIN_DEVICE_CRYPTO:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
add_virtio(const VirDomainDevice *at, void *data, GError **error)
{
    if (is_virtio(at))
        g_ptr_array_add(data, at->info);
    return TRUE;
}

/* Every virtio device, in the order in which places are given. */
static GPtrArray *
virtio_devices(VirDomainDef *def)
{
    GPtrArray *all = g_ptr_array_new();

    vir_domain_each_device(def, add_virtio, all, NULL);
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
            vir_domain_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_CCW);
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
            vir_domain_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_MMIO);
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

/* The first register of its kind; 0 where it is on another bus. */
static guint64
first_register(const VirDomainDevice *at)
{
    switch (at->kind) {
    case VIR_DOMAIN_DEVICE_INTERFACE:
        return g_strcmp0(at->interface->model, "spapr-vlan") == 0 ? VIO_NET : 0;
    case VIR_DOMAIN_DEVICE_CONTROLLER:
        return at->controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
                       at->controller->model == VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI
                   ? VIO_SCSI
                   : 0;
    case VIR_DOMAIN_DEVICE_SERIAL:
        return at->serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL
                   ? VIO_SERIAL
                   : 0;
    case VIR_DOMAIN_DEVICE_NVRAM:
        return VIO_NVRAM;
    case VIR_DOMAIN_DEVICE_TPM:
        return at->tpm->model == VIR_DOMAIN_TPM_MODEL_TPM_SPAPR ? VIO_TPM : 0;
    default:
        return 0;
    }
}

static gboolean
add_vio(const VirDomainDevice *at, void *data, GError **error)
{
    VioDevice device = {at->info, first_register(at)};

    if (device.first > 0 &&
        (!at->info->address || at->info->address->type == VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO))
        g_array_append_val((GArray *)data, device);
    return TRUE;
}

/* In the order in which registers are given. */
static GArray *
vio_devices(VirDomainDef *def)
{
    static const VirDomainDeviceKind order[] = {
        VIR_DOMAIN_DEVICE_INTERFACE, VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_DEVICE_SERIAL,
        VIR_DOMAIN_DEVICE_NVRAM,     VIR_DOMAIN_DEVICE_TPM,
    };
    GArray *all = g_array_new(FALSE, FALSE, sizeof(VioDevice));

    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        vir_domain_each_device_of(def, order[i], add_vio, all, NULL);
    return all;
}

static gboolean
assign_vio(GHashTable *taken, const VioDevice *device, GError **error)
{
    VirDomainAddress *address = device->info->address;

    if (!address)
        address = vir_domain_info_new_address(device->info, VIR_DOMAIN_ADDRESS_TYPE_SPAPR_VIO);
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
