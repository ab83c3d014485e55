/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stats-cache.h"

#include <string.h>

static void
stats_free(VirView *view)
{
    VirQemuStats *stats = (VirQemuStats *)view;

    for (guint i = 0; i < stats->n_blocks; i++)
        g_free(stats->blocks[i].alias);
    g_free(stats->blocks);
    json_object_put(stats->balloon);
    g_free(stats);
}

/* "/machine/peripheral/virtio-disk0/virtio-backend" and "ide0-0-0" name the device's alias. */
static char *
alias_of(json_object *entry)
{
    json_object *qdev;
    const char *path;
    g_auto(GStrv) parts = NULL;
    guint n;

    if (!json_object_object_get_ex(entry, "qdev", &qdev) ||
        !json_object_is_type(qdev, json_type_string))
        return NULL;
    path = json_object_get_string(qdev);
    parts = g_strsplit(path, "/", -1);
    n = g_strv_length(parts);
    if (n >= 2 && strcmp(parts[n - 1], "virtio-backend") == 0)
        n--;
    return n > 0 ? g_strdup(parts[n - 1]) : NULL;
}

static guint64
number(json_object *object, const char *name)
{
    json_object *value;
    gint64 n;

    if (!json_object_object_get_ex(object, name, &value) ||
        !json_object_is_type(value, json_type_int))
        return 0;
    n = json_object_get_int64(value);
    return n < 0 ? 0 : (guint64)n;
}

static json_object *
member(json_object *object, const char *name)
{
    json_object *value;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, name, &value) ||
        !json_object_is_type(value, json_type_object))
        return NULL;
    return value;
}

static void
fill_counters(VirQemuBlock *block, json_object *entry)
{
    json_object *stats = member(entry, "stats");
    json_object *parent = member(member(entry, "parent"), "stats");

    if (stats == NULL)
        return;
    block->rd_ops = number(stats, "rd_operations");
    block->rd_bytes = number(stats, "rd_bytes");
    block->rd_ns = number(stats, "rd_total_time_ns");
    block->wr_ops = number(stats, "wr_operations");
    block->wr_bytes = number(stats, "wr_bytes");
    block->wr_ns = number(stats, "wr_total_time_ns");
    block->fl_ops = number(stats, "flush_operations");
    block->fl_ns = number(stats, "flush_total_time_ns");
    if (parent != NULL)
        block->highest = number(parent, "wr_highest_offset");
}

static void
fill_sizes(VirQemuStats *stats, json_object *entry)
{
    g_autofree char *alias = alias_of(entry);
    json_object *image = member(member(entry, "inserted"), "image");

    if (alias == NULL || image == NULL)
        return;
    for (guint i = 0; i < stats->n_blocks; i++) {
        if (strcmp(stats->blocks[i].alias, alias) == 0) {
            stats->blocks[i].capacity = number(image, "virtual-size");
            stats->blocks[i].physical = number(image, "actual-size");
        }
    }
}

VirQemuStats *
vir_qemu_stats_new(json_object *blockstats, json_object *blocks, json_object *balloon)
{
    VirQemuStats *stats = g_new0(VirQemuStats, 1);
    gsize n = 0;

    vir_view_init(&stats->base, stats_free);
    stats->balloon = balloon;
    if (json_object_is_type(blockstats, json_type_array))
        n = json_object_array_length(blockstats);
    stats->blocks = g_new0(VirQemuBlock, n);
    for (gsize i = 0; i < n; i++) {
        json_object *entry = json_object_array_get_idx(blockstats, i);
        char *alias = json_object_is_type(entry, json_type_object) ? alias_of(entry) : NULL;

        if (alias == NULL)
            continue;
        stats->blocks[stats->n_blocks].alias = alias;
        fill_counters(&stats->blocks[stats->n_blocks++], entry);
    }
    if (json_object_is_type(blocks, json_type_array)) {
        for (gsize i = 0; i < json_object_array_length(blocks); i++) {
            json_object *entry = json_object_array_get_idx(blocks, i);

            if (json_object_is_type(entry, json_type_object))
                fill_sizes(stats, entry);
        }
    }
    return stats;
}

const VirQemuBlock *
vir_qemu_stats_block(const VirQemuStats *stats, const char *alias)
{
    for (guint i = 0; stats != NULL && alias != NULL && i < stats->n_blocks; i++) {
        if (strcmp(stats->blocks[i].alias, alias) == 0)
            return &stats->blocks[i];
    }
    return NULL;
}
