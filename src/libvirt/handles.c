/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handles.h"

#include <string.h>

#include "connect.h"
#include "stream.h"

static void *
handle_alloc(gsize size, VirHandleMagic magic)
{
    VirHandle *handle = g_malloc0(size);

    handle->magic = magic;
    handle->refs = 1;
    return handle;
}

#define handle_new(type, magic) ((type *)handle_alloc(sizeof(type), magic))

gboolean
vir_handle_is(const void *handle, VirHandleMagic magic)
{
    return handle && ((const VirHandle *)handle)->magic == magic;
}

void *
vir_handle_ref(void *handle)
{
    if (handle)
        g_atomic_int_inc(&((VirHandle *)handle)->refs);
    return handle;
}

gboolean
vir_handle_try_ref(void *handle)
{
    gint *refs = &((VirHandle *)handle)->refs;
    gint n = g_atomic_int_get(refs);

    while (n > 0) {
        if (g_atomic_int_compare_and_exchange_full(refs, n, n + 1, &n))
            return TRUE;
    }
    return FALSE;
}

virDomainPtr
vir_domain_new(virConnectPtr conn, const char *name, const void *uuid, int id)
{
    virDomainPtr domain = handle_new(virDomain, VIR_HANDLE_DOMAIN);

    domain->conn = vir_handle_ref(conn);
    domain->name = g_strdup(name);
    domain->id = id;
    memcpy(domain->uuid, uuid, VIR_UUID_LEN);
    return domain;
}

virDomainSnapshotPtr
vir_domain_snapshot_new(virDomainPtr domain, const char *name)
{
    virDomainSnapshotPtr snapshot = handle_new(virDomainSnapshot, VIR_HANDLE_DOMAIN_SNAPSHOT);

    snapshot->domain = vir_handle_ref(domain);
    snapshot->name = g_strdup(name);
    return snapshot;
}

virDomainCheckpointPtr
vir_domain_checkpoint_new(virDomainPtr domain, const char *name)
{
    virDomainCheckpointPtr checkpoint =
        handle_new(virDomainCheckpoint, VIR_HANDLE_DOMAIN_CHECKPOINT);

    checkpoint->domain = vir_handle_ref(domain);
    checkpoint->name = g_strdup(name);
    return checkpoint;
}

virNetworkPtr
vir_network_new(virConnectPtr conn, const char *name, const void *uuid)
{
    virNetworkPtr net = handle_new(virNetwork, VIR_HANDLE_NETWORK);

    net->conn = vir_handle_ref(conn);
    net->name = g_strdup(name);
    memcpy(net->uuid, uuid, VIR_UUID_LEN);
    return net;
}

virNetworkPortPtr
vir_network_port_new(virNetworkPtr net, const void *uuid)
{
    virNetworkPortPtr port = handle_new(virNetworkPort, VIR_HANDLE_NETWORK_PORT);

    port->net = vir_handle_ref(net);
    memcpy(port->uuid, uuid, VIR_UUID_LEN);
    return port;
}

virInterfacePtr
vir_interface_new(virConnectPtr conn, const char *name, const char *mac)
{
    virInterfacePtr iface = handle_new(virInterface, VIR_HANDLE_INTERFACE);

    iface->conn = vir_handle_ref(conn);
    iface->name = g_strdup(name);
    iface->mac = g_strdup(mac ? mac : "");
    return iface;
}

virStoragePoolPtr
vir_storage_pool_new(virConnectPtr conn, const char *name, const void *uuid)
{
    virStoragePoolPtr pool = handle_new(virStoragePool, VIR_HANDLE_STORAGE_POOL);

    pool->conn = vir_handle_ref(conn);
    pool->name = g_strdup(name);
    memcpy(pool->uuid, uuid, VIR_UUID_LEN);
    return pool;
}

virStorageVolPtr
vir_storage_vol_new(virConnectPtr conn, const char *pool, const char *name, const char *key)
{
    virStorageVolPtr vol = handle_new(virStorageVol, VIR_HANDLE_STORAGE_VOL);

    vol->conn = vir_handle_ref(conn);
    vol->pool = g_strdup(pool);
    vol->name = g_strdup(name);
    vol->key = g_strdup(key);
    return vol;
}

