/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-storagevol-def.h"

typedef enum {
    VIR_STORAGE_VOL_MODEL_NO_CAPACITY = 1 << 0, /* a copy of another volume: takes its capacity */
} VirStorageVolModelFlags;

/**
 * Defaults and rules of a volume in a pool of @pool_type, a VIR_STORAGE_POOL_TYPE_*. @model are
 * VirStorageVolModelFlags; @def may have been made by a program.
 */
gboolean vir_storage_vol_model_complete(VirStorageVolDef *def, guint pool_type, unsigned model,
                                        GError **error);

/**
 * Parses a <volume> document and completes it. Extents, times and the size of the container, which
 * only the host knows, are kept with VIR_XML_STATUS alone. See vir_xml_parse() for @name and
 * @ignored.
 */
VirStorageVolDef *vir_storage_vol_model_parse(const char *text, gssize len, const char *name,
                                              unsigned flags, guint pool_type, unsigned model,
                                              GPtrArray **ignored, GError **error);
