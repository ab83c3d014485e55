/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-device.h"
#include "vir-domain-net.h"
#include "vir-error.h"

gboolean
vir_complete_devices(VirModel *model, GError **error)
{
    vir_domain_devices_complete(model->def);
    return TRUE;
}

#define BIT(type) (1u << VIR_DOMAIN_ADDRESS_TYPE_##type)

/* Kinds of addresses: those of a device that virtio carries, … */
#define VIRTIO (BIT(PCI) | BIT(CCW) | BIT(VIRTIO_MMIO))
/* … that has no place of its own to choose, so that whatever the document says is passed over, … */
#define ANY (VIRTIO | BIT(DRIVE) | BIT(CCID) | BIT(USB) | BIT(SPAPR_VIO) | BIT(ISA) | BIT(DIMM))
/* … and that is a part of its board, or of the processor. */
#define NONE 0u

/* What a network card is on; its model is a name. */
enum {
    NET_CARD,
    NET_VIRTIO,
    NET_USB,
    NET_VIO,
    NET_BOARD,
    NET_HOST,
};

/* Of a row: whatever the type or model is. */
#define EVERY (-1)

/* The addresses that devices of a kind can have; the first row that fits counts. */
typedef struct {
    VirDomainDeviceKind kind;
    int type; /* what it is told from others by: bus, type or driver; else its model */
    int model;
    guint addresses;
} Place;

