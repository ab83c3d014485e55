/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls of the admin socket. All run on the main thread, as the servers they speak of do. */

#include "vir-daemon-private.h"
#include "vir-error.h"
#include "vir-log.h"
#include "vir-ops.h"

#include <libvirt/libvirt-admin.h>
#include <string.h>

typedef struct {
    admin_typed_param *params;
    guint *len;
    guint max;
} VirParams;

static admin_typed_param *
params_add(VirParams *list, const char *field, int type)
{
    admin_typed_param *param = &list->params[(*list->len)++];

    g_assert(*list->len <= list->max);
    param->field = g_strdup(field);
    param->value.type = type;
    return param;
}

static void
params_add_uint(VirParams *list, const char *field, guint value)
{
    params_add(list, field, VIR_TYPED_PARAM_UINT)->value.admin_typed_param_value_u.ui = value;
}

static void
params_add_int(VirParams *list, const char *field, int value)
{
    params_add(list, field, VIR_TYPED_PARAM_INT)->value.admin_typed_param_value_u.i = value;
}

/* Left out where @value is NULL. */
static void
params_add_string(VirParams *list, const char *field, const char *value)
{
    if (value)
        params_add(list, field, VIR_TYPED_PARAM_STRING)->value.admin_typed_param_value_u.s =
            g_strdup(value);
}

/* Room for @max parameters in the two fields of an answer's list. */
#define PARAMS_INIT(list, max)                                                                     \
    {                                                                                              \
        (list).params_val = g_new0(admin_typed_param, max), &(list).params_len, max                \
    }

static gboolean
params_get_uint(const admin_typed_param *param, guint *value, GError **error)
{
    if (param->value.type != VIR_TYPED_PARAM_UINT)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "parameter '%s' must be an unsigned integer", param->field);
    *value = param->value.admin_typed_param_value_u.ui;
    return TRUE;
}

static gboolean
no_flags(guint flags, GError **error)
{
    return flags == 0 ||
           vir_error_set(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x)", flags);
}

static VirServer *
find_server(VirDaemon *daemon, const char *name, GError **error)
{
    if (g_str_equal(name, vir_server_name(daemon->server)))
        return daemon->server;
    if (g_str_equal(name, vir_server_name(daemon->admin)))
        return daemon->admin;
    vir_error_set(error, VIR_ERR_NO_SERVER, "%s has no server named '%s'", daemon->spec->name,
                  name);
    return NULL;
}

static gboolean
find_client(VirDaemon *daemon, const admin_nonnull_client *client, VirServer **server,
            VirSessionInfo *info, GError **error)
{
    *server = find_server(daemon, client->srv.name, error);
    if (!*server)
        return FALSE;
    return vir_server_get_session(*server, client->id, info) ||
           vir_error_set(error, VIR_ERR_NO_CLIENT,
                         "server '%s' has no client with id %" G_GUINT64_FORMAT, client->srv.name,
                         (guint64)client->id);
}

static void
fill_client(admin_nonnull_client *client, VirServer *server, const VirSessionInfo *info)
{
    client->srv.name = g_strdup(vir_server_name(server));
    client->id = info->id;
    client->timestamp = info->connected;
    client->transport = (guint)info->transport;
}

static gboolean
connect_open(VirCall *call, const admin_connect_open_args *args, void *ret, GError **error)
{
    return no_flags(args->flags, error);
}

static gboolean
connect_close(VirCall *call, const void *args, void *ret, GError **error)
{
    return TRUE;
}

static gboolean
connect_get_lib_version(VirCall *call, const void *args, admin_connect_get_lib_version_ret *ret,
                        GError **error)
{
    ret->libVer = LIBVIR_VERSION_NUMBER;
    return TRUE;
}

static gboolean
connect_list_servers(VirCall *call, const admin_connect_list_servers_args *args,
                     admin_connect_list_servers_ret *ret, GError **error)
{
    VirDaemon *daemon = call->driver;

    if (!no_flags(args->flags, error))
        return FALSE;
    ret->ret = 2;
    if (args->need_results) {
        ret->servers.servers_val = g_new0(admin_nonnull_server, 2);
        ret->servers.servers_len = 2;
        ret->servers.servers_val[0].name = g_strdup(vir_server_name(daemon->server));
        ret->servers.servers_val[1].name = g_strdup(vir_server_name(daemon->admin));
    }
    return TRUE;
}

