/* SPDX-License-Identifier: LGPL-2.1-or-later */
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

/* Model of a SCSI adapter that the user left open. */
static int
scsi_model(const VirQemuCaps *caps)
{
    return vir_qemu_caps_has_type(caps, "lsi53c895a") || vir_qemu_caps_has_type(caps, "lsi")
               ? VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC
               : VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
}

static int
usb_model(const VirDomainDef *def, const VirQemuCaps *caps)
{
    if (!vir_def_is_q35(def))
        return VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI;
    if (vir_qemu_caps_has_type(caps, "qemu-xhci"))
        return VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI;
    return vir_qemu_caps_has_type(caps, "nec-usb-xhci") ? VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI
                                                        : VIR_DOMAIN_CONTROLLER_MODEL_UNSET;
}

static void
default_controller(VirDomainDef *def, const VirQemuCaps *caps, VirDomainController *controller)
{
    if (!controller->has_index) {
        guint index = 0;

        while (vir_def_controller(def, controller->type, index) &&
               vir_def_controller(def, controller->type, index) != controller)
            index++;
        controller->index = index;
        controller->has_index = TRUE;
    }
    /* Only a controller of our own choice is a newer one. */
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !controller->model)
        controller->model = VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI;
    if (!controller->info.has_master_startport &&
        controller->model >= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1 &&
        controller->model <= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3) {
        controller->info.master_startport =
            (guint8)(2 * (controller->model - VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1));
        controller->info.has_master_startport = TRUE;
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        (!controller->model || controller->model == VIR_DOMAIN_CONTROLLER_MODEL_AUTO))
        controller->model = (guint8)scsi_model(caps);
}

gboolean
vir_complete_controllers(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    const VirQemuCaps *caps = model->caps;
    VirDomainDevices *devices = &def->devices;
    gboolean q35 = vir_def_is_q35(def);
    int root = q35 ? VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT : VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT;
    VirDomainController *pci;
    gboolean usb = FALSE;

    for (guint i = 0; i < devices->n_controllers; i++) {
        default_controller(def, caps, devices->controllers[i]);
        usb |= devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_USB;
    }
    if (!usb && usb_model(def, caps))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0, usb_model(def, caps));
    if (q35 && !vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0, 0);
    pci = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);
    if (pci && pci->model != root)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller 0 of machine type '%s' is '%s', not '%s'",
                             def->os.machine, vir_domain_controller_model_to_string(root),
                             vir_domain_controller_model_to_string(pci->model));
    if (!pci)
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0, root);
    return TRUE;
}
