/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory-host.h"

#include "command.h"
#include "driver.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include <errno.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.memory");

gboolean
vir_qemu_memory_make_dirs(const GPtrArray *dirs, GError **error)
{
    for (guint i = 0; i < dirs->len; i++) {
        if (!vir_dir_make(dirs->pdata[i], 0700, error))
            return FALSE;
    }
    return TRUE;
}

void
vir_qemu_remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (unlink(file) < 0)
            vir_debug("cannot remove '%s': %s", file, g_strerror(errno));
    }
    if (rmdir(path) < 0 && errno != ENOENT)
        vir_warn("cannot remove '%s': %s", path, g_strerror(errno));
}

void
vir_qemu_memory_remove_dirs(VirQemuDomain *dom)
{
    const VirQemuEnv *env = &dom->driver->env;
    const char *short_name = vir_command_short_name(dom->lib_dir);
    g_autofree char *files = g_build_filename(env->memory_dir, short_name, NULL);
    g_autoptr(GPtrArray) mounts = env->hugetlbfs(env, NULL);

    vir_qemu_remove_dir(files);
    for (guint i = 0; mounts && i < mounts->len; i++) {
        const VirQemuHugetlbfs *mount = mounts->pdata[i];
        g_autofree char *pages = g_build_filename(mount->path, "libvirt", "qemu", short_name, NULL);

        vir_qemu_remove_dir(pages);
    }
}
