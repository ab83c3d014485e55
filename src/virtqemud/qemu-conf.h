/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** Certificates of one service that QEMU speaks TLS for. */
typedef struct {
    gboolean on; /* where the document does not say */
    char *dir;
    char *secret_uuid; /* of the key's password, or NULL */
    gboolean verify;   /* clients have to show a certificate */
} VirQemuTlsConf;

/** The keys of qemu.conf that are used. */
typedef struct {
    int monitor_timeout_ms; /* key monitor_timeout, in seconds; deadline of a QMP command */
    char *vnc_listen;
    char *vnc_password; /* of displays without one, or NULL */
    char *vnc_sasl_dir; /* or NULL */
    gboolean vnc_sasl;
    gboolean vnc_auto_unix_socket;
    gboolean vnc_allow_host_audio;
    gboolean nogfx_allow_host_audio;
    char *spice_listen;
    char *spice_password;
    char *spice_sasl_dir;
    gboolean spice_sasl;
    gboolean spice_auto_unix_socket;
    char *rdp_listen;
    char *rdp_username;
    char *rdp_password;
    VirQemuTlsConf vnc_tls;
    VirQemuTlsConf spice_tls;
    VirQemuTlsConf rdp_tls;
    VirQemuTlsConf chardev_tls;
    VirQemuTlsConf nbd_tls;
    VirQemuTlsConf vxhs_tls;
    gboolean storage_use_nbdkit;
    int websocket_min;
    int websocket_max;
    int port_min; /* of graphics */
    int port_max;
    gboolean sandbox;
    gboolean dump_guest_core; /* guests whose document does not say */
    gboolean log_timestamp;
    char *deprecation;     /* "none", "omit", "reject" or "crash" */
    char **firmware_pairs; /* "CODE:VARS" of firmware without a descriptor; NULL: the usual ones */
    char *memory_backing_dir; /* NULL: "ram" beneath the driver's folder */
    char **hugetlbfs_mounts;  /* NULL: those of /proc/mounts; "" is none */
} VirQemuConf;

/** Reads @path; where there is none, defaults. */
gboolean vir_qemu_conf_load(VirQemuConf *conf, const char *path, GError **error);
void vir_qemu_conf_clear(VirQemuConf *conf);
