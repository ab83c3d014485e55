/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-network-rules.h"

#include "vir-error.h"
#include <arpa/inet.h>
#include <netinet/ether.h>
#include <string.h>

#define MIN_LEASE_SECONDS 120
#define MAX_RANGE 65536

typedef struct {
    int family;
    int len; /* bytes */
    guint8 bytes[16];
} Address;

static gboolean
read_address(const char *text, Address *address)
{
    if (text == NULL)
        return FALSE;
    address->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    address->len = address->family == AF_INET6 ? 16 : 4;
    memset(address->bytes, 0, sizeof(address->bytes));
    return inet_pton(address->family, text, address->bytes) == 1;
}

/** Number of leading ones, or -1 where ones follow a zero. */
static int
mask_prefix(const Address *mask)
{
    int prefix = 0;
    int total = 0;

    while (prefix < mask->len * 8 && (mask->bytes[prefix / 8] >> (7 - prefix % 8) & 1))
        prefix++;
    for (int i = 0; i < mask->len; i++)
        total += __builtin_popcount(mask->bytes[i]);
    return total == prefix ? prefix : -1;
}

/** Sets the bits after @prefix to zeroes or ones. */
static void
fill_host_part(Address *address, int prefix, gboolean ones)
{
    for (int bit = prefix; bit < address->len * 8; bit++) {
        guint8 mask = (guint8)(1 << (7 - bit % 8));

        if (ones)
            address->bytes[bit / 8] |= mask;
        else
            address->bytes[bit / 8] &= (guint8)~mask;
    }
}

static int
classful_prefix(const Address *address)
{
    guint8 first = address->bytes[0];

    if (address->family == AF_INET6)
        return 64;
    return first < 128 ? 8 : first < 192 ? 16 : first < 224 ? 24 : -1;
}

int
vir_network_rules_prefix(const VirNetworkIp *ip)
{
    Address address, mask;

    if (ip->prefix > 0)
        return (int)ip->prefix;
    if (read_address(ip->netmask, &mask))
        return mask_prefix(&mask);
    return read_address(ip->address, &address) ? classful_prefix(&address) : -1;
}

static gboolean
same_network(const Address *a, const Address *b, int prefix)
{
    Address x = *a, y = *b;

    fill_host_part(&x, prefix, FALSE);
    fill_host_part(&y, prefix, FALSE);
    return a->family == b->family && memcmp(x.bytes, y.bytes, sizeof(x.bytes)) == 0;
}

static gboolean
check_lease(const VirNetworkLease *lease, GError **error)
{
    static const guint64 seconds[] = {60, 1, 60, 3600};

    if (lease == NULL || lease->expiry == 0)
        return TRUE;
    if (lease->expiry * seconds[MIN(lease->unit, 3)] < MIN_LEASE_SECONDS)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a lease lasts two minutes at least");
    return TRUE;
}

static gboolean
check_range_in_network(const VirNetworkDhcpRange *range, const Address *start, const Address *end,
                       const VirNetworkIp *ip, GError **error)
{
    Address own, edge;
    int prefix = vir_network_rules_prefix(ip);

    if (!read_address(ip->address, &own) || prefix < 0)
        return TRUE;
    if (!same_network(start, &own, prefix) || !same_network(end, &own, prefix))
        return vir_xml_refuse(error, "range %s - %s is not within the network %s/%d", range->start,
                              range->end, ip->address, prefix);
    if (own.family != AF_INET || prefix >= 31)
        return TRUE;
    edge = own;
    fill_host_part(&edge, prefix, FALSE);
    if (memcmp(edge.bytes, start->bytes, sizeof(edge.bytes)) == 0)
        return vir_xml_refuse(error, "range %s - %s begins at the network address", range->start,
                              range->end);
    fill_host_part(&edge, prefix, TRUE);
    if (memcmp(edge.bytes, end->bytes, sizeof(edge.bytes)) == 0)
        return vir_xml_refuse(error, "range %s - %s ends at the broadcast address", range->start,
                              range->end);
    return TRUE;
}

/* @start is not after @end. */
static gboolean
is_small_range(const Address *start, const Address *end)
{
    guint64 size = 0;

    for (int i = 0; i < end->len; i++) {
        size = size * 256 + end->bytes[i] - start->bytes[i];
        if ((gint64)size > MAX_RANGE)
            return FALSE;
    }
    return size < MAX_RANGE;
}

gboolean
vir_network_rules_range(const VirNetworkDhcpRange *range, const VirNetworkIp *ip, GError **error)
{
    Address start, end;

    if (!read_address(range->start, &start) || !read_address(range->end, &end) ||
        start.family != end.family)
        return vir_xml_refuse(error, "range %s - %s needs two addresses of one family",
                              range->start != NULL ? range->start : "?",
                              range->end != NULL ? range->end : "?");
    if (memcmp(start.bytes, end.bytes, sizeof(start.bytes)) > 0)
        return vir_xml_refuse(error, "range %s - %s is reversed", range->start, range->end);
    if (!is_small_range(&start, &end))
        return vir_xml_refuse(error, "range %s - %s has more than %d addresses", range->start,
                              range->end, MAX_RANGE);
    if (ip != NULL && !check_range_in_network(range, &start, &end, ip, error))
        return FALSE;
    return check_lease(range->lease, error);
}

