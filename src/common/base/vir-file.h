/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/**
 * Writes @len bytes (-1: strlen) to @path so that after any kill or power cut the old or the new
 * content is there: temporary file beside it, fsync, rename, fsync of the folder. Mode @mode, no
 * symlink is followed for the last component. VIR_ERR_SYSTEM_ERROR names the step that failed.
 */
gboolean vir_file_write_atomic(const char *path, const char *data, gssize len, mode_t mode,
                               GError **error);

/**
 * As vir_file_write_atomic() for what means nothing after a reboot: never torn, but a power cut may
 * bring the old content back.
 */
gboolean vir_file_write_run(const char *path, const char *data, gssize len, mode_t mode,
                            GError **error);

/** Reads a regular file of at most @max bytes; NUL terminated copy, @len may be NULL. g_free(). */
char *vir_file_read(const char *path, gsize max, gsize *len, GError **error);

/** Makes @path and its missing parents with @mode. */
gboolean vir_dir_make(const char *path, mode_t mode, GError **error);

/** Removes @path; TRUE as well where it was not there. */
gboolean vir_file_remove(const char *path, GError **error);

/** Closes *@fd unless negative, sets it to -1 and keeps errno. */
void vir_fd_close(int *fd);
#define VIR_AUTOCLOSE __attribute__((cleanup(vir_fd_close))) int
