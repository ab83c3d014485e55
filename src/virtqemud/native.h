/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "driver.h"

/**
 * The QEMU command line that a start of the domain @xml would run, in shell spelling (format
 * "qemu-argv" of virConnectDomainXMLToNative()). Nothing is opened, made or started: fds are of
 * /dev/null, and cards on bridges and networks are those of a tap device of the user's own.
 * g_free().
 */
char *vir_qemu_native_argv(VirQemuDriver *driver, const char *xml, GError **error);