static gboolean
connect_lookup_server(VirCall *call, const admin_connect_lookup_server_args *args,
                      admin_connect_lookup_server_ret *ret, GError **error)
{
    if (!no_flags(args->flags, error) || !find_server(call->driver, args->name, error))
        return FALSE;
    ret->srv.name = g_strdup(args->name);
    return TRUE;
}

static gboolean
server_get_threadpool(VirCall *call, const admin_server_get_threadpool_parameters_args *args,
                      admin_server_get_threadpool_parameters_ret *ret, GError **error)
{
    VirDaemon *daemon = call->driver;
    VirServer *server = find_server(daemon, args->srv.name, error);
    VirParams list = PARAMS_INIT(ret->params, 6);
    const VirDaemonWorkers *workers;
    VirStrandStats stats;

    if (!server || !no_flags(args->flags, error))
        return FALSE;
    workers = &daemon->workers[server == daemon->admin];
    vir_strand_stats(&stats);
    params_add_uint(&list, VIR_THREADPOOL_WORKERS_MIN, workers->min);
    params_add_uint(&list, VIR_THREADPOOL_WORKERS_MAX, workers->max);
    params_add_uint(&list, VIR_THREADPOOL_WORKERS_CURRENT, stats.threads);
    params_add_uint(&list, VIR_THREADPOOL_WORKERS_FREE, stats.idle);
    params_add_uint(&list, VIR_THREADPOOL_WORKERS_PRIORITY, workers->priority);
    params_add_uint(&list, VIR_THREADPOOL_JOB_QUEUE_DEPTH, stats.queued);
    return TRUE;
}

static gboolean
server_set_threadpool(VirCall *call, const admin_server_set_threadpool_parameters_args *args,
                      void *ret, GError **error)
{
    VirDaemon *daemon = call->driver;
    VirServer *server = find_server(daemon, args->srv.name, error);
    VirDaemonWorkers workers;

    if (!server || !no_flags(args->flags, error))
        return FALSE;
    workers = daemon->workers[server == daemon->admin];
    for (guint i = 0; i < args->params.params_len; i++) {
        const admin_typed_param *param = &args->params.params_val[i];
        guint *value;

        if (g_str_equal(param->field, VIR_THREADPOOL_WORKERS_MIN))
            value = &workers.min;
        else if (g_str_equal(param->field, VIR_THREADPOOL_WORKERS_MAX))
            value = &workers.max;
        else if (g_str_equal(param->field, VIR_THREADPOOL_WORKERS_PRIORITY))
            value = &workers.priority;
        else
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "parameter '%s' cannot be set",
                                 param->field);
        if (!params_get_uint(param, value, error))
            return FALSE;
    }
    if (workers.max == 0 || workers.min > workers.max)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "%u to %u workers is no range: the most must be at least 1 and not "
                             "less than the least",
                             workers.min, workers.max);
    daemon->workers[server == daemon->admin] = workers;
    return TRUE;
}

static gboolean
server_list_clients(VirCall *call, const admin_server_list_clients_args *args,
                    admin_server_list_clients_ret *ret, GError **error)
{
    VirServer *server = find_server(call->driver, args->srv.name, error);
    g_autoptr(GArray) list = NULL;
    guint n;

    if (!server || !no_flags(args->flags, error))
        return FALSE;
    list = vir_server_list_sessions(server);
    n = MIN(list->len, ADMIN_CLIENT_LIST_MAX);
    ret->ret = n;
    if (!args->need_results)
        return TRUE;
    ret->clients.clients_val = g_new0(admin_nonnull_client, n);
    ret->clients.clients_len = n;
    for (guint i = 0; i < n; i++)
        fill_client(&ret->clients.clients_val[i], server, &g_array_index(list, VirSessionInfo, i));
    return TRUE;
}

static gboolean
server_lookup_client(VirCall *call, const admin_server_lookup_client_args *args,
                     admin_server_lookup_client_ret *ret, GError **error)
{
    const admin_nonnull_client wanted = {.srv = args->srv, .id = args->id};
    VirServer *server;
    VirSessionInfo info;

    if (!no_flags(args->flags, error) || !find_client(call->driver, &wanted, &server, &info, error))
        return FALSE;
    fill_client(&ret->clnt, server, &info);
    return TRUE;
}

