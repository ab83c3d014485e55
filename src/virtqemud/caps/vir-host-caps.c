/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-host-caps.h"

#include "vir-capabilities-def.h"
#include "vir-cpu.h"
#include "vir-error.h"
#include "vir-log.h"
#include "vir-xml.h"
#include <string.h>

VIR_LOG_INIT("caps");

/* Kinds of guests, and bits of their words. */
static const struct {
    const char *arch;
    guint bits;
} guests[] = {
    {"alpha", 64},  {"armv6l", 32},      {"armv7l", 32},  {"aarch64", 64},    {"cris", 32},
    {"i686", 32},   {"loongarch64", 64}, {"m68k", 32},    {"microblaze", 32}, {"microblazeel", 32},
    {"mips", 32},   {"mipsel", 32},      {"mips64", 64},  {"mips64el", 64},   {"ppc", 32},
    {"ppc64", 64},  {"ppc64le", 64},     {"riscv32", 32}, {"riscv64", 64},    {"s390x", 64},
    {"sh4", 32},    {"sh4eb", 64},       {"sparc", 32},   {"sparc64", 64},    {"x86_64", 64},
    {"xtensa", 32}, {"xtensaeb", 32},
};

static gboolean
is_x86(const char *arch)
{
    return g_str_equal(arch, "x86_64") || g_str_equal(arch, "i686");
}

static void
fill_pages(VirCapsPageSize ***list, guint *n, const VirHostCell *cell, gboolean count)
{
    for (guint i = 0; i < cell->pages->len; i++) {
        const VirHostPages *pages = &g_array_index(cell->pages, VirHostPages, i);
        VirCapsPageSize *size = vir_caps_page_size_new();

        size->size = pages->kib;
        size->count = pages->total;
        size->has_count = count;
        vir_xml_array_insert((gpointer **)list, n, *n, size);
    }
}

VirCpu *
vir_host_caps_cpu(const VirHost *host, const char *arch)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) flags = NULL;
    VirCpuData data = {.vendor = -1};
    VirCpu *cpu;

    if ((!vir_host_is_real(host) || !vir_cpu_data_of_host(&data)) &&
        (data.version = vir_host_cpu_version(host, &flags)) == 0)
        return NULL;
    cpu = vir_cpu_decode(arch, &data, TRUE, NULL, NULL, &error);
    if (!cpu)
        vir_debug("no model of the host's processor: %s", error->message);
    for (char **flag = flags; cpu && flag && *flag; flag++)
        vir_cpu_put_feature(cpu, *flag, 0);
    return cpu;
}

static void
fill_model(VirCapsHostCpu *cpu, const VirHost *host)
{
    g_autoptr(VirCpu) decoded = vir_host_caps_cpu(host, cpu->arch);

    if (!decoded)
        return;
    cpu->model = g_steal_pointer(&decoded->def->model);
    if (!cpu->vendor)
        cpu->vendor = g_steal_pointer(&decoded->def->vendor);
    for (guint i = 0; i < decoded->def->n_features; i++) {
        VirCapsCpuFeatureName *feature = vir_caps_cpu_feature_name_new();

        feature->name = g_steal_pointer(&decoded->def->features[i]->name);
        vir_xml_append(cpu, features, feature);
    }
}

