/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lifecycle.h"

#include "command.h"
#include "disk-start.h"
#include "events.h"
#include "handlers.h"
#include "memory-host.h"
#include "nvram-host.h"
#include "passwords.h"
#include "persist.h"
#include "props.h"
#include "vir-device.h"
#include "vir-domain-device.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.lifecycle");

/* A QEMU that fails tells why in a few lines. */
#define LOG_TAIL 2048
#define END_WAIT_MS 5000

static int
open_log(VirQemuDomain *dom, const char *name, GError **error)
{
    g_autofree char *path = g_strconcat(dom->driver->dirs.log, "/", name, ".log", NULL);
    int fd;

    if (!vir_dir_make(dom->driver->dirs.log, 0700, error))
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open the log '%s'", path);
    return fd;
}

static char *
log_time(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");

    return g_strdup_printf("%s.%03d+0000", seconds, g_date_time_get_microsecond(now) / 1000);
}

static void
log_write(int fd, const char *text)
{
    gsize len = strlen(text);

    /* A log that is full does not stop a guest. */
    if (write(fd, text, len) < (gssize)len)
        vir_debug("a log line is cut");
}

void
vir_qemu_log(VirQemuDomain *dom, const char *fmt, ...)
{
    g_autoptr(GError) error = NULL;
    VIR_AUTOCLOSE fd = open_log(dom, dom->def->name, &error);
    g_autofree char *time = log_time();
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;
    va_list args;

    if (fd < 0) {
        vir_warn("%s", error->message);
        return;
    }
    va_start(args, fmt);
    text = g_strdup_vprintf(fmt, args);
    va_end(args);
    line = g_strdup_printf("%s: %s\n", time, text);
    log_write(fd, line);
}

static void
log_start(int fd, const VirQemuCaps *caps, const VirSpawn *spawn)
{
    g_autofree char *time = log_time();
    g_autofree char *command = vir_spawn_to_string(spawn, TRUE);
    g_autofree char *text = NULL;
    struct utsname host = {0};

    uname(&host);
    text = g_strdup_printf("%s: starting up libvirt version: %s, qemu version: %u.%u.%u%s%s, "
                           "kernel: %s, hostname: %s\n%s\n",
                           time, VIR_VERSION, caps->version / 1000000, caps->version / 1000 % 1000,
                           caps->version % 1000,
                           caps->package != NULL && caps->package[0] != '\0' ? ", package: " : "",
                           caps->package != NULL ? caps->package : "", host.release, host.nodename,
                           command);
    log_write(fd, text);
}

/* What QEMU wrote since @from, at most the last LOG_TAIL bytes, in one piece. */
static char *
log_tail(int fd, off_t from)
{
    char buf[LOG_TAIL + 1];
    off_t end = lseek(fd, 0, SEEK_END);
    gssize n;

    if (end <= from)
        return g_strdup("");
    n = pread(fd, buf, LOG_TAIL, MAX(from, end - LOG_TAIL));
    buf[MAX(n, 0)] = '\0';
    return g_strdup(g_strchomp(buf));
}

/* ---- preparation ---- */

/* A port of the guest's, given back with all others when it ends. */
static int
take_port(void *data, VirGraphicsPort kind, GError **error)
{
    VirQemuDomain *dom = data;
    const VirQemuConf *conf = &dom->driver->conf;
    gboolean websocket = kind == VIR_GRAPHICS_PORT_WEBSOCKET;
    int min = websocket ? conf->websocket_min : conf->port_min;
    int max = websocket ? conf->websocket_max : conf->port_max;
    int port = vir_qemu_port_take(dom->driver, min, max);

    if (port < 0)
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "no port from %d to %d is free", min, max);
    else
        g_array_append_val(dom->ports, port);
    return port;
}

static gboolean
prepare_graphics(VirQemuDomain *dom, GError **error)
{
    VirGraphicsPorts ports = {take_port, dom};

    return vir_graphics_prepare(dom->def, &dom->driver->env, dom->lib_dir, &ports, error);
}

static gboolean
check_files(const VirDomainDef *def, GError **error)
{
    const char *const files[] = {def->os.kernel, def->os.initrd, def->os.dtb};

    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        if (files[i] != NULL && access(files[i], R_OK) < 0)
            return vir_error_set_errno(error, errno, "cannot access boot file '%s'", files[i]);
    }
    return TRUE;
}

