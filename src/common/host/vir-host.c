/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host-private.h"
#include "vir-error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

VirHost *
vir_host_new(const char *root)
{
    VirHost *host = g_new0(VirHost, 1);

    host->root = g_strdup(root ? root : "");
    return host;
}

gboolean
vir_host_is_real(const VirHost *host)
{
    return *host->root == '\0';
}

void
vir_host_free(VirHost *host)
{
    if (!host)
        return;
    g_free(host->root);
    g_free(host);
}

static char *G_GNUC_PRINTF(2, 0) read_path(const VirHost *host, const char *format, va_list args)
{
    g_autofree char *name = g_strdup_vprintf(format, args);
    g_autofree char *path = g_strconcat(host->root, name, NULL);
    char *text = NULL;

    /* Files of the kernel have no size that could be checked before. */
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_strdup("");
    return text;
}

char *
vir_host_read(const VirHost *host, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = read_path(host, format, args);
    va_end(args);
    return text;
}

guint64
vir_host_read_number(const VirHost *host, guint64 fallback, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;
    char *end = NULL;
    guint64 value;

    va_start(args, format);
    text = read_path(host, format, args);
    va_end(args);
    value = g_ascii_strtoull(text, &end, 10);
    return end == text ? fallback : value;
}

VirBitmap *
vir_host_read_set(const VirHost *host, const char *format, ...)
{
    g_autofree char *text = NULL;
    VirBitmap *set;
    va_list args;

    va_start(args, format);
    text = read_path(host, format, args);
    va_end(args);
    set = vir_bitmap_parse(g_strstrip(text), NULL);
    return set ? set : vir_bitmap_new(0);
}

guint64
vir_host_meminfo(const char *text, const char *key)
{
    const char *at = text;
    gsize len = strlen(key);

    /* Cells put "Node 0 " in front of the key. */
    while ((at = strstr(at, key))) {
        if ((at == text || g_ascii_isspace(at[-1])) && at[len] == ':')
            return g_ascii_strtoull(at + len + 1, NULL, 10);
        at += len;
    }
    return 0;
}

