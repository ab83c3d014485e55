/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include <string.h>

#define MAX_BUSES 256

/* Where a device can be plugged. */
typedef enum {
    PLUG_PCI,        /* conventional slots: pci-root and bridges */
    PLUG_PCIE,       /* a port of its own */
    PLUG_INTEGRATED, /* pcie.0 itself */
} Plug;

typedef struct {
    VirDomainDeviceInfo *info;
    Plug plug;
} Device;

typedef struct {
    gboolean there;
    Plug plug;
    guint first; /* slots that devices may have */
    guint last;
    guint8 used[32]; /* functions of each slot, a bit for each */
} Bus;

typedef struct {
    VirDomainDef *def;
    Bus buses[MAX_BUSES];
    GArray *devices; /* Device, in the order in which places are given */
} Plan;

static gboolean
is_pci(const VirDomainDeviceInfo *info)
{
    return info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_PCI;
}

static void
set_address(VirDomainDeviceInfo *info, guint bus, guint slot, guint function)
{
    VirDomainAddress *address = vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_PCI);

    address->bus = bus;
    address->slot = slot;
    address->function = function;
}

static void
add_bus(Plan *plan, const VirDomainController *controller)
{
    Bus *bus;

    if (controller->type != VIR_DOMAIN_CONTROLLER_TYPE_PCI || controller->index >= MAX_BUSES)
        return;
    bus = &plan->buses[controller->index];
    bus->there = TRUE;
    bus->first = 1;
    bus->last = 31;
    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT:
        bus->plug = PLUG_INTEGRATED;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT:
        bus->plug = PLUG_PCIE;
        bus->first = 0;
        bus->last = 0;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS:
        bus->plug = PLUG_INTEGRATED;
        bus->first = 0;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS:
        bus->plug = PLUG_INTEGRATED;
        bus->first = 0;
        bus->last = 0;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE:
        bus->plug = PLUG_PCI;
        bus->first = 0;
        break;
    default:
        bus->plug = PLUG_PCI;
        break;
    }
}

static gboolean
reserve(Plan *plan, VirDomainDeviceInfo *info, GError **error)
{
    const VirDomainAddress *address = info->address;
    Bus *bus = address->bus < MAX_BUSES ? &plan->buses[address->bus] : NULL;
    guint8 bit = (guint8)(1u << address->function);

    if (address->domain != 0 || !bus || !bus->there)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "there is no PCI bus %04x:%02x",
                             address->domain, address->bus);
    if (address->slot > bus->last || address->slot < bus->first)
        return vir_error_set(
            error, VIR_ERR_XML_ERROR, "PCI address %04x:%02x:%02x.%x: the bus has slots %u to %u",
            address->domain, address->bus, address->slot, address->function, bus->first, bus->last);
    if (bus->used[address->slot] & bit)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address %04x:%02x:%02x.%x is taken already", address->domain,
                             address->bus, address->slot, address->function);
    /* One function that says nothing of others has its slot for itself. */
    bus->used[address->slot] |= bit;
    return TRUE;
}

static void
add_device(Plan *plan, VirDomainDeviceInfo *info, Plug plug)
{
    Device device = {info, plug};

    /* On i440fx everything is conventional. */
    if (!vir_def_is_q35(plan->def))
        device.plug = PLUG_PCI;
    g_array_append_val(plan->devices, device);
}

static Plug
plug_of_controller(const VirDomainController *controller)
{
    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI:
    case VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO:
    case VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL:
    case VIR_DOMAIN_CONTROLLER_MODEL_LSISAS1078:
        return PLUG_PCIE;
    case VIR_DOMAIN_CONTROLLER_MODEL_UNSET:
        return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL ? PLUG_PCIE : PLUG_PCI;
    default:
        return PLUG_PCI;
    }
}

/* Kinds that sit on a PCI bus and are no bridge. */
static gboolean
is_pci_controller(const VirDomainDef *def, const VirDomainController *controller)
{
    switch (controller->type) {
    case VIR_DOMAIN_CONTROLLER_TYPE_USB:
        return controller->model != VIR_DOMAIN_CONTROLLER_MODEL_NONE;
    case VIR_DOMAIN_CONTROLLER_TYPE_IDE:
        return vir_def_is_i440fx(def);
    case VIR_DOMAIN_CONTROLLER_TYPE_SCSI:
    case VIR_DOMAIN_CONTROLLER_TYPE_SATA:
    case VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL:
    case VIR_DOMAIN_CONTROLLER_TYPE_NVME:
        return TRUE;
    default:
        return FALSE;
    }
}

