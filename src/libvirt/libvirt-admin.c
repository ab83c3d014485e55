/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt-admin.so: connections and handles. The rest is generated. */
#include <libvirt/libvirt-admin.h>

#include "admin.h"
#include "api.h"
#include "client.h"
#include "connect.h"

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
    return vir_client_alive(conn->client);
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
    const VirCloseHook hook = {(VirCloseFunc)cb, opaque, freecb};

    if (!vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, (const void *)cb, "cb", __func__))
        return -1;
    if (!vir_close_hook_set(&conn->closed, &conn->lock, &hook)) {
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
    VirCloseHook hook;

    if (!vir_api_enter(conn, VIR_HANDLE_ADM_CONNECT, __func__) ||
        !vir_api_check_nonnull(NULL, (const void *)cb, "cb", __func__))
        return -1;
    hook = vir_close_hook_take(&conn->closed, &conn->lock, (VirCloseFunc)cb);
    if (!hook.func) {
        vir_api_raise(NULL, VIR_ERR_OPERATION_INVALID, __func__,
                      "A different callback was requested");
        return -1;
    }
    vir_close_hook_end(&hook, conn);
    return 0;
}

unsigned long long
virAdmClientGetID(virAdmClientPtr client)
{
    return vir_api_enter(client, VIR_HANDLE_ADM_CLIENT, __func__) ? client->id
                                                                  : (unsigned long long)-1;
}
