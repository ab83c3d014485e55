/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"
#include "vir-error.h"
#include "vir-host.h"
#include <string.h>

/* A host of two cells with two sockets, one core of two threads each, and one processor off. */
static const struct {
    const char *path;
    const char *text;
} files[] = {
    {"proc/meminfo", "MemTotal: 8192 kB\nMemFree: 4096 kB\nBuffers: 10 kB\nCached: 20 kB\n"},
    {"proc/stat", "cpu  10 1 2 30 4 5 6 0\ncpu0 1 0 1 3 0 0 0\ncpu3 9 1 1 27 4 5 6\n"},
    {"proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
                     "model name\t: X\nstepping\t: 4\nmicrocode\t: 0x10\ncpu MHz\t\t: 2100.500\n"
                     "address sizes\t: 46 bits physical, 48 bits virtual\n"},
    {"etc/machine-id", "00112233445566778899aabbccddeeff\n"},
    {"sys/devices/system/cpu/present", "0-4\n"},
    {"sys/devices/system/cpu/online", "0-3\n"},
    {"sys/devices/system/node/online", "0,2\n"},
    {"sys/devices/system/node/node0/cpulist", "0-1,4\n"},
    {"sys/devices/system/node/node2/cpulist", "2-3\n"},
    {"sys/devices/system/node/node0/distance", "10 21\n"},
    {"sys/devices/system/node/node2/distance", "21 10\n"},
    {"sys/devices/system/node/node0/meminfo",
     "Node 0 MemTotal: 6144 kB\nNode 0 MemFree: 3072 kB\n"},
    {"sys/devices/system/node/node2/meminfo",
     "Node 2 MemTotal: 2048 kB\nNode 2 MemFree: 1024 kB\n"},
    {"sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "2\n"},
    {"sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", "1\n"},
    {"sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n"},
    {"sys/devices/system/cpu/cpu0/topology/core_id", "0\n"},
    {"sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1\n"},
    {"sys/devices/system/cpu/cpu1/topology/physical_package_id", "0\n"},
    {"sys/devices/system/cpu/cpu1/topology/core_id", "0\n"},
    {"sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1\n"},
    {"sys/devices/system/cpu/cpu2/topology/physical_package_id", "1\n"},
    {"sys/devices/system/cpu/cpu2/topology/core_id", "0\n"},
    {"sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "2-3\n"},
    {"sys/devices/system/cpu/cpu3/topology/physical_package_id", "1\n"},
    {"sys/devices/system/cpu/cpu3/topology/core_id", "0\n"},
    {"sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "2-3\n"},
    {"sys/devices/system/cpu/cpu3/topology/cluster_id", "7\n"},
    {"sys/devices/system/cpu/cpu2/topology/cluster_id", "-1\n"},
    {"sys/devices/system/cpu/cpu0/cache/index0/level", "1\n"},
    {"sys/devices/system/cpu/cpu0/cache/index0/id", "0\n"},
    {"sys/devices/system/cpu/cpu0/cache/index0/shared_cpu_list", "0-1\n"},
    {"sys/devices/system/cpu/cpu0/cache/index1/level", "3\n"},
    {"sys/devices/system/cpu/cpu0/cache/index1/id", "0\n"},
    {"sys/devices/system/cpu/cpu0/cache/index1/size", "6M\n"},
    {"sys/devices/system/cpu/cpu0/cache/index1/type", "Unified\n"},
    {"sys/devices/system/cpu/cpu0/cache/index1/shared_cpu_list", "0-3\n"},
    {"sys/devices/system/cpu/cpu1/cache/index0/level", "3\n"},
    {"sys/devices/system/cpu/cpu1/cache/index0/id", "0\n"},
    {"sys/devices/system/cpu/cpu1/cache/index0/type", "Unified\n"},
    {"sys/devices/system/cpu/cpu1/cache/index0/shared_cpu_list", "0-3\n"},
    {"sys/devices/system/cpu/cpu1/cache/index1/level", "2\n"},
    {"sys/devices/system/cpu/cpu1/cache/index1/id", "5\n"},
    {"sys/devices/system/cpu/cpu1/cache/index1/size", "1536K\n"},
    {"sys/devices/system/cpu/cpu1/cache/index1/type", "Data\n"},
    {"sys/devices/system/cpu/cpu1/cache/index1/shared_cpu_list", "1\n"},
    {"sys/fs/resctrl/info/L3CODE/cbm_mask", "3f\n"},
    {"sys/fs/resctrl/info/L3CODE/min_cbm_bits", "2\n"},
    {"sys/fs/resctrl/info/L3CODE/num_closids", "8\n"},
    {"sys/fs/resctrl/info/MB/num_closids", "4\n"},
    {"sys/fs/resctrl/info/MB/bandwidth_gran", "10\n"},
    {"sys/fs/resctrl/info/MB/min_bandwidth", "20\n"},
    {"sys/fs/resctrl/info/L3_MON/num_rmids", "176\n"},
    {"sys/fs/resctrl/info/L3_MON/max_threshold_occupancy", "4096\n"},
    {"sys/fs/resctrl/info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\n"},
};

static char *root;

static void
make_tree(void)
{
    root = g_dir_make_tmp("host-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        tree_write(root, files[i].path, files[i].text);
}

static void
test_caches(void)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirHostCaches) caches = vir_host_caches(host);
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, NULL);
    const VirHostCache *bank = caches->banks->pdata[0];
    const VirHostCacheControl *control;

    g_assert_cmpint(caches->banks->len, ==, 2);
    g_assert_cmpint(bank->level, ==, 2);
    g_assert_cmpint(bank->id, ==, 5);
    g_assert_cmpint(bank->type, ==, VIR_HOST_CACHE_DATA);
    g_assert_cmpint(bank->size, ==, 1536 * 1024);
    g_assert_cmpint(bank->controls->len, ==, 0);
    bank = caches->banks->pdata[1];
    g_assert_cmpint(bank->size, ==, 6 << 20);
    g_assert_cmpint(vir_bitmap_count(bank->cpus), ==, 4);
    g_assert_cmpint(bank->controls->len, ==, 1);
    control = &g_array_index(bank->controls, VirHostCacheControl, 0);
    g_assert_cmpint(control->type, ==, VIR_HOST_CACHE_CODE);
    g_assert_cmpint(control->granularity, ==, 1 << 20);
    g_assert_cmpint(control->min, ==, 2 << 20);
    g_assert_cmpint(control->max_allocs, ==, 8);
    g_assert_true(caches->bandwidth);
    g_assert_cmpint(caches->bandwidth_min, ==, 20);
    g_assert_cmpint(caches->max_monitors, ==, 176);
    g_assert_cmpstr(caches->monitor_features[1], ==, "mbm_total_bytes");
    g_assert_null(caches->monitor_features[2]);
    g_assert_cmpint(((VirHostCpu *)topology->cpus->pdata[3])->cluster, ==, 7);
    g_assert_cmpint(((VirHostCpu *)topology->cpus->pdata[2])->cluster, ==, 0);
    g_assert_false(vir_host_has_iommu(host));
}

static void
test_info(void)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    VirHostInfo info;

    g_assert_true(vir_host_info(host, &info, NULL));
    g_assert_cmpint(info.memory, ==, 8192);
    g_assert_cmpint(info.cpus, ==, 4);
    g_assert_cmpint(info.mhz, ==, 2100);
    g_assert_cmpint(info.cells, ==, 2);
    g_assert_cmpint(info.sockets, ==, 1);
    g_assert_cmpint(info.cores, ==, 1);
    g_assert_cmpint(info.threads, ==, 2);
}

