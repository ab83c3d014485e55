/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/* Host sides of character devices: rules that hold for every hypervisor. */

/** @what names the device in errors: "serial[1]", "rng[2]". FALSE ends the walk. */
typedef gboolean (*VirDomainChardevFunc)(VirDomainChardev *src, const char *what, void *data,
                                         GError **error);

/** Calls @func for the host side of each character device, whatever it is part of. */
gboolean vir_domain_each_chardev(VirDomainDef *def, VirDomainChardevFunc func, void *data,
                                 GError **error);

/** What the user left out: who connects, and what is spoken over TCP. */
void vir_domain_chardev_complete(VirDomainChardev *src);

/** Whether all is there that the type needs, and nothing that contradicts. VIR_ERR_XML_ERROR. */
gboolean vir_domain_chardev_check(const VirDomainChardev *src, const char *what, GError **error);
