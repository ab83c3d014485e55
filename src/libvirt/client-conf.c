/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-conf.h"

#include <unistd.h>

#include "vir-conf.h"
#include "vir-paths.h"

void
vir_client_conf_free(VirClientConf *conf)
{
    if (!conf)
        return;
    g_free(conf->path);
    g_strfreev(conf->uri_aliases);
    g_free(conf->uri_default);
    g_free(conf->remote_mode);
    g_free(conf);
}

VirClientConf *
vir_client_conf_load(const char *name, GError **error)
{
    g_autoptr(VirPaths) paths = vir_paths_new(NULL, geteuid() == 0);
    g_autofree char *path = g_build_filename(paths->config, name, NULL);
    g_autoptr(VirConf) file = vir_conf_load(path, FALSE, NULL, FALSE, error);
    VirClientConf *conf;

    if (!file)
        return NULL;
    conf = g_new0(VirClientConf, 1);
    conf->path = g_steal_pointer(&path);
    conf->uri_aliases = g_strdupv((char **)vir_conf_list(file, "uri_aliases"));
    conf->uri_default = g_strdup(vir_conf_string(file, "uri_default", NULL));
    conf->remote_mode = g_strdup(vir_conf_string(file, "remote_mode", NULL));
    return conf;
}
