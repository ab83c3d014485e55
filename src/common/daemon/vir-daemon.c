/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-daemon-private.h"

#include "vir-access.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-memory.h"
#include "vir-poller.h"
#include "vir-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

VIR_LOG_INIT("daemon");

/* How long running jobs may go on when the daemon ends; then what they wait for is given up. */
#define FINISH_MS 3000
#define GIVE_UP_MS 7000

const VirPaths *
vir_daemon_paths(const VirDaemon *daemon)
{
    return daemon->paths;
}

const VirConf *
vir_daemon_conf(const VirDaemon *daemon)
{
    return daemon->conf;
}

gboolean
vir_daemon_privileged(const VirDaemon *daemon)
{
    return daemon->privileged;
}

VirServer *
vir_daemon_server(VirDaemon *daemon)
{
    return daemon->server;
}

void
vir_daemon_set_relay(VirDaemon *daemon, VirRelay *relay)
{
    daemon->relay = relay;
}

void
vir_daemon_quit(VirDaemon *daemon)
{
    g_main_loop_quit(daemon->loop);
}

static gboolean
daemon_idle_long_enough(void *data)
{
    VirDaemon *daemon = data;

    daemon->idle_timer = 0;
    vir_info("no client and no work for %d s", daemon->timeout);
    vir_daemon_quit(daemon);
    return G_SOURCE_REMOVE;
}

/* Runs the timer of --timeout only while it can end the daemon. */
static gboolean
daemon_update_idle(void *data)
{
    VirDaemon *daemon = data;
    gboolean idle = daemon->timeout > 0 && daemon->busy == 0 &&
                    __atomic_load_n(&daemon->inhibitors, __ATOMIC_SEQ_CST) == 0;

    if (!idle && daemon->idle_timer != 0) {
        g_source_remove(daemon->idle_timer);
        daemon->idle_timer = 0;
    } else if (idle && daemon->idle_timer == 0) {
        daemon->idle_timer =
            g_timeout_add_seconds((unsigned)daemon->timeout, daemon_idle_long_enough, daemon);
    }
    return G_SOURCE_REMOVE;
}

void
vir_daemon_set_timeout(VirDaemon *daemon, unsigned seconds)
{
    daemon->timeout = (int)MIN(seconds, G_MAXINT);
    if (daemon->idle_timer != 0)
        g_source_remove(daemon->idle_timer);
    daemon->idle_timer = 0;
    daemon_update_idle(daemon);
}

void
vir_daemon_inhibit(VirDaemon *daemon)
{
    if (__atomic_add_fetch(&daemon->inhibitors, 1, __ATOMIC_SEQ_CST) == 1)
        vir_main_post(daemon_update_idle, daemon, NULL);
}

void
vir_daemon_uninhibit(VirDaemon *daemon)
{
    if (__atomic_sub_fetch(&daemon->inhibitors, 1, __ATOMIC_SEQ_CST) == 0)
        vir_main_post(daemon_update_idle, daemon, NULL);
}

static void
daemon_busy(VirServer *server, gboolean busy, void *data)
{
    VirDaemon *daemon = data;

    daemon->busy += busy ? 1 : -1U;
    daemon_update_idle(daemon);
}

/* Goes to the background. The parent stays until the child says that clients can connect, and ends
 * with its success; the child returns. Before any thread. */
static gboolean
daemon_fork(VirDaemon *daemon, GError **error)
{
    int fds[2];
    char byte;
    pid_t child;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return vir_error_set_errno(error, errno, "cannot make a pipe");
    child = fork();
    if (child < 0) {
        vir_error_set_errno(error, errno, "cannot fork");
        close(fds[0]);
        close(fds[1]);
        return FALSE;
    }
    if (child > 0) {
        close(fds[1]);
        _exit(read(fds[0], &byte, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    close(fds[0]);
    daemon->ready_fd = fds[1];
    setsid();
    return TRUE;
}

/* Clients can connect: tells the service manager, and the parent of --daemon. */
static gboolean
daemon_ready(VirDaemon *daemon, GError **error)
{
    VIR_AUTOCLOSE null = -1;

    sd_notify(0, "READY=1");
    if (daemon->ready_fd < 0)
        return TRUE;
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || chdir("/") < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
        write(daemon->ready_fd, "", 1) != 1)
        return vir_error_set_errno(error, errno, "cannot go to the background");
    vir_fd_close(&daemon->ready_fd);
    return TRUE;
}

static VirConf *
daemon_load_conf(VirDaemon *daemon, GError **error)
{
    g_autofree char *usual =
        g_strdup_printf("%s/%s.conf", daemon->paths->config, daemon->spec->name);
    gboolean given = daemon->options.config != NULL;

    return vir_conf_load(given ? daemon->options.config : usual, given, &vir_conf_daemon,
                         daemon->spec->listens_on_ip, error);
}

/* LIBVIRT_DEBUG: a level by number or name; anything else that is set means debug. */
static int
environment_level(void)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    const char *text = g_getenv("LIBVIRT_DEBUG");
    guint64 number;

    if (text == NULL || *text == '\0')
        return 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(text, names[i]))
            return (int)i + 1;
    }
    return g_ascii_string_to_unsigned(text, 10, 1, 4, &number, NULL) ? (int)number : VIR_LOG_DEBUG;
}

