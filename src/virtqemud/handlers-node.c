/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handlers.h"
#include "vir-host.h"

#include <string.h>

HANDLER_PLAIN(node_get_info)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostInfo info;

    if (!vir_host_info(host, &info, error))
        return FALSE;
    memcpy(ret->model, info.model, sizeof(ret->model));
    ret->memory = info.memory;
    ret->cpus = (int)info.cpus;
    ret->mhz = (int)info.mhz;
    ret->nodes = (int)info.cells;
    ret->sockets = (int)info.sockets;
    ret->cores = (int)info.cores;
    ret->threads = (int)info.threads;
    return TRUE;
}

/* A named number of the host. */
typedef struct {
    const char *field;
    guint64 value;
} Number;

/* FALSE where the caller has room for some, but not for all. */
static gboolean
check_room(int room, guint n, GError **error)
{
    if (room != 0 && room < (int)n)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%u values do not fit in %d", n, room);
    return TRUE;
}

HANDLER(node_get_cpu_stats)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostCpuStats stats;

    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (args->cpuNum < VIR_NODE_CPU_STATS_ALL_CPUS)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no processor %d", args->cpuNum);
    if (!vir_host_cpu_stats(host, args->cpuNum, &stats, error))
        return FALSE;
    Number numbers[] = {
        {VIR_NODE_CPU_STATS_KERNEL, stats.kernel},
        {VIR_NODE_CPU_STATS_USER, stats.user},
        {VIR_NODE_CPU_STATS_IDLE, stats.idle},
        {VIR_NODE_CPU_STATS_IOWAIT, stats.iowait},
    };

    if (!check_room(args->nparams, G_N_ELEMENTS(numbers), error))
        return FALSE;
    ret->nparams = G_N_ELEMENTS(numbers);
    if (args->nparams == 0)
        return TRUE;
    ret->params.params_val = g_new0(remote_node_get_cpu_stats, G_N_ELEMENTS(numbers));
    ret->params.params_len = G_N_ELEMENTS(numbers);
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        ret->params.params_val[i].field = g_strdup(numbers[i].field);
        ret->params.params_val[i].value = numbers[i].value;
    }
    return TRUE;
}

HANDLER(node_get_memory_stats)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostMemoryStats stats;
    /* A single cell has no buffers and cache of its own. */
    guint n = args->cellNum == VIR_NODE_MEMORY_STATS_ALL_CELLS ? 4 : 2;

    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (args->cellNum < VIR_NODE_MEMORY_STATS_ALL_CELLS)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no NUMA cell %d", args->cellNum);
    if (!vir_host_memory_stats(host, args->cellNum, &stats, error) ||
        !check_room(args->nparams, n, error))
        return FALSE;
    Number numbers[] = {
        {VIR_NODE_MEMORY_STATS_TOTAL, stats.total},
        {VIR_NODE_MEMORY_STATS_FREE, stats.free},
        {VIR_NODE_MEMORY_STATS_BUFFERS, stats.buffers},
        {VIR_NODE_MEMORY_STATS_CACHED, stats.cached},
    };

    ret->nparams = (int)n;
    if (args->nparams == 0)
        return TRUE;
    ret->params.params_val = g_new0(remote_node_get_memory_stats, n);
    ret->params.params_len = n;
    for (guint i = 0; i < n; i++) {
        ret->params.params_val[i].field = g_strdup(numbers[i].field);
        ret->params.params_val[i].value = numbers[i].value;
    }
    return TRUE;
}

HANDLER_PLAIN(node_get_free_memory)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostMemoryStats stats;

    if (!vir_host_memory_stats(host, -1, &stats, error))
        return FALSE;
    ret->freeMem = stats.free * 1024;
    return TRUE;
}

HANDLER(node_get_cells_free_memory)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, error);
    guint first;
    guint n = 0;

    if (!topology)
        return FALSE;
    for (first = 0; first < topology->cells->len; first++) {
        if ((int)((VirHostCell *)topology->cells->pdata[first])->id >= args->startCell)
            break;
    }
    if (args->startCell < 0 || first == topology->cells->len)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no NUMA cell %d",
                             args->startCell);
    n = MIN((guint)MAX(args->maxcells, 0), topology->cells->len - first);
    ret->cells.cells_val = g_new0(u_quad_t, n);
    ret->cells.cells_len = n;
    for (guint i = 0; i < n; i++)
        ret->cells.cells_val[i] = ((VirHostCell *)topology->cells->pdata[first + i])->free * 1024;
    return TRUE;
}

HANDLER(node_get_cpu_map)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    g_autoptr(VirBitmap) online = NULL;
    int present;

    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    present = vir_host_cpu_map(host, &online, error);
    if (present < 0)
        return FALSE;
    ret->ret = present;
    if (args->need_online)
        ret->online = vir_bitmap_count(online);
    if (!args->need_map)
        return TRUE;
    ret->cpumap.cpumap_len = ((guint)present + 7) / 8;
    ret->cpumap.cpumap_val = g_malloc0(ret->cpumap.cpumap_len);
    for (int i = vir_bitmap_next(online, 0); i >= 0 && i < present;
         i = vir_bitmap_next(online, i + 1))
        ret->cpumap.cpumap_val[i / 8] = (char)(ret->cpumap.cpumap_val[i / 8] | 1 << i % 8);
    return TRUE;
}

HANDLER(node_get_free_pages)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    guint sizes = args->pages.pages_len;
    gsize n = 0;

    if (!vir_qemu_check_flags(call, args->flags, 0, error))
        return FALSE;
    if (args->startCell < -1 || !g_size_checked_mul(&n, sizes, args->cellCount) ||
        n > REMOTE_NODE_MAX_CELLS)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%u cells from %d on cannot be asked for",
                             args->cellCount, args->startCell);
    ret->counts.counts_val = g_new0(u_quad_t, n);
    ret->counts.counts_len = (guint)n;
    for (guint cell = 0; cell < args->cellCount; cell++) {
        for (guint i = 0; i < sizes; i++) {
            guint64 free = 0;

            if (!vir_host_free_pages(host, args->startCell + (int)cell, args->pages.pages_val[i],
                                     &free, error))
                return FALSE;
            ret->counts.counts_val[cell * sizes + i] = free;
        }
    }
    return TRUE;
}
