/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** What a client reads from libvirt.conf: /etc/libvirt for root, else $XDG_CONFIG_HOME/libvirt. */
typedef struct {
    char *path;         /* of the file */
    char **uri_aliases; /* "alias=uri", or NULL */
    char *uri_default;
    char *remote_mode;
} VirClientConf;

/** Reads the file @name. No file is an empty one. VIR_ERR_CONF_SYNTAX with file and line, and what
 * is wrong. */
VirClientConf *vir_client_conf_load(const char *name, GError **error);
void vir_client_conf_free(VirClientConf *conf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirClientConf, vir_client_conf_free)
