/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who wants to hear of which events. */
#include "conn-events.h"

#include "connect.h"
#include "vir-error.h"

typedef struct {
    gint refs; /* one of the list, one while it is called */
    int id;
    const VirEventFamily *family;
    int remote_id;
    gboolean legacy;
    VirEventCallback func;
    void *opaque;
    virFreeCallback ff;
} Callback;

struct VirConnEvents {
    pthread_mutex_t lock;
    GPtrArray *list; /* of Callback */
    int next_id;
};

static void
callback_unref(void *data)
{
    Callback *callback = data;

    if (!g_atomic_int_dec_and_test(&callback->refs))
        return;
    if (callback->ff)
        callback->ff(callback->opaque);
    g_free(callback);
}

VirConnEvents *
vir_conn_events_new(void)
{
    VirConnEvents *events = g_new0(VirConnEvents, 1);

    pthread_mutex_init(&events->lock, NULL);
    events->list = g_ptr_array_new_with_free_func(callback_unref);
    return events;
}

void
vir_conn_events_free(VirConnEvents *events)
{
    if (!events)
        return;
    g_ptr_array_unref(events->list);
    pthread_mutex_destroy(&events->lock);
    g_free(events);
}

int
vir_conn_events_add(virConnectPtr conn, const VirEventFamily *family, const void *object,
                    int event_id, const void *extra, VirEventCallback func, void *opaque,
                    virFreeCallback ff, gboolean legacy, GError **error)
{
    VirConnEvents *events = conn->events;
    Callback *callback;
    int remote_id;
    int id = -1;

    /* Locked over the call: the first event may come before its answer was looked at. */
    pthread_mutex_lock(&events->lock);
    if (family->add(conn, object, event_id, extra, &remote_id, error)) {
        callback = g_new0(Callback, 1);
        callback->refs = 1;
        id = callback->id = events->next_id++;
        callback->family = family;
        callback->remote_id = remote_id;
        callback->legacy = legacy;
        callback->func = func;
        callback->opaque = opaque;
        callback->ff = ff;
        g_ptr_array_add(events->list, callback);
        vir_handle_ref(conn);
    }
    pthread_mutex_unlock(&events->lock);
    return id;
}

gboolean
vir_conn_events_remove(virConnectPtr conn, const VirEventFamily *family, int id, GError **error)
{
    VirConnEvents *events = conn->events;
    Callback *callback = NULL;
    gboolean good;

    pthread_mutex_lock(&events->lock);
    for (guint i = 0; i < events->list->len; i++) {
        Callback *each = events->list->pdata[i];

        if (each->family == family && each->id == id) {
            g_atomic_int_inc(&each->refs);
            callback = each;
            g_ptr_array_remove_index(events->list, i);
            break;
        }
    }
    pthread_mutex_unlock(&events->lock);
    if (!callback)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "could not find event callback %d", id);
    good = family->remove(conn, callback->remote_id, error);
    callback_unref(callback);
    vir_handle_unref(conn);
    return good;
}

int
vir_conn_events_find_legacy(virConnectPtr conn, VirEventCallback func)
{
    int id = -1;

    pthread_mutex_lock(&conn->events->lock);
    for (guint i = 0; i < conn->events->list->len && id < 0; i++) {
        Callback *each = conn->events->list->pdata[i];

        if (each->legacy && each->func == func)
            id = each->id;
    }
    pthread_mutex_unlock(&conn->events->lock);
    return id;
}

void
vir_conn_events_dispatch(virConnectPtr conn, const VirProc *proc, const void *msg)
{
    VirClass klass =
        proc->program->number == REMOTE_PROGRAM ? proc->handle.klass : VIR_CLASS_CONNECT;
    Callback *callback = NULL;
    int remote_id;

    if (proc->program->number == REMOTE_PROGRAM &&
        proc->number == REMOTE_PROC_CONNECT_EVENT_CONNECTION_CLOSED) {
        vir_connect_tell_closed(conn,
                                ((const remote_connect_event_connection_closed_msg *)msg)->reason);
        return;
    }
    if (proc->callback_id < 0) /* of the protocol before 1.3.3, which is not asked for */
        return;
    remote_id = *(const int *)((const char *)msg + proc->callback_id);
    pthread_mutex_lock(&conn->events->lock);
    for (guint i = 0; i < conn->events->list->len && !callback; i++) {
        Callback *each = conn->events->list->pdata[i];

        if (each->family->klass == klass && each->remote_id == remote_id) {
            g_atomic_int_inc(&each->refs);
            callback = each;
        }
    }
    pthread_mutex_unlock(&conn->events->lock);
    if (!callback)
        return;
    vir_conn_event_call(conn, proc, msg, callback->func, callback->opaque);
    callback_unref(callback);
}
