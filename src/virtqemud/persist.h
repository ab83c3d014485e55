/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"
#include "vir-domstatus-def.h"

/** Writes the persistent definition @config. Waits for the disk, as all below: job threads only. */
gboolean vir_qemu_config_write(VirQemuDriver *driver, const VirQemuDef *config, GError **error);
/** Removes the definition called @name and its autostart link. */
gboolean vir_qemu_config_remove(VirQemuDriver *driver, const char *name, GError **error);
/** Makes or removes the autostart link of @name. */
gboolean vir_qemu_autostart_write(VirQemuDriver *driver, const char *name, gboolean on,
                                  GError **error);
/** Loads every definition, in parallel. A broken file is kept and reported, the others load. */
void vir_qemu_config_load_all(VirQemuDriver *driver);

/** Job: writes the status file of a running guest. */
gboolean vir_qemu_status_write(VirQemuDomain *dom, GError **error);
/** Job: writes the pid file, which stays the same for the run. */
gboolean vir_qemu_pid_write(VirQemuDomain *dom, GError **error);
void vir_qemu_status_remove(VirQemuDriver *driver, const char *name);
VirDomstatusStatus *vir_qemu_status_read(const char *path, GError **error);

/** VIR_DOMAIN_*_* reason of @state by its name in status files; 0 where unknown. */
int vir_qemu_reason_value(int state, const char *name);
const char *vir_qemu_reason_name(int state, int reason);

/** The names NAME of files NAME.xml in @dir; empty where there is no such folder. */
GPtrArray *vir_qemu_xml_names(const char *dir);
