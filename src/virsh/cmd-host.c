/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

VIRSH_COMMAND(uri)
{
    char *uri = virConnectGetURI(ctl->conn);

    if (!uri)
        return virsh_error(ctl, "failed to get URI");
    virsh_print("%s\n", uri);
    free(uri);
    return TRUE;
}

VIRSH_COMMAND(hostname)
{
    char *name = virConnectGetHostname(ctl->conn);

    if (!name)
        return virsh_error(ctl, "failed to get hostname");
    virsh_print("%s\n", name);
    free(name);
    return TRUE;
}

static void
print_version(const char *label, const char *what, unsigned long version)
{
    virsh_print("%s%s %lu.%lu.%lu\n", label, what, version / 1000000, version / 1000 % 1000,
                version % 1000);
}

VIRSH_COMMAND(version)
{
    unsigned long library, api, hypervisor = 0, daemon;
    const char *type = virConnectGetType(ctl->conn);

    if (!type)
        return virsh_error(ctl, "failed to get hypervisor type");
    print_version("Compiled against library: ", "libvirt", LIBVIR_VERSION_NUMBER);
    if (virGetVersion(&library, type, &api) < 0)
        return virsh_error(ctl, "failed to get the library version");
    print_version("Using library: ", "libvirt", library);
    print_version("Using API: ", type, api);
    if (virConnectGetVersion(ctl->conn, &hypervisor) < 0) {
        if (virsh_error_code() != VIR_ERR_NO_SUPPORT)
            return virsh_error(ctl, "failed to get the hypervisor version");
        virsh_forget();
    }
    if (hypervisor)
        print_version("Running hypervisor: ", type, hypervisor);
    else
        virsh_print("Cannot extract running %s hypervisor version\n", type);
    if (!virsh_flag(cmd, "daemon"))
        return TRUE;
    if (virConnectGetLibVersion(ctl->conn, &daemon) < 0)
        return virsh_error(ctl, "failed to get the daemon version");
    virsh_print("Running against daemon: %lu.%lu.%lu\n", daemon / 1000000, daemon / 1000 % 1000,
                daemon % 1000);
    return TRUE;
}

VIRSH_COMMAND(nodeinfo)
{
    virNodeInfo info;

    if (virNodeGetInfo(ctl->conn, &info) < 0)
        return virsh_error(ctl, "failed to get node information");
    virsh_print("%-20s %s\n", "CPU model:", info.model);
    virsh_print("%-20s %d\n", "CPU(s):", info.cpus);
    if (info.mhz)
        virsh_print("%-20s %d MHz\n", "CPU frequency:", info.mhz);
    virsh_print("%-20s %d\n", "CPU socket(s):", info.sockets);
    virsh_print("%-20s %d\n", "Core(s) per socket:", info.cores);
    virsh_print("%-20s %d\n", "Thread(s) per core:", info.threads);
    virsh_print("%-20s %d\n", "NUMA cell(s):", info.nodes);
    virsh_print("%-20s %lu KiB\n", "Memory size:", info.memory);
    return TRUE;
}

VIRSH_COMMAND(nodecpumap)
{
    unsigned char *map = NULL;
    unsigned int online = 0;
    int n = virNodeGetCPUMap(ctl->conn, &map, &online, 0);

    if (n < 0)
        return virsh_error(ctl, "Unable to get cpu map");
    virsh_print("%-15s %d\n", "CPUs present:", n);
    virsh_print("%-15s %u\n", "CPUs online:", online);
    virsh_print("%-15s ", "CPU map:");
    if (virsh_flag(cmd, "pretty")) {
        g_autofree char *text = virsh_format_cpus(map, n);

        virsh_print("%s", text);
    } else {
        for (int i = 0; i < n; i++)
            virsh_print("%c", VIR_CPU_USED(map, i) ? 'y' : '-');
    }
    virsh_print("\n");
    free(map);
    return TRUE;
}

