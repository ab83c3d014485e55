/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int
compare_networks(const void *a, const void *b)
{
    return strcmp(virNetworkGetName(*(const virNetworkPtr *)a),
                  virNetworkGetName(*(const virNetworkPtr *)b));
}

static unsigned int
list_flags(const VirshCmd *cmd)
{
    unsigned int states = virsh_list_states(cmd, VIR_CONNECT_LIST_NETWORKS_ACTIVE,
                                            VIR_CONNECT_LIST_NETWORKS_INACTIVE);

    return states | VIRSH_FLAGS(cmd, {"persistent", VIR_CONNECT_LIST_NETWORKS_PERSISTENT},
                                {"transient", VIR_CONNECT_LIST_NETWORKS_TRANSIENT},
                                {"autostart", VIR_CONNECT_LIST_NETWORKS_AUTOSTART},
                                {"no-autostart", VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART});
}

static const char *
autostart_text(virNetworkPtr network)
{
    int on = 0;

    if (virNetworkGetAutostart(network, &on) < 0)
        return "no autostart";
    return on ? "yes" : "no";
}

VIRSH_COMMAND(net_list)
{
    g_autoptr(VirshTable) table = VIRSH_TABLE("Name", "State", "Autostart", "Persistent");
    gboolean names = virsh_flag(cmd, "name");
    gboolean uuids = virsh_flag(cmd, "uuid");
    virNetworkPtr *networks = NULL;
    int n;

    if (virsh_flag(cmd, "title"))
        return virsh_error(ctl, "option --title of 'net-list' is not built yet");
    if (names + uuids + virsh_flag(cmd, "table") > 1)
        return virsh_error(ctl,
                           "Only one argument from --table, --name and --uuid may be specified.");
    n = virConnectListAllNetworks(ctl->conn, &networks, list_flags(cmd));
    if (n < 0)
        return virsh_error(ctl, "Failed to list networks");
    qsort(networks, n, sizeof(*networks), compare_networks);
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";

        virNetworkGetUUIDString(networks[i], uuid);
        if (names || uuids)
            virsh_print("%s\n", names ? virNetworkGetName(networks[i]) : uuid);
        else
            VIRSH_ROW(table, virNetworkGetName(networks[i]),
                      virNetworkIsActive(networks[i]) ? "active" : "inactive",
                      autostart_text(networks[i]),
                      virNetworkIsPersistent(networks[i]) ? "yes" : "no");
        virNetworkFree(networks[i]);
    }
    free(networks);
    if (!names && !uuids)
        virsh_table_print(ctl, table);
    return TRUE;
}

VIRSH_COMMAND(net_info)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_ANY);
    char uuid[VIR_UUID_STRING_BUFLEN];
    int active, persistent;
    char *bridge;

    if (!network)
        return FALSE;
    virsh_print("%-15s %s\n", "Name:", virNetworkGetName(network));
    if (virNetworkGetUUIDString(network, uuid) == 0)
        virsh_print("%-15s %s\n", "UUID:", uuid);
    active = virNetworkIsActive(network);
    if (active >= 0)
        virsh_print("%-15s %s\n", "Active:", active ? "yes" : "no");
    persistent = virNetworkIsPersistent(network);
    virsh_print("%-15s %s\n", "Persistent:", virsh_yes_no(persistent));
    virsh_print("%-15s %s\n", "Autostart:", autostart_text(network));
    bridge = virNetworkGetBridgeName(network);
    if (bridge)
        virsh_print("%-15s %s\n", "Bridge:", bridge);
    free(bridge);
    return TRUE;
}

VIRSH_COMMAND(net_uuid)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_NAME);
    char uuid[VIR_UUID_STRING_BUFLEN];

    return virsh_line(network && virNetworkGetUUIDString(network, uuid) == 0 ? uuid : NULL);
}

VIRSH_COMMAND(net_name)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_UUID);

    return virsh_line(network ? virNetworkGetName(network) : NULL);
}

VIRSH_COMMAND(net_dumpxml)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_ANY);
    unsigned int flags = virsh_flag(cmd, "inactive") ? VIR_NETWORK_XML_INACTIVE : 0;

    return virsh_print_xml(ctl, cmd, network ? virNetworkGetXMLDesc(network, flags) : NULL);
}

static gboolean
from_file(VirshCtl *ctl, const VirshCmd *cmd,
          virNetworkPtr (*func)(virConnectPtr conn, const char *xml, unsigned int flags),
          unsigned int validate, const char *verb, const char *done)
{
    const char *path = virsh_string(cmd, "file");
    g_autofree char *xml = virsh_read_file(ctl, path);
    g_autoptr(virNetwork) network = NULL;

    if (!xml)
        return FALSE;
    network = func(ctl->conn, xml, virsh_flag(cmd, "validate") ? validate : 0);
    if (!network)
        return virsh_error(ctl, "Failed to %s network from %s", verb, path);
    virsh_say(ctl, "Network %s %s from %s\n", virNetworkGetName(network), done, path);
    return TRUE;
}

