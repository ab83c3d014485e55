/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/** What <cpu> must be for any hypervisor; def->cpu may be NULL. VIR_ERR_XML_ERROR. */
gboolean vir_domain_cpu_check(const VirDomainDef *def, GError **error);
/** What the user left open. */
void vir_domain_cpu_complete(VirDomainCpu *cpu);
/** Whether the guest has all that the host's processor, or the accelerator, has to give. */
gboolean vir_domain_cpu_is_host(const VirDomainCpu *cpu);
/** Whether it says which processor it is; else it is only there for what is beneath it. */
gboolean vir_domain_cpu_has_model(const VirDomainCpu *cpu);
