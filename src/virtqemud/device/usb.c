/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* Of the hubs that QEMU has. */
#define HUB_PORTS 8
/* USB allows no more hubs in a row. */
#define MAX_PATH 5

/* Ports of a USB controller; an xHCI has as many as it is told. */
static guint
controller_ports(const VirDomainController *controller)
{
    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_NONE:
        return 0;
    case VIR_DOMAIN_CONTROLLER_MODEL_EHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1:
        return 6;
    case VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI:
        return controller->has_ports ? MIN(controller->ports, 15) : 4;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_OHCI:
        return 3;
    default:
        return 2;
    }
}

/* Every USB device of the domain, in the order in which they are given their ports. */
static GPtrArray *
usb_devices(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < devices->n_hubs; i++)
        g_ptr_array_add(all, &devices->hubs[i]->info);
    for (guint i = 0; i < devices->n_disks; i++) {
        if (devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_USB)
            g_ptr_array_add(all, &devices->disks[i]->info);
    }
    for (guint i = 0; i < devices->n_filesystems; i++) {
        if (devices->filesystems[i]->driver == VIR_DOMAIN_FILESYSTEM_DRIVER_MTP)
            g_ptr_array_add(all, &devices->filesystems[i]->info);
    }
    for (guint i = 0; i < devices->n_interfaces; i++) {
        const VirDomainInterface *net = devices->interfaces[i];

        if (!g_strcmp0(net->model, "usb-net") ||
            (net->host_address && net->host_address->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_USB))
            g_ptr_array_add(all, &devices->interfaces[i]->info);
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        if (devices->sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_USB)
            g_ptr_array_add(all, &devices->sounds[i]->info);
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (devices->hostdevs[i]->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_USB)
            g_ptr_array_add(all, &devices->hostdevs[i]->info);
    }
    for (guint i = 0; i < devices->n_controllers; i++) {
        if (devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_CCID)
            g_ptr_array_add(all, &devices->controllers[i]->info);
    }
    for (guint i = 0; i < devices->n_inputs; i++) {
        if (devices->inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_USB)
            g_ptr_array_add(all, &devices->inputs[i]->info);
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        if (devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL)
            g_ptr_array_add(all, &devices->serials[i]->info);
    }
    for (guint i = 0; i < devices->n_redirdevs; i++)
        g_ptr_array_add(all, &devices->redirdevs[i]->info);
    return all;
}

static gboolean
is_at(const VirDomainDeviceInfo *info, guint bus, const char *port)
{
    return info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_USB &&
           info->address->bus == bus && !g_strcmp0(info->address->usb_port, port);
}

static gboolean
is_taken(const GPtrArray *all, guint bus, const char *port)
{
    for (guint i = 0; i < all->len; i++) {
        if (is_at(all->pdata[i], bus, port))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_hub(const VirDomainDef *def, guint bus, const char *port)
{
    for (guint i = 0; i < def->devices.n_hubs; i++) {
        if (is_at(&def->devices.hubs[i]->info, bus, port))
            return TRUE;
    }
    return FALSE;
}

/* The first free port of @ports behind @prefix ("1." …), else of the hubs there. g_free(). */
static char *
free_port(const VirDomainDef *def, const GPtrArray *all, guint bus, const char *prefix, guint ports,
          guint depth)
{
    for (guint port = 1; port <= ports; port++) {
        g_autofree char *path = g_strdup_printf("%s%u", prefix, port);

        if (!is_taken(all, bus, path))
            return g_steal_pointer(&path);
    }
    for (guint port = 1; depth < MAX_PATH && port <= ports; port++) {
        g_autofree char *path = g_strdup_printf("%s%u", prefix, port);
        g_autofree char *below = g_strconcat(path, ".", NULL);
        char *found =
            is_hub(def, bus, path) ? free_port(def, all, bus, below, HUB_PORTS, depth + 1) : NULL;

        if (found)
            return found;
    }
    return NULL;
}

static gboolean
is_bus(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
           !controller->info.has_master_startport;
}

static gboolean
assign(VirDomainDef *def, const GPtrArray *all, VirDomainDeviceInfo *info)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *controller = def->devices.controllers[i];
        char *port;

        if (!is_bus(controller) || (info->address && info->address->bus != controller->index))
            continue;
        port = free_port(def, all, controller->index, "", controller_ports(controller), 1);
        if (!port)
            continue;
        vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_USB);
        info->address->bus = controller->index;
        info->address->usb_port = port;
        return TRUE;
    }
    return FALSE;
}

static gboolean
lacks_port(const VirDomainDeviceInfo *info)
{
    return !info->address ||
           (info->address->type == VIR_DOMAIN_ADDRESS_TYPE_USB && !info->address->usb_port);
}

/* Hubs for devices that find no port; each takes one, and gives the others. */
static void
add_hubs(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    g_autoptr(GPtrArray) all = usb_devices(def);
    guint ports = devices->n_hubs * HUB_PORTS;
    guint buses = 0;

    for (guint i = 0; i < devices->n_controllers; i++) {
        if (is_bus(devices->controllers[i])) {
            ports += controller_ports(devices->controllers[i]);
            buses++;
        }
    }
    for (; buses > 0 && ports < all->len; ports += HUB_PORTS - 1) {
        VirDomainHub *hub = vir_domain_hub_new();

        hub->type = VIR_DOMAIN_HUB_TYPE_USB;
        vir_xml_append(devices, hubs, hub);
    }
}

gboolean
vir_prepare_usb(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(GPtrArray) all = NULL;

    add_hubs(def);
    all = usb_devices(def);
    for (guint i = 0; i < all->len; i++) {
        VirDomainDeviceInfo *info = all->pdata[i];

        if (lacks_port(info) && !assign(def, all, info))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "no USB port is left; add a controller, or ports to one");
    }
    return TRUE;
}

gboolean
vir_check_usb(VirModel *model, GError **error)
{
    g_autoptr(GPtrArray) all = usb_devices(model->def);

    for (guint i = 0; i < all->len; i++) {
        const VirDomainDeviceInfo *info = all->pdata[i];

        if (lacks_port(info))
            continue;
        for (guint j = 0; j < i; j++) {
            if (info->address->type == VIR_DOMAIN_ADDRESS_TYPE_USB &&
                is_at(all->pdata[j], info->address->bus, info->address->usb_port))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "two devices are at port '%s' of USB bus %u",
                                     info->address->usb_port, info->address->bus);
        }
    }
    return TRUE;
}
