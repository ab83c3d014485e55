/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** A pid file that is locked as long as its process lives (fcntl() write lock on the first byte).
 */
typedef struct VirPidfile VirPidfile;

/**
 * Makes or takes over @path, locks it and writes this process's id into it.
 * VIR_ERR_OPERATION_FAILED with "@what is already running with pid N" where another process holds
 * it.
 */
VirPidfile *vir_pidfile_acquire(const char *path, const char *what, GError **error);
/** Removes and unlocks it. */
void vir_pidfile_release(VirPidfile *pidfile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPidfile, vir_pidfile_release)
