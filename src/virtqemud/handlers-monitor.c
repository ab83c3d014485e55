/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to the monitor or the process of one guest: each has the monitor's deadline. */
#include "handlers.h"
#include "lifecycle.h"
#include "params.h"
#include "vir-file.h"
#include "vir-server.h"
#include "vir-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt-qemu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_INFO_TIMEOUT_MS 30000
#define IMAGE_INFO_MAX (1024 * 1024)

/* ---- disks ---- */

/* The disk called @path: by target, or by its image. */
static const VirQemuDevice *
find_disk(const VirQemuDef *def, const char *path, GError **error)
{
    for (guint i = 0; i < def->n_disks; i++) {
        if (g_strcmp0(def->disks[i].target, path) == 0 || g_strcmp0(def->disks[i].path, path) == 0)
            return &def->disks[i];
    }
    vir_error_set(error, VIR_ERR_INVALID_ARG, "invalid path '%s' not assigned to domain", path);
    return NULL;
}

/* The counters of @path, of all disks together where it is empty. */
static gboolean
block_counters(VirQemuDomain *dom, const char *path, VirQemuBlock *sum, GError **error)
{
    g_autoptr(VirQemuStats) stats = NULL;
    const VirQemuDevice *disk = NULL;

    if (!vir_qemu_domain_check_active(dom, error))
        return FALSE;
    if (path[0] != '\0' && (disk = find_disk(dom->live, path, error)) == NULL)
        return FALSE;
    if (!vir_qemu_stats_refresh(dom, error))
        return FALSE;
    stats = vir_qemu_stats_get(dom);
    memset(sum, 0, sizeof(*sum));
    for (guint i = 0; i < stats->n_blocks; i++) {
        const VirQemuBlock *block = &stats->blocks[i];

        if (disk != NULL && g_strcmp0(disk->alias, block->alias) != 0)
            continue;
        sum->rd_ops += block->rd_ops;
        sum->rd_bytes += block->rd_bytes;
        sum->rd_ns += block->rd_ns;
        sum->wr_ops += block->wr_ops;
        sum->wr_bytes += block->wr_bytes;
        sum->wr_ns += block->wr_ns;
        sum->fl_ops += block->fl_ops;
        sum->fl_ns += block->fl_ns;
        sum->highest += block->highest;
        sum->capacity += block->capacity;
        sum->physical += block->physical;
    }
    return TRUE;
}

HANDLER(domain_block_stats)
{
    VirQemuBlock block;

    if (!block_counters(CALL_DOMAIN(call), args->path, &block, error))
        return FALSE;
    ret->rd_req = (quad_t)block.rd_ops;
    ret->rd_bytes = (quad_t)block.rd_bytes;
    ret->wr_req = (quad_t)block.wr_ops;
    ret->wr_bytes = (quad_t)block.wr_bytes;
    ret->errs = -1;
    return TRUE;
}

HANDLER(domain_block_stats_flags)
{
    VirQemuBlock block;
    GArray *params;

    if (!vir_qemu_check_flags(call, args->flags, VIR_TYPED_PARAM_STRING_OKAY, error) ||
        !block_counters(CALL_DOMAIN(call), args->path, &block, error))
        return FALSE;
    params = vir_params_new();
    vir_params_add_llong(params, (gint64)block.wr_bytes, "wr_bytes");
    vir_params_add_llong(params, (gint64)block.wr_ops, "wr_operations");
    vir_params_add_llong(params, (gint64)block.rd_bytes, "rd_bytes");
    vir_params_add_llong(params, (gint64)block.rd_ops, "rd_operations");
    vir_params_add_llong(params, (gint64)block.fl_ops, "flush_operations");
    vir_params_add_llong(params, (gint64)block.wr_ns, "wr_total_times");
    vir_params_add_llong(params, (gint64)block.rd_ns, "rd_total_times");
    vir_params_add_llong(params, (gint64)block.fl_ns, "flush_total_times");
    ret->nparams = (int)params->len;
    /* A client that does not know how many there are asks with none. */
    if (args->nparams == 0) {
        vir_params_free(params);
        return TRUE;
    }
    if ((guint)args->nparams < params->len)
        g_array_set_size(params, (guint)args->nparams);
    ret->params.params_val = vir_params_steal(params, &ret->params.params_len);
    return TRUE;
}