static void
fill_cpu(VirCapsHostCpu *cpu, const VirHost *host, const VirHostTopology *topology)
{
    VirHostInfo info;
    VirHostCpuId id;

    if (vir_host_info(host, &info, NULL))
        cpu->arch = g_strdup(info.model);
    if (vir_host_cpu_id(host, &id)) {
        cpu->vendor = g_steal_pointer(&id.vendor);
        cpu->microcode = id.microcode;
        cpu->has_microcode = id.microcode != 0;
        cpu->signature_family = id.family;
        cpu->signature_model = id.model;
        cpu->signature_stepping = id.stepping;
        cpu->has_signature_family = cpu->has_signature_model = cpu->has_signature_stepping = TRUE;
        if (id.physical_bits) {
            cpu->maxphysaddr_mode = VIR_CAPS_HOST_CPU_MAXPHYSADDR_MODE_EMULATE;
            cpu->maxphysaddr_bits = id.physical_bits;
            cpu->has_maxphysaddr_bits = TRUE;
        }
    }
    vir_host_cpu_id_clear(&id);
    fill_model(cpu, host);
    cpu->sockets = topology->sockets;
    cpu->dies = topology->dies;
    cpu->clusters = 1;
    cpu->cores = topology->cores;
    cpu->threads = topology->threads;
    cpu->has_sockets = cpu->has_dies = cpu->has_clusters = cpu->has_cores = cpu->has_threads = TRUE;
    if (topology->cells->len > 0)
        fill_pages(&cpu->pages, &cpu->n_pages, topology->cells->pdata[0], FALSE);
}

static void
fill_memory_caches(VirCapsCell *cell, const VirHostCell *from)
{
    static const guint8 associativity[] = {VIR_DOMAIN_NUMA_CACHE_ASSOCIATIVITY_DIRECT,
                                           VIR_DOMAIN_NUMA_CACHE_ASSOCIATIVITY_FULL,
                                           VIR_DOMAIN_NUMA_CACHE_ASSOCIATIVITY_NONE};
    static const guint8 policy[] = {VIR_DOMAIN_NUMA_CACHE_POLICY_WRITEBACK,
                                    VIR_DOMAIN_NUMA_CACHE_POLICY_WRITETHROUGH,
                                    VIR_DOMAIN_NUMA_CACHE_POLICY_NONE};

    for (guint i = 0; i < from->caches->len; i++) {
        const VirHostMemoryCache *at = &g_array_index(from->caches, VirHostMemoryCache, i);
        VirDomainNumaCache *cache = vir_domain_numa_cache_new();

        cache->level = at->level;
        cache->associativity = associativity[MIN(at->indexing, 2)];
        cache->policy = policy[MIN(at->policy, 2)];
        cache->size = at->kib;
        cache->line = at->line;
        vir_xml_append(cell, caches, cache);
    }
}

static void
fill_access(VirCapsHost *to, guint initiator, guint target, const VirHostAccess *access,
            guint8 latency_type, guint8 bandwidth_type)
{
    if (access->latency > 0) {
        VirDomainNumaLatency *latency = vir_domain_numa_latency_new();

        latency->initiator = initiator;
        latency->target = target;
        latency->type = latency_type;
        latency->value = (guint)MIN(access->latency, G_MAXUINT);
        vir_xml_append(to, latencies, latency);
    }
    if (access->bandwidth > 0) {
        VirDomainNumaBandwidth *bandwidth = vir_domain_numa_bandwidth_new();

        bandwidth->initiator = initiator;
        bandwidth->target = target;
        bandwidth->type = bandwidth_type;
        bandwidth->value = access->bandwidth;
        vir_xml_append(to, bandwidths, bandwidth);
    }
}

static gboolean
starts_at(const VirHostCell *cell, guint initiator)
{
    for (guint i = 0; i < cell->initiators->len; i++) {
        if (g_array_index(cell->initiators, guint, i) == initiator)
            return TRUE;
    }
    return FALSE;
}

/** Links by their two ends: initiators in the outer order, as everything by cell. */
static void
fill_links(VirCapsHost *to, const VirHostTopology *topology)
{
    for (guint i = 0; i < topology->cells->len; i++) {
        guint initiator = ((const VirHostCell *)topology->cells->pdata[i])->id;

        for (guint j = 0; j < topology->cells->len; j++) {
            const VirHostCell *cell = topology->cells->pdata[j];

            if (!starts_at(cell, initiator))
                continue;
            fill_access(to, initiator, cell->id, &cell->read, VIR_DOMAIN_NUMA_LATENCY_TYPE_READ,
                        VIR_DOMAIN_NUMA_BANDWIDTH_TYPE_READ);
            fill_access(to, initiator, cell->id, &cell->write, VIR_DOMAIN_NUMA_LATENCY_TYPE_WRITE,
                        VIR_DOMAIN_NUMA_BANDWIDTH_TYPE_WRITE);
        }
    }
}

