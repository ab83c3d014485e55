/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "firmware-descriptor.h"
#include "machine-kind.h"
#include "qemu-conf.h"

/**
 * The first of @list (of vir_firmware_load()) that gives @def all that it asks of its firmware, or
 * NULL. Where the loader's path is given, only what it is the executable of.
 */
const VirFirmware *vir_firmware_choose(const GPtrArray *list, const VirDomainDef *def);

/** Writes down in @def what @firmware is, and what it needs of the guest. */
void vir_firmware_fill(VirDomainDef *def, const VirFirmware *firmware);

/** Whether the guest boots through UEFI, chosen or to be chosen. */
gboolean vir_def_has_uefi(const VirDomainDef *def);
/** Path of the variables where they are a file or block device of this host, or NULL. Borrowed. */
const char *vir_def_nvram_path(const VirDomainDef *def);

/** "CODE:VARS" of firmware that no descriptor tells of, up to NULL. @conf may be NULL. */
const char *const *vir_firmware_pairs(const VirQemuConf *conf);
