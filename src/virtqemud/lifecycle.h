/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"

/**
 * Job: starts the guest from its persistent definition, or from `def` where that is given (a
 * transient one, taken). @flags: VIR_DOMAIN_START_*. VIR_ERR_OPERATION_INVALID where it runs.
 */
gboolean vir_qemu_start(VirQemuDomain *dom, VirDomainDef *def, unsigned flags, GError **error);

/** Job: kills the guest; @flags: VIR_DOMAIN_DESTROY_*. */
gboolean vir_qemu_destroy(VirQemuDomain *dom, unsigned flags, GError **error);

/** Any thread: stops whatever the running job waits for, and kills the process where @kill. */
void vir_qemu_interrupt(VirQemuDomain *dom, gboolean kill);

/**
 * Job: the process is gone: takes the traces of the run away, tells clients. @reason:
 * VIR_DOMAIN_SHUTOFF_*; a transient domain is forgotten.
 */
void vir_qemu_stopped(VirQemuDomain *dom, int reason);

/** Job: handles the monitor's events that have arrived, in order. */
void vir_qemu_drain_events(VirQemuDomain *dom);

/** Job: acts as on_poweroff, on_reboot or on_crash say; the guest is halted in QEMU. */
void vir_qemu_after_shutdown(VirQemuDomain *dom, int action, int reason);

/* Main thread: news of a process. */
void vir_qemu_exited(VirQemuDomain *dom, VirQemuProcess *process);
void vir_qemu_events_arrived(VirQemuDomain *dom, VirQemuProcess *process);
void vir_qemu_monitor_lost(VirQemuDomain *dom, VirQemuProcess *process, const GError *why);

/** Job: threads of the processors and, where there is one, the balloon's size, from the monitor. */
gboolean vir_qemu_refresh(VirQemuDomain *dom, GError **error);

/** Job: state and reason, published and kept in the status file. */
void vir_qemu_set_state(VirQemuDomain *dom, int state, int reason);

/** Job: appends a line with the time to the guest's log. */
void vir_qemu_log(VirQemuDomain *dom, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/** Main thread, when the daemon ends and no job runs: lets go of the guest, which goes on. */
void vir_qemu_abandon(VirQemuDomain *dom);
