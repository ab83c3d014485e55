/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-host.h"
#include "vir-domain-numa.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-host.h"
#include "vir-spawn.h"
#include <errno.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* numad looks at the load for some seconds before it answers. */
#define NUMAD_TIMEOUT_MS 120000

VirQemuHugetlbfs *
vir_qemu_hugetlbfs_new(const char *path, guint64 kib, gboolean is_default)
{
    VirQemuHugetlbfs *self = g_new0(VirQemuHugetlbfs, 1);

    self->path = g_strdup(path);
    self->kib = kib;
    self->is_default = is_default;
    return self;
}

void
vir_qemu_hugetlbfs_free(VirQemuHugetlbfs *self)
{
    g_free(self->path);
    g_free(self);
}

/* KiB of the kernel's default huge page; 0 where it knows none. */
static guint64
default_page(void)
{
    g_autofree char *text = vir_file_read("/proc/meminfo", 65536, NULL, NULL);
    const char *line = text ? strstr(text, "Hugepagesize:") : NULL;

    return line ? g_ascii_strtoull(line + strlen("Hugepagesize:"), NULL, 10) : 0;
}

static gboolean
add_mount(GPtrArray *list, const char *path, guint64 usual, GError **error)
{
    struct statfs fs;

    if (statfs(path, &fs) < 0)
        return vir_error_set_errno(error, errno, "hugetlbfs_mount '%s'", path);
    if (fs.f_type != HUGETLBFS_MAGIC)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "hugetlbfs_mount '%s' is no mounted hugetlbfs", path);
    g_ptr_array_add(list, vir_qemu_hugetlbfs_new(path, (guint64)fs.f_bsize / 1024,
                                                 (guint64)fs.f_bsize / 1024 == usual));
    return TRUE;
}

static GPtrArray *
host_hugetlbfs(const VirQemuEnv *env, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)vir_qemu_hugetlbfs_free);
    guint64 usual = default_page();
    FILE *mounts = NULL;
    struct mntent entry;
    char buffer[4096];

    for (char **it = env->conf->hugetlbfs_mounts; it && *it; it++) {
        if ((*it)[0] != '\0' && !add_mount(list, *it, usual, error))
            return NULL;
    }
    if (!env->conf->hugetlbfs_mounts)
        mounts = setmntent("/proc/mounts", "re");
    while (mounts && getmntent_r(mounts, &entry, buffer, sizeof(buffer))) {
        /* One that cannot be looked at cannot be used by a guest either. */
        if (strcmp(entry.mnt_type, "hugetlbfs") == 0)
            add_mount(list, entry.mnt_dir, usual, NULL);
    }
    if (mounts)
        endmntent(mounts);
    return g_steal_pointer(&list);
}

static void
free_bitmap(void *bitmap)
{
    vir_bitmap_free(bitmap);
}

static GPtrArray *
host_nodes(const VirQemuEnv *env, GError **error)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, error);
    GPtrArray *nodes;

    if (!topology)
        return NULL;
    nodes = g_ptr_array_new_with_free_func(free_bitmap);
    for (guint i = 0; i < topology->cells->len; i++) {
        const VirHostCell *cell = topology->cells->pdata[i];

        if (cell->id >= nodes->len)
            g_ptr_array_set_size(nodes, (gint)cell->id + 1);
        nodes->pdata[cell->id] = vir_bitmap_new(0);
    }
    for (guint i = 0; i < topology->cpus->len; i++) {
        const VirHostCpu *cpu = topology->cpus->pdata[i];

        if (cpu->online && cpu->cell < nodes->len && nodes->pdata[cpu->cell])
            vir_bitmap_set(nodes->pdata[cpu->cell], cpu->id);
    }
    return nodes;
}

static VirBitmap *
host_numad(const VirQemuEnv *env, guint cpus, guint64 mib, GError **error)
{
    g_autofree char *size = g_strdup_printf("%u:%" G_GUINT64_FORMAT, cpus, mib);
    g_autofree char *program = g_find_program_in_path("numad");
    g_autoptr(VirSpawn) spawn = NULL;
    g_autofree char *said = NULL;
    g_autofree char *complaint = NULL;
    int status = 0;

    if (!program) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                      "placement='auto' asks numad, which is not installed");
        return NULL;
    }
    spawn = vir_spawn_new(program);
    vir_spawn_add_args(spawn, (const char *const[]){"-w", size, NULL});
    if (!vir_spawn_run(spawn, NUMAD_TIMEOUT_MS, 4096, &said, &complaint, &status, error)) {
        g_prefix_error(error, "numad -w %s: ", size);
        return NULL;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "numad -w %s failed: %s", size,
                      complaint ? g_strstrip(complaint) : "");
        return NULL;
    }
    return vir_bitmap_parse(g_strstrip(said), error);
}

gboolean
vir_qemu_env_advice(const VirQemuEnv *env, const VirDomainDef *def, VirBitmap **nodes,
                    GError **error)
{
    if (!vir_domain_numa_is_automatic(def))
        return TRUE;
    *nodes = env->numad(env, def->vcpus_max, def->memory / 1024, error);
    return *nodes != NULL;
}

void
vir_qemu_env_memory(VirQemuEnv *env)
{
    g_autofree char *thp =
        vir_file_read("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", 64, NULL, NULL);

    env->page_kib = (guint64)sysconf(_SC_PAGESIZE) / 1024;
    env->thp_kib = thp ? g_ascii_strtoull(thp, NULL, 10) / 1024 : 0;
    env->hugetlbfs = host_hugetlbfs;
    env->host_nodes = host_nodes;
    env->numad = host_numad;
}
