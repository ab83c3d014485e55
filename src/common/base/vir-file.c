/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vir-error.h"

void
vir_fd_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

static gboolean
write_all(int fd, const char *data, gsize len)
{
    while (len > 0) {
        gssize n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        len -= n;
    }
    return TRUE;
}

static gboolean
replace_file(const char *path, const char *data, gssize len, mode_t mode, gboolean lasting,
             GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *temp = NULL;
    VIR_AUTOCLOSE dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    VIR_AUTOCLOSE fd = -1;
    const char *step = NULL;
    int saved;

    if (dirfd < 0)
        return vir_error_set_errno(error, errno, "cannot open folder '%s'", folder);
    for (int tries = 0; fd < 0 && tries < 100; tries++) {
        g_free(temp);
        temp = g_strdup_printf(".%.200s.%08x", base, g_random_int());
        fd = openat(dirfd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return vir_error_set_errno(error, errno, "cannot make a file in '%s'", folder);

    if (!write_all(fd, data, len < 0 ? strlen(data) : (gsize)len))
        step = "write";
    else if (fchmod(fd, mode) < 0)
        step = "set the mode of";
    else if (fsync(fd) < 0)
        step = "flush";
    else if (renameat(dirfd, temp, dirfd, base) < 0)
        step = "rename";
    if (step) {
        saved = errno;
        unlinkat(dirfd, temp, 0);
        return vir_error_set_errno(error, saved, "cannot %s '%s'", step, path);
    }
    if (lasting && fsync(dirfd) < 0)
        return vir_error_set_errno(error, errno, "cannot flush folder '%s'", folder);
    return TRUE;
}

gboolean
vir_file_write_atomic(const char *path, const char *data, gssize len, mode_t mode, GError **error)
{
    return replace_file(path, data, len, mode, TRUE, error);
}

gboolean
vir_file_write_run(const char *path, const char *data, gssize len, mode_t mode, GError **error)
{
    return replace_file(path, data, len, mode, FALSE, error);
}

char *
vir_file_read(const char *path, gsize max, gsize *len, GError **error)
{
    /* O_NONBLOCK: opening a FIFO that someone put in the way must not hang. */
    VIR_AUTOCLOSE fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    g_autoptr(GByteArray) text = g_byte_array_new();
    struct stat st;

    if (fd < 0) {
        vir_error_set_errno(error, errno, "cannot open '%s'", path);
        return NULL;
    }
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "'%s' is not a regular file", path);
        return NULL;
    }
    /* Sizes of files in /proc and /sys are not told by stat: read until the end. */
    for (;;) {
        guint8 chunk[8192];
        gssize n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            vir_error_set_errno(error, errno, "cannot read '%s'", path);
            return NULL;
        }
        if (n == 0)
            break;
        if (text->len + n > max) {
            vir_error_set(error, VIR_ERR_OPERATION_FAILED, "'%s' is larger than %zu bytes", path,
                          (size_t)max);
            return NULL;
        }
        g_byte_array_append(text, chunk, n);
    }
    if (len)
        *len = text->len;
    g_byte_array_append(text, (const guint8 *)"", 1);
    return (char *)g_byte_array_free(g_steal_pointer(&text), FALSE);
}

gboolean
vir_dir_make(const char *path, mode_t mode, GError **error)
{
    struct stat st;

    if (g_mkdir_with_parents(path, mode) == 0)
        return TRUE;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return TRUE;
    return vir_error_set_errno(error, errno, "cannot make folder '%s'", path);
}

gboolean
vir_file_remove(const char *path, GError **error)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return TRUE;
    return vir_error_set_errno(error, errno, "cannot remove '%s'", path);
}
