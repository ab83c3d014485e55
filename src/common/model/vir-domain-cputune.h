/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/**
 * Checks <cputune> against the guest's processors and I/O threads and brings it into its normal
 * form: pins and schedulers each for one thread and by number, shares of caches and memory
 * bandwidth for processors that there are. After vir_domain_vcpus_complete() and
 * vir_domain_iothreads_complete(). VIR_ERR_XML_ERROR.
 */
gboolean vir_domain_cputune_complete(VirDomainDef *def, GError **error);
/** Its part: shares of caches and of memory bandwidth. */
gboolean vir_domain_resctrl_complete(VirDomainDef *def, GError **error);
