/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-netdev.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-netlink.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_MACVTAPS 8192

guint
vir_netdev_index(const char *name)
{
    return if_nametoindex(name);
}

/* An ioctl on a device; the numbers of sysfs would be those of the namespace it was mounted in. */
static gboolean
device_ioctl(const char *name, unsigned long request, struct ifreq *ifr)
{
    VIR_AUTOCLOSE fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (strlen(name) >= sizeof(ifr->ifr_name)) {
        errno = ENODEV;
        return FALSE;
    }
    strcpy(ifr->ifr_name, name);
    return fd >= 0 && ioctl(fd, request, ifr) == 0;
}

guint
vir_netdev_mtu(const char *name)
{
    struct ifreq ifr = {0};

    return device_ioctl(name, SIOCGIFMTU, &ifr) && ifr.ifr_mtu > 0 ? (guint)ifr.ifr_mtu : 0;
}

gboolean
vir_netdev_is_bridge(const char *name)
{
    struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
    struct ifreq ifr = {.ifr_data = (void *)&info};

    return device_ioctl(name, SIOCETHTOOL, &ifr) && strcmp(info.driver, "bridge") == 0;
}

/* ---- links ---- */

static gboolean
find(const char *name, guint *index, GError **error)
{
    *index = if_nametoindex(name);
    return *index != 0 || vir_error_set_errno(error, errno, "network device '%s'", name);
}

/* A change of the link @name. */
static gboolean
begin_link(VirNetlink *message, const char *name, unsigned flags, unsigned change, GError **error)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_flags = flags, .ifi_change = change};
    guint index;

    if (!find(name, &index, error))
        return FALSE;
    link.ifi_index = (int)index;
    vir_netlink_begin(message, RTM_NEWLINK, 0, &link, sizeof(link));
    return TRUE;
}