/* The definition as it runs: of its own, with id, aliases and ports. */
static gboolean
prepare_def(VirQemuDomain *dom, VirDomainDef *given, GError **error)
{
    g_autoptr(VirDomainDef) def = given;
    VirModel model;

    if (def == NULL)
        def = vir_qemu_def_open(dom->config, error);
    if (def == NULL)
        return FALSE;
    if (def->devices.emulator == NULL)
        def->devices.emulator =
            vir_caps_find_emulator(dom->driver->env.host_arch, def->os.arch, error);
    if (def->devices.emulator == NULL)
        return FALSE;
    dom->caps = vir_caps_cache_get(dom->driver->caps, def->devices.emulator, error);
    if (dom->caps == NULL)
        return FALSE;
    model = (VirModel){def, dom->caps, &dom->driver->env, 0};
    if (!vir_device_complete(&model, error) || !vir_device_check_start(def, error) ||
        !check_files(def, error) || !vir_qemu_disks_prepare(def, error) ||
        !vir_device_prepare(&model, error))
        return FALSE;
    dom->ports = g_array_new(FALSE, FALSE, sizeof(int));
    dom->id = __atomic_add_fetch(&dom->driver->last_id, 1, __ATOMIC_RELAXED);
    def->id = dom->id;
    def->has_id = true;
    dom->def = g_steal_pointer(&def);
    return TRUE;
}

static gboolean
make_lib_dir(VirQemuDomain *dom, GError **error)
{
    g_autofree char *run = vir_command_run_name(dom->def);

    dom->lib_dir = g_strdup_printf("%s/domain-%s", dom->driver->dirs.lib, run);
    return vir_dir_make(dom->lib_dir, 0700, error);
}

static char *
channel_folder(const VirQemuDomain *dom)
{
    return g_build_filename(dom->driver->dirs.channel, vir_command_short_name(dom->lib_dir), NULL);
}

static gboolean
prepare_channels(VirQemuDomain *dom, GError **error)
{
    g_autofree char *dir = channel_folder(dom);

    return !vir_channels_prepare(dom->def, dir) || vir_dir_make(dir, 0700, error);
}

/* QEMU got its sockets as open files, and so does not remove them. */
static gboolean
remove_socket(const VirDomainDevice *device, void *data, GError **error)
{
    const VirDomainChardev *src = device->chardev;

    if (src && src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX &&
        src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND && src->path && unlink(src->path) < 0)
        vir_debug("cannot remove '%s': %s", src->path, g_strerror(errno));
    return TRUE;
}

/* ---- the process ---- */

/* The key that secrets on the command line are encrypted with: a file that QEMU alone can read. */
static char *
write_master_key(VirQemuDomain *dom, guint8 *key, gsize len, GError **error)
{
    g_autofree char *path = g_build_filename(dom->lib_dir, "master-key.aes", NULL);

    dom->driver->env.random(key, len);
    return vir_file_write_run(path, (const char *)key, (gssize)len, 0600, error)
               ? g_steal_pointer(&path)
               : NULL;
}

static gboolean
spawn_qemu(VirQemuDomain *dom, int log, off_t *log_from, int *client, GError **error)
{
    g_autofree char *monitor = g_strconcat(dom->lib_dir, "/monitor.sock", NULL);
    guint8 key[VIR_MASTER_KEY_LEN];
    g_autofree char *key_file = write_master_key(dom, key, sizeof(key), error);
    g_autoptr(GPtrArray) memory_dirs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(VirBitmap) nodes = NULL;
    VIR_AUTOCLOSE listener = -1;
    VIR_AUTOCLOSE pidfd = -1;
    g_autoptr(VirSpawn) spawn = NULL;
    VirQemuProcess *process;
    pid_t pid;

    if (key_file == NULL || !vir_qemu_env_advice(&dom->driver->env, dom->def, &nodes, error) ||
        !vir_qmp_listen(monitor, &listener, client, error))
        return FALSE;
    VirCommandContext context = {
        .lib_dir = dom->lib_dir,
        .master_key = key_file,
        .master_key_bytes = key,
        .auto_nodes = nodes,
        .memory_dirs = memory_dirs,
        .monitor_fd = listener,
    };
    spawn = vir_command_build(dom->def, dom->caps, &dom->driver->env, &context, error);
    explicit_bzero(key, sizeof(key));
    if (spawn == NULL)
        return FALSE;
    listener = -1;
    if (!vir_qemu_memory_make_dirs(memory_dirs, error))
        return FALSE;
    vir_spawn_set_stdio(spawn, -1, log, log);
    vir_spawn_set_detached(spawn, TRUE);
    log_start(log, dom->caps, spawn);
    *log_from = lseek(log, 0, SEEK_END);
    pid = vir_spawn_start(spawn, &pidfd, error);
    if (pid < 0)
        return FALSE;
    process = vir_qemu_process_new(dom, pid, pidfd, vir_qemu_process_start_time(pid));
    pidfd = -1;
    pthread_mutex_lock(&dom->lock);
    dom->process = process;
    pthread_mutex_unlock(&dom->lock);
    return TRUE;
}