static Plug
plug_of_virtio(int model)
{
    return model == VIR_DOMAIN_VIRTIO_MODEL_VIRTIO_TRANSITIONAL ? PLUG_PCI : PLUG_PCIE;
}

static Plug
plug_of_interface(const VirDomainInterface *net)
{
    if (!net->model)
        return PLUG_PCIE;
    return g_str_equal(net->model, "virtio") ||
                   g_str_equal(net->model, "virtio-non-transitional") ||
                   g_str_equal(net->model, "e1000e") || g_str_equal(net->model, "igb") ||
                   g_str_equal(net->model, "vmxnet3")
               ? PLUG_PCIE
               : PLUG_PCI;
}

static void
collect_first(Plan *plan)
{
    VirDomainDevices *devices = &plan->def->devices;

    for (guint i = 0; i < devices->n_filesystems; i++)
        add_device(plan, &devices->filesystems[i]->info,
                   plug_of_virtio(devices->filesystems[i]->model));
    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (g_strcmp0(devices->interfaces[i]->model, "usb-net") != 0)
            add_device(plan, &devices->interfaces[i]->info,
                       plug_of_interface(devices->interfaces[i]));
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        int model = devices->sounds[i]->model;

        if (model != VIR_DOMAIN_SOUND_MODEL_SB16 && model != VIR_DOMAIN_SOUND_MODEL_PCSPK &&
            model != VIR_DOMAIN_SOUND_MODEL_USB)
            add_device(plan, &devices->sounds[i]->info,
                       model == VIR_DOMAIN_SOUND_MODEL_VIRTIO ? PLUG_PCIE : PLUG_PCI);
    }
    for (guint i = 0; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];

        if (is_pci_controller(plan->def, controller))
            add_device(plan, &controller->info, plug_of_controller(controller));
    }
    for (guint i = 0; i < devices->n_disks; i++) {
        if (devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_VIRTIO)
            add_device(plan, &devices->disks[i]->info, plug_of_virtio(devices->disks[i]->model));
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        int kind = devices->hostdevs[i]->source_address.kind;

        if (kind == VIR_DOMAIN_HOSTDEV_TYPE_PCI || kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV ||
            kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST)
            add_device(plan, &devices->hostdevs[i]->info,
                       devices->hostdevs[i]->model == VIR_DOMAIN_HOSTDEV_MODEL_VIRTIO_TRANSITIONAL
                           ? PLUG_PCI
                           : PLUG_PCIE);
    }
}

static void
collect_last(Plan *plan)
{
    VirDomainDevices *devices = &plan->def->devices;

    if (devices->memballoon && devices->memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE &&
        devices->memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_XEN)
        add_device(plan, &devices->memballoon->info,
                   devices->memballoon->model == VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO_TRANSITIONAL
                       ? PLUG_PCI
                       : PLUG_PCIE);
    for (guint i = 0; i < devices->n_rngs; i++)
        add_device(plan, &devices->rngs[i]->info, plug_of_virtio(devices->rngs[i]->model));
    for (guint i = 0; i < devices->n_watchdogs; i++) {
        if (devices->watchdogs[i]->model == VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB)
            add_device(plan, &devices->watchdogs[i]->info, PLUG_PCI);
    }
    for (guint i = 0; i < devices->n_videos; i++) {
        int type = devices->videos[i]->model->type;

        if (type != VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE && type != VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB)
            add_device(plan, &devices->videos[i]->info,
                       type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO ||
                               type == VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS
                           ? PLUG_PCIE
                           : PLUG_PCI);
    }
    for (guint i = 0; i < devices->n_shmems; i++)
        add_device(plan, &devices->shmems[i]->info, PLUG_PCI);
    for (guint i = 0; i < devices->n_inputs; i++) {
        if (devices->inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_VIRTIO)
            add_device(plan, &devices->inputs[i]->info, plug_of_virtio(devices->inputs[i]->model));
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        if (devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL)
            add_device(plan, &devices->serials[i]->info, PLUG_PCI);
    }
    for (guint i = 0; i < devices->n_panics; i++) {
        if (devices->panics[i]->model == VIR_DOMAIN_PANIC_MODEL_PVPANIC)
            add_device(plan, &devices->panics[i]->info, PLUG_INTEGRATED);
    }
    if (devices->vsock)
        add_device(plan, &devices->vsock->info, plug_of_virtio(devices->vsock->model));
}