static gboolean finish(VirNetlink *message, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean
finish(VirNetlink *message, GError **error, const char *format, ...)
{
    int code = vir_netlink_send(message);
    g_autofree char *what = NULL;
    va_list args;

    if (code == 0)
        return TRUE;
    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return vir_error_set_errno(error, code, "cannot %s", what);
}

gboolean
vir_netdev_set_mac(const char *name, const guint8 mac[6], GError **error)
{
    VirNetlink message;

    if (!begin_link(&message, name, 0, 0, error))
        return FALSE;
    vir_netlink_add(&message, IFLA_ADDRESS, mac, 6);
    return finish(&message, error, "set the address of network device '%s'", name);
}

gboolean
vir_netdev_set_mtu(const char *name, guint mtu, GError **error)
{
    VirNetlink message;

    if (!begin_link(&message, name, 0, 0, error))
        return FALSE;
    vir_netlink_add_u32(&message, IFLA_MTU, mtu);
    return finish(&message, error, "set the MTU of network device '%s' to %u", name, mtu);
}

gboolean
vir_netdev_set_up(const char *name, gboolean up, GError **error)
{
    VirNetlink message;

    return begin_link(&message, name, up ? IFF_UP : 0, IFF_UP, error) &&
           finish(&message, error, "set network device '%s' %s", name, up ? "up" : "down");
}

gboolean
vir_netdev_set_bridge(const char *name, const char *bridge, GError **error)
{
    VirNetlink message;
    guint index;

    if (!find(bridge, &index, error) || !begin_link(&message, name, 0, 0, error))
        return FALSE;
    if (!vir_netdev_is_bridge(bridge))
        return vir_error_set(error, VIR_ERR_OPERATION_INVALID,
                             "network device '%s' is not a bridge; use type='direct' for it",
                             bridge);
    vir_netlink_add_u32(&message, IFLA_MASTER, index);
    return finish(&message, error, "make '%s' a port of bridge '%s'", name, bridge);
}

gboolean
vir_netdev_set_isolated(const char *name, gboolean on, GError **error)
{
    struct ifinfomsg link = {.ifi_family = AF_BRIDGE};
    VirNetlink message;
    guint index;
    gsize nest;

    if (!find(name, &index, error))
        return FALSE;
    link.ifi_index = (int)index;
    vir_netlink_begin(&message, RTM_SETLINK, 0, &link, sizeof(link));
    nest = vir_netlink_nest(&message, IFLA_PROTINFO | NLA_F_NESTED);
    vir_netlink_add_u8(&message, IFLA_BRPORT_ISOLATED, on ? 1 : 0);
    vir_netlink_end(&message, nest);
    return finish(&message, error, "isolate bridge port '%s'", name);
}

static gboolean
change_vlan(const char *name, int type, guint id, unsigned flags, GError **error)
{
    struct ifinfomsg link = {.ifi_family = AF_BRIDGE};
    struct bridge_vlan_info vlan = {.flags = (guint16)flags, .vid = (guint16)id};
    VirNetlink message;
    guint index;
    gsize nest;

    if (!find(name, &index, error))
        return FALSE;
    link.ifi_index = (int)index;
    vir_netlink_begin(&message, type, 0, &link, sizeof(link));
    nest = vir_netlink_nest(&message, IFLA_AF_SPEC);
    vir_netlink_add(&message, IFLA_BRIDGE_VLAN_INFO, &vlan, sizeof(vlan));
    vir_netlink_end(&message, nest);
    return finish(&message, error, "change VLAN %u of bridge port '%s'", id, name);
}

gboolean
vir_netdev_add_vlan(const char *name, guint id, gboolean native, gboolean untagged, GError **error)
{
    return change_vlan(
        name, RTM_SETLINK, id,
        (native ? BRIDGE_VLAN_INFO_PVID : 0) | (untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0), error);
}

gboolean
vir_netdev_remove_vlan(const char *name, guint id, GError **error)
{
    return change_vlan(name, RTM_DELLINK, id, 0, error);
}

/* ---- addresses ---- */

typedef struct {
    int family;
    gsize len;
    guint8 bytes[16];
} Address;

static gboolean
read_address(const char *text, Address *address, GError **error)
{
    gboolean v6 = strchr(text, ':') != NULL;

    address->family = v6 ? AF_INET6 : AF_INET;
    address->len = v6 ? 16 : 4;
    return inet_pton(address->family, text, address->bytes) == 1 ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no numeric address", text);
}

gboolean
vir_netdev_add_address(const char *name, const char *address, const char *peer, guint prefix,
                       GError **error)
{
    struct ifaddrmsg fixed = {0};
    VirNetlink message;
    Address local;
    Address remote;
    guint index;

    if (!find(name, &index, error) || !read_address(address, &local, error) ||
        !read_address(peer ? peer : address, &remote, error))
        return FALSE;
    if (local.family != remote.family || prefix > local.len * 8)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "address '%s/%u' with peer '%s'", address,
                             prefix, peer ? peer : "none");
    fixed.ifa_family = (guint8)local.family;
    fixed.ifa_prefixlen = (guint8)(prefix ? prefix : local.len * 8);
    fixed.ifa_index = index;
    vir_netlink_begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof(fixed));
    vir_netlink_add(&message, IFA_LOCAL, local.bytes, local.len);
    vir_netlink_add(&message, IFA_ADDRESS, remote.bytes, remote.len);
    return finish(&message, error, "give network device '%s' the address '%s'", name, address);
}

gboolean
vir_netdev_add_route(const char *name, const char *network, guint prefix, const char *gateway,
                     guint metric, GError **error)
{
    struct rtmsg fixed = {.rtm_table = RT_TABLE_MAIN,
                          .rtm_protocol = RTPROT_STATIC,
                          .rtm_scope = RT_SCOPE_UNIVERSE,
                          .rtm_type = RTN_UNICAST};
    VirNetlink message;
    Address to;
    Address via;
    guint index;

    if (!find(name, &index, error) || !read_address(network, &to, error) ||
        !read_address(gateway, &via, error))
        return FALSE;
    if (to.family != via.family || prefix > to.len * 8)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "route to '%s/%u' through '%s'", network,
                             prefix, gateway);
    fixed.rtm_family = (guint8)to.family;
    fixed.rtm_dst_len = (guint8)prefix;
    vir_netlink_begin(&message, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof(fixed));
    vir_netlink_add(&message, RTA_DST, to.bytes, to.len);
    vir_netlink_add(&message, RTA_GATEWAY, via.bytes, via.len);
    vir_netlink_add_u32(&message, RTA_OIF, index);
    if (metric)
        vir_netlink_add_u32(&message, RTA_PRIORITY, metric);
    return finish(&message, error, "add the route to '%s/%u' over '%s'", network, prefix, name);
}

