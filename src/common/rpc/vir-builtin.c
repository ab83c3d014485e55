/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include <libvirt/libvirt.h>

#include "vir-error.h"
#include "vir-server-private.h"

/* Features that are the server's own; facts of the protocol, not of the public API. */
enum {
    FEATURE_FD_PASSING = 8,
    FEATURE_PROGRAM_KEEPALIVE = 10,
    FEATURE_REMOTE_EVENT_CALLBACK = 14,
    FEATURE_REMOTE_CLOSE_CALLBACK = 15,
};

/* Somebody may have to be fetched who knows the password. */
#define POLKIT_WAIT_MS 120000

#define BUILTIN(id)                                                                                \
    static VirBuiltinResult id(VirSession *session, VirCall *call,                                 \
                               const virNetMessageHeader *header, const void *args, void *ret,     \
                               GError **error)

static VirBuiltinResult
result(gboolean ok)
{
    return ok ? VIR_BUILTIN_OK : VIR_BUILTIN_FAILED;
}

BUILTIN(auth_list)
{
    remote_auth_list_ret *list = ret;

    list->types.types_len = 1;
    list->types.types_val = g_new0(remote_auth_type, 1);
    list->types.types_val[0] =
        session->authenticated ? REMOTE_AUTH_NONE : (remote_auth_type)session->auth;
    return VIR_BUILTIN_OK;
}

static void
on_polkit(const GError *error, void *data)
{
    VirSession *session = data;
    const VirProc *proc =
        vir_program_proc(vir_program_find(REMOTE_PROGRAM), REMOTE_PROC_AUTH_POLKIT);
    virNetMessageHeader header = {REMOTE_PROGRAM, REMOTE_PROTOCOL_VERSION, REMOTE_PROC_AUTH_POLKIT,
                                  VIR_NET_CALL,   session->polkit_serial,  VIR_NET_OK};
    remote_auth_polkit_ret ret = {.complete = 1};
    GByteArray *out = session->server->out;

    session->polkit = NULL;
    if (error) {
        vir_session_send_error(session, &header, error);
    } else {
        vir_session_set_authenticated(session);
        header.type = VIR_NET_REPLY;
        if (vir_frame_encode(out, &header, 0, proc->ret, &ret, NULL))
            vir_session_send(session, out);
    }
    vir_session_end_request(session);
}

BUILTIN(auth_polkit)
{
    int wait_ms = session->server->config.polkit_wait_ms;

    if (session->authenticated || session->auth != VIR_AUTH_POLKIT)
        return result(vir_error_set(error, VIR_ERR_AUTH_FAILED,
                                    "client asked for polkit where it is not in use"));
    if (session->polkit)
        return result(vir_error_set(error, VIR_ERR_AUTH_FAILED, "polkit is being asked already"));
    session->polkit = vir_polkit_check(
        session->identity, session->readonly ? VIR_POLKIT_MONITOR : VIR_POLKIT_MANAGE,
        wait_ms ? wait_ms : POLKIT_WAIT_MS, on_polkit, session, error);
    if (!session->polkit)
        return VIR_BUILTIN_FAILED;
    session->polkit_serial = header->serial;
    vir_session_begin_request(session);
    return VIR_BUILTIN_LATER;
}

BUILTIN(auth_sasl)
{
    return result(
        vir_error_set(error, VIR_ERR_AUTH_FAILED, "client asked for SASL where it is not in use"));
}

BUILTIN(connect_open)
{
    const remote_connect_open_args *open = args;
    const char *uri = open->name ? *open->name : "";
    const VirDriver *driver = session->driver;

    if (session->uri) /* or was: calls may still use what open() made */
        return result(
            vir_error_set(error, VIR_ERR_OPERATION_INVALID, "this connection was opened already"));
    if (open->flags & VIR_CONNECT_RO)
        session->readonly = TRUE;
    if (!driver) {
        if (!session->server->config.relay)
            return result(vir_error_set(error, VIR_ERR_NO_CONNECT, "%s", uri));
        return vir_relay_open(session, header, uri, error) ? VIR_BUILTIN_LATER : VIR_BUILTIN_FAILED;
    }
    if (driver->open && !driver->open(driver->state, session->identity, session->readonly, uri,
                                      &session->conn, error))
        return VIR_BUILTIN_FAILED;
    session->opened = TRUE;
    session->uri = g_strdup(uri);
    return VIR_BUILTIN_OK;
}

