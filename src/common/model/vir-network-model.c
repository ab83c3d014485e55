/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-network-model.h"

#include "vir-error.h"
#include "vir-network-rules.h"
#include "vir-uuid.h"
#include <string.h>

#define MODE(word) VIR_NETWORK_FORWARD_MODE_##word

gboolean
vir_network_model_owns_bridge(const VirNetworkDef *def)
{
    return def->forward_mode == 0 || def->forward_mode == MODE(NAT) ||
           def->forward_mode == MODE(ROUTE) || def->forward_mode == MODE(OPEN);
}

static const char *
mode_name(const VirNetworkDef *def)
{
    return def->forward_mode == 0 ? "isolated"
                                  : vir_network_forward_mode_to_string(def->forward_mode);
}

static gboolean
has_forward_content(const VirNetworkDef *def)
{
    return def->forward_dev != NULL || def->n_forward_interfaces > 0 || def->n_forward_pfs > 0 ||
           def->n_forward_addresses > 0 || def->forward_driver != 0 ||
           def->nat_address_start != NULL || def->nat_address_end != NULL ||
           def->nat_port_start != 0 || def->nat_port_end != 0 || def->nat_ipv6 != 0;
}

static gboolean
check_nat(const VirNetworkDef *def, GError **error)
{
    VirNetworkDhcpRange range = {.start = def->nat_address_start, .end = def->nat_address_end};

    if (def->nat_address_start == NULL && def->nat_address_end == NULL &&
        def->nat_port_start == 0 && def->nat_port_end == 0 && def->nat_ipv6 == 0)
        return TRUE;
    if (def->forward_mode != MODE(NAT))
        return vir_xml_refuse(error, "<nat> is for mode='nat' only");
    if ((range.start != NULL || range.end != NULL) &&
        (range.start == NULL || range.end == NULL || strchr(range.start, ':') != NULL ||
         !vir_network_rules_range(&range, NULL, error)))
        return error != NULL && *error != NULL
                   ? FALSE
                   : vir_xml_refuse(error, "<nat><address> needs start and end of an IPv4 range");
    if (def->nat_port_start > def->nat_port_end ||
        (def->nat_port_start == 0) != (def->nat_port_end == 0))
        return vir_xml_refuse(error, "<nat><port> needs a start, and an end that is not before it");
    return TRUE;
}

/** Of pf, interface and address only the first kind that is there counts. */
static gboolean
complete_devices(VirNetworkDef *def, GError **error)
{
    if (def->n_forward_pfs > 1)
        return vir_xml_refuse(error, "only one <pf> is allowed");
    if (def->forward_dev != NULL && (def->n_forward_pfs > 0 || def->n_forward_addresses > 0))
        return vir_xml_refuse(error, "<forward dev='%s'> cannot stand beside <pf> or <address>",
                              def->forward_dev);
    if (def->forward_dev != NULL && def->n_forward_interfaces == 0 && def->n_forward_pfs == 0) {
        VirNetworkForwardInterface *it = vir_network_forward_interface_new();

        it->dev = g_strdup(def->forward_dev);
        vir_xml_append(def, forward_interfaces, it);
    } else if (def->n_forward_interfaces > 0) {
        const char *first = def->forward_interfaces[0]->dev;

        if (def->forward_dev == NULL)
            def->forward_dev = g_strdup(first);
        else if (strcmp(def->forward_dev, first) != 0)
            return vir_xml_refuse(error, "<forward dev='%s'> is not the first <interface dev='%s'>",
                                  def->forward_dev, first);
    }
    if (def->n_forward_interfaces > 0) {
        while (def->n_forward_pfs > 0)
            vir_network_forward_pf_free(vir_xml_remove(def, forward_pfs, 0));
        while (def->n_forward_addresses > 0)
            vir_network_forward_address_free(vir_xml_remove(def, forward_addresses, 0));
    }
    return TRUE;
}

static gboolean
check_unique_devices(const VirNetworkDef *def, GError **error)
{
    for (guint i = 0; i < def->n_forward_interfaces; i++) {
        for (guint j = 0; j < i; j++) {
            if (strcmp(def->forward_interfaces[i]->dev, def->forward_interfaces[j]->dev) == 0)
                return vir_xml_refuse(error, "interface '%s' is listed twice",
                                      def->forward_interfaces[i]->dev);
        }
    }
    for (guint i = 0; i < def->n_forward_addresses; i++) {
        const VirNetworkForwardAddress *a = def->forward_addresses[i];

        for (guint j = 0; j < i; j++) {
            const VirNetworkForwardAddress *b = def->forward_addresses[j];

            if (a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
                a->function == b->function)
                return vir_xml_refuse(error, "PCI device %04x:%02x:%02x.%x is listed twice",
                                      a->domain, a->bus, a->slot, a->function);
        }
    }
    return TRUE;
}

