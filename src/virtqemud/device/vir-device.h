/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"
#include "vir-domain-def.h"
#include "vir-qemu-caps.h"

/** What vir_device_complete() may do. */
typedef enum {
    /** A new guest: defaults that a guest would notice may be the newer, better ones. */
    VIR_MODEL_ABI_UPDATE = 1 << 0,
} VirModelFlags;

/** One pass over a definition: what every step of it is given. */
typedef struct {
    VirDomainDef *def;
    const VirQemuCaps *caps;
    const VirQemuEnv *env;
    unsigned flags; /* VirModelFlags */
} VirModel;

/**
 * Completes a definition as the QEMU driver keeps it: canonical machine type, default CPU,
 * emulator, controllers, memballoon, inputs, video, targets and all addresses; then checks what
 * its parts ask of each other and of @caps. Idempotent: a completed definition is not changed.
 * VIR_ERR_CONFIG_UNSUPPORTED or VIR_ERR_XML_ERROR.
 */
gboolean vir_device_complete(const VirModel *model, GError **error);

/**
 * What a start adds: every device its alias (the user's own, "ua-…", are kept), USB devices their
 * ports, and each noun what only a running guest has. The definition is to be a copy.
 */
gboolean vir_device_prepare(const VirModel *model, GError **error);
