/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/** Makes the folders @dirs in which QEMU makes files of a guest's memory. */
gboolean vir_qemu_memory_make_dirs(const GPtrArray *dirs, GError **error);

/** Removes those of the guest with the files that QEMU left there. */
void vir_qemu_memory_remove_dirs(VirQemuDomain *dom);

/** Removes a guest's folder @path, if it is there, with the files in it. */
void vir_qemu_remove_dir(const char *path);
