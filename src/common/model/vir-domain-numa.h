/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** More cells than any hypervisor gives a guest. */
#define VIR_DOMAIN_NUMA_MAX_CELLS 1024

/** What a distance between two cells is where nothing is said of it (ACPI SLIT). */
#define VIR_DOMAIN_NUMA_LOCAL 10
#define VIR_DOMAIN_NUMA_REMOTE 20

/**
 * Completes <cpu><numa> and <numatune>: cells by number, distances that hold both ways, policies by
 * cell, placement of memory and processors by each other's; and refuses what contradicts itself.
 * VIR_ERR_XML_ERROR, VIR_ERR_CONFIG_UNSUPPORTED.
 */
gboolean vir_domain_numa_complete(VirDomainDef *def, GError **error);

/** Number of the guest's cells. */
guint vir_domain_numa_cells(const VirDomainDef *def);
/** Processors of all cells. */
guint vir_domain_numa_cpus(const VirDomainDef *def);
/** KiB of all cells; G_MAXUINT64 where that is too much to say. */
guint64 vir_domain_numa_memory(const VirDomainDef *def);
/** The distance from a cell to another. */
guint vir_domain_numa_distance(const VirDomainNumaCell *cell, guint id);
/** Whether caches, latencies or bandwidths are told to the guest. */
gboolean vir_domain_numa_has_hmat(const VirDomainDef *def);

/** Where memory may lie on the host. */
typedef struct {
    int mode;               /* VirDomainNumaMode; 0: nothing is said */
    gboolean automatic;     /* nodes are those that numad advises */
    const VirBitmap *nodes; /* borrowed, NULL where automatic or not said */
} VirDomainNumaPolicy;

/** That of the cell @cell; -1: of the guest as a whole. */
VirDomainNumaPolicy vir_domain_numa_policy(const VirDomainDef *def, int cell);
/** Whether the cell has a <memnode> of its own. */
gboolean vir_domain_numa_has_memnode(const VirDomainDef *def, guint cell);
/** Whether numad is to be asked where this guest should run. */
gboolean vir_domain_numa_is_automatic(const VirDomainDef *def);
