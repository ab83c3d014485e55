/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "pci-plan.h"

#include "vir-error.h"

typedef struct {
    int model;
    VirPciPlug plug;
} Row;

/* The models of one kind of device; those without a row are on no PCI bus. */
static VirPciPlug
plug_of(int model, const Row *rows, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (rows[i].model == model)
            return rows[i].plug;
    }
    return VIR_PCI_PLUG_NONE;
}
#define PLUG_OF(model, rows) plug_of(model, rows, G_N_ELEMENTS(rows))

static const Row bridges[] = {
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, VIR_PCI_PLUG_BRIDGE},
    {VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE, VIR_PCI_PLUG_DMI_BRIDGE},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE, VIR_PCI_PLUG_TO_PCI_BRIDGE},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, VIR_PCI_PLUG_ROOT_PORT},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT, VIR_PCI_PLUG_UPSTREAM_PORT},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT, VIR_PCI_PLUG_DOWNSTREAM_PORT},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS, VIR_PCI_PLUG_PCI_EXPANDER},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS, VIR_PCI_PLUG_PCIE_EXPANDER},
};

static const Row usb_controllers[] = {
    {VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_PIIX4_UHCI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_EHCI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI2, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_VT82C686B_UHCI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_OHCI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_UNSET, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI, VIR_PCI_PLUG_PCIE},
    {VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI, VIR_PCI_PLUG_PCIE},
};

static const Row scsi_controllers[] = {
    {VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1068, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1078, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_BUSLOGIC, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_VMPVSCSI, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_DC390, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_AM53C974, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI, VIR_PCI_PLUG_PCIE},
    {VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL, VIR_PCI_PLUG_PCIE},
};

static const Row sounds[] = {
    {VIR_DOMAIN_SOUND_MODEL_ES1370, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_SOUND_MODEL_AC97, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_SOUND_MODEL_ICH6, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_SOUND_MODEL_ICH7, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_SOUND_MODEL_ICH9, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_SOUND_MODEL_VIRTIO, VIR_PCI_PLUG_PCIE},
};

static const Row videos[] = {
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_XEN, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VBOX, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_PARALLELS, VIR_PCI_PLUG_PCI},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO, VIR_PCI_PLUG_PCIE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS, VIR_PCI_PLUG_PCIE},
};

static const Row memories[] = {
    {VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM, VIR_PCI_PLUG_PCIE},
    {VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM, VIR_PCI_PLUG_PCIE},
};

/* A transitional device needs a conventional slot to be the legacy one too. */
static VirPciPlug
plug_of_virtio(int model)
{
    return model == VIR_DOMAIN_VIRTIO_MODEL_VIRTIO_TRANSITIONAL ? VIR_PCI_PLUG_PCI
                                                                : VIR_PCI_PLUG_PCIE;
}

static VirPciPlug
plug_of_interface(const VirDomainInterface *net)
{
    /* Models of a time before PCI Express; one that we do not know is taken to be of today. */
    static const char *const conventional[] = {"virtio-transitional",
                                               "e1000",
                                               "82540EM",
                                               "82545EM",
                                               "82543GC",
                                               "rtl8139",
                                               "vmxnet3",
                                               "vmxnet2",
                                               "vmxnet",
                                               "vlance",
                                               "netfront",
                                               "Am79C970A",
                                               "Am79C973",
                                               NULL};
    /* On USB, or part of an ARM board. */
    static const char *const others[] = {"usb-net", "lan9118", "smc91c111", NULL};

    if (net->model && g_strv_contains(others, net->model))
        return VIR_PCI_PLUG_NONE;
    return net->model && g_strv_contains(conventional, net->model) ? VIR_PCI_PLUG_PCI
                                                                   : VIR_PCI_PLUG_PCIE;
}

