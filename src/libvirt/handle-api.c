/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What handles answer by themselves: references, names, UUIDs. */
#include <string.h>

#include "api.h"

static int
add_ref(void *handle, VirHandleMagic magic, const char *func)
{
    vir_api_begin();
    if (!vir_api_check(handle, magic, func))
        return -1;
    vir_handle_ref(handle);
    return 0;
}

static int
drop_ref(void *handle, VirHandleMagic magic, const char *func)
{
    vir_api_begin();
    if (!vir_api_check(handle, magic, func))
        return -1;
    vir_handle_unref(handle);
    return 0;
}

static gboolean
check(const void *handle, VirHandleMagic magic, const char *func)
{
    vir_api_begin();
    return vir_api_check(handle, magic, func);
}

static int
give_uuid(const void *handle, VirHandleMagic magic, const guint8 *from, unsigned char *uuid,
          const char *func)
{
    if (!check(handle, magic, func) ||
        !vir_api_check_nonnull(vir_handle_conn(handle), uuid, "uuid", func))
        return -1;
    memcpy(uuid, from, VIR_UUID_LEN);
    return 0;
}

static int
give_uuid_text(const void *handle, VirHandleMagic magic, const guint8 *from, char *buf,
               const char *func)
{
    if (!check(handle, magic, func) ||
        !vir_api_check_nonnull(vir_handle_conn(handle), buf, "buf", func))
        return -1;
    vir_uuid_format(from, buf);
    return 0;
}

int
virDomainRef(virDomainPtr domain)
{
    return add_ref(domain, VIR_HANDLE_DOMAIN, __func__);
}

int
virDomainFree(virDomainPtr domain)
{
    return drop_ref(domain, VIR_HANDLE_DOMAIN, __func__);
}

virConnectPtr
virDomainGetConnect(virDomainPtr domain)
{
    return check(domain, VIR_HANDLE_DOMAIN, __func__) ? vir_handle_conn(domain) : NULL;
}

const char *
virDomainGetName(virDomainPtr domain)
{
    return check(domain, VIR_HANDLE_DOMAIN, __func__) ? domain->name : NULL;
}

int
virDomainGetUUID(virDomainPtr domain, unsigned char *uuid)
{
    return give_uuid(domain, VIR_HANDLE_DOMAIN, domain ? domain->uuid : NULL, uuid, __func__);
}

int
virDomainGetUUIDString(virDomainPtr domain, char *buf)
{
    return give_uuid_text(domain, VIR_HANDLE_DOMAIN, domain ? domain->uuid : NULL, buf, __func__);
}

int
virDomainSnapshotRef(virDomainSnapshotPtr snapshot)
{
    return add_ref(snapshot, VIR_HANDLE_DOMAIN_SNAPSHOT, __func__);
}

int
virDomainSnapshotFree(virDomainSnapshotPtr snapshot)
{
    return drop_ref(snapshot, VIR_HANDLE_DOMAIN_SNAPSHOT, __func__);
}

virConnectPtr
virDomainSnapshotGetConnect(virDomainSnapshotPtr snapshot)
{
    return check(snapshot, VIR_HANDLE_DOMAIN_SNAPSHOT, __func__) ? vir_handle_conn(snapshot) : NULL;
}

const char *
virDomainSnapshotGetName(virDomainSnapshotPtr snapshot)
{
    return check(snapshot, VIR_HANDLE_DOMAIN_SNAPSHOT, __func__) ? snapshot->name : NULL;
}

int
virDomainCheckpointRef(virDomainCheckpointPtr checkpoint)
{
    return add_ref(checkpoint, VIR_HANDLE_DOMAIN_CHECKPOINT, __func__);
}

int
virDomainCheckpointFree(virDomainCheckpointPtr checkpoint)
{
    return drop_ref(checkpoint, VIR_HANDLE_DOMAIN_CHECKPOINT, __func__);
}

virConnectPtr
virDomainCheckpointGetConnect(virDomainCheckpointPtr checkpoint)
{
    return check(checkpoint, VIR_HANDLE_DOMAIN_CHECKPOINT, __func__) ? vir_handle_conn(checkpoint)
                                                                     : NULL;
}

const char *
virDomainCheckpointGetName(virDomainCheckpointPtr checkpoint)
{
    return check(checkpoint, VIR_HANDLE_DOMAIN_CHECKPOINT, __func__) ? checkpoint->name : NULL;
}

int
virNetworkRef(virNetworkPtr network)
{
    return add_ref(network, VIR_HANDLE_NETWORK, __func__);
}