/* clang-format off */
static const Place places[] = {
    {VIR_DOMAIN_DEVICE_DISK, VIR_DOMAIN_DISK_BUS_VIRTIO, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_DISK, VIR_DOMAIN_DISK_BUS_USB, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_DISK, VIR_DOMAIN_DISK_BUS_SD, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_DISK, EVERY, EVERY, BIT(DRIVE)},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_HOST, EVERY,
     BIT(PCI) | BIT(USB) | BIT(UNASSIGNED)},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_VIRTIO, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_USB, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_VIO, EVERY, BIT(SPAPR_VIO)},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_BOARD, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_INTERFACE, NET_CARD, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_SOUND, VIR_DOMAIN_SOUND_MODEL_VIRTIO, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_SOUND, VIR_DOMAIN_SOUND_MODEL_SB16, EVERY, BIT(ISA)},
    {VIR_DOMAIN_DEVICE_SOUND, VIR_DOMAIN_SOUND_MODEL_USB, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_SOUND, VIR_DOMAIN_SOUND_MODEL_PCSPK, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_SOUND, EVERY, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_USB, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_PCI, EVERY, BIT(PCI) | BIT(UNASSIGNED)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_SCSI, EVERY, BIT(DRIVE)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST, EVERY, BIT(PCI) | BIT(CCW)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_MDEV, VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW,
     BIT(CCW)},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_MDEV, VIR_DOMAIN_HOSTDEV_MODEL_VFIO_AP,
     NONE},
    {VIR_DOMAIN_DEVICE_HOSTDEV, VIR_DOMAIN_HOSTDEV_TYPE_MDEV, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_VIDEO, VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_VIDEO, VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_VIDEO, VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_VIDEO, EVERY, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_SCSI,
     VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI, VIRTIO},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_SCSI,
     VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL, VIRTIO},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_SCSI,
     VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL, VIRTIO},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_SCSI,
     VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI, BIT(SPAPR_VIO)},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_CCID, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_FDC, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_ISA, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_CONTROLLER, VIR_DOMAIN_CONTROLLER_TYPE_XENBUS, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_CONTROLLER, EVERY, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_SMARTCARD, EVERY, EVERY, BIT(CCID)},
    {VIR_DOMAIN_DEVICE_SERIAL, VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL, EVERY, BIT(ISA)},
    {VIR_DOMAIN_DEVICE_SERIAL, VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG, EVERY, BIT(ISA)},
    {VIR_DOMAIN_DEVICE_SERIAL, VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_SERIAL, VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_SERIAL, VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL, EVERY,
     BIT(SPAPR_VIO)},
    {VIR_DOMAIN_DEVICE_SERIAL, EVERY, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_PARALLEL, EVERY, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_CHANNEL, VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO, EVERY, BIT(VIRTIO_SERIAL)},
    {VIR_DOMAIN_DEVICE_CHANNEL, EVERY, EVERY, ANY},
    /* Documents of s390 gave the console the place of its controller. */
    {VIR_DOMAIN_DEVICE_CONSOLE, VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO, EVERY,
     BIT(VIRTIO_SERIAL) | BIT(CCW)},
    {VIR_DOMAIN_DEVICE_CONSOLE, EVERY, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_INPUT, VIR_DOMAIN_INPUT_BUS_VIRTIO, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_INPUT, VIR_DOMAIN_INPUT_BUS_USB, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_INPUT, EVERY, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_FILESYSTEM, VIR_DOMAIN_FILESYSTEM_DRIVER_MTP, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_FILESYSTEM, EVERY, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_TPM, VIR_DOMAIN_TPM_MODEL_TPM_SPAPR, EVERY, BIT(SPAPR_VIO)},
    {VIR_DOMAIN_DEVICE_TPM, VIR_DOMAIN_TPM_MODEL_TPM_TIS, EVERY, BIT(ISA)},
    {VIR_DOMAIN_DEVICE_TPM, EVERY, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_MEMBALLOON, VIR_DOMAIN_MEMBALLOON_MODEL_NONE, EVERY, ANY},
    {VIR_DOMAIN_DEVICE_MEMBALLOON, EVERY, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_WATCHDOG, VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_WATCHDOG, EVERY, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_NVRAM, EVERY, EVERY, BIT(SPAPR_VIO)},
    {VIR_DOMAIN_DEVICE_HUB, EVERY, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_REDIRDEV, EVERY, EVERY, BIT(USB)},
    {VIR_DOMAIN_DEVICE_RNG, EVERY, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_SHMEM, EVERY, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_MEMORY, VIR_DOMAIN_MEMORY_DEVICE_MODEL_DIMM, EVERY, BIT(DIMM)},
    {VIR_DOMAIN_DEVICE_MEMORY, VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM, EVERY, BIT(DIMM)},
    {VIR_DOMAIN_DEVICE_MEMORY, VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_MEMORY, EVERY, EVERY, BIT(PCI) | BIT(CCW)},
    {VIR_DOMAIN_DEVICE_PANIC, VIR_DOMAIN_PANIC_MODEL_ISA, EVERY, BIT(ISA)},
    {VIR_DOMAIN_DEVICE_PANIC, VIR_DOMAIN_PANIC_MODEL_PVPANIC, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_PANIC, EVERY, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_IOMMU, VIR_DOMAIN_IOMMU_MODEL_VIRTIO, EVERY, BIT(PCI)},
    {VIR_DOMAIN_DEVICE_IOMMU, EVERY, EVERY, NONE},
    {VIR_DOMAIN_DEVICE_VSOCK, EVERY, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_CRYPTO, EVERY, EVERY, VIRTIO},
    {VIR_DOMAIN_DEVICE_PSTORE, EVERY, EVERY, BIT(PCI)},
};
/* clang-format on */

static int
net_place(const VirDomainInterface *net)
{
    const char *model = net->model ? net->model : "";

    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
        return NET_HOST;
    if (vir_domain_net_is_virtio(net))
        return NET_VIRTIO;
    if (g_str_equal(model, "usb-net"))
        return NET_USB;
    if (g_str_equal(model, "spapr-vlan"))
        return NET_VIO;
    return g_str_equal(model, "lan9118") || g_str_equal(model, "smc91c111") ? NET_BOARD : NET_CARD;
}

