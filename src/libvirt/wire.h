/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"
#include "vir-protocol.h"

/** Handles from what came over the wire, and back. The latter borrow the handle's strings. */
virDomainPtr vir_domain_from_wire(virConnectPtr conn, const remote_nonnull_domain *wire);
virNetworkPtr vir_network_from_wire(virConnectPtr conn, const remote_nonnull_network *wire);
virNetworkPortPtr vir_network_port_from_wire(virConnectPtr conn,
                                             const remote_nonnull_network_port *wire);
virInterfacePtr vir_interface_from_wire(virConnectPtr conn, const remote_nonnull_interface *wire);
virStoragePoolPtr vir_storage_pool_from_wire(virConnectPtr conn,
                                             const remote_nonnull_storage_pool *wire);
virStorageVolPtr vir_storage_vol_from_wire(virConnectPtr conn,
                                           const remote_nonnull_storage_vol *wire);
virNodeDevicePtr vir_node_device_from_wire(virConnectPtr conn,
                                           const remote_nonnull_node_device *wire);
virSecretPtr vir_secret_from_wire(virConnectPtr conn, const remote_nonnull_secret *wire);
virNWFilterPtr vir_nwfilter_from_wire(virConnectPtr conn, const remote_nonnull_nwfilter *wire);
virNWFilterBindingPtr vir_nwfilter_binding_from_wire(virConnectPtr conn,
                                                     const remote_nonnull_nwfilter_binding *wire);
virDomainSnapshotPtr vir_domain_snapshot_from_wire(virDomainPtr domain,
                                                   const remote_nonnull_domain_snapshot *wire);
virDomainCheckpointPtr
vir_domain_checkpoint_from_wire(virDomainPtr domain, const remote_nonnull_domain_checkpoint *wire);

remote_nonnull_domain vir_domain_to_wire(virDomainPtr domain);
remote_nonnull_network vir_network_to_wire(virNetworkPtr net);
remote_nonnull_network_port vir_network_port_to_wire(virNetworkPortPtr port);
remote_nonnull_interface vir_interface_to_wire(virInterfacePtr iface);
remote_nonnull_storage_pool vir_storage_pool_to_wire(virStoragePoolPtr pool);
remote_nonnull_storage_vol vir_storage_vol_to_wire(virStorageVolPtr vol);
remote_nonnull_node_device vir_node_device_to_wire(virNodeDevicePtr dev);
remote_nonnull_secret vir_secret_to_wire(virSecretPtr secret);
remote_nonnull_nwfilter vir_nwfilter_to_wire(virNWFilterPtr filter);
remote_nonnull_nwfilter_binding vir_nwfilter_binding_to_wire(virNWFilterBindingPtr binding);
remote_nonnull_domain_snapshot vir_domain_snapshot_to_wire(virDomainSnapshotPtr snapshot);
remote_nonnull_domain_checkpoint vir_domain_checkpoint_to_wire(virDomainCheckpointPtr checkpoint);

/**
 * A new array of @n parameters with its own strings, for virTypedParamsFree(). NULL with
 * VIR_ERR_RPC where a name is too long or a type unknown; also where @n is 0, without error.
 */
virTypedParameterPtr vir_typed_params_from_wire(const remote_typed_param *wire, unsigned n,
                                                GError **error);
/** The array for an argument structure, in @arena; strings are borrowed. VIR_ERR_INVALID_ARG. */
gboolean vir_typed_params_to_wire(virTypedParameterPtr params, int nparams, VirArena *arena,
                                  u_int *n, remote_typed_param **wire, GError **error);
