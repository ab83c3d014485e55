/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handles.h"

#include <string.h>

#include "connect.h"
#include "stream.h"

void *
vir_handle_new(gsize size, VirHandleMagic magic)
{
    VirHandle *handle = g_malloc0(size);

    handle->magic = magic;
    handle->refs = 1;
    return handle;
}

#define handle_new(type, magic) ((type *)vir_handle_new(sizeof(type), magic))

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

/* Classes of which the connection, name and UUID are all. */
#define NAMED(type, noun, magic)                                                                   \
    type##Ptr vir_##noun##_new(virConnectPtr conn, const char *name, const void *uuid)             \
    {                                                                                              \
        type##Ptr handle = handle_new(type, magic);                                                \
                                                                                                   \
        handle->conn = vir_handle_ref(conn);                                                       \
        handle->name = g_strdup(name);                                                             \
        memcpy(handle->uuid, uuid, VIR_UUID_LEN);                                                  \
        return handle;                                                                             \
    }

NAMED(virNetwork, network, VIR_HANDLE_NETWORK)
NAMED(virStoragePool, storage_pool, VIR_HANDLE_STORAGE_POOL)
NAMED(virNWFilter, nwfilter, VIR_HANDLE_NWFILTER)

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

static void
clear_node_device(void *handle)
{
    pthread_mutex_destroy(&((virNodeDevicePtr)handle)->lock);
}

#define CLASS(kind) [VIR_HANDLE_##kind - VIR_HANDLE_CONNECT]
#define AT(type, member) offsetof(type, member)

/* Where a handle keeps the one that it holds a reference to and its strings (0: none), and what
 * clears the rest of it. */
static const struct {
    gsize owner;
    gsize strings[3];
    void (*clear)(void *handle);
} classes[] = {
    CLASS(CONNECT) = {.clear = vir_connect_clear},
    CLASS(DOMAIN) = {AT(virDomain, conn), {AT(virDomain, name)}},
    CLASS(DOMAIN_SNAPSHOT) = {AT(virDomainSnapshot, domain), {AT(virDomainSnapshot, name)}},
    CLASS(DOMAIN_CHECKPOINT) = {AT(virDomainCheckpoint, domain), {AT(virDomainCheckpoint, name)}},
    CLASS(NETWORK) = {AT(virNetwork, conn), {AT(virNetwork, name)}},
    CLASS(NETWORK_PORT) = {AT(virNetworkPort, net)},
    CLASS(INTERFACE) = {AT(virInterface, conn), {AT(virInterface, name), AT(virInterface, mac)}},
    CLASS(STORAGE_POOL) = {AT(virStoragePool, conn), {AT(virStoragePool, name)}},
    CLASS(
        STORAGE_VOL) = {AT(virStorageVol, conn),
                        {AT(virStorageVol, pool), AT(virStorageVol, name), AT(virStorageVol, key)}},
    CLASS(NODE_DEVICE) = {AT(virNodeDevice, conn),
                          {AT(virNodeDevice, name), AT(virNodeDevice, parent)},
                          clear_node_device},
    CLASS(SECRET) = {AT(virSecret, conn), {AT(virSecret, usage_id)}},
    CLASS(NWFILTER) = {AT(virNWFilter, conn), {AT(virNWFilter, name)}},
    CLASS(NWFILTER_BINDING) = {AT(virNWFilterBinding, conn),
                               {AT(virNWFilterBinding, port_dev),
                                AT(virNWFilterBinding, filter_name)}},
    CLASS(STREAM) = {AT(virStream, conn), {0}, vir_stream_clear},
    CLASS(ADM_CONNECT) = {.clear = vir_adm_connect_clear},
    CLASS(ADM_SERVER) = {AT(virAdmServer, conn), {AT(virAdmServer, name)}},
    CLASS(ADM_CLIENT) = {AT(virAdmClient, server)},
};

static void *
owner_of(const void *handle)
{
    gsize at = classes[((const VirHandle *)handle)->magic - VIR_HANDLE_CONNECT].owner;

    return at ? *(void *const *)(const void *)((const char *)handle + at) : NULL;
}

virConnectPtr
vir_handle_conn(const void *handle)
{
    while (handle && ((const VirHandle *)handle)->magic != VIR_HANDLE_CONNECT)
        handle = owner_of(handle);
    return (virConnectPtr)handle;
}

/* Frees what is in @handle and returns the handle that it held a reference to. */
static void *
handle_clear(void *handle, VirHandleMagic magic)
{
    const gsize *strings = classes[magic - VIR_HANDLE_CONNECT].strings;

    for (guint i = 0; i < G_N_ELEMENTS(classes[0].strings) && strings[i]; i++)
        g_free(*(char **)(void *)((char *)handle + strings[i]));
    if (classes[magic - VIR_HANDLE_CONNECT].clear)
        classes[magic - VIR_HANDLE_CONNECT].clear(handle);
    return owner_of(handle);
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
