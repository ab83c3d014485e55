/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-client.h"

/** The event callbacks of a connection. Thread-safe. */
VirConnEvents *vir_conn_events_new(void);
/** Calls the free functions of those left. */
void vir_conn_events_free(VirConnEvents *events);

/** Any callback: cast to what the event's signature is. */
typedef void (*VirEventCallback)(void);

/** How a family of events is registered with the daemon. */
typedef struct {
    VirClass klass; /* of the objects; VIR_CLASS_CONNECT: the QEMU monitor's events */
    gboolean (*add)(virConnectPtr conn, const void *object, int event_id, const void *extra,
                    int *remote_id, GError **error);
    gboolean (*remove)(virConnectPtr conn, int remote_id, GError **error);
} VirEventFamily;

/** Registers with the daemon and here; the id of the callback, or -1 with @error. Holds the
 * connection. */
int vir_conn_events_add(virConnectPtr conn, const VirEventFamily *family, const void *object,
                        int event_id, const void *extra, VirEventCallback func, void *opaque,
                        virFreeCallback ff, gboolean legacy, GError **error);
/** The opposite, by id; VIR_ERR_INVALID_ARG where there is none. */
gboolean vir_conn_events_remove(virConnectPtr conn, const VirEventFamily *family, int id,
                                GError **error);
/** The id of a callback of virConnectDomainEventRegister(), -1: none. */
int vir_conn_events_find_legacy(virConnectPtr conn, VirEventCallback func);

/** Hands a message of the daemon to its callback. */
void vir_conn_events_dispatch(virConnectPtr conn, const VirProc *proc, const void *msg);

/** Calls @func as the signature of @proc's event demands; the object is made for the call. */
void vir_conn_event_call(virConnectPtr conn, const VirProc *proc, const void *msg,
                         VirEventCallback func, void *opaque);
