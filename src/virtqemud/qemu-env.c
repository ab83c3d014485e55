/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env.h"

#include "qemu-env-host.h"
#include "qemu-env-hostdev.h"
#include "qemu-env-net.h"
#include "qemu-env-pci.h"
#include "qemu-env-smbios.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-host-caps.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <time.h>
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

static gboolean
write_file(const VirQemuEnv *env, const char *path, const char *text, GError **error)
{
    return vir_file_write_run(path, text, -1, 0600, error);
}

/* There is no security driver yet. */
static gboolean
can_label(const VirQemuEnv *env, const char *model)
{
    return FALSE;
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

static gint64
host_now(const VirQemuEnv *env, gboolean local)
{
    time_t now = time(NULL);
    struct tm wall;

    if (!local || !localtime_r(&now, &wall))
        return now;
    return (gint64)now + wall.tm_gmtoff;
}

/* As documents call it. */
static const char *
host_arch(void)
{
    struct utsname host;

    if (uname(&host) < 0)
        return NULL;
    if (host.machine[0] == 'i' && g_str_equal(host.machine + 2, "86"))
        return "i686";
    return g_intern_string(host.machine);
}

void
vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);

    *env = (VirQemuEnv){
        .conf = conf,
        .privileged = privileged,
        .random = random_bytes,
        .getenv = get_variable,
        .open_output = open_output,
        .listen_unix = listen_unix,
        .write_file = write_file,
        .can_label = can_label,
        .host_smbios = vir_qemu_env_smbios,
        .render_node = render_node,
        .now = host_now,
        .host_arch = host_arch(),
        .pci_device = vir_qemu_env_pci_device,
    };
    vir_qemu_env_net(env);
    vir_qemu_env_hostdev(env);
    vir_qemu_env_storage(env);
    vir_qemu_env_memory(env);
    vir_qemu_env_tpm(env);
    env->host_cpu = env->host_arch ? vir_host_caps_cpu(host, env->host_arch) : NULL;
}

void
vir_qemu_env_clear(VirQemuEnv *env)
{
    g_clear_pointer(&env->host_cpu, vir_cpu_free);
}
