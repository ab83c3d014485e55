/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory-backend.h"
#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-error.h"

static void
free_props(void *props)
{
    json_object_put(props);
}

/* The backends of all cells, NULL for one without memory. *@plain: QEMU needs none of them. */
static GPtrArray *
make_backends(const VirArgv *argv, gboolean *plain, GError **error)
{
    const VirDomainCpu *cpu = argv->def->cpu;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, argv->def->os.machine);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_props);

    *plain = machine && machine->numa_mem;
    for (guint i = 0; i < cpu->n_numa_cells; i++) {
        g_autofree char *id = g_strdup_printf("ram-node%u", i);
        const VirMemoryBackend want = {
            .id = id, .file = id, .kib = cpu->numa_cells[i]->memory, .cell = (int)i};
        gboolean one = TRUE;
        json_object *props = NULL;

        if (want.kib > 0) {
            props = vir_props_memory_backend(argv, &want, &one, error);
            if (!props)
                return NULL;
        }
        *plain = *plain && one;
        g_ptr_array_add(list, props);
    }
    return g_steal_pointer(&list);
}

/* ",cpus=0-3,cpus=8": one for each range. */
static void
append_cpus(GString *text, const VirBitmap *cpus)
{
    g_autofree char *ranges = vir_bitmap_format(cpus);
    g_auto(GStrv) parts = g_strsplit(ranges, ",", -1);

    for (char **part = parts; *part; part++)
        g_string_append_printf(text, ",cpus=%s", *part);
}

/* The cell from which memory of @target is reached best, among those with processors: by latency,
 * or where nothing is known of that, by bandwidth. */
static guint
find_initiator(const VirDomainCpu *cpu, guint target)
{
    guint64 widest = 0;
    guint shortest = G_MAXUINT;
    guint found = 0;

    if (cpu->numa_cells[target]->cpus)
        return target;
    while (found < cpu->n_numa_cells - 1 && !cpu->numa_cells[found]->cpus)
        found++;
    for (guint i = 0; i < cpu->n_numa_latencies; i++) {
        const VirDomainNumaLatency *latency = cpu->numa_latencies[i];

        if (latency->target == target && latency->value < shortest) {
            shortest = latency->value;
            found = latency->initiator;
        }
    }
    for (guint i = 0; shortest == G_MAXUINT && i < cpu->n_numa_bandwidths; i++) {
        const VirDomainNumaBandwidth *bandwidth = cpu->numa_bandwidths[i];

        if (bandwidth->target == target && bandwidth->value > widest) {
            widest = bandwidth->value;
            found = bandwidth->initiator;
        }
    }
    return found;
}

static gboolean
add_cell(VirArgv *argv, const VirDomainNumaCell *cell, json_object *backend, gboolean plain,
         GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "node,nodeid=%u", cell->id);
    if (cell->cpus)
        append_cpus(text, cell->cpus);
    if (vir_domain_numa_has_hmat(argv->def))
        g_string_append_printf(text, ",initiator=%u", find_initiator(argv->def->cpu, cell->id));
    if (plain)
        g_string_append_printf(text, ",mem=%" G_GUINT64_FORMAT, cell->memory / 1024);
    else if (backend)
        g_string_append_printf(text, ",memdev=ram-node%u", cell->id);
    if (!plain && backend && !vir_argv_add_backend(argv, json_object_get(backend), error))
        return FALSE;
    vir_argv_add(argv, "-numa", text->str);
    return TRUE;
}

/* A guest that is told nothing takes the usual distances: that a cell says all of them, and no
 * other one, is nothing. */
static gboolean
says_distance(const VirDomainNumaCell *cell, guint n_cells)
{
    for (guint i = 0; i < cell->n_distances; i++) {
        const VirDomainNumaDistance *distance = cell->distances[i];

        if (distance->id != cell->id && distance->value != VIR_DOMAIN_NUMA_REMOTE)
            return TRUE;
    }
    return cell->n_distances > 0 && cell->n_distances < n_cells;
}

