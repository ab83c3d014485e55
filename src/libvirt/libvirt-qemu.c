/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt-qemu.so: the monitor's events. The rest is generated. */
#include <libvirt/libvirt-qemu.h>

#include "api.h"
#include "conn-events.h"
#include "wire.h"

/* What the caller wants called, behind the callback of this library that knows the message. */
typedef struct {
    virConnectDomainQemuMonitorEventCallback func;
    void *opaque;
    virFreeCallback ff;
} Listener;

typedef struct {
    const char *event;
    unsigned int flags;
} Wanted;

static const VirProc *
qemu_proc(int number)
{
    return vir_program_proc(vir_program_find(QEMU_PROGRAM), number);
}

static gboolean
monitor_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
            GError **error)
{
    g_auto(VirArena) arena = {0};
    const Wanted *wanted = extra;
    char *event = (char *)wanted->event;
    remote_nonnull_domain wire;
    qemu_connect_domain_monitor_event_register_args args = {.event = event ? &event : NULL,
                                                            .flags = wanted->flags};
    qemu_connect_domain_monitor_event_register_ret ret;

    if (object) {
        wire = vir_domain_to_wire((virDomainPtr)object);
        args.dom = &wire;
    }
    if (!vir_client_call(conn, qemu_proc(QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER), &args,
                         &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
monitor_remove(virConnectPtr conn, int remote_id, GError **error)
{
    qemu_connect_domain_monitor_event_deregister_args args = {.callbackID = remote_id};

    return vir_client_call(conn, qemu_proc(QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER),
                           &args, NULL, NULL, error);
}

static const VirEventFamily monitor_family = {VIR_CLASS_CONNECT, monitor_add, monitor_remove};

static void
on_monitor_event(virConnectPtr conn, const void *msg, void *opaque)
{
    const qemu_domain_monitor_event_msg *m = msg;
    const Listener *listener = opaque;
    virDomainPtr domain = vir_domain_from_wire(conn, &m->dom);

    listener->func(conn, domain, m->event, m->seconds, m->micros, m->details ? *m->details : NULL,
                   listener->opaque);
    vir_handle_unref(domain);
}

static void
listener_free(void *opaque)
{
    Listener *listener = opaque;

    if (listener->ff)
        listener->ff(listener->opaque);
    g_free(listener);
}

int
virConnectDomainQemuMonitorEventRegister(virConnectPtr conn, virDomainPtr dom, const char *event,
                                         virConnectDomainQemuMonitorEventCallback cb, void *opaque,
                                         virFreeCallback freecb, unsigned int flags)
{
    Wanted wanted = {event, flags};
    Listener *listener;
    GError *error = NULL;
    int id;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        (dom && !vir_api_check_same(conn, dom, VIR_HANDLE_DOMAIN, "dom", __func__)) ||
        !vir_api_check_nonnull(conn, (const void *)cb, "cb", __func__) ||
        !vir_api_check_writable(conn, __func__))
        return -1;
    listener = g_new0(Listener, 1);
    listener->func = cb;
    listener->opaque = opaque;
    listener->ff = freecb;
    id = vir_conn_events_add(conn, &monitor_family, dom, 0, &wanted,
                             (VirEventCallback)on_monitor_event, listener, listener_free, FALSE,
                             &error);
    if (id < 0) {
        g_free(listener);
        vir_api_fail(conn, &error);
    }
    return id;
}

int
virConnectDomainQemuMonitorEventDeregister(virConnectPtr conn, int callbackID)
{
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnegative(conn, callbackID, "callbackID", __func__) ||
        !vir_api_check_writable(conn, __func__))
        return -1;
    if (vir_conn_events_remove(conn, &monitor_family, callbackID, &error))
        return 0;
    vir_api_fail(conn, &error);
    return -1;
}
