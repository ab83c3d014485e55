/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <string.h>

/* Device that plays a controller: by kind and model. Bridges of PCI name it themselves. */
static const struct {
    int type;
    int model;
    const char *driver;
} drivers[] = {
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI, "piix3-usb-uhci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_PIIX4_UHCI, "piix4-usb-uhci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_EHCI, "usb-ehci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1, "ich9-usb-ehci1"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1, "ich9-usb-uhci1"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI2, "ich9-usb-uhci2"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3, "ich9-usb-uhci3"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_VT82C686B_UHCI,
     "vt82c686b-usb-uhci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_PCI_OHCI, "pci-ohci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI, "nec-usb-xhci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI, "qemu-xhci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC, "lsi"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1068, "mptsas1068"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1078, "megasas"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_VMPVSCSI, "pvscsi"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_DC390, "dc390"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_AM53C974, "am53c974"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI, "spapr-vscsi"},
    {VIR_DOMAIN_CONTROLLER_TYPE_SATA, VIR_DOMAIN_CONTROLLER_MODEL_UNSET, "ahci"},
    {VIR_DOMAIN_CONTROLLER_TYPE_CCID, VIR_DOMAIN_CONTROLLER_MODEL_UNSET, "usb-ccid"},
    {VIR_DOMAIN_CONTROLLER_TYPE_FDC, VIR_DOMAIN_CONTROLLER_MODEL_UNSET, "isa-fdc"},
};

static gboolean
is_virtio(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL ||
           vir_domain_controller_is_virtio_scsi(controller);
}

static gboolean
is_xhci(const VirDomainController *controller)
{
    return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI ||
           controller->model == VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI;
}

static const char *
plain_driver(const VirDomainController *controller)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (drivers[i].type == controller->type && drivers[i].model == controller->model)
            return drivers[i].driver;
    }
    return NULL;
}

/* g_free(); NULL where nothing here plays it. */
static char *
find_driver(const VirDomainController *controller)
{
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI && controller->model_name)
        return g_strdup(controller->model_name);
    if (is_virtio(controller))
        return vir_props_virtio_driver(
            controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI ? "virtio-scsi" : "virtio-serial",
            &controller->info, controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL,
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL);
    return g_strdup(plain_driver(controller));
}

/* The type behind a name that QEMU takes for another one. */
static const char *
qom_type(const char *driver)
{
    if (g_str_equal(driver, "ahci"))
        return "ich9-ahci";
    return g_str_equal(driver, "lsi") ? "lsi53c895a" : driver;
}

gboolean
vir_controller_is_there(const VirQemuCaps *caps, const VirDomainController *controller)
{
    g_autofree char *driver = find_driver(controller);

    return driver && vir_qemu_caps_has_type(caps, qom_type(driver));
}

static gboolean
has_floppy(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (def->devices.disks[i]->bus == VIR_DOMAIN_DISK_BUS_FDC)
            return TRUE;
    }
    return FALSE;
}

/* Part of the board, or nothing hangs on it: needs no -device. */
static gboolean
is_built_in(const VirArgv *argv, const VirDomainController *controller)
{
    switch (controller->type) {
    case VIR_DOMAIN_CONTROLLER_TYPE_IDE:
        return TRUE; /* the one that some boards have is all there is */
    case VIR_DOMAIN_CONTROLLER_TYPE_SATA:
        return controller->index == 0 && vir_def_is_q35(argv->def);
    case VIR_DOMAIN_CONTROLLER_TYPE_FDC:
        return !vir_def_is_q35(argv->def) || !has_floppy(argv->def);
    case VIR_DOMAIN_CONTROLLER_TYPE_PCI:
        /* sPAPR has further roots than that of the board. */
        return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT ||
               (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT &&
                (controller->target_index == 0 || !vir_def_is_pseries(argv->def)));
    case VIR_DOMAIN_CONTROLLER_TYPE_USB:
        return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NONE;
    case VIR_DOMAIN_CONTROLLER_TYPE_SCSI:
        return controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90;
    case VIR_DOMAIN_CONTROLLER_TYPE_ISA:
        return TRUE;
    default:
        return FALSE;
    }
}

static void
add_pci(json_object *props, const VirDomainController *controller)
{
    if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE)
        vir_props_add(
            props, "u:chassis_nr",
            (guint64)(controller->has_chassis_nr ? controller->chassis_nr : controller->index),
            NULL);
    if (controller->has_bus_nr)
        vir_props_add(props, "u:bus_nr", (guint64)controller->bus_nr, NULL);
    if (controller->has_port)
        vir_props_add(props, "u:port", (guint64)controller->port, NULL);
    if (controller->has_chassis)
        vir_props_add(props, "u:chassis", (guint64)controller->chassis, NULL);
    if (controller->has_target_index)
        vir_props_add(props, "u:index", (guint64)controller->target_index, NULL);
    if (controller->has_mem_reserve)
        vir_props_add(props, "u:mem-reserve", controller->mem_reserve * 1024, NULL);
    if (controller->has_node)
        vir_props_add(props, "u:numa_node", (guint64)controller->node, NULL);
    vir_props_add(props, "t:hotplug", controller->hotplug, NULL);
}

static void
add_usb(json_object *props, const VirDomainController *controller)
{
    g_autofree char *bus = NULL;

    if (controller->has_ports && is_xhci(controller))
        vir_props_add(props, "u:p2", (guint64)controller->ports, "u:p3", (guint64)controller->ports,
                      NULL);
    if (!controller->info.has_master_startport)
        return;
    bus = g_strconcat(controller->info.alias, ".0", NULL);
    vir_props_add(props, "s:masterbus", bus, "u:firstport",
                  (guint64)controller->info.master_startport, NULL);
}

