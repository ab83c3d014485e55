/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-daemon-private.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

VIR_LOG_INIT("daemon.socket");

#define NAME_BUFFER 16384

/* The unix sockets of every daemon. */
typedef struct {
    const char *suffix; /* of the file name */
    const char *unit;   /* NAME…socket */
    gboolean readonly;
    gboolean admin;
    const char *perms_key;
    const char *auth_key; /* NULL: by the socket's mode alone */
} VirSocketKind;

static const VirSocketKind kinds[] = {
    {"-sock", "", FALSE, FALSE, "unix_sock_rw_perms", "auth_unix_rw"},
    {"-sock-ro", "-ro", TRUE, FALSE, "unix_sock_ro_perms", "auth_unix_ro"},
    {"-admin-sock", "-admin", FALSE, TRUE, "unix_sock_admin_perms", NULL},
};

static int n_passed;
static char **passed_names;

void
vir_daemon_take_activation(void)
{
    n_passed = sd_listen_fds_with_names(1, &passed_names);
    if (n_passed < 0)
        n_passed = 0;
}

static gboolean
conf_fail(const VirDaemon *daemon, const char *key, const char *what, GError **error)
{
    return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: %s: %s", vir_conf_name(daemon->conf),
                         vir_conf_line(daemon->conf, key), key, what);
}

static gboolean
socket_auth(const VirDaemon *daemon, const VirSocketKind *kind, VirAuth *auth, GError **error)
{
    const char *fallback = daemon->privileged ? "polkit" : "none";
    const char *word =
        kind->auth_key != NULL ? vir_conf_string(daemon->conf, kind->auth_key, fallback) : "none";

    *auth = VIR_AUTH_NONE;
    if (g_str_equal(word, "polkit"))
        *auth = VIR_AUTH_POLKIT;
    else if (g_str_equal(word, "sasl"))
        return conf_fail(daemon, kind->auth_key, "SASL is not available in this build", error);
    return TRUE;
}

static gboolean
socket_mode(const VirDaemon *daemon, const VirSocketKind *kind, VirAuth auth, mode_t *mode,
            GError **error)
{
    const char *fallback = kind->readonly || auth == VIR_AUTH_POLKIT ? "0777" : "0700";
    const char *text = vir_conf_string(daemon->conf, kind->perms_key, fallback);
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 8, 0, 0777, &value, NULL))
        return conf_fail(daemon, kind->perms_key, "this is no octal mode such as \"0770\"", error);
    *mode = (mode_t)value;
    return TRUE;
}

static gboolean
socket_group(const VirDaemon *daemon, gid_t *gid, GError **error)
{
    const char *name = vir_conf_string(daemon->conf, "unix_sock_group", NULL);
    g_autofree char *buffer = g_malloc(NAME_BUFFER);
    struct group entry;
    struct group *found = NULL;

    *gid = (gid_t)-1;
    if (name == NULL || !daemon->privileged)
        return TRUE;
    if (getgrnam_r(name, &entry, buffer, NAME_BUFFER, &found) != 0 || found == NULL)
        return conf_fail(daemon, "unix_sock_group", "there is no group of this name", error);
    *gid = found->gr_gid;
    return TRUE;
}

static char *
socket_path(const VirDaemon *daemon, const VirSocketKind *kind)
{
    const char *folder = vir_conf_string(daemon->conf, "unix_sock_dir", NULL);
    g_autofree char *below_root =
        folder != NULL ? g_strconcat(daemon->paths->root, folder, NULL) : NULL;

    return g_strconcat(below_root != NULL ? below_root : daemon->paths->run, "/",
                       daemon->spec->socket_name, kind->suffix, NULL);
}

/* Makes room for a socket at @path: what a daemon that died left behind goes, nothing else does. */
static gboolean
socket_clear(const char *path, const struct sockaddr_un *sun, GError **error)
{
    VIR_AUTOCLOSE fd = -1;
    struct stat there;

    if (lstat(path, &there) < 0)
        return errno == ENOENT
                   ? TRUE
                   : vir_error_set_errno(error, errno, "cannot look at socket '%s'", path);
    if (!S_ISSOCK(there.st_mode))
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "cannot listen on '%s': there is something else than a socket", path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 &&
        (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 || errno == EAGAIN))
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "cannot listen on '%s': another process does", path);
    return vir_file_remove(path, error);
}

