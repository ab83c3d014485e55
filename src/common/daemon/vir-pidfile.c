/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-pidfile.h"

#include "vir-error.h"
#include "vir-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct VirPidfile {
    char *path;
    int fd;
};

static gboolean
pidfile_write(int fd, const char *path, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d", (int)getpid());
    gssize len = (gssize)strlen(text);

    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (gsize)len, 0) != len)
        return vir_error_set_errno(error, errno, "cannot write pid file '%s'", path);
    return TRUE;
}

/* Who holds the lock; 0 where it is free by now, -1 where it cannot be told (another pid
 * namespace). */
static int
pidfile_holder(int fd)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

    if (fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid > 0 ? lock.l_pid : -1;
}

static gboolean
pidfile_lock(int fd, const char *path, const char *what, GError **error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int holder;

    if (fcntl(fd, F_SETLK, &lock) == 0)
        return TRUE;
    if (errno != EAGAIN && errno != EACCES)
        return vir_error_set_errno(error, errno, "cannot lock pid file '%s'", path);
    holder = pidfile_holder(fd);
    if (holder <= 0) {
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "%s is already running: another process holds pid file '%s'", what,
                             path);
    }
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                         "%s is already running with pid %d, which holds pid file '%s'", what,
                         holder, path);
}

/* Whether @path still is the file that @fd has open: its last owner may just have removed it. */
static gboolean
pidfile_is(int fd, const char *path)
{
    struct stat ours;
    struct stat there;

    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

VirPidfile *
vir_pidfile_acquire(const char *path, const char *what, GError **error)
{
    for (;;) {
        VIR_AUTOCLOSE fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        VirPidfile *pidfile;

        if (fd < 0) {
            vir_error_set_errno(error, errno, "cannot open pid file '%s'", path);
            return NULL;
        }
        if (!pidfile_lock(fd, path, what, error))
            return NULL;
        if (!pidfile_is(fd, path))
            continue;
        if (!pidfile_write(fd, path, error))
            return NULL;
        pidfile = g_new(VirPidfile, 1);
        pidfile->path = g_strdup(path);
        pidfile->fd = fd;
        fd = -1;
        return pidfile;
    }
}

void
vir_pidfile_release(VirPidfile *pidfile)
{
    if (pidfile == NULL)
        return;
    unlink(pidfile->path);
    close(pidfile->fd);
    g_free(pidfile->path);
    g_free(pidfile);
}