static void
add_options(json_object *props, const VirDomainController *controller)
{
    const VirDomainControllerDriver *driver = controller->driver;

    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL) {
        if (controller->has_ports)
            vir_props_add(props, "u:max_ports", (guint64)controller->ports, NULL);
        if (controller->has_vectors)
            vir_props_add(props, "u:vectors", (guint64)controller->vectors, NULL);
    }
    if (!driver)
        return;
    if (is_virtio(controller))
        vir_props_add_virtio(props, driver, );
    if (driver->has_iothread) {
        g_autofree char *thread = g_strdup_printf("iothread%u", driver->iothread);

        vir_props_add(props, "s:iothread", thread, NULL);
    }
    vir_props_add(props, "a:iothread-vq-mapping",
                  vir_props_iothreads(driver->iothreads, driver->n_iothreads), NULL);
    vir_props_add(props, "t:ioeventfd", driver->ioeventfd, "U:num_queues", (guint64)driver->queues,
                  "U:cmd_per_lun", (guint64)driver->cmd_per_lun, "U:max_sectors",
                  (guint64)driver->max_sectors, NULL);
}

/* Boot order of the floppies of a board that has no such controller itself. */
static void
add_fdc(const VirArgv *argv, json_object *props)
{
    for (guint i = 0; i < argv->def->devices.n_disks; i++) {
        const VirDomainDisk *disk = argv->def->devices.disks[i];

        if (disk->bus == VIR_DOMAIN_DISK_BUS_FDC)
            vir_props_add(props, disk->info.address->unit ? "U:bootindexB" : "U:bootindexA",
                          (guint64)vir_argv_bootindex(argv, &disk->info, disk->boot_order,
                                                      disk->has_boot_order),
                          NULL);
    }
}

/* What the root of the PCI buses is told; it is of the board. */
static void
add_root(VirArgv *argv)
{
    const VirDomainController *root =
        vir_domain_controller_find(argv->def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);

    if (!root)
        return;
    if (root->has_pcihole64)
        vir_argv_addf(argv, "-global", "%s-pcihost.pci-hole64-size=%" G_GUINT64_FORMAT "K",
                      vir_def_is_q35(argv->def) ? "q35" : "i440FX", root->pcihole64);
    if (root->hotplug && vir_def_is_i440fx(argv->def))
        vir_argv_addf(argv, "-global", "PIIX4_PM.acpi-root-pci-hotplug=%s",
                      root->hotplug == VIR_TRISTATE_ON ? "on" : "off");
}

static gboolean
add(VirArgv *argv, const VirDomainController *controller, GError **error)
{
    g_autofree char *driver = find_driver(controller);
    json_object *props;

    if (!driver && !controller->model)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': %s controller %u has no model, and emulator '%s' has "
                             "none of the usual ones",
                             argv->def->name,
                             vir_domain_controller_type_to_string(controller->type),
                             controller->index, argv->caps->binary);
    if (!driver)
        return vir_argv_unsupported(
            argv, error, "/domain/devices/controller[@type='%s'][@index='%u'] model '%s'",
            vir_domain_controller_type_to_string(controller->type), controller->index,
            vir_domain_controller_model_to_string(controller->model));
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && controller->has_ports &&
        !is_xhci(controller))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': USB controller %u: only an xHCI can be told how many "
                             "ports it has",
                             argv->def->name, controller->index);
    if (!vir_controller_is_there(argv->caps, controller))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': emulator '%s' has no controller '%s'", argv->def->name,
                             argv->caps->binary, driver);
    props = vir_props_new("s:driver", driver, NULL);
    add_options(props, controller);
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI)
        add_pci(props, controller);
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB)
        add_usb(props, controller);
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_FDC)
        add_fdc(argv, props);
    /* Companions share the name of their master, and have none themselves. */
    if (!controller->info.has_master_startport &&
        controller->type != VIR_DOMAIN_CONTROLLER_TYPE_FDC)
        vir_props_add(props, "s:id", controller->info.alias, NULL);
    return vir_argv_add_device(argv, props, &controller->info, error);
}

/* Buses before what hangs on them. */
static const int buses[] = {
    VIR_DOMAIN_CONTROLLER_TYPE_PCI,    VIR_DOMAIN_CONTROLLER_TYPE_USB,
    VIR_DOMAIN_CONTROLLER_TYPE_SCSI,   VIR_DOMAIN_CONTROLLER_TYPE_IDE,
    VIR_DOMAIN_CONTROLLER_TYPE_SATA,   VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL,
    VIR_DOMAIN_CONTROLLER_TYPE_XENBUS, VIR_DOMAIN_CONTROLLER_TYPE_ISA,
    VIR_DOMAIN_CONTROLLER_TYPE_NVME,
};
/* A reader of smartcards may hang on a hub. */
static const int behind_hubs[] = {VIR_DOMAIN_CONTROLLER_TYPE_CCID, VIR_DOMAIN_CONTROLLER_TYPE_FDC};

static gboolean
add_types(VirArgv *argv, const int *types, gsize n, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;

    for (gsize type = 0; type < n; type++) {
        for (guint i = 0; i < devices->n_controllers; i++) {
            const VirDomainController *controller = devices->controllers[i];

            if (controller->type == types[type] && !is_built_in(argv, controller) &&
                !add(argv, controller, error))
                return FALSE;
        }
    }
    return TRUE;
}

gboolean
vir_argv_controllers(VirArgv *argv, GError **error)
{
    add_root(argv);
    return add_types(argv, buses, G_N_ELEMENTS(buses), error);
}

gboolean
vir_argv_late_controllers(VirArgv *argv, GError **error)
{
    return add_types(argv, behind_hubs, G_N_ELEMENTS(behind_hubs), error);
}
