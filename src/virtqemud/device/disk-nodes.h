/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argv.h"
#include "disk-chain.h"

/* How a cache mode works. */
typedef struct {
    int mode;
    const char *write_cache; /* of the guest's device */
    gboolean direct;
    gboolean no_flush;
} VirDiskCache;

/** The row of the disk's cache mode; NULL where the disk leaves it to QEMU. */
const VirDiskCache *vir_disk_cache(const VirDomainDisk *disk);
/** QEMU's word, or NULL; zeroes become discards only where discards go through. Static. */
const char *vir_image_detect_zeroes(const VirImage *image);
/** Block driver of a format; "raw" for what is no format of its own. */
const char *vir_format_driver(int format);

/** Adds the nodes of @image alone, and what they need; *@top: name of the uppermost, g_free(). */
gboolean vir_argv_image(VirArgv *argv, const VirImage *image, const char *backing, char **top,
                        GError **error);
/**
 * Adds the nodes of the whole disk: its chain from the bottom, the layer that copies what is read,
 * throttle filters. *@top (g_free()): the node that the guest's device uses.
 */
gboolean vir_argv_disk_nodes(VirArgv *argv, VirDomainDisk *disk, char **top, GError **error);
/** Number of images that reach QEMU as open files. */
guint vir_disks_count_fdsets(const VirDomainDef *def);
/** What the storage of an image refers to, with the objects of it added. */
json_object *vir_argv_storage(VirArgv *argv, const VirImage *image, GError **error);
