/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/**
 * Makes the file with the variables of the firmware of @def from its template where there is none,
 * or where @reset: of mode 0600, old or new at any time, converted to the format that is asked
 * for. May wait. VIR_ERR_OPERATION_FAILED where there is no template.
 */
gboolean vir_qemu_nvram_make(const VirDomainDef *def, gboolean reset, GError **error);

/** Whether the file with the variables of @def exists. */
gboolean vir_qemu_nvram_exists(const VirDomainDef *def);
/** Removes it. */
gboolean vir_qemu_nvram_remove(const VirDomainDef *def, GError **error);