static gboolean
client_get_info(VirCall *call, const admin_client_get_info_args *args,
                admin_client_get_info_ret *ret, GError **error)
{
    VirParams list = PARAMS_INIT(ret->params, 16);
    const VirIdentity *identity;
    VirServer *server;
    VirSessionInfo info;

    if (!no_flags(args->flags, error) ||
        !find_client(call->driver, &args->clnt, &server, &info, error))
        return FALSE;
    identity = info.identity;
    params_add(&list, VIR_CLIENT_INFO_READONLY, VIR_TYPED_PARAM_BOOLEAN)
        ->value.admin_typed_param_value_u.b = info.readonly;
    if (identity->local) {
        params_add_int(&list, VIR_CLIENT_INFO_UNIX_USER_ID, (int)identity->uid);
        params_add_string(&list, VIR_CLIENT_INFO_UNIX_USER_NAME, identity->user_name);
        params_add_int(&list, VIR_CLIENT_INFO_UNIX_GROUP_ID, (int)identity->gid);
        params_add_string(&list, VIR_CLIENT_INFO_UNIX_GROUP_NAME, identity->group_name);
        params_add_int(&list, VIR_CLIENT_INFO_UNIX_PROCESS_ID, (int)identity->pid);
    }
    params_add_string(&list, VIR_CLIENT_INFO_SOCKET_ADDR, info.address[0] ? info.address : NULL);
    params_add_string(&list, VIR_CLIENT_INFO_SASL_USER_NAME, identity->sasl_user);
    params_add_string(&list, VIR_CLIENT_INFO_X509_DISTINGUISHED_NAME, identity->x509_dname);
    params_add_string(&list, VIR_CLIENT_INFO_SELINUX_CONTEXT, identity->selinux_context);
    return TRUE;
}

static gboolean
client_close(VirCall *call, const admin_client_close_args *args, void *ret, GError **error)
{
    VirServer *server;
    VirSessionInfo info;

    return no_flags(args->flags, error) &&
           find_client(call->driver, &args->clnt, &server, &info, error) &&
           vir_server_close_session(server, info.id);
}

static gboolean
server_get_client_limits(VirCall *call, const admin_server_get_client_limits_args *args,
                         admin_server_get_client_limits_ret *ret, GError **error)
{
    VirServer *server = find_server(call->driver, args->srv.name, error);
    VirParams list = PARAMS_INIT(ret->params, 4);
    VirServerLimits limits;
    guint anonymous;
    guint count;

    if (!server || !no_flags(args->flags, error))
        return FALSE;
    vir_server_get_limits(server, &limits);
    count = vir_server_count(server, &anonymous);
    params_add_uint(&list, VIR_SERVER_CLIENTS_MAX, limits.max_clients);
    params_add_uint(&list, VIR_SERVER_CLIENTS_CURRENT, count);
    params_add_uint(&list, VIR_SERVER_CLIENTS_UNAUTH_MAX, limits.max_anonymous_clients);
    params_add_uint(&list, VIR_SERVER_CLIENTS_UNAUTH_CURRENT, anonymous);
    return TRUE;
}

static gboolean
server_set_client_limits(VirCall *call, const admin_server_set_client_limits_args *args, void *ret,
                         GError **error)
{
    VirServer *server = find_server(call->driver, args->srv.name, error);
    VirServerLimits limits;

    if (!server || !no_flags(args->flags, error))
        return FALSE;
    vir_server_get_limits(server, &limits);
    for (guint i = 0; i < args->params.params_len; i++) {
        const admin_typed_param *param = &args->params.params_val[i];
        guint *value;

        if (g_str_equal(param->field, VIR_SERVER_CLIENTS_MAX))
            value = &limits.max_clients;
        else if (g_str_equal(param->field, VIR_SERVER_CLIENTS_UNAUTH_MAX))
            value = &limits.max_anonymous_clients;
        else
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "parameter '%s' cannot be set",
                                 param->field);
        if (!params_get_uint(param, value, error))
            return FALSE;
    }
    if (limits.max_clients == 0 || limits.max_anonymous_clients > limits.max_clients)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "%u clients, %u of them not authenticated: there must be room for "
                             "one, and the second number cannot be larger",
                             limits.max_clients, limits.max_anonymous_clients);
    vir_server_set_limits(server, &limits);
    return TRUE;
}

static guint
count_words(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    guint n = 0;

    for (guint i = 0; words[i]; i++)
        n += words[i][0] != '\0';
    return n;
}

