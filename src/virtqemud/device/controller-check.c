/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"

#include "vir-domain-iothread.h"
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

/* Names of the devices that can play a model, the better one first, and what they are told. */
typedef struct {
    int model;
    const char *names[2];
    guint options;
} Bridge;

static const Bridge bridges[] = {
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

/* The row of a model, or NULL. */
static const Bridge *
find_bridge(int model)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bridges); i++) {
        if (bridges[i].model == model)
            return &bridges[i];
    }
    return NULL;
}

const char *
vir_controller_bridge(const VirModel *model, const VirDomainController *controller)
{
    const Bridge *bridge = find_bridge(controller->model);

    if (!bridge || (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT &&
                    !vir_def_is_pseries(model->def)))
        return NULL;
    return bridge->names[1] && !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_PCIE_ROOT_PORT)
               ? bridge->names[1]
               : bridge->names[0];
}

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
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "a '%s' has no %s",
                         vir_domain_controller_model_to_string(controller->model), refused);
}

static gboolean
check_root(const VirModel *model, const VirDomainController *controller, GError **error)
{
    gboolean pseries = vir_def_is_pseries(model->def);

    if (controller->index > 0 &&
        !(pseries && controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a '%s' has index 0 on this machine type",
                             vir_domain_controller_model_to_string(controller->model));
    if (controller->info.address)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a root is plugged into nothing, it has no address");
    if (controller->hotplug && !vir_def_is_i440fx(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "hotplug on the root can be turned off on i440fx only");
    if (!pseries)
        return TRUE;
    if ((controller->index == 0) != (controller->target_index == 0))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "target index %u: index 0 is of controller 0, and of it only",
                             controller->target_index);
    if (controller->target_index > 30)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "target index %u is more than 30",
                             controller->target_index);
    if (controller->has_node && controller->index == 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the first is of no NUMA node; further host bridges can be");
    return TRUE;
}

static gboolean
check_numbers(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainDef *def = model->def;

    if (controller->has_chassis_nr && controller->chassis_nr == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "chassisNr is 1 to 255");
    if (controller->has_bus_nr && (controller->bus_nr == 0 || controller->bus_nr == 255))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "busNr is 1 to 254");
    if (controller->has_node && controller->node >= (def->cpu ? def->cpu->n_numa_cells : 0))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the guest has no NUMA node %u",
                             controller->node);
    return TRUE;
}

static gboolean
check_pci(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const Bridge *bridge = find_bridge(controller->model);

    if (!bridge)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no PCI bus",
                             controller->model
                                 ? vir_domain_controller_model_to_string(controller->model)
                                 : "(none)");
    if (controller->model_name && g_strcmp0(controller->model_name, bridge->names[0]) != 0 &&
        g_strcmp0(controller->model_name, bridge->names[1]) != 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "a '%s' is not played by '%s'",
                             vir_domain_controller_model_to_string(controller->model),
                             controller->model_name);
    if (!check_options(controller, bridge->options, error) ||
        !check_numbers(model, controller, error))
        return FALSE;
    if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS &&
        !vir_def_is_i440fx(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a 'pci-expander-bus' is for i440fx machine types");
    if (controller->has_pcihole64 && controller->pcihole64 && !vir_def_is_q35(model->def) &&
        !vir_def_is_i440fx(model->def))
        return vir_error_set(
            error, VIR_ERR_CONFIG_UNSUPPORTED,
            "the size of the 64-bit hole can be set on pc and q35 only, not on machine type '%s'",
            model->def->os.machine);
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
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "an xHCI has 1 to 15 ports");
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (other->type != VIR_DOMAIN_CONTROLLER_TYPE_USB || other == controller)
            continue;
        if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NONE)
            return vir_error_set(
                error, VIR_ERR_XML_ERROR,
                "model 'none' says that the guest has no USB, but there is another one");
        master |= other->index == controller->index && !other->info.has_master_startport;
    }
    if (!master)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a '%s' is a companion, but there is no master of that index",
                             vir_domain_controller_model_to_string(controller->model));
    return TRUE;
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
                         "'%s' is a model of another kind of controller",
                         vir_domain_controller_model_to_string(controller->model));
}

