/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/**
 * What a disk asks of itself whatever runs the guest: its device and bus, its sources with their
 * servers, accounts, encryption and labels, its limits. VIR_ERR_XML_ERROR,
 * VIR_ERR_CONFIG_UNSUPPORTED.
 */
gboolean vir_domain_disk_check(const VirDomainDisk *disk, GError **error);
/** Whether @network (or NULL) says by which protocol, from where, and which image, as the protocol
 * spells it. */
gboolean vir_domain_source_check_name(const VirDomainSourceNetwork *network, GError **error);
/** Whether @tune limits anything. */
gboolean vir_domain_iotune_limits(const VirDomainDiskIotune *tune);
/** What a disk and its source both say. VIR_ERR_CONFIG_UNSUPPORTED. */
gboolean vir_domain_disks_check_twice(const VirDomainDef *def, GError **error);
/** What disks ask of each other and of throttle groups: labels, shared limits. */
gboolean vir_domain_disks_check(const VirDomainDef *def, GError **error);
/** The same for one source alone; @type is what holds it. */
gboolean vir_domain_source_check(const VirDomainSource *src, int type, GError **error);