/* The times of nodecpustats, in the order of their lines. */
static const struct {
    const char *field;
    const char *label;
} cpu_times[] = {
    {VIR_NODE_CPU_STATS_USER, "user:"}, {VIR_NODE_CPU_STATS_KERNEL, "system:"},
    {VIR_NODE_CPU_STATS_IDLE, "idle:"}, {VIR_NODE_CPU_STATS_IOWAIT, "iowait:"},
    {VIR_NODE_CPU_STATS_INTR, "intr:"},
};

#define N_TIMES G_N_ELEMENTS(cpu_times)

typedef struct {
    unsigned long long time[N_TIMES];
    gboolean have[N_TIMES];
    unsigned long long utilization;
    gboolean have_utilization;
} CpuTimes;

static gboolean
get_cpu_times(VirshCtl *ctl, int cpu, CpuTimes *out)
{
    g_autofree virNodeCPUStats *stats = NULL;
    int n = 0;

    memset(out, 0, sizeof(*out));
    if (virNodeGetCPUStats(ctl->conn, cpu, NULL, &n, 0) < 0)
        return virsh_error(ctl, "Unable to get number of cpu stats");
    stats = g_new0(virNodeCPUStats, n);
    if (virNodeGetCPUStats(ctl->conn, cpu, stats, &n, 0) < 0)
        return virsh_error(ctl, "Unable to get node cpu stats");
    for (int i = 0; i < n; i++) {
        for (gsize k = 0; k < N_TIMES; k++) {
            if (strcmp(stats[i].field, cpu_times[k].field) == 0) {
                out->time[k] = stats[i].value;
                out->have[k] = TRUE;
            }
        }
        if (strcmp(stats[i].field, VIR_NODE_CPU_STATS_UTILIZATION) == 0) {
            out->utilization = stats[i].value;
            out->have_utilization = TRUE;
        }
    }
    return TRUE;
}

static gboolean
print_cpu_percent(VirshCtl *ctl, int cpu)
{
    CpuTimes first, second;
    double total = 0;
    double busy;

    if (!get_cpu_times(ctl, cpu, &first))
        return FALSE;
    if (first.have_utilization) {
        virsh_print("%-15s %5.1lf%%\n", "usage:", (double)first.utilization);
        return TRUE;
    }
    g_usleep(G_USEC_PER_SEC);
    if (!get_cpu_times(ctl, cpu, &second))
        return FALSE;
    for (gsize i = 0; i < N_TIMES; i++)
        total += (double)(second.time[i] - first.time[i]);
    if (total <= 0)
        total = 1;
    busy = (double)(second.time[0] - first.time[0]) + (double)(second.time[1] - first.time[1]);
    virsh_print("%-15s %5.1lf%%\n", "usage:", busy / total * 100);
    for (gsize i = 0; i < N_TIMES; i++) {
        if (second.have[i])
            virsh_print("%-15s %5.1lf%%\n", cpu_times[i].label,
                        (double)(second.time[i] - first.time[i]) / total * 100);
    }
    return TRUE;
}

VIRSH_COMMAND(nodecpustats)
{
    int cpu = VIR_NODE_CPU_STATS_ALL_CPUS;
    int found = virsh_int(ctl, cmd, "cpu", &cpu);
    CpuTimes times;

    if (found < 0)
        return FALSE;
    if (virsh_flag(cmd, "percent"))
        return print_cpu_percent(ctl, cpu);
    if (!get_cpu_times(ctl, cpu, &times))
        return FALSE;
    for (gsize i = 0; i < N_TIMES; i++) {
        if (times.have[i])
            virsh_print("%-15s %20llu\n", cpu_times[i].label, times.time[i]);
    }
    if (times.have_utilization)
        virsh_print("%-15s %5.1lf%%\n", "usage:", (double)times.utilization);
    return TRUE;
}

VIRSH_COMMAND(nodememstats)
{
    int cell = VIR_NODE_MEMORY_STATS_ALL_CELLS;
    g_autofree virNodeMemoryStats *stats = NULL;
    int n = 0;

    if (virsh_int(ctl, cmd, "cell", &cell) < 0)
        return FALSE;
    if (virNodeGetMemoryStats(ctl->conn, cell, NULL, &n, 0) < 0)
        return virsh_error(ctl, "Unable to get number of memory stats");
    stats = g_new0(virNodeMemoryStats, n);
    if (virNodeGetMemoryStats(ctl->conn, cell, stats, &n, 0) < 0)
        return virsh_error(ctl, "Unable to get memory stats");
    for (int i = 0; i < n; i++) {
        g_autofree char *label = g_strdup_printf("%s:", stats[i].field);

        virsh_print("%-7s %20llu KiB\n", label, stats[i].value);
    }
    return TRUE;
}