static gboolean
complete_forward(VirNetworkDef *def, GError **error)
{
    if (def->forward_mode == MODE(NONE)) {
        if (has_forward_content(def))
            return vir_xml_refuse(error, "mode='none' has nothing beneath it");
        def->forward_mode = 0;
        def->forward = false;
        return TRUE;
    }
    if (def->forward_mode == 0 && (def->forward || has_forward_content(def)))
        def->forward_mode = MODE(NAT);
    def->forward = def->forward_mode != 0;
    if (!check_nat(def, error) || !complete_devices(def, error) ||
        !check_unique_devices(def, error))
        return FALSE;
    if (def->forward_mode == MODE(HOSTDEV)) {
        if (def->forward_managed == 0)
            def->forward_managed = VIR_TRISTATE_NO;
    } else {
        def->forward_managed = 0;
    }
    if ((def->forward_mode == MODE(NAT) || def->forward_mode == MODE(ROUTE)) &&
        def->n_forward_interfaces > 1)
        return vir_xml_refuse(error, "mode='%s' forwards through one interface, not through %u",
                              mode_name(def), def->n_forward_interfaces);
    if (def->forward_mode == MODE(OPEN) &&
        (def->n_forward_interfaces > 0 || def->n_forward_addresses > 0))
        return vir_xml_refuse(error, "mode='open' has no forward device");
    return TRUE;
}

static gboolean
complete_bridge(VirNetworkDef *def, GError **error)
{
    if (vir_network_model_owns_bridge(def)) {
        if (def->bridge_stp == 0)
            def->bridge_stp = VIR_TRISTATE_ON;
        def->has_bridge_delay = true;
        return TRUE;
    }
    if (def->bridge != NULL && def->forward_mode != MODE(BRIDGE))
        return vir_xml_refuse(error, "mode='%s' has no bridge", mode_name(def));
    if (def->bridge_delay != 0 || def->bridge_stp != 0 || def->bridge_zone != NULL)
        return vir_xml_refuse(error,
                              "delay, stp and zone of the bridge are for networks that make it, "
                              "not for mode='%s'",
                              mode_name(def));
    def->has_bridge_delay = false;
    if (def->mtu != 0)
        return vir_xml_refuse(
            error, "mtu is for networks that make their bridge, not for mode='%s'", mode_name(def));
    if (def->forward_mode == MODE(BRIDGE) && def->bridge != NULL &&
        (def->n_forward_interfaces > 0 || def->n_forward_addresses > 0 || def->n_forward_pfs > 0))
        return vir_xml_refuse(error, "mode='bridge' takes a bridge or forward devices, not both");
    return TRUE;
}

static gboolean
complete_dns(VirNetworkDef *def, GError **error)
{
    if (def->domain == NULL)
        def->domain_local_only = def->domain_register = 0;
    if (def->dns_enable == VIR_TRISTATE_NO && (def->n_dns_forwarders > 0 || def->n_dns_txts > 0 ||
                                               def->n_dns_srvs > 0 || def->n_dns_hosts > 0))
        return vir_xml_refuse(error, "<dns enable='no'> has nothing beneath it");
    for (guint i = 0; i < def->n_dns_forwarders; i++) {
        if (def->dns_forwarders[i]->addr == NULL && def->dns_forwarders[i]->domain == NULL)
            return vir_xml_refuse(error, "a <forwarder> needs addr or domain");
    }
    for (guint i = 0; i < def->n_dns_txts; i++) {
        if (!vir_network_rules_dns_txt(def->dns_txts[i], error))
            return FALSE;
    }
    for (guint i = 0; i < def->n_dns_srvs; i++) {
        if (!vir_network_rules_dns_srv(def->dns_srvs[i], FALSE, error))
            return FALSE;
    }
    for (guint i = 0; i < def->n_dns_hosts; i++) {
        if (!vir_network_rules_dns_host(def->dns_hosts[i], FALSE, error))
            return FALSE;
    }
    return TRUE;
}

/** A lease without a time says nothing; one for ever has no unit. */
static void
complete_lease(VirNetworkLease **lease)
{
    if (*lease != NULL && !(*lease)->has_expiry)
        g_clear_pointer(lease, vir_network_lease_free);
    else if (*lease != NULL && (*lease)->expiry == 0)
        (*lease)->unit = 0;
    else if (*lease != NULL && (*lease)->unit == 0)
        (*lease)->unit = VIR_NETWORK_LEASE_UNIT_MINUTES;
}

static void
complete_leases(VirNetworkIp *ip)
{
    for (guint i = 0; i < ip->n_dhcp_ranges; i++)
        complete_lease(&ip->dhcp_ranges[i]->lease);
    for (guint i = 0; i < ip->n_dhcp_hosts; i++)
        complete_lease(&ip->dhcp_hosts[i]->lease);
}

