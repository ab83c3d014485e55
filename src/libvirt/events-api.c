/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registration of event callbacks. */
#define VIR_ENUM_SENTINELS
#include "api.h"
#include "conn-events.h"
#include "vir-error.h"
#include "wire.h"

static gboolean
domain_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
           GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_nonnull_domain wire;
    remote_connect_domain_event_callback_register_any_args args = {.eventID = event_id};
    remote_connect_domain_event_callback_register_any_ret ret;

    if (object) {
        wire = vir_domain_to_wire((virDomainPtr)object);
        args.dom = &wire;
    }
    if (!vir_client_call(conn,
                         vir_remote_proc(REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY),
                         &args, &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
domain_remove(virConnectPtr conn, int remote_id, GError **error)
{
    remote_connect_domain_event_callback_deregister_any_args args = {.callbackID = remote_id};

    return vir_client_call(
        conn, vir_remote_proc(REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY), &args,
        NULL, NULL, error);
}

static const VirEventFamily domain_family = {VIR_CLASS_DOMAIN, domain_add, domain_remove};

static gboolean
network_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
            GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_nonnull_network wire;
    remote_connect_network_event_register_any_args args = {.eventID = event_id};
    remote_connect_network_event_register_any_ret ret;

    if (object) {
        wire = vir_network_to_wire((virNetworkPtr)object);
        args.net = &wire;
    }
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_NETWORK_EVENT_REGISTER_ANY),
                         &args, &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
network_remove(virConnectPtr conn, int remote_id, GError **error)
{
    remote_connect_network_event_deregister_any_args args = {.callbackID = remote_id};

    return vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_NETWORK_EVENT_DEREGISTER_ANY),
                           &args, NULL, NULL, error);
}

static const VirEventFamily network_family = {VIR_CLASS_NETWORK, network_add, network_remove};

static gboolean
pool_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
         GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_nonnull_storage_pool wire;
    remote_connect_storage_pool_event_register_any_args args = {.eventID = event_id};
    remote_connect_storage_pool_event_register_any_ret ret;

    if (object) {
        wire = vir_storage_pool_to_wire((virStoragePoolPtr)object);
        args.pool = &wire;
    }
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY),
                         &args, &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
pool_remove(virConnectPtr conn, int remote_id, GError **error)
{
    remote_connect_storage_pool_event_deregister_any_args args = {.callbackID = remote_id};

    return vir_client_call(conn,
                           vir_remote_proc(REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY),
                           &args, NULL, NULL, error);
}

static const VirEventFamily pool_family = {VIR_CLASS_STORAGE_POOL, pool_add, pool_remove};

static gboolean
device_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
           GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_nonnull_node_device wire;
    remote_connect_node_device_event_register_any_args args = {.eventID = event_id};
    remote_connect_node_device_event_register_any_ret ret;

    if (object) {
        wire = vir_node_device_to_wire((virNodeDevicePtr)object);
        args.dev = &wire;
    }
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY),
                         &args, &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
device_remove(virConnectPtr conn, int remote_id, GError **error)
{
    remote_connect_node_device_event_deregister_any_args args = {.callbackID = remote_id};

    return vir_client_call(conn,
                           vir_remote_proc(REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY),
                           &args, NULL, NULL, error);
}

static const VirEventFamily device_family = {VIR_CLASS_NODE_DEVICE, device_add, device_remove};

static gboolean
secret_add(virConnectPtr conn, const void *object, int event_id, const void *extra, int *remote_id,
           GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_nonnull_secret wire;
    remote_connect_secret_event_register_any_args args = {.eventID = event_id};
    remote_connect_secret_event_register_any_ret ret;

    if (object) {
        wire = vir_secret_to_wire((virSecretPtr)object);
        args.secret = &wire;
    }
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_SECRET_EVENT_REGISTER_ANY),
                         &args, &ret, &arena, error))
        return FALSE;
    *remote_id = ret.callbackID;
    return TRUE;
}

static gboolean
secret_remove(virConnectPtr conn, int remote_id, GError **error)
{
    remote_connect_secret_event_deregister_any_args args = {.callbackID = remote_id};

    return vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_SECRET_EVENT_DEREGISTER_ANY),
                           &args, NULL, NULL, error);
}

static const VirEventFamily secret_family = {VIR_CLASS_SECRET, secret_add, secret_remove};

/* Checks and registers; all families alike. */
static int
register_any(virConnectPtr conn, const VirEventFamily *family, VirHandleMagic magic,
             const void *object, const char *arg, int event_id, int last, VirEventCallback func,
             void *opaque, virFreeCallback ff, const char *name)
{
    GError *error = NULL;
    int id;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, name) ||
        (object && !vir_api_check_same(conn, object, magic, arg, name)) ||
        !vir_api_check_nonnull(conn, (const void *)func, "cb", name) ||
        !vir_api_check_nonnegative(conn, event_id, "eventID", name))
        return -1;
    if (event_id >= last) {
        vir_api_bad_arg(conn, "eventID", name, "eventID must be less than %d", last);
        return -1;
    }
    id = vir_conn_events_add(conn, family, object, event_id, NULL, func, opaque, ff, FALSE, &error);
    if (id < 0)
        vir_api_fail(conn, &error);
    return id;
}

