/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/** Defaults and rules of <clock> that hold for every hypervisor. VIR_ERR_XML_ERROR. */
gboolean vir_domain_clock_complete(VirDomainDef *def, GError **error);