static void
test_topology(void)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, NULL);
    const VirHostCell *cell = topology->cells->pdata[0];
    const VirHostCpu *cpu = topology->cpus->pdata[3];
    g_autofree char *siblings = vir_bitmap_format(cpu->siblings);

    g_assert_cmpint(topology->cells->len, ==, 2);
    g_assert_cmpint(topology->cpus->len, ==, 5);
    g_assert_cmpstr(siblings, ==, "2-3");
    g_assert_cmpint(cpu->cell, ==, 2);
    g_assert_false(((VirHostCpu *)topology->cpus->pdata[4])->online);
    g_assert_cmpint(g_array_index(cell->distances, guint, 1), ==, 21);
    g_assert_cmpint(cell->pages->len, ==, 2);
    g_assert_cmpint(g_array_index(cell->pages, VirHostPages, 0).total, ==, 512);
    g_assert_cmpint(g_array_index(cell->pages, VirHostPages, 1).total, ==, 2);
}

static void
test_stats(void)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(GError) error = NULL;
    VirHostCpuStats cpu;
    VirHostMemoryStats memory;
    guint64 n = 0;

    g_assert_true(vir_host_cpu_stats(host, -1, &cpu, NULL));
    g_assert_cmpint(cpu.user / cpu.kernel, ==, 0);
    g_assert_cmpint(cpu.idle, ==, cpu.iowait / 4 * 30);
    g_assert_true(vir_host_cpu_stats(host, 3, &cpu, NULL));
    g_assert_false(vir_host_cpu_stats(host, 7, &cpu, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&error);
    g_assert_true(vir_host_memory_stats(host, -1, &memory, NULL));
    g_assert_cmpint(memory.cached, ==, 20);
    g_assert_true(vir_host_memory_stats(host, 2, &memory, NULL));
    g_assert_cmpint(memory.free, ==, 1024);
    g_assert_false(vir_host_memory_stats(host, 1, &memory, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&error);
    g_assert_true(vir_host_free_pages(host, -1, 2048, &n, NULL));
    g_assert_cmpint(n, ==, 1);
    g_assert_false(vir_host_free_pages(host, 2, 2048, &n, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
}

static void
test_identity(void)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirBitmap) online = NULL;
    char text[VIR_UUID_TEXT_LEN];
    guint8 uuid[VIR_UUID_LEN];
    VirHostCpuId id;

    g_assert_true(vir_host_uuid(host, uuid));
    g_assert_cmpstr(vir_uuid_format(uuid, text), ==, "00112233-4455-6677-8899-aabbccddeeff");
    g_assert_true(vir_host_cpu_id(host, &id));
    g_assert_cmpstr(id.vendor, ==, "Intel");
    g_assert_cmpint(id.model, ==, 85);
    g_assert_cmpint(id.microcode, ==, 16);
    g_assert_cmpint(id.physical_bits, ==, 46);
    vir_host_cpu_id_clear(&id);
    g_assert_cmpint(vir_host_cpu_map(host, &online, NULL), ==, 5);
    g_assert_cmpint(vir_bitmap_count(online), ==, 4);
}

static void
test_nothing_there(void)
{
    g_autoptr(VirHost) host = vir_host_new("/nowhere");
    g_autoptr(GError) error = NULL;
    VirHostInfo info;
    guint8 uuid[VIR_UUID_LEN];

    g_assert_false(vir_host_info(host, &info, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_assert_false(vir_host_uuid(host, uuid));
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    make_tree();
    g_test_add_func("/host/info", test_info);
    g_test_add_func("/host/caches", test_caches);
    g_test_add_func("/host/topology", test_topology);
    g_test_add_func("/host/stats", test_stats);
    g_test_add_func("/host/identity", test_identity);
    g_test_add_func("/host/nothing-there", test_nothing_there);
    status = g_test_run();
    tree_remove(root);
    g_free(root);
    return status;
}
