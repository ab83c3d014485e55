/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A connection URI: what a daemon is sent parses again, to the same. */

#include "uri.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    g_autofree char *text = len ? g_strndup((const char *)data, len) : g_strdup("");
    g_autoptr(VirUri) uri = vir_uri_parse(text, NULL);
    g_autoptr(VirUri) again = NULL;
    g_autofree char *out = NULL;
    g_autofree char *out_again = NULL;

    if (!uri)
        return 0;
    vir_uri_take_param(uri, "socket");
    out = vir_uri_for_daemon(uri);
    again = vir_uri_parse(out, NULL);
    if (again) {
        out_again = vir_uri_for_daemon(again);
        g_assert_cmpstr(out, ==, out_again);
    }
    return 0;
}