static int
deregister_any(virConnectPtr conn, const VirEventFamily *family, int id, const char *name)
{
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, name) ||
        !vir_api_check_nonnegative(conn, id, "callbackID", name))
        return -1;
    if (!vir_conn_events_remove(conn, family, id, &error)) {
        vir_api_fail(conn, &error);
        return -1;
    }
    return 0;
}

int
virConnectDomainEventRegisterAny(virConnectPtr conn, virDomainPtr dom, int eventID,
                                 virConnectDomainEventGenericCallback cb, void *opaque,
                                 virFreeCallback freecb)
{
    return register_any(conn, &domain_family, VIR_HANDLE_DOMAIN, dom, "dom", eventID,
                        VIR_DOMAIN_EVENT_ID_LAST, (VirEventCallback)cb, opaque, freecb, __func__);
}

int
virConnectDomainEventDeregisterAny(virConnectPtr conn, int callbackID)
{
    return deregister_any(conn, &domain_family, callbackID, __func__);
}

int
virConnectNetworkEventRegisterAny(virConnectPtr conn, virNetworkPtr net, int eventID,
                                  virConnectNetworkEventGenericCallback cb, void *opaque,
                                  virFreeCallback freecb)
{
    return register_any(conn, &network_family, VIR_HANDLE_NETWORK, net, "net", eventID,
                        VIR_NETWORK_EVENT_ID_LAST, (VirEventCallback)cb, opaque, freecb, __func__);
}

int
virConnectNetworkEventDeregisterAny(virConnectPtr conn, int callbackID)
{
    return deregister_any(conn, &network_family, callbackID, __func__);
}

int
virConnectStoragePoolEventRegisterAny(virConnectPtr conn, virStoragePoolPtr pool, int eventID,
                                      virConnectStoragePoolEventGenericCallback cb, void *opaque,
                                      virFreeCallback freecb)
{
    return register_any(conn, &pool_family, VIR_HANDLE_STORAGE_POOL, pool, "pool", eventID,
                        VIR_STORAGE_POOL_EVENT_ID_LAST, (VirEventCallback)cb, opaque, freecb,
                        __func__);
}

int
virConnectStoragePoolEventDeregisterAny(virConnectPtr conn, int callbackID)
{
    return deregister_any(conn, &pool_family, callbackID, __func__);
}

int
virConnectNodeDeviceEventRegisterAny(virConnectPtr conn, virNodeDevicePtr dev, int eventID,
                                     virConnectNodeDeviceEventGenericCallback cb, void *opaque,
                                     virFreeCallback freecb)
{
    return register_any(conn, &device_family, VIR_HANDLE_NODE_DEVICE, dev, "dev", eventID,
                        VIR_NODE_DEVICE_EVENT_ID_LAST, (VirEventCallback)cb, opaque, freecb,
                        __func__);
}

int
virConnectNodeDeviceEventDeregisterAny(virConnectPtr conn, int callbackID)
{
    return deregister_any(conn, &device_family, callbackID, __func__);
}

int
virConnectSecretEventRegisterAny(virConnectPtr conn, virSecretPtr secret, int eventID,
                                 virConnectSecretEventGenericCallback cb, void *opaque,
                                 virFreeCallback freecb)
{
    return register_any(conn, &secret_family, VIR_HANDLE_SECRET, secret, "secret", eventID,
                        VIR_SECRET_EVENT_ID_LAST, (VirEventCallback)cb, opaque, freecb, __func__);
}

int
virConnectSecretEventDeregisterAny(virConnectPtr conn, int callbackID)
{
    return deregister_any(conn, &secret_family, callbackID, __func__);
}

int
virConnectDomainEventRegister(virConnectPtr conn, virConnectDomainEventCallback cb, void *opaque,
                              virFreeCallback freecb)
{
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, (const void *)cb, "cb", __func__))
        return -1;
    if (vir_conn_events_find_legacy(conn, (VirEventCallback)cb) >= 0) {
        vir_error_set(&error, VIR_ERR_INVALID_ARG, "event callback already tracked");
    } else if (vir_conn_events_add(conn, &domain_family, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE, NULL,
                                   (VirEventCallback)cb, opaque, freecb, TRUE, &error) >= 0) {
        return 0;
    }
    vir_api_fail(conn, &error);
    return -1;
}

int
virConnectDomainEventDeregister(virConnectPtr conn, virConnectDomainEventCallback cb)
{
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, (const void *)cb, "cb", __func__))
        return -1;
    if (!vir_conn_events_remove(conn, &domain_family,
                                vir_conn_events_find_legacy(conn, (VirEventCallback)cb), &error)) {
        vir_api_fail(conn, &error);
        return -1;
    }
    return 0;
}
