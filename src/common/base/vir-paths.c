/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-paths.h"

static char *
below(const char *root, const char *folder, const char *name)
{
    return g_strconcat(root, folder, name, NULL);
}

VirPaths *
vir_paths_new(const char *root, gboolean privileged)
{
    VirPaths *paths = g_new0(VirPaths, 1);
    g_autofree char *real = root && *root ? g_canonicalize_filename(root, NULL) : g_strdup("");

    paths->privileged = privileged;
    paths->root = g_steal_pointer(&real);
    if (privileged) {
        paths->config = below(paths->root, VIR_SYSCONFDIR, "/libvirt");
        paths->run = below(paths->root, "/run", "/libvirt");
        paths->pid = below(paths->root, "/run", "");
        paths->lib = below(paths->root, VIR_LOCALSTATEDIR, "/lib/libvirt");
        paths->cache = below(paths->root, VIR_LOCALSTATEDIR, "/cache/libvirt");
        paths->log = below(paths->root, VIR_LOCALSTATEDIR, "/log/libvirt");
    } else {
        paths->config = below(paths->root, g_get_user_config_dir(), "/libvirt");
        paths->run = below(paths->root, g_get_user_runtime_dir(), "/libvirt");
        paths->pid = g_strdup(paths->run);
        paths->lib = g_strdup(paths->config);
        paths->cache = below(paths->root, g_get_user_cache_dir(), "/libvirt");
        paths->log = g_strdup(paths->cache);
    }
    return paths;
}

void
vir_paths_free(VirPaths *paths)
{
    if (!paths)
        return;
    g_free(paths->root);
    g_free(paths->config);
    g_free(paths->run);
    g_free(paths->pid);
    g_free(paths->lib);
    g_free(paths->cache);
    g_free(paths->log);
    g_free(paths);
}
