/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-host.h"

#include "vir-error.h"
#include <fcntl.h>

static GPtrArray *
mounts(const VirQemuEnv *env, GError **error)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_hugetlbfs_free);

    g_ptr_array_add(list, vir_qemu_hugetlbfs_new("/dev/hugepages2M", 2048, TRUE));
    g_ptr_array_add(list, vir_qemu_hugetlbfs_new("/dev/hugepages1G", 1048576, FALSE));
    return list;
}

/* Four nodes of four processors. */
static GPtrArray *
nodes(const VirQemuEnv *env, GError **error)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)vir_bitmap_free);

    for (guint node = 0; node < 4; node++) {
        VirBitmap *cpus = vir_bitmap_new(0);

        for (guint cpu = node * 4; cpu < node * 4 + 4; cpu++)
            vir_bitmap_set(cpus, cpu);
        g_ptr_array_add(list, cpus);
    }
    return list;
}

static VirBitmap *
advice(const VirQemuEnv *env, guint cpus, guint64 mib, GError **error)
{
    return vir_bitmap_parse("0-3", error);
}

int
fake_host_fd(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static int
open_device(const VirQemuEnv *env, VirQemuHostDevice kind, const char *path, GError **error)
{
    if (path && g_str_has_prefix(path, "/missing/"))
        return vir_error_set(error, VIR_ERR_SYSTEM_ERROR, "there is no '%s'", path) - 1;
    return fake_host_fd();
}

static gboolean
set_cid(const VirQemuEnv *env, VirDomainVsock *vsock, int fd, GError **error)
{
    if (!vsock->has_cid) {
        vsock->cid = 42;
        vsock->has_cid = TRUE;
    }
    return TRUE;
}

static char *
scsi_generic(const VirQemuEnv *env, const char *adapter, guint bus, guint target, guint64 unit,
             GError **error)
{
    return g_strdup("sg0");
}

static gboolean
can_label(const VirQemuEnv *env, const char *model)
{
    return TRUE;
}

static gboolean
is_cdrom(const VirQemuEnv *env, const char *path)
{
    return g_str_equal(path, "/dev/cdrom");
}

void
fake_host_fill(VirQemuEnv *env)
{
    vir_qemu_env_pretend(env);
    env->nvram_dir = "/var/lib/libvirt/qemu/nvram";
    env->has_rdp = TRUE;
    env->memory_dir = "/var/lib/libvirt/qemu/ram";
    env->page_kib = 4;
    env->thp_kib = 2048;
    env->hugetlbfs = mounts;
    env->host_nodes = nodes;
    env->numad = advice;
    env->passt_dir = "/var/run/libvirt/qemu/passt";
    env->open_device = open_device;
    env->set_cid = set_cid;
    env->scsi_generic = scsi_generic;
    env->can_label = can_label;
    env->is_cdrom = is_cdrom;
}
