/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-bitmap.h"
#include "vir-uuid.h"
#include <glib.h>

/**
 * What the kernel says of this host, read anew at each call (proc(5), sysfs). Thread-safe; nothing
 * here waits. Errors: VIR_ERR_SYSTEM_ERROR names the file, VIR_ERR_INVALID_ARG a processor or cell
 * that there is not.
 */
typedef struct VirHost VirHost;

/** @root: folder beneath which /proc and /sys are ("" or NULL: the real ones); for tests. */
VirHost *vir_host_new(const char *root);
void vir_host_free(VirHost *host);
/** How fast memory is; 0 is not known. */
typedef struct {
    guint64 latency;   /* ns */
    guint64 bandwidth; /* KiB a second */
} VirHostAccess;

/** A cache before the memory of a cell, in the words of the kernel's sysfs. */
typedef struct {
    guint level;
    guint indexing; /* 0: direct map, 1: indexed, else: other */
    guint policy;   /* 0: write back, 1: write through, else: other */
    guint64 kib;
    guint64 line; /* bytes */
} VirHostMemoryCache;

/** Whether it is the host that this program runs on. */
gboolean vir_host_is_real(const VirHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirHost, vir_host_free)

typedef struct {
    guint id;
    gboolean online;
    guint cell;
    guint socket;
    guint die;
    guint cluster;
    guint core;
    VirBitmap *siblings; /* threads of its core; NULL where offline */
} VirHostCpu;

typedef struct {
    guint64 kib;   /* size of a page */
    guint64 total; /* number of pages of that size in the cell (or on the host) */
    guint64 free;
} VirHostPages;

typedef struct {
    guint id;
    guint64 memory;            /* KiB */
    guint64 free;              /* KiB */
    GArray *pages;             /* VirHostPages, smallest first */
    GArray *distances;         /* guint, one for each cell in their order */
    GArray *caches;            /* VirHostMemoryCache, by level */
    GArray *initiators;        /* guint: the cells from which its memory is reached fastest */
    VirHostAccess read, write; /* from there */
} VirHostCell;

/** All processors and cells at one moment. */
typedef struct {
    GPtrArray *cpus;  /* VirHostCpu, by id; those present */
    GPtrArray *cells; /* VirHostCell, by id */
    guint sockets;    /* of the cell with most */
    guint dies;       /* of a socket */
    guint cores;      /* of a die */
    guint threads;    /* of a core */
} VirHostTopology;

VirHostTopology *vir_host_topology(const VirHost *host, GError **error);
void vir_host_topology_free(VirHostTopology *topology);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirHostTopology, vir_host_topology_free)

typedef enum {
    VIR_HOST_CACHE_BOTH,
    VIR_HOST_CACHE_CODE,
    VIR_HOST_CACHE_DATA,
} VirHostCacheType;

/** How parts of a cache can be set aside (resctrl). */
typedef struct {
    VirHostCacheType type;
    guint64 granularity; /* bytes */
    guint64 min;         /* bytes */
    guint max_allocs;
} VirHostCacheControl;

typedef struct {
    guint level;
    guint id; /* among those of its level */
    VirHostCacheType type;
    guint64 size; /* bytes */
    VirBitmap *cpus;
    GArray *controls; /* VirHostCacheControl */
} VirHostCache;

/** Caches from level 2 on, and what of them, and of memory bandwidth, can be shared out. */
typedef struct {
    GPtrArray *banks;            /* VirHostCache, by level, then id */
    guint last_level;            /* of the banks; 0 where there are none */
    gboolean bandwidth;          /* can be shared out among the last level's processors */
    guint bandwidth_granularity; /* per cent */
    guint bandwidth_min;         /* per cent */
    guint bandwidth_max_allocs;
    guint max_monitors;      /* 0: nothing can be watched */
    guint reuse_threshold;   /* bytes */
    char **monitor_features; /* "llc_…" of the cache, "mbm_…" of bandwidth; NULL terminated */
} VirHostCaches;

VirHostCaches *vir_host_caches(const VirHost *host);
void vir_host_caches_free(VirHostCaches *caches);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirHostCaches, vir_host_caches_free)

/** Whether devices can be given to guests. */
gboolean vir_host_has_iommu(const VirHost *host);

/** As virNodeInfo: cells * sockets * cores * threads is the number of processors. */
typedef struct {
    char model[32]; /* machine name of uname(2) */
    guint64 memory; /* KiB */
    guint cpus;     /* online */
    guint mhz;      /* 0 where the kernel does not say */
    guint cells;
    guint sockets; /* of a cell */
    guint cores;   /* of a socket */
    guint threads; /* of a core */
} VirHostInfo;

gboolean vir_host_info(const VirHost *host, VirHostInfo *info, GError **error);

/** Nanoseconds since start. @cpu -1: the sum of all. */
typedef struct {
    guint64 kernel;
    guint64 user;
    guint64 idle;
    guint64 iowait;
} VirHostCpuStats;

gboolean vir_host_cpu_stats(const VirHost *host, int cpu, VirHostCpuStats *stats, GError **error);

/** KiB. @cell -1: the whole host; a cell has no buffers and cached of its own (0). */
typedef struct {
    guint64 total;
    guint64 free;
    guint64 buffers;
    guint64 cached;
} VirHostMemoryStats;

gboolean vir_host_memory_stats(const VirHost *host, int cell, VirHostMemoryStats *stats,
                               GError **error);

/** *@online (owned by the caller) has the processors online; returns how many are present, or -1.
 */
int vir_host_cpu_map(const VirHost *host, VirBitmap **online, GError **error);

/** Free pages of @kib KiB in the cell @cell (-1: the host). */
gboolean vir_host_free_pages(const VirHost *host, int cell, guint64 kib, guint64 *free,
                             GError **error);

/** Identity of the machine: SMBIOS, else /etc/machine-id. FALSE where there is neither. */
gboolean vir_host_uuid(const VirHost *host, guint8 uuid[VIR_UUID_LEN]);

/** The processor as /proc/cpuinfo has it. */
typedef struct {
    char *vendor; /* "Intel", "AMD", or NULL */
    guint family;
    guint model;
    guint stepping;
    guint microcode;
    guint physical_bits; /* 0: not said */
} VirHostCpuId;

/** FALSE where this is no x86. vir_host_cpu_id_clear() it. */
gboolean vir_host_cpu_id(const VirHost *host, VirHostCpuId *id);
void vir_host_cpu_id_clear(VirHostCpuId *id);

/**
 * MIDR_EL1 of an ARM processor, PVR of a POWER one; 0: the kernel does not tell it. The first
 * processor speaks for all. *@flags: what an ARM processor can do in the kernel's words, to be
 * freed by g_strfreev(); NULL where that is not said.
 */
guint32 vir_host_cpu_version(const VirHost *host, char ***flags);
