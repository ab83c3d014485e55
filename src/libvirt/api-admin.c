/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libvirt-admin.so: what no procedure answers. */

#include "admin.h"
#include "api.h"
#include "vir-error.h"

int
virAdmInitialize(void)
{
    return 0;
}

int
virAdmGetVersion(unsigned long long *libVer)
{
    vir_api_begin();
    if (!vir_api_check_nonnull(NULL, libVer, "libVer", __func__))
        return -1;
    *libVer = LIBVIR_VERSION_NUMBER;
    return 0;
}

virAdmConnectPtr
virAdmConnectOpen(const char *name, unsigned int flags)
{
    virAdmConnectPtr conn;
    GError *error = NULL;

    vir_api_begin();
    conn = vir_adm_connect_open(name, flags, &error);
    if (!conn)
        vir_api_fail(NULL, &error);
    return conn;
}

int
virAdmConnectClose(virAdmConnectPtr conn)
{
    gint left;

    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__))
        return -1;
    left = g_atomic_int_get(&conn->head.refs) - 1;
    vir_handle_unref(conn);
    return left;
}

int
virAdmConnectRef(virAdmConnectPtr conn)
{
    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__))
        return -1;
    vir_handle_ref(conn);
    return 0;
}

char *
virAdmConnectGetURI(virAdmConnectPtr conn)
{
    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__))
        return NULL;
    return g_strdup(conn->uri);
}

int
virAdmConnectIsAlive(virAdmConnectPtr conn)
{
    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__))
        return -1;
    return vir_adm_connect_alive(conn) ? 1 : 0;
}

static int
refuse_callback(const char *why)
{
    GError *error = NULL;

    vir_error_set(&error, VIR_ERR_OPERATION_INVALID, "%s", why);
    vir_error_detail(error)->domain = VIR_FROM_ADMIN;
    vir_api_fail(NULL, &error);
    return -1;
}

int
virAdmConnectRegisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb, void *opaque,
                                   virFreeCallback freecb)
{
    gboolean taken;

    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, cb, "cb", __func__))
        return -1;
    vir_handle_ref(conn);
    g_mutex_lock(&conn->lock);
    taken = conn->close_func != NULL;
    if (!taken) {
        conn->close_func = cb;
        conn->close_data = opaque;
        conn->close_free = freecb;
    }
    g_mutex_unlock(&conn->lock);
    if (!taken)
        return 0;
    vir_handle_unref(conn);
    return refuse_callback("a close callback is registered already");
}

int
virAdmConnectUnregisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb)
{
    virFreeCallback ff = NULL;
    void *data = NULL;
    gboolean found;

    vir_api_begin();
    if (!vir_api_check(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, cb, "cb", __func__))
        return -1;
    g_mutex_lock(&conn->lock);
    found = conn->close_func == cb;
    if (found) {
        conn->close_func = NULL;
        data = g_steal_pointer(&conn->close_data);
        ff = g_steal_pointer(&conn->close_free);
    }
    g_mutex_unlock(&conn->lock);
    if (!found)
        return refuse_callback("another close callback, or none, is registered");
    if (ff)
        ff(data);
    vir_handle_unref(conn);
    return 0;
}

const char *
virAdmServerGetName(virAdmServerPtr srv)
{
    vir_api_begin();
    return vir_api_check(srv, VIR_HANDLE_ADM_SERVER, __func__) ? srv->name : NULL;
}

int
virAdmServerFree(virAdmServerPtr srv)
{
    vir_api_begin();
    if (!vir_api_check(srv, VIR_HANDLE_ADM_SERVER, __func__))
        return -1;
    vir_handle_unref(srv);
    return 0;
}

unsigned long long
virAdmClientGetID(virAdmClientPtr client)
{
    vir_api_begin();
    return vir_api_check(client, VIR_HANDLE_ADM_CLIENT, __func__) ? client->id : G_MAXUINT64;
}

long long
virAdmClientGetTimestamp(virAdmClientPtr client)
{
    vir_api_begin();
    return vir_api_check(client, VIR_HANDLE_ADM_CLIENT, __func__) ? client->timestamp : -1;
}

int
virAdmClientGetTransport(virAdmClientPtr client)
{
    vir_api_begin();
    return vir_api_check(client, VIR_HANDLE_ADM_CLIENT, __func__) ? (int)client->transport : -1;
}

int
virAdmClientFree(virAdmClientPtr client)
{
    vir_api_begin();
    if (!vir_api_check(client, VIR_HANDLE_ADM_CLIENT, __func__))
        return -1;
    vir_handle_unref(client);
    return 0;
}
