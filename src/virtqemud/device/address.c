/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include <string.h>

int
vir_disk_index(const char *target)
{
    static const char *const prefixes[] = {"fd", "hd", "sd", "vd", "xvd", "ubd"};
    const char *at = NULL;
    int index = 0;

    for (gsize i = 0; !at && i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(target, prefixes[i]))
            at = target + strlen(prefixes[i]);
    }
    if (!at || !g_ascii_islower(*at))
        return -1;
    for (; g_ascii_islower(*at); at++) {
        if (index > 100000)
            return -1;
        index = index * 26 + (*at - 'a' + 1);
    }
    /* A number behind the letters is a partition. */
    while (g_ascii_isdigit(*at))
        at++;
    return *at ? -1 : index - 1;
}

/* How the index of a name falls on controllers, buses and units. */
static const struct {
    int bus;
    int controller;
    guint buses;
    guint units;
} layouts[] = {
    {VIR_DOMAIN_DISK_BUS_IDE, VIR_DOMAIN_CONTROLLER_TYPE_IDE, 2, 2},
    {VIR_DOMAIN_DISK_BUS_SATA, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 1, 6},
    {VIR_DOMAIN_DISK_BUS_SCSI, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, 1, 7},
    {VIR_DOMAIN_DISK_BUS_FDC, VIR_DOMAIN_CONTROLLER_TYPE_FDC, 1, 2},
};

static gboolean
same_place(const VirDomainDisk *a, const VirDomainDisk *b)
{
    const VirDomainAddress *x = a->info.address;
    const VirDomainAddress *y = b->info.address;

    return a->bus == b->bus && y && x->type == y->type && x->controller == y->controller &&
           x->bus == y->bus && x->target == y->target && x->unit == y->unit;
}

static gboolean
assign_drive(VirDomainDef *def, guint i, gsize layout, const VirQemuCaps *caps, GError **error)
{
    VirDomainDisk *disk = def->devices.disks[i];
    guint index = (guint)vir_disk_index(disk->target);
    guint buses = layouts[layout].buses;
    guint units = layouts[layout].units;
    VirDomainAddress *address = disk->info.address;

    if (!address) {
        address = vir_info_new_address(&disk->info, VIR_DOMAIN_ADDRESS_TYPE_DRIVE);
        address->controller = index / (buses * units);
        address->bus = index / units % buses;
        address->unit = index % units;
    }
    if (address->type != VIR_DOMAIN_ADDRESS_TYPE_DRIVE)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s': address type '%s' on bus '%s'",
                             disk->target, vir_domain_address_type_to_string(address->type),
                             vir_domain_disk_bus_to_string(disk->bus));
    for (guint j = 0; j < def->devices.n_disks; j++) {
        const VirDomainDisk *other = def->devices.disks[j];

        if (other != disk && same_place(disk, other))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "disks '%s' and '%s' have one address",
                                 disk->target, other->target);
    }
    if (address->controller > 255)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s': no controller %u can be",
                             disk->target, address->controller);
    for (guint c = 0; c <= address->controller; c++) {
        int model = VIR_DOMAIN_CONTROLLER_MODEL_UNSET;

        if (vir_def_controller(def, layouts[layout].controller, c))
            continue;
        if (disk->bus == VIR_DOMAIN_DISK_BUS_SCSI)
            model = vir_qemu_caps_has_type(caps, "lsi53c895a")
                        ? VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC
                        : VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
        vir_def_add_controller(def, layouts[layout].controller, c, model);
    }
    return TRUE;
}

gboolean
vir_complete_drives(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    const VirQemuCaps *caps = model->caps;
    for (guint i = 0; i < def->devices.n_disks; i++) {
        for (gsize layout = 0; layout < G_N_ELEMENTS(layouts); layout++) {
            if (layouts[layout].bus == (int)def->devices.disks[i]->bus &&
                !assign_drive(def, i, layout, caps, error))
                return FALSE;
        }
    }
    return TRUE;
}

#define SERIAL_PORTS 31

/* Ports of one controller that are taken, a bit for each. */
static guint32
serial_ports(const VirDomainDef *def, guint controller)
{
    guint32 taken = 0;

    for (guint i = 0; i < def->devices.n_channels; i++) {
        const VirDomainAddress *address = def->devices.channels[i]->info.address;

        if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
            address->controller == controller && address->port < 32)
            taken |= 1u << address->port;
    }
    for (guint i = 0; i < def->devices.n_consoles; i++) {
        const VirDomainAddress *address = def->devices.consoles[i]->info.address;

        if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
            address->controller == controller && address->port < 32)
            taken |= 1u << address->port;
    }
    return taken;
}

