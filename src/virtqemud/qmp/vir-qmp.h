/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-strand.h"
#include <json-c/json.h>

/**
 * A connection to a QEMU monitor: the QEMU Machine Protocol, JSON objects one a line
 * (docs/interop/qmp-spec of QEMU). Commands are pipelined: any thread may send while others wait.
 * Reading and the callbacks happen on the main thread. Reference counted, thread-safe.
 */
typedef struct VirQmp VirQmp;

/** The deadline of a command that has no reason for another one. */
#define VIR_QMP_TIMEOUT_MS 30000

/** Callbacks, on the main thread. They post jobs; they do not work. */
typedef struct {
    /* @data (may be NULL) is borrowed; @micros: wall clock of QEMU, microseconds since 1970 */
    void (*event)(VirQmp *qmp, const char *event, json_object *data, gint64 micros, void *opaque);
    /* Once, last: peer gone, bytes that are no QMP (@why says which), or vir_qmp_close(). */
    void (*closed)(VirQmp *qmp, const GError *why, void *opaque);
} VirQmpHooks;

/**
 * Takes the connected stream socket @fd and begins the negotiation (greeting, qmp_capabilities);
 * commands may be sent at once, they leave when it is done. @owner is named in errors ("domain
 * 'web'"). @hooks is static; may be NULL. @destroy frees @opaque with the last reference.
 * Any thread.
 */
VirQmp *vir_qmp_new(const char *owner, int fd, const VirQmpHooks *hooks, void *opaque,
                    GDestroyNotify destroy);

/** vir_qmp_new() on the unix socket @path. VIR_ERR_SYSTEM_ERROR names the path. */
VirQmp *vir_qmp_connect(const char *owner, const char *path, const VirQmpHooks *hooks, void *opaque,
                        GDestroyNotify destroy, GError **error);

/**
 * Makes the listening socket of a monitor to be at @path (mode 0600; what was there is replaced)
 * and a socket connected to it. *@listener goes to QEMU as -chardev socket,fd=…,server=on,wait=off;
 * *@client goes to vir_qmp_new(). No moment at which a connect could be too early.
 */
gboolean vir_qmp_listen(const char *path, int *listener, int *client, GError **error);

VirQmp *vir_qmp_ref(VirQmp *qmp);
void vir_qmp_unref(VirQmp *qmp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQmp, vir_qmp_unref)

/** Ends the connection; what waits fails with VIR_ERR_OPERATION_FAILED. Any thread; idempotent. */
void vir_qmp_close(VirQmp *qmp);

/**
 * Sends @command with @args (taken; NULL: none). The value is a json_object, QEMU's "return"
 * (freed by the promise unless taken). Failure: VIR_ERR_OPERATION_FAILED and kin with QEMU's text.
 */
VirPromise *vir_qmp_send(VirQmp *qmp, const char *command, json_object *args);

/** As vir_qmp_send() with a descriptor (borrowed; QEMU gets a copy), for getfd and add-fd. */
VirPromise *vir_qmp_send_fd(VirQmp *qmp, const char *command, json_object *args, int fd);

/** Waits for a sent command; VIR_ERR_OPERATION_TIMEOUT names owner, command and time. */
gboolean vir_qmp_wait(VirQmp *qmp, VirPromise *promise, const char *command, int timeout_ms,
                      json_object **ret, GError **error);

/**
 * Send and wait, in a job thread. @args is taken. *@ret (may be NULL) is owned by the caller:
 * json_object_put(). A reply later than @timeout_ms is dropped.
 */
gboolean vir_qmp_run(VirQmp *qmp, const char *command, json_object *args, int timeout_ms,
                     json_object **ret, GError **error);

/** QEMU's error class of a failed command ("GenericError", "DeviceNotFound" …), or NULL. */
const char *vir_qmp_error_class(const GError *error);