static void
add_distances(VirArgv *argv)
{
    const VirDomainCpu *cpu = argv->def->cpu;
    gboolean any = FALSE;

    for (guint i = 0; i < cpu->n_numa_cells; i++)
        any |= says_distance(cpu->numa_cells[i], cpu->n_numa_cells);
    for (guint i = 0; any && i < cpu->n_numa_cells; i++) {
        for (guint j = 0; j < cpu->n_numa_cells; j++)
            vir_argv_addf(argv, "-numa", "dist,src=%u,dst=%u,val=%u", i, j,
                          vir_domain_numa_distance(cpu->numa_cells[i], j));
    }
}

/* ---- HMAT ---- */

static const char *const hierarchies[] = {"memory", "first-level", "second-level", "third-level"};

static const char *
associativity_name(int value)
{
    return value == VIR_DOMAIN_NUMA_CACHE_ASSOCIATIVITY_FULL
               ? "complex"
               : vir_domain_numa_cache_associativity_to_string(value);
}

static const char *
policy_name(int value)
{
    switch (value) {
    case VIR_DOMAIN_NUMA_CACHE_POLICY_WRITEBACK:
        return "write-back";
    case VIR_DOMAIN_NUMA_CACHE_POLICY_WRITETHROUGH:
        return "write-through";
    default:
        return "none";
    }
}

static void
add_hmat(VirArgv *argv)
{
    const VirDomainCpu *cpu = argv->def->cpu;

    for (guint i = 0; i < cpu->n_numa_latencies; i++) {
        const VirDomainNumaLatency *it = cpu->numa_latencies[i];

        vir_argv_addf(argv, "-numa",
                      "hmat-lb,initiator=%u,target=%u,hierarchy=%s,data-type=%s-latency,latency=%u",
                      it->initiator, it->target, hierarchies[it->has_cache ? it->cache : 0],
                      vir_domain_numa_latency_type_to_string(it->type), it->value);
    }
    for (guint i = 0; i < cpu->n_numa_bandwidths; i++) {
        const VirDomainNumaBandwidth *it = cpu->numa_bandwidths[i];

        vir_argv_addf(argv, "-numa",
                      "hmat-lb,initiator=%u,target=%u,hierarchy=%s,data-type=%s-bandwidth,"
                      "bandwidth=%" G_GUINT64_FORMAT "K",
                      it->initiator, it->target, hierarchies[it->has_cache ? it->cache : 0],
                      vir_domain_numa_bandwidth_type_to_string(it->type), it->value);
    }
    for (guint i = 0; i < cpu->n_numa_cells; i++) {
        const VirDomainNumaCell *cell = cpu->numa_cells[i];

        for (guint j = 0; j < cell->n_caches; j++) {
            const VirDomainNumaCache *it = cell->caches[j];

            vir_argv_addf(argv, "-numa",
                          "hmat-cache,node-id=%u,size=%" G_GUINT64_FORMAT
                          "K,level=%u,associativity=%s,policy=%s,line=%" G_GUINT64_FORMAT,
                          i, it->size, it->level, associativity_name(it->associativity),
                          policy_name(it->policy), it->line);
        }
    }
}

gboolean
vir_argv_numa(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    g_autoptr(GPtrArray) backends = NULL;
    gboolean plain;

    if (vir_domain_numa_cells(def) == 0)
        return TRUE;
    backends = make_backends(argv, &plain, error);
    if (!backends)
        return FALSE;
    for (guint i = 0; i < def->cpu->n_numa_cells; i++) {
        if (!add_cell(argv, def->cpu->numa_cells[i], backends->pdata[i], plain, error))
            return FALSE;
    }
    add_distances(argv);
    if (vir_domain_numa_has_hmat(def))
        add_hmat(argv);
    return TRUE;
}