static virNetworkPtr
define_network(virConnectPtr conn, const char *xml, unsigned int flags)
{
    return flags ? virNetworkDefineXMLFlags(conn, xml, flags) : virNetworkDefineXML(conn, xml);
}

static virNetworkPtr
create_network(virConnectPtr conn, const char *xml, unsigned int flags)
{
    return flags ? virNetworkCreateXMLFlags(conn, xml, flags) : virNetworkCreateXML(conn, xml);
}

VIRSH_COMMAND(net_define)
{
    return from_file(ctl, cmd, define_network, VIR_NETWORK_DEFINE_VALIDATE, "define", "defined");
}

VIRSH_COMMAND(net_create)
{
    return from_file(ctl, cmd, create_network, VIR_NETWORK_CREATE_VALIDATE, "create", "created");
}

static gboolean
simple(VirshCtl *ctl, const VirshCmd *cmd, VirshBy by, int (*func)(virNetworkPtr network),
       const char *verb, const char *done)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, by);
    const char *name = virsh_string(cmd, "network");

    if (!network)
        return FALSE;
    if (func(network) < 0)
        return virsh_error(ctl, "Failed to %s network %s", verb, name);
    virsh_say(ctl, "Network %s %s\n", name, done);
    return TRUE;
}

VIRSH_COMMAND(net_start)
{
    return simple(ctl, cmd, VIRSH_BY_ANY, virNetworkCreate, "start", "started");
}

VIRSH_COMMAND(net_destroy)
{
    return simple(ctl, cmd, VIRSH_BY_ANY, virNetworkDestroy, "destroy", "destroyed");
}

VIRSH_COMMAND(net_undefine)
{
    return simple(ctl, cmd, VIRSH_BY_ANY, virNetworkUndefine, "undefine", "has been undefined");
}

VIRSH_COMMAND(net_autostart)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_ANY);
    const char *name = virsh_string(cmd, "network");
    gboolean off = virsh_flag(cmd, "disable");

    if (!network)
        return FALSE;
    if (virNetworkSetAutostart(network, !off) < 0)
        return virsh_error(ctl, "failed to %s network %s as autostarted", off ? "unmark" : "mark",
                           name);
    virsh_say(ctl, "Network %s %s as autostarted\n", name, off ? "unmarked" : "marked");
    return TRUE;
}

static gboolean
define_edited(VirshCtl *ctl, const char *xml, gboolean relaxed, gpointer data)
{
    g_autoptr(virNetwork) network = virNetworkDefineXML(ctl->conn, xml);

    if (network)
        virsh_say(ctl, "Network %s XML configuration edited.\n", virNetworkGetName(network));
    return network != NULL;
}

VIRSH_COMMAND(net_edit)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_ANY);
    g_autofree char *unchanged = NULL;
    gboolean good;
    char *xml;

    if (!network)
        return FALSE;
    xml = virNetworkGetXMLDesc(network, VIR_NETWORK_XML_INACTIVE);
    if (!xml)
        return FALSE;
    unchanged =
        g_strdup_printf("Network %s XML configuration not changed.\n", virNetworkGetName(network));
    good = virsh_edit(ctl, xml, unchanged, define_edited, NULL);
    free(xml);
    return good;
}

VIRSH_COMMAND(net_dhcp_leases)
{
    g_autoptr(virNetwork) network = virsh_network(ctl, cmd, VIRSH_BY_ANY);
    g_autoptr(VirshTable) table = VIRSH_TABLE("Expiry Time", "MAC address", "Protocol",
                                              "IP address", "Hostname", "Client ID or DUID");
    virNetworkDHCPLeasePtr *leases = NULL;
    int n;

    if (!network)
        return FALSE;
    n = virNetworkGetDHCPLeases(network, virsh_string(cmd, "mac"), &leases, 0);
    if (n < 0)
        return virsh_error(ctl, "Failed to get leases info for %s", virsh_string(cmd, "network"));
    for (int i = 0; i < n; i++) {
        virNetworkDHCPLeasePtr lease = leases[i];
        g_autoptr(GDateTime) expiry = g_date_time_new_from_unix_local(lease->expirytime);
        g_autofree char *when = expiry ? g_date_time_format(expiry, "%Y-%m-%d %H:%M:%S") : NULL;
        g_autofree char *address = g_strdup_printf("%s/%u", lease->ipaddr, lease->prefix);

        VIRSH_ROW(table, when, lease->mac, lease->type == VIR_IP_ADDR_TYPE_IPV6 ? "ipv6" : "ipv4",
                  address, lease->hostname, lease->clientid);
        virNetworkDHCPLeaseFree(lease);
    }
    free(leases);
    virsh_table_print(ctl, table);
    return TRUE;
}
