/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire.h"

#include <string.h>

#include "vir-error.h"

virDomainPtr
vir_domain_from_wire(virConnectPtr conn, const remote_nonnull_domain *wire)
{
    return vir_domain_new(conn, wire->name, wire->uuid, wire->id);
}

virNetworkPtr
vir_network_from_wire(virConnectPtr conn, const remote_nonnull_network *wire)
{
    return vir_network_new(conn, wire->name, wire->uuid);
}

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

virStoragePoolPtr
vir_storage_pool_from_wire(virConnectPtr conn, const remote_nonnull_storage_pool *wire)
{
    return vir_storage_pool_new(conn, wire->name, wire->uuid);
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

virNWFilterPtr
vir_nwfilter_from_wire(virConnectPtr conn, const remote_nonnull_nwfilter *wire)
{
    return vir_nwfilter_new(conn, wire->name, wire->uuid);
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

remote_nonnull_network
vir_network_to_wire(virNetworkPtr net)
{
    remote_nonnull_network wire = {.name = net->name};

    memcpy(wire.uuid, net->uuid, VIR_UUID_LEN);
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

remote_nonnull_storage_pool
vir_storage_pool_to_wire(virStoragePoolPtr pool)
{
    remote_nonnull_storage_pool wire = {.name = pool->name};

    memcpy(wire.uuid, pool->uuid, VIR_UUID_LEN);
    return wire;
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

remote_nonnull_nwfilter
vir_nwfilter_to_wire(virNWFilterPtr filter)
{
    remote_nonnull_nwfilter wire = {.name = filter->name};

    memcpy(wire.uuid, filter->uuid, VIR_UUID_LEN);
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

static gboolean
param_from_wire(const remote_typed_param *wire, virTypedParameterPtr param, GError **error)
{
    if (g_strlcpy(param->field, wire->field, sizeof(param->field)) >= sizeof(param->field))
        return vir_error_set(error, VIR_ERR_RPC, "name of parameter '%s' is longer than %zu bytes",
                             wire->field, sizeof(param->field) - 1);
    param->type = wire->value.type;
    switch ((virTypedParameterType)param->type) {
    case VIR_TYPED_PARAM_INT:
        param->value.i = wire->value.remote_typed_param_value_u.i;
        return TRUE;
    case VIR_TYPED_PARAM_UINT:
        param->value.ui = wire->value.remote_typed_param_value_u.ui;
        return TRUE;
    case VIR_TYPED_PARAM_LLONG:
        param->value.l = wire->value.remote_typed_param_value_u.l;
        return TRUE;
    case VIR_TYPED_PARAM_ULLONG:
        param->value.ul = wire->value.remote_typed_param_value_u.ul;
        return TRUE;
    case VIR_TYPED_PARAM_DOUBLE:
        param->value.d = wire->value.remote_typed_param_value_u.d;
        return TRUE;
    case VIR_TYPED_PARAM_BOOLEAN:
        param->value.b = wire->value.remote_typed_param_value_u.b != 0;
        return TRUE;
    case VIR_TYPED_PARAM_STRING:
        param->value.s = g_strdup(wire->value.remote_typed_param_value_u.s);
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_RPC, "parameter '%s' has the unknown type %d", wire->field,
                         param->type);
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
        case VIR_TYPED_PARAM_INT:
            out[i].value.remote_typed_param_value_u.i = param->value.i;
            break;
        case VIR_TYPED_PARAM_UINT:
            out[i].value.remote_typed_param_value_u.ui = param->value.ui;
            break;
        case VIR_TYPED_PARAM_LLONG:
            out[i].value.remote_typed_param_value_u.l = param->value.l;
            break;
        case VIR_TYPED_PARAM_ULLONG:
            out[i].value.remote_typed_param_value_u.ul = param->value.ul;
            break;
        case VIR_TYPED_PARAM_DOUBLE:
            out[i].value.remote_typed_param_value_u.d = param->value.d;
            break;
        case VIR_TYPED_PARAM_BOOLEAN:
            out[i].value.remote_typed_param_value_u.b = param->value.b != 0;
            break;
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
