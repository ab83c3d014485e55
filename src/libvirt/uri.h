/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** A connection URI: driver[+transport]://[user@][host][:port]/path?name=value&… (RFC 3986). */
typedef struct {
    char *driver;    /* "qemu" */
    char *transport; /* "unix", "ssh" …; NULL: not said */
    char *user;
    char *host;        /* NULL: none */
    int port;          /* -1: none */
    char *path;        /* decoded; "" where there is none */
    GPtrArray *params; /* of VirUriParam, in order */
} VirUri;

typedef struct {
    char *name;
    char *value;
    gboolean local; /* used up by this side: not for the daemon */
} VirUriParam;

/** VIR_ERR_INVALID_ARG names the URI and what is wrong with it. */
VirUri *vir_uri_parse(const char *text, GError **error);
void vir_uri_free(VirUri *uri);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirUri, vir_uri_free)

/** Value of parameter @name, or NULL; it is marked as used up. */
const char *vir_uri_take_param(VirUri *uri, const char *name);

/** What the daemon gets: without transport, host and the parameters used up. g_free(). */
char *vir_uri_for_daemon(const VirUri *uri);
