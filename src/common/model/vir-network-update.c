/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-network-update.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "vir-error.h"
#include "vir-network-model.h"
#include "vir-network-rules.h"

/* How much of an element must agree for it to be the one that is meant. */
typedef enum {
    MATCH_KEY,      /* the same thing, to be replaced */
    MATCH_CONFLICT, /* cannot stand beside the new one */
    MATCH_GIVEN,    /* everything that is given agrees, to be deleted */
} Match;

typedef struct {
    guint section;
    const char *what;
    const VirXmlDoc *doc;
    gboolean modify;
    gboolean of_ip;
    gboolean (*check)(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error);
    gboolean (*matches)(const void *old, const void *it, Match match);
    void (*list)(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n);
} Section;

/** Absent in @given: agrees with anything. */
static gboolean
agrees(const char *old, const char *given)
{
    return given == NULL || g_strcmp0(old, given) == 0;
}

static gboolean
same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static gboolean
same_case(const char *a, const char *b)
{
    return a != NULL && b != NULL && g_ascii_strcasecmp(a, b) == 0;
}

static gboolean
host_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_host(it, ip, partial, error);
}

static gboolean
host_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkDhcpHost *old = old_item;
    const VirNetworkDhcpHost *it = item;

    switch (match) {
    case MATCH_KEY:
        if (it->mac != NULL)
            return same_case(old->mac, it->mac);
        return it->id != NULL ? same_case(old->id, it->id) : same(old->name, it->name);
    case MATCH_CONFLICT:
        return same_case(old->mac, it->mac) || same_case(old->id, it->id) ||
               same(old->name, it->name) || same(old->ip, it->ip);
    case MATCH_GIVEN:
        break;
    }
    return (it->mac == NULL || same_case(old->mac, it->mac)) &&
           (it->id == NULL || same_case(old->id, it->id)) && agrees(old->name, it->name) &&
           agrees(old->ip, it->ip);
}

static void
host_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&ip->dhcp_hosts;
    *n = &ip->n_dhcp_hosts;
}

static gboolean
range_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_range(it, partial ? NULL : ip, error);
}

static gboolean
range_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkDhcpRange *old = old_item;
    const VirNetworkDhcpRange *it = item;

    return same(old->start, it->start) && same(old->end, it->end);
}

static void
range_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&ip->dhcp_ranges;
    *n = &ip->n_dhcp_ranges;
}

static gboolean
interface_matches(const void *old_item, const void *item, Match match)
{
    return same(((const VirNetworkForwardInterface *)old_item)->dev,
                ((const VirNetworkForwardInterface *)item)->dev);
}

static void
interface_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&def->forward_interfaces;
    *n = &def->n_forward_interfaces;
}

static gboolean
portgroup_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_port_group(it, error);
}

static gboolean
portgroup_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkPortGroup *old = old_item;
    const VirNetworkPortGroup *it = item;

    if (same(old->name, it->name))
        return TRUE;
    return match == MATCH_CONFLICT && old->default_ == VIR_TRISTATE_YES &&
           it->default_ == VIR_TRISTATE_YES;
}

static void
portgroup_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&def->portgroups;
    *n = &def->n_portgroups;
}

static gboolean
dns_host_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_dns_host(it, partial, error);
}

static gboolean
has_hostname(const VirNetworkDnsHost *host, const char *name)
{
    for (guint i = 0; i < host->n_hostnames; i++) {
        if (strcmp(host->hostnames[i], name) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
dns_host_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkDnsHost *old = old_item;
    const VirNetworkDnsHost *it = item;

    if (match != MATCH_GIVEN)
        return same(old->ip, it->ip);
    if (!agrees(old->ip, it->ip))
        return FALSE;
    for (guint i = 0; i < it->n_hostnames; i++) {
        if (!has_hostname(old, it->hostnames[i]))
            return FALSE;
    }
    return TRUE;
}

static void
dns_host_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&def->dns_hosts;
    *n = &def->n_dns_hosts;
}

static gboolean
dns_txt_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_dns_txt(it, error);
}

static gboolean
dns_txt_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkDnsTxt *old = old_item;
    const VirNetworkDnsTxt *it = item;

    return same(old->name, it->name) && (match != MATCH_GIVEN || agrees(old->value, it->value));
}

static void
dns_txt_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&def->dns_txts;
    *n = &def->n_dns_txts;
}

static gboolean
dns_srv_check(const void *it, const VirNetworkIp *ip, gboolean partial, GError **error)
{
    return vir_network_rules_dns_srv(it, partial, error);
}

static gboolean
dns_srv_matches(const void *old_item, const void *item, Match match)
{
    const VirNetworkDnsSrv *old = old_item;
    const VirNetworkDnsSrv *it = item;

    if (match != MATCH_GIVEN)
        return same(old->service, it->service) && same(old->protocol, it->protocol) &&
               g_strcmp0(old->domain, it->domain) == 0 && g_strcmp0(old->target, it->target) == 0;
    return agrees(old->service, it->service) && agrees(old->protocol, it->protocol) &&
           agrees(old->domain, it->domain) && agrees(old->target, it->target) &&
           (!it->has_port || (old->has_port && old->port == it->port));
}