/* The lowest free port; port 0 is for consoles, for guests that know no others. */
static gboolean
assign_serial(VirDomainDef *def, VirDomainDeviceInfo *info, guint first, GError **error)
{
    for (guint c = 0; c < 256; c++) {
        const VirDomainController *controller =
            vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, c);
        guint ports = controller && controller->has_ports ? MIN(controller->ports, SERIAL_PORTS)
                                                          : SERIAL_PORTS;
        guint32 taken = serial_ports(def, c);

        for (guint port = first; port < ports; port++) {
            VirDomainAddress *address;

            if (taken & 1u << port)
                continue;
            address = vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL);
            address->controller = c;
            address->port = port;
            return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR, "no virtio-serial port is left");
}

static void
need_serial_controller(VirDomainDef *def, const VirDomainDeviceInfo *info)
{
    guint index = MIN(info->address->controller, 255);

    if (info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
        !vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index, 0);
}

gboolean
vir_complete_virtio_serial(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_consoles; i++) {
        VirDomainConsole *console = devices->consoles[i];

        if (console->target_type != VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO)
            continue;
        if (!console->info.address && !assign_serial(def, &console->info, 0, error))
            return FALSE;
        need_serial_controller(def, &console->info);
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        VirDomainChannel *channel = devices->channels[i];

        if (channel->target_type != VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
            continue;
        if (!channel->info.address && !assign_serial(def, &channel->info, 1, error))
            return FALSE;
        need_serial_controller(def, &channel->info);
    }
    return TRUE;
}

/* Ports of a USB controller; an xHCI has as many as it is told. */
static guint
usb_ports(const VirDomainController *controller)
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

/* Every USB device of the domain that we know how to place. */
static GPtrArray *
usb_devices(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < devices->n_interfaces; i++) {
        const VirDomainInterface *net = devices->interfaces[i];

        if (!g_strcmp0(net->model, "usb-net") ||
            (net->host_address && net->host_address->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_USB))
            g_ptr_array_add(all, &devices->interfaces[i]->info);
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (devices->hostdevs[i]->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_USB)
            g_ptr_array_add(all, &devices->hostdevs[i]->info);
    }
    for (guint i = 0; i < devices->n_disks; i++) {
        if (devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_USB)
            g_ptr_array_add(all, &devices->disks[i]->info);
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        if (devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL)
            g_ptr_array_add(all, &devices->serials[i]->info);
    }
    for (guint i = 0; i < devices->n_inputs; i++) {
        if (devices->inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_USB)
            g_ptr_array_add(all, &devices->inputs[i]->info);
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        if (devices->sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_USB)
            g_ptr_array_add(all, &devices->sounds[i]->info);
    }
    for (guint i = 0; i < devices->n_hubs; i++)
        g_ptr_array_add(all, &devices->hubs[i]->info);
    for (guint i = 0; i < devices->n_redirdevs; i++)
        g_ptr_array_add(all, &devices->redirdevs[i]->info);
    return all;
}

static gboolean
usb_taken(const GPtrArray *all, guint bus, const char *port)
{
    for (guint i = 0; i < all->len; i++) {
        const VirDomainDeviceInfo *info = all->pdata[i];

        if (info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_USB &&
            info->address->bus == bus && !g_strcmp0(info->address->usb_port, port))
            return TRUE;
    }
    return FALSE;
}

static gboolean
assign_usb(VirDomainDef *def, const GPtrArray *all, VirDomainDeviceInfo *info)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *controller = def->devices.controllers[i];

        if (controller->type != VIR_DOMAIN_CONTROLLER_TYPE_USB ||
            controller->info.has_master_startport)
            continue;
        if (info->address && info->address->bus != controller->index)
            continue;
        for (guint port = 1; port <= usb_ports(controller); port++) {
            g_autofree char *text = g_strdup_printf("%u", port);

            if (usb_taken(all, controller->index, text))
                continue;
            vir_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_USB);
            info->address->bus = controller->index;
            info->address->usb_port = g_steal_pointer(&text);
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
vir_prepare_usb(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(GPtrArray) all = usb_devices(def);

    for (guint i = 0; i < all->len; i++) {
        VirDomainDeviceInfo *info = all->pdata[i];

        if (info->address &&
            (info->address->type != VIR_DOMAIN_ADDRESS_TYPE_USB || info->address->usb_port))
            continue;
        if (!assign_usb(def, all, info))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "no USB port is left; add a controller, or ports to one");
    }
    return TRUE;
}

VirDomainAddress *
vir_info_new_address(VirDomainDeviceInfo *info, int type)
{
    vir_domain_address_free(info->address);
    info->address = vir_domain_address_new();
    info->address->type = (guint8)type;
    return info->address;
}
