/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-object.h"
#include <json-c/json.h>

/** Counters of a disk, from query-blockstats and query-block. */
typedef struct {
    char *alias;
    guint64 rd_ops;
    guint64 rd_bytes;
    guint64 rd_ns;
    guint64 wr_ops;
    guint64 wr_bytes;
    guint64 wr_ns;
    guint64 fl_ops;
    guint64 fl_ns;
    guint64 highest;  /* byte written last in the file */
    guint64 capacity; /* bytes the guest sees */
    guint64 physical; /* bytes of the file */
} VirQemuBlock;

/** What the monitor said last; immutable. */
typedef struct {
    VirView base;
    guint n_blocks;
    VirQemuBlock *blocks;
    json_object *balloon; /* guest-stats of the balloon; only read, NULL where there is none */
} VirQemuStats;

/** From the answers, each of which may be NULL. @balloon is taken. */
VirQemuStats *vir_qemu_stats_new(json_object *blockstats, json_object *blocks,
                                 json_object *balloon);

/** The counters of the disk @alias, borrowed, or NULL. */
const VirQemuBlock *vir_qemu_stats_block(const VirQemuStats *stats, const char *alias);

static inline void
vir_qemu_stats_unref(VirQemuStats *stats)
{
    if (stats != NULL)
        vir_view_unref(stats);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuStats, vir_qemu_stats_unref)
