/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-host.h"

struct VirHost {
    char *root;
};

/** Text of a file of the kernel, "" where there is none; g_free(). */
char *vir_host_read(const VirHost *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** The number in a file, or @fallback. */
guint64 vir_host_read_number(const VirHost *host, guint64 fallback, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/** The set in a file; empty where there is none. */
VirBitmap *vir_host_read_set(const VirHost *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** The KiB behind @key in a text such as /proc/meminfo; 0 where it is not there. */
guint64 vir_host_meminfo(const char *text, const char *key);