/* Options of virtio-scsi that no other kind has. */
static gboolean
check_driver(const VirDomainController *controller, GError **error)
{
    static const VirDomainControllerDriver none;
    const VirDomainControllerDriver *driver = controller->driver ? controller->driver : &none;
    gboolean scsi = vir_domain_controller_is_virtio_scsi(controller);
    const VirModelPart options[] = {
        {driver->queues, "queues", scsi},
        {driver->cmd_per_lun, "cmd_per_lun", scsi},
        {driver->max_sectors, "max_sectors", scsi},
        {driver->ioeventfd, "ioeventfd", scsi},
    };
    const char *refused = vir_model_refused(options, G_N_ELEMENTS(options));

    return !refused || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "driver/@%s is of model 'virtio-scsi' only", refused);
}

static gboolean
check_threads(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainControllerDriver *driver = controller->driver;

    if (!driver || (!driver->has_iothread && driver->n_iothreads == 0))
        return TRUE;
    if (!vir_domain_controller_is_virtio_scsi(controller))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "only one of virtio-scsi has I/O threads");
    if (driver->has_iothread && driver->n_iothreads > 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "either one I/O thread or a mapping of several");
    if (driver->has_iothread && !vir_domain_has_iothread(model->def, driver->iothread))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "there is no I/O thread %u",
                             driver->iothread);
    for (guint i = 0; i < driver->n_iothreads; i++) {
        const VirDomainDiskIothread *thread = driver->iothreads[i];

        if (!vir_domain_has_iothread(model->def, thread->id))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "there is no I/O thread %u", thread->id);
        for (guint j = 0; j < i; j++) {
            if (driver->iothreads[j]->id == thread->id)
                return vir_error_set(error, VIR_ERR_XML_ERROR, "I/O thread %u is mapped twice",
                                     thread->id);
        }
        for (guint j = 0; driver->queues > 0 && j < thread->n_queues; j++) {
            if (thread->queues[j]->id >= driver->queues)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "queue %u of I/O thread %u: there are %u",
                                     thread->queues[j]->id, thread->id, driver->queues);
        }
    }
    return TRUE;
}

static gboolean
check_built_in(const VirModel *model, const VirDomainController *controller, GError **error)
{
    const VirDomainDef *def = model->def;

    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_IDE) {
        if (!vir_board(def, model->caps).ide)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "machine type '%s' has none, and none can be added",
                                 def->os.machine);
        if (controller->index > 0)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "machine type '%s' has but controller 0", def->os.machine);
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90 &&
        (!vir_def_has_arch(def, "sparc", NULL) || controller->index > 0))
        return vir_error_set(
            error, VIR_ERR_CONFIG_UNSUPPORTED,
            "'ncr53c90' is the first controller of sparc, where it is part of the board");
    return TRUE;
}

/* Whether any QEMU, and this one, has it; USB controllers are asked for when the guest starts. */
static gboolean
check_binary(const VirModel *model, const VirDomainController *controller, GError **error)
{
    gboolean there;

    switch (controller->type) {
    case VIR_DOMAIN_CONTROLLER_TYPE_USB:
        there = controller->model != VIR_DOMAIN_CONTROLLER_MODEL_QUSB1 &&
                controller->model != VIR_DOMAIN_CONTROLLER_MODEL_QUSB2;
        break;
    case VIR_DOMAIN_CONTROLLER_TYPE_SCSI:
        there = controller->model == VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90 ||
                vir_domain_controller_is_virtio_scsi(controller) ||
                vir_controller_is_there(model->caps, controller);
        break;
    case VIR_DOMAIN_CONTROLLER_TYPE_SATA:
        there = vir_controller_is_there(model->caps, controller);
        break;
    default:
        there = TRUE;
    }
    return there || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                  "emulator '%s' has no model '%s'", model->caps->binary,
                                  controller->model
                                      ? vir_domain_controller_model_to_string(controller->model)
                                      : vir_domain_controller_type_to_string(controller->type));
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
            return vir_error_set(error, VIR_ERR_XML_ERROR, "there is another one of this index");
    }
    return TRUE;
}

static gboolean
check_controller(const VirModel *model, guint at, GError **error)
{
    const VirDomainController *controller = model->def->devices.controllers[at];

    if (!check_model(controller, error) || !check_driver(controller, error))
        return FALSE;
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !check_usb(model, controller, error))
        return FALSE;
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI && !check_pci(model, controller, error))
        return FALSE;
    return check_index(model->def, at, error) && check_built_in(model, controller, error) &&
           check_binary(model, controller, error) && check_threads(model, controller, error);
}

gboolean
vir_check_controllers(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        if (!check_controller(model, i, error)) {
            g_prefix_error(error, "%s controller %u: ",
                           vir_domain_controller_type_to_string(devices->controllers[i]->type),
                           devices->controllers[i]->index);
            return FALSE;
        }
    }
    return TRUE;
}