/* Paths of terminals, as QEMU found them. */
static void
take_pty(VirDomainChardev *chardev, const char *alias, json_object *list)
{
    gsize n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    g_autofree char *label = g_strconcat("char", alias, NULL);

    if (chardev->type != VIR_DOMAIN_CHARDEV_TYPE_PTY || alias == NULL)
        return;
    for (gsize i = 0; i < n; i++) {
        json_object *entry = json_object_array_get_idx(list, i);
        json_object *name;
        json_object *file;

        if (json_object_object_get_ex(entry, "label", &name) &&
            json_object_object_get_ex(entry, "filename", &file) &&
            g_strcmp0(json_object_get_string(name), label) == 0 &&
            g_str_has_prefix(json_object_get_string(file), "pty:")) {
            g_free(chardev->path);
            chardev->path = g_strdup(json_object_get_string(file) + strlen("pty:"));
        }
    }
}

static void
take_ptys(VirDomainDef *def, json_object *list)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_serials; i++)
        take_pty(&devices->serials[i]->src, devices->serials[i]->info.alias, list);
    for (guint i = 0; i < devices->n_parallels; i++)
        take_pty(&devices->parallels[i]->src, devices->parallels[i]->info.alias, list);
    for (guint i = 0; i < devices->n_channels; i++)
        take_pty(&devices->channels[i]->src, devices->channels[i]->info.alias, list);
    for (guint i = 0; i < devices->n_consoles; i++) {
        VirDomainConsole *console = devices->consoles[i];

        take_pty(&console->src, console->info.alias, list);
        /* The first console is another name of the first serial port. */
        if (i == 0 && console->src.path == NULL && devices->n_serials > 0 &&
            console->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL)
            console->src.path = g_strdup(devices->serials[0]->src.path);
        if (console->src.type == VIR_DOMAIN_CHARDEV_TYPE_PTY && console->src.tty == NULL)
            console->src.tty = g_strdup(console->src.path);
    }
}

static void
take_threads(VirQemuDomain *dom, json_object *list)
{
    gsize n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    g_clear_pointer(&dom->vcpu_tids, g_array_unref);
    dom->vcpu_tids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    for (gsize i = 0; i < n; i++) {
        json_object *tid;
        pid_t value = 0;

        if (json_object_object_get_ex(json_object_array_get_idx(list, i), "thread-id", &tid))
            value = (pid_t)json_object_get_int(tid);
        g_array_append_val(dom->vcpu_tids, value);
    }
}

static gboolean
has_balloon(const VirDomainDef *def)
{
    return def->devices.memballoon != NULL &&
           def->devices.memballoon->model != VIR_DOMAIN_MEMBALLOON_MODEL_NONE;
}

