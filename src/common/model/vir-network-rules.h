/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-network-def.h"

/* Rules of parts of a network, for whole documents and for updates of one section. */

/** @ip NULL: no surrounding network to check against. */
gboolean vir_network_rules_range(const VirNetworkDhcpRange *range, const VirNetworkIp *ip,
                                 GError **error);
/** @partial: enough to find an existing host is enough. */
gboolean vir_network_rules_host(const VirNetworkDhcpHost *host, const VirNetworkIp *ip,
                                gboolean partial, GError **error);
gboolean vir_network_rules_ip(const VirNetworkIp *ip, GError **error);
gboolean vir_network_rules_route(const VirNetworkRoute *route, const VirNetworkDef *def,
                                 GError **error);
gboolean vir_network_rules_dns_host(const VirNetworkDnsHost *host, gboolean partial,
                                    GError **error);
gboolean vir_network_rules_dns_srv(const VirNetworkDnsSrv *srv, gboolean partial, GError **error);
gboolean vir_network_rules_dns_txt(const VirNetworkDnsTxt *txt, GError **error);
gboolean vir_network_rules_port_group(const VirNetworkPortGroup *group, GError **error);
gboolean vir_network_rules_bandwidth(const VirBandwidth *bandwidth, gboolean floor, GError **error);
/** Prefix of @ip: its own, from its netmask, or of its address class; -1 for a bad netmask. */
int vir_network_rules_prefix(const VirNetworkIp *ip);
