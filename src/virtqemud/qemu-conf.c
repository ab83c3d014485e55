/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-conf.h"

#include "vir-conf-keys.h"
#include "vir-error.h"
#include <stddef.h>
#include <unistd.h>

#define PKI_DIR VIR_SYSCONFDIR "/pki/"

/* Keys with nothing to them but their value. */
static const struct {
    const char *key;
    gsize offset;
    const char *fallback;
} strings[] = {
    {"deprecation_behavior", offsetof(VirQemuConf, deprecation), "none"},
    {"vnc_listen", offsetof(VirQemuConf, vnc_listen), "127.0.0.1"},
    {"vnc_password", offsetof(VirQemuConf, vnc_password), NULL},
    {"vnc_sasl_dir", offsetof(VirQemuConf, vnc_sasl_dir), NULL},
    {"spice_listen", offsetof(VirQemuConf, spice_listen), "127.0.0.1"},
    {"spice_password", offsetof(VirQemuConf, spice_password), NULL},
    {"spice_sasl_dir", offsetof(VirQemuConf, spice_sasl_dir), NULL},
    {"rdp_listen", offsetof(VirQemuConf, rdp_listen), "127.0.0.1"},
    {"rdp_username", offsetof(VirQemuConf, rdp_username), NULL},
    {"rdp_password", offsetof(VirQemuConf, rdp_password), NULL},
};

static const struct {
    const char *key;
    gsize offset;
    gboolean fallback;
} bools[] = {
    {"dump_guest_core", offsetof(VirQemuConf, dump_guest_core), FALSE},
    {"log_timestamp", offsetof(VirQemuConf, log_timestamp), TRUE},
    {"vnc_sasl", offsetof(VirQemuConf, vnc_sasl), FALSE},
    {"vnc_auto_unix_socket", offsetof(VirQemuConf, vnc_auto_unix_socket), FALSE},
    {"vnc_allow_host_audio", offsetof(VirQemuConf, vnc_allow_host_audio), FALSE},
    {"nographics_allow_host_audio", offsetof(VirQemuConf, nogfx_allow_host_audio), FALSE},
    {"spice_sasl", offsetof(VirQemuConf, spice_sasl), FALSE},
    {"spice_auto_unix_socket", offsetof(VirQemuConf, spice_auto_unix_socket), FALSE},
    {"storage_use_nbdkit", offsetof(VirQemuConf, storage_use_nbdkit), FALSE},
};

/* Services with certificates; keys "NAME_tls", "NAME_tls_x509_…". */
static const struct {
    const char *name;
    gsize offset;
    gboolean verify; /* where neither the service nor the default says */
} tls_services[] = {
    {"vnc", offsetof(VirQemuConf, vnc_tls), FALSE},
    {"spice", offsetof(VirQemuConf, spice_tls), FALSE},
    {"rdp", offsetof(VirQemuConf, rdp_tls), FALSE},
    {"chardev", offsetof(VirQemuConf, chardev_tls), TRUE},
    {"nbd", offsetof(VirQemuConf, nbd_tls), TRUE},
    {"vxhs", offsetof(VirQemuConf, vxhs_tls), TRUE},
};

#define MEMBER(conf, type, offset) ((type *)(void *)((char *)(conf) + (offset)))

/* The folder of a service: its own key, its own place where that is there, the default. */
static char *
tls_dir(const VirConf *file, const char *name, const char *own)
{
    g_autofree char *place = g_strconcat(PKI_DIR "libvirt-", name, NULL);

    if (own)
        return g_strdup(own);
    if (access(place, F_OK) == 0)
        return g_steal_pointer(&place);
    return g_strdup(vir_conf_string(file, "default_tls_x509_cert_dir", PKI_DIR "qemu"));
}

static void
load_tls(VirQemuTlsConf *tls, const VirConf *file, const char *name, gboolean verify)
{
    g_autofree char *on = g_strconcat(name, "_tls", NULL);
    g_autofree char *dir = g_strconcat(on, "_x509_cert_dir", NULL);
    g_autofree char *secret = g_strconcat(on, "_x509_secret_uuid", NULL);
    g_autofree char *check = g_strconcat(on, "_x509_verify", NULL);
    const char *own = vir_conf_string(file, dir, NULL);

    tls->on = vir_conf_bool(file, on, FALSE);
    tls->dir = tls_dir(file, name, own);
    /* The default secret is of the default folder. */
    tls->secret_uuid = g_strdup(vir_conf_string(
        file, secret, own ? NULL : vir_conf_string(file, "default_tls_x509_secret_uuid", NULL)));
    tls->verify =
        vir_conf_bool(file, check, vir_conf_bool(file, "default_tls_x509_verify", verify));
}

static void
clear_tls(VirQemuTlsConf *tls)
{
    g_clear_pointer(&tls->dir, g_free);
    g_clear_pointer(&tls->secret_uuid, g_free);
}

static void
load_tables(VirQemuConf *conf, const VirConf *file)
{
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        *MEMBER(conf, char *, strings[i].offset) =
            g_strdup(vir_conf_string(file, strings[i].key, strings[i].fallback));
    for (gsize i = 0; i < G_N_ELEMENTS(bools); i++)
        *MEMBER(conf, gboolean, bools[i].offset) =
            vir_conf_bool(file, bools[i].key, bools[i].fallback);
    for (gsize i = 0; i < G_N_ELEMENTS(tls_services); i++)
        load_tls(MEMBER(conf, VirQemuTlsConf, tls_services[i].offset), file, tls_services[i].name,
                 tls_services[i].verify);
}

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
    conf->memory_backing_dir = g_strdup(vir_conf_string(file, "memory_backing_dir", NULL));
    conf->firmware_pairs = g_strdupv((char **)vir_conf_list(file, "nvram"));
    conf->hugetlbfs_mounts = g_strdupv((char **)vir_conf_list(file, "hugetlbfs_mount"));
    conf->websocket_min = (int)vir_conf_int(file, "remote_websocket_port_min", 5700);
    conf->websocket_max = (int)vir_conf_int(file, "remote_websocket_port_max", 65535);
    load_tables(conf, file);
    if (conf->websocket_min > conf->websocket_max)
        return vir_error_set(
            error, VIR_ERR_CONF_SYNTAX,
            "%s: remote_websocket_port_min %d is above remote_websocket_port_max %d", path,
            conf->websocket_min, conf->websocket_max);
    if (conf->port_min <= conf->port_max)
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                         "%s: remote_display_port_min %d is above remote_display_port_max %d", path,
                         conf->port_min, conf->port_max);
}

void
vir_qemu_conf_clear(VirQemuConf *conf)
{
    for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
        g_clear_pointer(MEMBER(conf, char *, strings[i].offset), g_free);
    for (gsize i = 0; i < G_N_ELEMENTS(tls_services); i++)
        clear_tls(MEMBER(conf, VirQemuTlsConf, tls_services[i].offset));
    g_clear_pointer(&conf->memory_backing_dir, g_free);
    g_clear_pointer(&conf->hugetlbfs_mounts, g_strfreev);
    g_clear_pointer(&conf->firmware_pairs, g_strfreev);
}
