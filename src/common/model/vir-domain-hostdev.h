/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Defaults of a device of the host that hold for every hypervisor. */
void vir_domain_hostdev_complete(VirDomainHostdev *hostdev);
/** What the parts of a device of the host ask of each other, whatever the hypervisor. */
gboolean vir_domain_hostdev_check(const VirDomainHostdev *hostdev, GError **error);
/** That no device of the host is given to the guest twice, <interface type='hostdev'> included. */
gboolean vir_domain_hostdevs_check_twice(const VirDomainDef *def, GError **error);
/** What the device is, for errors: "PCI device 0000:06:12.1". g_free(). */
char *vir_domain_hostdev_describe(const VirDomainHostdev *hostdev);
/** Sets @error to what is wrong with the device, which it names. Always FALSE. */
gboolean vir_domain_hostdev_refuse(const VirDomainHostdev *hostdev, int code, GError **error,
                                   const char *format, ...) G_GNUC_PRINTF(4, 5);
/**
 * The device behind <interface type='hostdev'>: no more of it than where it is and whether it is
 * managed, nothing to free. Of kind UNSET for other cards.
 */
VirDomainHostdev vir_domain_hostdev_of_interface(const VirDomainInterface *net);
