/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"
#include <string.h>

static gboolean
is_companion(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
           controller->model >= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1 &&
           controller->model <= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3;
}

/* Whether @a is before @b, which is of the same kind: by index, a master before its companions. */
static gboolean
is_before(const VirDomainController *a, const VirDomainController *b)
{
    if (a->index != b->index)
        return a->index < b->index;
    return !a->info.has_master_startport && b->info.has_master_startport;
}

/* Behind the last of its kind that is not after it; before the first where all are. */
static guint
place_in(const VirDomainDevices *devices, guint n, const VirDomainController *controller)
{
    guint at = n;

    for (guint i = n; i > 0; i--) {
        const VirDomainController *other = devices->controllers[i - 1];

        if (other->type != controller->type)
            continue;
        if (!is_before(controller, other))
            return i;
        at = i - 1;
    }
    return at;
}

static void
sort_controllers(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 1; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];
        guint at = place_in(devices, i, controller);

        memmove(devices->controllers + at + 1, devices->controllers + at,
                (i - at) * sizeof(*devices->controllers));
        devices->controllers[at] = controller;
    }
}

VirDomainController *
vir_def_add_controller(VirDomainDef *def, int type, guint index, int model)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainController *controller = vir_domain_controller_new();

    controller->type = (guint8)type;
    controller->index = index;
    controller->has_index = TRUE;
    controller->model = (guint8)model;
    vir_xml_insert(devices, controllers, place_in(devices, devices->n_controllers, controller),
                   controller);
    return controller;
}

int
vir_default_scsi_model(const VirModel *model)
{
    const VirDomainDef *def = model->def;

    if (vir_def_is_pseries(def))
        return VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI;
    if (vir_def_has_arch(def, "sparc", NULL))
        return VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90;
    if (vir_def_is_s390(def) || !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_SCSI_LSI))
        return VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
    return VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC;
}

/* One of a kind that has its index. */
static gboolean
has_index(const VirDomainDef *def, int type, guint index)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (other->type == type && other->has_index && other->index == index)
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_member(const VirDomainDef *def, guint index, int model)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (is_companion(other) && other->has_index && other->index == index &&
            (!model || other->model == model))
            return TRUE;
    }
    return FALSE;
}

/* The lowest that is free; a USB 2 controller joins a group that lacks one of its kind. */
static void
assign_index(const VirDomainDef *def, VirDomainController *controller)
{
    guint index = 0;

    while (is_companion(controller)
               ? has_index(def, controller->type, index) &&
                     (!has_member(def, index, 0) || has_member(def, index, controller->model))
               : has_index(def, controller->type, index))
        index++;
    controller->index = index;
    controller->has_index = TRUE;
}

static void
default_controller(const VirModel *model, VirDomainController *controller)
{
    if (!controller->has_index)
        assign_index(model->def, controller);
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !controller->model)
        controller->model = (guint8)vir_board_usb_model(model, FALSE);
    if (!controller->info.has_master_startport && is_companion(controller) &&
        controller->model != VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1) {
        controller->info.master_startport =
            (guint8)(2 * (controller->model - VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1));
        controller->info.has_master_startport = TRUE;
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        (!controller->model || controller->model == VIR_DOMAIN_CONTROLLER_MODEL_AUTO))
        controller->model = (guint8)vir_default_scsi_model(model);
}

/* A USB 2 controller of our own comes with its three companions. */
static void
add_usb(VirDomainDef *def, int usb)
{
    vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0, usb);
    for (guint i = 0; usb == VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1 && i < 3; i++) {
        VirDomainController *controller = vir_domain_controller_new();

        controller->type = VIR_DOMAIN_CONTROLLER_TYPE_USB;
        controller->has_index = TRUE;
        controller->model = (guint8)(VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1 + i);
        controller->info.master_startport = (guint8)(2 * i);
        controller->info.has_master_startport = TRUE;
        vir_xml_insert(&def->devices, controllers,
                       place_in(&def->devices, def->devices.n_controllers, controller), controller);
    }
}

gboolean
vir_complete_controllers(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;
    VirBoard board = vir_board(def, model->caps);
    int usb = vir_board_usb_model(model, TRUE);
    VirDomainController *pci;
    gboolean has_usb = FALSE;

    for (guint i = 0; i < devices->n_controllers; i++) {
        default_controller(model, devices->controllers[i]);
        has_usb |= devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_USB;
    }
    sort_controllers(def);
    /* q35 without a USB controller that is worth it has none. */
    if (board.usb && !has_usb && (usb || !vir_def_is_q35(def)))
        add_usb(def, usb);
    if (board.sata && !vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0, 0);
    pci = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);
    if (pci && board.pci_root && pci->model != board.pci_root)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller 0 of machine type '%s' is '%s', not '%s'",
                             def->os.machine, vir_domain_controller_model_to_string(board.pci_root),
                             vir_domain_controller_model_to_string(pci->model));
    if (!pci && board.pci_root)
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0, board.pci_root);
    return TRUE;
}