int
virNetworkFree(virNetworkPtr network)
{
    return drop_ref(network, VIR_HANDLE_NETWORK, __func__);
}

virConnectPtr
virNetworkGetConnect(virNetworkPtr network)
{
    return check(network, VIR_HANDLE_NETWORK, __func__) ? vir_handle_conn(network) : NULL;
}

const char *
virNetworkGetName(virNetworkPtr network)
{
    return check(network, VIR_HANDLE_NETWORK, __func__) ? network->name : NULL;
}

int
virNetworkGetUUID(virNetworkPtr network, unsigned char *uuid)
{
    return give_uuid(network, VIR_HANDLE_NETWORK, network ? network->uuid : NULL, uuid, __func__);
}

int
virNetworkGetUUIDString(virNetworkPtr network, char *buf)
{
    return give_uuid_text(network, VIR_HANDLE_NETWORK, network ? network->uuid : NULL, buf,
                          __func__);
}

int
virNetworkPortRef(virNetworkPortPtr port)
{
    return add_ref(port, VIR_HANDLE_NETWORK_PORT, __func__);
}

int
virNetworkPortFree(virNetworkPortPtr port)
{
    return drop_ref(port, VIR_HANDLE_NETWORK_PORT, __func__);
}

int
virNetworkPortGetUUID(virNetworkPortPtr port, unsigned char *uuid)
{
    return give_uuid(port, VIR_HANDLE_NETWORK_PORT, port ? port->uuid : NULL, uuid, __func__);
}

int
virNetworkPortGetUUIDString(virNetworkPortPtr port, char *buf)
{
    return give_uuid_text(port, VIR_HANDLE_NETWORK_PORT, port ? port->uuid : NULL, buf, __func__);
}

int
virInterfaceRef(virInterfacePtr iface)
{
    return add_ref(iface, VIR_HANDLE_INTERFACE, __func__);
}

int
virInterfaceFree(virInterfacePtr iface)
{
    return drop_ref(iface, VIR_HANDLE_INTERFACE, __func__);
}

virConnectPtr
virInterfaceGetConnect(virInterfacePtr iface)
{
    return check(iface, VIR_HANDLE_INTERFACE, __func__) ? vir_handle_conn(iface) : NULL;
}

const char *
virInterfaceGetName(virInterfacePtr iface)
{
    return check(iface, VIR_HANDLE_INTERFACE, __func__) ? iface->name : NULL;
}

int
virStoragePoolRef(virStoragePoolPtr pool)
{
    return add_ref(pool, VIR_HANDLE_STORAGE_POOL, __func__);
}

int
virStoragePoolFree(virStoragePoolPtr pool)
{
    return drop_ref(pool, VIR_HANDLE_STORAGE_POOL, __func__);
}

virConnectPtr
virStoragePoolGetConnect(virStoragePoolPtr pool)
{
    return check(pool, VIR_HANDLE_STORAGE_POOL, __func__) ? vir_handle_conn(pool) : NULL;
}

const char *
virStoragePoolGetName(virStoragePoolPtr pool)
{
    return check(pool, VIR_HANDLE_STORAGE_POOL, __func__) ? pool->name : NULL;
}

int
virStoragePoolGetUUID(virStoragePoolPtr pool, unsigned char *uuid)
{
    return give_uuid(pool, VIR_HANDLE_STORAGE_POOL, pool ? pool->uuid : NULL, uuid, __func__);
}

int
virStoragePoolGetUUIDString(virStoragePoolPtr pool, char *buf)
{
    return give_uuid_text(pool, VIR_HANDLE_STORAGE_POOL, pool ? pool->uuid : NULL, buf, __func__);
}

int
virStorageVolRef(virStorageVolPtr vol)
{
    return add_ref(vol, VIR_HANDLE_STORAGE_VOL, __func__);
}

int
virStorageVolFree(virStorageVolPtr vol)
{
    return drop_ref(vol, VIR_HANDLE_STORAGE_VOL, __func__);
}

virConnectPtr
virStorageVolGetConnect(virStorageVolPtr vol)
{
    return check(vol, VIR_HANDLE_STORAGE_VOL, __func__) ? vir_handle_conn(vol) : NULL;
}

const char *
virStorageVolGetName(virStorageVolPtr vol)
{
    return check(vol, VIR_HANDLE_STORAGE_VOL, __func__) ? vol->name : NULL;
}

int
virNodeDeviceRef(virNodeDevicePtr dev)
{
    return add_ref(dev, VIR_HANDLE_NODE_DEVICE, __func__);
}

