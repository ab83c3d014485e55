/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host-private.h"
#include <string.h>

#define RESCTRL "/sys/fs/resctrl/info"
/* More than any processor has; a broken tree ends the search. */
#define MAX_INDEX 32

static void
bank_free(void *data)
{
    VirHostCache *bank = data;

    vir_bitmap_free(bank->cpus);
    g_array_unref(bank->controls);
    g_free(bank);
}

void
vir_host_caches_free(VirHostCaches *caches)
{
    if (!caches)
        return;
    g_ptr_array_unref(caches->banks);
    g_strfreev(caches->monitor_features);
    g_free(caches);
}

static char *
read_word(const VirHost *host, const char *name, int cpu, int index)
{
    g_autofree char *path =
        g_strdup_printf("/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index, name);

    return g_strstrip(vir_host_read(host, "%s", path));
}

/* "32K", "8192K", "1M": bytes. */
static guint64
read_size(const char *text)
{
    char *unit = NULL;
    guint64 size = g_ascii_strtoull(text, &unit, 10);
    guint shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : *unit == 'G' ? 30 : 0;

    return size > G_MAXUINT64 >> shift ? 0 : size << shift;
}

static gboolean
has_bank(const VirHostCaches *caches, const VirHostCache *like)
{
    for (guint i = 0; i < caches->banks->len; i++) {
        const VirHostCache *bank = caches->banks->pdata[i];

        if (bank->level == like->level && bank->id == like->id && bank->type == like->type)
            return TRUE;
    }
    return FALSE;
}

/* FALSE: there is no such cache. What every core has for itself (level 1) nobody shares out. */
static gboolean
read_bank(const VirHost *host, VirHostCaches *caches, int cpu, int index)
{
    g_autofree char *level = read_word(host, "level", cpu, index);
    g_autofree char *id = read_word(host, "id", cpu, index);
    g_autofree char *size = read_word(host, "size", cpu, index);
    g_autofree char *type = read_word(host, "type", cpu, index);
    g_autofree char *cpus = read_word(host, "shared_cpu_list", cpu, index);
    VirHostCache like = {.level = (guint)g_ascii_strtoull(level, NULL, 10),
                         .id = (guint)g_ascii_strtoull(id, NULL, 10),
                         .type = g_str_equal(type, "Instruction") ? VIR_HOST_CACHE_CODE
                                 : g_str_equal(type, "Data")      ? VIR_HOST_CACHE_DATA
                                                                  : VIR_HOST_CACHE_BOTH,
                         .size = read_size(size)};
    VirHostCache *bank;

    if (!*level)
        return FALSE;
    if (like.level < 2 || !*id || has_bank(caches, &like))
        return TRUE;
    like.cpus = vir_bitmap_parse(cpus, NULL);
    if (!like.cpus)
        return TRUE;
    like.controls = g_array_new(FALSE, FALSE, sizeof(VirHostCacheControl));
    bank = g_memdup2(&like, sizeof(like));
    g_ptr_array_add(caches->banks, bank);
    caches->last_level = MAX(caches->last_level, like.level);
    return TRUE;
}

static int
by_level(const void *a, const void *b)
{
    const VirHostCache *x = *(VirHostCache *const *)a;
    const VirHostCache *y = *(VirHostCache *const *)b;

    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* A cache is given away by the bits of a mask. */
static void
read_controls(const VirHost *host, VirHostCache *bank)
{
    static const char *const suffixes[] = {"", "CODE", "DATA"};

    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *folder = g_strdup_printf(RESCTRL "/L%u%s", bank->level, suffixes[i]);
        g_autofree char *mask = vir_host_read(host, "%s/cbm_mask", folder);
        guint64 bits = g_ascii_strtoull(mask, NULL, 16);
        VirHostCacheControl control = {.type = i};

        if (bits == 0)
            continue;
        control.granularity = bank->size / (guint)__builtin_popcountll(bits);
        control.min =
            control.granularity * MIN(vir_host_read_number(host, 1, "%s/min_cbm_bits", folder), 64);
        control.max_allocs = (guint)vir_host_read_number(host, 0, "%s/num_closids", folder);
        g_array_append_val(bank->controls, control);
    }
}

static void
read_resctrl(const VirHost *host, VirHostCaches *caches)
{
    g_autofree char *features = vir_host_read(host, RESCTRL "/L3_MON/mon_features");
    g_autofree char *closids = vir_host_read(host, RESCTRL "/MB/num_closids");

    for (guint i = 0; i < caches->banks->len; i++)
        read_controls(host, caches->banks->pdata[i]);
    if (*closids) {
        caches->bandwidth = TRUE;
        caches->bandwidth_max_allocs = (guint)g_ascii_strtoull(closids, NULL, 10);
        caches->bandwidth_granularity =
            (guint)vir_host_read_number(host, 0, RESCTRL "/MB/bandwidth_gran");
        caches->bandwidth_min = (guint)vir_host_read_number(host, 0, RESCTRL "/MB/min_bandwidth");
    }
    caches->max_monitors = (guint)vir_host_read_number(host, 0, RESCTRL "/L3_MON/num_rmids");
    caches->reuse_threshold =
        (guint)vir_host_read_number(host, 0, RESCTRL "/L3_MON/max_threshold_occupancy");
    caches->monitor_features = g_strsplit(g_strstrip(features), "\n", -1);
}

VirHostCaches *
vir_host_caches(const VirHost *host)
{
    g_autoptr(VirBitmap) online = vir_host_read_set(host, "/sys/devices/system/cpu/online");
    VirHostCaches *caches = g_new0(VirHostCaches, 1);

    caches->banks = g_ptr_array_new_with_free_func(bank_free);
    for (int cpu = vir_bitmap_next(online, 0); cpu >= 0; cpu = vir_bitmap_next(online, cpu + 1)) {
        for (int index = 0; index < MAX_INDEX && read_bank(host, caches, cpu, index); index++)
            ;
    }
    g_ptr_array_sort(caches->banks, by_level);
    read_resctrl(host, caches);
    return caches;
}

gboolean
vir_host_has_iommu(const VirHost *host)
{
    g_autofree char *path = g_strconcat(host->root, "/sys/kernel/iommu_groups", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    return dir && g_dir_read_name(dir) != NULL;
}
