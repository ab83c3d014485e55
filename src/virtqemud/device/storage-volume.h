/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include "vir-storagepool-def.h"
#include "vir-storagevol-def.h"

/**
 * Makes @src, a volume of @pool, what it is for QEMU: "actual" and the path, or the server that the
 * pool itself is on. @vol_type is VIR_STORAGE_VOL_TYPE_*. VIR_ERR_XML_ERROR,
 * VIR_ERR_CONFIG_UNSUPPORTED.
 */
gboolean vir_source_translate(VirDomainSource *src, const VirStoragePoolDef *pool, int vol_type,
                              const char *vol_path, GError **error);
