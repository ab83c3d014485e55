/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/**
 * At start: takes back every guest that a status file names. Their views are published before this
 * returns, from the files; the monitors are connected by jobs. What cannot be read is kept.
 */
void vir_qemu_reconnect_all(VirQemuDriver *driver);

/** Job: asks the monitor for the state and what else may have changed unseen. */
gboolean vir_qemu_resync(VirQemuDomain *dom, GError **error);

/** At start, once after each boot of the host: starts the guests that are marked for it. */
void vir_qemu_autostart_all(VirQemuDriver *driver);
