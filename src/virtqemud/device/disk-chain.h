/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/**
 * One image: of a disk's chain, of the data beside one of these, or of something else that QEMU
 * reads through block nodes (then without a disk). All is borrowed.
 */
typedef struct {
    const VirDomainDisk *disk; /* whose driver options hold; NULL for none */
    VirDomainSource *src;
    const VirDomainAuth *auth;             /* of the source, or at the older place of a disk's */
    const VirDomainEncryption *encryption; /* likewise */
    const VirDomainBackingStore
        *beneath;   /* NULL: nothing is said; of type UNSET: nothing is there */
    const char *id; /* in names of nodes, where it has no number */
    guint *index;   /* its number in the definition */
    bool *has_index;
    int format; /* VirDomainImageFormat */
    guint64 metadata_cache;
    gboolean top; /* the guest writes to it */
    gboolean readonly;
    gboolean layered; /* a node of its format is above the file even where that is raw */
} VirImage;

/** The image that the guest sees. */
VirImage vir_disk_image(VirDomainDisk *disk);
/** The image beneath @image; FALSE at the end of the chain. */
gboolean vir_image_beneath(const VirImage *image, VirImage *beneath);
/** The file with the data of @image; FALSE where that is the image itself. */
gboolean vir_image_data(const VirImage *image, VirImage *data);

/** Calls @func for every image of @disk, and the data beside it before what is beneath. */
void vir_disk_each_image(VirDomainDisk *disk, void (*func)(const VirImage *image, void *opaque),
                         void *opaque);

/** What really holds the image: never a volume of a pool that was looked up. */
int vir_source_type(const VirDomainSource *src);
/** An empty drive. */
gboolean vir_disk_is_empty(const VirDomainDisk *disk);
/**
 * Gives every image of @def its number, from the last disk to the first, each chain from its top;
 * nodes of throttle filters follow the images that they limit.
 */
void vir_disks_number(VirDomainDef *def);
/** The disk one of whose nodes QEMU calls @node ("libvirt-3-format"), or NULL. */
VirDomainDisk *vir_disk_by_node(VirDomainDef *def, const char *node);

/** Names of nodes, g_free(): "libvirt-3-storage", "libvirt-3-slice-sto", "libvirt-3-format". */
char *vir_image_node(const VirImage *image, const char *layer);