/* ---- the rest ---- */

gboolean
vir_netdev_set_coalesce(const char *name, guint frames, GError **error)
{
    struct ethtool_coalesce coalesce = {.cmd = ETHTOOL_GCOALESCE};
    struct ifreq ifr = {.ifr_data = (void *)&coalesce};

    if (device_ioctl(name, SIOCETHTOOL, &ifr)) {
        coalesce.cmd = ETHTOOL_SCOALESCE;
        coalesce.rx_max_coalesced_frames = frames;
        if (device_ioctl(name, SIOCETHTOOL, &ifr))
            return TRUE;
    }
    return vir_error_set_errno(error, errno, "cannot set coalescing of network device '%s'", name);
}

static int
try_macvtap(const char *name, guint parent, guint32 mode, const guint8 mac[6])
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    VirNetlink message;
    gsize info;
    gsize data;

    vir_netlink_begin(&message, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
    vir_netlink_add_string(&message, IFLA_IFNAME, name);
    vir_netlink_add_u32(&message, IFLA_LINK, parent);
    vir_netlink_add(&message, IFLA_ADDRESS, mac, 6);
    info = vir_netlink_nest(&message, IFLA_LINKINFO);
    vir_netlink_add_string(&message, IFLA_INFO_KIND, "macvtap");
    data = vir_netlink_nest(&message, IFLA_INFO_DATA);
    vir_netlink_add_u32(&message, IFLA_MACVLAN_MODE, mode);
    vir_netlink_end(&message, data);
    vir_netlink_end(&message, info);
    return vir_netlink_send(&message);
}

char *
vir_netdev_add_macvtap(const char *name, const char *parent, VirNetdevMacvtap mode,
                       const guint8 mac[6], GError **error)
{
    static const guint32 modes[] = {
        [VIR_NETDEV_MACVTAP_VEPA] = MACVLAN_MODE_VEPA,
        [VIR_NETDEV_MACVTAP_BRIDGE] = MACVLAN_MODE_BRIDGE,
        [VIR_NETDEV_MACVTAP_PRIVATE] = MACVLAN_MODE_PRIVATE,
    };
    int code = EEXIST;
    guint index;

    if (!find(parent, &index, error))
        return NULL;
    for (int i = 0; code == EEXIST && i < (name ? 1 : MAX_MACVTAPS); i++) {
        g_autofree char *made = name ? g_strdup(name) : g_strdup_printf("macvtap%d", i);

        code = vir_netdev_index(made) ? EEXIST : try_macvtap(made, index, modes[mode], mac);
        if (code == 0)
            return g_steal_pointer(&made);
    }
    if (code == EEXIST)
        vir_error_set(error, VIR_ERR_OPERATION_INVALID, "there is a network device '%s' already",
                      name ? name : "macvtap0 and thousands more");
    else
        vir_error_set_errno(error, code, "cannot make a macvtap device on '%s'", parent);
    return NULL;
}

gboolean
vir_netdev_delete(const char *name, GError **error)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    VirNetlink message;
    int code;

    link.ifi_index = (int)if_nametoindex(name);
    if (link.ifi_index == 0)
        return TRUE;
    vir_netlink_begin(&message, RTM_DELLINK, 0, &link, sizeof(link));
    code = vir_netlink_send(&message);
    return code == 0 || code == ENODEV ||
           vir_error_set_errno(error, code, "cannot remove network device '%s'", name);
}