/* The three questions go out together. */
gboolean
vir_qemu_refresh(VirQemuDomain *dom, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(VirQmp) qmp = vir_qemu_process_qmp(process);
    int timeout = dom->driver->conf.monitor_timeout_ms;
    g_autoptr(VirPromise) cpus = NULL;
    g_autoptr(VirPromise) chardevs = NULL;
    g_autoptr(VirPromise) balloon = NULL;
    json_object *answer = NULL;
    json_object *actual;

    if (qmp == NULL)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "QEMU of domain '%s' has ended",
                             dom->def->name);
    cpus = vir_qmp_send(qmp, "query-cpus-fast", NULL);
    chardevs = vir_qmp_send(qmp, "query-chardev", NULL);
    if (has_balloon(dom->def))
        balloon = vir_qmp_send(qmp, "query-balloon", NULL);
    if (!vir_qmp_wait(qmp, cpus, "query-cpus-fast", timeout, &answer, error))
        return FALSE;
    take_threads(dom, answer);
    g_clear_pointer(&answer, json_object_put);
    if (!vir_qmp_wait(qmp, chardevs, "query-chardev", timeout, &answer, error))
        return FALSE;
    take_ptys(dom->def, answer);
    g_clear_pointer(&answer, json_object_put);
    dom->balloon = dom->def->has_current_memory ? dom->def->current_memory : dom->def->memory;
    /* A balloon that the guest has not opened yet has no size. */
    if (balloon != NULL && vir_qmp_wait(qmp, balloon, "query-balloon", timeout, &answer, NULL)) {
        if (json_object_object_get_ex(answer, "actual", &actual))
            dom->balloon = (guint64)json_object_get_int64(actual) / 1024;
        json_object_put(answer);
    }
    return TRUE;
}

void
vir_qemu_set_state(VirQemuDomain *dom, int state, int reason)
{
    g_autoptr(GError) error = NULL;

    dom->state = state;
    dom->reason = reason;
    if (!vir_qemu_status_write(dom, &error))
        vir_err("%s: %s", vir_strand_name(dom->base.strand), error->message);
    vir_qemu_domain_publish(dom);
}

/* A guest that shall not come back from a reboot halts instead; SHUTDOWN then says why. */
static gboolean
set_reboot_action(VirQemuDomain *dom, GError **error)
{
    json_object *args;

    if (dom->def->on_reboot != VIR_DOMAIN_LIFECYCLE_DESTROY)
        return TRUE;
    args = json_object_new_object();
    json_object_object_add(args, "reboot", json_object_new_string("shutdown"));
    return vir_qemu_domain_qmp(dom, "set-action", args, NULL, error);
}

/* QEMU plugs every cable in. */
static gboolean
unplug_cables(VirQemuDomain *dom, GError **error)
{
    for (guint i = 0; i < dom->def->devices.n_interfaces; i++) {
        const VirDomainInterface *net = dom->def->devices.interfaces[i];

        if (net->link == VIR_DOMAIN_INTERFACE_LINK_DOWN &&
            net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
            !vir_qemu_domain_qmp(dom, "set_link",
                                 vir_props_new("s:name", net->info.alias, "b:up", FALSE, NULL),
                                 NULL, error))
            return FALSE;
    }
    return TRUE;
}

/* How often the balloon asks the guest for its statistics. */
static gboolean
set_balloon_period(VirQemuDomain *dom, GError **error)
{
    const VirDomainMemballoon *balloon = dom->def->devices.memballoon;
    g_autofree char *path = NULL;

    if (!has_balloon(dom->def) || balloon->stats_period == 0)
        return TRUE;
    path = g_strconcat("/machine/peripheral/", balloon->info.alias, NULL);
    return vir_qemu_domain_qmp(dom, "qom-set",
                               vir_props_new("s:path", path, "s:property",
                                             "guest-stats-polling-interval", "u:value",
                                             (guint64)balloon->stats_period, NULL),
                               NULL, error);
}

