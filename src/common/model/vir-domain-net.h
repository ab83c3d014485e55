/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

gboolean vir_domain_net_is_virtio(const VirDomainInterface *net);
/**
 * Defaults of a network card that hold for every hypervisor. A card without an address gets one
 * that begins with @prefix and goes on with what @random fills in.
 */
void vir_domain_net_complete(VirDomainInterface *net, const guint8 prefix[3],
                             void (*random)(guint8 *bytes, gsize n));
/** What the parts of a network card ask of each other, whatever the hypervisor. */
gboolean vir_domain_net_check(const VirDomainInterface *net, GError **error);

/** An error of @code that names the card. FALSE. */
gboolean vir_domain_net_refuse(const VirDomainInterface *net, int code, GError **error,
                               const char *format, ...) G_GNUC_PRINTF(4, 5);

/** The family of each address, where nobody says. */
void vir_domain_ips_complete(VirDomainInterfaceIp *const *ips, guint n);
