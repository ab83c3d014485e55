/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-numa.h"

#include "vir-error.h"
#include <stdlib.h>

/* ---- cells ---- */

guint
vir_domain_numa_cells(const VirDomainDef *def)
{
    return def->cpu ? def->cpu->n_numa_cells : 0;
}

guint
vir_domain_numa_cpus(const VirDomainDef *def)
{
    guint n = 0;

    for (guint i = 0; i < vir_domain_numa_cells(def); i++) {
        if (def->cpu->numa_cells[i]->cpus)
            n += vir_bitmap_count(def->cpu->numa_cells[i]->cpus);
    }
    return n;
}

guint64
vir_domain_numa_memory(const VirDomainDef *def)
{
    guint64 sum = 0;

    for (guint i = 0; i < vir_domain_numa_cells(def); i++) {
        if (!g_uint64_checked_add(&sum, sum, def->cpu->numa_cells[i]->memory))
            return G_MAXUINT64;
    }
    return sum;
}

static gint
compare_cells(const void *a, const void *b)
{
    const VirDomainNumaCell *left = *(VirDomainNumaCell *const *)a;
    const VirDomainNumaCell *right = *(VirDomainNumaCell *const *)b;

    return left->id < right->id ? -1 : left->id > right->id;
}

static gboolean
order_cells(VirDomainCpu *cpu, GError **error)
{
    if (cpu->n_numa_cells > VIR_DOMAIN_NUMA_MAX_CELLS)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%u NUMA cells are more than %d",
                             cpu->n_numa_cells, VIR_DOMAIN_NUMA_MAX_CELLS);
    for (guint i = 0; i < cpu->n_numa_cells; i++) {
        if (!cpu->numa_cells[i]->has_id)
            cpu->numa_cells[i]->id = i;
        cpu->numa_cells[i]->has_id = TRUE;
    }
    if (cpu->n_numa_cells > 1)
        qsort(cpu->numa_cells, cpu->n_numa_cells, sizeof(*cpu->numa_cells), compare_cells);
    for (guint i = 0; i < cpu->n_numa_cells; i++) {
        if (cpu->numa_cells[i]->id == i)
            continue;
        if (i > 0 && cpu->numa_cells[i]->id == cpu->numa_cells[i - 1]->id)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "NUMA cell %u is there twice",
                                 cpu->numa_cells[i]->id);
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "there is no NUMA cell %u: cells are numbered from 0 without gaps", i);
    }
    return TRUE;
}

static gboolean
check_cpus(const VirDomainDef *def, GError **error)
{
    g_autoptr(VirBitmap) taken = vir_bitmap_new(0);

    for (guint i = 0; i < def->cpu->n_numa_cells; i++) {
        const VirBitmap *cpus = def->cpu->numa_cells[i]->cpus;

        for (int bit = -1; cpus && (bit = vir_bitmap_next(cpus, bit + 1)) >= 0;) {
            if ((guint)bit >= def->vcpus_max)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "NUMA cell %u has processor %d, but <vcpu> gives the guest "
                                     "0 to %u",
                                     i, bit, def->vcpus_max - 1);
            if (vir_bitmap_test(taken, (guint)bit))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "processor %d is in NUMA cell %u and in one before it", bit,
                                     i);
            vir_bitmap_set(taken, (guint)bit);
        }
    }
    return TRUE;
}

/* ---- distances ---- */

/* A square of one byte for each pair; 0: not said. */
static gboolean
read_distances(const VirDomainCpu *cpu, guint8 *square, GError **error)
{
    guint n = cpu->n_numa_cells;

    for (guint i = 0; i < n; i++) {
        const VirDomainNumaCell *cell = cpu->numa_cells[i];

        if (cell->has_distances && cell->n_distances == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "the <distances> of NUMA cell %u have no <sibling>", i);
        for (guint j = 0; j < cell->n_distances; j++) {
            const VirDomainNumaDistance *distance = cell->distances[j];

            if (distance->id >= n)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "NUMA cell %u has a distance to cell %u, which there is not",
                                     i, distance->id);
            if ((distance->id == i) != (distance->value == VIR_DOMAIN_NUMA_LOCAL))
                return vir_error_set(
                    error, VIR_ERR_XML_ERROR,
                    "the distance from NUMA cell %u to cell %u cannot be %u: %d is "
                    "that of a cell to itself",
                    i, distance->id, distance->value, VIR_DOMAIN_NUMA_LOCAL);
            square[i * n + distance->id] = (guint8)distance->value;
            /* the first word stands for the other way until that has its own */
            if (!square[distance->id * n + i])
                square[distance->id * n + i] = (guint8)distance->value;
        }
    }
    return TRUE;
}

