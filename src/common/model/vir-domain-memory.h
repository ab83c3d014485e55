/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** KiB of a limit in <memtune> from which on it is none. */
#define VIR_DOMAIN_MEMORY_UNLIMITED (G_MAXINT64 >> 10)

/** KiB of all memory devices; G_MAXUINT64 where that is too much to say. */
guint64 vir_domain_memory_devices(const VirDomainDef *def);
/** KiB that the guest has without its memory devices. */
guint64 vir_domain_memory_initial(const VirDomainDef *def);
/** Whether there is room for memory devices: <maxMemory>. */
gboolean vir_domain_memory_has_room(const VirDomainDef *def);
/** Whether @device takes one of the slots of <maxMemory>. */
gboolean vir_domain_memory_takes_slot(const VirDomainMemoryDevice *device);

/**
 * Completes sizes: <memory> from cells and devices where it is missing (@update: always),
 * <currentMemory>, limits that are none. Refuses sizes that contradict each other, memory devices
 * that cannot be, and huge pages that are not clear. After vir_domain_numa_complete().
 */
gboolean vir_domain_memory_complete(VirDomainDef *def, gboolean update, GError **error);
