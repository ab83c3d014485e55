/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Shares of the host's disks, events that are counted, and ciphers that wrap keys: each once. */
gboolean vir_domain_tuning_complete(VirDomainDef *def, GError **error);