static void
fill_cell(VirCapsHost *to, const VirHostTopology *topology, const VirHostCell *from)
{
    VirCapsCell *cell = vir_caps_cell_new();

    cell->id = from->id;
    cell->memory = from->memory;
    cell->has_memory = TRUE;
    fill_pages(&cell->pages, &cell->n_pages, from, TRUE);
    for (guint i = 0; i < from->distances->len && i < topology->cells->len; i++) {
        VirCapsCellDistance *distance = vir_caps_cell_distance_new();

        distance->id = ((VirHostCell *)topology->cells->pdata[i])->id;
        distance->value = g_array_index(from->distances, guint, i);
        vir_xml_append(cell, distances, distance);
    }
    fill_memory_caches(cell, from);
    for (guint i = 0; i < topology->cpus->len; i++) {
        const VirHostCpu *cpu = topology->cpus->pdata[i];
        VirCapsCellCpu *item;

        if (cpu->cell != from->id)
            continue;
        item = vir_caps_cell_cpu_new();
        item->id = cpu->id;
        if (cpu->online) {
            item->socket_id = cpu->socket;
            item->die_id = cpu->die;
            item->cluster_id = cpu->cluster;
            item->core_id = cpu->core;
            item->has_socket_id = item->has_die_id = TRUE;
            item->has_cluster_id = item->has_core_id = TRUE;
            item->siblings = vir_bitmap_copy(cpu->siblings);
        }
        vir_xml_append(cell, cpus, item);
    }
    cell->n_cpu = cell->n_cpus;
    cell->has_n_cpu = TRUE;
    vir_xml_append(to, cells, cell);
}

static guint
cache_type(VirHostCacheType type)
{
    return type == VIR_HOST_CACHE_CODE   ? VIR_CAPS_CACHE_BANK_TYPE_CODE
           : type == VIR_HOST_CACHE_DATA ? VIR_CAPS_CACHE_BANK_TYPE_DATA
                                         : VIR_CAPS_CACHE_BANK_TYPE_BOTH;
}

static void
fill_bank(VirCapsHost *to, const VirHostCache *from)
{
    VirCapsCacheBank *bank = vir_caps_cache_bank_new();
    guint shift;

    bank->id = from->id;
    bank->level = from->level;
    bank->type = cache_type(from->type);
    bank->unit = g_strdup(vir_xml_fitting_unit(from->size, "B", &shift));
    bank->size = from->size >> shift;
    bank->cpus = vir_bitmap_copy(from->cpus);
    for (guint i = 0; i < from->controls->len; i++) {
        const VirHostCacheControl *part = &g_array_index(from->controls, VirHostCacheControl, i);
        VirCapsCacheControl *control = vir_caps_cache_control_new();

        control->unit = g_strdup(vir_xml_fitting_unit(part->granularity, "B", &shift));
        control->granularity = part->granularity >> shift;
        control->min = part->min >> shift;
        control->has_min = part->min > part->granularity;
        control->type = cache_type(part->type);
        control->max_allocs = part->max_allocs;
        vir_xml_append(bank, controls, control);
    }
    vir_xml_append(to, cache_banks, bank);
}