/* What its rows tell a device from others of its kind by. */
static int
type_of(const VirDomainDevice *at)
{
    switch (at->kind) {
    case VIR_DOMAIN_DEVICE_DISK:
        return at->disk->bus;
    case VIR_DOMAIN_DEVICE_INTERFACE:
        return net_place(at->interface);
    case VIR_DOMAIN_DEVICE_SOUND:
        return at->sound->model;
    case VIR_DOMAIN_DEVICE_HOSTDEV:
        return at->hostdev->source_address.kind;
    case VIR_DOMAIN_DEVICE_VIDEO:
        return at->video->model ? at->video->model->type : VIR_DOMAIN_VIDEO_MODEL_TYPE_UNSET;
    case VIR_DOMAIN_DEVICE_CONTROLLER:
        return at->controller->type;
    case VIR_DOMAIN_DEVICE_SERIAL:
        return at->serial->target_type;
    case VIR_DOMAIN_DEVICE_CHANNEL:
        return at->channel->target_type;
    case VIR_DOMAIN_DEVICE_CONSOLE:
        return at->console->target_type;
    case VIR_DOMAIN_DEVICE_INPUT:
        return at->input->bus;
    case VIR_DOMAIN_DEVICE_FILESYSTEM:
        return at->filesystem->driver;
    case VIR_DOMAIN_DEVICE_TPM:
        return at->tpm->model;
    case VIR_DOMAIN_DEVICE_MEMBALLOON:
        return at->memballoon->model;
    case VIR_DOMAIN_DEVICE_WATCHDOG:
        return at->watchdog->model;
    case VIR_DOMAIN_DEVICE_MEMORY:
        return at->memory->model;
    case VIR_DOMAIN_DEVICE_PANIC:
        return at->panic->model;
    case VIR_DOMAIN_DEVICE_IOMMU:
        return at->iommu->model;
    default:
        return EVERY;
    }
}

static int
model_of(const VirDomainDevice *at)
{
    switch (at->kind) {
    case VIR_DOMAIN_DEVICE_HOSTDEV:
        return at->hostdev->model;
    case VIR_DOMAIN_DEVICE_CONTROLLER:
        return at->controller->model;
    default:
        return EVERY;
    }
}

static guint
addresses_of(const VirDomainDevice *at)
{
    int type = type_of(at);
    int model = model_of(at);

    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        const Place *place = &places[i];

        if (place->kind == at->kind && (place->type == EVERY || place->type == type) &&
            (place->model == EVERY || place->model == model))
            return place->addresses;
    }
    return ANY;
}

/* "'pci' or 'ccw'" */
static char *
name_addresses(guint addresses)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int type = 0; type < VIR_DOMAIN_ADDRESS_TYPE_LAST; type++) {
        if (addresses & 1u << type)
            g_string_append_printf(text, "%s'%s'", text->len > 0 ? " or " : "",
                                   vir_domain_address_type_to_string(type));
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
check_place(const VirDomainDevice *device, int type, GError **error)
{
    guint addresses = addresses_of(device);
    g_autofree char *names = NULL;

    if (type == VIR_DOMAIN_ADDRESS_TYPE_UNSET || addresses & 1u << type)
        return TRUE;
    /* What of the host is given to a container is in no place of a guest. */
    if (device->kind == VIR_DOMAIN_DEVICE_HOSTDEV &&
        device->hostdev->mode == VIR_DOMAIN_HOSTDEV_MODE_CAPABILITIES)
        return TRUE;
    if (type == VIR_DOMAIN_ADDRESS_TYPE_UNASSIGNED)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "only PCI devices of the host can be kept from the guest with "
                             "an address of type 'unassigned'");
    names = name_addresses(addresses);
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "it has no address of type '%s', %s%s",
                         vir_domain_address_type_to_string(type),
                         addresses ? "only of type " : "nor of any other type", names);
}

/* What no board, or only another one, has an address of; and what the device has none of. */
static gboolean
check_address(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainDeviceInfo *info = device->info;
    const VirDomainRom *rom = info->rom;
    int type = info->address ? info->address->type : VIR_DOMAIN_ADDRESS_TYPE_UNSET;

    if (type == VIR_DOMAIN_ADDRESS_TYPE_CCW && !vir_def_is_s390(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' has no CCW addresses, they are of s390",
                             def->os.machine);
    if (type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_S390)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "QEMU has no bus 'virtio-s390' any more; addresses of s390 "
                             "are of type 'ccw'");
    if (!check_place(device, type, error))
        return FALSE;
    if ((info->has_acpi_index || (rom && (rom->bar || rom->file || rom->enabled))) &&
        !(addresses_of(device) & (type ? 1u << type : ~0u) & BIT(PCI)))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "only devices on PCI have an <%s>",
                             info->has_acpi_index ? "acpi index=…" : "rom");
    if (rom && rom->enabled == VIR_TRISTATE_NO && (rom->bar || rom->file))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a <rom> that is not enabled has neither bar nor file");
    return TRUE;
}

gboolean
vir_check_addresses(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_LAST, check_address, error);
}