static int
socket_create(const char *path, mode_t mode, gid_t gid, int backlog, GError **error)
{
    VIR_AUTOCLOSE fd = -1;
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    int result;

    if (g_strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >= sizeof(sun.sun_path)) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "socket path '%s' is longer than the %zu bytes of a socket address", path,
                      sizeof(sun.sun_path) - 1);
        return -1;
    }
    if (!socket_clear(path, &sun, error))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The file takes its mode from the socket: nobody else can connect before group and mode are
     * what they shall be. */
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0 ||
        (gid != (gid_t)-1 && lchown(path, (uid_t)-1, gid) < 0) || chmod(path, mode) < 0 ||
        listen(fd, backlog) < 0) {
        vir_error_set_errno(error, errno, "cannot listen on '%s'", path);
        return -1;
    }
    result = fd;
    fd = -1;
    return result;
}

static gboolean
socket_own(VirDaemon *daemon, const VirSocketKind *kind, GError **error)
{
    g_autofree char *path = socket_path(daemon, kind);
    g_autofree char *folder = g_path_get_dirname(path);
    const char *backlog_key = kind->admin ? "admin_max_queued_clients" : "max_queued_clients";
    VirAuth auth;
    mode_t mode = 0;
    gid_t gid;
    int fd;

    if (!socket_auth(daemon, kind, &auth, error) ||
        !socket_mode(daemon, kind, auth, &mode, error) || !socket_group(daemon, &gid, error) ||
        !vir_dir_make(folder, daemon->privileged ? 0755 : 0700, error))
        return FALSE;
    fd =
        socket_create(path, mode, gid,
                      (int)vir_conf_int(daemon->conf, backlog_key, kind->admin ? 20 : 1000), error);
    if (fd < 0)
        return FALSE;
    g_ptr_array_add(daemon->sockets, g_steal_pointer(&path));
    vir_server_add_socket(kind->admin ? daemon->admin : daemon->server, fd, kind->readonly, auth);
    return TRUE;
}

/* Which socket @fd is: by the name that systemd gives it, else by its path. NULL: none of ours. */
static const VirSocketKind *
passed_kind(const VirDaemon *daemon, int fd, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *unit = g_strconcat(daemon->spec->name, kinds[i].unit, ".socket", NULL);

        if (g_str_equal(name, unit))
            return &kinds[i];
    }
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = socket_path(daemon, &kinds[i]);

        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, path, 0) > 0)
            return &kinds[i];
    }
    return NULL;
}

static gboolean
socket_adopt(VirDaemon *daemon, int fd, const char *name, GError **error)
{
    const VirSocketKind *kind = passed_kind(daemon, fd, name);
    VirAuth auth;

    if (kind == NULL || sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0) {
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the service manager passed a socket '%s' that %s does not know", name,
                             daemon->spec->name);
    }
    if (!socket_auth(daemon, kind, &auth, error))
        return FALSE;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return vir_error_set_errno(error, errno, "cannot set up passed socket '%s'", name);
    vir_debug("socket %s comes from the service manager", name);
    vir_server_add_socket(kind->admin ? daemon->admin : daemon->server, fd, kind->readonly, auth);
    return TRUE;
}

gboolean
vir_daemon_open_sockets(VirDaemon *daemon, GError **error)
{
    if (vir_conf_bool(daemon->conf, "listen_tcp", FALSE))
        return conf_fail(daemon, "listen_tcp", "TCP is not available in this build", error);
    if (vir_conf_bool(daemon->conf, "listen_tls", FALSE))
        return conf_fail(daemon, "listen_tls", "TLS is not available in this build", error);
    daemon->activated = n_passed > 0;
    for (int i = 0; i < n_passed; i++) {
        if (!socket_adopt(daemon, SD_LISTEN_FDS_START + i, passed_names[i], error))
            return FALSE;
    }
    for (gsize i = 0; !daemon->activated && i < G_N_ELEMENTS(kinds); i++) {
        if ((daemon->privileged || !kinds[i].readonly) && !socket_own(daemon, &kinds[i], error))
            return FALSE;
    }
    return TRUE;
}
