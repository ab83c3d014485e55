/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-plan.h"

#include "vir-error.h"

/* A device of the board: this address, or none other where it must be there. */
static gboolean
place_fixed(VirPciPlan *plan, const VirDomainController *controller, guint slot, guint function,
            const char *what, GError **error)
{
    VirPciDevice *device = controller ? vir_pci_plan_device(plan, &controller->info) : NULL;

    if (!device)
        return TRUE;
    if (!device->done)
        return vir_pci_plan_take(plan, device, 0, slot, function, error);
    if (device->bus != 0 || device->slot != slot || device->function != function)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s is part of the board, at PCI address 0000:00:%02x.%x only", what,
                             slot, function);
    return TRUE;
}

/* Where a first graphics card usually is; another place will do where that one is taken. */
static gboolean
place_video(VirPciPlan *plan, guint slot, GError **error)
{
    VirDomainDevices *devices = &plan->model->def->devices;

    for (guint i = 0; i < devices->n_videos; i++) {
        VirPciDevice *device = vir_pci_plan_device(plan, &devices->videos[i]->info);

        if (devices->videos[i]->model->primary != VIR_TRISTATE_YES || !device || device->done)
            continue;
        for (guint at = slot; at <= 31; at++) {
            if (vir_pci_plan_is_free(plan, 0, at))
                return vir_pci_plan_take(plan, device, 0, at, 0, error);
        }
    }
    return TRUE;
}

/* Functions of the board that no device of a document is. */
static gboolean
reserve(VirPciPlan *plan, guint slot, guint8 functions, GError **error)
{
    guint both = plan->buses[0].used[slot] & functions;

    if (both)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI address 0000:00:%02x.%d is that of a device of the board", slot,
                             g_bit_nth_lsf(both, -1));
    plan->buses[0].used[slot] |= functions;
    plan->buses[0].alone[slot] = TRUE;
    return TRUE;
}

static gboolean
place_i440fx(VirPciPlan *plan, GError **error)
{
    const VirDomainDef *def = plan->model->def;
    VirDomainController *usb = vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0);
    VirPciDevice *device = usb ? vir_pci_plan_device(plan, &usb->info) : NULL;

    if (!place_fixed(plan, vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_IDE, 0), 1, 1,
                     "the first IDE controller", error))
        return FALSE;
    if (device && !device->done && usb->model == VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI &&
        !(plan->buses[0].used[1] & 1u << 2) && !vir_pci_plan_take(plan, device, 0, 1, 2, error))
        return FALSE;
    /* The rest of the PIIX3: ISA bridge and power management. */
    return reserve(plan, 1, 1u << 0 | 1u << 3, error) && place_video(plan, 2, error);
}

/* Function of a slot that a USB 2 controller or its companion is; -1: neither. */
static int
companion_function(const VirPciDevice *device)
{
    switch (device->controller && device->controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB
                ? device->controller->model
                : VIR_DOMAIN_CONTROLLER_MODEL_UNSET) {
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1:
        return 7;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1:
        return 0;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI2:
        return 1;
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3:
        return 2;
    default:
        return -1;
    }
}

gboolean
vir_pci_is_companion(const VirPciDevice *device)
{
    return companion_function(device) >= 0;
}

/* One of the same group that has a place already. */
static const VirPciDevice *
find_companion(const VirPciPlan *plan, const VirPciDevice *device)
{
    for (guint i = 0; i < plan->devices->len; i++) {
        const VirPciDevice *other = &g_array_index(plan->devices, VirPciDevice, i);

        if (other->done && vir_pci_is_companion(other) &&
            other->controller->index == device->controller->index)
            return other;
    }
    return NULL;
}

gboolean
vir_pci_place_companion(VirPciPlan *plan, VirPciDevice *device, GError **error)
{
    const VirPciDevice *other = find_companion(plan, device);
    guint function = (guint)companion_function(device);

    if (other)
        return vir_pci_plan_take(plan, device, other->bus, other->slot, function, error);
    return vir_pci_plan_place_function(plan, device, function, error);
}

/* Where the ICH9 has its USB 2 controllers; others are placed like any device. */
static gboolean
place_ich9_usb(VirPciPlan *plan, VirPciDevice *device, GError **error)
{
    static const guint slots[] = {0x1d, 0x1a};

    if (device->done || !vir_pci_is_companion(device))
        return TRUE;
    if (find_companion(plan, device))
        return vir_pci_place_companion(plan, device, error);
    /* The first companion is what a group is placed by. */
    for (gsize i = 0; companion_function(device) == 0 && i < G_N_ELEMENTS(slots); i++) {
        if (vir_pci_plan_is_free(plan, 0, slots[i]))
            return vir_pci_plan_take(plan, device, 0, slots[i], (guint)companion_function(device),
                                     error);
    }
    return TRUE;
}

static gboolean
place_q35(VirPciPlan *plan, GError **error)
{
    VirDomainDevices *devices = &plan->model->def->devices;

    if (!place_fixed(
            plan, vir_domain_controller_find(plan->model->def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0),
            0x1f, 2, "the first SATA controller", error))
        return FALSE;
    for (guint i = 0; i < plan->devices->len; i++) {
        if (!place_ich9_usb(plan, &g_array_index(plan->devices, VirPciDevice, i), error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        VirPciDevice *device = vir_pci_plan_device(plan, &devices->sounds[i]->info);

        if (devices->sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_ICH9 && device && !device->done &&
            vir_pci_plan_is_free(plan, 0, 0x1b) &&
            !vir_pci_plan_take(plan, device, 0, 0x1b, 0, error))
            return FALSE;
    }
    /* ISA bridge and SMBus of the ICH9. */
    return reserve(plan, 0x1f, 1u << 0 | 1u << 3, error) && place_video(plan, 1, error);
}

gboolean
vir_pci_place_board(VirPciPlan *plan, GError **error)
{
    if (vir_def_is_q35(plan->model->def))
        return place_q35(plan, error);
    return !vir_def_is_i440fx(plan->model->def) || place_i440fx(plan, error);
}