BUILTIN(connect_close)
{
    /* The client hangs up when it has the answer. Until then nothing more is served. */
    session->opened = FALSE;
    vir_callback_free_all(session);
    return VIR_BUILTIN_OK;
}

BUILTIN(supports_feature)
{
    const remote_connect_supports_feature_args *asked = args;
    remote_connect_supports_feature_ret *answer = ret;
    const VirDriver *driver = session->driver;

    switch (asked->feature) {
    case FEATURE_PROGRAM_KEEPALIVE:
        vir_session_start_keepalive(session);
        answer->supported = 1;
        return VIR_BUILTIN_OK;
    case FEATURE_FD_PASSING:
    case FEATURE_REMOTE_EVENT_CALLBACK:
    case FEATURE_REMOTE_CLOSE_CALLBACK:
        answer->supported = 1;
        return VIR_BUILTIN_OK;
    default:
        break;
    }
    if (!session->opened)
        return result(vir_error_set(error, VIR_ERR_RPC, "connection not open"));
    if (!driver)
        return VIR_BUILTIN_RELAY;
    answer->supported = driver->feature ? driver->feature(driver->state, asked->feature) : 0;
    return VIR_BUILTIN_OK;
}

BUILTIN(get_uri)
{
    const VirDriver *driver = session->driver;
    char *uri = NULL;

    if (!session->opened)
        return result(vir_error_set(error, VIR_ERR_RPC, "connection not open"));
    if (!driver)
        return VIR_BUILTIN_RELAY;
    if (driver->uri)
        uri = driver->uri(driver->state, session->conn);
    ((remote_connect_get_uri_ret *)ret)->uri = uri ? uri : g_strdup(session->uri);
    return VIR_BUILTIN_OK;
}

BUILTIN(get_type)
{
    if (!session->opened)
        return result(vir_error_set(error, VIR_ERR_RPC, "connection not open"));
    if (!session->driver)
        return VIR_BUILTIN_RELAY;
    ((remote_connect_get_type_ret *)ret)->type = g_strdup(session->driver->name);
    return VIR_BUILTIN_OK;
}

BUILTIN(get_lib_version)
{
    g_auto(GStrv) parts = g_strsplit(VIR_VERSION, ".", 3);
    remote_connect_get_lib_version_ret *version = ret;

    for (int i = 0; i < 3 && parts[i]; i++)
        version->lib_ver = version->lib_ver * 1000 + atoi(parts[i]);
    return VIR_BUILTIN_OK;
}

BUILTIN(get_hostname)
{
    ((remote_connect_get_hostname_ret *)ret)->hostname = g_strdup(g_get_host_name());
    return VIR_BUILTIN_OK;
}

BUILTIN(is_secure)
{
    ((remote_connect_is_secure_ret *)ret)->secure = !session->tcp;
    return VIR_BUILTIN_OK;
}

BUILTIN(close_callback)
{
    /* The connection to a driver within this process cannot break. */
    return VIR_BUILTIN_OK;
}

static void
set_text(char **to, const remote_typed_param *param)
{
    g_free(*to);
    *to = g_strdup(param->value.remote_typed_param_value_u.s);
}

