/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-drive.h"

#include "vir-domain-controller.h"
#include "vir-domain-device.h"
#include "vir-domain-disk.h"
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

/* A limit or size of 0 says the same as none. */
#define DROP_ZERO(from, member) ((from)->has_##member = (from)->has_##member && (from)->member > 0)

static void
drop_zeroes(VirDomainDisk *disk)
{
    VirDomainSourceNetwork *network = disk->src.network;
    const VirDomainGeometry *geometry = disk->geometry;

    if (disk->iotune && !disk->iotune->group_name && !vir_domain_iotune_limits(disk->iotune))
        g_clear_pointer(&disk->iotune, vir_domain_disk_iotune_free);
    /* All three numbers, or none that a guest could read. */
    if (geometry && (!geometry->cyls || !geometry->heads || !geometry->secs))
        g_clear_pointer(&disk->geometry, vir_domain_geometry_free);
    if (disk->driver) {
        DROP_ZERO(disk->driver, queues);
        DROP_ZERO(disk->driver, queue_size);
        DROP_ZERO(disk->driver, metadata_cache_max_size);
    }
    if (network) {
        DROP_ZERO(network, timeout);
        DROP_ZERO(network, readahead);
        if (network->name && !*network->name)
            g_clear_pointer(&network->name, g_free);
    }
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
    /* A drive without a medium waits for a file. */
    if ((disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM ||
         disk->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY) &&
        !disk->src.path &&
        (disk->src.type == VIR_DOMAIN_SOURCE_TYPE_BLOCK ||
         disk->src.type == VIR_DOMAIN_SOURCE_TYPE_DIR))
        disk->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
    drop_zeroes(disk);
    /* What another program serves is none of ours to copy. */
    if (disk->src.type == VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER && !disk->snapshot)
        disk->snapshot = VIR_DOMAIN_DISK_SNAPSHOT_NO;
    if (disk->readonly && disk->snapshot == VIR_DOMAIN_DISK_SNAPSHOT_NO)
        disk->snapshot = 0;
    return TRUE;
}

typedef struct Rank {
    VirDomainDisk *disk;
    guint bus;   /* how many disks precede the first of its bus */
    int index;   /* by its name */
    guint place; /* in the document */
} Rank;

static int
compare_ranks(const void *left, const void *right)
{
    const Rank *a = left;
    const Rank *b = right;

    if (a->bus != b->bus)
        return a->bus < b->bus ? -1 : 1;
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Disks of one bus stand together, in the order of their names, where the first of them stood. */
static void
sort_disks(VirDomainDevices *devices)
{
    g_autofree Rank *ranks = g_new(Rank, devices->n_disks);
    guint first[VIR_DOMAIN_DISK_BUS_LAST];

    memset(first, 0xff, sizeof(first));
    for (guint i = 0; i < devices->n_disks; i++) {
        VirDomainDisk *disk = devices->disks[i];

        first[disk->bus] = MIN(first[disk->bus], i);
        ranks[i] = (Rank){disk, first[disk->bus], vir_domain_disk_index(disk->target), i};
    }
    if (devices->n_disks > 1)
        qsort(ranks, devices->n_disks, sizeof(*ranks), compare_ranks);
    for (guint i = 0; i < devices->n_disks; i++)
        devices->disks[i] = ranks[i].disk;
}

gboolean
vir_domain_disks_complete(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;
    g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < devices->n_disks; i++) {
        if (!complete_disk(devices->disks[i], error))
            return FALSE;
        if (!g_hash_table_add(targets, devices->disks[i]->target))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "two disks are called '%s'",
                                 devices->disks[i]->target);
    }
    sort_disks(devices);
    return TRUE;
}

/* How the index of a name falls on controllers, buses and units; in the order in which controllers
 * that are missing are added. */
static const struct {
    int bus;
    int controller;
    guint buses;
    guint units;
} layouts[] = {
    {VIR_DOMAIN_DISK_BUS_SCSI, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, 1, 7},
    {VIR_DOMAIN_DISK_BUS_FDC, VIR_DOMAIN_CONTROLLER_TYPE_FDC, 1, 2},
    {VIR_DOMAIN_DISK_BUS_IDE, VIR_DOMAIN_CONTROLLER_TYPE_IDE, 2, 2},
    {VIR_DOMAIN_DISK_BUS_SATA, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 1, 6},
};

static guint
hash_place(const void *key)
{
    const VirDomainDisk *disk = key;
    const VirDomainAddress *address = disk->info.address;

    return ((((guint)disk->bus * 31 + address->controller) * 31 + address->bus) * 31 +
            address->target) *
               8191 +
           address->unit;
}

static gboolean
same_place(const void *left, const void *right)
{
    const VirDomainDisk *a = left;
    const VirDomainDisk *b = right;
    const VirDomainAddress *x = a->info.address;
    const VirDomainAddress *y = b->info.address;

    return a->bus == b->bus && x->controller == y->controller && x->bus == y->bus &&
           x->target == y->target && x->unit == y->unit;
}

static gboolean
assign_drive(VirDomainDisk *disk, gsize layout, GError **error)
{
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
    return address->controller <= 255 ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s': no controller %u can be",
                         disk->target, address->controller);
}

/* Controllers are there up to the last that a disk names. */
static void
need_controllers(VirDomainDef *def, gsize layout, guint n, int scsi_model)
{
    for (guint c = 0; c < n; c++) {
        if (!vir_domain_controller_find(def, layouts[layout].controller, c))
            vir_domain_controller_add(def, layouts[layout].controller, c,
                                      layouts[layout].bus == VIR_DOMAIN_DISK_BUS_SCSI
                                          ? scsi_model
                                          : VIR_DOMAIN_CONTROLLER_MODEL_UNSET);
    }
}

gboolean
vir_domain_drives_place(VirDomainDef *def, int scsi_model, GError **error)
{
    g_autoptr(GHashTable) places = g_hash_table_new(hash_place, same_place);
    guint needed[G_N_ELEMENTS(layouts)] = {0};

    for (guint i = 0; i < def->devices.n_disks; i++) {
        VirDomainDisk *disk = def->devices.disks[i];
        const VirDomainDisk *other;
        gsize layout = 0;

        while (layout < G_N_ELEMENTS(layouts) && layouts[layout].bus != (int)disk->bus)
            layout++;
        if (layout == G_N_ELEMENTS(layouts))
            continue;
        if (!assign_drive(disk, layout, error))
            return FALSE;
        other = g_hash_table_lookup(places, disk);
        if (other)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "disks '%s' and '%s' have one address",
                                 other->target, disk->target);
        g_hash_table_add(places, disk);
        needed[layout] = MAX(needed[layout], disk->info.address->controller + 1);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(layouts); i++)
        need_controllers(def, i, needed[i], scsi_model);
    return TRUE;
}
