/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-host.h"

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

void
fake_host_memory(VirQemuEnv *env)
{
    env->memory_dir = "/var/lib/libvirt/qemu/ram";
    env->page_kib = 4;
    env->thp_kib = 2048;
    env->hugetlbfs = mounts;
    env->host_nodes = nodes;
    env->numad = advice;
}
