/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire.h"

#include <string.h>

#include "vir-error.h"

virDomainPtr
vir_domain_from_wire(virConnectPtr conn, const remote_nonnull_domain *wire)
{
    return vir_domain_new(conn, wire->name, wire->uuid, wire->id);
}

/* Classes of which name and UUID are all. */
#define NAMED(type, noun)                                                                          \
    type##Ptr vir_##noun##_from_wire(virConnectPtr conn, const remote_nonnull_##noun *wire)        \
    {                                                                                              \
        return vir_##noun##_new(conn, wire->name, wire->uuid);                                     \
    }                                                                                              \
                                                                                                   \
    remote_nonnull_##noun vir_##noun##_to_wire(type##Ptr handle)                                   \
    {                                                                                              \
        remote_nonnull_##noun wire = {.name = handle->name};                                       \
                                                                                                   \
        memcpy(wire.uuid, handle->uuid, VIR_UUID_LEN);                                             \
        return wire;                                                                               \
    }

NAMED(virNetwork, network)
NAMED(virStoragePool, storage_pool)
NAMED(virNWFilter, nwfilter)

virNetworkPortPtr
vir_network_port_from_wire(virConnectPtr conn, const remote_nonnull_network_port *wire)
{
    virNetworkPtr net = vir_network_from_wire(conn, &wire->net);
    virNetworkPortPtr port = vir_network_port_new(net, wire->uuid);

    vir_handle_unref(net);
    return port;
}

virInterfacePtr
vir_interface_from_wire(virConnectPtr conn, const remote_nonnull_interface *wire)
{
    return vir_interface_new(conn, wire->name, wire->mac);
}

virStorageVolPtr
vir_storage_vol_from_wire(virConnectPtr conn, const remote_nonnull_storage_vol *wire)
{
    return vir_storage_vol_new(conn, wire->pool, wire->name, wire->key);
}

virNodeDevicePtr
vir_node_device_from_wire(virConnectPtr conn, const remote_nonnull_node_device *wire)
{
    return vir_node_device_new(conn, wire->name);
}

virSecretPtr
vir_secret_from_wire(virConnectPtr conn, const remote_nonnull_secret *wire)
{
    return vir_secret_new(conn, wire->uuid, wire->usageType, wire->usageID);
}

virNWFilterBindingPtr
vir_nwfilter_binding_from_wire(virConnectPtr conn, const remote_nonnull_nwfilter_binding *wire)
{
    return vir_nwfilter_binding_new(conn, wire->portdev, wire->filtername);
}

virDomainSnapshotPtr
vir_domain_snapshot_from_wire(virDomainPtr domain, const remote_nonnull_domain_snapshot *wire)
{
    return vir_domain_snapshot_new(domain, wire->name);
}

virDomainCheckpointPtr
vir_domain_checkpoint_from_wire(virDomainPtr domain, const remote_nonnull_domain_checkpoint *wire)
{
    return vir_domain_checkpoint_new(domain, wire->name);
}

remote_nonnull_domain
vir_domain_to_wire(virDomainPtr domain)
{
    remote_nonnull_domain wire = {.name = domain->name, .id = g_atomic_int_get(&domain->id)};

    memcpy(wire.uuid, domain->uuid, VIR_UUID_LEN);
    return wire;
}

remote_nonnull_network_port
vir_network_port_to_wire(virNetworkPortPtr port)
{
    remote_nonnull_network_port wire = {.net = vir_network_to_wire(port->net)};

    memcpy(wire.uuid, port->uuid, VIR_UUID_LEN);
    return wire;
}

remote_nonnull_interface
vir_interface_to_wire(virInterfacePtr iface)
{
    return (remote_nonnull_interface){.name = iface->name, .mac = iface->mac};
}

remote_nonnull_storage_vol
vir_storage_vol_to_wire(virStorageVolPtr vol)
{
    return (remote_nonnull_storage_vol){.pool = vol->pool, .name = vol->name, .key = vol->key};
}

remote_nonnull_node_device
vir_node_device_to_wire(virNodeDevicePtr dev)
{
    return (remote_nonnull_node_device){.name = dev->name};
}

remote_nonnull_secret
vir_secret_to_wire(virSecretPtr secret)
{
    remote_nonnull_secret wire = {.usageType = secret->usage_type, .usageID = secret->usage_id};

    memcpy(wire.uuid, secret->uuid, VIR_UUID_LEN);
    return wire;
}