static gboolean
is_free(const Plan *plan, guint bus, guint slot)
{
    return plan->buses[bus].used[slot] == 0;
}

/* A device of the board: this address, or none other where it must be there. */
static gboolean
place_fixed(Plan *plan, VirDomainDeviceInfo *info, guint slot, guint function, const char *what,
            GError **error)
{
    if (!info->address) {
        set_address(info, 0, slot, function);
        return reserve(plan, info, error);
    }
    if (!is_pci(info) || info->address->bus != 0 || info->address->slot != slot ||
        info->address->function != function)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s can be at PCI address 0:%x.%x only",
                             what, slot, function);
    return TRUE;
}

/* Where a first graphics card usually is; another place will do where that one is taken. */
static gboolean
place_video(Plan *plan, guint slot, GError **error)
{
    VirDomainDevices *devices = &plan->def->devices;

    for (guint i = 0; i < devices->n_videos; i++) {
        VirDomainVideo *video = devices->videos[i];

        if (video->model->primary != VIR_TRISTATE_YES || video->info.address ||
            video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE ||
            video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB)
            continue;
        for (guint at = slot; at <= 31; at++) {
            if (is_free(plan, 0, at)) {
                set_address(&video->info, 0, at, 0);
                return reserve(plan, &video->info, error);
            }
        }
    }
    return TRUE;
}

static gboolean
reserve_i440fx(Plan *plan, GError **error)
{
    VirDomainDef *def = plan->def;
    VirDomainController *ide = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_IDE, 0);
    VirDomainController *usb = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0);

    if (ide && !place_fixed(plan, &ide->info, 1, 1, "the first IDE controller", error))
        return FALSE;
    if (usb && usb->model == VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI && !usb->info.address &&
        !(plan->buses[0].used[1] & 1u << 2)) {
        set_address(&usb->info, 0, 1, 2);
        if (!reserve(plan, &usb->info, error))
            return FALSE;
    }
    /* The rest of the PIIX3: ISA bridge and power management. */
    plan->buses[0].used[1] |= 1u << 0 | 1u << 1 | 1u << 3;
    return place_video(plan, 2, error);
}

/* The EHCI of ICH9 and its companions share one slot: 0x1d, then 0x1a. */
static gboolean
place_ich9_usb(Plan *plan, VirDomainController *controller, GError **error)
{
    static const guint slots[] = {0x1d, 0x1a};
    guint function;

    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1:
        function = 7;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1:
        function = 0;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI2:
        function = 1;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3:
        function = 2;
        break;
    default:
        return TRUE;
    }
    if (controller->info.address || controller->index >= G_N_ELEMENTS(slots))
        return TRUE;
    set_address(&controller->info, 0, slots[controller->index], function);
    if (function == 0)
        controller->info.address->multifunction = VIR_TRISTATE_ON;
    return reserve(plan, &controller->info, error);
}