static VirPciPlug
plug_of_controller(const VirDomainController *controller)
{
    switch (controller->type) {
    case VIR_DOMAIN_CONTROLLER_TYPE_PCI:
        return PLUG_OF(controller->model, bridges);
    case VIR_DOMAIN_CONTROLLER_TYPE_USB:
        return PLUG_OF(controller->model, usb_controllers);
    case VIR_DOMAIN_CONTROLLER_TYPE_SCSI:
        return PLUG_OF(controller->model, scsi_controllers);
    case VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL:
        return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL
                   ? VIR_PCI_PLUG_PCI
                   : VIR_PCI_PLUG_PCIE;
    case VIR_DOMAIN_CONTROLLER_TYPE_IDE:
    case VIR_DOMAIN_CONTROLLER_TYPE_SATA:
        return VIR_PCI_PLUG_PCI;
    case VIR_DOMAIN_CONTROLLER_TYPE_NVME:
        return VIR_PCI_PLUG_PCIE;
    default:
        return VIR_PCI_PLUG_NONE;
    }
}

/* A device that waits for a place, or has one on PCI. */
static VirPciDevice *
add(VirPciPlan *plan, VirDomainDeviceInfo *info, VirPciPlug plug)
{
    VirPciDevice device = {.info = info, .plug = plug};

    if (plug == VIR_PCI_PLUG_NONE ||
        (info->address && info->address->type != VIR_DOMAIN_ADDRESS_TYPE_PCI))
        return NULL;
    /* Without PCI Express everything is conventional. */
    if (plug == VIR_PCI_PLUG_PCIE && !plan->pcie)
        device.plug = VIR_PCI_PLUG_PCI;
    g_array_append_val(plan->devices, device);
    return &g_array_index(plan->devices, VirPciDevice, plan->devices->len - 1);
}

static void
add_controllers(VirPciPlan *plan, gboolean pci)
{
    VirDomainDevices *devices = &plan->model->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];
        VirPciDevice *device = NULL;

        /* Other boards than i440fx have their own IDE somewhere else. */
        if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_IDE &&
            !vir_def_is_i440fx(plan->model->def))
            continue;
        if (pci == (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI))
            device = add(plan, &controller->info, plug_of_controller(controller));
        if (device)
            device->controller = controller;
    }
}

/* A function of the host: where QEMU puts it depends on what it is. */
static void
add_host(VirPciPlan *plan, VirDomainDeviceInfo *info, guint domain, guint bus, guint slot,
         guint function)
{
    const VirQemuEnv *env = plan->model->env;
    VirQemuPciDevice host = {.iommu_group = -1, .express = TRUE};
    VirPciDevice *device;

    if (env->pci_device)
        env->pci_device(env, domain, bus, slot, function, &host);
    device = add(plan, info, host.express ? VIR_PCI_PLUG_PCIE : VIR_PCI_PLUG_PCI);
    /* What shares an IOMMU group on the host shares a host bridge there. */
    if (device && host.iommu_group >= 0 && vir_def_is_pseries(plan->model->def))
        device->group = (guint)host.iommu_group + 1;
}

static void
add_hostdevs(VirPciPlan *plan)
{
    VirDomainDevices *devices = &plan->model->def->devices;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        VirDomainInterface *net = devices->interfaces[i];
        const VirDomainHostAddress *host = net->host_address;

        if (net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            continue;
        if (host && host->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_PCI)
            add_host(plan, &net->info, host->domain, host->bus, host->slot, host->function);
        else if (!host)
            add(plan, &net->info, VIR_PCI_PLUG_PCIE);
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        VirDomainHostdev *hostdev = devices->hostdevs[i];
        const VirDomainHostdevAddress *host = &hostdev->source_address;

        if (hostdev->mode == VIR_DOMAIN_HOSTDEV_MODE_CAPABILITIES)
            continue;
        if (host->kind == VIR_DOMAIN_HOSTDEV_TYPE_PCI)
            add_host(plan, &hostdev->info, host->domain, host->bus, host->slot, host->function);
        else if (host->kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
                 hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_VFIO_CCW &&
                 hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_VFIO_AP)
            add(plan, &hostdev->info, VIR_PCI_PLUG_PCIE);
        else if (host->kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST)
            add(plan, &hostdev->info,
                hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VIRTIO_TRANSITIONAL ? VIR_PCI_PLUG_PCI
                                                                               : VIR_PCI_PLUG_PCIE);
    }
}

