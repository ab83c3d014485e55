/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * Where a daemon keeps its things. System mode: the build's sysconfdir, /run, localstatedir.
 * Session mode: $XDG_CONFIG_HOME, $XDG_RUNTIME_DIR, $XDG_CACHE_HOME. With @root every path of
 * the daemon lies beneath it. All strings are whole paths without a trailing slash.
 */
typedef struct {
    char *root;          /* "" or the folder of --root */
    gboolean privileged; /* system mode */
    char *config;        /* /etc/libvirt          | $XDG_CONFIG_HOME/libvirt */
    char *run;           /* /run/libvirt          | $XDG_RUNTIME_DIR/libvirt */
    char *pid;           /* /run                  | $XDG_RUNTIME_DIR/libvirt */
    char *lib;           /* /var/lib/libvirt      | $XDG_CONFIG_HOME/libvirt */
    char *cache;         /* /var/cache/libvirt    | $XDG_CACHE_HOME/libvirt */
    char *log;           /* /var/log/libvirt      | $XDG_CACHE_HOME/libvirt */
} VirPaths;

VirPaths *vir_paths_new(const char *root, gboolean privileged);
void vir_paths_free(VirPaths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPaths, vir_paths_free)