static gboolean
check_host_mac(const char *mac, GError **error)
{
    struct ether_addr address;

    if (ether_aton_r(mac, &address) == NULL)
        return vir_xml_refuse(error, "'%s' is no hardware address", mac);
    if (address.ether_addr_octet[0] & 1)
        return vir_xml_refuse(error, "'%s' is a multicast address, a host has a unicast one", mac);
    return TRUE;
}

gboolean
vir_network_rules_host(const VirNetworkDhcpHost *host, const VirNetworkIp *ip, gboolean partial,
                       GError **error)
{
    gboolean v6 = ip != NULL && ip->family == VIR_NETWORK_FAMILY_IPV6;
    Address address;

    if (host->mac != NULL && v6)
        return vir_xml_refuse(error, "DHCPv6 host '%s' is named by id, not by mac", host->mac);
    if (host->mac != NULL && !check_host_mac(host->mac, error))
        return FALSE;
    if (host->id != NULL && strspn(host->id, "0123456789abcdefABCDEF:") != strlen(host->id))
        return vir_xml_refuse(error, "'%s' is no DHCP unique identifier", host->id);
    if (host->name != NULL && read_address(host->name, &address))
        return vir_xml_refuse(error, "'%s' is an address, no host name", host->name);
    if (host->name != NULL && !g_ascii_isalnum(host->name[0]))
        return vir_xml_refuse(error, "host name '%s' does not begin with a letter or digit",
                              host->name);
    if (partial) {
        if (host->mac == NULL && host->name == NULL && host->id == NULL && host->ip == NULL)
            return vir_xml_refuse(error, "a DHCP host needs one of mac, id, name and ip");
    } else {
        if (v6 ? host->id == NULL && host->name == NULL : host->mac == NULL && host->name == NULL)
            return vir_xml_refuse(error, "a DHCP host needs %s or name", v6 ? "id" : "mac");
        if (host->ip == NULL)
            return vir_xml_refuse(error, "DHCP host '%s' has no ip",
                                  host->name != NULL  ? host->name
                                  : host->mac != NULL ? host->mac
                                                      : host->id);
    }
    return check_lease(host->lease, error);
}

static gboolean
check_family(guint8 family, const char *what, const char *text, const Address *address,
             GError **error)
{
    int wanted = family == VIR_NETWORK_FAMILY_IPV6 ? AF_INET6 : AF_INET;

    if (address->family != wanted)
        return vir_xml_refuse(error, "%s '%s' is not of family %s", what, text,
                              wanted == AF_INET6 ? "ipv6" : "ipv4");
    return TRUE;
}

static gboolean
check_mask(const char *text, const char *netmask, guint prefix, guint8 family, GError **error)
{
    Address mask;

    if (netmask != NULL) {
        if (prefix > 0)
            return vir_xml_refuse(error, "'%s' has both a prefix and a netmask", text);
        if (!read_address(netmask, &mask) || mask.family != AF_INET ||
            family == VIR_NETWORK_FAMILY_IPV6)
            return vir_xml_refuse(error, "'%s': a netmask is for IPv4, use prefix", text);
    }
    if (prefix > (family == VIR_NETWORK_FAMILY_IPV6 ? 128 : 32))
        return vir_xml_refuse(error, "'%s': prefix %u is too long", text, prefix);
    return TRUE;
}

gboolean
vir_network_rules_ip(const VirNetworkIp *ip, GError **error)
{
    Address address;

    if (!read_address(ip->address, &address))
        return vir_xml_refuse(error, "<ip> has no address");
    if (!check_family(ip->family, "address", ip->address, &address, error) ||
        !check_mask(ip->address, ip->netmask, ip->prefix, ip->family, error))
        return FALSE;
    if (ip->tftp_root != NULL && address.family == AF_INET6)
        return vir_xml_refuse(error, "TFTP is for IPv4 only, not for '%s'", ip->address);
    for (guint i = 0; i < ip->n_dhcp_ranges; i++) {
        if (!vir_network_rules_range(ip->dhcp_ranges[i], ip, error))
            return FALSE;
    }
    for (guint i = 0; i < ip->n_dhcp_hosts; i++) {
        if (!vir_network_rules_host(ip->dhcp_hosts[i], ip, FALSE, error))
            return FALSE;
    }
    return TRUE;
}

