/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-object.h"

/**
 * Event subscriptions of all clients of a daemon. Drivers emit from any thread; delivery happens on
 * the main thread, in order of emission. Knows nothing of RPC: a subscription is a callback.
 */
typedef struct VirEventHub VirEventHub;

/** An event on its way. @payload: the protocol's *_msg structure without its callbackID. */
typedef struct VirEvent {
    VirClass klass;
    int event_id;              /* VIR_DOMAIN_EVENT_ID_*, VIR_NETWORK_EVENT_ID_* … */
    guint8 uuid[VIR_UUID_LEN]; /* of the object, for subscriptions to one object */
    char *name;                /* of the object, for ACL filters and messages; may be NULL */
    void *payload;             /* see the procedure's @event annotation */
    GDestroyNotify payload_free;
} VirEvent;

typedef void (*VirEventFunc)(const VirEvent *event, int callback_id, void *data);

VirEventHub *vir_event_hub_new(void);
/** Ends all subscriptions; what is on its way is dropped. Main thread. */
void vir_event_hub_free(VirEventHub *hub);

/**
 * Adds a subscription, main thread only; returns its callback id (from 0, unique in the hub).
 * @uuid NULL: all objects. @destroy is called when it ends, once, on
 * the main thread and never while @func of the same subscription runs.
 */
int vir_event_hub_add(VirEventHub *hub, VirClass klass, int event_id,
                      const guint8 uuid[VIR_UUID_LEN], VirEventFunc func, void *data,
                      GDestroyNotify destroy);
/** FALSE where @callback_id is unknown or not @data's. */
gboolean vir_event_hub_remove(VirEventHub *hub, int callback_id, void *data);
/** Ends all subscriptions whose data is @data (a client leaves). */
void vir_event_hub_remove_all(VirEventHub *hub, void *data);
/** FALSE: nobody listens to anything, an event need not even be made. Any thread. */
gboolean vir_event_hub_wanted(VirEventHub *hub);
/** Takes what @event points to (not the struct itself). Any thread. */
void vir_event_hub_emit(VirEventHub *hub, const VirEvent *event);