static void
add_first(VirPciPlan *plan)
{
    VirDomainDevices *devices = &plan->model->def->devices;

    for (guint i = 0; i < devices->n_filesystems; i++) {
        if (devices->filesystems[i]->driver != VIR_DOMAIN_FILESYSTEM_DRIVER_MTP)
            add(plan, &devices->filesystems[i]->info,
                plug_of_virtio(devices->filesystems[i]->model));
    }
    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (devices->interfaces[i]->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            add(plan, &devices->interfaces[i]->info, plug_of_interface(devices->interfaces[i]));
    }
    for (guint i = 0; i < devices->n_sounds; i++)
        add(plan, &devices->sounds[i]->info, PLUG_OF(devices->sounds[i]->model, sounds));
    add_controllers(plan, FALSE);
    for (guint i = 0; i < devices->n_disks; i++) {
        if (devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_VIRTIO)
            add(plan, &devices->disks[i]->info, plug_of_virtio(devices->disks[i]->model));
    }
    add_hostdevs(plan);
}

static void
add_last(VirPciPlan *plan)
{
    VirDomainDevices *devices = &plan->model->def->devices;
    VirDomainMemballoon *balloon = devices->memballoon;

    if (balloon && balloon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE &&
        balloon->model != VIR_DOMAIN_MEMBALLOON_MODEL_XEN)
        add(plan, &balloon->info,
            balloon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_TRANSITIONAL ? VIR_PCI_PLUG_PCI
                                                                              : VIR_PCI_PLUG_PCIE);
    for (guint i = 0; i < devices->n_rngs; i++)
        add(plan, &devices->rngs[i]->info, plug_of_virtio(devices->rngs[i]->model));
    for (guint i = 0; i < devices->n_watchdogs; i++) {
        if (devices->watchdogs[i]->model == VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB)
            add(plan, &devices->watchdogs[i]->info, VIR_PCI_PLUG_PCI);
    }
    for (guint i = 0; i < devices->n_videos; i++)
        add(plan, &devices->videos[i]->info, PLUG_OF(devices->videos[i]->model->type, videos));
    for (guint i = 0; i < devices->n_shmems; i++)
        add(plan, &devices->shmems[i]->info, VIR_PCI_PLUG_PCI);
    for (guint i = 0; i < devices->n_inputs; i++) {
        if (devices->inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_VIRTIO)
            add(plan, &devices->inputs[i]->info, plug_of_virtio(devices->inputs[i]->model));
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        if (devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL)
            add(plan, &devices->serials[i]->info, VIR_PCI_PLUG_PCI);
    }
    if (devices->vsock)
        add(plan, &devices->vsock->info, plug_of_virtio(devices->vsock->model));
    for (guint i = 0; i < devices->n_memories; i++)
        add(plan, &devices->memories[i]->info, PLUG_OF(devices->memories[i]->model, memories));
    for (guint i = 0; i < devices->n_cryptos; i++)
        add(plan, &devices->cryptos[i]->info, VIR_PCI_PLUG_PCI);
    if (devices->iommu && devices->iommu->model == VIR_DOMAIN_IOMMU_MODEL_VIRTIO)
        add(plan, &devices->iommu->info, VIR_PCI_PLUG_INTEGRATED);
    for (guint i = 0; i < devices->n_panics; i++) {
        if (devices->panics[i]->model == VIR_DOMAIN_PANIC_MODEL_PVPANIC)
            add(plan, &devices->panics[i]->info, VIR_PCI_PLUG_INTEGRATED);
    }
    if (devices->pstore)
        add(plan, &devices->pstore->info, VIR_PCI_PLUG_PCI);
}

gboolean
vir_pci_is_there(const VirModel *model)
{
    return vir_board(model->def, model->caps).pci_root != 0 &&
           vir_domain_controller_find(model->def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);
}

void
vir_pci_collect(VirPciPlan *plan)
{
    add_controllers(plan, TRUE);
    add_first(plan);
    add_last(plan);
}