/* From the process on: monitor, first status, running. */
static gboolean
bring_up(VirQemuDomain *dom, int client, unsigned flags, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);

    vir_qemu_process_attach(process, vir_strand_name(dom->base.strand), client);
    dom->state = VIR_DOMAIN_PAUSED;
    dom->reason = VIR_DOMAIN_PAUSED_STARTING_UP;
    /* From here on another daemon finds the guest. */
    if (!vir_qemu_status_write(dom, error) || !vir_qemu_pid_write(dom, error) ||
        !vir_qemu_refresh(dom, error) || !set_reboot_action(dom, error) ||
        !unplug_cables(dom, error) || !vir_qemu_set_passwords(dom, error) ||
        !set_balloon_period(dom, error) || !vir_qemu_disks_started(dom, error))
        return FALSE;
    vir_registry_set_id(dom->driver->domains, &dom->base, dom->id);
    if (flags & VIR_DOMAIN_START_PAUSED) {
        dom->reason = VIR_DOMAIN_PAUSED_USER;
        return vir_qemu_domain_save_live(dom, error);
    }
    dom->live = vir_qemu_def_new(dom->def, TRUE, error);
    if (dom->live == NULL)
        return FALSE;
    dom->resume_reason = VIR_DOMAIN_RUNNING_BOOTED;
    if (!vir_qemu_domain_qmp(dom, "cont", NULL, NULL, error))
        return FALSE;
    vir_qemu_drain_events(dom);
    if (dom->state == VIR_DOMAIN_PAUSED && dom->reason == VIR_DOMAIN_PAUSED_STARTING_UP)
        vir_qemu_set_state(dom, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED);
    return TRUE;
}

/* Undoes a start; says what QEMU said where that is why. */
static void
give_up(VirQemuDomain *dom, int log, off_t log_from, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autofree char *tail = NULL;

    if (process != NULL) {
        gboolean ended = vir_promise_wait(vir_qemu_process_ended(process), 0, "", NULL, NULL);

        if (!ended && vir_error_code(*error) == VIR_ERR_OPERATION_FAILED)
            ended = vir_promise_wait(vir_qemu_process_ended(process), END_WAIT_MS, "", NULL, NULL);
        vir_qemu_process_signal(process, SIGKILL, NULL);
        tail = ended ? log_tail(log, log_from) : NULL;
    }
    if (tail != NULL) {
        g_clear_error(error);
        vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                      "QEMU of domain '%s' ended while it started: %s", dom->def->name,
                      tail[0] != '\0' ? tail : "it said nothing");
    }
    if (dom->def != NULL)
        vir_qemu_log(dom, "start failed, reason=failed");
}

static void
clear_run(VirQemuDomain *dom)
{
    VirQemuProcess *process;

    dom->unsure = FALSE;
    pthread_mutex_lock(&dom->lock);
    g_clear_pointer(&dom->streams, g_hash_table_unref);
    process = g_steal_pointer(&dom->process);
    pthread_mutex_unlock(&dom->lock);
    if (process != NULL) {
        g_autoptr(VirQmp) qmp = vir_qemu_process_qmp(process);

        if (qmp != NULL)
            vir_qmp_close(qmp);
        vir_qemu_process_unref(process);
        vir_domain_each_device(dom->def, remove_socket, NULL, NULL);
    }
    if (dom->def != NULL) {
        dom->driver->env.release_interfaces(&dom->driver->env, dom->def);
        vir_qemu_status_remove(dom->driver, dom->def->name);
    }
    vir_qemu_stats_forget(dom);
    for (guint i = 0; dom->ports != NULL && i < dom->ports->len; i++)
        vir_qemu_port_give(dom->driver, g_array_index(dom->ports, int, i));
    g_clear_pointer(&dom->ports, g_array_unref);
    g_clear_pointer(&dom->vcpu_tids, g_array_unref);
    if (dom->lib_dir != NULL) {
        g_autofree char *channels = channel_folder(dom);

        vir_qemu_memory_remove_dirs(dom);
        vir_qemu_remove_dir(channels);
        vir_qemu_remove_dir(dom->lib_dir);
    }
    g_clear_pointer(&dom->lib_dir, g_free);
    g_clear_pointer(&dom->unreachable, g_free);
    g_clear_pointer(&dom->caps, vir_qemu_caps_unref);
    g_clear_pointer(&dom->def, vir_domain_def_free);
    dom->id = -1;
    dom->balloon = 0;
    dom->fake_reboot = dom->autodestroy = FALSE;
    dom->pause_reason = dom->resume_reason = dom->stop_reason = 0;
}

