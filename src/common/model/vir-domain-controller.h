/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** The controller of a kind (VirDomainControllerType) with that index, or NULL. Borrowed. */
VirDomainController *vir_domain_controller_find(const VirDomainDef *def, int type, guint index);
gboolean vir_domain_controller_is_virtio_scsi(const VirDomainController *controller);
/** An old SCSI bus without channels and units: a place is one number. @controller may be NULL. */
gboolean vir_domain_controller_is_parallel_scsi(const VirDomainController *controller);
/** Adds a controller behind those of its kind with lower indexes. Borrowed. */
VirDomainController *vir_domain_controller_add(VirDomainDef *def, int type, guint index, int model);
/**
 * Gives an index to each, the lowest that is free, and ports to USB companions; puts those of a
 * kind into the order of their indexes.
 */
void vir_domain_controllers_complete(VirDomainDef *def);
/** Adds the virtio-serial controllers that channels and consoles need. */
void vir_domain_virtio_serial_complete(VirDomainDef *def);
