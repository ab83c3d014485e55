/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Whether @network (or NULL) says by which protocol, from where, and which image, as the protocol
 * spells it. */
gboolean vir_domain_source_check_name(const VirDomainSourceNetwork *network, GError **error);
/** Whether @tune limits anything. */
gboolean vir_domain_iotune_limits(const VirDomainDiskIotune *tune);
/** What a disk and its source both say. VIR_ERR_CONFIG_UNSUPPORTED. */
gboolean vir_domain_disks_check_twice(const VirDomainDef *def, GError **error);
/** What disks ask of each other and of throttle groups: labels, shared limits. */
gboolean vir_domain_disks_check(const VirDomainDef *def, GError **error);
