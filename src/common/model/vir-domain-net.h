/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Defaults of a network card that hold for every hypervisor. */
void vir_domain_net_complete(VirDomainInterface *net);
/** What the parts of a network card ask of each other, whatever the hypervisor. */
gboolean vir_domain_net_check(const VirDomainInterface *net, GError **error);