static int
log_level(const VirDaemon *daemon)
{
    int level = (int)vir_conf_int(daemon->conf, "log_level", VIR_LOG_WARN);

    if (environment_level() != 0)
        return environment_level();
    return daemon->options.verbose ? MIN(level, VIR_LOG_INFO) : level;
}

char *
vir_daemon_default_outputs(const VirDaemon *daemon)
{
    int level = log_level(daemon);
    gboolean journal =
        daemon->options.root == NULL && access("/run/systemd/journal/socket", W_OK) == 0;

    if (!daemon->options.daemon && (isatty(STDIN_FILENO) || !journal))
        return g_strdup_printf("%d:stderr", level);
    if (journal)
        return g_strdup_printf("%d:journald", level);
    return g_strdup_printf("%d:file:%s/%s.log", level, daemon->paths->log, daemon->spec->name);
}

/* Only the folder itself is private. */
static gboolean
make_log_folder(const VirDaemon *daemon, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(daemon->paths->log);

    return vir_dir_make(parent, daemon->privileged ? 0755 : 0700, error) &&
           vir_dir_make(daemon->paths->log, 0700, error);
}

static gboolean
daemon_setup_log(VirDaemon *daemon, GError **error)
{
    const char *filters = g_getenv("LIBVIRT_LOG_FILTERS");
    const char *outputs = g_getenv("LIBVIRT_LOG_OUTPUTS");
    g_autofree char *usual = NULL;

    if (filters == NULL || *filters == '\0')
        filters = vir_conf_string(daemon->conf, "log_filters", "");
    if (outputs == NULL || *outputs == '\0')
        outputs = vir_conf_string(daemon->conf, "log_outputs", "");
    if (*outputs == '\0') {
        usual = vir_daemon_default_outputs(daemon);
        outputs = usual;
        if (strstr(usual, ":file:") != NULL && !make_log_folder(daemon, error))
            return FALSE;
    }
    return vir_log_configure(log_level(daemon), filters, outputs, error);
}

static void
read_limits(const VirConf *conf, gboolean admin, VirServerLimits *limits, int *keepalive_interval,
            unsigned *keepalive_count)
{
    unsigned anonymous = (unsigned)vir_conf_int(conf, "max_anonymous_clients", 20);

    limits->max_clients =
        (unsigned)vir_conf_int(conf, admin ? "admin_max_clients" : "max_clients", 5000);
    limits->max_anonymous_clients = anonymous > 0 && !admin ? anonymous : limits->max_clients;
    limits->max_client_requests = (unsigned)vir_conf_int(
        conf, admin ? "admin_max_client_requests" : "max_client_requests", 5);
    *keepalive_interval =
        (int)vir_conf_int(conf, admin ? "admin_keepalive_interval" : "keepalive_interval", 5);
    if (*keepalive_interval == 0)
        *keepalive_interval = -1;
    *keepalive_count =
        (unsigned)vir_conf_int(conf, admin ? "admin_keepalive_count" : "keepalive_count", 5);
}

static void
read_workers(const VirConf *conf, VirDaemonWorkers workers[2])
{
    workers[0] = (VirDaemonWorkers){(unsigned)vir_conf_int(conf, "min_workers", 5),
                                    (unsigned)vir_conf_int(conf, "max_workers", 20),
                                    (unsigned)vir_conf_int(conf, "prio_workers", 5)};
    workers[1] = (VirDaemonWorkers){(unsigned)vir_conf_int(conf, "admin_min_workers", 1),
                                    (unsigned)vir_conf_int(conf, "admin_max_workers", 5), 0};
}