/* Prints what the library returned as a document, and frees it. */
static gboolean
print_document(VirshCtl *ctl, const VirshCmd *cmd, char *xml, const char *error)
{
    if (!xml)
        return virsh_error(ctl, "%s", error);
    return virsh_print_xml(ctl, cmd, xml) && virsh_line("");
}

VIRSH_COMMAND(capabilities)
{
    return print_document(ctl, cmd, virConnectGetCapabilities(ctl->conn),
                          "failed to get capabilities");
}

VIRSH_COMMAND(domcapabilities)
{
    unsigned int flags = 0;

    if (virsh_flag(cmd, "disable-deprecated-features"))
        flags |= 1 << 0; /* a flag that older headers do not name */
    return print_document(
        ctl, cmd,
        virConnectGetDomainCapabilities(ctl->conn, virsh_string(cmd, "emulatorbin"),
                                        virsh_string(cmd, "arch"), virsh_string(cmd, "machine"),
                                        virsh_string(cmd, "virttype"), flags),
        "failed to get emulator capabilities");
}

VIRSH_COMMAND(sysinfo)
{
    char *xml = virConnectGetSysinfo(ctl->conn, 0);

    if (!xml)
        return virsh_error(ctl, "failed to get sysinfo");
    virsh_print("%s", xml);
    free(xml);
    return TRUE;
}

VIRSH_COMMAND(maxvcpus)
{
    int n = virConnectGetMaxVcpus(ctl->conn, virsh_string(cmd, "type"));

    if (n < 0)
        return FALSE;
    virsh_print("%d\n", n);
    return TRUE;
}

VIRSH_COMMAND(cpu_models)
{
    char **models = NULL;
    int n = virConnectGetCPUModelNames(ctl->conn, virsh_string(cmd, "arch"), &models, 0);

    if (n < 0)
        return virsh_error(ctl, "failed to get CPU model names");
    if (n == 0)
        virsh_print("all CPU models are accepted\n");
    for (int i = 0; i < n; i++) {
        virsh_print("%s\n", models[i]);
        free(models[i]);
    }
    free(models);
    return TRUE;
}

VIRSH_COMMAND(freecell)
{
    int cell = -1;
    int found = virsh_int(ctl, cmd, "cellno", &cell);
    unsigned long long free_memory;
    virNodeInfo info;
    g_autofree unsigned long long *cells = NULL;
    unsigned long long total = 0;
    int n;

    if (found < 0 || !VIRSH_EXCLUSIVE(ctl, cmd, "all", "cellno"))
        return FALSE;
    if (found > 0) {
        n = virNodeGetCellsFreeMemory(ctl->conn, &free_memory, cell, 1);
        if (n < 0)
            return FALSE;
        virsh_print("%d: %llu KiB\n", cell, free_memory / 1024);
        return TRUE;
    }
    if (!virsh_flag(cmd, "all")) {
        free_memory = virNodeGetFreeMemory(ctl->conn);
        if (free_memory == 0)
            return FALSE;
        virsh_print("%s: %llu KiB\n", "Total", free_memory / 1024);
        return TRUE;
    }
    if (virNodeGetInfo(ctl->conn, &info) < 0)
        return virsh_error(ctl, "failed to get NUMA nodes count");
    cells = g_new0(unsigned long long, MAX(info.nodes, 1));
    n = virNodeGetCellsFreeMemory(ctl->conn, cells, 0, info.nodes);
    if (n < 0)
        return FALSE;
    for (int i = 0; i < n; i++) {
        virsh_print("%5d: %10llu KiB\n", i, cells[i] / 1024);
        total += cells[i] / 1024;
    }
    virsh_print("--------------------\n");
    virsh_print("%5s: %10llu KiB\n", "Total", total);
    return TRUE;
}