/* Shared out is what the processors of one last cache have together. */
static void
fill_bandwidth(VirCapsHost *to, const VirHostCaches *from)
{
    for (guint i = 0; from->bandwidth && i < from->banks->len; i++) {
        const VirHostCache *bank = from->banks->pdata[i];
        VirCapsBandwidthNode *node;
        VirCapsBandwidthControl *control;

        if (bank->level != from->last_level)
            continue;
        node = vir_caps_bandwidth_node_new();
        control = vir_caps_bandwidth_control_new();
        node->id = bank->id;
        node->cpus = vir_bitmap_copy(bank->cpus);
        control->granularity = from->bandwidth_granularity;
        control->min = from->bandwidth_min;
        control->has_min = TRUE;
        control->max_allocs = from->bandwidth_max_allocs;
        vir_xml_append(node, controls, control);
        vir_xml_append(to, bandwidth_nodes, node);
    }
}

/* Features that begin with @prefix; NULL where there are none. */
static VirCapsResourceMonitor *
new_monitor(const VirHostCaches *from, const char *prefix)
{
    g_autoptr(VirCapsResourceMonitor) monitor = vir_caps_resource_monitor_new();

    monitor->max_monitors = from->max_monitors;
    for (char **name = from->monitor_features; *name; name++) {
        VirCapsMonitorFeature *feature;

        if (!g_str_has_prefix(*name, prefix))
            continue;
        feature = vir_caps_monitor_feature_new();
        feature->name = g_strdup(*name);
        vir_xml_append(monitor, features, feature);
    }
    return monitor->n_features > 0 ? g_steal_pointer(&monitor) : NULL;
}

static void
fill_caches(VirCapsHost *to, const VirHostCaches *from)
{
    for (guint i = 0; i < from->banks->len; i++)
        fill_bank(to, from->banks->pdata[i]);
    fill_bandwidth(to, from);
    to->cache_monitor = new_monitor(from, "llc_");
    to->bandwidth_monitor = new_monitor(from, "mbm_");
    if (to->cache_monitor) {
        to->cache_monitor->level = from->last_level;
        to->cache_monitor->has_level = TRUE;
        to->cache_monitor->reuse_threshold = from->reuse_threshold;
        to->cache_monitor->has_reuse_threshold = from->reuse_threshold > 0;
    }
}

void
vir_host_caps_fill_topology(VirCapsHost *to, const VirHost *host, const VirHostTopology *topology)
{
    g_autoptr(VirHostCaches) caches = vir_host_caches(host);

    to->power_management = TRUE;
    to->iommu = vir_host_has_iommu(host) ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    for (guint i = 0; i < topology->cells->len; i++)
        fill_cell(to, topology, topology->cells->pdata[i]);
    fill_links(to, topology);
    to->n_cell = to->n_cells;
    to->has_n_cell = TRUE;
    fill_caches(to, caches);
}

/* Each part of the document stands between blank lines. */
char *
vir_host_caps_format(const VirCapsDef *def, GError **error)
{
    static const char *const parts[] = {"\n  <host>", "\n  <guest>", "\n</capabilities>"};
    g_autofree char *text = vir_xml_format(&vir_caps_host_doc, def, 0, error);
    g_autoptr(GString) out = NULL;

    if (!text)
        return NULL;
    out = g_string_new(text);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *apart = g_strconcat("\n", parts[i], NULL);

        g_string_replace(out, parts[i], apart, 0);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void
fill_host(VirCapsHost *to, const VirHost *host, const VirHostTopology *topology)
{
    static const char *const transports[] = {"tcp", "rdma"};
    VirCapsSecModel *none = vir_caps_sec_model_new();

    to->has_uuid = vir_host_uuid(host, to->uuid);
    fill_cpu(&to->cpu, host, topology);
    vir_host_caps_fill_topology(to, host, topology);
    to->migration_live = TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(transports); i++)
        vir_xml_append(to, uri_transports, g_strdup(transports[i]));
    none->model = g_strdup("none");
    none->doi = g_strdup("0");
    vir_xml_append(to, secmodels, none);
}

