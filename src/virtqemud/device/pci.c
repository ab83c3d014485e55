/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-plan.h"

#include "vir-error.h"

static gboolean
has_address(const VirPciDevice *device)
{
    const VirDomainAddress *address = device->info->address;

    /* Bus 0 has no slot 0: an address of nothing but zeros asks for one. */
    return address && (address->domain || address->bus || address->slot);
}

static gboolean
take_given(VirPciPlan *plan, GError **error)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        VirPciDevice *device = &g_array_index(plan->devices, VirPciDevice, i);
        const VirDomainAddress *address = device->info->address;

        if (!has_address(device))
            continue;
        if (address->domain != 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "PCI address %04x:%02x:%02x.%x: a guest has PCI domain 0 only",
                                 address->domain, address->bus, address->slot, address->function);
        if (!vir_pci_plan_take(plan, device, address->bus, address->slot, address->function, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_full(const VirPciPlan *plan)
{
    for (guint b = 0; b < plan->n_buses; b++) {
        for (guint slot = 1; plan->buses[b].model && slot < 32; slot++) {
            if (vir_pci_plan_is_free(plan, b, slot))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean
place_all(VirPciPlan *plan, GError **error)
{
    gboolean full;

    vir_pci_collect(plan);
    if (!take_given(plan, error))
        return FALSE;
    full = is_full(plan);
    if (!vir_pci_place_board(plan, error))
        return FALSE;
    for (guint i = 0; i < plan->devices->len; i++) {
        VirPciDevice *device = &g_array_index(plan->devices, VirPciDevice, i);

        if (device->done)
            continue;
        if (!(vir_pci_is_companion(device) ? vir_pci_place_companion(plan, device, error)
                                           : vir_pci_plan_place(plan, device, error)))
            return FALSE;
    }
    /* A slot is kept for a bridge, so that one can be added when it is needed. */
    if (plan->grow && !plan->pcie && !full) {
        VirPciDevice spare = {.plug = VIR_PCI_PLUG_BRIDGE};

        return vir_pci_plan_place(plan, &spare, error);
    }
    return TRUE;
}

/* Adds the buses that the devices need; *@added: it did. */
static gboolean
add_buses(VirModel *model, gboolean *added, GError **error)
{
    g_autoptr(VirPciPlan) plan = vir_pci_plan_new(model, TRUE);
    guint before = plan->n_buses;

    if (!place_all(plan, error))
        return FALSE;
    /* Where all ports are ours, one more stays free for a device to be plugged. */
    if (plan->pcie && before == 1 && plan->n_buses > 1) {
        VirPciDevice spare = {.plug = VIR_PCI_PLUG_PCIE};

        if (!vir_pci_plan_place(plan, &spare, error))
            return FALSE;
    }
    *added = FALSE;
    for (guint b = 1; b < plan->n_buses; b++) {
        if (vir_domain_controller_find(model->def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, b))
            continue;
        vir_domain_controller_add(model->def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, b,
                                  plan->buses[b].model);
        *added = TRUE;
    }
    return TRUE;
}

/* First bus number of an expander: below those of the others, with room for a bridge behind it. */
static guint8
next_bus_nr(const VirDomainDef *def)
{
    guint lowest = 256;

    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (def->devices.controllers[i]->has_bus_nr)
            lowest = MIN(lowest, def->devices.controllers[i]->bus_nr);
    }
    return (guint8)(lowest > 2 ? lowest - 2 : 1);
}

static guint
next_target_index(const VirDomainDef *def)
{
    for (guint index = 0;; index++) {
        gboolean taken = FALSE;

        for (guint i = 0; i < def->devices.n_controllers; i++)
            taken |= def->devices.controllers[i]->has_target_index &&
                     def->devices.controllers[i]->target_index == index;
        if (!taken)
            return index;
    }
}

/* The numbers of a PCI controller; they never change once given. */
static void
number_bridge(const VirModel *model, VirDomainController *controller)
{
    const VirDomainAddress *address = controller->info.address;

    if (!controller->model_name)
        controller->model_name = g_strdup(vir_controller_bridge(model, controller));
    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT:
        if (!controller->has_target_index && vir_def_is_pseries(model->def)) {
            controller->target_index = next_target_index(model->def);
            controller->has_target_index = TRUE;
        }
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_BRIDGE:
        if (!controller->has_chassis_nr)
            controller->chassis_nr = (guint8)controller->index;
        controller->has_chassis_nr = TRUE;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_EXPANDER_BUS:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_EXPANDER_BUS:
        if (!controller->has_bus_nr)
            controller->bus_nr = next_bus_nr(model->def);
        controller->has_bus_nr = TRUE;
        break;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT:
    case VIR_DOMAIN_CONTROLLER_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT:
        if (!controller->has_chassis)
            controller->chassis = (guint8)controller->index;
        if (!controller->has_port && address)
            controller->port = controller->model == VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT_PORT
                                   ? address->slot << 3 | address->function
                                   : address->slot;
        controller->has_chassis = TRUE;
        controller->has_port = TRUE;
        break;
    default:
        break;
    }
}

/*
 * Boards without PCI have no place for what is nowhere else. Those of ARM and RISC-V are many, and
 * what they have in its place is left to QEMU.
 */
static gboolean
check_none(VirModel *model, GError **error)
{
    g_autoptr(VirPciPlan) plan = vir_pci_plan_new(model, FALSE);

    if (vir_def_is_arm(model->def) || vir_def_is_riscv(model->def))
        return TRUE;
    vir_pci_collect(plan);
    if (plan->devices->len > 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "machine type '%s' has no PCI bus, and there are devices that are "
                             "nowhere else",
                             model->def->os.machine);
    return TRUE;
}

gboolean
vir_complete_pci(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(VirPciPlan) plan = NULL;
    gboolean added = TRUE;

    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (def->devices.controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI &&
            def->devices.controllers[i]->index >= VIR_PCI_MAX_BUSES)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "PCI controller %u: the last is %d",
                                 def->devices.controllers[i]->index, VIR_PCI_MAX_BUSES - 1);
    }
    if (!vir_pci_is_there(model))
        return check_none(model, error);
    while (added) {
        if (!add_buses(model, &added, error))
            return FALSE;
    }
    plan = vir_pci_plan_new(model, FALSE);
    if (!place_all(plan, error))
        return FALSE;
    vir_pci_plan_commit(plan);
    if (!vir_pci_complete_zpci(plan, error))
        return FALSE;
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (def->devices.controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_PCI)
            number_bridge(model, def->devices.controllers[i]);
    }
    return TRUE;
}
