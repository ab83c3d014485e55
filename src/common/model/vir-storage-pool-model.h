/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-storagepool-def.h"
#include "vir-storagepoolcaps-def.h"

/** What pools of one kind are made of, and what their volumes are. */
typedef struct {
    unsigned parts;             /* VirStoragePoolParts */
    const char *const *formats; /* of the source; NULL: none. The first is number 0 for users */
    const char *default_format;
    const char *const *vol_formats; /* of volumes; NULL: none */
    const char *default_vol_format;
    const char *vol_type;    /* kind of the volumes: file, block, network */
    unsigned optional_parts; /* kept where they are there; parts of no meaning are dropped */
} VirStoragePoolKind;

typedef enum {
    VIR_STORAGE_POOL_PART_HOST = 1 << 0,   /* a server is needed */
    VIR_STORAGE_POOL_PART_DEVICE = 1 << 1, /* a device is needed */
    VIR_STORAGE_POOL_PART_DIR = 1 << 2,    /* a folder of the server is needed */
    VIR_STORAGE_POOL_PART_NAME = 1 << 3,   /* has a name of its own, else that of the pool */
    VIR_STORAGE_POOL_PART_ADAPTER = 1 << 4,
    VIR_STORAGE_POOL_PART_INITIATOR = 1 << 5,
    VIR_STORAGE_POOL_PART_REMOTE = 1 << 6, /* does not appear in the host's file system */
} VirStoragePoolParts;

/** The row of @type, a VIR_STORAGE_POOL_TYPE_*; NULL for 0. Static. */
const VirStoragePoolKind *vir_storage_pool_model_kind(guint type);

/**
 * Defaults and rules of a pool; @def may have been made by a program. A pool without a name gets
 * that of its source, one without a UUID a new one.
 */
gboolean vir_storage_pool_model_complete(VirStoragePoolDef *def, GError **error);

/**
 * Parses a <pool> document and completes it. Sizes and free extents, which only the host knows, are
 * kept with VIR_XML_STATUS alone. See vir_xml_parse() for @name and @ignored.
 */
VirStoragePoolDef *vir_storage_pool_model_parse(const char *text, gssize len, const char *name,
                                                unsigned flags, GPtrArray **ignored,
                                                GError **error);

/** @path without repeated and final slashes; two at its beginning stay. g_free(). */
char *vir_storage_pool_model_clean_path(const char *path);

/**
 * The capabilities document of a host that has the pools in @supported, a set of
 * 1 << VIR_STORAGE_POOL_TYPE_*.
 */
VirStoragePoolCapsDef *vir_storage_pool_model_caps(guint64 supported);
