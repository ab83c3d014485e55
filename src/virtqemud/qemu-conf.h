/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** The keys of qemu.conf that are used. */
typedef struct {
    int monitor_timeout_ms; /* key monitor_timeout, in seconds; deadline of a QMP command */
    char *vnc_listen;
    int port_min; /* of graphics */
    int port_max;
    gboolean sandbox;
} VirQemuConf;

/** Reads @path; where there is none, defaults. */
gboolean vir_qemu_conf_load(VirQemuConf *conf, const char *path, GError **error);
void vir_qemu_conf_clear(VirQemuConf *conf);
