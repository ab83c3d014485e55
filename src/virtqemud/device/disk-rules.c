/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-chain.h"
#include "storage-source.h"
#include "vir-error.h"

/* Bus of a disk by what its name begins with. */
static const struct {
    const char *prefix;
    int bus;
} prefixes[] = {
    {"hd", VIR_DOMAIN_DISK_BUS_IDE},    {"sd", VIR_DOMAIN_DISK_BUS_SCSI},
    {"vd", VIR_DOMAIN_DISK_BUS_VIRTIO}, {"fd", VIR_DOMAIN_DISK_BUS_FDC},
    {"xvd", VIR_DOMAIN_DISK_BUS_XEN},   {"ubd", VIR_DOMAIN_DISK_BUS_UML},
};

/* Ports of servers, and who decrypts. */
static void
default_source(const VirImage *image, void *opaque)
{
    VirDomainSourceNetwork *network = image->src->network;
    VirDomainEncryption *encryption = image->src->encryption;

    if (encryption && !encryption->engine)
        encryption->engine = VIR_DOMAIN_ENCRYPTION_ENGINE_QEMU;
    for (guint i = 0; network && i < network->n_hosts; i++) {
        VirDomainSourceHost *host = network->hosts[i];
        guint port = vir_storage_default_port(network->protocol);

        if (host->has_port || !port ||
            (host->transport && host->transport != VIR_DOMAIN_SOURCE_HOST_TRANSPORT_TCP))
            continue;
        host->port = port;
        host->has_port = true;
    }
}

/* What was put in no drive says nothing. */
static void
default_sources(VirDomainDisk *disk)
{
    if (disk->src.type == VIR_DOMAIN_SOURCE_TYPE_NETWORK && vir_disk_is_empty(disk))
        disk->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
    if (disk->encryption && !disk->encryption->engine)
        disk->encryption->engine = VIR_DOMAIN_ENCRYPTION_ENGINE_QEMU;
    vir_disk_each_image(disk, default_source, NULL);
}

static gboolean
default_disk(VirDomainDef *def, VirDomainDisk *disk, GError **error)
{
    for (gsize i = 0; !disk->bus && i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(disk->target, prefixes[i].prefix))
            disk->bus = (guint8)prefixes[i].bus;
    }
    if (!disk->bus || (vir_disk_index(disk->target) < 0 && !disk->info.address))
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "disk '%s': the name says nothing about the bus and there is none given", disk->target);
    if (disk->bus == VIR_DOMAIN_DISK_BUS_IDE && vir_def_is_q35(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "disk '%s': machine type '%s' has no IDE; bus 'sata' is there",
                             disk->target, def->os.machine);
    if (!disk->driver)
        disk->driver = vir_domain_disk_driver_new();
    if (!disk->driver->name)
        disk->driver->name = g_strdup("qemu");
    if (!disk->driver->format)
        disk->driver->format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    if (disk->driver->cache == VIR_DOMAIN_DISK_DRIVER_CACHE_DEFAULT)
        disk->driver->cache = 0;
    if (disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM)
        disk->readonly = TRUE;
    if (disk->readonly && disk->snapshot == VIR_DOMAIN_DISK_SNAPSHOT_NO)
        disk->snapshot = 0;
    default_sources(disk);
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
            if (vir_disk_index(other->target) > vir_disk_index(disk->target))
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
vir_complete_disks(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_disks; i++) {
        if (!default_disk(def, devices->disks[i], error))
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

typedef struct {
    const VirModel *model;
    GError **error;
    gboolean ok;
} Lookup;

static void
look_up(const VirImage *image, void *opaque)
{
    Lookup *lookup = opaque;
    VirDomainSource *src = image->src;

    if (!lookup->ok || src->type != VIR_DOMAIN_SOURCE_TYPE_VOLUME || !src->volume)
        return;
    lookup->ok = lookup->model->env->volume(lookup->model->env, src, lookup->error);
    if (!lookup->ok)
        g_prefix_error(lookup->error, "disk '%s': ", image->disk->target);
}

gboolean
vir_prepare_disks(VirModel *model, GError **error)
{
    Lookup lookup = {model, error, TRUE};

    for (guint i = 0; i < model->def->devices.n_disks; i++)
        vir_disk_each_image(model->def->devices.disks[i], look_up, &lookup);
    vir_disks_number(model->def);
    return lookup.ok;
}