virNodeDevicePtr
vir_node_device_new(virConnectPtr conn, const char *name)
{
    virNodeDevicePtr dev = handle_new(virNodeDevice, VIR_HANDLE_NODE_DEVICE);

    dev->conn = vir_handle_ref(conn);
    dev->name = g_strdup(name);
    pthread_mutex_init(&dev->lock, NULL);
    return dev;
}

virSecretPtr
vir_secret_new(virConnectPtr conn, const void *uuid, int usage_type, const char *usage_id)
{
    virSecretPtr secret = handle_new(virSecret, VIR_HANDLE_SECRET);

    secret->conn = vir_handle_ref(conn);
    memcpy(secret->uuid, uuid, VIR_UUID_LEN);
    secret->usage_type = usage_type;
    secret->usage_id = g_strdup(usage_id ? usage_id : "");
    return secret;
}

virNWFilterPtr
vir_nwfilter_new(virConnectPtr conn, const char *name, const void *uuid)
{
    virNWFilterPtr filter = handle_new(virNWFilter, VIR_HANDLE_NWFILTER);

    filter->conn = vir_handle_ref(conn);
    filter->name = g_strdup(name);
    memcpy(filter->uuid, uuid, VIR_UUID_LEN);
    return filter;
}

virNWFilterBindingPtr
vir_nwfilter_binding_new(virConnectPtr conn, const char *port_dev, const char *filter_name)
{
    virNWFilterBindingPtr binding = handle_new(virNWFilterBinding, VIR_HANDLE_NWFILTER_BINDING);

    binding->conn = vir_handle_ref(conn);
    binding->port_dev = g_strdup(port_dev);
    binding->filter_name = g_strdup(filter_name);
    return binding;
}

virAdmServerPtr
vir_adm_server_new(virAdmConnectPtr conn, const char *name)
{
    virAdmServerPtr server = handle_new(virAdmServer, VIR_HANDLE_ADM_SERVER);

    server->conn = vir_handle_ref(conn);
    server->name = g_strdup(name);
    return server;
}

virAdmClientPtr
vir_adm_client_new(virAdmServerPtr server, guint64 id, gint64 timestamp, guint32 transport)
{
    virAdmClientPtr client = handle_new(virAdmClient, VIR_HANDLE_ADM_CLIENT);

    client->server = vir_handle_ref(server);
    client->id = id;
    client->timestamp = timestamp;
    client->transport = transport;
    return client;
}

virConnectPtr
vir_handle_conn(const void *handle)
{
    switch ((VirHandleMagic)((const VirHandle *)handle)->magic) {
    case VIR_HANDLE_CONNECT:
        return (virConnectPtr)handle;
    case VIR_HANDLE_DOMAIN:
        return ((virDomainPtr)handle)->conn;
    case VIR_HANDLE_DOMAIN_SNAPSHOT:
        return ((virDomainSnapshotPtr)handle)->domain->conn;
    case VIR_HANDLE_DOMAIN_CHECKPOINT:
        return ((virDomainCheckpointPtr)handle)->domain->conn;
    case VIR_HANDLE_NETWORK:
        return ((virNetworkPtr)handle)->conn;
    case VIR_HANDLE_NETWORK_PORT:
        return ((virNetworkPortPtr)handle)->net->conn;
    case VIR_HANDLE_INTERFACE:
        return ((virInterfacePtr)handle)->conn;
    case VIR_HANDLE_STORAGE_POOL:
        return ((virStoragePoolPtr)handle)->conn;
    case VIR_HANDLE_STORAGE_VOL:
        return ((virStorageVolPtr)handle)->conn;
    case VIR_HANDLE_NODE_DEVICE:
        return ((virNodeDevicePtr)handle)->conn;
    case VIR_HANDLE_SECRET:
        return ((virSecretPtr)handle)->conn;
    case VIR_HANDLE_NWFILTER:
        return ((virNWFilterPtr)handle)->conn;
    case VIR_HANDLE_NWFILTER_BINDING:
        return ((virNWFilterBindingPtr)handle)->conn;
    case VIR_HANDLE_STREAM:
        return ((virStreamPtr)handle)->conn;
    case VIR_HANDLE_ADM_CONNECT:
    case VIR_HANDLE_ADM_SERVER:
    case VIR_HANDLE_ADM_CLIENT:
    case VIR_HANDLE_END:
        break;
    }
    return NULL;
}

