/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/**
 * Fills in what each processor of <vcpus> is where that is there at all (all of 0 … max - 1, in
 * this order), and how many are plugged. VIR_ERR_XML_ERROR for what cannot be.
 */
gboolean vir_domain_vcpus_complete(VirDomainDef *def, GError **error);

/** How many processors are plugged at start. */
guint vir_domain_vcpus_now(const VirDomainDef *def);
/** How many of them are there for good: what can be unplugged is plugged one by one. */
guint vir_domain_vcpus_fixed(const VirDomainDef *def);