static void
daemon_make_servers(VirDaemon *daemon)
{
    static const VirProgram *programs[2];
    VirServerConfig config = {.name = daemon->spec->name,
                              .driver = daemon->driver,
                              .relay = daemon->relay,
                              .access = vir_access_check,
                              .polkit_wait_ms = daemon->spec->polkit_wait_ms,
                              .busy = daemon_busy,
                              .data = daemon};
    VirServerConfig admin = {.name = "admin",
                             .programs = programs,
                             .driver = vir_admin_driver(daemon),
                             .busy = daemon_busy,
                             .data = daemon};

    programs[0] = vir_program_find(ADMIN_PROGRAM);
    read_workers(daemon->conf, daemon->workers);
    read_limits(daemon->conf, FALSE, &config.limits, &config.keepalive_interval,
                &config.keepalive_count);
    read_limits(daemon->conf, TRUE, &admin.limits, &admin.keepalive_interval,
                &admin.keepalive_count);
    daemon->server = vir_server_new(&config);
    daemon->admin = vir_server_new(&admin);
}

static void
daemon_apply_limits(VirServer *server, const VirConf *conf, gboolean admin)
{
    VirServerLimits limits;
    int interval;
    unsigned count;

    read_limits(conf, admin, &limits, &interval, &count);
    vir_server_set_limits(server, &limits);
    vir_server_set_keepalive(server, interval, count);
}

static void
daemon_reload(VirDaemon *daemon)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirConf) conf = daemon_load_conf(daemon, &error);
    VirConf *old = daemon->conf;

    sd_notify(0, "RELOADING=1");
    vir_log_reopen();
    if (conf == NULL) {
        vir_err("the configuration stays as it was: %s", error->message);
    } else {
        daemon->conf = conf;
        conf = old;
        if (!daemon_setup_log(daemon, &error))
            vir_err("the log stays as it was: %s", error->message);
        daemon_apply_limits(daemon->server, daemon->conf, FALSE);
        daemon_apply_limits(daemon->admin, daemon->conf, TRUE);
        if (daemon->spec->reload != NULL)
            daemon->spec->reload(daemon);
    }
    sd_notify(0, "READY=1");
}