/* Frees what is in @handle and returns the handle that it held a reference to. */
static void *
handle_clear(void *handle, VirHandleMagic magic)
{
    switch (magic) {
    case VIR_HANDLE_CONNECT:
        vir_connect_clear(handle);
        return NULL;
    case VIR_HANDLE_DOMAIN:
        g_free(((virDomainPtr)handle)->name);
        return ((virDomainPtr)handle)->conn;
    case VIR_HANDLE_DOMAIN_SNAPSHOT:
        g_free(((virDomainSnapshotPtr)handle)->name);
        return ((virDomainSnapshotPtr)handle)->domain;
    case VIR_HANDLE_DOMAIN_CHECKPOINT:
        g_free(((virDomainCheckpointPtr)handle)->name);
        return ((virDomainCheckpointPtr)handle)->domain;
    case VIR_HANDLE_NETWORK:
        g_free(((virNetworkPtr)handle)->name);
        return ((virNetworkPtr)handle)->conn;
    case VIR_HANDLE_NETWORK_PORT:
        return ((virNetworkPortPtr)handle)->net;
    case VIR_HANDLE_INTERFACE:
        g_free(((virInterfacePtr)handle)->name);
        g_free(((virInterfacePtr)handle)->mac);
        return ((virInterfacePtr)handle)->conn;
    case VIR_HANDLE_STORAGE_POOL:
        g_free(((virStoragePoolPtr)handle)->name);
        return ((virStoragePoolPtr)handle)->conn;
    case VIR_HANDLE_STORAGE_VOL:
        g_free(((virStorageVolPtr)handle)->pool);
        g_free(((virStorageVolPtr)handle)->name);
        g_free(((virStorageVolPtr)handle)->key);
        return ((virStorageVolPtr)handle)->conn;
    case VIR_HANDLE_NODE_DEVICE:
        g_free(((virNodeDevicePtr)handle)->name);
        g_free(((virNodeDevicePtr)handle)->parent);
        pthread_mutex_destroy(&((virNodeDevicePtr)handle)->lock);
        return ((virNodeDevicePtr)handle)->conn;
    case VIR_HANDLE_SECRET:
        g_free(((virSecretPtr)handle)->usage_id);
        return ((virSecretPtr)handle)->conn;
    case VIR_HANDLE_NWFILTER:
        g_free(((virNWFilterPtr)handle)->name);
        return ((virNWFilterPtr)handle)->conn;
    case VIR_HANDLE_NWFILTER_BINDING:
        g_free(((virNWFilterBindingPtr)handle)->port_dev);
        g_free(((virNWFilterBindingPtr)handle)->filter_name);
        return ((virNWFilterBindingPtr)handle)->conn;
    case VIR_HANDLE_STREAM:
        vir_stream_clear(handle);
        return ((virStreamPtr)handle)->conn;
    case VIR_HANDLE_ADM_CONNECT:
        vir_adm_connect_clear(handle);
        return NULL;
    case VIR_HANDLE_ADM_SERVER:
        g_free(((virAdmServerPtr)handle)->name);
        return ((virAdmServerPtr)handle)->conn;
    case VIR_HANDLE_ADM_CLIENT:
        return ((virAdmClientPtr)handle)->server;
    case VIR_HANDLE_END:
        break;
    }
    return NULL;
}

void
vir_handle_unref(void *handle)
{
    while (handle && g_atomic_int_dec_and_test(&((VirHandle *)handle)->refs)) {
        VirHandle *head = handle;
        void *owner = handle_clear(handle, head->magic);

        head->magic = 0;
        g_free(handle);
        handle = owner;
    }
}
