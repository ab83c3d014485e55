/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections: opening, closing, what they know of themselves. */
#include "connect.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api.h"
#include "client.h"
#include "conn-events.h"
#include "open.h"
#include "vir-error.h"
#include "vir-file.h"

static void
on_event(void *owner, const VirProc *proc, const void *msg)
{
    vir_conn_events_dispatch(owner, proc, msg);
}

static void
on_closed(void *owner, int reason)
{
    vir_connect_tell_closed(owner, reason);
}

static const VirClientFuncs client_funcs = {.event = on_event, .closed = on_closed};

const VirProc *
vir_remote_proc(int number)
{
    static const VirProgram *remote;

    if (!remote)
        remote = vir_program_find(REMOTE_PROGRAM);
    return &remote->procs[number];
}

gboolean
vir_client_call(virConnectPtr conn, const VirProc *proc, const void *args, void *ret,
                VirArena *arena, GError **error)
{
    return vir_client_roundtrip(conn->client, proc, args, NULL, 0, ret, NULL, NULL, NULL, arena,
                                error);
}

gboolean
vir_client_call_fds(virConnectPtr conn, const VirProc *proc, const void *args, const int *fds,
                    unsigned n_fds, void *ret, int **out_fds, unsigned *n_out_fds, VirArena *arena,
                    GError **error)
{
    return vir_client_roundtrip(conn->client, proc, args, fds, n_fds, ret, out_fds, n_out_fds, NULL,
                                arena, error);
}

void
vir_connect_clear(void *handle)
{
    virConnectPtr conn = handle;

    if (conn->client) {
        if (conn->opened)
            vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_CLOSE), NULL, NULL, NULL,
                            NULL);
        vir_client_detach(conn->client);
        vir_client_unref(conn->client);
    }
    vir_conn_events_free(conn->events);
    if (conn->closed.free)
        conn->closed.free(conn->closed.data);
    virResetError(&conn->err);
    pthread_mutex_destroy(&conn->lock);
    g_free(conn->uri);
    g_free(conn->type);
}

static gboolean
authenticate(virConnectPtr conn, const VirTarget *target, virConnectAuthPtr auth, GError **error)
{
    g_auto(VirArena) arena = {0};
    remote_auth_list_ret list;
    remote_auth_type type = REMOTE_AUTH_NONE;

    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_AUTH_LIST), NULL, &list, &arena, error))
        return FALSE;
    if (list.types.types_len == 0)
        return vir_error_set(error, VIR_ERR_AUTH_FAILED, "the daemon offers no authentication");
    type = list.types.types_val[0];
    if (target->auth) {
        int want = strcmp(target->auth, "polkit") == 0      ? REMOTE_AUTH_POLKIT
                   : strcmp(target->auth, "none") == 0      ? REMOTE_AUTH_NONE
                   : g_str_has_prefix(target->auth, "sasl") ? REMOTE_AUTH_SASL
                                                            : -1;
        gboolean found = FALSE;

        for (guint i = 0; i < list.types.types_len; i++)
            found |= (int)list.types.types_val[i] == want;
        if (want < 0)
            return vir_error_set(error, VIR_ERR_AUTH_FAILED, "unknown authentication type %s",
                                 target->auth);
        if (!found)
            return vir_error_set(error, VIR_ERR_AUTH_FAILED,
                                 "requested authentication type %s rejected", target->auth);
        type = want;
    }
    if (type == REMOTE_AUTH_POLKIT) {
        remote_auth_polkit_ret polkit;

        return vir_client_call(conn, vir_remote_proc(REMOTE_PROC_AUTH_POLKIT), NULL, &polkit,
                               &arena, error);
    }
    if (type == REMOTE_AUTH_SASL)
        return vir_error_set(error, VIR_ERR_NO_SUPPORT,
                             "SASL authentication, which '%s' demands, is not built into this "
                             "library",
                             target->socket);
    if (type != REMOTE_AUTH_NONE)
        return vir_error_set(error, VIR_ERR_AUTH_FAILED, "unsupported authentication type %d",
                             type);
    return TRUE;
}

