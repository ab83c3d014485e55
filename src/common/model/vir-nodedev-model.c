/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-nodedev-model.h"

#include "vir-error.h"

/** A kind of device without which nothing can be said of it. */
static gboolean
check_cap(const VirNodeDevCap *cap, GError **error)
{
    const char *missing = NULL;

    switch (cap->type) {
    case VIR_NODE_DEV_CAP_TYPE_SCSI_GENERIC:
        missing = cap->char_path == NULL ? "char" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_DRM:
        missing = cap->drm_type == 0 ? "type" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_VDPA:
        missing = cap->chardev == NULL ? "chardev" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_PCI:
        missing = cap->pci == NULL || !cap->pci->has_domain ? "domain" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_USB_DEVICE:
        missing = cap->usb_device == NULL || !cap->usb_device->has_bus ? "bus" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_USB:
        missing = cap->usb == NULL || !cap->usb->has_number ? "number" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_NET:
        missing = cap->net == NULL ? "interface" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_SCSI_HOST:
        missing = cap->scsi_host == NULL || !cap->scsi_host->has_host ? "host" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_SCSI_TARGET:
        missing = cap->scsi_target == NULL ? "target" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_SCSI:
        missing = cap->scsi == NULL || !cap->scsi->has_host ? "host" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_STORAGE:
        missing = cap->storage == NULL ? "block" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_MDEV:
        missing = cap->mdev == NULL ? "type" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_CCW:
    case VIR_NODE_DEV_CAP_TYPE_CCWGROUP:
    case VIR_NODE_DEV_CAP_TYPE_CSS:
        missing = cap->ccw == NULL || !cap->ccw->address.has_cssid ? "cssid" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_AP_CARD:
        missing = cap->ap == NULL || !cap->ap->has_adapter ? "ap-adapter" : NULL;
        break;
    case VIR_NODE_DEV_CAP_TYPE_AP_QUEUE:
        missing = cap->ap == NULL || !cap->ap->has_adapter ? "ap-adapter"
                  : !cap->ap->has_domain                   ? "ap-domain"
                                                           : NULL;
        break;
    default:
        break;
    }
    return missing == NULL ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "a capability of type '%s' needs <%s>",
                         vir_node_dev_cap_type_to_string(cap->type), missing);
}

gboolean
vir_node_dev_model_complete(VirNodeDevDef *def, GError **error)
{
    if (def->n_caps == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "device '%s' has no <capability>",
                             def->name);
    for (guint i = 0; i < def->n_caps; i++) {
        VirNodeDevCap *cap = def->caps[i];

        if (!check_cap(cap, error)) {
            g_prefix_error(error, "device '%s': ", def->name);
            return FALSE;
        }
        if (cap->pci != NULL && cap->pci->has_numa_node && cap->pci->numa_node < 0)
            cap->pci->has_numa_node = false;
    }
    return TRUE;
}

static void
forget_state(VirNodeDevDef *def)
{
    g_clear_pointer(&def->driver_name, g_free);
    for (guint i = 0; i < def->n_caps; i++) {
        VirNodeDevCap *cap = def->caps[i];

        if (cap->mdev != NULL)
            g_clear_pointer(&cap->mdev->parent_addr, g_free);
        for (guint j = 0; cap->scsi_host != NULL && j < cap->scsi_host->n_caps; j++)
            cap->scsi_host->caps[j]->max_vports = cap->scsi_host->caps[j]->vports = 0;
    }
}

VirNodeDevDef *
vir_node_dev_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                         GPtrArray **ignored, GError **error)
{
    g_autoptr(VirNodeDevDef) def =
        vir_xml_parse(&vir_node_dev_device_doc, text, len, name, flags, ignored, error);

    if (def == NULL)
        return NULL;
    if (!(flags & VIR_XML_STATUS))
        forget_state(def);
    if (!vir_node_dev_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