gboolean
vir_qemu_start(VirQemuDomain *dom, VirDomainDef *def, unsigned flags, GError **error)
{
    VIR_AUTOCLOSE log = -1;
    int client = -1;
    off_t log_from = 0;
    g_autoptr(GError) local = NULL;
    gboolean ok;

    if (vir_qemu_domain_active(dom) || dom->unreachable != NULL) {
        vir_domain_def_free(def);
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s%s%s",
                             "domain is already running", dom->unreachable != NULL ? "; " : "",
                             dom->unreachable != NULL ? dom->unreachable : "");
    }
    dom->autodestroy = (flags & VIR_DOMAIN_START_AUTODESTROY) != 0;
    ok = prepare_def(dom, def, &local) && (log = open_log(dom, dom->def->name, &local)) >= 0 &&
         vir_qemu_nvram_make(dom->def, (flags & VIR_DOMAIN_START_RESET_NVRAM) != 0, &local) &&
         make_lib_dir(dom, &local) && prepare_graphics(dom, &local) &&
         prepare_channels(dom, &local) && spawn_qemu(dom, log, &log_from, &client, &local) &&
         bring_up(dom, client, flags, &local);
    if (!ok) {
        give_up(dom, log, log_from, &local);
        vir_registry_set_id(dom->driver->domains, &dom->base, -1);
        g_clear_pointer(&dom->live, vir_qemu_def_unref);
        clear_run(dom);
        dom->state = VIR_DOMAIN_SHUTOFF;
        dom->reason = VIR_DOMAIN_SHUTOFF_FAILED;
        vir_qemu_domain_publish(dom);
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    vir_daemon_inhibit(dom->driver->daemon);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED);
    if (flags & VIR_DOMAIN_START_PAUSED) {
        vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    }
    return TRUE;
}

/* ---- the end ---- */

/* What clients are told of a reason. */
static int
stopped_detail(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_SHUTOFF_SHUTDOWN:
        return VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN;
    case VIR_DOMAIN_SHUTOFF_DESTROYED:
        return VIR_DOMAIN_EVENT_STOPPED_DESTROYED;
    case VIR_DOMAIN_SHUTOFF_SAVED:
        return VIR_DOMAIN_EVENT_STOPPED_SAVED;
    case VIR_DOMAIN_SHUTOFF_MIGRATED:
        return VIR_DOMAIN_EVENT_STOPPED_MIGRATED;
    case VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT:
        return VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT;
    default:
        return VIR_DOMAIN_EVENT_STOPPED_FAILED;
    }
}

void
vir_qemu_stopped(VirQemuDomain *dom, int reason)
{
    g_autoptr(VirQemuDef) last = g_steal_pointer(&dom->live);
    gboolean panicked = dom->state == VIR_DOMAIN_CRASHED;

    vir_qemu_log(dom, "shutting down, reason=%s", vir_qemu_reason_name(VIR_DOMAIN_SHUTOFF, reason));
    vir_registry_set_id(dom->driver->domains, &dom->base, -1);
    clear_run(dom);
    dom->state = VIR_DOMAIN_SHUTOFF;
    dom->reason = reason;
    if (dom->config == NULL)
        vir_qemu_domain_forget(dom);
    else
        vir_qemu_domain_publish(dom);
    /* The event names the domain by what it was. */
    dom->live = g_steal_pointer(&last);
    vir_qemu_emit_lifecycle(dom, VIR_DOMAIN_EVENT_STOPPED,
                            panicked ? VIR_DOMAIN_EVENT_STOPPED_CRASHED : stopped_detail(reason));
    g_clear_pointer(&dom->live, vir_qemu_def_unref);
    vir_daemon_uninhibit(dom->driver->daemon);
    __atomic_store_n(&dom->destroying, 0, __ATOMIC_RELEASE);
}

void
vir_qemu_interrupt(VirQemuDomain *dom, gboolean kill)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    g_autoptr(GError) error = NULL;

    __atomic_store_n(&dom->destroying, 1, __ATOMIC_RELEASE);
    vir_strand_cancel_running(dom->base.strand, "the domain is destroyed");
    if (kill && process != NULL && !vir_qemu_process_signal(process, SIGKILL, &error))
        vir_warn("%s: %s", vir_strand_name(dom->base.strand), error->message);
}