static void
dns_srv_list(VirNetworkDef *def, VirNetworkIp *ip, gpointer ***items, guint **n)
{
    *items = (gpointer **)&def->dns_srvs;
    *n = &def->n_dns_srvs;
}

static const Section sections[] = {
    {VIR_NETWORK_SECTION_IP_DHCP_HOST, "DHCP host", &vir_network_dhcp_host_doc, TRUE, TRUE,
     host_check, host_matches, host_list},
    {VIR_NETWORK_SECTION_IP_DHCP_RANGE, "DHCP range", &vir_network_dhcp_range_doc, FALSE, TRUE,
     range_check, range_matches, range_list},
    {VIR_NETWORK_SECTION_FORWARD_INTERFACE, "forward interface", &vir_network_forward_interface_doc,
     FALSE, FALSE, NULL, interface_matches, interface_list},
    {VIR_NETWORK_SECTION_PORTGROUP, "port group", &vir_network_port_group_doc, TRUE, FALSE,
     portgroup_check, portgroup_matches, portgroup_list},
    {VIR_NETWORK_SECTION_DNS_HOST, "DNS host", &vir_network_dns_host_doc, TRUE, FALSE,
     dns_host_check, dns_host_matches, dns_host_list},
    {VIR_NETWORK_SECTION_DNS_TXT, "DNS text record", &vir_network_dns_txt_doc, TRUE, FALSE,
     dns_txt_check, dns_txt_matches, dns_txt_list},
    {VIR_NETWORK_SECTION_DNS_SRV, "DNS service record", &vir_network_dns_srv_doc, FALSE, FALSE,
     dns_srv_check, dns_srv_matches, dns_srv_list},
};

static gboolean
refuse(GError **error, const VirNetworkDef *def, const Section *section, const char *why)
{
    return vir_error_set(error, VIR_ERR_OPERATION_INVALID, "network '%s': %s %s", def->name,
                         section->what, why);
}

/** The <ip> meant; without an index the one that does DHCP, else the first of IPv4. */
static VirNetworkIp *
find_ip(VirNetworkDef *def, int index, GError **error)
{
    VirNetworkIp *first = NULL;

    if (index >= 0) {
        if ((guint)index < def->n_ips)
            return def->ips[index];
        vir_error_set(error, VIR_ERR_INVALID_ARG, "network '%s' has no <ip> number %d", def->name,
                      index);
        return NULL;
    }
    for (guint i = 0; i < def->n_ips; i++) {
        if (def->ips[i]->n_dhcp_ranges > 0 || def->ips[i]->n_dhcp_hosts > 0)
            return def->ips[i];
        if (first == NULL && def->ips[i]->family != VIR_NETWORK_FAMILY_IPV6)
            first = def->ips[i];
    }
    if (first == NULL)
        vir_error_set(error, VIR_ERR_OPERATION_INVALID, "network '%s' has no <ip>", def->name);
    return first;
}

static gboolean
is_v6(const char *address)
{
    return strchr(address, ':') != NULL;
}

/** The <ip> of the family of @address with DHCP, else the first of it, else @ip. */
static VirNetworkIp *
fit_family(VirNetworkDef *def, VirNetworkIp *ip, const char *address)
{
    VirNetworkIp *first = NULL;

    if (is_v6(address) == is_v6(ip->address))
        return ip;
    for (guint i = 0; i < def->n_ips; i++) {
        VirNetworkIp *other = def->ips[i];

        if (is_v6(other->address) != is_v6(address))
            continue;
        if (other->n_dhcp_ranges > 0 || other->n_dhcp_hosts > 0)
            return other;
        if (first == NULL)
            first = other;
    }
    return first != NULL ? first : ip;
}

/** The <ip> that @it is a part of. A range tells it by its family, a host must be of that meant. */
static VirNetworkIp *
choose_ip(VirNetworkDef *def, const Section *section, int parent_index, const void *it,
          GError **error)
{
    VirNetworkIp *ip = find_ip(def, parent_index, error);
    const char *address;

    if (ip == NULL)
        return NULL;
    if (section->section == VIR_NETWORK_SECTION_IP_DHCP_RANGE) {
        address = ((const VirNetworkDhcpRange *)it)->start;
        return address != NULL ? fit_family(def, ip, address) : ip;
    }
    address = ((const VirNetworkDhcpHost *)it)->ip;
    if (address == NULL || is_v6(address) == is_v6(ip->address))
        return ip;
    vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                  "network '%s': host %s is not of the family of the <ip> %s that is meant",
                  def->name, address, ip->address);
    return NULL;
}

