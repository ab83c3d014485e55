/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-cputune.h"
#include "vir-error.h"

/* The only level of caches whose use the kernel counts. */
#define MONITOR_LEVEL 3

static gboolean
overlap(const VirBitmap *a, const VirBitmap *b)
{
    for (int bit = vir_bitmap_next(a, 0); bit >= 0; bit = vir_bitmap_next(a, bit + 1)) {
        if (vir_bitmap_test(b, (guint)bit))
            return TRUE;
    }
    return FALSE;
}

static gboolean
contains(const VirBitmap *all, const VirBitmap *part)
{
    for (int bit = vir_bitmap_next(part, 0); bit >= 0; bit = vir_bitmap_next(part, bit + 1)) {
        if (!vir_bitmap_test(all, (guint)bit))
            return FALSE;
    }
    return TRUE;
}

/* Processors that are gone leave their tunes behind. */
static void
shrink(VirBitmap *vcpus, guint max)
{
    for (int bit = vir_bitmap_next(vcpus, (int)max); bit >= 0;
         bit = vir_bitmap_next(vcpus, bit + 1))
        vir_bitmap_clear(vcpus, (guint)bit);
}

/* A code share and a data share are apart, one of both is neither. */
static gboolean
same_cache(const VirDomainCachetuneCache *a, const VirDomainCachetuneCache *b)
{
    return a->id == b->id && a->level == b->level &&
           (a->type == b->type || a->type == VIR_DOMAIN_CACHETUNE_CACHE_TYPE_BOTH ||
            b->type == VIR_DOMAIN_CACHETUNE_CACHE_TYPE_BOTH);
}

static gboolean
check_caches(const VirDomainCachetune *tune, GError **error)
{
    for (guint i = 0; i < tune->n_caches; i++) {
        for (guint j = 0; j < i; j++) {
            const VirDomainCachetuneCache *cache = tune->caches[i];

            if (same_cache(cache, tune->caches[j]))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/cachetune: cache %u of level %u has two "
                                     "shares of type '%s'",
                                     cache->id, cache->level,
                                     vir_domain_cachetune_cache_type_to_string(cache->type));
        }
    }
    return TRUE;
}

/*
 * @vcpus of a new monitor beside @others. The processors of the share as a whole may be counted
 * besides; parts are apart from each other.
 */
static gboolean
check_monitor(const char *element, const VirBitmap *share, const VirBitmap *vcpus,
              VirBitmap *const *others, guint n, GError **error)
{
    if (vir_bitmap_count(vcpus) == 0 || !contains(share, vcpus))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cputune/%s/monitor/@vcpus: a monitor counts some of the "
                             "processors of the share that it is in",
                             element);
    for (guint i = 0; i < n; i++) {
        gboolean whole = vir_bitmap_equal(vcpus, share) != vir_bitmap_equal(others[i], share);

        if (!whole && overlap(vcpus, others[i]))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/%s: two monitors count the same processor",
                                 element);
    }
    return TRUE;
}

static gboolean
check_cache_monitors(const VirDomainCachetune *tune, GError **error)
{
    g_autofree VirBitmap **seen = g_new0(VirBitmap *, tune->n_monitors + 1);

    for (guint i = 0; i < tune->n_monitors; i++) {
        const VirDomainCachetuneMonitor *monitor = tune->monitors[i];

        if (monitor->level != MONITOR_LEVEL)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/cachetune/monitor/@level is %d, not %u",
                                 MONITOR_LEVEL, monitor->level);
        if (!check_monitor("cachetune", tune->vcpus, monitor->vcpus, seen, i, error))
            return FALSE;
        seen[i] = monitor->vcpus;
    }
    return TRUE;
}

static gboolean
check_memory(const VirDomainMemorytune *tune, GError **error)
{
    g_autofree VirBitmap **seen = g_new0(VirBitmap *, tune->n_monitors + 1);

    for (guint i = 0; i < tune->n_nodes; i++) {
        const VirDomainMemorytuneNode *node = tune->nodes[i];

        if (node->bandwidth > 100)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/memorytune/node[@id='%u']/@bandwidth: %u is more "
                                 "than 100 percent",
                                 node->id, node->bandwidth);
        for (guint j = 0; j < i; j++) {
            if (tune->nodes[j]->id == node->id)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/memorytune/node[@id='%u'] is given twice",
                                     node->id);
        }
    }
    for (guint i = 0; i < tune->n_monitors; i++) {
        if (!check_monitor("memorytune", tune->vcpus, tune->monitors[i]->vcpus, seen, i, error))
            return FALSE;
        seen[i] = tune->monitors[i]->vcpus;
    }
    return TRUE;
}

static gboolean
complete_caches(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;

    for (guint i = 0; i < tune->n_cachetunes;) {
        VirDomainCachetune *share = tune->cachetunes[i];

        shrink(share->vcpus, def->vcpus_max);
        if (vir_bitmap_count(share->vcpus) == 0 ||
            (share->n_caches == 0 && share->n_monitors == 0)) {
            vir_domain_cachetune_free(vir_xml_remove(tune, cachetunes, i));
            continue;
        }
        if (!check_caches(share, error) || !check_cache_monitors(share, error))
            return FALSE;
        for (guint j = 0; j < i; j++) {
            if (overlap(share->vcpus, tune->cachetunes[j]->vcpus))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/cachetune: two are for the same processor");
        }
        i++;
    }
    return TRUE;
}

static gboolean
complete_memory(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;

    for (guint i = 0; i < tune->n_memorytunes;) {
        VirDomainMemorytune *share = tune->memorytunes[i];

        shrink(share->vcpus, def->vcpus_max);
        if (vir_bitmap_count(share->vcpus) == 0 ||
            (share->n_nodes == 0 && share->n_monitors == 0)) {
            vir_domain_memorytune_free(vir_xml_remove(tune, memorytunes, i));
            continue;
        }
        if (!check_memory(share, error))
            return FALSE;
        for (guint j = 0; j < i; j++) {
            if (overlap(share->vcpus, tune->memorytunes[j]->vcpus))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/memorytune: two are for the same processor");
        }
        /* Both are settings of one group of threads. */
        for (guint j = 0; j < tune->n_cachetunes; j++) {
            if (overlap(share->vcpus, tune->cachetunes[j]->vcpus) &&
                !vir_bitmap_equal(share->vcpus, tune->cachetunes[j]->vcpus))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune: a cachetune and a memorytune share some of "
                                     "their processors, but not all");
        }
        i++;
    }
    return TRUE;
}

gboolean
vir_domain_resctrl_complete(VirDomainDef *def, GError **error)
{
    return complete_caches(def, error) && complete_memory(def, error);
}
