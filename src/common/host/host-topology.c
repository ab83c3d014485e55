/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host-private.h"
#include "vir-error.h"
#include <string.h>
#include <unistd.h>

static void
cpu_free(void *data)
{
    VirHostCpu *cpu = data;

    if (cpu->siblings)
        vir_bitmap_free(cpu->siblings);
    g_free(cpu);
}

static void
cell_free(void *data)
{
    VirHostCell *cell = data;

    g_array_unref(cell->pages);
    g_array_unref(cell->distances);
    g_array_unref(cell->caches);
    g_array_unref(cell->initiators);
    g_free(cell);
}

void
vir_host_topology_free(VirHostTopology *topology)
{
    if (!topology)
        return;
    g_ptr_array_unref(topology->cpus);
    g_ptr_array_unref(topology->cells);
    g_free(topology);
}

static int
by_size(const void *a, const void *b)
{
    const VirHostPages *x = a;
    const VirHostPages *y = b;

    return x->kib < y->kib ? -1 : x->kib > y->kib;
}

static int
by_number(const void *a, const void *b)
{
    guint x = *(const guint *)a;
    guint y = *(const guint *)b;

    return x < y ? -1 : x > y;
}

/* Huge pages of one folder of the kernel. */
static void
read_huge(const VirHost *host, const char *folder, GArray *pages)
{
    g_autofree char *path = g_strconcat(host->root, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        VirHostPages size = {0};

        if (!g_str_has_prefix(name, "hugepages-"))
            continue;
        size.kib = g_ascii_strtoull(name + strlen("hugepages-"), NULL, 10);
        size.total = vir_host_read_number(host, 0, "%s/%s/nr_hugepages", folder, name);
        size.free = vir_host_read_number(host, 0, "%s/%s/free_hugepages", folder, name);
        if (size.kib > 0)
            g_array_append_val(pages, size);
    }
}

/* Ordinary pages are what huge ones leave of the memory. */
static void
read_pages(const VirHost *host, const char *folder, guint64 memory, guint64 free, GArray *pages)
{
    VirHostPages small = {.kib = (guint64)sysconf(_SC_PAGESIZE) / 1024};
    guint64 huge = 0;

    read_huge(host, folder, pages);
    for (guint i = 0; i < pages->len; i++) {
        const VirHostPages *size = &g_array_index(pages, VirHostPages, i);

        huge += size->kib * size->total;
    }
    small.total = (memory - MIN(memory, huge)) / small.kib;
    small.free = free / small.kib;
    g_array_append_val(pages, small);
    g_array_sort(pages, by_size);
}

/** Appends the number of each entry "@prefixN" of a folder, smallest first. */
static void
list_numbered(const VirHost *host, const char *folder, const char *prefix, GArray *numbers)
{
    g_autofree char *path = g_strconcat(host->root, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        guint64 value;
        guint number;

        if (!g_str_has_prefix(name, prefix) ||
            !g_ascii_string_to_unsigned(name + strlen(prefix), 10, 0, G_MAXUINT, &value, NULL))
            continue;
        number = (guint)value;
        g_array_append_val(numbers, number);
    }
    g_array_sort(numbers, by_number);
}

/* Of the kernel's Documentation/ABI/stable/sysfs-devices-node. */
static void
read_caches(const VirHost *host, VirHostCell *cell)
{
    g_autofree char *folder =
        g_strdup_printf("/sys/devices/system/node/node%u/memory_side_cache", cell->id);
    g_autoptr(GArray) levels = g_array_new(FALSE, FALSE, sizeof(guint));

    list_numbered(host, folder, "index", levels);
    for (guint i = 0; i < levels->len; i++) {
        guint level = g_array_index(levels, guint, i);
        VirHostMemoryCache cache = {
            .level = level,
            .indexing = (guint)vir_host_read_number(host, 2, "%s/index%u/indexing", folder, level),
            .policy =
                (guint)vir_host_read_number(host, 2, "%s/index%u/write_policy", folder, level),
            .kib = vir_host_read_number(host, 0, "%s/index%u/size", folder, level) / 1024,
            .line = vir_host_read_number(host, 0, "%s/index%u/line_size", folder, level),
        };

        g_array_append_val(cell->caches, cache);
    }
}

