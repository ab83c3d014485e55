/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/**
 * Job: before a start: images of files and devices are there, what is missing and optional is left
 * out, and nothing is asked for that a start cannot do (VIR_ERR_CONFIG_UNSUPPORTED).
 */
gboolean vir_qemu_disks_prepare(VirDomainDef *def, GError **error);
/** Job: limits of disks, once the monitor answers. */
gboolean vir_qemu_disks_started(VirQemuDomain *dom, GError **error);
