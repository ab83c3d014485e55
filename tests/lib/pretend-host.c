/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pretend-host.h"

#include "fake-host.h"
#include "storage-volume.h"
#include "vir-error.h"
#include <string.h>

static VirNetworkPortDef *
pretend_port(const VirQemuEnv *self, const VirDomainDef *def, const VirDomainInterface *net,
             GError **error)
{
    VirNetworkPortDef *port = vir_network_port_def_new();

    if (g_str_equal(net->network, "lent")) {
        port->plug_type = VIR_NETWORK_PORT_PLUG_TYPE_HOSTDEV_PCI;
        port->plug_managed = VIR_TRISTATE_YES;
        port->address = vir_pci_address_new();
        port->address->bus = 7;
    } else if (g_str_equal(net->network, "shared")) {
        port->plug_type = VIR_NETWORK_PORT_PLUG_TYPE_DIRECT;
        port->plug_dev = g_strdup("eth0");
        port->plug_mode = VIR_NETWORK_PORT_PLUG_MODE_BRIDGE;
    } else {
        port->plug_type = VIR_NETWORK_PORT_PLUG_TYPE_NETWORK;
        port->plug_bridge = g_strdup("virbr0");
    }
    return port;
}

static gboolean
pretend_hostdev(const VirQemuEnv *self, VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->source_startup_policy == VIR_DOMAIN_HOSTDEV_SOURCE_STARTUP_POLICY_OPTIONAL) {
        hostdev->source_missing = VIR_TRISTATE_YES;
    } else if (hostdev->has_vendor && hostdev->vendor != 0xdead) {
        hostdev->source_address.bus = 3;
        hostdev->source_address.device = 14;
    }
    return TRUE;
}

static void
pretend_random(guint8 *bytes, gsize n)
{
    memset(bytes, 7, n);
}

static gboolean
pretend_secret(const VirQemuEnv *self, const VirDomainSecretRef *ref, guint8 **value, gsize *len,
               GError **error)
{
    *value = g_memdup2("secret", 6);
    *len = 6;
    return TRUE;
}

/* Pool "scsi" is on an iSCSI server, any other is a folder. */
static gboolean
pretend_volume(const VirQemuEnv *self, VirDomainSource *src, GError **error)
{
    g_autoptr(VirStoragePoolDef) pool = vir_storage_pool_def_new();

    pool->name = g_strdup(src->volume->pool);
    pool->type = VIR_STORAGE_POOL_TYPE_DIR;
    if (g_str_equal(pool->name, "scsi")) {
        VirStoragePoolHost *host = vir_storage_pool_host_new();
        VirStoragePoolDevice *target = vir_storage_pool_device_new();

        pool->type = VIR_STORAGE_POOL_TYPE_ISCSI;
        host->name = g_strdup("server");
        target->path = g_strdup("iqn.target");
        vir_xml_append(&pool->source, hosts, host);
        vir_xml_append(&pool->source, devices, target);
    }
    return vir_source_translate(src, pool, VIR_STORAGE_VOL_TYPE_FILE, "/pool/volume", error);
}

/* Group "two" has two files to read, any other one to write. */
static gboolean
pretend_group(const VirQemuEnv *self, const char *name, GArray *fds, guint *n, gboolean *writable,
              GError **error)
{
    *n = g_str_equal(name, "two") ? 2 : 1;
    *writable = *n == 1;
    for (guint i = 0; fds && i < *n; i++) {
        int fd = fake_host_fd();

        g_array_append_val(fds, fd);
    }
    return TRUE;
}

static gint64
pretend_time(const VirQemuEnv *self, gboolean local)
{
    return 1700000000 + (local ? 3600 : 0);
}

static gboolean
has_tpm_version(const VirQemuEnv *env, const char *version)
{
    return TRUE;
}

void
pretend_host_fill(VirQemuEnv *self)
{
    fake_host_fill(self);
    self->random = pretend_random;
    self->secret = pretend_secret;
    self->volume = pretend_volume;
    self->fd_group = pretend_group;
    self->network_port = pretend_port;
    self->take_hostdev = pretend_hostdev;
    self->now = pretend_time;
    self->has_tpm_version = has_tpm_version;
    self->host_arch = "x86_64";
    self->host_cpu = vir_cpu_new("x86_64", TRUE);
    self->host_cpu->def->model = g_strdup("Nehalem");
    self->host_cpu->def->vendor = g_strdup("Intel");
    vir_cpu_put_feature(self->host_cpu, "aes", 0);
    vir_cpu_put_feature(self->host_cpu, "invtsc", 0);
}
