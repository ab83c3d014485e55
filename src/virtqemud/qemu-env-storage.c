/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-uuid.h"
#include <fcntl.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>

/* virtsecretd and virtstoraged are not asked yet: what needs them is refused by name. */
static gboolean
no_secret(const VirQemuEnv *env, const VirDomainSecretRef *ref, guint8 **value, gsize *len,
          GError **error)
{
    char uuid[VIR_UUID_TEXT_LEN];

    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "secret '%s' is needed, and there is no secret driver to ask for it yet",
                         ref->has_uuid ? vir_uuid_format(ref->uuid, uuid)
                         : ref->usage  ? ref->usage
                                       : "");
}

static gboolean
no_volume(const VirQemuEnv *env, VirDomainSource *src, GError **error)
{
    return vir_error_set(
        error, VIR_ERR_CONFIG_UNSUPPORTED,
        "volume '%s' of pool '%s' is needed, and there is no storage driver to ask "
        "for it yet; a source of type 'file' or 'block' with its path will do",
        src->volume->volume, src->volume->pool);
}

static gboolean
no_fd_group(const VirQemuEnv *env, const char *name, GArray *fds, guint *n, gboolean *writable,
            GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "no file descriptors were given under the name '%s'", name);
}

static gboolean
no_virtiofsd(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainFilesystem *fs,
             const char *socket, GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "virtiofsd is not started yet; start one and give <source socket='…'/>");
}

static gboolean
is_cdrom(const VirQemuEnv *env, const char *path)
{
    VIR_AUTOCLOSE fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    return fd >= 0 && ioctl(fd, CDROM_GET_CAPABILITY, 0) >= 0;
}

void
vir_qemu_env_storage(VirQemuEnv *env)
{
    env->secret = no_secret;
    env->volume = no_volume;
    env->fd_group = no_fd_group;
    env->start_virtiofsd = no_virtiofsd;
    env->is_cdrom = is_cdrom;
}
