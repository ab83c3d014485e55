/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

VirDomainController *
vir_def_add_controller(VirDomainDef *def, int type, guint index, int model)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainController *controller = vir_domain_controller_new();
    guint at = devices->n_controllers;

    controller->type = (guint8)type;
    controller->index = index;
    controller->has_index = TRUE;
    controller->model = (guint8)model;
    for (guint i = devices->n_controllers; i > 0; i--) {
        if (devices->controllers[i - 1]->type == type) {
            at = devices->controllers[i - 1]->index < index ? i : i - 1;
            if (devices->controllers[i - 1]->index < index)
                break;
        }
    }
    vir_xml_insert(devices, controllers, at, controller);
    return controller;
}

int
vir_scsi_model(const VirQemuCaps *caps)
{
    return vir_qemu_caps_has_type(caps, "lsi53c895a") || vir_qemu_caps_has_type(caps, "lsi")
               ? VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC
               : VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
}

static void
default_controller(const VirModel *model, VirDomainController *controller)
{
    VirDomainDef *def = model->def;

    if (!controller->has_index) {
        guint index = 0;

        while (vir_def_controller(def, controller->type, index) &&
               vir_def_controller(def, controller->type, index) != controller)
            index++;
        controller->index = index;
        controller->has_index = TRUE;
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !controller->model)
        controller->model = (guint8)vir_board_usb_model(model, FALSE);
    if (!controller->info.has_master_startport &&
        controller->model >= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1 &&
        controller->model <= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3) {
        controller->info.master_startport =
            (guint8)(2 * (controller->model - VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1));
        controller->info.has_master_startport = TRUE;
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        (!controller->model || controller->model == VIR_DOMAIN_CONTROLLER_MODEL_AUTO))
        controller->model = (guint8)vir_scsi_model(model->caps);
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
    /* q35 without a USB controller that is worth it has none. */
    if (board.usb && !has_usb && (usb || !vir_def_is_q35(def)))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0, usb);
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
