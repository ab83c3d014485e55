/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-console.h"
#include "vir-domain-device.h"
#include "vir-error.h"

static void set_alias(VirDomainDeviceInfo *info, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
is_chosen(const VirDomainDeviceInfo *info)
{
    return info->alias && g_str_has_prefix(info->alias, "ua-");
}

static void
set_alias(VirDomainDeviceInfo *info, const char *format, ...)
{
    va_list args;

    /* The user's own stays; what a former run gave is given again. */
    if (is_chosen(info))
        return;
    g_free(info->alias);
    va_start(args, format);
    info->alias = g_strdup_vprintf(format, args);
    va_end(args);
}

static void
alias_controller(const VirDomainDef *def, VirDomainController *controller)
{
    const char *type = vir_domain_controller_type_to_string(controller->type);
    gboolean board = controller->index == 0;

    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI)
        set_alias(&controller->info, "%s.%u",
                  controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT ? "pcie" : "pci",
                  controller->index);
    else if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && board)
        set_alias(&controller->info, "usb");
    else if (board &&
             (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_IDE ||
              (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SATA && vir_def_is_q35(def))))
        set_alias(&controller->info, "ide");
    else if (board && controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90 &&
             vir_def_has_arch(def, "sparc", NULL))
        set_alias(&controller->info, "scsi");
    else
        set_alias(&controller->info, "%s%u", type, controller->index);
}

static void
alias_disk(const VirDomainDef *def, VirDomainDisk *disk)
{
    const VirDomainAddress *address = disk->info.address;
    const char *bus = vir_domain_disk_bus_to_string(disk->bus);
    const VirDomainController *scsi;

    if (!address || address->type != VIR_DOMAIN_ADDRESS_TYPE_DRIVE) {
        set_alias(&disk->info, "%s-disk%d", bus, vir_domain_disk_index(disk->target));
        return;
    }
    scsi = vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, address->controller);
    if (disk->bus == VIR_DOMAIN_DISK_BUS_SCSI && scsi &&
        scsi->model != VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC)
        set_alias(&disk->info, "%s%u-%u-%u-%u", bus, address->controller, address->bus,
                  address->target, address->unit);
    else
        set_alias(&disk->info, "%s%u-%u-%u", bus, address->controller, address->bus, address->unit);
}

/* Those without an alias of the user's are counted; others leave no gap. */
static void
count_alias(VirDomainDeviceInfo *info, const char *name, guint *next)
{
    if (!is_chosen(info))
        set_alias(info, "%s%u", name, (*next)++);
}

/* Modules are called by their slots, others counted by model. */
static void
alias_memory(VirDomainMemoryDevice *device, guint *next)
{
    static const char *const names[VIR_DOMAIN_MEMORY_DEVICE_MODEL_LAST] = {
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_DIMM] = "dimm",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM] = "nvdimm",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM] = "virtiopmem",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM] = "virtiomem",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC] = "epc",
    };
    const VirDomainAddress *address = device->info.address;

    if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_DIMM)
        set_alias(&device->info, "%s%u", names[device->model], address->slot);
    else
        count_alias(&device->info, names[device->model], &next[device->model]);
}

typedef struct {
    const VirDomainDef *def;
    guint next[VIR_DOMAIN_DEVICE_LAST];
    guint memories[VIR_DOMAIN_MEMORY_DEVICE_MODEL_LAST];
} Counters;

/* What the others are called, with their number behind it. */
static const char *const plain_names[VIR_DOMAIN_DEVICE_LAST] = {
    [VIR_DOMAIN_DEVICE_SOUND] = "sound",
    [VIR_DOMAIN_DEVICE_VIDEO] = "video",
    [VIR_DOMAIN_DEVICE_SMARTCARD] = "smartcard",
    [VIR_DOMAIN_DEVICE_SERIAL] = "serial",
    [VIR_DOMAIN_DEVICE_PARALLEL] = "parallel",
    [VIR_DOMAIN_DEVICE_CHANNEL] = "channel",
    [VIR_DOMAIN_DEVICE_CONSOLE] = "console",
    [VIR_DOMAIN_DEVICE_INPUT] = "input",
    [VIR_DOMAIN_DEVICE_FILESYSTEM] = "fs",
    [VIR_DOMAIN_DEVICE_TPM] = "tpm",
    [VIR_DOMAIN_DEVICE_MEMBALLOON] = "balloon",
    [VIR_DOMAIN_DEVICE_WATCHDOG] = "watchdog",
    [VIR_DOMAIN_DEVICE_HUB] = "hub",
    [VIR_DOMAIN_DEVICE_REDIRDEV] = "redir",
    [VIR_DOMAIN_DEVICE_RNG] = "rng",
    [VIR_DOMAIN_DEVICE_SHMEM] = "shmem",
    [VIR_DOMAIN_DEVICE_PANIC] = "panic",
    [VIR_DOMAIN_DEVICE_IOMMU] = "iommu",
    [VIR_DOMAIN_DEVICE_VSOCK] = "vsock",
    [VIR_DOMAIN_DEVICE_CRYPTO] = "crypto",
    [VIR_DOMAIN_DEVICE_PSTORE] = "pstore",
};

static gboolean
alias_device(const VirDomainDevice *at, void *data, GError **error)
{
    Counters *counters = data;

    switch (at->kind) {
    case VIR_DOMAIN_DEVICE_CONTROLLER:
        alias_controller(counters->def, at->controller);
        break;
    case VIR_DOMAIN_DEVICE_DISK:
        alias_disk(counters->def, at->disk);
        break;
    case VIR_DOMAIN_DEVICE_MEMORY:
        alias_memory(at->memory, counters->memories);
        break;
    case VIR_DOMAIN_DEVICE_INTERFACE:
        /* A card that is a device of the host counts with those. */
        if (at->interface->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            count_alias(at->info, "hostdev", &counters->next[VIR_DOMAIN_DEVICE_HOSTDEV]);
        else
            count_alias(at->info, "net", &counters->next[at->kind]);
        break;
    case VIR_DOMAIN_DEVICE_HOSTDEV:
        count_alias(at->info, "hostdev", &counters->next[at->kind]);
        break;
    case VIR_DOMAIN_DEVICE_FILESYSTEM:
    case VIR_DOMAIN_DEVICE_RNG:
    case VIR_DOMAIN_DEVICE_CRYPTO:
        count_alias(at->info, plain_names[at->kind], &counters->next[at->kind]);
        break;
    case VIR_DOMAIN_DEVICE_MEMBALLOON:
        if (at->memballoon->model == VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
            break;
        G_GNUC_FALLTHROUGH;
    default:
        if (plain_names[at->kind])
            set_alias(at->info, "%s%u", plain_names[at->kind], at->index);
    }
    return TRUE;
}

gboolean
vir_prepare_aliases(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;
    Counters counters = {.def = model->def};

    if (!vir_domain_each_device(model->def, alias_device, &counters, error))
        return FALSE;
    /* The first console is the first serial port. */
    if (vir_domain_console_is_serial(model->def)) {
        g_free(devices->consoles[0]->info.alias);
        devices->consoles[0]->info.alias = g_strdup(devices->serials[0]->info.alias);
    }
    return TRUE;
}
