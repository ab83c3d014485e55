/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"
#include "vir-domain-def.h"
#include "vir-qemu-caps.h"

/** What vir_device_complete() may do. */
typedef enum {
    /** A new guest: defaults that a guest would notice may be the newer, better ones. */
    VIR_MODEL_ABI_UPDATE = 1 << 0,
    /** It runs elsewhere and comes in by migration: nothing that it notices may change. */
    VIR_MODEL_INCOMING = 1 << 1,
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

/** Kinds of ports that displays listen on. */
typedef enum {
    VIR_GRAPHICS_PORT_VNC,
    VIR_GRAPHICS_PORT_WEBSOCKET,
    VIR_GRAPHICS_PORT_SPICE,
    VIR_GRAPHICS_PORT_SPICE_TLS,
} VirGraphicsPort;

/** Where free ports come from. */
typedef struct {
    /** A port that nobody else has, or -1 with an error. */
    int (*take)(void *data, VirGraphicsPort kind, GError **error);
    void *data;
} VirGraphicsPorts;

/**
 * Gives the displays of a guest that is about to start what only a start knows: ports, addresses
 * of the configuration and of networks, sockets beneath @lib_dir.
 */
gboolean vir_graphics_prepare(VirDomainDef *def, const VirQemuEnv *env, const char *lib_dir,
                              const VirGraphicsPorts *ports, GError **error);

/**
 * Names the sockets of channels whose documents name none: files in @dir, the guest's own folder.
 * Returns whether there is any.
 */
gboolean vir_channels_prepare(VirDomainDef *def, const char *dir);

/** Refuses what a start does not set up yet though it is no matter of the command line. */
gboolean vir_device_check_start(const VirDomainDef *def, GError **error);