static void
write_distances(VirDomainNumaCell *cell, const guint8 *row, guint n)
{
    while (cell->n_distances > 0)
        vir_domain_numa_distance_free(vir_xml_remove(cell, distances, cell->n_distances - 1));
    for (guint i = 0; i < n; i++) {
        VirDomainNumaDistance *distance;

        if (!row[i])
            continue;
        distance = vir_domain_numa_distance_new();
        distance->id = i;
        distance->value = row[i];
        vir_xml_append(cell, distances, distance);
    }
    cell->has_distances = cell->n_distances > 0;
}

/* A distance said one way holds the other way too; one from a cell to itself follows. */
static gboolean
complete_distances(VirDomainCpu *cpu, GError **error)
{
    guint n = cpu->n_numa_cells;
    g_autofree guint8 *square = NULL;
    gboolean any = FALSE;

    for (guint i = 0; i < n; i++)
        any |= cpu->numa_cells[i]->has_distances || cpu->numa_cells[i]->n_distances > 0;
    if (!any)
        return TRUE;
    square = g_new0(guint8, (gsize)n * n);
    if (!read_distances(cpu, square, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        for (guint j = 0; j < n; j++) {
            if (square[i * n + j])
                square[i * n + i] = square[j * n + j] = VIR_DOMAIN_NUMA_LOCAL;
        }
    }
    for (guint i = 0; i < n; i++)
        write_distances(cpu->numa_cells[i], square + (gsize)i * n, n);
    return TRUE;
}

guint
vir_domain_numa_distance(const VirDomainNumaCell *cell, guint id)
{
    for (guint i = 0; i < cell->n_distances; i++) {
        if (cell->distances[i]->id == id)
            return cell->distances[i]->value;
    }
    return id == cell->id ? VIR_DOMAIN_NUMA_LOCAL : VIR_DOMAIN_NUMA_REMOTE;
}

/* ---- caches and interconnects ---- */

static const VirDomainNumaCache *
find_cache(const VirDomainNumaCell *cell, guint level)
{
    for (guint i = 0; i < cell->n_caches; i++) {
        if (cell->caches[i]->level == level)
            return cell->caches[i];
    }
    return NULL;
}

static gboolean
check_caches(const VirDomainNumaCell *cell, GError **error)
{
    for (guint i = 0; i < cell->n_caches; i++) {
        guint level = cell->caches[i]->level;

        if (level < 1 || level > 3)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "NUMA cell %u has a cache of level %u: levels are 1 to 3",
                                 cell->id, level);
        if (find_cache(cell, level) != cell->caches[i])
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "NUMA cell %u has two caches of level %u", cell->id, level);
    }
    return TRUE;
}

static gboolean
check_link(const VirDomainCpu *cpu, const char *what, guint initiator, guint target, guint cache,
           GError **error)
{
    if (initiator >= cpu->n_numa_cells || target >= cpu->n_numa_cells)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a %s is from cell %u to cell %u, but there are %u cells", what,
                             initiator, target, cpu->n_numa_cells);
    if (cpu->numa_cells[initiator]->cpus == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a %s is from cell %u, which has no processors", what, initiator);
    if (cache > 0 && !find_cache(cpu->numa_cells[target], cache))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a %s is to the cache of level %u of cell %u, which has none", what,
                             cache, target);
    return TRUE;
}

/* A latency or a bandwidth between two cells. */
typedef struct {
    guint initiator, target, cache, type;
    gboolean is_latency;
} Link;

static Link
link_at(const VirDomainCpu *cpu, guint i)
{
    const VirDomainNumaLatency *latency;
    const VirDomainNumaBandwidth *bandwidth;

    if (i < cpu->n_numa_latencies) {
        latency = cpu->numa_latencies[i];
        return (Link){latency->initiator, latency->target, latency->has_cache ? latency->cache : 0,
                      latency->type, TRUE};
    }
    bandwidth = cpu->numa_bandwidths[i - cpu->n_numa_latencies];
    return (Link){bandwidth->initiator, bandwidth->target,
                  bandwidth->has_cache ? bandwidth->cache : 0, bandwidth->type, FALSE};
}

