/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disk-chain.h"

#include <stdio.h>
#include <string.h>

VirImage
vir_disk_image(VirDomainDisk *disk)
{
    return (VirImage){
        .disk = disk,
        .src = &disk->src,
        .auth = disk->src.auth ? disk->src.auth : disk->auth,
        .encryption = disk->src.encryption ? disk->src.encryption : disk->encryption,
        .beneath = disk->backing_store,
        .index = &disk->src.index,
        .has_index = &disk->src.has_index,
        .format = disk->driver ? disk->driver->format : VIR_DOMAIN_IMAGE_FORMAT_RAW,
        .metadata_cache = disk->driver ? disk->driver->metadata_cache_max_size : 0,
        .top = TRUE,
        .readonly = disk->readonly || disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM,
    };
}

gboolean
vir_image_beneath(const VirImage *image, VirImage *beneath)
{
    VirDomainBackingStore *store = (VirDomainBackingStore *)image->beneath;

    if (!store || !store->src.type)
        return FALSE;
    *beneath = (VirImage){
        .disk = image->disk,
        .src = &store->src,
        .auth = store->src.auth,
        .encryption = store->src.encryption,
        .beneath = store->backing_store,
        .index = &store->index,
        .has_index = &store->has_index,
        .format = store->format,
        .metadata_cache = store->metadata_cache_max_size,
        .readonly = TRUE,
    };
    return TRUE;
}

gboolean
vir_image_data(const VirImage *image, VirImage *data)
{
    VirDomainDataStore *store = image->src->data_store;

    if (!store)
        return FALSE;
    *data = (VirImage){
        .disk = image->disk,
        .src = &store->src,
        .auth = store->src.auth,
        .encryption = store->src.encryption,
        .index = &store->src.index,
        .has_index = &store->src.has_index,
        .format = VIR_DOMAIN_IMAGE_FORMAT_RAW,
        .readonly = image->readonly,
    };
    return TRUE;
}

void
vir_disk_each_image(VirDomainDisk *disk, void (*func)(const VirImage *image, void *opaque),
                    void *opaque)
{
    VirImage image = vir_disk_image(disk);
    VirImage data;

    do {
        func(&image, opaque);
        if (vir_image_data(&image, &data))
            func(&data, opaque);
    } while (vir_image_beneath(&image, &image));
}

int
vir_source_type(const VirDomainSource *src)
{
    return src->actual ? src->actual : src->type;
}

gboolean
vir_disk_is_empty(const VirDomainDisk *disk)
{
    const VirDomainSource *src = &disk->src;

    switch (src->type) {
    case VIR_DOMAIN_SOURCE_TYPE_NETWORK:
        return !src->network || !src->network->protocol;
    case VIR_DOMAIN_SOURCE_TYPE_VOLUME:
        return !src->volume || !src->volume->pool;
    case VIR_DOMAIN_SOURCE_TYPE_NVME:
        return !src->nvme;
    case VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER:
        return !src->vhostuser;
    default:
        return !src->path || !*src->path;
    }
}

/* Whether QEMU is given nodes of the disk's images: neither by -drive nor by a foreign program. */
static gboolean
has_nodes(const VirDomainDisk *disk)
{
    return disk->bus != VIR_DOMAIN_DISK_BUS_SD &&
           disk->src.type != VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER;
}

static void
number_image(const VirImage *image, void *opaque)
{
    guint *next = opaque;

    *image->index = (*next)++;
    *image->has_index = true;
}

void
vir_disks_number(VirDomainDef *def)
{
    guint next = 1;

    for (guint i = def->devices.n_disks; i > 0; i--) {
        VirDomainDisk *disk = def->devices.disks[i - 1];

        if (!has_nodes(disk))
            continue;
        vir_disk_each_image(disk, number_image, &next);
        for (guint f = 0; f < disk->n_throttle_filters; f++) {
            disk->throttle_filters[f]->index = next++;
            disk->throttle_filters[f]->has_index = true;
        }
    }
}

typedef struct {
    guint number;
    gboolean found;
} Search;

static void
match_image(const VirImage *image, void *opaque)
{
    Search *search = opaque;

    if (*image->has_index && *image->index == search->number)
        search->found = TRUE;
}

VirDomainDisk *
vir_disk_by_node(VirDomainDef *def, const char *node)
{
    Search search = {0};
    char name[32];

    for (guint i = 0; i < def->devices.n_disks; i++) {
        g_autofree char *reader = g_strconcat("libvirt-CoR-", def->devices.disks[i]->target, NULL);

        if (strcmp(node, reader) == 0)
            return def->devices.disks[i];
    }
    if (sscanf(node, "libvirt-%u-%31s", &search.number, name) != 2 || search.number == 0)
        return NULL;
    for (guint i = 0; i < def->devices.n_disks; i++) {
        VirDomainDisk *disk = def->devices.disks[i];

        vir_disk_each_image(disk, match_image, &search);
        for (guint f = 0; f < disk->n_throttle_filters; f++)
            search.found |= disk->throttle_filters[f]->index == search.number;
        if (search.found)
            return disk;
    }
    return NULL;
}

char *
vir_image_node(const VirImage *image, const char *layer)
{
    return image->id ? g_strdup_printf("libvirt-%s-%s", image->id, layer)
                     : g_strdup_printf("libvirt-%u-%s", *image->index, layer);
}
