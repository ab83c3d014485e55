/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-conf.h"

/**
 * The world outside a document and a QEMU binary, as far as a definition's completion and its
 * command line depend on it. The daemon fills it from the host; tests fill it with constants, so
 * that the same code gives the same text anywhere. Immutable once filled; strings are borrowed.
 */
typedef struct VirQemuEnv VirQemuEnv;
struct VirQemuEnv {
    const VirQemuConf *conf;
    gboolean privileged;
    /* Where guests' own folders are, and channels without a path; NULL where paths do not matter.
     */
    const char *lib_dir;
    const char *channel_dir;
    /** Fills @bytes from the kernel's random source. */
    void (*random)(guint8 *bytes, gsize n);
    /** A variable of the daemon's environment, or NULL. */
    const char *(*getenv)(const VirQemuEnv *env, const char *name);
    /** A file that QEMU writes, made at need; emptied unless @append. An fd, or -1. */
    int (*open_output)(const VirQemuEnv *env, const char *path, gboolean append, GError **error);
    /** A unix socket that listens at @path in place of what was there. An fd, or -1. */
    int (*listen_unix)(const VirQemuEnv *env, const char *path, GError **error);
    /** A render node of the host's graphics. g_free(). */
    char *(*render_node)(const VirQemuEnv *env, GError **error);
    /** The host's address in the network @name, for displays. g_free(). */
    char *(*network_address)(const VirQemuEnv *env, const char *name, GError **error);
};

/** The host this daemon runs on; @conf is borrowed. */
void vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged);
