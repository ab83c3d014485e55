/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt-admin.so: connections and handles. The rest is generated. */
#include <libvirt/libvirt-admin.h>

#include "admin.h"
#include "api.h"

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
    GError *error = NULL;
    virAdmConnectPtr conn;

    vir_api_begin();
    conn = vir_adm_connect_open(name, flags, &error);
    if (!conn)
        vir_api_fail(NULL, &error);
    return conn;
}

int
virAdmConnectIsAlive(virAdmConnectPtr conn)
{
    if (!vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__))
        return -1;
    return vir_adm_connect_alive(conn);
}

char *
virAdmConnectGetURI(virAdmConnectPtr conn)
{
    return vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__) ? g_strdup(conn->uri) : NULL;
}

int
virAdmConnectRegisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb, void *opaque,
                                   virFreeCallback freecb)
{
    gboolean taken;

    if (!vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, (const void *)cb, "cb", __func__))
        return -1;
    pthread_mutex_lock(&conn->lock);
    taken = conn->close_func != NULL;
    if (!taken) {
        conn->close_func = cb;
        conn->close_data = opaque;
        conn->close_free = freecb;
    }
    pthread_mutex_unlock(&conn->lock);
    if (taken) {
        vir_api_raise(NULL, VIR_ERR_OPERATION_INVALID, __func__,
                      "A close callback is already registered");
        return -1;
    }
    vir_handle_ref(conn);
    return 0;
}

int
virAdmConnectUnregisterCloseCallback(virAdmConnectPtr conn, virAdmConnectCloseFunc cb)
{
    virFreeCallback ff = NULL;
    void *data = NULL;
    gboolean found;

    if (!vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, (const void *)cb, "cb", __func__))
        return -1;
    pthread_mutex_lock(&conn->lock);
    found = conn->close_func == cb;
    if (found) {
        conn->close_func = NULL;
        data = g_steal_pointer(&conn->close_data);
        ff = g_steal_pointer(&conn->close_free);
    }
    pthread_mutex_unlock(&conn->lock);
    if (!found) {
        vir_api_raise(NULL, VIR_ERR_OPERATION_INVALID, __func__,
                      "A different callback was requested");
        return -1;
    }
    if (ff)
        ff(data);
    vir_handle_unref(conn);
    return 0;
}

unsigned long long
virAdmClientGetID(virAdmClientPtr client)
{
    return vir_api_enter(client, VIR_HANDLE_ADM_CLIENT, __func__) ? client->id
                                                                  : (unsigned long long)-1;
}
