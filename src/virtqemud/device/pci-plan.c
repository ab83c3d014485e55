/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-plan.h"

#include "vir-error.h"

#define BIT(plug) (1u << (plug))
#define ENDPOINT (BIT(VIR_PCI_PLUG_PCI) | BIT(VIR_PCI_PLUG_PCIE) | BIT(VIR_PCI_PLUG_INTEGRATED))

/* What each kind of bus takes by itself, what more where the user says so, and its slots. */
static const struct {
    int model;
    guint takes;
    guint allows;
    guint first;
    guint last;
} kinds[] = {
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT,
     BIT(VIR_PCI_PLUG_PCI) | BIT(VIR_PCI_PLUG_INTEGRATED) | BIT(VIR_PCI_PLUG_BRIDGE) |
         BIT(VIR_PCI_PLUG_PCI_EXPANDER),
     ENDPOINT, 1, 31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE,
     BIT(VIR_PCI_PLUG_PCI) | BIT(VIR_PCI_PLUG_INTEGRATED) | BIT(VIR_PCI_PLUG_BRIDGE), ENDPOINT, 1,
     31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS,
     BIT(VIR_PCI_PLUG_PCI) | BIT(VIR_PCI_PLUG_INTEGRATED) | BIT(VIR_PCI_PLUG_BRIDGE), ENDPOINT, 0,
     31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT,
     BIT(VIR_PCI_PLUG_INTEGRATED) | BIT(VIR_PCI_PLUG_DMI_BRIDGE) | BIT(VIR_PCI_PLUG_ROOT_PORT) |
         BIT(VIR_PCI_PLUG_PCIE_EXPANDER),
     ENDPOINT, 1, 31},
    {VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE, BIT(VIR_PCI_PLUG_BRIDGE), ENDPOINT, 0, 31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE,
     BIT(VIR_PCI_PLUG_PCI) | BIT(VIR_PCI_PLUG_BRIDGE), ENDPOINT, 1, 31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT,
     BIT(VIR_PCI_PLUG_PCIE) | BIT(VIR_PCI_PLUG_UPSTREAM_PORT) | BIT(VIR_PCI_PLUG_TO_PCI_BRIDGE),
     ENDPOINT, 0, 0},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_UPSTREAM_PORT, BIT(VIR_PCI_PLUG_DOWNSTREAM_PORT), 0, 0,
     31},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT,
     BIT(VIR_PCI_PLUG_PCIE) | BIT(VIR_PCI_PLUG_UPSTREAM_PORT) | BIT(VIR_PCI_PLUG_TO_PCI_BRIDGE),
     ENDPOINT, 0, 0},
    {VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS,
     BIT(VIR_PCI_PLUG_DMI_BRIDGE) | BIT(VIR_PCI_PLUG_ROOT_PORT), ENDPOINT, 0, 31},
};

static gsize
kind_of(int model)
{
    gsize i = 0;

    while (i + 1 < G_N_ELEMENTS(kinds) && kinds[i].model != model)
        i++;
    return i;
}

static void
set_bus(VirPciPlan *plan, guint index, int model)
{
    plan->buses[index].model = model;
    /* The first root of a board is for what is emulated. */
    plan->buses[index].locked = index == 0;
    plan->n_buses = MAX(plan->n_buses, index + 1);
}

/* Model of a controller that only is there for its number. */
static int
filler(const VirPciPlan *plan)
{
    return vir_def_is_pseries(plan->model->def) ? VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT
           : plan->pcie                         ? VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT
                                                : VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE;
}

VirPciPlan *
vir_pci_plan_new(VirModel *model, gboolean grow)
{
    const VirDomainDevices *devices = &model->def->devices;
    VirPciPlan *plan = g_new0(VirPciPlan, 1);

    plan->model = model;
    plan->grow = grow;
    plan->devices = g_array_new(FALSE, FALSE, sizeof(VirPciDevice));
    for (guint i = 0; i < devices->n_controllers; i++) {
        if (devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI)
            set_bus(plan, devices->controllers[i]->index, devices->controllers[i]->model);
    }
    plan->pcie = plan->buses[0].model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT;
    /* Numbers that the document skips are there for its devices, too. */
    for (guint b = 1; grow && b < plan->n_buses; b++) {
        if (!plan->buses[b].model)
            set_bus(plan, b, filler(plan));
    }
    return plan;
}

void
vir_pci_plan_free(VirPciPlan *plan)
{
    g_array_unref(plan->devices);
    g_free(plan);
}

VirPciDevice *
vir_pci_plan_device(const VirPciPlan *plan, const VirDomainDeviceInfo *info)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        VirPciDevice *device = &g_array_index(plan->devices, VirPciDevice, i);

        if (device->info == info)
            return device;
    }
    return NULL;
}

gboolean
vir_pci_plan_is_free(const VirPciPlan *plan, guint bus, guint slot)
{
    return plan->buses[bus].used[slot] == 0;
}

