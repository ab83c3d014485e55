/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"

#include "vir-error.h"
#include <string.h>

/* What can be said of a PCI controller. */
enum {
    CHASSIS_NR = 1 << 0,
    CHASSIS = 1 << 1,
    PORT = 1 << 2,
    BUS_NR = 1 << 3,
    TARGET_INDEX = 1 << 4,
    HOTPLUG = 1 << 5,
    MEM_RESERVE = 1 << 6,
    NODE = 1 << 7,
    PCIHOLE64 = 1 << 8,
};

/* Names of the devices that can play each model, and what they are told. */
static const struct {
    int model;
    const char *names[2];
    guint options;
} bridges[] = {
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT,
     {"spapr-pci-host-bridge", NULL},
     TARGET_INDEX | NODE | PCIHOLE64 | HOTPLUG},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT, {NULL, NULL}, PCIHOLE64},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, {"pci-bridge", NULL}, CHASSIS_NR | MEM_RESERVE},
    {VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE, {"i82801b11-bridge", NULL}, 0},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE, {"pcie-pci-bridge", NULL}, 0},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT,
     {"pcie-root-port", "ioh3420"},
     CHASSIS | PORT | HOTPLUG | MEM_RESERVE},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT, {"x3130-upstream", NULL}, 0},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT,
     {"xio3130-downstream", NULL},
     CHASSIS | PORT | HOTPLUG},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS, {"pxb", NULL}, BUS_NR | NODE},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS, {"pxb-pcie", NULL}, BUS_NR | NODE},
};

static gboolean
check_options(const VirDomainController *controller, guint allowed, GError **error)
{
    const VirModelPart options[] = {
        {controller->has_chassis_nr, "target/@chassisNr", allowed & CHASSIS_NR},
        {controller->has_chassis, "target/@chassis", allowed & CHASSIS},
        {controller->has_port, "target/@port", allowed & PORT},
        {controller->has_bus_nr, "target/@busNr", allowed & BUS_NR},
        {controller->has_target_index, "target/@index", allowed & TARGET_INDEX},
        {controller->hotplug != VIR_TRISTATE_ABSENT, "target/@hotplug", allowed & HOTPLUG},
        {controller->has_mem_reserve, "target/@memReserve", allowed & MEM_RESERVE},
        {controller->has_node, "target/node", allowed & NODE},
        {controller->has_pcihole64, "pcihole64", allowed & PCIHOLE64},
    };
    const char *refused = vir_model_refused(options, G_N_ELEMENTS(options));

    return !refused ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "PCI controller %u: a '%s' has no %s",
                         controller->index,
                         vir_domain_controller_model_to_string(controller->model), refused);
}

static gboolean
check_root(const VirModel *model, const VirDomainController *controller, GError **error)
{
    gboolean pseries = vir_def_is_pseries(model->def);

    if (controller->index > 0 &&
        !(pseries && controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT))
        return vir_error_set(
            error, VIR_ERR_XML_ERROR, "PCI controller %u: a '%s' has index 0 on this machine type",
            controller->index, vir_domain_controller_model_to_string(controller->model));
    if (controller->info.address)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller %u: a root is plugged into nothing, it has no address",
                             controller->index);
    if (controller->hotplug && !vir_def_is_i440fx(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u: hotplug on the root can be turned off on i440fx "
                             "only",
                             controller->index);
    if (!pseries)
        return TRUE;
    if ((controller->index == 0) != (controller->target_index == 0))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u with target index %u: target index 0 is of "
                             "controller 0 only",
                             controller->index, controller->target_index);
    if (controller->target_index > 30)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u: target index %u is more than 30",
                             controller->index, controller->target_index);
    if (controller->has_node && controller->index == 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller 0 is of no NUMA node; further host bridges can be");
    return TRUE;
}

static gboolean
check_numbers(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainDef *def = model->def;

    if (controller->has_chassis_nr && controller->chassis_nr == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "PCI controller %u: chassisNr is 1 to 255",
                             controller->index);
    if (controller->has_bus_nr && (controller->bus_nr == 0 || controller->bus_nr == 255))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "PCI controller %u: busNr is 1 to 254",
                             controller->index);
    if (controller->has_node && controller->node >= (def->cpu ? def->cpu->n_numa_cells : 0))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller %u: the guest has no NUMA node %u", controller->index,
                             controller->node);
    return TRUE;
}