/** Number of matches; *@where is the first. */
static guint
find(const Section *section, gpointer *items, guint n, const void *it, Match match, guint *where)
{
    guint found = 0;

    for (guint i = 0; i < n; i++) {
        if (section->matches(items[i], it, match) && found++ == 0)
            *where = i;
    }
    return found;
}

/** Takes *@it where it becomes a part of @def. */
static gboolean
change(VirNetworkDef *def, const Section *section, VirNetworkIp *ip, guint command, void **it,
       GError **error)
{
    const VirXmlType *type = vir_xml_doc_type(section->doc);
    gpointer **items;
    guint *n;
    guint where = 0, found;

    section->list(def, ip, &items, &n);
    switch (command) {
    case VIR_NETWORK_UPDATE_COMMAND_MODIFY:
        if (!section->modify)
            return vir_error_set(error, VIR_ERR_OPERATION_UNSUPPORTED,
                                 "a %s cannot be modified, only added and deleted", section->what);
        if (find(section, *items, *n, *it, MATCH_KEY, &where) == 0)
            return refuse(error, def, section, "is not there to be modified");
        vir_xml_free(type, (*items)[where]);
        (*items)[where] = g_steal_pointer(it);
        return TRUE;
    case VIR_NETWORK_UPDATE_COMMAND_DELETE:
        found = find(section, *items, *n, *it, MATCH_GIVEN, &where);
        if (found != 1)
            return refuse(error, def, section,
                          found == 0 ? "is not there to be deleted"
                                     : "is meant by several: say more");
        vir_xml_free(type, vir_xml_array_remove(items, n, where));
        return TRUE;
    case VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST:
    case VIR_NETWORK_UPDATE_COMMAND_ADD_LAST:
        if (find(section, *items, *n, *it, MATCH_CONFLICT, &where) > 0)
            return refuse(error, def, section, "is there already");
        vir_xml_array_insert(items, n, command == VIR_NETWORK_UPDATE_COMMAND_ADD_FIRST ? 0 : *n,
                             g_steal_pointer(it));
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "%u is no command of an update", command);
    }
}

/** Only one address of each family may have DHCP. */
static gboolean
check_one_dhcp(const VirNetworkDef *def, const VirNetworkIp *ip, GError **error)
{
    for (guint i = 0; i < def->n_ips; i++) {
        const VirNetworkIp *other = def->ips[i];

        if (other != ip &&
            (other->family == VIR_NETWORK_FAMILY_IPV6) == (ip->family == VIR_NETWORK_FAMILY_IPV6) &&
            (other->n_dhcp_ranges > 0 || other->n_dhcp_hosts > 0))
            return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                                 "network '%s': address %s does DHCP already", def->name,
                                 other->address);
    }
    return TRUE;
}

static const Section *
find_section(guint number, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (sections[i].section == number)
            return &sections[i];
    }
    vir_error_set(error, VIR_ERR_NO_SUPPORT, "section %u of a network cannot be changed", number);
    return NULL;
}

static gboolean
apply(VirNetworkDef *def, const Section *section, guint command, int parent_index, void **it,
      GError **error)
{
    gboolean partial = command == VIR_NETWORK_UPDATE_COMMAND_DELETE;
    VirNetworkIp *ip = NULL;

    if (section->of_ip) {
        ip = choose_ip(def, section, parent_index, *it, error);
        if (ip == NULL)
            return FALSE;
        if (!partial && !check_one_dhcp(def, ip, error))
            return FALSE;
    }
    if (section->check != NULL && !section->check(*it, ip, partial, error))
        return FALSE;
    if (section->section == VIR_NETWORK_SECTION_FORWARD_INTERFACE && !partial &&
        (def->forward_mode == 0 || def->n_forward_pfs > 0 || def->n_forward_addresses > 0))
        return refuse(error, def, section,
                      "needs a <forward> without <pf> and <address> to be added to");
    if (!change(def, section, ip, command, it, error))
        return FALSE;
    /* The device of <forward> is its first interface. */
    if (section->section == VIR_NETWORK_SECTION_FORWARD_INTERFACE)
        g_clear_pointer(&def->forward_dev, g_free);
    return vir_network_model_complete(def, 0, error);
}

VirNetworkDef *
vir_network_update(const VirNetworkDef *def, guint command, guint section_number, int parent_index,
                   const char *xml, GError **error)
{
    const Section *section = find_section(section_number, error);
    g_autoptr(VirNetworkDef) copy = NULL;
    void *it;
    gboolean done;

    if (section == NULL)
        return NULL;
    it = vir_xml_parse(section->doc, xml, -1, "network_update", VIR_XML_INACTIVE, NULL, error);
    if (it == NULL)
        return NULL;
    copy = vir_network_def_clone(def);
    done = apply(copy, section, command, parent_index, &it, error);
    vir_xml_free(vir_xml_doc_type(section->doc), it);
    return done ? g_steal_pointer(&copy) : NULL;
}