int
virNodeDeviceFree(virNodeDevicePtr dev)
{
    return drop_ref(dev, VIR_HANDLE_NODE_DEVICE, __func__);
}

const char *
virNodeDeviceGetName(virNodeDevicePtr dev)
{
    return check(dev, VIR_HANDLE_NODE_DEVICE, __func__) ? dev->name : NULL;
}

int
virSecretRef(virSecretPtr secret)
{
    return add_ref(secret, VIR_HANDLE_SECRET, __func__);
}

int
virSecretFree(virSecretPtr secret)
{
    return drop_ref(secret, VIR_HANDLE_SECRET, __func__);
}

virConnectPtr
virSecretGetConnect(virSecretPtr secret)
{
    return check(secret, VIR_HANDLE_SECRET, __func__) ? vir_handle_conn(secret) : NULL;
}

int
virSecretGetUUID(virSecretPtr secret, unsigned char *uuid)
{
    return give_uuid(secret, VIR_HANDLE_SECRET, secret ? secret->uuid : NULL, uuid, __func__);
}

int
virSecretGetUUIDString(virSecretPtr secret, char *buf)
{
    return give_uuid_text(secret, VIR_HANDLE_SECRET, secret ? secret->uuid : NULL, buf, __func__);
}

int
virNWFilterRef(virNWFilterPtr nwfilter)
{
    return add_ref(nwfilter, VIR_HANDLE_NWFILTER, __func__);
}

int
virNWFilterFree(virNWFilterPtr nwfilter)
{
    return drop_ref(nwfilter, VIR_HANDLE_NWFILTER, __func__);
}

const char *
virNWFilterGetName(virNWFilterPtr nwfilter)
{
    return check(nwfilter, VIR_HANDLE_NWFILTER, __func__) ? nwfilter->name : NULL;
}

int
virNWFilterGetUUID(virNWFilterPtr nwfilter, unsigned char *uuid)
{
    return give_uuid(nwfilter, VIR_HANDLE_NWFILTER, nwfilter ? nwfilter->uuid : NULL, uuid,
                     __func__);
}

int
virNWFilterGetUUIDString(virNWFilterPtr nwfilter, char *buf)
{
    return give_uuid_text(nwfilter, VIR_HANDLE_NWFILTER, nwfilter ? nwfilter->uuid : NULL, buf,
                          __func__);
}

int
virNWFilterBindingRef(virNWFilterBindingPtr binding)
{
    return add_ref(binding, VIR_HANDLE_NWFILTER_BINDING, __func__);
}

int
virNWFilterBindingFree(virNWFilterBindingPtr binding)
{
    return drop_ref(binding, VIR_HANDLE_NWFILTER_BINDING, __func__);
}

virDomainPtr
virDomainSnapshotGetDomain(virDomainSnapshotPtr snapshot)
{
    return check(snapshot, VIR_HANDLE_DOMAIN_SNAPSHOT, __func__) ? snapshot->domain : NULL;
}

virDomainPtr
virDomainCheckpointGetDomain(virDomainCheckpointPtr checkpoint)
{
    return check(checkpoint, VIR_HANDLE_DOMAIN_CHECKPOINT, __func__) ? checkpoint->domain : NULL;
}

virNetworkPtr
virNetworkPortGetNetwork(virNetworkPortPtr port)
{
    return check(port, VIR_HANDLE_NETWORK_PORT, __func__) ? port->net : NULL;
}

const char *
virInterfaceGetMACString(virInterfacePtr iface)
{
    return check(iface, VIR_HANDLE_INTERFACE, __func__) ? iface->mac : NULL;
}

const char *
virStorageVolGetKey(virStorageVolPtr vol)
{
    return check(vol, VIR_HANDLE_STORAGE_VOL, __func__) ? vol->key : NULL;
}

const char *
virSecretGetUsageID(virSecretPtr secret)
{
    return check(secret, VIR_HANDLE_SECRET, __func__) ? secret->usage_id : NULL;
}

const char *
virNWFilterBindingGetPortDev(virNWFilterBindingPtr binding)
{
    return check(binding, VIR_HANDLE_NWFILTER_BINDING, __func__) ? binding->port_dev : NULL;
}

const char *
virNWFilterBindingGetFilterName(virNWFilterBindingPtr binding)
{
    return check(binding, VIR_HANDLE_NWFILTER_BINDING, __func__) ? binding->filter_name : NULL;
}

int
virSecretGetUsageType(virSecretPtr secret)
{
    return check(secret, VIR_HANDLE_SECRET, __func__) ? secret->usage_type : -1;
}