static gboolean
check_pci(const VirModel *model, const VirDomainController *controller, GError **error)
{
    gsize i = 0;

    while (i < G_N_ELEMENTS(bridges) && bridges[i].model != (int)controller->model)
        i++;
    if (i == G_N_ELEMENTS(bridges))
        return vir_error_set(
            error, VIR_ERR_XML_ERROR, "PCI controller %u: '%s' is no PCI bus", controller->index,
            controller->model ? vir_domain_controller_model_to_string(controller->model)
                              : "(none)");
    if (controller->model_name && g_strcmp0(controller->model_name, bridges[i].names[0]) != 0 &&
        g_strcmp0(controller->model_name, bridges[i].names[1]) != 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u: a '%s' is not played by '%s'", controller->index,
                             vir_domain_controller_model_to_string(controller->model),
                             controller->model_name);
    if (!check_options(controller, bridges[i].options, error) ||
        !check_numbers(model, controller, error))
        return FALSE;
    if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS &&
        !vir_def_is_i440fx(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u: a 'pci-expander-bus' is for i440fx machine types",
                             controller->index);
    if (controller->has_pcihole64 && controller->pcihole64 && !vir_def_is_q35(model->def) &&
        !vir_def_is_i440fx(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "PCI controller %u: the size of the 64-bit hole can be set on pc and "
                             "q35 only, not on machine type '%s'",
                             controller->index, model->def->os.machine);
    return (controller->model != VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT &&
            controller->model != VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT) ||
           check_root(model, controller, error);
}

static gboolean
check_usb(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainDef *def = model->def;
    gboolean xhci = controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI ||
                    controller->model == VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI;
    gboolean master = !controller->info.has_master_startport;

    if (controller->has_ports && xhci && (controller->ports == 0 || controller->ports > 15))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "USB controller %u: an xHCI has 1 to 15 ports", controller->index);
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (other->type != VIR_DOMAIN_CONTROLLER_TYPE_USB || other == controller)
            continue;
        if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NONE)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "a USB controller of model 'none' says that the guest has no USB, "
                                 "but there is another one");
        master |= other->index == controller->index && !other->info.has_master_startport;
    }
    if (!master)
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "USB controller %u '%s' is a companion, but there is no master of that "
            "index",
            controller->index, vir_domain_controller_model_to_string(controller->model));
    return TRUE;
}

static gboolean
is_virtio_scsi(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
           (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI ||
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL ||
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL);
}

/* Models of each kind, as the enumeration has them together. */
static const struct {
    int type;
    int first;
    int last;
} models[] = {
    {VIR_DOMAIN_CONTROLLER_TYPE_USB, VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI,
     VIR_DOMAIN_CONTROLLER_MODEL_NONE},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_AUTO,
     VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90},
    {VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL,
     VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL},
    {VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO,
     VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO},
    {VIR_DOMAIN_CONTROLLER_TYPE_IDE, VIR_DOMAIN_CONTROLLER_MODEL_PIIX3,
     VIR_DOMAIN_CONTROLLER_MODEL_ICH6},
    {VIR_DOMAIN_CONTROLLER_TYPE_PCI, VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT,
     VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS},
    {VIR_DOMAIN_CONTROLLER_TYPE_XENBUS, VIR_DOMAIN_CONTROLLER_MODEL_XENBUS,
     VIR_DOMAIN_CONTROLLER_MODEL_XENBUS},
};

static gboolean
check_model(const VirDomainController *controller, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(models); i++) {
        if (models[i].type == (int)controller->type && controller->model >= models[i].first &&
            controller->model <= models[i].last)
            return TRUE;
    }
    return !controller->model ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "%s controller %u: '%s' is a model of another kind of controller",
                         vir_domain_controller_type_to_string(controller->type), controller->index,
                         vir_domain_controller_model_to_string(controller->model));
}

/* Options of virtio-scsi that no other kind has. */
static gboolean
check_driver(const VirDomainController *controller, GError **error)
{
    static const VirDomainControllerDriver none;
    const VirDomainControllerDriver *driver = controller->driver ? controller->driver : &none;
    gboolean scsi = is_virtio_scsi(controller);
    const VirModelPart options[] = {
        {driver->queues, "queues", scsi},
        {driver->cmd_per_lun, "cmd_per_lun", scsi},
        {driver->max_sectors, "max_sectors", scsi},
        {driver->ioeventfd, "ioeventfd", scsi},
    };
    const char *refused = vir_model_refused(options, G_N_ELEMENTS(options));

    return !refused || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "%s controller %u: driver/@%s is of model 'virtio-scsi' only",
                                     vir_domain_controller_type_to_string(controller->type),
                                     controller->index, refused);
}

static gboolean
has_thread(const VirDomainDef *def, guint id)
{
    for (guint i = 0; i < def->n_iothread_ids; i++) {
        if (def->iothread_ids[i]->id == id)
            return TRUE;
    }
    return def->n_iothread_ids == 0 && id >= 1 && id <= def->iothreads;
}