/* The sizes of an image that no guest uses. */
static gboolean
image_sizes(const char *path, remote_domain_get_block_info_ret *ret, GError **error)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new("qemu-img");
    const char *const argv[] = {"info", "--output=json", path, NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status = 0;
    json_object *info;
    json_object *value;

    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_args(spawn, argv);
    if (!vir_spawn_run(spawn, IMAGE_INFO_TIMEOUT_MS, IMAGE_INFO_MAX, &out, &err, &status, error))
        return FALSE;
    info = status == 0 ? json_tokener_parse(out) : NULL;
    if (info == NULL)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "qemu-img cannot read '%s': %s", path,
                             g_strchomp(err));
    if (json_object_object_get_ex(info, "virtual-size", &value))
        ret->capacity = (u_quad_t)json_object_get_int64(value);
    if (json_object_object_get_ex(info, "actual-size", &value))
        ret->allocation = ret->physical = (u_quad_t)json_object_get_int64(value);
    json_object_put(info);
    return TRUE;
}

HANDLER(domain_get_block_info)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    const VirQemuDevice *disk;
    VirQemuBlock block;

    if (!vir_qemu_check_flags(call, args->flags, 0, error) || !vir_qemu_domain_check(dom, error))
        return FALSE;
    if (args->path[0] == '\0')
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s", "the path of the disk is empty");
    disk = find_disk(vir_qemu_domain_active(dom) ? dom->live : dom->config, args->path, error);
    if (disk == NULL)
        return FALSE;
    if (disk->path == NULL) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "disk '%s' does not currently have a "
                             "source assigned",
                             disk->target);
    }
    if (!vir_qemu_domain_active(dom))
        return image_sizes(disk->path, ret, error);
    if (!block_counters(dom, args->path, &block, error))
        return FALSE;
    ret->capacity = block.capacity;
    ret->allocation = block.highest != 0 ? block.highest : block.physical;
    ret->physical = block.physical;
    return TRUE;
}

/* ---- memory ---- */

static guint64
resident_kib(VirQemuDomain *dom)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    unsigned long long pages = 0;

    path = g_strdup_printf("/proc/%d/statm", (int)vir_qemu_process_pid(process));
    if (!g_file_get_contents(path, &text, NULL, NULL) || sscanf(text, "%*u %llu", &pages) != 1)
        return 0;
    return pages * (guint64)sysconf(_SC_PAGESIZE) / 1024;
}

static void
add_memory(GArray *stats, int tag, guint64 value)
{
    remote_domain_memory_stat stat = {.tag = tag, .val = value};

    g_array_append_val(stats, stat);
}

/* Numbers that the guest gave its balloon driver; bytes become KiB, "not known" is -1. */
static void
add_guest_memory(GArray *stats, json_object *balloon)
{
    static const struct {
        const char *name;
        int tag;
        guint64 unit;
    } rows[] = {
        {"stat-swap-in", VIR_DOMAIN_MEMORY_STAT_SWAP_IN, 1024},
        {"stat-swap-out", VIR_DOMAIN_MEMORY_STAT_SWAP_OUT, 1024},
        {"stat-major-faults", VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT, 1},
        {"stat-minor-faults", VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT, 1},
        {"stat-free-memory", VIR_DOMAIN_MEMORY_STAT_UNUSED, 1024},
        {"stat-total-memory", VIR_DOMAIN_MEMORY_STAT_AVAILABLE, 1024},
        {"stat-available-memory", VIR_DOMAIN_MEMORY_STAT_USABLE, 1024},
        {"stat-disk-caches", VIR_DOMAIN_MEMORY_STAT_DISK_CACHES, 1024},
        {"stat-htlb-pgalloc", VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC, 1},
        {"stat-htlb-pgfail", VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, 1},
    };
    json_object *numbers;
    json_object *value;

    if (!json_object_is_type(balloon, json_type_object))
        return;
    if (json_object_object_get_ex(balloon, "stats", &numbers) &&
        json_object_is_type(numbers, json_type_object)) {
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
            guint64 n;

            if (!json_object_object_get_ex(numbers, rows[i].name, &value))
                continue;
            n = json_object_get_uint64(value);
            if (n != G_MAXUINT64 && json_object_get_int64(value) != -1)
                add_memory(stats, rows[i].tag, n / rows[i].unit);
        }
    }
    if (json_object_object_get_ex(balloon, "last-update", &value))
        add_memory(stats, VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE,
                   (guint64)json_object_get_int64(value));
}

HANDLER(domain_memory_stats)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    g_autoptr(VirQemuStats) cached = NULL;
    GArray *stats;
    gsize n = 0;

    if (!vir_qemu_check_flags(call, args->flags, 0, error) ||
        !vir_qemu_domain_check_active(dom, error) || !vir_qemu_stats_refresh(dom, error))
        return FALSE;
    cached = vir_qemu_stats_get(dom);
    stats = g_array_new(FALSE, FALSE, sizeof(remote_domain_memory_stat));
    add_memory(stats, VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, dom->balloon);
    add_guest_memory(stats, cached->balloon);
    add_memory(stats, VIR_DOMAIN_MEMORY_STAT_RSS, resident_kib(dom));
    g_array_set_size(stats, MIN(stats->len, args->maxStats));
    ret->stats.stats_val = g_array_steal(stats, &n);
    ret->stats.stats_len = (u_int)n;
    g_array_unref(stats);
    return TRUE;
}