static const char *
describe(const VirPciDevice *device)
{
    return device->controller ? vir_domain_controller_model_to_string(device->controller->model)
                              : "device";
}

/* A device of its group makes an empty bus that of the group; others make it everybody's. */
static void
join_group(VirPciBus *bus, guint group)
{
    gboolean empty = TRUE;

    for (guint slot = 0; slot < 32; slot++)
        empty &= bus->used[slot] == 0;
    if (bus->locked || bus->group == group)
        return;
    if (empty) {
        bus->group = group;
    } else {
        bus->group = 0;
        bus->locked = TRUE;
    }
}

static void
occupy(VirPciPlan *plan, VirPciDevice *device, guint bus, guint slot, guint function)
{
    VirPciBus *at = &plan->buses[bus];

    join_group(at, device->group);
    at->alone[slot] |= device->plug != VIR_PCI_PLUG_ROOT_PORT && !vir_pci_is_companion(device);
    at->used[slot] |= (guint8)(1u << function);
    device->done = TRUE;
    device->bus = bus;
    device->slot = slot;
    device->function = function;
}

gboolean
vir_pci_plan_take(VirPciPlan *plan, VirPciDevice *device, guint bus, guint slot, guint function,
                  GError **error)
{
    gsize kind;

    if (bus >= plan->n_buses && plan->grow && !vir_pci_plan_extend(plan, device->plug, bus, error))
        return FALSE;
    if (bus >= plan->n_buses || !plan->buses[bus].model)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address 0000:%02x:%02x.%x: there is no PCI controller with "
                             "index %u",
                             bus, slot, function, bus);
    kind = kind_of(plan->buses[bus].model);
    if (!((kinds[kind].takes | kinds[kind].allows) & BIT(device->plug)))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address 0000:%02x:%02x.%x: PCI controller %u is a '%s', which "
                             "takes no %s",
                             bus, slot, function, bus,
                             vir_domain_controller_model_to_string(plan->buses[bus].model),
                             describe(device));
    if (slot < kinds[kind].first || slot > kinds[kind].last)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address 0000:%02x:%02x.%x: PCI controller %u has the slots %u "
                             "to %u",
                             bus, slot, function, bus, kinds[kind].first, kinds[kind].last);
    if (plan->buses[bus].used[slot] & 1u << function)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address 0000:%02x:%02x.%x is taken already", bus, slot, function);
    occupy(plan, device, bus, slot, function);
    return TRUE;
}

static gboolean
find_function(const VirPciBus *bus, const VirPciDevice *device, guint slot, guint *function)
{
    if (bus->used[slot] == 0)
        return TRUE;
    if (device->plug != VIR_PCI_PLUG_ROOT_PORT || bus->alone[slot] || bus->used[slot] == 0xff)
        return FALSE;
    for (*function = 0; bus->used[slot] & 1u << *function; (*function)++)
        ;
    return TRUE;
}

static gboolean
is_empty(const VirPciBus *bus)
{
    for (guint slot = 0; slot < 32; slot++) {
        if (bus->used[slot])
            return FALSE;
    }
    return TRUE;
}

/* A bus of its own group; else an empty one, which becomes of the group. */
static gboolean
find(VirPciPlan *plan, VirPciDevice *device, guint function)
{
    /* Traditional place, where guests of other hypervisors have it. */
    if (device->plug == VIR_PCI_PLUG_DMI_BRIDGE && vir_def_is_q35(plan->model->def) &&
        vir_pci_plan_is_free(plan, 0, 0x1e)) {
        occupy(plan, device, 0, 0x1e, 0);
        return TRUE;
    }
    for (guint pass = 0; pass < 2; pass++) {
        for (guint b = 0; b < plan->n_buses; b++) {
            const VirPciBus *bus = &plan->buses[b];
            gsize kind = kind_of(bus->model);

            if (!bus->model || !(kinds[kind].takes & BIT(device->plug)) ||
                (device->controller && device->controller->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI &&
                 device->plug != VIR_PCI_PLUG_UPSTREAM_PORT && b > 0 &&
                 b >= device->controller->index))
                continue;
            if (pass == 0 ? bus->group != device->group : bus->locked || !is_empty(bus))
                continue;
            for (guint slot = kinds[kind].first; slot <= kinds[kind].last; slot++) {
                guint at = function;

                if (find_function(bus, device, slot, &at)) {
                    occupy(plan, device, b, slot, at);
                    return TRUE;
                }
            }
        }
    }
    return FALSE;
}

static gboolean
has_free(const VirPciPlan *plan, VirPciPlug plug)
{
    for (guint b = 0; b < plan->n_buses; b++) {
        gsize kind = kind_of(plan->buses[b].model);

        if (!plan->buses[b].model || !(kinds[kind].takes & BIT(plug)))
            continue;
        for (guint slot = kinds[kind].first; slot <= kinds[kind].last; slot++) {
            if (plan->buses[b].used[slot] == 0)
                return TRUE;
        }
    }
    return FALSE;
}