gboolean
vir_connect_feature(virConnectPtr conn, int feature)
{
    g_auto(VirArena) arena = {0};
    remote_connect_supports_feature_args args = {.feature = feature};
    remote_connect_supports_feature_ret ret;

    return vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_SUPPORTS_FEATURE), &args, &ret,
                           &arena, NULL) &&
           ret.supported > 0;
}

static gboolean
handshake(virConnectPtr conn, const VirTarget *target, virConnectAuthPtr auth, GError **error)
{
    g_auto(VirArena) arena = {0};
    char *name = target->daemon_uri;
    remote_connect_open_args args = {.name = &name, .flags = conn->flags & VIR_CONNECT_RO};

    if (!authenticate(conn, target, auth, error))
        return FALSE;
    /* Asking for it begins the daemon's own pings, which need a loop that answers them. */
    if (vir_client_watched(conn->client))
        conn->keepalive = vir_connect_feature(conn, VIR_DRV_FEATURE_PROGRAM_KEEPALIVE);
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_OPEN), &args, NULL, &arena,
                         error))
        return FALSE;
    conn->opened = TRUE;
    if (target->uri_unknown) {
        remote_connect_get_uri_ret ret;

        if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_GET_URI), NULL, &ret, &arena,
                             error))
            return FALSE;
        g_free(conn->uri);
        conn->uri = g_strdup(ret.uri);
    }
    return TRUE;
}

static virConnectPtr
connect_open(const char *name, virConnectAuthPtr auth, unsigned int flags, GError **error)
{
    g_autofree char *uri = vir_open_resolve(name, !(flags & VIR_CONNECT_NO_ALIASES), error);
    g_autoptr(VirTarget) target = uri ? vir_target_new(uri, flags & VIR_CONNECT_RO, error) : NULL;
    virConnectPtr conn;
    int fd;

    if (!target)
        return NULL;
    fd = vir_target_connect(target, error);
    if (fd < 0)
        return NULL;
    conn = vir_handle_new(sizeof(virConnect), VIR_HANDLE_CONNECT);
    conn->flags = flags;
    conn->uri = g_steal_pointer(&uri);
    pthread_mutex_init(&conn->lock, NULL);
    conn->events = vir_conn_events_new();
    conn->client = vir_client_new(fd, target->socket, &client_funcs, conn);
    vir_client_watch(conn->client);
    if (!handshake(conn, target, auth, error)) {
        vir_handle_unref(conn);
        return NULL;
    }
    if (conn->keepalive)
        vir_client_set_keepalive(conn->client, 5, 5);
    return conn;
}

static virConnectPtr
open_with(const char *name, virConnectAuthPtr auth, unsigned int flags)
{
    GError *error = NULL;
    virConnectPtr conn;

    vir_api_begin();
    conn = connect_open(name, auth, flags, &error);
    if (!conn)
        vir_api_fail(NULL, &error);
    return conn;
}

virConnectPtr
virConnectOpen(const char *name)
{
    return open_with(name, NULL, 0);
}

virConnectPtr
virConnectOpenReadOnly(const char *name)
{
    return open_with(name, NULL, VIR_CONNECT_RO);
}

virConnectPtr
virConnectOpenAuth(const char *name, virConnectAuthPtr auth, unsigned int flags)
{
    return open_with(name, auth, flags);
}

int
virInitialize(void)
{
    return 0;
}

int
virGetVersion(unsigned long *libVer, const char *type, unsigned long *typeVer)
{
    vir_api_begin();
    if (!libVer)
        return -1;
    *libVer = LIBVIR_VERSION_NUMBER;
    if (typeVer)
        *typeVer = LIBVIR_VERSION_NUMBER;
    return 0;
}

int
virConnectIsAlive(virConnectPtr conn)
{
    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return -1;
    return vir_client_alive(conn->client);
}

char *
virConnectGetURI(virConnectPtr conn)
{
    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return NULL;
    return g_strdup(conn->uri);
}