static void
add_machine(VirCapsGuestArch *arch, const VirQemuMachine *from, const char *name,
            const char *canonical)
{
    VirCapsMachine *machine = vir_caps_machine_new();

    machine->name = g_strdup(name);
    machine->canonical = g_strdup(canonical);
    machine->max_cpus = from->max_cpus;
    machine->has_max_cpus = from->max_cpus > 0;
    machine->deprecated = from->deprecated ? VIR_TRISTATE_YES : VIR_TRISTATE_ABSENT;
    vir_xml_append(arch, machines, machine);
}

static void
add_machines(VirCapsGuestArch *arch, const VirQemuCaps *caps)
{
    for (guint i = 0; i < caps->machines->len; i++) {
        const VirQemuMachine *machine = caps->machines->pdata[i];

        add_machine(arch, machine, machine->name, NULL);
        if (machine->alias)
            add_machine(arch, machine, machine->alias, machine->name);
    }
}

static void
add_domain(VirCapsGuestArch *arch, const char *type)
{
    VirCapsGuestDomain *domain = vir_caps_guest_domain_new();

    domain->type = g_strdup(type);
    vir_xml_append(arch, domains, domain);
}

static VirCapsGuestFeatures *
guest_features(const char *arch)
{
    VirCapsGuestFeatures *features = vir_caps_guest_features_new();

    features->pae = features->nonpae = g_str_equal(arch, "i686");
    if (is_x86(arch) || g_str_equal(arch, "aarch64") || g_str_equal(arch, "loongarch64")) {
        features->acpi_default = VIR_TRISTATE_ON;
        features->acpi_toggle = VIR_TRISTATE_YES;
    }
    if (is_x86(arch)) {
        features->apic_default = VIR_TRISTATE_ON;
        features->apic_toggle = VIR_TRISTATE_NO;
    }
    features->cpuselection = TRUE;
    features->deviceboot = TRUE;
    features->disksnapshot_default = VIR_TRISTATE_ON;
    features->disksnapshot_toggle = VIR_TRISTATE_NO;
    features->external_snapshot = TRUE;
    return features;
}

static guint
word_bits(const char *arch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(guests); i++) {
        if (g_str_equal(guests[i].arch, arch))
            return guests[i].bits;
    }
    return strstr(arch, "64") ? 64 : 32;
}

void
vir_host_caps_add_guest(VirCapsDef *def, const char *arch, const VirQemuCaps *caps)
{
    VirCapsGuest *guest = vir_caps_guest_new();

    guest->os_type = g_strdup("hvm");
    guest->arch = vir_caps_guest_arch_new();
    guest->arch->name = g_strdup(arch);
    guest->arch->wordsize = word_bits(arch);
    guest->arch->has_wordsize = TRUE;
    guest->arch->emulator = g_strdup(caps->binary);
    add_machines(guest->arch, caps);
    if (vir_qemu_caps_has(caps, VIR_QEMU_CAPS_TCG))
        add_domain(guest->arch, "qemu");
    if (caps->kvm)
        add_domain(guest->arch, "kvm");
    if (caps->hvf)
        add_domain(guest->arch, "hvf");
    guest->features = guest_features(arch);
    vir_xml_append(def, guests, guest);
}

static void
find_guest(VirCapsDef *def, gsize i, VirCapsCache *cache)
{
    g_autofree char *path = vir_caps_find_emulator(def->host.cpu.arch, guests[i].arch, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VirQemuCaps) caps = path ? vir_caps_cache_get(cache, path, &error) : NULL;

    if (caps)
        vir_host_caps_add_guest(def, guests[i].arch, caps);
    else if (path)
        vir_debug("left out of the capabilities: %s", error->message);
}

char *
vir_host_caps_xml(const VirHost *host, VirCapsCache *cache, GError **error)
{
    g_autoptr(VirCapsDef) def = vir_caps_def_new();
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, error);

    if (!topology)
        return NULL;
    fill_host(&def->host, host, topology);
    for (gsize i = 0; i < G_N_ELEMENTS(guests); i++)
        find_guest(def, i, cache);
    return vir_host_caps_format(def, error);
}
