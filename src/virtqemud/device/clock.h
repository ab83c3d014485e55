/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** The timer of that name (VIR_DOMAIN_TIMER_NAME_…), or NULL. Borrowed. */
const VirDomainTimer *vir_def_timer(const VirDomainDef *def, int name);