/** Prefix of a route; without one only the default route 0.0.0.0 or :: has one. */
static int
route_prefix(const VirNetworkRoute *route, const Address *address)
{
    static const guint8 zero[16];
    Address mask;

    if (route->has_prefix)
        return (int)route->prefix;
    if (read_address(route->netmask, &mask))
        return mask_prefix(&mask);
    return memcmp(address->bytes, zero, sizeof(zero)) == 0 ? 0 : address->len * 8;
}

static gboolean
reaches(const VirNetworkDef *def, const Address *gateway)
{
    Address own;

    for (guint i = 0; i < def->n_ips; i++) {
        int prefix = vir_network_rules_prefix(def->ips[i]);

        if (read_address(def->ips[i]->address, &own) && prefix >= 0 &&
            same_network(&own, gateway, prefix))
            return TRUE;
    }
    return FALSE;
}

gboolean
vir_network_rules_route(const VirNetworkRoute *route, const VirNetworkDef *def, GError **error)
{
    Address address, gateway, network;
    int prefix;

    if (!read_address(route->address, &address) || !read_address(route->gateway, &gateway))
        return vir_xml_refuse(error, "a route needs address and gateway");
    if (!check_family(route->family, "route", route->address, &address, error) ||
        !check_family(route->family, "gateway", route->gateway, &gateway, error) ||
        !check_mask(route->address, route->netmask, route->has_prefix ? route->prefix : 0,
                    route->family, error))
        return FALSE;
    if (route->has_prefix && route->netmask != NULL)
        return vir_xml_refuse(error, "route '%s' has both a prefix and a netmask", route->address);
    prefix = route_prefix(route, &address);
    if (prefix < 0)
        return vir_xml_refuse(error, "route '%s': '%s' is no netmask", route->address,
                              route->netmask);
    network = address;
    fill_host_part(&network,
                   route->has_prefix || route->netmask != NULL ? prefix
                                                               : MAX(classful_prefix(&address), 0),
                   FALSE);
    if (!route->has_prefix && route->netmask == NULL && prefix == address.len * 8)
        return vir_xml_refuse(error, "route '%s' needs a prefix or a netmask", route->address);
    if (memcmp(network.bytes, address.bytes, sizeof(network.bytes)) != 0)
        return vir_xml_refuse(error, "route '%s/%d' is no network address", route->address, prefix);
    if (!reaches(def, &gateway))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "gateway '%s' of route '%s' is in none of the network's addresses",
                             route->gateway, route->address);
    return TRUE;
}

gboolean
vir_network_rules_dns_host(const VirNetworkDnsHost *host, gboolean partial, GError **error)
{
    if (host->ip == NULL && (!partial || host->n_hostnames == 0))
        return vir_xml_refuse(error, "a DNS host has no ip");
    if (host->n_hostnames == 0 && !partial)
        return vir_xml_refuse(error, "DNS host '%s' has no hostname", host->ip);
    for (guint i = 0; i < host->n_hostnames; i++) {
        if (*host->hostnames[i] == '\0')
            return vir_xml_refuse(error, "DNS host '%s' has an empty hostname",
                                  host->ip != NULL ? host->ip : "?");
    }
    return TRUE;
}

gboolean
vir_network_rules_dns_srv(const VirNetworkDnsSrv *srv, gboolean partial, GError **error)
{
    if (srv->protocol != NULL && srv->service == NULL)
        return vir_xml_refuse(error, "a service record has no service");
    if (partial)
        return TRUE;
    if (srv->service == NULL || srv->protocol == NULL)
        return vir_xml_refuse(error, "a service record needs service and protocol");
    if (srv->target == NULL && (srv->has_port || srv->priority != 0 || srv->weight != 0))
        return vir_xml_refuse(error, "service '%s': port, priority and weight need a target",
                              srv->service);
    return TRUE;
}

gboolean
vir_network_rules_dns_txt(const VirNetworkDnsTxt *txt, GError **error)
{
    if (strpbrk(txt->name, " ,") != NULL)
        return vir_xml_refuse(error, "text record '%s': blank and comma are not allowed in a name",
                              txt->name);
    return TRUE;
}

gboolean
vir_network_rules_bandwidth(const VirBandwidth *bandwidth, gboolean floor, GError **error)
{
    const VirBandwidthRate *in = bandwidth->inbound;
    const VirBandwidthRate *out = bandwidth->outbound;

    if (out != NULL && out->floor != 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "floor is for the inbound direction only");
    if (in != NULL && in->floor != 0 && !floor)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "floor is for interfaces of guests only");
    if (bandwidth->has_class_id)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "classID is chosen by the traffic shaper");
    if ((out != NULL && !out->has_average) || (in != NULL && !in->has_average && in->floor == 0))
        return vir_xml_refuse(error, "a bandwidth needs average (or floor)");
    return TRUE;
}

gboolean
vir_network_rules_port_group(const VirNetworkPortGroup *group, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (group->bandwidth != NULL && !vir_network_rules_bandwidth(group->bandwidth, FALSE, &why))
        return vir_xml_refuse(error, "port group '%s': %s", group->name, why->message);
    return TRUE;
}
