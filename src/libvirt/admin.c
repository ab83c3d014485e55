/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Admin connections, for libvirt-admin.so. */
#include "admin.h"

#include "client.h"
#include "connect.h"
#include "open.h"

static void
on_event(void *owner, const VirProc *proc, const void *msg)
{
}

static void
on_closed(void *owner, int reason)
{
    virAdmConnectPtr conn = owner;
    VirCloseHook hook = vir_close_hook_take(&conn->closed, &conn->lock, NULL);

    if (!hook.func)
        return;
    ((virAdmConnectCloseFunc)hook.func)(conn, reason, hook.data);
    vir_close_hook_end(&hook, conn);
}

static const VirClientFuncs client_funcs = {.event = on_event, .closed = on_closed};

const VirProc *
vir_admin_proc(int number)
{
    return vir_program_proc(vir_program_find(ADMIN_PROGRAM), number);
}

gboolean
vir_client_call_admin(virAdmConnectPtr conn, const VirProc *proc, const void *args, void *ret,
                      VirArena *arena, GError **error)
{
    return vir_client_roundtrip(conn->client, proc, args, NULL, 0, ret, NULL, NULL, NULL, arena,
                                error);
}

void
vir_adm_connect_clear(void *handle)
{
    virAdmConnectPtr conn = handle;

    if (conn->client) {
        if (conn->opened)
            vir_client_call_admin(conn, vir_admin_proc(ADMIN_PROC_CONNECT_CLOSE), NULL, NULL, NULL,
                                  NULL);
        vir_client_detach(conn->client);
        vir_client_unref(conn->client);
    }
    if (conn->closed.free)
        conn->closed.free(conn->closed.data);
    pthread_mutex_destroy(&conn->lock);
    g_free(conn->uri);
}

virAdmConnectPtr
vir_adm_connect_open(const char *name, unsigned int flags, GError **error)
{
    g_autofree char *uri = vir_open_resolve_admin(name, error);
    g_autoptr(VirTarget) target = uri ? vir_target_new_admin(uri, error) : NULL;
    admin_connect_open_args args = {.flags = flags};
    virAdmConnectPtr conn;
    int fd;

    if (!target)
        return NULL;
    fd = vir_target_connect(target, error);
    if (fd < 0)
        return NULL;
    conn = vir_handle_new(sizeof(virAdmConnect), VIR_HANDLE_ADM_CONNECT);
    conn->flags = flags;
    conn->uri = g_strdup(target->daemon_uri);
    pthread_mutex_init(&conn->lock, NULL);
    conn->client = vir_client_new(fd, target->socket, &client_funcs, conn);
    vir_client_watch(conn->client);
    conn->opened = vir_client_call_admin(conn, vir_admin_proc(ADMIN_PROC_CONNECT_OPEN), &args, NULL,
                                         NULL, error);
    if (!conn->opened) {
        vir_handle_unref(conn);
        return NULL;
    }
    return conn;
}
