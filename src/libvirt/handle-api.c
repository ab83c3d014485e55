/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What handles answer by themselves: references, names, UUIDs. */
#include <string.h>

#include "api.h"

#define REF(type, magic)                                                                           \
    int type##Ref(type##Ptr handle)                                                                \
    {                                                                                              \
        vir_api_begin();                                                                           \
        if (!vir_api_check(handle, VIR_HANDLE_##magic, __func__))                                  \
            return -1;                                                                             \
        vir_handle_ref(handle);                                                                    \
        return 0;                                                                                  \
    }

#define FREE(type, magic)                                                                          \
    int type##Free(type##Ptr handle)                                                               \
    {                                                                                              \
        vir_api_begin();                                                                           \
        if (!vir_api_check(handle, VIR_HANDLE_##magic, __func__))                                  \
            return -1;                                                                             \
        vir_handle_unref(handle);                                                                  \
        return 0;                                                                                  \
    }

/* What a handle holds: a string or another handle, borrowed. */
#define GETTER(ret, func, type, magic, value)                                                      \
    ret func(type##Ptr handle)                                                                     \
    {                                                                                              \
        vir_api_begin();                                                                           \
        if (!vir_api_check(handle, VIR_HANDLE_##magic, __func__))                                  \
            return NULL;                                                                           \
        return value;                                                                              \
    }

#define UUID(type, magic)                                                                          \
    int type##GetUUID(type##Ptr handle, unsigned char *uuid)                                       \
    {                                                                                              \
        vir_api_begin();                                                                           \
        if (!vir_api_check(handle, VIR_HANDLE_##magic, __func__) ||                                \
            !vir_api_check_nonnull(vir_handle_conn(handle), uuid, "uuid", __func__))               \
            return -1;                                                                             \
        memcpy(uuid, handle->uuid, VIR_UUID_LEN);                                                  \
        return 0;                                                                                  \
    }                                                                                              \
    int type##GetUUIDString(type##Ptr handle, char *buf)                                           \
    {                                                                                              \
        vir_api_begin();                                                                           \
        if (!vir_api_check(handle, VIR_HANDLE_##magic, __func__) ||                                \
            !vir_api_check_nonnull(vir_handle_conn(handle), buf, "buf", __func__))                 \
            return -1;                                                                             \
        vir_uuid_format(handle->uuid, buf);                                                        \
        return 0;                                                                                  \
    }

REF(virDomain, DOMAIN)
FREE(virDomain, DOMAIN)
REF(virDomainSnapshot, DOMAIN_SNAPSHOT)
FREE(virDomainSnapshot, DOMAIN_SNAPSHOT)
REF(virDomainCheckpoint, DOMAIN_CHECKPOINT)
FREE(virDomainCheckpoint, DOMAIN_CHECKPOINT)
REF(virNetwork, NETWORK)
FREE(virNetwork, NETWORK)
REF(virNetworkPort, NETWORK_PORT)
FREE(virNetworkPort, NETWORK_PORT)
REF(virInterface, INTERFACE)
FREE(virInterface, INTERFACE)
REF(virStoragePool, STORAGE_POOL)
FREE(virStoragePool, STORAGE_POOL)
REF(virStorageVol, STORAGE_VOL)
FREE(virStorageVol, STORAGE_VOL)
REF(virNodeDevice, NODE_DEVICE)
FREE(virNodeDevice, NODE_DEVICE)
REF(virSecret, SECRET)
FREE(virSecret, SECRET)
REF(virNWFilter, NWFILTER)
FREE(virNWFilter, NWFILTER)
REF(virNWFilterBinding, NWFILTER_BINDING)
FREE(virNWFilterBinding, NWFILTER_BINDING)

GETTER(virConnectPtr, virDomainGetConnect, virDomain, DOMAIN, vir_handle_conn(handle))
GETTER(virConnectPtr, virDomainSnapshotGetConnect, virDomainSnapshot, DOMAIN_SNAPSHOT,
       vir_handle_conn(handle))
GETTER(virConnectPtr, virDomainCheckpointGetConnect, virDomainCheckpoint, DOMAIN_CHECKPOINT,
       vir_handle_conn(handle))
GETTER(virConnectPtr, virNetworkGetConnect, virNetwork, NETWORK, vir_handle_conn(handle))
GETTER(virConnectPtr, virInterfaceGetConnect, virInterface, INTERFACE, vir_handle_conn(handle))
GETTER(virConnectPtr, virStoragePoolGetConnect, virStoragePool, STORAGE_POOL,
       vir_handle_conn(handle))
GETTER(virConnectPtr, virStorageVolGetConnect, virStorageVol, STORAGE_VOL, vir_handle_conn(handle))
GETTER(virConnectPtr, virSecretGetConnect, virSecret, SECRET, vir_handle_conn(handle))
GETTER(const char *, virDomainGetName, virDomain, DOMAIN, handle->name)
GETTER(const char *, virDomainSnapshotGetName, virDomainSnapshot, DOMAIN_SNAPSHOT, handle->name)
GETTER(const char *, virDomainCheckpointGetName, virDomainCheckpoint, DOMAIN_CHECKPOINT,
       handle->name)
GETTER(const char *, virNetworkGetName, virNetwork, NETWORK, handle->name)
GETTER(const char *, virInterfaceGetName, virInterface, INTERFACE, handle->name)
GETTER(const char *, virStoragePoolGetName, virStoragePool, STORAGE_POOL, handle->name)
GETTER(const char *, virStorageVolGetName, virStorageVol, STORAGE_VOL, handle->name)
GETTER(const char *, virNodeDeviceGetName, virNodeDevice, NODE_DEVICE, handle->name)
GETTER(const char *, virNWFilterGetName, virNWFilter, NWFILTER, handle->name)
GETTER(virDomainPtr, virDomainSnapshotGetDomain, virDomainSnapshot, DOMAIN_SNAPSHOT, handle->domain)
GETTER(virDomainPtr, virDomainCheckpointGetDomain, virDomainCheckpoint, DOMAIN_CHECKPOINT,
       handle->domain)
GETTER(virNetworkPtr, virNetworkPortGetNetwork, virNetworkPort, NETWORK_PORT, handle->net)
GETTER(const char *, virInterfaceGetMACString, virInterface, INTERFACE, handle->mac)
GETTER(const char *, virStorageVolGetKey, virStorageVol, STORAGE_VOL, handle->key)
GETTER(const char *, virSecretGetUsageID, virSecret, SECRET, handle->usage_id)
GETTER(const char *, virNWFilterBindingGetPortDev, virNWFilterBinding, NWFILTER_BINDING,
       handle->port_dev)
GETTER(const char *, virNWFilterBindingGetFilterName, virNWFilterBinding, NWFILTER_BINDING,
       handle->filter_name)

UUID(virDomain, DOMAIN)
UUID(virNetwork, NETWORK)
UUID(virNetworkPort, NETWORK_PORT)
UUID(virStoragePool, STORAGE_POOL)
UUID(virSecret, SECRET)
UUID(virNWFilter, NWFILTER)

int
virSecretGetUsageType(virSecretPtr secret)
{
    vir_api_begin();
    if (!vir_api_check(secret, VIR_HANDLE_SECRET, __func__))
        return -1;
    return secret->usage_type;
}
