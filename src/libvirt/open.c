/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a URI to a connected socket. */
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client-conf.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-paths.h"
#include "vir-spawn.h"

/* How long a daemon that was just started may take to listen. */
#define START_TRIES 250
#define START_PAUSE_MS 20

typedef enum { SERVED, HOSTED } Where;

/* Drivers by scheme: the daemon that serves it, or part of the library. */
static const struct {
    const char *scheme;
    Where where;
    const char *daemon;
} drivers[] = {
    {"qemu", SERVED, "virtqemud"},
    {"xen", SERVED, "virtxend"},
    {"lxc", SERVED, "virtlxcd"},
    {"network", SERVED, "virtnetworkd"},
    {"storage", SERVED, "virtstoraged"},
    {"interface", SERVED, "virtinterfaced"},
    {"nodedev", SERVED, "virtnodedevd"},
    {"nwfilter", SERVED, "virtnwfilterd"},
    {"secret", SERVED, "virtsecretd"},
    {"vbox", SERVED, "virtvboxd"},
    {"bhyve", SERVED, "virtbhyved"},
    {"ch", SERVED, "virtchd"},
    {"vz", SERVED, "virtvzd"},
    {"parallels", SERVED, "virtvzd"},
    {"test", HOSTED, NULL},
    {"esx", HOSTED, NULL},
    {"vpx", HOSTED, NULL},
    {"gsx", HOSTED, NULL},
    {"hyperv", HOSTED, NULL},
    {"openvz", HOSTED, NULL},
    {"vmwareplayer", HOSTED, NULL},
    {"vmwarews", HOSTED, NULL},
    {"vmwarefusion", HOSTED, NULL},
};

static const char *const transports[] = {"tls", "unix",    "ssh",    "ext",
                                         "tcp", "libssh2", "libssh", NULL};

typedef enum { MODE_AUTO, MODE_LEGACY, MODE_DIRECT } Mode;

void
vir_target_free(VirTarget *target)
{
    if (!target)
        return;
    g_free(target->socket);
    g_free(target->daemon);
    g_free(target->daemon_uri);
    g_free(target->auth);
    g_free(target);
}

static gboolean
is_alias(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
           strlen(name);
}

/* The URI that @name is an alias of, or @name. */
static char *
look_up_alias(const VirClientConf *conf, const char *name, GError **error)
{
    for (char **alias = conf->uri_aliases; alias && *alias; alias++) {
        char *equals = strchr(*alias, '=');

        if (!equals || equals == *alias) {
            vir_error_set_in(error, VIR_FROM_NONE, VIR_ERR_CONF_SYNTAX,
                             "entry '%s' of uri_aliases in %s is not of the form alias=uri", *alias,
                             conf->path);
            return NULL;
        }
        if (equals - *alias == (gssize)strlen(name) && strncmp(*alias, name, equals - *alias) == 0)
            return g_strdup(equals + 1);
    }
    return g_strdup(name);
}

static char *
resolve(const char *name, const char *variable, const char *file, gboolean aliases, GError **error)
{
    g_autoptr(VirClientConf) conf = NULL;

    if (!name || !*name)
        name = g_getenv(variable);
    if (name && *name && (!aliases || !is_alias(name)))
        return g_strdup(name);
    conf = vir_client_conf_load(file, error);
    if (!conf)
        return NULL;
    if (!name || !*name)
        return g_strdup(conf->uri_default ? conf->uri_default : "");
    return look_up_alias(conf, name, error);
}

char *
vir_open_resolve(const char *name, gboolean aliases, GError **error)
{
    return resolve(name, "LIBVIRT_DEFAULT_URI", "libvirt.conf", aliases, error);
}

char *
vir_open_resolve_admin(const char *name, GError **error)
{
    return resolve(name, "LIBVIRT_ADMIN_DEFAULT_URI", "libvirt-admin.conf", TRUE, error);
}

static gboolean
parse_mode(const char *text, Mode *mode, GError **error)
{
    static const char *const names[] = {"auto", "legacy", "direct"};

    *mode = MODE_AUTO;
    if (!text)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *mode = i;
            return TRUE;
        }
    }
    return vir_error_set_in(error, VIR_FROM_REMOTE, VIR_ERR_INVALID_ARG, "Unknown remote mode '%s'",
                            text);
}

static char *
socket_path(const VirPaths *paths, const char *daemon, gboolean readonly)
{
    return g_strdup_printf("%s/%s-sock%s", paths->run, daemon, readonly ? "-ro" : "");
}

