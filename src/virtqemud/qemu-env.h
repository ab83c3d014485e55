/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-conf.h"

/**
 * The world outside a document and a QEMU binary, as far as a definition's completion and its
 * command line depend on it. The daemon fills it from the host; tests fill it with constants, so
 * that the same code gives the same text anywhere. Immutable once filled; strings are borrowed.
 */
typedef struct {
    const VirQemuConf *conf;
    gboolean privileged;
    /** Fills @bytes from the kernel's random source. */
    void (*random)(guint8 *bytes, gsize n);
} VirQemuEnv;

/** The host this daemon runs on; @conf is borrowed. */
void vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged);
