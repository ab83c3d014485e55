/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-conf.h"

#include "vir-conf-keys.h"
#include "vir-error.h"

gboolean
vir_qemu_conf_load(VirQemuConf *conf, const char *path, GError **error)
{
    g_autoptr(VirConf) file = vir_conf_load(path, FALSE, &vir_conf_qemu, FALSE, error);

    if (file == NULL)
        return FALSE;
    conf->monitor_timeout_ms = (int)vir_conf_int(file, "monitor_timeout", 30) * 1000;
    conf->port_min = (int)vir_conf_int(file, "remote_display_port_min", 5900);
    conf->port_max = (int)vir_conf_int(file, "remote_display_port_max", 65535);
    conf->sandbox = vir_conf_int(file, "seccomp_sandbox", -1) != 0;
    conf->vnc_listen = g_strdup(vir_conf_string(file, "vnc_listen", "127.0.0.1"));
    if (conf->port_min <= conf->port_max)
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                         "%s: remote_display_port_min %d is above remote_display_port_max %d", path,
                         conf->port_min, conf->port_max);
}

void
vir_qemu_conf_clear(VirQemuConf *conf)
{
    g_clear_pointer(&conf->vnc_listen, g_free);
}