static gboolean
append(VirPciPlan *plan, int model, GError **error)
{
    if (plan->n_buses >= VIR_PCI_MAX_BUSES)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "there are more PCI devices than %d buses hold", VIR_PCI_MAX_BUSES);
    set_bus(plan, plan->n_buses, model);
    return TRUE;
}

/* Conventional slots below a PCI Express root. */
static gboolean
append_conventional(VirPciPlan *plan, VirPciPlug plug, GError **error)
{
    VirPciDevice bridge = {.plug = VIR_PCI_PLUG_TO_PCI_BRIDGE};
    gboolean dmi = !vir_qemu_caps_has(plan->model->caps, VIR_QEMU_CAPS_DEVICE_PCIE_PCI_BRIDGE);

    if (dmi && !has_free(plan, VIR_PCI_PLUG_BRIDGE) &&
        !append(plan, VIR_DOMAIN_CONTROLLER_MODEL_DMI_TO_PCI_BRIDGE, error))
        return FALSE;
    /* Devices are behind one more bridge where one can be plugged. */
    if (dmi || has_free(plan, VIR_PCI_PLUG_BRIDGE))
        return plug == VIR_PCI_PLUG_BRIDGE ||
               append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, error);
    /* A port comes with the bridge, whether or not others are free: its number is lower. */
    if (!append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, error))
        return FALSE;
    if (!find(plan, &bridge, 0))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "no PCI Express port is free for a "
                             "pcie-to-pci-bridge");
    return append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCIE_TO_PCI_BRIDGE, error);
}

/* One more place for @plug. */
static gboolean
append_for(VirPciPlan *plan, VirPciPlug plug, GError **error)
{
    if (vir_def_is_pseries(plan->model->def) &&
        (plug == VIR_PCI_PLUG_PCI || plug == VIR_PCI_PLUG_BRIDGE))
        return append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT, error);
    switch (plug) {
    case VIR_PCI_PLUG_PCI:
    case VIR_PCI_PLUG_BRIDGE:
        return plan->pcie ? append_conventional(plan, plug, error)
                          : append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, error);
    case VIR_PCI_PLUG_PCIE:
    case VIR_PCI_PLUG_UPSTREAM_PORT:
    case VIR_PCI_PLUG_TO_PCI_BRIDGE:
        if (plan->pcie)
            return append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT, error);
        break;
    default:
        break;
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR,
                         "no PCI controller has a slot for this, and none that has can be added "
                         "by itself");
}

gboolean
vir_pci_plan_extend(VirPciPlan *plan, VirPciPlug plug, guint bus, GError **error)
{
    if (bus >= VIR_PCI_MAX_BUSES)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "PCI bus %u: the last is %d", bus,
                             VIR_PCI_MAX_BUSES - 1);
    /* What is conventional goes behind as many bridges, the first of them behind a port. */
    if (plan->pcie && (plug == VIR_PCI_PLUG_PCI || plug == VIR_PCI_PLUG_BRIDGE)) {
        if (!has_free(plan, VIR_PCI_PLUG_BRIDGE) &&
            !append_conventional(plan, VIR_PCI_PLUG_BRIDGE, error))
            return FALSE;
        while (plan->n_buses <= bus) {
            if (!append(plan, VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE, error))
                return FALSE;
        }
        return TRUE;
    }
    while (plan->n_buses < bus) {
        if (!append(plan, filler(plan), error))
            return FALSE;
    }
    return plan->n_buses > bus || append_for(plan, plug, error);
}

gboolean
vir_pci_plan_place_function(VirPciPlan *plan, VirPciDevice *device, guint function, GError **error)
{
    if (find(plan, device, function))
        return TRUE;
    if (plan->grow && !append_for(plan, device->plug, error)) {
        g_prefix_error(error, "PCI %s: ", describe(device));
        return FALSE;
    }
    if (plan->grow && find(plan, device, function))
        return TRUE;
    return vir_error_set(error, VIR_ERR_XML_ERROR, "no PCI slot is left for a %s",
                         describe(device));
}

gboolean
vir_pci_plan_place(VirPciPlan *plan, VirPciDevice *device, GError **error)
{
    return vir_pci_plan_place_function(plan, device, 0, error);
}

void
vir_pci_plan_commit(VirPciPlan *plan)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        const VirPciDevice *device = &g_array_index(plan->devices, VirPciDevice, i);
        VirDomainAddress *address = device->info->address;

        if (!device->done)
            continue;
        /* zPCI identifiers and the multifunction bit of a half-given address stay. */
        if (!address)
            address = vir_domain_info_new_address(device->info, VIR_DOMAIN_ADDRESS_TYPE_PCI);
        address->bus = (guint16)device->bus;
        address->slot = (guint16)device->slot;
        address->function = (guint8)device->function;
        /* The first function says of its slot that there are others, where there are. */
        if (device->function == 0 && address->multifunction == VIR_TRISTATE_ABSENT &&
            plan->buses[device->bus].used[device->slot] & ~1u)
            address->multifunction = VIR_TRISTATE_ON;
    }
}