/* Chooses between the driver's own daemon (NULL: not known) and the one for all. */
static void
choose_socket(VirTarget *target, const VirPaths *paths, const char *daemon, Mode mode,
              gboolean readonly)
{
    g_autofree char *direct = daemon ? socket_path(paths, daemon, readonly) : NULL;
    g_autofree char *legacy = socket_path(paths, "libvirt", readonly);

    if (mode == MODE_AUTO && direct && access(direct, F_OK) == 0)
        mode = MODE_DIRECT;
    else if (mode == MODE_AUTO && access(legacy, F_OK) == 0)
        mode = MODE_LEGACY;
    else if (mode == MODE_AUTO)
        /* Nobody listens: in session mode a daemon is to be started. */
        mode = direct && !paths->privileged ? MODE_DIRECT : MODE_LEGACY;
    if (mode == MODE_DIRECT && direct) {
        target->socket = g_steal_pointer(&direct);
        target->daemon = g_strdup(daemon);
    } else {
        target->socket = g_steal_pointer(&legacy);
        target->daemon = g_strdup("virtproxyd");
    }
}

static gboolean
check_transport(const VirUri *uri, Where where, GError **error)
{
    const char *transport = uri->transport ? uri->transport : uri->host ? "tls" : "unix";

    if (uri->transport && !g_strv_contains(transports, transport))
        return vir_error_set_in(error, VIR_FROM_REMOTE, VIR_ERR_INVALID_ARG,
                                "transport '%s' in URL not recognised (should be "
                                "tls|unix|ssh|ext|tcp|libssh2|libssh)",
                                transport);
    if (where == HOSTED && !uri->transport)
        return vir_error_set_in(error, VIR_FROM_NONE, VIR_ERR_CONFIG_UNSUPPORTED,
                                "libvirt was built without the '%s' driver", uri->driver);
    if (strcmp(transport, "unix") != 0)
        return vir_error_set_in(error, VIR_FROM_REMOTE, VIR_ERR_NO_SUPPORT,
                                "transport '%s' of this library; only 'unix' is built in",
                                transport);
    if (uri->host)
        return vir_error_set_in(error, VIR_FROM_REMOTE, VIR_ERR_INVALID_ARG,
                                "using unix socket and remote server '%s' is not supported.",
                                uri->host);
    return TRUE;
}

static gboolean
is_session(const VirUri *uri)
{
    return geteuid() != 0 &&
           (strcmp(uri->path, "/session") == 0 || g_str_has_prefix(uri->path, "/session/"));
}

VirTarget *
vir_target_new(const char *text, gboolean readonly, GError **error)
{
    g_autoptr(VirTarget) target = g_new0(VirTarget, 1);
    g_autoptr(VirClientConf) conf = NULL;
    g_autoptr(VirPaths) paths = NULL;
    g_autoptr(VirUri) uri = NULL;
    const char *daemon = NULL;
    const char *socket;
    const char *name;
    const char *mode_name;
    Where where = SERVED;
    Mode mode;

    if (!*text) {
        paths = vir_paths_new(NULL, geteuid() == 0);
        choose_socket(target, paths, NULL, MODE_AUTO, readonly && paths->privileged);
        target->daemon_uri = g_strdup("");
        target->uri_unknown = TRUE;
        return g_steal_pointer(&target);
    }
    uri = vir_uri_parse(text, error);
    if (!uri)
        return NULL;
    for (guint i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (strcmp(drivers[i].scheme, uri->driver) == 0) {
            daemon = drivers[i].daemon;
            where = drivers[i].where;
        }
    }
    if (!check_transport(uri, where, error))
        return NULL;
    socket = vir_uri_take_param(uri, "socket");
    mode_name = vir_uri_take_param(uri, "mode");
    if (!mode_name && !socket) {
        conf = vir_client_conf_load("libvirt.conf", error);
        if (!conf)
            return NULL;
        mode_name = conf->remote_mode;
    }
    if (!parse_mode(mode_name, &mode, error))
        return NULL;
    name = vir_uri_take_param(uri, "name");
    target->auth = g_strdup(vir_uri_take_param(uri, "auth"));
    vir_uri_take_param(uri, "authfile");
    paths = vir_paths_new(NULL, !is_session(uri));
    if (socket)
        target->socket = g_strdup(socket);
    else
        choose_socket(target, paths, daemon, mode, readonly && paths->privileged);
    if (paths->privileged)
        g_clear_pointer(&target->daemon, g_free);
    target->daemon_uri = name                                 ? g_strdup(name)
                         : strcmp(uri->driver, "remote") == 0 ? g_strdup("")
                                                              : vir_uri_for_daemon(uri);
    target->uri_unknown = !*target->daemon_uri;
    return g_steal_pointer(&target);
}

