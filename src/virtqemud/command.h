/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-device.h"
#include "vir-spawn.h"

/** Bytes of the key that secrets are encrypted with (AES-256). */
#define VIR_MASTER_KEY_LEN 32

/** Where a guest's things are; strings borrowed. */
typedef struct {
    const char *lib_dir;            /* this guest's own: <libDir>/domain-ID-NAME; also its HOME */
    const char *incoming;           /* URI of the migration that brings the guest, or NULL */
    const char *master_key;         /* file with the key of secret objects, or NULL */
    const guint8 *master_key_bytes; /* what is in it: 32 bytes */
    /** Nodes that numad advises; NULL where it is not asked. */
    const VirBitmap *auto_nodes;
    /** Gets the folders in which QEMU will make files, to be made before it runs; or NULL. */
    GPtrArray *memory_dirs;
    /* Listening socket of the monitor, taken on success; -1: QEMU is to make one in @lib_dir. */
    int monitor_fd;
} VirCommandContext;

/** Id and name of @def's run in names of files, "1-guest"; "-1-guest" where it does not run. The
 * name is cut after 20 characters. g_free(). */
char *vir_command_run_name(const VirDomainDef *def);

/** The guest's id and name as in names of its files, "1-guest"; of its lib_dir. Borrowed. */
const char *vir_command_short_name(const char *lib_dir);

/**
 * The QEMU process of @def (completed, with aliases and ports). The guest is not run (-S).
 * VIR_ERR_CONFIG_UNSUPPORTED names the element that has no argv yet: nothing is left out in
 * silence.
 */
VirSpawn *vir_command_build(VirDomainDef *def, const VirQemuCaps *caps, const VirQemuEnv *env,
                            const VirCommandContext *context, GError **error);