BUILTIN(set_identity)
{
    const remote_connect_set_identity_args *set = args;
    g_autoptr(VirIdentity) identity = vir_identity_new();

    if (!session->trusted)
        return result(vir_error_set(error, VIR_ERR_ACCESS_DENIED,
                                    "only a daemon of this host may speak for another user"));
    if (set->flags)
        return result(vir_error_set(error, VIR_ERR_INVALID_ARG,
                                    "unsupported flags (0x%x) in virConnectSetIdentity",
                                    set->flags));
    identity->uid = (uid_t)-1;
    identity->gid = (gid_t)-1;
    for (guint i = 0; i < set->params.params_len; i++) {
        const remote_typed_param *p = &set->params.params_val[i];
        gboolean text = p->value.type == VIR_TYPED_PARAM_STRING;
        guint64 number = p->value.remote_typed_param_value_u.ul;
        gboolean is_number =
            p->value.type == VIR_TYPED_PARAM_ULLONG || p->value.type == VIR_TYPED_PARAM_LLONG;

        if (text && g_str_equal(p->field, VIR_CONNECT_IDENTITY_USER_NAME)) {
            set_text(&identity->user_name, p);
        } else if (text && g_str_equal(p->field, VIR_CONNECT_IDENTITY_GROUP_NAME)) {
            set_text(&identity->group_name, p);
        } else if (text && g_str_equal(p->field, VIR_CONNECT_IDENTITY_SASL_USER_NAME)) {
            set_text(&identity->sasl_user, p);
        } else if (text && g_str_equal(p->field, VIR_CONNECT_IDENTITY_X509_DISTINGUISHED_NAME)) {
            set_text(&identity->x509_dname, p);
        } else if (text && g_str_equal(p->field, VIR_CONNECT_IDENTITY_SELINUX_CONTEXT)) {
            set_text(&identity->selinux_context, p);
        } else if (is_number && g_str_equal(p->field, VIR_CONNECT_IDENTITY_UNIX_USER_ID)) {
            identity->uid = number;
        } else if (is_number && g_str_equal(p->field, VIR_CONNECT_IDENTITY_UNIX_GROUP_ID)) {
            identity->gid = number;
        } else if (is_number && g_str_equal(p->field, VIR_CONNECT_IDENTITY_PROCESS_ID)) {
            identity->pid = number;
            identity->local = TRUE;
        } else if (is_number && g_str_equal(p->field, VIR_CONNECT_IDENTITY_PROCESS_TIME)) {
            identity->process_time = number;
        } else {
            return result(vir_error_set(error, VIR_ERR_INVALID_ARG,
                                        "identity parameter '%s' is unknown or ill-typed",
                                        p->field));
        }
    }
    vir_identity_unref(session->identity);
    session->identity = g_steal_pointer(&identity);
    /* Whoever it speaks for now may not speak for others. */
    session->trusted = FALSE;
    session->relayed = TRUE;
    return VIR_BUILTIN_OK;
}

typedef struct {
    int number;
    VirBuiltinFunc func;
    gboolean fallback; /* only where the driver has no handler of its own */
} Builtin;

static const Builtin builtins[] = {
    {REMOTE_PROC_AUTH_LIST, auth_list},
    {REMOTE_PROC_AUTH_POLKIT, auth_polkit},
    {REMOTE_PROC_AUTH_SASL_INIT, auth_sasl},
    {REMOTE_PROC_AUTH_SASL_START, auth_sasl},
    {REMOTE_PROC_AUTH_SASL_STEP, auth_sasl},
    {REMOTE_PROC_CONNECT_OPEN, connect_open},
    {REMOTE_PROC_CONNECT_CLOSE, connect_close},
    {REMOTE_PROC_CONNECT_SUPPORTS_FEATURE, supports_feature},
    {REMOTE_PROC_CONNECT_GET_URI, get_uri},
    {REMOTE_PROC_CONNECT_SET_IDENTITY, set_identity},
    {REMOTE_PROC_CONNECT_REGISTER_CLOSE_CALLBACK, close_callback},
    {REMOTE_PROC_CONNECT_UNREGISTER_CLOSE_CALLBACK, close_callback},
    {REMOTE_PROC_CONNECT_GET_TYPE, get_type, TRUE},
    {REMOTE_PROC_CONNECT_GET_LIB_VERSION, get_lib_version, TRUE},
    {REMOTE_PROC_CONNECT_GET_HOSTNAME, get_hostname, TRUE},
    {REMOTE_PROC_CONNECT_IS_SECURE, is_secure, TRUE},
};

VirBuiltinFunc
vir_builtin_find(const VirServer *server, const VirProc *proc)
{
    static const Builtin *by_number[REMOTE_PROC_CONNECT_SET_IDENTITY + 1];
    const Builtin *builtin = NULL;
    const VirDriver *driver = server->config.driver;

    if (!by_number[REMOTE_PROC_CONNECT_OPEN]) {
        for (gsize i = 0; i < G_N_ELEMENTS(builtins); i++)
            by_number[builtins[i].number] = &builtins[i];
    }
    if (proc->program->number == REMOTE_PROGRAM && proc->number < (int)G_N_ELEMENTS(by_number))
        builtin = by_number[proc->number];
    if (builtin && builtin->fallback && driver && driver->ops && proc->op >= 0) {
        void *op;

        memcpy(&op, (const guint8 *)driver->ops + proc->op, sizeof(op));
        if (op)
            builtin = NULL;
    }
    if (builtin)
        return builtin->func;
    /* Subscriptions to classes of other daemons are the relay's. */
    return vir_dispatch_owns(server, proc) ? vir_callback_builtin(proc) : NULL;
}