/** The same source: class 1 is what processors see, class 0 any initiator. The kernel says MiB. */
static void
read_access(const VirHost *host, VirHostCell *cell)
{
    g_autofree char *folder =
        g_strdup_printf("/sys/devices/system/node/node%u/access1/initiators", cell->id);

    list_numbered(host, folder, "node", cell->initiators);
    cell->read.latency = vir_host_read_number(host, 0, "%s/read_latency", folder);
    cell->write.latency = vir_host_read_number(host, 0, "%s/write_latency", folder);
    cell->read.bandwidth = vir_host_read_number(host, 0, "%s/read_bandwidth", folder) * 1024;
    cell->write.bandwidth = vir_host_read_number(host, 0, "%s/write_bandwidth", folder) * 1024;
}

static VirHostCell *
read_cell(const VirHost *host, guint id, gboolean numa)
{
    VirHostCell *cell = g_new0(VirHostCell, 1);
    g_autofree char *folder = numa
                                  ? g_strdup_printf("/sys/devices/system/node/node%u/hugepages", id)
                                  : g_strdup("/sys/kernel/mm/hugepages");
    g_autofree char *memory =
        numa ? vir_host_read(host, "/sys/devices/system/node/node%u/meminfo", id)
             : vir_host_read(host, "/proc/meminfo");
    g_autofree char *distances =
        numa ? vir_host_read(host, "/sys/devices/system/node/node%u/distance", id) : NULL;

    cell->id = id;
    cell->memory = vir_host_meminfo(memory, "MemTotal");
    cell->free = vir_host_meminfo(memory, "MemFree");
    cell->pages = g_array_new(FALSE, FALSE, sizeof(VirHostPages));
    cell->distances = g_array_new(FALSE, FALSE, sizeof(guint));
    cell->caches = g_array_new(FALSE, FALSE, sizeof(VirHostMemoryCache));
    cell->initiators = g_array_new(FALSE, FALSE, sizeof(guint));
    read_caches(host, cell);
    read_access(host, cell);
    read_pages(host, folder, cell->memory, cell->free, cell->pages);
    if (distances) {
        g_auto(GStrv) words = g_strsplit_set(g_strstrip(distances), " ", -1);

        for (char **word = words; *word; word++) {
            guint value = (guint)g_ascii_strtoull(*word, NULL, 10);

            if (**word)
                g_array_append_val(cell->distances, value);
        }
    }
    return cell;
}

static void
read_cpu(const VirHost *host, VirHostTopology *topology, guint id, gboolean online, guint cell)
{
    static const char base[] = "/sys/devices/system/cpu/cpu";
    VirHostCpu *cpu = g_new0(VirHostCpu, 1);

    cpu->id = id;
    cpu->online = online;
    cpu->cell = cell;
    g_ptr_array_add(topology->cpus, cpu);
    if (!online)
        return;
    cpu->socket =
        (guint)vir_host_read_number(host, 0, "%s%u/topology/physical_package_id", base, id);
    /* The kernel says -1 for what it does not know. */
    cpu->die = (guint)vir_host_read_number(host, 0, "%s%u/topology/die_id", base, id);
    cpu->cluster = (guint)vir_host_read_number(host, 0, "%s%u/topology/cluster_id", base, id);
    cpu->core = (guint)vir_host_read_number(host, id, "%s%u/topology/core_id", base, id);
    if (cpu->die > 65535)
        cpu->die = 0;
    if (cpu->cluster > 65535)
        cpu->cluster = 0;
    if (cpu->socket > 65535)
        cpu->socket = 0;
    cpu->siblings = vir_host_read_set(host, "%s%u/topology/thread_siblings_list", base, id);
    if (vir_bitmap_count(cpu->siblings) == 0)
        vir_bitmap_set(cpu->siblings, id);
}

