/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-drive.h"

#include "vir-domain-controller.h"
#include "vir-domain-device.h"
#include "vir-error.h"
#include "vir-xml.h"
#include <string.h>

/* Bus of a disk by what its name begins with. */
static const struct {
    const char *prefix;
    int bus;
} prefixes[] = {
    {"hd", VIR_DOMAIN_DISK_BUS_IDE},    {"sd", VIR_DOMAIN_DISK_BUS_SCSI},
    {"vd", VIR_DOMAIN_DISK_BUS_VIRTIO}, {"fd", VIR_DOMAIN_DISK_BUS_FDC},
    {"xvd", VIR_DOMAIN_DISK_BUS_XEN},   {"ubd", VIR_DOMAIN_DISK_BUS_UML},
};

int
vir_domain_disk_index(const char *target)
{
    const char *at = NULL;
    int index = 0;

    for (gsize i = 0; !at && i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(target, prefixes[i].prefix))
            at = target + strlen(prefixes[i].prefix);
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

static gboolean
complete_disk(VirDomainDisk *disk, GError **error)
{
    for (gsize i = 0; !disk->bus && i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(disk->target, prefixes[i].prefix))
            disk->bus = (guint8)prefixes[i].bus;
    }
    if (!disk->bus)
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "disk '%s': the name says nothing about the bus and there is none given", disk->target);
    if (vir_domain_disk_index(disk->target) < 0 && !disk->info.address)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "disk '%s': no place on bus '%s' follows from the name; give an "
                             "<address>, or a name such as 'sda'",
                             disk->target, vir_domain_disk_bus_to_string(disk->bus));
    if (disk->driver && disk->driver->cache == VIR_DOMAIN_DISK_DRIVER_CACHE_DEFAULT)
        disk->driver->cache = 0;
    if (disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM)
        disk->readonly = TRUE;
    if (disk->readonly && disk->snapshot == VIR_DOMAIN_DISK_SNAPSHOT_NO)
        disk->snapshot = 0;
    return TRUE;
}

/*
 * Disks of one bus stand in the order of their names, wherever the user put them, and one that
 * comes later stands behind the last of its bus.
 */
static void
sort_disks(VirDomainDevices *devices)
{
    for (guint i = 1; i < devices->n_disks; i++) {
        VirDomainDisk *disk = devices->disks[i];
        guint at = i;
        gboolean met = FALSE;

        for (guint j = i; j > 0; j--) {
            const VirDomainDisk *other = devices->disks[j - 1];

            if (other->bus != disk->bus)
                continue;
            if (vir_domain_disk_index(other->target) > vir_domain_disk_index(disk->target))
                at = j - 1;
            else if (!met)
                at = j;
            met = TRUE;
        }
        if (at < i) {
            vir_xml_remove(devices, disks, i);
            vir_xml_insert(devices, disks, at, disk);
        }
    }
}

gboolean
vir_domain_disks_complete(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_disks; i++) {
        if (!complete_disk(devices->disks[i], error))
            return FALSE;
        for (guint j = 0; j < i; j++) {
            if (g_str_equal(devices->disks[i]->target, devices->disks[j]->target))
                return vir_error_set(error, VIR_ERR_XML_ERROR, "two disks are called '%s'",
                                     devices->disks[i]->target);
        }
    }
    sort_disks(devices);
    return TRUE;
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
assign_drive(VirDomainDef *def, guint i, gsize layout, int scsi_model, GError **error)
{
    VirDomainDisk *disk = def->devices.disks[i];
    guint index = (guint)vir_domain_disk_index(disk->target);
    guint buses = layouts[layout].buses;
    guint units = layouts[layout].units;
    VirDomainAddress *address = disk->info.address;

    if (!address) {
        address = vir_domain_info_new_address(&disk->info, VIR_DOMAIN_ADDRESS_TYPE_DRIVE);
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
        if (!vir_domain_controller_find(def, layouts[layout].controller, c))
            vir_domain_controller_add(def, layouts[layout].controller, c,
                                      disk->bus == VIR_DOMAIN_DISK_BUS_SCSI
                                          ? scsi_model
                                          : VIR_DOMAIN_CONTROLLER_MODEL_UNSET);
    }
    return TRUE;
}

gboolean
vir_domain_drives_place(VirDomainDef *def, int scsi_model, GError **error)
{
    for (guint i = 0; i < def->devices.n_disks; i++) {
        for (gsize layout = 0; layout < G_N_ELEMENTS(layouts); layout++) {
            if (layouts[layout].bus == (int)def->devices.disks[i]->bus &&
                !assign_drive(def, i, layout, scsi_model, error))
                return FALSE;
        }
    }
    return TRUE;
}