static gboolean
complete_ips(VirNetworkDef *def, GError **error)
{
    for (guint i = 0; i < def->n_ips; i++) {
        VirNetworkIp *ip = def->ips[i];

        complete_leases(ip);
        if (!vir_network_rules_ip(ip, error))
            return FALSE;
        /* Network boot is a part of DHCP, and of that of IPv4 alone. */
        if (ip->family == VIR_NETWORK_FAMILY_IPV6 || ip->bootp_file == NULL ||
            (ip->n_dhcp_ranges == 0 && ip->n_dhcp_hosts == 0)) {
            g_clear_pointer(&ip->bootp_file, g_free);
            g_clear_pointer(&ip->bootp_server, g_free);
        }
    }
    if (def->n_ips == 0 && (def->forward_mode == MODE(NAT) || def->forward_mode == MODE(ROUTE)))
        return vir_xml_refuse(error, "mode='%s' needs an <ip>", mode_name(def));
    for (guint i = 0; i < def->n_routes; i++) {
        if (!vir_network_rules_route(def->routes[i], def, error))
            return FALSE;
    }
    return TRUE;
}

static void
complete_rate(VirBandwidthRate **rate)
{
    if (*rate != NULL && (*rate)->average == 0 && (*rate)->floor == 0)
        g_clear_pointer(rate, vir_bandwidth_rate_free);
}

static void
complete_vlan(VirVlan *vlan)
{
    if (vlan->n_tags > 1)
        vlan->trunk = VIR_TRISTATE_YES;
    else if (vlan->trunk == VIR_TRISTATE_NO)
        vlan->trunk = 0;
}

static gboolean
complete_ports(VirNetworkDef *def, GError **error)
{
    if (def->vlan != NULL)
        complete_vlan(def->vlan);
    if (def->virtualport != NULL && def->virtualport->type == 0)
        return vir_xml_refuse(error, "<virtualport> needs a type");
    if (def->bandwidth != NULL) {
        if (!vir_network_rules_bandwidth(def->bandwidth, FALSE, error))
            return FALSE;
        complete_rate(&def->bandwidth->inbound);
        complete_rate(&def->bandwidth->outbound);
    }
    for (guint i = 0; i < def->n_portgroups; i++) {
        VirNetworkPortGroup *group = def->portgroups[i];

        if (!vir_network_rules_port_group(group, error))
            return FALSE;
        if (group->vlan != NULL)
            complete_vlan(group->vlan);
        if (group->bandwidth != NULL) {
            complete_rate(&group->bandwidth->inbound);
            complete_rate(&group->bandwidth->outbound);
        }
    }
    return TRUE;
}

static void
new_mac(guint8 mac[6])
{
    guint8 uuid[VIR_UUID_LEN];

    vir_uuid_generate(uuid);
    memcpy(mac, "\x52\x54\x00", 3);
    memcpy(mac + 3, uuid, 3);
}

static gboolean
complete_identity(VirNetworkDef *def, unsigned model, GError **error)
{
    if (strchr(def->name, '/') != NULL)
        return vir_xml_refuse(error, "a name cannot have a '/'");
    if (def->has_mac && (def->mac[0] & 1))
        return vir_xml_refuse(error, "the bridge has a multicast hardware address");
    if (!def->has_uuid && (model & VIR_NETWORK_MODEL_NEW_UUID)) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = true;
    }
    if (!def->has_mac && (model & VIR_NETWORK_MODEL_NEW_MAC) &&
        vir_network_model_owns_bridge(def)) {
        new_mac(def->mac);
        def->has_mac = true;
    }
    return TRUE;
}

gboolean
vir_network_model_complete(VirNetworkDef *def, unsigned model, GError **error)
{
    GError *why = NULL;

    if (complete_identity(def, model, &why) && complete_forward(def, &why) &&
        complete_bridge(def, &why) && complete_dns(def, &why) && complete_ips(def, &why) &&
        complete_ports(def, &why))
        return TRUE;
    g_prefix_error(&why, "network '%s': ", def->name);
    g_propagate_error(error, why);
    return FALSE;
}

/** Users are counted, never configured. */
static void
forget_connections(VirNetworkDef *def)
{
    def->connections = 0;
    for (guint i = 0; i < def->n_forward_interfaces; i++)
        def->forward_interfaces[i]->connections = 0;
    for (guint i = 0; i < def->n_forward_addresses; i++)
        def->forward_addresses[i]->connections = 0;
}

VirNetworkDef *
vir_network_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                        unsigned model, GPtrArray **ignored, GError **error)
{
    g_autoptr(VirNetworkDef) def =
        vir_xml_parse(&vir_network_network_doc, text, len, name, flags, ignored, error);

    if (def == NULL)
        return NULL;
    if (!(flags & VIR_XML_STATUS))
        forget_connections(def);
    if (!vir_network_model_complete(def, model, error))
        return NULL;
    return g_steal_pointer(&def);
}

char *
vir_network_model_format(const VirNetworkDef *def, unsigned flags, GError **error)
{
    return vir_xml_format(&vir_network_network_doc, def, flags, error);
}
