/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-controller.h"
#include "vir-error.h"

int
vir_default_scsi_model(const VirModel *model)
{
    const VirDomainDef *def = model->def;

    if (vir_def_is_pseries(def))
        return VIR_DOMAIN_CONTROLLER_MODEL_IBMVSCSI;
    if (vir_def_has_arch(def, "sparc", NULL))
        return VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90;
    if (vir_def_is_s390(def) || vir_def_is_loongarch_virt(def) ||
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_SCSI_LSI))
        return VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
    return VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC;
}

static void
default_controller(const VirModel *model, VirDomainController *controller)
{
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !controller->model)
        controller->model = (guint8)vir_board_usb_model(model, FALSE);
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        (!controller->model || controller->model == VIR_DOMAIN_CONTROLLER_MODEL_AUTO))
        controller->model = (guint8)vir_default_scsi_model(model);
}

/* A USB 2 controller of our own comes with its three companions. */
static void
add_usb(VirDomainDef *def, int usb)
{
    vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0, usb);
    for (guint i = 0; usb == VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1 && i < 3; i++)
        vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0,
                                  VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1 + (int)i);
}

gboolean
vir_complete_controllers(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;
    VirBoard board = vir_board(def, model->caps);
    int usb = vir_board_usb_model(model, TRUE);
    VirDomainController *pci;

    /* Those of host devices come before those of the document that have no number. */
    if (!vir_complete_hostdev_controllers(model, error))
        return FALSE;
    vir_domain_controllers_complete(def);
    for (guint i = 0; i < devices->n_controllers; i++)
        default_controller(model, devices->controllers[i]);
    /* q35 without a USB controller that is worth it has none. */
    if (board.usb && !vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0) &&
        (usb || !vir_def_is_q35(def)))
        add_usb(def, usb);
    if (board.sata && !vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0))
        vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0, 0);
    pci = vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);
    if (pci && board.pci_root && pci->model != board.pci_root)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller 0 of machine type '%s' is '%s', not '%s'",
                             def->os.machine, vir_domain_controller_model_to_string(board.pci_root),
                             vir_domain_controller_model_to_string(pci->model));
    if (!pci && board.pci_root)
        vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0, board.pci_root);
    return TRUE;
}