const char *
virConnectGetType(virConnectPtr conn)
{
    g_auto(VirArena) arena = {0};
    remote_connect_get_type_ret ret;
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return NULL;
    pthread_mutex_lock(&conn->lock);
    if (conn->type) {
        pthread_mutex_unlock(&conn->lock);
        return conn->type;
    }
    pthread_mutex_unlock(&conn->lock);
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_GET_TYPE), NULL, &ret, &arena,
                         &error)) {
        vir_api_fail(conn, &error);
        return NULL;
    }
    pthread_mutex_lock(&conn->lock);
    if (!conn->type)
        conn->type = g_strdup(ret.type);
    pthread_mutex_unlock(&conn->lock);
    return conn->type;
}

int
virConnectIsEncrypted(virConnectPtr conn)
{
    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return -1;
    return 0; /* a unix socket */
}

int
virConnectIsSecure(virConnectPtr conn)
{
    g_auto(VirArena) arena = {0};
    remote_connect_is_secure_ret ret;
    GError *error = NULL;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return -1;
    if (!vir_client_call(conn, vir_remote_proc(REMOTE_PROC_CONNECT_IS_SECURE), NULL, &ret, &arena,
                         &error)) {
        vir_api_fail(conn, &error);
        return -1;
    }
    return ret.secure != 0;
}

static int
fail(virConnectPtr conn, int code, const char *what)
{
    GError *error = NULL;

    vir_error_set_in(&error, VIR_FROM_REMOTE, code, "%s", what);
    vir_api_fail(conn, &error);
    return -1;
}

int
virConnectSetKeepAlive(virConnectPtr conn, int interval, unsigned int count)
{
    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__))
        return -1;
    if (!vir_client_watched(conn->client))
        return fail(conn, VIR_ERR_INTERNAL_ERROR,
                    "the caller doesn't support keepalive protocol; perhaps it's missing event "
                    "loop implementation");
    if (!conn->keepalive)
        return 1;
    vir_client_set_keepalive(conn->client, interval, count);
    return 0;
}

gboolean
vir_close_hook_set(VirCloseHook *hook, pthread_mutex_t *lock, const VirCloseHook *to)
{
    gboolean taken;

    pthread_mutex_lock(lock);
    taken = hook->func != NULL;
    if (!taken)
        *hook = *to;
    pthread_mutex_unlock(lock);
    return !taken;
}

VirCloseHook
vir_close_hook_take(VirCloseHook *hook, pthread_mutex_t *lock, VirCloseFunc func)
{
    VirCloseHook old = {0};

    pthread_mutex_lock(lock);
    if (!func || hook->func == func) {
        old = *hook;
        *hook = (VirCloseHook){0};
    }
    pthread_mutex_unlock(lock);
    return old;
}

void
vir_close_hook_end(VirCloseHook *hook, void *handle)
{
    if (hook->free)
        hook->free(hook->data);
    vir_handle_unref(handle);
}

void
vir_connect_tell_closed(virConnectPtr conn, int reason)
{
    VirCloseHook hook = vir_close_hook_take(&conn->closed, &conn->lock, NULL);

    if (!hook.func)
        return;
    ((virConnectCloseFunc)hook.func)(conn, reason, hook.data);
    vir_close_hook_end(&hook, conn);
}

int
virConnectRegisterCloseCallback(virConnectPtr conn, virConnectCloseFunc cb, void *opaque,
                                virFreeCallback freecb)
{
    const VirCloseHook hook = {(VirCloseFunc)cb, opaque, freecb};

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, cb, "cb", __func__))
        return -1;
    if (!vir_close_hook_set(&conn->closed, &conn->lock, &hook))
        return fail(conn, VIR_ERR_OPERATION_INVALID, "A close callback is already registered");
    vir_handle_ref(conn);
    return 0;
}

int
virConnectUnregisterCloseCallback(virConnectPtr conn, virConnectCloseFunc cb)
{
    VirCloseHook hook;

    if (!vir_api_enter(conn, VIR_HANDLE_CONNECT, __func__) ||
        !vir_api_check_nonnull(conn, cb, "cb", __func__))
        return -1;
    hook = vir_close_hook_take(&conn->closed, &conn->lock, (VirCloseFunc)cb);
    if (!hook.func)
        return fail(conn, VIR_ERR_OPERATION_INVALID, "A different callback was requested");
    vir_close_hook_end(&hook, conn);
    return 0;
}
