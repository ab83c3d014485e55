/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "qemu-env.h"
#include "vir-error.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int
open_null(GError **error)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open /dev/null");
    return fd;
}

static int
open_device(const VirQemuEnv *env, VirQemuHostDevice kind, const char *path, GError **error)
{
    return open_null(error);
}

static gboolean
open_many(int *fds, guint n, GError **error)
{
    for (guint i = 0; i < n; i++) {
        fds[i] = open_null(error);
        if (fds[i] < 0) {
            while (i > 0)
                close(fds[--i]);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
open_tap(const VirQemuEnv *env, const VirDomainDef *def, VirDomainInterface *net, guint n, int *fds,
         GError **error)
{
    return open_many(fds, n, error);
}

static gboolean
open_tpm(const VirQemuEnv *env, const char *path, int fds[2], GError **error)
{
    return open_many(fds, 2, error);
}

static gboolean
write_file(const VirQemuEnv *env, const char *path, const char *text, GError **error)
{
    return TRUE;
}

static gboolean
start_passt(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
            const char *socket, GError **error)
{
    return TRUE;
}

static gboolean
start_virtiofsd(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainFilesystem *fs,
                const char *socket, GError **error)
{
    return TRUE;
}

static gboolean
set_cid(const VirQemuEnv *env, VirDomainVsock *vsock, int fd, GError **error)
{
    return TRUE;
}

static gboolean
take_hostdev(const VirQemuEnv *env, VirDomainHostdev *hostdev, GError **error)
{
    return TRUE;
}

static char *
start_tpm(const VirQemuEnv *env, const char *lib_dir, const VirDomainDef *def,
          const VirDomainTpm *tpm, GError **error)
{
    return g_build_filename(lib_dir, "swtpm.sock", NULL);
}

static int
vhost_user_gpu(const VirQemuEnv *env, const char *lib_dir, const VirDomainVideo *video,
               GError **error)
{
    return open_null(error);
}

static char *
start_dbus(const VirQemuEnv *env, const VirDomainDef *def, GError **error)
{
    g_autofree char *run = vir_command_run_name(def);

    return g_strdup_printf("unix:path=%s/domain-%s/dbus.sock", env->lib_dir, run);
}

void
vir_qemu_env_pretend(VirQemuEnv *env)
{
    env->write_file = write_file;
    env->open_device = open_device;
    env->open_tap = open_tap;
    env->start_passt = start_passt;
    env->set_cid = set_cid;
    env->take_hostdev = take_hostdev;
    env->start_virtiofsd = start_virtiofsd;
    env->open_tpm = open_tpm;
    env->start_tpm = start_tpm;
    env->vhost_user_gpu = vhost_user_gpu;
    env->start_dbus = start_dbus;
}