static gboolean
reserve_q35(Plan *plan, GError **error)
{
    VirDomainDevices *devices = &plan->def->devices;
    VirDomainController *sata = vir_def_controller(plan->def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0);

    if (sata && !place_fixed(plan, &sata->info, 0x1f, 2, "the first SATA controller", error))
        return FALSE;
    for (guint i = 0; i < devices->n_controllers; i++) {
        if (devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
            !place_ich9_usb(plan, devices->controllers[i], error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        VirDomainSound *sound = devices->sounds[i];

        if (sound->model == VIR_DOMAIN_SOUND_MODEL_ICH9 && !sound->info.address &&
            is_free(plan, 0, 0x1b)) {
            set_address(&sound->info, 0, 0x1b, 0);
            if (!reserve(plan, &sound->info, error))
                return FALSE;
        }
    }
    /* ISA bridge and SMBus of the ICH9. */
    plan->buses[0].used[0x1f] |= 1u << 0 | 1u << 2 | 1u << 3;
    return place_video(plan, 1, error);
}

static gboolean
find_free(const Plan *plan, Plug plug, guint *bus, guint *slot)
{
    for (guint b = 0; b < MAX_BUSES; b++) {
        const Bus *at = &plan->buses[b];

        if (!at->there || at->plug != plug)
            continue;
        for (guint s = at->first; s <= at->last; s++) {
            if (at->used[s] == 0) {
                *bus = b;
                *slot = s;
                return TRUE;
            }
        }
    }
    return FALSE;
}

static guint
count_free(const Plan *plan, Plug plug)
{
    guint n = 0;

    for (guint b = 0; b < MAX_BUSES; b++) {
        const Bus *at = &plan->buses[b];

        for (guint s = at->first; at->there && at->plug == plug && s <= at->last; s++)
            n += at->used[s] == 0;
    }
    return n;
}

static guint
next_bus(const Plan *plan)
{
    guint next = 0;

    for (guint b = 0; b < MAX_BUSES; b++) {
        if (plan->buses[b].there)
            next = b + 1;
    }
    return next;
}

static gboolean
append_bus(Plan *plan, int model, GError **error)
{
    guint index = next_bus(plan);

    if (index >= MAX_BUSES)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "more PCI devices than %d buses hold",
                             MAX_BUSES);
    add_bus(plan, vir_def_add_controller(plan->def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, index, model));
    return TRUE;
}

/* Bridges and ports without a place of their own yet, by what they are plugged into. */
static guint
count_controllers(const Plan *plan, Plug plug)
{
    guint n = 0;

    for (guint i = 0; i < plan->def->devices.n_controllers; i++) {
        const VirDomainController *controller = plan->def->devices.controllers[i];
        gboolean bridge = controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE;
        gboolean to_pci =
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE ||
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT;

        if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI && !controller->info.address &&
            ((plug == PLUG_PCI && bridge) || (plug == PLUG_PCIE && to_pci)))
            n++;
    }
    return n;
}

/* As many ports and bridges as the devices need that have no place yet. */
static gboolean
add_buses(Plan *plan, GError **error)
{
    gboolean q35 = vir_def_is_q35(plan->def);
    guint before = next_bus(plan);
    gboolean users = before > 1;
    guint pci = 0;
    guint pcie = 0;

    for (guint i = 0; i < plan->devices->len; i++) {
        const Device *device = &g_array_index(plan->devices, Device, i);

        if (device->info->address)
            continue;
        pci += device->plug == PLUG_PCI;
        pcie += device->plug == PLUG_PCIE;
    }
    while (pci + count_controllers(plan, PLUG_PCI) > count_free(plan, PLUG_PCI)) {
        /* A bridge hangs on a port with a lower number than its own. */
        if (q35 && count_free(plan, PLUG_PCIE) <= count_controllers(plan, PLUG_PCIE) &&
            !append_bus(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, error))
            return FALSE;
        if (!append_bus(plan,
                        q35 ? VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE
                            : VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE,
                        error))
            return FALSE;
    }
    if (!q35)
        return TRUE;
    pcie += count_controllers(plan, PLUG_PCIE);
    if (pcie <= count_free(plan, PLUG_PCIE) && next_bus(plan) == before)
        return TRUE;
    /* Where all ports are ours, one more stays free for a device to be plugged. */
    pcie += !users;
    while (pcie > count_free(plan, PLUG_PCIE)) {
        if (!append_bus(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, error))
            return FALSE;
    }
    return TRUE;
}

/* Root ports share slots, eight in each. */
static gboolean
find_port_place(const Plan *plan, guint *slot, guint *function)
{
    const VirDomainDevices *devices = &plan->def->devices;
    guint8 ports[32] = {0};

    for (guint i = 0; i < devices->n_controllers; i++) {
        const VirDomainController *controller = devices->controllers[i];

        if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT &&
            is_pci(&controller->info) && controller->info.address->bus == 0)
            ports[controller->info.address->slot] |=
                (guint8)(1u << controller->info.address->function);
    }
    for (guint s = 1; s <= 31; s++) {
        /* Shared by others than ports, or by a port that wants to be alone. */
        if (plan->buses[0].used[s] != ports[s] || ports[s] == 0xff)
            continue;
        for (guint f = 0; f < 8; f++) {
            if (!(ports[s] & 1u << f)) {
                *slot = s;
                *function = f;
                return TRUE;
            }
        }
    }
    return FALSE;
}

/* A port says of its slot that there are others, where there are. */
static void
set_multifunction(Plan *plan)
{
    VirDomainDevices *devices = &plan->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];
        VirDomainAddress *address = controller->info.address;

        if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT &&
            is_pci(&controller->info) && address->bus == 0 && address->function == 0 &&
            address->multifunction == VIR_TRISTATE_ABSENT &&
            plan->buses[0].used[address->slot] & ~1u)
            address->multifunction = VIR_TRISTATE_ON;
    }
}

