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
assign_drive(const VirModel *model, guint i, gsize layout, GError **error)
{
    VirDomainDef *def = model->def;
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
        if (!vir_def_controller(def, layouts[layout].controller, c))
            vir_def_add_controller(def, layouts[layout].controller, c,
                                   disk->bus == VIR_DOMAIN_DISK_BUS_SCSI
                                       ? vir_default_scsi_model(model)
                                       : VIR_DOMAIN_CONTROLLER_MODEL_UNSET);
    }
    return TRUE;
}

gboolean
vir_complete_drives(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    for (guint i = 0; i < def->devices.n_disks; i++) {
        for (gsize layout = 0; layout < G_N_ELEMENTS(layouts); layout++) {
            if (layouts[layout].bus == (int)def->devices.disks[i]->bus &&
                !assign_drive(model, i, layout, error))
                return FALSE;
        }
    }
    return TRUE;
}

#define SERIAL_CONTROLLERS 256u
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

/* The lowest free port, but for 0: that is the console's, for guests that know no others. */
static gboolean
assign_serial(VirDomainDef *def, VirDomainDeviceInfo *info, GError **error)
{
    guint start = info->address ? MIN(info->address->controller, SERIAL_CONTROLLERS) : 0;

    for (guint c = start; c < SERIAL_CONTROLLERS; c++) {
        const VirDomainController *controller =
            vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, c);
        guint ports = controller && controller->has_ports ? MIN(controller->ports, SERIAL_PORTS)
                                                          : SERIAL_PORTS;
        guint32 taken = serial_ports(def, c);

        for (guint port = 1; port < ports; port++) {
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
    guint index = info->address ? MIN(info->address->controller, SERIAL_CONTROLLERS - 1) : 0;

    if ((!info->address || info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL) &&
        !vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index, 0);
}

/* Port 0 in a channel's address is no choice. */
static gboolean
wants_port(const VirDomainDeviceInfo *info)
{
    return !info->address || (info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
                              info->address->port == 0);
}

gboolean
vir_complete_virtio_serial(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;

    /* A console without a place is left to QEMU. */
    for (guint i = 0; i < devices->n_consoles; i++) {
        if (devices->consoles[i]->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO)
            need_serial_controller(def, &devices->consoles[i]->info);
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        VirDomainChannel *channel = devices->channels[i];

        if (channel->target_type != VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
            continue;
        if (wants_port(&channel->info) && !assign_serial(def, &channel->info, error))
            return FALSE;
        need_serial_controller(def, &channel->info);
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
