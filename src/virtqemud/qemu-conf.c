/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-conf.h"

#include "vir-conf-keys.h"
#include "vir-error.h"

/* A number of the file within its bounds; the error names file and line. */
static gboolean
read_int(const VirConf *file, const char *key, gint64 fallback, gint64 min, gint64 max, int *value,
         GError **error)
{
    gint64 n = vir_conf_int(file, key, fallback);

    if (n < min || n > max) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                             "%s:%u: %s must be between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
                             vir_conf_name(file), vir_conf_line(file, key), key, min, max);
    }
    *value = (int)n;
    return TRUE;
}

gboolean
vir_qemu_conf_load(VirQemuConf *conf, const char *path, GError **error)
{
    g_autoptr(VirConf) file = vir_conf_load(path, FALSE, &vir_conf_qemu, FALSE, error);
    int timeout = 0;
    int sandbox = 0;
    int delay = 0;

    if (file == NULL || !read_int(file, "monitor_timeout", 30, 1, 86400, &timeout, error) ||
        !read_int(file, "remote_display_port_min", 5900, 5900, 65535, &conf->port_min, error) ||
        !read_int(file, "remote_display_port_max", 65535, 5900, 65535, &conf->port_max, error) ||
        !read_int(file, "seccomp_sandbox", -1, -1, 1, &sandbox, error) ||
        !read_int(file, "auto_start_delay", 0, 0, G_MAXINT, &delay, error))
        return FALSE;
    conf->monitor_timeout_ms = timeout * 1000;
    conf->sandbox = sandbox != 0;
    conf->auto_start_delay_ms = delay;
    conf->vnc_listen = g_strdup(vir_conf_string(file, "vnc_listen", "127.0.0.1"));
    return TRUE;
}

void
vir_qemu_conf_clear(VirQemuConf *conf)
{
    g_clear_pointer(&conf->vnc_listen, g_free);
}
