/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include <glib.h>

/** Defaults and rules of Hyper-V's and KVM's features, whatever the hypervisor. */
gboolean vir_domain_features_complete(VirDomainDef *def, GError **error);