/* The most different values of @key among the processors for which @same holds with one of them. */
static guint
count_most(const VirHostTopology *topology, guint64 (*outer)(const VirHostCpu *cpu),
           guint64 (*inner)(const VirHostCpu *cpu))
{
    g_autoptr(GHashTable) groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                                         (GDestroyNotify)g_hash_table_unref);
    GHashTableIter iter;
    void *value;
    guint most = 1;

    for (guint i = 0; i < topology->cpus->len; i++) {
        const VirHostCpu *cpu = topology->cpus->pdata[i];
        gint64 out = (gint64)outer(cpu);
        gint64 in = (gint64)inner(cpu);
        GHashTable *group = g_hash_table_lookup(groups, &out);

        if (!cpu->online)
            continue;
        if (!group) {
            group = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
            g_hash_table_insert(groups, g_memdup2(&out, sizeof(out)), group);
        }
        g_hash_table_add(group, g_memdup2(&in, sizeof(in)));
    }
    g_hash_table_iter_init(&iter, groups);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        most = MAX(most, g_hash_table_size(value));
    return most;
}

static guint64
key_cell(const VirHostCpu *cpu)
{
    return cpu->cell;
}

static guint64
key_socket(const VirHostCpu *cpu)
{
    return key_cell(cpu) << 16 | cpu->socket;
}

static guint64
key_die(const VirHostCpu *cpu)
{
    return key_socket(cpu) << 16 | cpu->die;
}

static guint64
key_core(const VirHostCpu *cpu)
{
    return (guint64)cpu->socket << 48 | (guint64)cpu->die << 32 | cpu->core;
}

static guint64
key_cpu(const VirHostCpu *cpu)
{
    return cpu->id;
}

VirHostTopology *
vir_host_topology(const VirHost *host, GError **error)
{
    g_autoptr(VirBitmap) online = NULL;
    g_autoptr(VirBitmap) present = vir_host_read_set(host, "/sys/devices/system/cpu/present");
    g_autoptr(VirBitmap) nodes = vir_host_read_set(host, "/sys/devices/system/node/online");
    g_autoptr(VirHostTopology) topology = g_new0(VirHostTopology, 1);
    g_autofree guint *cell_of = NULL;
    gboolean numa = vir_bitmap_count(nodes) > 0;

    topology->cpus = g_ptr_array_new_with_free_func(cpu_free);
    topology->cells = g_ptr_array_new_with_free_func(cell_free);
    if (vir_host_cpu_map(host, &online, error) < 0)
        return NULL;
    if (!numa)
        vir_bitmap_set(nodes, 0);
    cell_of = g_new0(guint, VIR_BITMAP_MAX + 1);
    for (int node = vir_bitmap_next(nodes, 0); node >= 0; node = vir_bitmap_next(nodes, node + 1)) {
        g_autoptr(VirBitmap) cpus =
            vir_host_read_set(host, "/sys/devices/system/node/node%d/cpulist", node);

        for (int i = vir_bitmap_next(cpus, 0); i >= 0; i = vir_bitmap_next(cpus, i + 1))
            cell_of[i] = (guint)node;
        g_ptr_array_add(topology->cells, read_cell(host, (guint)node, numa));
    }
    for (int i = vir_bitmap_next(present, 0); i >= 0; i = vir_bitmap_next(present, i + 1))
        read_cpu(host, topology, (guint)i, vir_bitmap_test(online, (guint)i), cell_of[i]);
    topology->sockets = count_most(topology, key_cell, key_socket);
    topology->dies = count_most(topology, key_socket, key_die);
    topology->cores = count_most(topology, key_die, key_core);
    topology->threads = count_most(topology, key_core, key_cpu);
    return g_steal_pointer(&topology);
}

gboolean
vir_host_free_pages(const VirHost *host, int cell, guint64 kib, guint64 *free, GError **error)
{
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, error);
    gboolean found = FALSE;

    if (!topology)
        return FALSE;
    *free = 0;
    for (guint i = 0; i < topology->cells->len; i++) {
        const VirHostCell *at = topology->cells->pdata[i];

        for (guint j = 0; j < at->pages->len; j++) {
            const VirHostPages *pages = &g_array_index(at->pages, VirHostPages, j);

            if ((cell < 0 || (guint)cell == at->id) && pages->kib == kib) {
                *free += pages->free;
                found = TRUE;
            }
        }
    }
    if (!found)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "NUMA cell %d has no pages of %" G_GUINT64_FORMAT " KiB", cell, kib);
    return TRUE;
}
