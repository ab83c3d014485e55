/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uri.h"

#include <string.h>

#include "vir-error.h"

static void
param_free(void *data)
{
    VirUriParam *param = data;

    g_free(param->name);
    g_free(param->value);
    g_free(param);
}

void
vir_uri_free(VirUri *uri)
{
    if (!uri)
        return;
    g_free(uri->driver);
    g_free(uri->transport);
    g_free(uri->user);
    g_free(uri->host);
    g_free(uri->path);
    g_ptr_array_unref(uri->params);
    g_free(uri);
}

static gboolean
bad_uri(GError **error, const char *text, const char *why)
{
    return vir_error_set_in(error, VIR_FROM_URI, VIR_ERR_INVALID_ARG,
                            "Unable to parse URI '%s': %s", text, why);
}

static gboolean
parse_query(VirUri *uri, const char *text, const char *query, GError **error)
{
    g_auto(GStrv) parts = g_strsplit_set(query, "&;", -1);

    for (char **part = parts; *part; part++) {
        char *equals = strchr(*part, '=');
        VirUriParam *param;

        if (!**part || equals == *part)
            continue;
        param = g_new0(VirUriParam, 1);
        param->name = equals ? g_uri_unescape_segment(*part, equals, NULL)
                             : g_uri_unescape_string(*part, NULL);
        param->value = equals ? g_uri_unescape_string(equals + 1, NULL) : g_strdup("");
        g_ptr_array_add(uri->params, param);
        if (!param->name || !param->value)
            return bad_uri(error, text, "wrong %-escape in the query");
    }
    return TRUE;
}

VirUri *
vir_uri_parse(const char *text, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GUri) parsed =
        g_uri_parse(text, G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_PARSE_RELAXED, &cause);
    g_autoptr(VirUri) uri = NULL;
    const char *scheme;
    const char *plus;

    if (!parsed) {
        if (*text == '/') {
            vir_error_set(error, VIR_ERR_NO_CONNECT, "URI '%s' does not include a driver name",
                          text);
            return NULL;
        }
        bad_uri(error, text, cause->message);
        return NULL;
    }
    uri = g_new0(VirUri, 1);
    uri->params = g_ptr_array_new_with_free_func(param_free);
    scheme = g_uri_get_scheme(parsed);
    plus = strchr(scheme, '+');
    uri->driver = plus ? g_strndup(scheme, plus - scheme) : g_strdup(scheme);
    uri->transport = plus ? g_strdup(plus + 1) : NULL;
    uri->user = g_strdup(g_uri_get_userinfo(parsed));
    if (g_uri_get_host(parsed) && *g_uri_get_host(parsed))
        uri->host = g_strdup(g_uri_get_host(parsed));
    uri->port = g_uri_get_port(parsed);
    uri->path = g_strdup(g_uri_get_path(parsed));
    if (*uri->path && *uri->path != '/') {
        bad_uri(error, text, "its path does not begin with '/'");
        return NULL;
    }
    if (g_uri_get_query(parsed) && !parse_query(uri, text, g_uri_get_query(parsed), error))
        return NULL;
    return g_steal_pointer(&uri);
}

const char *
vir_uri_take_param(VirUri *uri, const char *name)
{
    const char *value = NULL;

    for (guint i = 0; i < uri->params->len; i++) {
        VirUriParam *param = uri->params->pdata[i];

        if (g_ascii_strcasecmp(param->name, name) == 0) {
            param->local = TRUE;
            value = param->value;
        }
    }
    return value;
}

char *
vir_uri_for_daemon(const VirUri *uri)
{
    GString *out = g_string_new(uri->driver);
    char sep = '?';

    g_string_append(out, "://");
    g_string_append_uri_escaped(out, uri->path, "/", FALSE);
    for (guint i = 0; i < uri->params->len; i++) {
        const VirUriParam *param = uri->params->pdata[i];

        if (param->local)
            continue;
        g_string_append_c(out, sep);
        g_string_append_uri_escaped(out, param->name, NULL, FALSE);
        g_string_append_c(out, '=');
        g_string_append_uri_escaped(out, param->value, NULL, FALSE);
        sep = '&';
    }
    return g_string_free(out, FALSE);
}
