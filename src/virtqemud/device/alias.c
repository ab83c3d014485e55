/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
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
             ((controller->type == VIR_DOMAIN_CONTROLLER_TYPE_IDE && vir_def_is_i440fx(def)) ||
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
        set_alias(&disk->info, "%s-disk%d", bus, vir_disk_index(disk->target));
        return;
    }
    scsi = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, address->controller);
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

/* A card that is a device of the host counts with those. */
static void
alias_cards_and_hostdevs(VirDomainDevices *devices)
{
    guint net = 0;
    guint host = 0;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        VirDomainInterface *card = devices->interfaces[i];

        if (card->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            count_alias(&card->info, "hostdev", &host);
        else
            count_alias(&card->info, "net", &net);
    }
    for (guint i = 0; i < devices->n_hostdevs; i++)
        count_alias(&devices->hostdevs[i]->info, "hostdev", &host);
}

/* Modules are called by their slots, others counted by model. */
static void
alias_memories(VirDomainDevices *devices)
{
    static const char *const names[VIR_DOMAIN_MEMORY_DEVICE_MODEL_LAST] = {
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_DIMM] = "dimm",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM] = "nvdimm",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM] = "virtiopmem",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM] = "virtiomem",
        [VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC] = "epc",
    };
    guint count[VIR_DOMAIN_MEMORY_DEVICE_MODEL_LAST] = {0};

    for (guint i = 0; i < devices->n_memories; i++) {
        VirDomainMemoryDevice *device = devices->memories[i];
        const VirDomainAddress *address = device->info.address;

        if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_DIMM)
            set_alias(&device->info, "%s%u", names[device->model], address->slot);
        else
            set_alias(&device->info, "%s%u", names[device->model], count[device->model]++);
    }
}

#define ALIAS_ALL(list, name)                                                                      \
    for (guint i = 0; i < devices->n_##list; i++)                                                  \
    set_alias(&devices->list[i]->info, name "%u", i)

gboolean
vir_prepare_aliases(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_controllers; i++)
        alias_controller(def, devices->controllers[i]);
    for (guint i = 0; i < devices->n_disks; i++)
        alias_disk(def, devices->disks[i]);
    alias_memories(devices);
    ALIAS_ALL(filesystems, "fs");
    alias_cards_and_hostdevs(devices);
    ALIAS_ALL(serials, "serial");
    ALIAS_ALL(parallels, "parallel");
    ALIAS_ALL(channels, "channel");
    ALIAS_ALL(consoles, "console");
    ALIAS_ALL(inputs, "input");
    ALIAS_ALL(sounds, "sound");
    ALIAS_ALL(videos, "video");
    ALIAS_ALL(redirdevs, "redir");
    ALIAS_ALL(hubs, "hub");
    ALIAS_ALL(watchdogs, "watchdog");
    ALIAS_ALL(rngs, "rng");
    ALIAS_ALL(panics, "panic");
    ALIAS_ALL(shmems, "shmem");
    ALIAS_ALL(smartcards, "smartcard");
    ALIAS_ALL(tpms, "tpm");
    ALIAS_ALL(cryptos, "crypto");
    if (devices->memballoon && devices->memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE)
        set_alias(&devices->memballoon->info, "balloon0");
    if (devices->iommu)
        set_alias(&devices->iommu->info, "iommu0");
    if (devices->pstore)
        set_alias(&devices->pstore->info, "pstore0");
    if (devices->vsock)
        set_alias(&devices->vsock->info, "vsock0");
    /* The first console is the first serial port. */
    if (devices->n_consoles > 0 && devices->n_serials > 0 &&
        devices->consoles[0]->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL) {
        g_free(devices->consoles[0]->info.alias);
        devices->consoles[0]->info.alias = g_strdup(devices->serials[0]->info.alias);
    }
    return TRUE;
}