static gboolean
place_bridge(Plan *plan, VirDomainController *controller, GError **error)
{
    guint bus = 0;
    guint slot = 0;
    guint function = 0;
    gboolean found;

    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT:
        return TRUE;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT:
        found = find_port_place(plan, &slot, &function);
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE:
        found = find_free(plan, PLUG_PCI, &bus, &slot);
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT:
        found = find_free(plan, PLUG_PCIE, &bus, &slot);
        break;
    default:
        found =
            find_free(plan, vir_def_is_q35(plan->def) ? PLUG_INTEGRATED : PLUG_PCI, &bus, &slot);
        break;
    }
    if (!found || (bus == controller->index && controller->index > 0))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "no PCI slot is left for controller %u '%s'",
                             controller->index,
                             vir_domain_controller_model_to_string(controller->model));
    set_address(&controller->info, bus, slot, function);
    return reserve(plan, &controller->info, error);
}

/* What plays a PCI controller, and its numbers; they never change once given. */
static void
default_bridge(VirDomainController *controller)
{
    static const struct {
        int model;
        const char *name;
    } names[] = {
        {VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, "pci-bridge"},
        {VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE, "i82801b11-bridge"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE, "pcie-pci-bridge"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, "pcie-root-port"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT, "x3130-upstream"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT, "xio3130-downstream"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS, "pxb"},
        {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS, "pxb-pcie"},
    };

    for (gsize i = 0; !controller->model_name && i < G_N_ELEMENTS(names); i++) {
        if (names[i].model == (int)controller->model)
            controller->model_name = g_strdup(names[i].name);
    }
    if (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE &&
        !controller->has_chassis_nr) {
        controller->chassis_nr = (guint8)controller->index;
        controller->has_chassis_nr = TRUE;
    }
    if (controller->model != VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT &&
        controller->model != VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT)
        return;
    if (!controller->has_chassis) {
        controller->chassis = (guint8)controller->index;
        controller->has_chassis = TRUE;
    }
    if (!controller->has_port && is_pci(&controller->info)) {
        const VirDomainAddress *address = controller->info.address;

        controller->port = controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT
                               ? address->slot << 3 | address->function
                               : address->slot;
        controller->has_port = TRUE;
    }
}

static gboolean
place_bridges(Plan *plan, GError **error)
{
    VirDomainDevices *devices = &plan->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];

        if (controller->type != VIR_DOMAIN_CONTROLLER_TYPE_PCI)
            continue;
        if (!controller->info.address && !place_bridge(plan, controller, error))
            return FALSE;
        default_bridge(controller);
    }
    set_multifunction(plan);
    return TRUE;
}

static gboolean
place_devices(Plan *plan, GError **error)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        Device *device = &g_array_index(plan->devices, Device, i);
        guint bus = 0;
        guint slot = 0;

        if (device->info->address)
            continue;
        if (!find_free(plan, device->plug, &bus, &slot))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "no PCI slot is left");
        set_address(device->info, bus, slot, 0);
        if (!reserve(plan, device->info, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
reserve_given(Plan *plan, GError **error)
{
    VirDomainDevices *devices = &plan->def->devices;

    for (guint i = 0; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];

        if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI && is_pci(&controller->info) &&
            !reserve(plan, &controller->info, error))
            return FALSE;
    }
    for (guint i = 0; i < plan->devices->len; i++) {
        Device *device = &g_array_index(plan->devices, Device, i);

        if (is_pci(device->info) && !reserve(plan, device->info, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_complete_pci(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(GArray) devices = g_array_new(FALSE, FALSE, sizeof(Device));
    g_autofree Plan *plan = g_new0(Plan, 1);
    gboolean ok;

    plan->def = def;
    plan->devices = devices;
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (def->devices.controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI &&
            def->devices.controllers[i]->index >= MAX_BUSES)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "PCI controller %u: the last is %d",
                                 def->devices.controllers[i]->index, MAX_BUSES - 1);
        add_bus(plan, def->devices.controllers[i]);
    }
    collect_first(plan);
    collect_last(plan);
    if (!reserve_given(plan, error))
        return FALSE;
    ok = vir_def_is_q35(def) ? reserve_q35(plan, error) : reserve_i440fx(plan, error);
    return ok && add_buses(plan, error) && place_bridges(plan, error) && place_devices(plan, error);
}