VirTarget *
vir_target_new_admin(const char *text, GError **error)
{
    g_autoptr(VirTarget) target = g_new0(VirTarget, 1);
    g_autoptr(VirPaths) paths = NULL;
    g_autoptr(VirUri) uri = NULL;
    const char *socket;
    const char *daemon;

    if (!*text)
        text = geteuid() == 0 ? "libvirtd:///system" : "libvirtd:///session";
    uri = vir_uri_parse(text, error);
    if (!uri)
        return NULL;
    if (uri->transport && strcmp(uri->transport, "unix") != 0) {
        vir_error_set_in(error, VIR_FROM_ADMIN, VIR_ERR_NO_SUPPORT, "admin connections over '%s'",
                         uri->transport);
        return NULL;
    }
    if (uri->host) {
        vir_error_set_in(error, VIR_FROM_ADMIN, VIR_ERR_CONFIG_UNSUPPORTED,
                         "remote access to host '%s': admin connections are local", uri->host);
        return NULL;
    }
    if (strcmp(uri->path, "/system") != 0 && strcmp(uri->path, "/session") != 0) {
        vir_error_set_in(error, VIR_FROM_ADMIN, VIR_ERR_INVALID_ARG,
                         "path '%s' of URI '%s': /system or /session is meant", uri->path, text);
        return NULL;
    }
    daemon = g_str_equal(uri->driver, "libvirtd") || g_str_equal(uri->driver, "virtproxyd")
                 ? "libvirt"
                 : uri->driver;
    socket = vir_uri_take_param(uri, "socket");
    paths = vir_paths_new(NULL, strcmp(uri->path, "/system") == 0);
    target->socket =
        socket ? g_strdup(socket) : g_strdup_printf("%s/%s-admin-sock", paths->run, daemon);
    target->daemon_uri = g_strdup(text);
    return g_steal_pointer(&target);
}

static int
connect_once(const char *path, GError **error)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    VIR_AUTOCLOSE fd = -1;
    int ret;

    if (strlen(path) >= sizeof(addr.sun_path)) {
        vir_error_set_in(error, VIR_FROM_RPC, VIR_ERR_INVALID_ARG,
                         "path of socket '%s' is longer than %zu bytes", path,
                         sizeof(addr.sun_path) - 1);
        return -1;
    }
    strcpy(addr.sun_path, path);
    if (addr.sun_path[0] == '@')
        addr.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        do {
            ret = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
        } while (ret < 0 && errno == EINTR);
        if (ret == 0)
            return g_steal_fd(&fd);
    }
    vir_error_set_errno(error, errno, "Failed to connect socket to '%s'", path);
    vir_error_detail(*error)->domain = VIR_FROM_RPC;
    return -1;
}

static gboolean
start_daemon(const char *daemon, int *pidfd, GError **error)
{
    static const char *const kept[] = {
        "HOME", "PATH", "LANG", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "USER"};
    const char *chosen = g_getenv("VIRTD_PATH");
    g_autofree char *program = NULL;
    g_autoptr(VirSpawn) spawn = NULL;

    if (!chosen)
        chosen = g_getenv("LIBVIRTD_PATH");
    program = chosen ? g_strdup(chosen) : g_find_program_in_path(daemon);
    if (!program)
        program = g_build_filename(VIR_SBINDIR, daemon, NULL);
    spawn = vir_spawn_new(program);
    vir_spawn_add_arg(spawn, "--timeout=120");
    for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
        vir_spawn_pass_env(spawn, kept[i]);
    vir_spawn_set_detached(spawn, TRUE);
    return vir_spawn_start(spawn, pidfd, error) > 0;
}

/* Until it listens, has ended, or has had its time. */
static int
connect_started(const VirTarget *target, int pidfd, GError **error)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};

    for (int i = 0; i < START_TRIES; i++) {
        gboolean gone = poll(&ended, 1, START_PAUSE_MS) > 0;
        int fd = connect_once(target->socket, error);

        if (fd >= 0)
            return fd;
        if (gone) {
            g_prefix_error(error, "%s was started and has ended: ", target->daemon);
            return -1;
        }
        g_clear_error(error);
    }
    vir_error_set_in(error, VIR_FROM_RPC, VIR_ERR_OPERATION_TIMEOUT,
                     "%s was started but does not listen on '%s' after %d s", target->daemon,
                     target->socket, START_TRIES * START_PAUSE_MS / 1000);
    return -1;
}

int
vir_target_connect(const VirTarget *target, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(target->socket);
    g_autofree char *lock_path = NULL;
    const char *autostart = g_getenv("LIBVIRT_AUTOSTART");
    VIR_AUTOCLOSE lock = -1;
    VIR_AUTOCLOSE pidfd = -1;
    int fd = connect_once(target->socket, error);

    if (fd >= 0 || !target->daemon || (autostart && strcmp(autostart, "0") == 0) ||
        (vir_error_detail(*error)->int1 != ENOENT &&
         vir_error_detail(*error)->int1 != ECONNREFUSED))
        return fd;

    /* One of all clients that find nobody there starts the daemon. */
    g_clear_error(error);
    if (!vir_dir_make(folder, 0700, error))
        return -1;
    lock_path = g_strdup_printf("%s/%s.lock", folder, target->daemon);
    lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) < 0) {
        vir_error_set_errno(error, errno, "cannot lock '%s'", lock_path);
        return -1;
    }
    fd = connect_once(target->socket, error);
    if (fd >= 0)
        return fd;
    g_clear_error(error);
    if (!start_daemon(target->daemon, &pidfd, error))
        return -1;
    return connect_started(target, pidfd, error);
}