static gboolean
connect_get_logging_outputs(VirCall *call, const admin_connect_get_logging_outputs_args *args,
                            admin_connect_get_logging_outputs_ret *ret, GError **error)
{
    if (!no_flags(args->flags, error))
        return FALSE;
    ret->outputs = vir_log_get_outputs();
    ret->noutputs = count_words(ret->outputs);
    return TRUE;
}

static gboolean
connect_get_logging_filters(VirCall *call, const admin_connect_get_logging_filters_args *args,
                            admin_connect_get_logging_filters_ret *ret, GError **error)
{
    g_autofree char *filters = vir_log_get_filters();

    if (!no_flags(args->flags, error))
        return FALSE;
    ret->nfilters = filters ? count_words(filters) : 0;
    if (ret->nfilters > 0) {
        ret->filters = g_new(char *, 1);
        *ret->filters = g_steal_pointer(&filters);
    }
    return TRUE;
}

static gboolean
connect_set_logging_outputs(VirCall *call, const admin_connect_set_logging_outputs_args *args,
                            void *ret, GError **error)
{
    g_autofree char *usual = NULL;
    const char *outputs = args->outputs ? *args->outputs : "";

    if (!no_flags(args->flags, error))
        return FALSE;
    if (count_words(outputs) == 0)
        outputs = usual = vir_daemon_default_outputs(call->driver);
    return vir_log_configure(0, NULL, outputs, error);
}

static gboolean
connect_set_logging_filters(VirCall *call, const admin_connect_set_logging_filters_args *args,
                            void *ret, GError **error)
{
    return no_flags(args->flags, error) &&
           vir_log_configure(0, args->filters ? *args->filters : "", NULL, error);
}

static gboolean
server_update_tls_files(VirCall *call, const admin_server_update_tls_files_args *args, void *ret,
                        GError **error)
{
    return no_flags(args->flags, error) && find_server(call->driver, args->srv.name, error) &&
           vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED, "server '%s' does not listen on TLS",
                         args->srv.name);
}

static gboolean
connect_set_daemon_timeout(VirCall *call, const admin_connect_set_daemon_timeout_args *args,
                           void *ret, GError **error)
{
    if (!no_flags(args->flags, error))
        return FALSE;
    vir_daemon_set_timeout(call->driver, args->timeout);
    return TRUE;
}

/* What runs goes on without the daemon in any case: nothing else is to be preserved. */
static gboolean
connect_daemon_shutdown(VirCall *call, const admin_connect_daemon_shutdown_args *args, void *ret,
                        GError **error)
{
    if (!no_flags(args->flags & ~(guint)VIR_DAEMON_SHUTDOWN_PRESERVE, error))
        return FALSE;
    vir_daemon_quit(call->driver);
    return TRUE;
}

static const VirOps admin_ops = {
    .admin_connect_open = connect_open,
    .admin_connect_close = connect_close,
    .admin_connect_get_lib_version = connect_get_lib_version,
    .admin_connect_list_servers = connect_list_servers,
    .admin_connect_lookup_server = connect_lookup_server,
    .admin_server_get_threadpool_parameters = server_get_threadpool,
    .admin_server_set_threadpool_parameters = server_set_threadpool,
    .admin_server_list_clients = server_list_clients,
    .admin_server_lookup_client = server_lookup_client,
    .admin_client_get_info = client_get_info,
    .admin_client_close = client_close,
    .admin_server_get_client_limits = server_get_client_limits,
    .admin_server_set_client_limits = server_set_client_limits,
    .admin_connect_get_logging_outputs = connect_get_logging_outputs,
    .admin_connect_get_logging_filters = connect_get_logging_filters,
    .admin_connect_set_logging_outputs = connect_set_logging_outputs,
    .admin_connect_set_logging_filters = connect_set_logging_filters,
    .admin_server_update_tls_files = server_update_tls_files,
    .admin_connect_set_daemon_timeout = connect_set_daemon_timeout,
    .admin_connect_daemon_shutdown = connect_daemon_shutdown,
};

const VirDriver *
vir_admin_driver(VirDaemon *daemon)
{
    static VirDriver driver = {
        .name = "admin",
        .scheme = "admin",
        .error_domain = VIR_FROM_ADMIN,
        .classes =
            1 << VIR_CLASS_CONNECT | 1 << VIR_CLASS_ADMIN_SERVER | 1 << VIR_CLASS_ADMIN_CLIENT,
        .ops = &admin_ops,
    };

    driver.state = daemon;
    return &driver;
}