/* A link holds both ways; each kind of it is given once. @seen: what was given before, as text. */
static gboolean
check_twice(GHashTable *seen, const Link *link, GError **error)
{
    g_autofree char *reverse = g_strdup_printf("%u %u", link->target, link->initiator);

    if (link->initiator != link->target && g_hash_table_contains(seen, reverse))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "the link of cells %u and %u is given both ways", link->initiator,
                             link->target);
    g_hash_table_add(seen, g_strdup_printf("%u %u", link->initiator, link->target));
    return g_hash_table_add(seen, g_strdup_printf("%u %u %u %u %d", link->initiator, link->target,
                                                  link->cache, link->type, link->is_latency)) ||
           vir_error_set(
               error, VIR_ERR_XML_ERROR, "there are two %s of one type from cell %u to cell %u",
               link->is_latency ? "latencies" : "bandwidths", link->initiator, link->target);
}

static gboolean
check_hmat(const VirDomainCpu *cpu, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint n = cpu->n_numa_latencies + cpu->n_numa_bandwidths;

    for (guint i = 0; i < cpu->n_numa_cells; i++) {
        if (!check_caches(cpu->numa_cells[i], error))
            return FALSE;
    }
    for (guint i = 0; i < n; i++) {
        Link link = link_at(cpu, i);

        if (!check_twice(seen, &link, error) ||
            !check_link(cpu, link.is_latency ? "latency" : "bandwidth", link.initiator, link.target,
                        link.cache, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_domain_numa_has_hmat(const VirDomainDef *def)
{
    for (guint i = 0; i < vir_domain_numa_cells(def); i++) {
        if (def->cpu->numa_cells[i]->n_caches > 0)
            return TRUE;
    }
    return def->cpu && (def->cpu->n_numa_latencies > 0 || def->cpu->n_numa_bandwidths > 0);
}

/* ---- policy ---- */

static const VirDomainMemnode *
find_memnode(const VirDomainDef *def, guint cell)
{
    for (guint i = 0; def->numatune && i < def->numatune->n_memnodes; i++) {
        if (def->numatune->memnodes[i]->cellid == cell)
            return def->numatune->memnodes[i];
    }
    return NULL;
}

gboolean
vir_domain_numa_has_memnode(const VirDomainDef *def, guint cell)
{
    return find_memnode(def, cell) != NULL;
}

static gboolean
has_memory(const VirDomainNumatune *numatune)
{
    return numatune->mode || numatune->placement || numatune->nodeset;
}

VirDomainNumaPolicy
vir_domain_numa_policy(const VirDomainDef *def, int cell)
{
    const VirDomainMemnode *memnode = cell >= 0 ? find_memnode(def, (guint)cell) : NULL;
    const VirDomainNumatune *numatune = def->numatune;

    if (memnode)
        return (VirDomainNumaPolicy){.mode = memnode->mode, .nodes = memnode->nodeset};
    if (!numatune || !has_memory(numatune))
        return (VirDomainNumaPolicy){0};
    return (VirDomainNumaPolicy){
        .mode = numatune->mode,
        .automatic = numatune->placement == VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO,
        .nodes = numatune->nodeset,
    };
}

gboolean
vir_domain_numa_is_automatic(const VirDomainDef *def)
{
    return def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO ||
           (def->numatune && def->numatune->placement == VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO);
}

static gint
compare_memnodes(const void *a, const void *b)
{
    const VirDomainMemnode *left = *(VirDomainMemnode *const *)a;
    const VirDomainMemnode *right = *(VirDomainMemnode *const *)b;

    return left->cellid < right->cellid ? -1 : left->cellid > right->cellid;
}

static gboolean
complete_memory(VirDomainDef *def, GError **error)
{
    VirDomainNumatune *numatune = def->numatune;

    if (!has_memory(numatune))
        return TRUE;
    if (!numatune->mode)
        numatune->mode = VIR_DOMAIN_NUMA_MODE_STRICT;
    if (numatune->nodeset && vir_bitmap_next(numatune->nodeset, 0) < 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "the nodeset of <numatune><memory> has no node");
    if (!numatune->placement)
        numatune->placement =
            numatune->nodeset || def->vcpu_placement != VIR_DOMAIN_VCPU_PLACEMENT_AUTO
                ? VIR_DOMAIN_NUMATUNE_PLACEMENT_STATIC
                : VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO;
    if (numatune->placement == VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO) {
        g_clear_pointer(&numatune->nodeset, vir_bitmap_free);
        return TRUE;
    }
    if (!numatune->nodeset)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "<numatune><memory> has neither a nodeset nor placement='auto'");
    /* What a nodeset means anyway is not written. */
    numatune->placement = VIR_DOMAIN_NUMATUNE_PLACEMENT_UNSET;
    return TRUE;
}

static gboolean
check_memnode(const VirDomainDef *def, const VirDomainMemnode *memnode, GError **error)
{
    gboolean here = memnode->mode == VIR_DOMAIN_NUMA_MODE_RESTRICTIVE;
    gboolean whole = def->numatune->mode == VIR_DOMAIN_NUMA_MODE_RESTRICTIVE;

    if (memnode->cellid >= vir_domain_numa_cells(def))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "<memnode> is for NUMA cell %u, which the guest has not",
                             memnode->cellid);
    if (vir_bitmap_next(memnode->nodeset, 0) < 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the nodeset of <memnode> for cell %u has no node", memnode->cellid);
    if (has_memory(def->numatune) && here != whole)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "mode 'restrictive' is for all of <numatune> or for nothing of it: "
                             "<memory> and <memnode> of cell %u differ",
                             memnode->cellid);
    return TRUE;
}

static gboolean
complete_memnodes(VirDomainDef *def, GError **error)
{
    VirDomainNumatune *numatune = def->numatune;

    if (numatune->n_memnodes > 0 && vir_domain_numa_cells(def) == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s",
                             "<memnode> is for the guest's NUMA cells, but it has none");
    if (numatune->n_memnodes > 0 && numatune->placement == VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s",
                             "<memnode> does not go with placement='auto' of <memory> or <vcpu>");
    if (numatune->n_memnodes > 1)
        qsort(numatune->memnodes, numatune->n_memnodes, sizeof(*numatune->memnodes),
              compare_memnodes);
    for (guint i = 0; i < numatune->n_memnodes; i++) {
        VirDomainMemnode *memnode = numatune->memnodes[i];

        if (!memnode->mode)
            memnode->mode = VIR_DOMAIN_NUMA_MODE_STRICT;
        if (i > 0 && numatune->memnodes[i - 1]->cellid == memnode->cellid)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "two <memnode> are for NUMA cell %u",
                                 memnode->cellid);
        if (!check_memnode(def, memnode, error))
            return FALSE;
    }
    return TRUE;
}

/* Whether anything says on which processors of the host the guest runs. */
static gboolean
has_pinning(const VirDomainDef *def)
{
    return def->cpuset ||
           (def->cputune && (def->cputune->n_vcpupins > 0 || def->cputune->n_iothreadpins > 0 ||
                             def->cputune->emulatorpin_cpuset));
}

static gboolean
complete_policy(VirDomainDef *def, GError **error)
{
    if (def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO) {
        g_clear_pointer(&def->cpuset, vir_bitmap_free);
        if (!def->numatune)
            def->numatune = vir_domain_numatune_new();
        if (!has_memory(def->numatune))
            def->numatune->placement = VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO;
    }
    if (!def->numatune)
        return TRUE;
    if (!complete_memory(def, error) || !complete_memnodes(def, error))
        return FALSE;
    if (def->numatune->placement == VIR_DOMAIN_NUMATUNE_PLACEMENT_AUTO && !has_pinning(def))
        def->vcpu_placement = VIR_DOMAIN_VCPU_PLACEMENT_AUTO;
    return TRUE;
}

gboolean
vir_domain_numa_complete(VirDomainDef *def, GError **error)
{
    if (vir_domain_numa_cells(def) > 0 &&
        (!order_cells(def->cpu, error) || !check_cpus(def, error) ||
         !complete_distances(def->cpu, error) || !check_hmat(def->cpu, error)))
        return FALSE;
    return complete_policy(def, error);
}
