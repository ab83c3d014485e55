/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "storage-volume.h"

#include "vir-error.h"
#include <string.h>

/* Where iSCSI pools have their units: "unit:HOST:BUS:TARGET:LUN" ends with the number. */
#define UNIT_PARTS 4

static gboolean
set_local(VirDomainSource *src, int vol_type, const char *path, GError **error)
{
    switch (vol_type) {
    case VIR_STORAGE_VOL_TYPE_FILE:
        src->actual = VIR_DOMAIN_SOURCE_TYPE_FILE;
        break;
    case VIR_STORAGE_VOL_TYPE_BLOCK:
        src->actual = VIR_DOMAIN_SOURCE_TYPE_BLOCK;
        break;
    case VIR_STORAGE_VOL_TYPE_DIR:
        src->actual = VIR_DOMAIN_SOURCE_TYPE_DIR;
        break;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "volume '%s' of pool '%s' is none of file, block, dir",
                             src->volume->volume, src->volume->pool);
    }
    if (src->startup_policy && src->actual != VIR_DOMAIN_SOURCE_TYPE_FILE)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "volume '%s' of pool '%s': startupPolicy is for files only",
                             src->volume->volume, src->volume->pool);
    g_free(src->path);
    src->path = g_strdup(path);
    return TRUE;
}

static gboolean
add_hosts(VirDomainSourceNetwork *network, const VirStoragePoolDef *pool, GError **error)
{
    if (pool->source.n_hosts != 1)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "pool '%s' must have one host for QEMU to use it directly",
                             pool->name);
    for (guint i = 0; i < pool->source.n_hosts; i++) {
        VirDomainSourceHost *host = vir_domain_source_host_new();

        host->name = g_strdup(pool->source.hosts[i]->name);
        host->transport = VIR_DOMAIN_SOURCE_HOST_TRANSPORT_TCP;
        host->port = pool->source.hosts[i]->port > 0 ? (guint)pool->source.hosts[i]->port : 3260;
        host->has_port = true;
        vir_xml_append(network, hosts, host);
    }
    return TRUE;
}

/* The pool's account is the one of its units. */
static void
copy_auth(VirDomainSource *src, const VirStoragePoolAuth *auth)
{
    VirDomainAuth *copy;

    if (!auth || src->auth)
        return;
    copy = vir_domain_auth_new();
    copy->username = g_strdup(auth->username);
    if (auth->secret) {
        copy->secret = vir_domain_secret_ref_new();
        copy->secret->type = auth->type == VIR_STORAGE_POOL_AUTH_TYPE_CEPH
                                 ? VIR_DOMAIN_SECRET_REF_TYPE_CEPH
                                 : VIR_DOMAIN_SECRET_REF_TYPE_ISCSI;
        copy->secret->usage = g_strdup(auth->secret->usage);
        copy->secret->has_uuid = auth->secret->has_uuid;
        memcpy(copy->secret->uuid, auth->secret->uuid, sizeof(copy->secret->uuid));
    }
    src->auth = copy;
}

/* QEMU logs in itself, to the unit of this name. */
static gboolean
set_iscsi(VirDomainSource *src, const VirStoragePoolDef *pool, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(src->volume->volume, ":", -1);
    g_autoptr(VirDomainSourceNetwork) network = vir_domain_source_network_new();

    if (g_strv_length(parts) != UNIT_PARTS)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "volume '%s' of pool '%s' does not name a unit as 'unit:0:0:1' does",
                             src->volume->volume, src->volume->pool);
    if (pool->source.n_devices == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "pool '%s' has no target", pool->name);
    if (!add_hosts(network, pool, error))
        return FALSE;
    network->protocol = VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_ISCSI;
    network->name = g_strdup_printf("%s/%s", pool->source.devices[0]->path, parts[UNIT_PARTS - 1]);
    network->initiator_iqn = g_strdup(pool->source.initiator_iqn);
    vir_domain_source_network_free(src->network);
    src->network = g_steal_pointer(&network);
    copy_auth(src, pool->source.auth);
    src->actual = VIR_DOMAIN_SOURCE_TYPE_NETWORK;
    return TRUE;
}

gboolean
vir_source_translate(VirDomainSource *src, const VirStoragePoolDef *pool, int vol_type,
                     const char *vol_path, GError **error)
{
    int mode = src->volume->mode;

    switch (pool->type) {
    case VIR_STORAGE_POOL_TYPE_DIR:
    case VIR_STORAGE_POOL_TYPE_FS:
    case VIR_STORAGE_POOL_TYPE_NETFS:
    case VIR_STORAGE_POOL_TYPE_LOGICAL:
    case VIR_STORAGE_POOL_TYPE_DISK:
    case VIR_STORAGE_POOL_TYPE_SCSI:
    case VIR_STORAGE_POOL_TYPE_ZFS:
    case VIR_STORAGE_POOL_TYPE_VSTORAGE:
        if (mode)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "pool '%s': a mode of the source is for iSCSI pools only",
                                 pool->name);
        return set_local(src, vol_type, vol_path, error);
    case VIR_STORAGE_POOL_TYPE_ISCSI:
        if (src->startup_policy)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "volume '%s' of pool '%s': startupPolicy is for files only",
                                 src->volume->volume, pool->name);
        return mode == VIR_DOMAIN_SOURCE_VOLUME_MODE_DIRECT
                   ? set_iscsi(src, pool, error)
                   : set_local(src, vol_type, vol_path, error);
    case VIR_STORAGE_POOL_TYPE_ISCSI_DIRECT:
        return set_iscsi(src, pool, error);
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "pool '%s': volumes of pools of type '%s' cannot be disks; a source "
                             "of type 'network' reaches the same image",
                             pool->name, vir_storage_pool_type_to_string(pool->type));
    }
}