/* ---- processors ---- */

/* Host processor (field 39 of proc(5)) and run time of a thread. */
static void
thread_place(pid_t pid, pid_t tid, remote_vcpu_info *info)
{
    g_autofree char *stat_path = g_strdup_printf("/proc/%d/task/%d/stat", (int)pid, (int)tid);
    g_autofree char *time_path = g_strdup_printf("/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
    g_autofree char *stat = NULL;
    g_autofree char *time = NULL;
    const char *rest = NULL;
    unsigned long long ns = 0;

    if (g_file_get_contents(stat_path, &stat, NULL, NULL))
        rest = strrchr(stat, ')');
    for (int field = 2; rest != NULL && field < 39; field++) {
        rest = strchr(rest, ' ');
        if (rest != NULL)
            rest++;
    }
    info->cpu = rest != NULL ? atoi(rest) : -1;
    if (g_file_get_contents(time_path, &time, NULL, NULL) && sscanf(time, "%llu", &ns) != 1)
        ns = 0;
    info->cpu_time = ns;
}

HANDLER(domain_get_vcpus)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    guint n;
    guint cpus = g_get_num_processors();
    int maplen = args->maplen;

    if (!vir_qemu_domain_check(dom, error))
        return FALSE;
    if (!vir_qemu_domain_active(dom) || process == NULL) {
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s",
                             "cannot retrieve vcpu information for inactive domain");
    }
    if (args->maxinfo < 0 || args->maxinfo > REMOTE_VCPUINFO_MAX || maplen < 0 ||
        (gint64)args->maxinfo * maplen > REMOTE_CPUMAPS_MAX) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%d processors with maps of %d bytes",
                             args->maxinfo, maplen);
    }
    n = MIN((guint)args->maxinfo, dom->vcpu_tids->len);
    ret->info.info_val = g_new0(remote_vcpu_info, n);
    ret->info.info_len = n;
    ret->cpumaps.cpumaps_val = g_malloc0((gsize)n * (gsize)maplen);
    ret->cpumaps.cpumaps_len = n * (guint)maplen;
    for (guint i = 0; i < n; i++) {
        ret->info.info_val[i].number = i;
        ret->info.info_val[i].state = VIR_VCPU_RUNNING;
        thread_place(vir_qemu_process_pid(process), g_array_index(dom->vcpu_tids, pid_t, i),
                     &ret->info.info_val[i]);
        for (guint cpu = 0; cpu < cpus && cpu / 8 < (guint)maplen; cpu++)
            ret->cpumaps.cpumaps_val[i * (guint)maplen + cpu / 8] |= (char)(1 << (cpu % 8));
    }
    return TRUE;
}

HANDLER(domain_get_cpu_stats)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    g_autoptr(VirDomainView) view = NULL;
    guint64 user;
    guint64 sys;
    guint64 total;
    GArray *params;

    if (!vir_qemu_check_flags(call, args->flags, VIR_TYPED_PARAM_STRING_OKAY, error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    if (args->start_cpu != -1) {
        return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED, "%s",
                             "CPU statistics by host processor need a control group");
    }
    view = vir_object_view(dom);
    total = vir_qemu_cpu_time(view, &user, &sys);
    params = vir_params_new();
    vir_params_add_ullong(params, total, "cpu_time");
    vir_params_add_ullong(params, user, "user_time");
    vir_params_add_ullong(params, sys, "system_time");
    ret->nparams = (int)params->len;
    if (args->nparams == 0) {
        vir_params_free(params);
        return TRUE;
    }
    if (args->nparams < params->len)
        g_array_set_size(params, args->nparams);
    ret->nparams = (int)params->len;
    ret->params.params_val = vir_params_steal(params, &ret->params.params_len);
    return TRUE;
}

/* ---- the monitor itself ---- */

static gboolean
human_command(VirQemuDomain *dom, const char *line, char **result, GError **error)
{
    json_object *args = json_object_new_object();
    json_object *answer = NULL;

    json_object_object_add(args, "command-line", json_object_new_string(line));
    if (!vir_qemu_domain_qmp(dom, "human-monitor-command", args, &answer, error))
        return FALSE;
    *result = g_strdup(json_object_get_string(answer));
    json_object_put(answer);
    return TRUE;
}

