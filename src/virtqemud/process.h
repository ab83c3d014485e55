/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qmp.h"
#include <sys/types.h>

struct VirQemuDomain;

/**
 * One run of a guest: its process and its monitor. Outlived by nothing but references to it, so
 * that what is late of an old run is never taken for the new one's. Reference counted,
 * thread-safe.
 */
typedef struct VirQemuProcess VirQemuProcess;

/** An event of the monitor, in the order of arrival. */
typedef struct {
    char *name;
    json_object *data; /* or NULL */
    gint64 micros;
} VirQemuEvent;

void vir_qemu_event_free(VirQemuEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuEvent, vir_qemu_event_free)

/**
 * Watches the process @pid by @pidfd (taken) for @dom. When process and monitor are both at their
 * end, an urgent job of the domain's strand runs vir_qemu_exited(). @start: see
 * vir_qemu_process_start_time().
 */
VirQemuProcess *vir_qemu_process_new(struct VirQemuDomain *dom, pid_t pid, int pidfd,
                                     guint64 start);
VirQemuProcess *vir_qemu_process_ref(VirQemuProcess *process);
void vir_qemu_process_unref(VirQemuProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuProcess, vir_qemu_process_unref)

/** Takes the connected socket @fd as the monitor. */
void vir_qemu_process_attach(VirQemuProcess *process, const char *owner, int fd);

/** The monitor, a new reference; NULL where there is none (any more). */
VirQmp *vir_qemu_process_qmp(VirQemuProcess *process);
pid_t vir_qemu_process_pid(const VirQemuProcess *process);
guint64 vir_qemu_process_started(const VirQemuProcess *process);

/** TRUE where the signal was sent; a process that is gone already counts. */
gboolean vir_qemu_process_signal(VirQemuProcess *process, int sig, GError **error);

/** Sends SIGTERM now, and SIGKILL if the process still lives after @ms. */
void vir_qemu_process_terminate(VirQemuProcess *process, unsigned ms);

/** Fulfilled (with NULL) when process and monitor are at their end. Borrowed. */
VirPromise *vir_qemu_process_ended(VirQemuProcess *process);

/** The oldest event not taken yet, or NULL. */
VirQemuEvent *vir_qemu_process_next_event(VirQemuProcess *process);

/** When @pid was started, in clock ticks since boot; 0 where there is no such process. */
guint64 vir_qemu_process_start_time(pid_t pid);

/** A nonblocking stream connection to the unix socket @path, or -1. */
int vir_qemu_connect_socket(const char *path, GError **error);

/** Main thread: watches it no more and closes the monitor; the process goes on. */
void vir_qemu_process_abandon(VirQemuProcess *process);
