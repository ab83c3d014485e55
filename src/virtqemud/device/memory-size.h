/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine-kind.h"
#include <glib.h>

/* QEMU takes memory in whole steps; what the user asks for is rounded to them. */

/**
 * Rounds the memory device @which of @def as QEMU wants it. VIR_ERR_CONFIG_UNSUPPORTED where no
 * size is left or the number is too large.
 */
gboolean vir_memory_size_device(VirDomainDef *def, guint which, GError **error);

/** 64-bit PowerPC has rules of its own for memory, whatever the board. */
gboolean vir_memory_is_ppc64(const VirDomainDef *def);

/** Rounds cells, devices, <memory> and <maxMemory>. */
gboolean vir_memory_size_all(VirDomainDef *def, GError **error);