static gboolean
machine_command(VirQemuDomain *dom, const char *text, char **result, GError **error)
{
    enum json_tokener_error why = json_tokener_success;
    json_object *command = json_tokener_parse_verbose(text, &why);
    json_object *name;
    json_object *args = NULL;
    json_object *answer = NULL;
    json_object *whole;
    g_autoptr(GError) failed = NULL;
    g_autofree char *execute = NULL;

    if (!json_object_is_type(command, json_type_object) ||
        !json_object_object_get_ex(command, "execute", &name) ||
        !json_object_is_type(name, json_type_string)) {
        json_object_put(command);
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "this is no QMP command: %s",
                             why != json_tokener_success ? json_tokener_error_desc(why)
                                                         : "it has no member 'execute'");
    }
    execute = g_strdup(json_object_get_string(name));
    if (json_object_object_get_ex(command, "arguments", &args))
        json_object_get(args);
    json_object_put(command);
    whole = json_object_new_object();
    if (vir_qemu_domain_qmp(dom, execute, args, &answer, &failed)) {
        json_object_object_add(whole, "return", answer);
    } else if (vir_qmp_error_class(failed) != NULL) {
        /* QEMU's refusal is an answer like any other to who speaks QMP. */
        json_object *reason = json_object_new_object();

        json_object_object_add(reason, "class",
                               json_object_new_string(vir_qmp_error_class(failed)));
        json_object_object_add(reason, "desc", json_object_new_string(failed->message));
        json_object_object_add(whole, "error", reason);
    } else {
        json_object_put(whole);
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    *result = g_strdup(json_object_to_json_string_ext(whole, JSON_C_TO_STRING_PLAIN |
                                                                 JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(whole);
    return TRUE;
}

gboolean
vir_qemu_do_qemu_domain_monitor_command(VirCall *call, const qemu_domain_monitor_command_args *args,
                                        qemu_domain_monitor_command_ret *ret, GError **error)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    gboolean ok;

    if (!vir_qemu_check_flags(call, args->flags, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP, error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    ok = args->flags & VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP
             ? human_command(dom, args->cmd, &ret->result, error)
             : machine_command(dom, args->cmd, &ret->result, error);
    vir_qemu_drain_events(dom);
    return ok;
}

/* ---- screen ---- */

HANDLER(domain_screenshot)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    gboolean png;
    g_autofree char *path = NULL;
    json_object *command;
    VIR_AUTOCLOSE fd = -1;

    if (!vir_qemu_check_flags(call, args->flags, 0, error) ||
        !vir_qemu_domain_check_active(dom, error))
        return FALSE;
    if (args->screen != 0 || dom->def->devices.n_videos == 0) {
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "domain '%s' has no screen %u",
                             dom->def->name, args->screen);
    }
    png = dom->caps != NULL && dom->caps->version >= 7001000;
    path = g_strconcat(dom->lib_dir, "/screenshot", NULL);
    command = json_object_new_object();
    json_object_object_add(command, "filename", json_object_new_string(path));
    if (png)
        json_object_object_add(command, "format", json_object_new_string("png"));
    if (!vir_qemu_domain_qmp(dom, "screendump", command, NULL, error))
        return FALSE;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return vir_error_set_errno(error, errno, "cannot open the screenshot '%s'", path);
    unlink(path);
    ret->mime = g_new0(remote_nonnull_string, 1);
    *ret->mime = g_strdup(png ? "image/png" : "image/x-portable-pixmap");
    vir_stream_pump_fd(call->stream, fd);
    fd = -1;
    return TRUE;
}

HANDLER_PLAIN(connect_get_version)
{
    VirQemuDriver *driver = CALL_DRIVER(call);
    const char *host = vir_qemu_host_arch(driver);
    g_autofree char *emulator = vir_caps_find_emulator(host, host, error);
    g_autoptr(VirQemuCaps) caps = NULL;

    if (emulator == NULL)
        return FALSE;
    caps = vir_caps_cache_get(driver->caps, emulator, error);
    if (caps == NULL)
        return FALSE;
    ret->hv_ver = caps->version;
    return TRUE;
}

HANDLER(connect_get_max_vcpus)
{
    const char *type = args->type != NULL ? *args->type : "qemu";
    gboolean kvm = g_ascii_strcasecmp(type, "kvm") == 0;

    if (!kvm && g_ascii_strcasecmp(type, "qemu") != 0)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown type '%s'", type);
    /* What TCG of a PC machine takes; KVM's limit is the kernel's. */
    ret->max_vcpus = 255;
    return TRUE;
}