gboolean
vir_qemu_destroy(VirQemuDomain *dom, unsigned flags, GError **error)
{
    g_autoptr(VirQemuProcess) process = vir_qemu_domain_process(dom);
    gboolean graceful = (flags & VIR_DOMAIN_DESTROY_GRACEFUL) != 0;
    gboolean starting = __atomic_exchange_n(&dom->destroying, 0, __ATOMIC_ACQ_REL) != 0 &&
                        dom->reason == VIR_DOMAIN_SHUTOFF_FAILED;
    g_autofree char *log = NULL;

    if (!vir_qemu_domain_check(dom, error))
        return FALSE;
    if (!vir_qemu_domain_active(dom) || process == NULL) {
        /* A start that this call has cut short has cleaned up. */
        if (starting)
            return TRUE;
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "%s", "domain is not running");
    }
    if (!vir_qemu_process_signal(process, graceful ? SIGTERM : SIGKILL, error))
        return FALSE;
    if (!vir_promise_wait(vir_qemu_process_ended(process), graceful ? 15000 : 30000,
                          "the end of QEMU", NULL, error)) {
        g_prefix_error(error, "domain '%s' (process %d): ", dom->def->name,
                       (int)vir_qemu_process_pid(process));
        return FALSE;
    }
    log = g_strconcat(dom->driver->dirs.log, "/", dom->def->name, ".log", NULL);
    vir_qemu_drain_events(dom);
    vir_qemu_stopped(dom, VIR_DOMAIN_SHUTOFF_DESTROYED);
    return (flags & VIR_DOMAIN_DESTROY_REMOVE_LOGS) == 0 || vir_file_remove(log, error);
}

static gboolean
exited_work(VirQemuDomain *dom, void *data, GError **error)
{
    int reason;

    /* Of an older run, or one that destroy has cleaned up. */
    if (dom->process != data || !vir_qemu_domain_active(dom))
        return TRUE;
    vir_qemu_drain_events(dom);
    reason = dom->stop_reason;
    if (reason == 0 && dom->state == VIR_DOMAIN_SHUTDOWN)
        reason = VIR_DOMAIN_SHUTOFF_SHUTDOWN;
    if (reason == 0)
        reason = VIR_DOMAIN_SHUTOFF_CRASHED;
    vir_qemu_stopped(dom, reason);
    return TRUE;
}

static void
unref_process(void *process)
{
    vir_qemu_process_unref(process);
}

void
vir_qemu_exited(VirQemuDomain *dom, VirQemuProcess *process)
{
    if (dom->driver->stopping)
        return;
    vir_qemu_domain_post(dom, "end of QEMU", exited_work, vir_qemu_process_ref(process),
                         unref_process);
}

static gboolean
events_work(VirQemuDomain *dom, void *data, GError **error)
{
    if (dom->process == data && vir_qemu_domain_active(dom))
        vir_qemu_drain_events(dom);
    return TRUE;
}

void
vir_qemu_events_arrived(VirQemuDomain *dom, VirQemuProcess *process)
{
    vir_qemu_domain_post(dom, "event", events_work, vir_qemu_process_ref(process), unref_process);
}

/* A QEMU that ends closes its monitor first, so that a moment decides. */
static gboolean
monitor_lost_work(VirQemuDomain *dom, void *data, GError **error)
{
    VirQemuProcess *process = data;

    if (dom->process != process || !vir_qemu_domain_active(dom) ||
        vir_promise_wait(vir_qemu_process_ended(process), END_WAIT_MS, "the end of QEMU", NULL,
                         NULL))
        return TRUE;
    dom->unreachable = g_strdup_printf("its monitor is lost though process %d lives; restart "
                                       "virtqemud to connect again, or destroy the domain",
                                       (int)vir_qemu_process_pid(process));
    vir_warn("%s: %s", vir_strand_name(dom->base.strand), dom->unreachable);
    vir_qemu_domain_publish(dom);
    vir_qemu_emit_control_error(dom);
    return TRUE;
}

void
vir_qemu_monitor_lost(VirQemuDomain *dom, VirQemuProcess *process, const GError *why)
{
    vir_debug("%s: monitor closed: %s", vir_strand_name(dom->base.strand),
              why != NULL ? why->message : "by us");
    if (dom->driver->stopping || why == NULL)
        return;
    vir_qemu_domain_post(dom, "loss of the monitor", monitor_lost_work,
                         vir_qemu_process_ref(process), unref_process);
}

void
vir_qemu_abandon(VirQemuDomain *dom)
{
    g_autoptr(VirQemuProcess) process = g_steal_pointer(&dom->process);

    if (process != NULL)
        vir_qemu_process_abandon(process);
}
