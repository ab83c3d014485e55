/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/* What clients hear of a domain. All from its job. */

void vir_qemu_emit_lifecycle(VirQemuDomain *dom, int event, int detail);
void vir_qemu_emit_reboot(VirQemuDomain *dom);
void vir_qemu_emit_rtc(VirQemuDomain *dom, gint64 offset);
void vir_qemu_emit_watchdog(VirQemuDomain *dom, int action);
/** Both events of an I/O error. */
void vir_qemu_emit_io_error(VirQemuDomain *dom, const char *path, const char *alias, int action,
                            const char *reason);
void vir_qemu_emit_control_error(VirQemuDomain *dom);
void vir_qemu_emit_device_removed(VirQemuDomain *dom, const char *alias);
void vir_qemu_emit_device_removal_failed(VirQemuDomain *dom, const char *alias);
void vir_qemu_emit_tray(VirQemuDomain *dom, const char *alias, int reason);
void vir_qemu_emit_balloon(VirQemuDomain *dom, guint64 actual);
void vir_qemu_emit_pmwakeup(VirQemuDomain *dom);
void vir_qemu_emit_pmsuspend(VirQemuDomain *dom, gboolean disk);
void vir_qemu_emit_agent(VirQemuDomain *dom, int state, int reason);
void vir_qemu_emit_metadata(VirQemuDomain *dom, int type, const char *uri);
/** The event of the monitor as it is, for clients of libvirt-qemu. */
void vir_qemu_emit_monitor(VirQemuDomain *dom, const VirQemuEvent *event);

/** The handle of @dom for an answer or event; the name is g_malloc()ed. */
void vir_qemu_handle(const VirQemuDef *def, int id, remote_nonnull_domain *handle);
