/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-device.h"

/* Host sides of character devices: rules that hold for every hypervisor. */

/** What clients of SPICE call the channel of their agent. */
#define VIR_DOMAIN_CHANNEL_SPICE "com.redhat.spice.0"

/** What the user left out: who connects, and what is spoken over TCP. */
void vir_domain_chardev_complete(VirDomainChardev *src);

/** Whether the host side of @device has all that its type needs, and nothing that contradicts.
 * VIR_ERR_XML_ERROR. */
gboolean vir_domain_chardev_check(const VirDomainDevice *device, GError **error);