static void
daemon_signal(VirWatch *watch, guint32 events, void *data)
{
    VirDaemon *daemon = data;
    struct signalfd_siginfo info;

    while (read(daemon->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        vir_info("signal %u from pid %u", info.ssi_signo, info.ssi_pid);
        if (info.ssi_signo == SIGHUP)
            daemon_reload(daemon);
        else
            vir_daemon_quit(daemon);
    }
}

static gboolean
daemon_setup_signals(VirDaemon *daemon, GError **error)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    /* Before there are other threads: they inherit the mask. */
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        (daemon->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
        return vir_error_set_errno(error, errno, "cannot set up signals");
    daemon->signals =
        vir_poller_add(vir_poller_default(), daemon->signal_fd, EPOLLIN, daemon_signal, daemon);
    return TRUE;
}

/* Each client and each guest takes some; the soft limit is low for the sake of select() only. */
static void
raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* One daemon for each root, whatever --pid-file says: the usual file is always locked. */
static gboolean
daemon_lock(VirDaemon *daemon, GError **error)
{
    const char *name = daemon->spec->name;
    const char *custom = daemon->options.pid_file;
    g_autofree char *usual = g_strdup_printf("%s/%s.pid", daemon->paths->pid, name);

    if (!vir_dir_make(daemon->paths->pid, daemon->privileged ? 0755 : 0700, error) ||
        !vir_dir_make(daemon->paths->run, daemon->privileged ? 0755 : 0700, error))
        return FALSE;
    daemon->pid_file = vir_pidfile_acquire(usual, name, error);
    if (daemon->pid_file == NULL)
        return FALSE;
    if (custom == NULL || g_str_equal(custom, usual))
        return TRUE;
    daemon->custom_pid_file = vir_pidfile_acquire(custom, name, error);
    return daemon->custom_pid_file != NULL;
}

static gboolean
daemon_start(VirDaemon *daemon, GError **error)
{
    daemon->paths = vir_paths_new(daemon->options.root, daemon->privileged);
    daemon->conf = daemon_load_conf(daemon, error);
    if (daemon->conf == NULL || !daemon_setup_log(daemon, error) ||
        !vir_access_configure(vir_conf_list(daemon->conf, "access_drivers"), error) ||
        !daemon_lock(daemon, error) || !daemon_setup_signals(daemon, error))
        return FALSE;
    raise_fd_limit();
    if (!daemon->spec->start(daemon, &daemon->driver, error))
        return FALSE;
    daemon_make_servers(daemon);
    return vir_daemon_open_sockets(daemon, error);
}

static void
daemon_stop(VirDaemon *daemon)
{
    sd_notify(0, "STOPPING=1");
    for (unsigned i = 0; i < daemon->sockets->len; i++)
        unlink(daemon->sockets->pdata[i]);
    g_clear_pointer(&daemon->server, vir_server_free);
    g_clear_pointer(&daemon->admin, vir_server_free);
    if (!vir_strand_drain_all(FINISH_MS)) {
        vir_info("jobs still run, giving up what they wait for");
        vir_strand_cancel_all("the daemon ends");
        if (!vir_strand_drain_all(GIVE_UP_MS))
            vir_warn("jobs still run, ending nevertheless");
    }
    if (daemon->driver != NULL || daemon->relay != NULL) {
        if (daemon->spec->stop != NULL)
            daemon->spec->stop(daemon);
    }
}

static void
daemon_free(VirDaemon *daemon)
{
    if (daemon->idle_timer != 0)
        g_source_remove(daemon->idle_timer);
    if (daemon->signals != NULL)
        vir_watch_remove(daemon->signals);
    vir_fd_close(&daemon->signal_fd);
    vir_fd_close(&daemon->ready_fd);
    g_clear_pointer(&daemon->custom_pid_file, vir_pidfile_release);
    g_clear_pointer(&daemon->pid_file, vir_pidfile_release);
    g_ptr_array_unref(daemon->sockets);
    g_main_loop_unref(daemon->loop);
    vir_conf_free(daemon->conf);
    vir_paths_free(daemon->paths);
    vir_daemon_options_clear(&daemon->options);
}

/* On stderr always, and in the log where that goes elsewhere. */
static int
daemon_fail(VirDaemon *daemon, const GError *error)
{
    g_autofree char *text = vir_error_text(error);
    g_autofree char *outputs = vir_log_get_outputs();

    fprintf(stderr, "%s: %s\n", daemon->spec->name, text);
    if (strstr(outputs, ":stderr") == NULL)
        vir_err("%s", text);
    return EXIT_FAILURE;
}

static int
daemon_run(VirDaemon *daemon)
{
    g_autoptr(GError) error = NULL;
    int status = EXIT_SUCCESS;

    umask(daemon->privileged ? 022 : 077);
    if (daemon->options.daemon && !daemon_fork(daemon, &error))
        return daemon_fail(daemon, error);
    if (!daemon_start(daemon, &error) || !daemon_ready(daemon, &error)) {
        status = daemon_fail(daemon, error);
    } else {
        vir_info("%s %s is ready, pid %d", daemon->spec->name, VIR_VERSION, (int)getpid());
        vir_daemon_set_timeout(daemon,
                               daemon->options.timeout > 0 ? (unsigned)daemon->options.timeout : 0);
        vir_memory_setup();
        g_main_loop_run(daemon->loop);
    }
    daemon_stop(daemon);
    return status;
}

int
vir_daemon_main(const VirDaemonSpec *spec, int argc, char **argv)
{
    VirDaemon daemon = {.spec = spec,
                        .privileged = geteuid() == 0,
                        .loop = g_main_loop_new(NULL, FALSE),
                        .sockets = g_ptr_array_new_with_free_func(g_free),
                        .ready_fd = -1,
                        .signal_fd = -1};
    g_autoptr(GError) error = NULL;
    int status = EXIT_SUCCESS;

    if (!vir_daemon_options_parse(&daemon.options, argc, argv, &error)) {
        status = daemon_fail(&daemon, error);
    } else if (daemon.options.help) {
        vir_daemon_options_print(spec);
    } else if (daemon.options.version) {
        printf("%s (libvirt) %s\n", spec->name, VIR_VERSION);
    } else if (daemon.options.listen) {
        vir_error_set(&error, VIR_ERR_INVALID_ARG,
                      "option --listen is not supported: sockets of the network are configured, or "
                      "passed by the service manager");
        status = daemon_fail(&daemon, error);
    } else {
        vir_daemon_take_activation();
        status = daemon_run(&daemon);
    }
    daemon_free(&daemon);
    return status;
}