static gboolean
check_threads(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainControllerDriver *driver = controller->driver;
    const char *type = vir_domain_controller_type_to_string(controller->type);

    if (!driver || (!driver->has_iothread && driver->n_iothreads == 0))
        return TRUE;
    if (!is_virtio_scsi(controller))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s controller %u: only one of virtio-scsi has I/O threads", type,
                             controller->index);
    if (driver->has_iothread && driver->n_iothreads > 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s controller %u: either one I/O thread or a mapping of several",
                             type, controller->index);
    if (driver->has_iothread && !has_thread(model->def, driver->iothread))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s controller %u: there is no I/O thread %u", type, controller->index,
                             driver->iothread);
    for (guint i = 0; i < driver->n_iothreads; i++) {
        const VirDomainDiskIothread *thread = driver->iothreads[i];

        if (!has_thread(model->def, thread->id))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "%s controller %u: there is no I/O thread %u", type,
                                 controller->index, thread->id);
        for (guint j = 0; j < i; j++) {
            if (driver->iothreads[j]->id == thread->id)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "%s controller %u: I/O thread %u is mapped twice", type,
                                     controller->index, thread->id);
        }
        for (guint j = 0; driver->queues > 0 && j < thread->n_queues; j++) {
            if (thread->queues[j]->id >= driver->queues)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "%s controller %u: queue %u of I/O thread %u: there are %u",
                                     type, controller->index, thread->queues[j]->id, thread->id,
                                     driver->queues);
        }
    }
    return TRUE;
}

/* Controllers that a QEMU can be without, and what shows that it has them. */
static const struct {
    int type;
    int model;
    VirQemuCapsFlag flag;
} needs[] = {
    {VIR_DOMAIN_CONTROLLER_TYPE_SATA, VIR_DOMAIN_CONTROLLER_MODEL_UNSET, VIR_QEMU_CAPS_ICH9_AHCI},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC, VIR_QEMU_CAPS_SCSI_LSI},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1068,
     VIR_QEMU_CAPS_SCSI_MPTSAS1068},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1078,
     VIR_QEMU_CAPS_SCSI_MEGASAS},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_VMPVSCSI,
     VIR_QEMU_CAPS_SCSI_PVSCSI},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_DC390, VIR_QEMU_CAPS_SCSI_DC390},
    {VIR_DOMAIN_CONTROLLER_TYPE_SCSI, VIR_DOMAIN_CONTROLLER_MODEL_AM53C974,
     VIR_QEMU_CAPS_SCSI_AM53C974},
};

static gboolean
check_built_in(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainDef *def = model->def;

    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_IDE) {
        if (!vir_board(def, model->caps).ide)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "IDE controller %u: machine type '%s' has none, and none can be "
                                 "added",
                                 controller->index, def->os.machine);
        if (controller->index > 0)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "IDE controller %u: machine type '%s' has a single one, 0",
                                 controller->index, def->os.machine);
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90 &&
        (!vir_def_has_arch(def, "sparc", NULL) || controller->index > 0))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "SCSI controller %u: 'ncr53c90' is the first controller of sparc, "
                             "where it is part of the board",
                             controller->index);
    return TRUE;
}

static gboolean
check_binary(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const char *type = vir_domain_controller_type_to_string(controller->type);
    gboolean has = controller->type != VIR_DOMAIN_CONTROLLER_TYPE_SCSI ||
                   controller->model != VIR_DOMAIN_CONTROLLER_MODEL_BUSLOGIC;

    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
        (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_QUSB1 ||
         controller->model == VIR_DOMAIN_CONTROLLER_MODEL_QUSB2))
        has = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(needs); i++) {
        if (needs[i].type == (int)controller->type && needs[i].model == (int)controller->model)
            has = vir_qemu_caps_has(model->caps, needs[i].flag);
    }
    return has || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                "%s controller %u: emulator '%s' has no model '%s'", type,
                                controller->index, model->caps->binary,
                                controller->model
                                    ? vir_domain_controller_model_to_string(controller->model)
                                    : type);
}

/* USB companions share an index; nothing else does. */
static gboolean
check_index(const VirDomainDef *def, guint at, GError **error)
{
    const VirDomainController *controller = def->devices.controllers[at];

    for (guint i = 0; i < at; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (other->type == controller->type && other->index == controller->index &&
            (controller->type != VIR_DOMAIN_CONTROLLER_TYPE_USB ||
             (!other->info.has_master_startport && !controller->info.has_master_startport)))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "there are two %s controllers %u",
                                 vir_domain_controller_type_to_string(controller->type),
                                 controller->index);
    }
    return TRUE;
}

gboolean
vir_check_controllers(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        const VirDomainController *controller = devices->controllers[i];

        if (!check_model(controller, error) || !check_driver(controller, error) ||
            (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
             !check_usb(model, controller, error)) ||
            (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI &&
             !check_pci(model, controller, error)) ||
            !check_index(model->def, i, error) || !check_built_in(model, controller, error) ||
            !check_binary(model, controller, error) || !check_threads(model, controller, error))
            return FALSE;
    }
    return TRUE;
}
