/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "shim-wire.h"

#include "wire.h"

static admin_nonnull_server
server_to_wire(virAdmServerPtr server)
{
    return (admin_nonnull_server){.name = server->name};
}

static admin_nonnull_client
client_to_wire(virAdmClientPtr client)
{
    return (admin_nonnull_client){
        .srv.name = client->server->name,
        .id = client->id,
        .timestamp = client->timestamp,
        .transport = client->transport,
    };
}

void
vir_handle_to_wire(void *handle, void *wire)
{
#define CLASS(magic, type, function)                                                               \
    case VIR_HANDLE_##magic:                                                                       \
        *(type *)wire = function(handle);                                                          \
        break

    switch (((VirHandle *)handle)->magic) {
        CLASS(DOMAIN, remote_nonnull_domain, vir_domain_to_wire);
        CLASS(DOMAIN_SNAPSHOT, remote_nonnull_domain_snapshot, vir_domain_snapshot_to_wire);
        CLASS(DOMAIN_CHECKPOINT, remote_nonnull_domain_checkpoint, vir_domain_checkpoint_to_wire);
        CLASS(NETWORK, remote_nonnull_network, vir_network_to_wire);
        CLASS(NETWORK_PORT, remote_nonnull_network_port, vir_network_port_to_wire);
        CLASS(INTERFACE, remote_nonnull_interface, vir_interface_to_wire);
        CLASS(STORAGE_POOL, remote_nonnull_storage_pool, vir_storage_pool_to_wire);
        CLASS(STORAGE_VOL, remote_nonnull_storage_vol, vir_storage_vol_to_wire);
        CLASS(NODE_DEVICE, remote_nonnull_node_device, vir_node_device_to_wire);
        CLASS(SECRET, remote_nonnull_secret, vir_secret_to_wire);
        CLASS(NWFILTER, remote_nonnull_nwfilter, vir_nwfilter_to_wire);
        CLASS(NWFILTER_BINDING, remote_nonnull_nwfilter_binding, vir_nwfilter_binding_to_wire);
        CLASS(ADM_SERVER, admin_nonnull_server, server_to_wire);
        CLASS(ADM_CLIENT, admin_nonnull_client, client_to_wire);
    default:
        g_assert_not_reached();
    }
#undef CLASS
}

/* The domain of a snapshot or checkpoint that was asked for through @near. */
static virDomainPtr
near_domain(void *near)
{
    switch (((VirHandle *)near)->magic) {
    case VIR_HANDLE_DOMAIN_SNAPSHOT:
        return ((virDomainSnapshotPtr)near)->domain;
    case VIR_HANDLE_DOMAIN_CHECKPOINT:
        return ((virDomainCheckpointPtr)near)->domain;
    default:
        return near;
    }
}

static void *
admin_from_wire(VirHandleMagic magic, void *near, const void *wire)
{
    const admin_nonnull_server *server = wire;
    const admin_nonnull_client *client = wire;

    if (magic == VIR_HANDLE_ADM_SERVER)
        return vir_adm_server_new(near, server->name);
    return vir_adm_client_new(near, client->id, client->timestamp, client->transport);
}

void *
vir_handle_from_wire(VirHandleMagic magic, void *near, const void *wire)
{
    switch (magic) {
    case VIR_HANDLE_DOMAIN:
        return vir_domain_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_DOMAIN_SNAPSHOT:
        return vir_domain_snapshot_from_wire(near_domain(near), wire);
    case VIR_HANDLE_DOMAIN_CHECKPOINT:
        return vir_domain_checkpoint_from_wire(near_domain(near), wire);
    case VIR_HANDLE_NETWORK:
        return vir_network_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_NETWORK_PORT:
        return vir_network_port_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_INTERFACE:
        return vir_interface_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_STORAGE_POOL:
        return vir_storage_pool_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_STORAGE_VOL:
        return vir_storage_vol_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_NODE_DEVICE:
        return vir_node_device_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_SECRET:
        return vir_secret_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_NWFILTER:
        return vir_nwfilter_from_wire(vir_handle_conn(near), wire);
    case VIR_HANDLE_NWFILTER_BINDING:
        return vir_nwfilter_binding_from_wire(vir_handle_conn(near), wire);
    default:
        return admin_from_wire(magic, near, wire);
    }
}

gsize
vir_handle_wire_size(VirHandleMagic magic)
{
#define CLASS(magic, type) [VIR_HANDLE_##magic - VIR_HANDLE_CONNECT] = sizeof(type)
    static const gsize sizes[] = {
        CLASS(DOMAIN, remote_nonnull_domain),
        CLASS(DOMAIN_SNAPSHOT, remote_nonnull_domain_snapshot),
        CLASS(DOMAIN_CHECKPOINT, remote_nonnull_domain_checkpoint),
        CLASS(NETWORK, remote_nonnull_network),
        CLASS(NETWORK_PORT, remote_nonnull_network_port),
        CLASS(INTERFACE, remote_nonnull_interface),
        CLASS(STORAGE_POOL, remote_nonnull_storage_pool),
        CLASS(STORAGE_VOL, remote_nonnull_storage_vol),
        CLASS(NODE_DEVICE, remote_nonnull_node_device),
        CLASS(SECRET, remote_nonnull_secret),
        CLASS(NWFILTER, remote_nonnull_nwfilter),
        CLASS(NWFILTER_BINDING, remote_nonnull_nwfilter_binding),
        CLASS(ADM_SERVER, admin_nonnull_server),
        CLASS(ADM_CLIENT, admin_nonnull_client),
    };
#undef CLASS

    return sizes[magic - VIR_HANDLE_CONNECT];
}
