/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-chain.h"
#include "storage-source.h"
#include "vir-error.h"

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
    if (disk->bus == VIR_DOMAIN_DISK_BUS_IDE && vir_def_is_q35(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "disk '%s': machine type '%s' has no IDE; bus 'sata' is there",
                             disk->target, def->os.machine);
    if (!disk->driver)
        disk->driver = vir_domain_disk_driver_new();
    if (!disk->driver->name)
        disk->driver->name = g_strdup("qemu");
    if (!disk->driver->format || disk->driver->format == VIR_DOMAIN_IMAGE_FORMAT_AIO)
        disk->driver->format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    default_sources(disk);
    return TRUE;
}

gboolean
vir_complete_disks(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    if (!vir_domain_disks_complete(def, error))
        return FALSE;
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (!default_disk(def, def->devices.disks[i], error))
            return FALSE;
    }
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

    for (guint i = 0; i < model->def->devices.n_disks; i++) {
        VirDomainDisk *disk = model->def->devices.disks[i];

        /* What several guests write to is not kept in the memory of one host. */
        if (disk->shareable && !disk->readonly && disk->driver && !disk->driver->cache)
            disk->driver->cache = VIR_DOMAIN_DISK_DRIVER_CACHE_NONE;
        vir_disk_each_image(disk, look_up, &lookup);
    }
    vir_disks_number(model->def);
    return lookup.ok;
}