static guint
read_mhz(const VirHost *host)
{
    g_autofree char *text = vir_host_read(host, "/proc/cpuinfo");
    const char *at = strstr(text, "cpu MHz");
    guint64 khz;

    if (at && (at = strchr(at, ':')))
        return (guint)g_ascii_strtod(at + 1, NULL);
    khz = vir_host_read_number(host, 0, "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
    return (guint)(khz / 1000);
}

gboolean
vir_host_info(const VirHost *host, VirHostInfo *info, GError **error)
{
    g_autoptr(VirHostTopology) topology = vir_host_topology(host, error);
    struct utsname name;

    if (!topology)
        return FALSE;
    memset(info, 0, sizeof(*info));
    if (uname(&name) == 0)
        g_strlcpy(info->model, name.machine, sizeof(info->model));
    /* What no cell has cannot be given to a guest. */
    for (guint i = 0; i < topology->cells->len; i++)
        info->memory += ((VirHostCell *)topology->cells->pdata[i])->memory;
    for (guint i = 0; i < topology->cpus->len; i++)
        info->cpus += ((VirHostCpu *)topology->cpus->pdata[i])->online;
    info->mhz = read_mhz(host);
    info->cells = topology->cells->len;
    info->sockets = topology->sockets;
    info->cores = topology->dies * topology->cores;
    info->threads = topology->threads;
    /* Clients multiply; where that gives too few, the old fallback is one flat socket. */
    if ((guint64)info->cells * info->sockets * info->cores * info->threads < info->cpus) {
        info->cells = info->sockets = info->threads = 1;
        info->cores = info->cpus;
    }
    return TRUE;
}

gboolean
vir_host_cpu_stats(const VirHost *host, int cpu, VirHostCpuStats *stats, GError **error)
{
    g_autofree char *text = vir_host_read(host, "/proc/stat");
    g_autofree char *want = cpu < 0 ? g_strdup("cpu ") : g_strdup_printf("cpu%d ", cpu);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint64 tick = G_GUINT64_CONSTANT(1000000000) / (guint64)MAX(1, sysconf(_SC_CLK_TCK));

    for (char **line = lines; *line; line++) {
        guint64 n[7] = {0};
        char *at;

        if (!g_str_has_prefix(*line, want))
            continue;
        at = *line + strlen(want);
        for (gsize i = 0; i < G_N_ELEMENTS(n); i++)
            n[i] = g_ascii_strtoull(at, &at, 10);
        /* user nice system idle iowait irq softirq */
        stats->user = (n[0] + n[1]) * tick;
        stats->kernel = (n[2] + n[5] + n[6]) * tick;
        stats->idle = n[3] * tick;
        stats->iowait = n[4] * tick;
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no processor %d", cpu);
}

gboolean
vir_host_memory_stats(const VirHost *host, int cell, VirHostMemoryStats *stats, GError **error)
{
    g_autofree char *text =
        cell < 0 ? vir_host_read(host, "/proc/meminfo")
                 : vir_host_read(host, "/sys/devices/system/node/node%d/meminfo", cell);

    if (!*text)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no NUMA cell %d", cell);
    memset(stats, 0, sizeof(*stats));
    stats->total = vir_host_meminfo(text, "MemTotal");
    stats->free = vir_host_meminfo(text, "MemFree");
    if (cell < 0) {
        stats->buffers = vir_host_meminfo(text, "Buffers");
        stats->cached = vir_host_meminfo(text, "Cached");
    }
    return TRUE;
}

int
vir_host_cpu_map(const VirHost *host, VirBitmap **online, GError **error)
{
    g_autoptr(VirBitmap) present = vir_host_read_set(host, "/sys/devices/system/cpu/present");
    int count = (int)vir_bitmap_count(present);

    if (count == 0) {
        vir_error_set(error, VIR_ERR_SYSTEM_ERROR,
                      "'%s/sys/devices/system/cpu/present' names no processor", host->root);
        return -1;
    }
    *online = vir_host_read_set(host, "/sys/devices/system/cpu/online");
    return count;
}

gboolean
vir_host_uuid(const VirHost *host, guint8 uuid[VIR_UUID_LEN])
{
    g_autofree char *board = vir_host_read(host, "/sys/class/dmi/id/product_uuid");
    g_autofree char *machine = vir_host_read(host, "/etc/machine-id");

    return vir_uuid_parse(g_strstrip(board), uuid) || vir_uuid_parse(g_strstrip(machine), uuid);
}

/* What follows the first @key of /proc/cpuinfo. */
static const char *
cpuinfo_value(const char *text, const char *key)
{
    g_autofree char *want = g_strconcat("\n", key, NULL);
    const char *at = text;

    while ((at = strstr(at, want))) {
        at += strlen(want);
        at += strspn(at, "\t ");
        if (*at == ':')
            return at + 1 + strspn(at + 1, " ");
    }
    return NULL;
}

static guint
cpuinfo_number(const char *text, const char *key)
{
    const char *value = cpuinfo_value(text, key);

    return value ? (guint)strtoul(value, NULL, 0) : 0;
}

gboolean
vir_host_cpu_id(const VirHost *host, VirHostCpuId *id)
{
    g_autofree char *text = vir_host_read(host, "/proc/cpuinfo");
    const char *bits = strstr(text, "address sizes");

    memset(id, 0, sizeof(*id));
    if (strstr(text, "AuthenticAMD"))
        id->vendor = g_strdup("AMD");
    else if (strstr(text, "GenuineIntel"))
        id->vendor = g_strdup("Intel");
    else if (strstr(text, "HygonGenuine"))
        id->vendor = g_strdup("Hygon");
    if (!strstr(text, "cpu family"))
        return FALSE;
    id->family = cpuinfo_number(text, "cpu family");
    id->model = cpuinfo_number(text, "model");
    id->stepping = cpuinfo_number(text, "stepping");
    id->microcode = cpuinfo_number(text, "microcode");
    if (bits && (bits = strchr(bits, ':')))
        id->physical_bits = (guint)strtoul(bits + 1, NULL, 10);
    return TRUE;
}

/* "2.2 (pvr 004e 1202)" */
static guint32
power_version(const char *text)
{
    const char *revision = cpuinfo_value(text, "revision");
    guint high;
    guint low;

    return revision && sscanf(revision, "%*s (pvr %4x %4x)", &high, &low) == 2 ? high << 16 | low
                                                                               : 0;
}

guint32
vir_host_cpu_version(const VirHost *host, char ***flags)
{
    g_autofree char *text = vir_host_read(host, "/proc/cpuinfo");
    const char *names = cpuinfo_value(text, "Features");
    guint implementer = cpuinfo_number(text, "CPU implementer");

    *flags = NULL;
    if (implementer == 0)
        return power_version(text);
    if (names) {
        g_autofree char *line = g_strndup(names, strcspn(names, "\n"));

        *flags = g_strsplit(g_strstrip(line), " ", -1);
    }
    /* The architecture is 0xf since ARMv7: other registers tell it. */
    return implementer << 24 | (cpuinfo_number(text, "CPU variant") & 0xf) << 20 | 0xf << 16 |
           (cpuinfo_number(text, "CPU part") & 0xfff) << 4 |
           (cpuinfo_number(text, "CPU revision") & 0xf);
}

void
vir_host_cpu_id_clear(VirHostCpuId *id)
{
    g_clear_pointer(&id->vendor, g_free);
}