remote_nonnull_nwfilter_binding
vir_nwfilter_binding_to_wire(virNWFilterBindingPtr binding)
{
    return (remote_nonnull_nwfilter_binding){.portdev = binding->port_dev,
                                             .filtername = binding->filter_name};
}

remote_nonnull_domain_snapshot
vir_domain_snapshot_to_wire(virDomainSnapshotPtr snapshot)
{
    return (remote_nonnull_domain_snapshot){.name = snapshot->name,
                                            .dom = vir_domain_to_wire(snapshot->domain)};
}

remote_nonnull_domain_checkpoint
vir_domain_checkpoint_to_wire(virDomainCheckpointPtr checkpoint)
{
    return (remote_nonnull_domain_checkpoint){.name = checkpoint->name,
                                              .dom = vir_domain_to_wire(checkpoint->domain)};
}

/* The cases of a typed value that are copied as they are; booleans become 0 or 1. */
#define NUMBERS(to, from)                                                                          \
    case VIR_TYPED_PARAM_INT:                                                                      \
        (to).i = (from).i;                                                                         \
        break;                                                                                     \
    case VIR_TYPED_PARAM_UINT:                                                                     \
        (to).ui = (from).ui;                                                                       \
        break;                                                                                     \
    case VIR_TYPED_PARAM_LLONG:                                                                    \
        (to).l = (from).l;                                                                         \
        break;                                                                                     \
    case VIR_TYPED_PARAM_ULLONG:                                                                   \
        (to).ul = (from).ul;                                                                       \
        break;                                                                                     \
    case VIR_TYPED_PARAM_DOUBLE:                                                                   \
        (to).d = (from).d;                                                                         \
        break;                                                                                     \
    case VIR_TYPED_PARAM_BOOLEAN:                                                                  \
        (to).b = (from).b != 0;                                                                    \
        break

static gboolean
param_from_wire(const remote_typed_param *wire, virTypedParameterPtr param, GError **error)
{
    if (g_strlcpy(param->field, wire->field, sizeof(param->field)) >= sizeof(param->field))
        return vir_error_set(error, VIR_ERR_RPC, "name of parameter '%s' is longer than %zu bytes",
                             wire->field, sizeof(param->field) - 1);
    param->type = wire->value.type;
    switch ((virTypedParameterType)param->type) {
        NUMBERS(param->value, wire->value.remote_typed_param_value_u);
    case VIR_TYPED_PARAM_STRING:
        param->value.s = g_strdup(wire->value.remote_typed_param_value_u.s);
        break;
    default:
        return vir_error_set(error, VIR_ERR_RPC, "parameter '%s' has the unknown type %d",
                             wire->field, param->type);
    }
    return TRUE;
}

virTypedParameterPtr
vir_typed_params_from_wire(const remote_typed_param *wire, unsigned n, GError **error)
{
    virTypedParameterPtr params = g_new0(virTypedParameter, n);

    for (unsigned i = 0; i < n; i++) {
        if (!param_from_wire(&wire[i], &params[i], error)) {
            params[i].type = 0;
            virTypedParamsFree(params, i);
            return NULL;
        }
    }
    return params;
}

gboolean
vir_typed_params_to_wire(virTypedParameterPtr params, int nparams, VirArena *arena, u_int *n,
                         remote_typed_param **wire, GError **error)
{
    remote_typed_param *out = vir_arena_alloc(arena, MAX(nparams, 1) * sizeof(*out));

    *n = nparams;
    *wire = out;
    for (int i = 0; i < nparams; i++) {
        virTypedParameterPtr param = &params[i];

        if (!memchr(param->field, 0, sizeof(param->field)))
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "name of parameter %d has no end", i);
        out[i].field = param->field;
        out[i].value.type = param->type;
        switch ((virTypedParameterType)param->type) {
            NUMBERS(out[i].value.remote_typed_param_value_u, param->value);
        case VIR_TYPED_PARAM_STRING:
            out[i].value.remote_typed_param_value_u.s = param->value.s;
            break;
        default:
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "parameter '%s' has unknown type %d",
                                 param->field, param->type);
        }
    }
    return TRUE;
}
