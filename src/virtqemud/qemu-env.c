/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env.h"

#include "qemu-env-net.h"
#include "vir-error.h"
#include "vir-file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
random_bytes(guint8 *bytes, gsize n)
{
    if (getrandom(bytes, n, 0) != (gssize)n)
        g_error("the kernel gives no random bytes");
}

static const char *
get_variable(const VirQemuEnv *env, const char *name)
{
    return g_getenv(name);
}

static int
open_output(const VirQemuEnv *env, const char *path, gboolean append, GError **error)
{
    int fd = open(path,
                  O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC |
                      (append ? 0 : O_TRUNC),
                  0600);

    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open '%s'", path);
    return fd;
}

/* It listens before QEMU runs: whoever waits for it need not try twice. */
static int
listen_unix(const VirQemuEnv *env, const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    VIR_AUTOCLOSE fd = -1;

    if (strlen(path) >= sizeof(address.sun_path)) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "socket path '%s' is too long", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    if (!vir_file_remove(path, error))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0) {
        vir_error_set_errno(error, errno, "cannot listen on '%s'", path);
        return -1;
    }
    return g_steal_fd(&fd);
}

/* The first in the order of their numbers that can be used. */
static char *
render_node(const VirQemuEnv *env, GError **error)
{
    for (int i = 128; i < 192; i++) {
        g_autofree char *path = g_strdup_printf("/dev/dri/renderD%d", i);

        if (access(path, R_OK | W_OK) == 0)
            return g_steal_pointer(&path);
    }
    vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                  "this host has no render node (/dev/dri/renderD*) for OpenGL");
    return NULL;
}

void
vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged)
{
    *env = (VirQemuEnv){
        .conf = conf,
        .privileged = privileged,
        .random = random_bytes,
        .getenv = get_variable,
        .open_output = open_output,
        .listen_unix = listen_unix,
        .render_node = render_node,
    };
    vir_qemu_env_net(env);
}
