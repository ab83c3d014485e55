/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include "vir-qemu-caps.h"

/**
 * Completes a definition as the QEMU driver keeps it: canonical machine type, default CPU,
 * emulator, controllers, memballoon, inputs, video, targets and all addresses. Idempotent: a
 * completed definition is not changed. VIR_ERR_CONFIG_UNSUPPORTED or VIR_ERR_XML_ERROR.
 */
gboolean vir_device_complete(VirDomainDef *def, const VirQemuCaps *caps, GError **error);

/**
 * Gives every device its alias, and USB devices their ports (start of a guest); user aliases
 * ("ua-…") are kept.
 */
gboolean vir_device_alias(VirDomainDef *def, GError **error);
