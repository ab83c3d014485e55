/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-net.h"

#include "net.h"
#include "passt.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-netdev.h"
#include "vir-spawn.h"
#include "vir-tap.h"
#include <string.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.net");

#define SCRIPT_MS 30000
#define SCRIPT_OUTPUT 2048

/* ---- what cannot be set up here yet ---- */

static gboolean
check_built(const VirDomainInterface *net, GError **error)
{
    const struct {
        gboolean there;
        const char *what;
    } lacks[] = {
        {net->filter != NULL, "<filterref>"},
        {net->virtualport != NULL, "<virtualport>"},
        {net->trust_guest_rx_filters == VIR_TRISTATE_YES, "trustGuestRxFilters='yes'"},
        {net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT &&
             net->mode == VIR_DOMAIN_INTERFACE_MODE_PASSTHROUGH,
         "<source mode='passthrough'>"},
        {net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT && net->vlan != NULL, "<vlan>"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "%s cannot be set up on the host yet", lacks[i].what);
    }
    return TRUE;
}

/* ---- taps ---- */

static gboolean
run_script(const char *script, const char *device, GError **error)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new(script);
    g_autofree char *said = NULL;
    int status = 0;

    vir_spawn_add_arg(spawn, device);
    vir_spawn_pass_env(spawn, "PATH");
    if (!vir_spawn_run(spawn, SCRIPT_MS, SCRIPT_OUTPUT, NULL, &said, &status, error))
        return FALSE;
    return status == 0 || vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                                        "script '%s' of network device '%s' failed: %s", script,
                                        device, said ? g_strchomp(said) : "it said nothing");
}

static gboolean
open_queues(VirDomainInterface *net, guint n, int *fds, GError **error)
{
    return vir_tap_open(net->backend_tap ? net->backend_tap : VIR_TAP_DEVICE, &net->target,
                        vir_domain_net_is_virtio(net), n, fds, error);
}

/* The host's end is another device than the guest's; a bridge must not take its address for its
 * own, which is the lowest of its ports'. */
static gboolean
set_host_mac(const VirDomainInterface *net, GError **error)
{
    guint8 mac[6];

    memcpy(mac, net->mac, sizeof(mac));
    mac[0] = mac[0] == 0xfe ? 0xfa : 0xfe;
    return vir_netdev_set_mac(net->target, mac, error);
}

static gboolean
set_vlans(const VirDomainInterface *net, GError **error)
{
    gboolean trunk = net->vlan && (net->vlan->n_tags > 1 || net->vlan->trunk == VIR_TRISTATE_YES);

    if (!net->vlan)
        return TRUE;
    /* A new port is of the bridge's own VLAN, which is not the guest's. */
    if (!vir_netdev_remove_vlan(net->target, 1, error))
        return FALSE;
    for (guint i = 0; i < net->vlan->n_tags; i++) {
        const VirVlanTag *tag = net->vlan->tags[i];
        gboolean native = !trunk || tag->native_mode != VIR_VLAN_TAG_NATIVE_MODE_UNSET;
        gboolean untagged = !trunk || tag->native_mode == VIR_VLAN_TAG_NATIVE_MODE_UNTAGGED;

        if (!vir_netdev_add_vlan(net->target, tag->id, native, untagged, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
set_port(const VirDomainInterface *net, GError **error)
{
    guint mtu = net->has_mtu ? net->mtu : vir_netdev_mtu(net->bridge);

    return set_host_mac(net, error) && (!mtu || vir_netdev_set_mtu(net->target, mtu, error)) &&
           vir_netdev_set_bridge(net->target, net->bridge, error) && set_vlans(net, error) &&
           (net->port_isolated != VIR_TRISTATE_YES ||
            vir_netdev_set_isolated(net->target, TRUE, error)) &&
           (!net->coalesce_rx_max ||
            vir_netdev_set_coalesce(net->target, net->coalesce_rx_max, error)) &&
           vir_netdev_set_up(net->target, TRUE, error);
}

static gboolean
open_port(VirDomainInterface *net, guint n, int *fds, GError **error)
{
    return open_queues(net, n, fds, error) && set_port(net, error);
}

static gboolean
set_addresses(const VirDomainInterface *net, GError **error)
{
    const VirDomainInterfaceHostSide *side = net->host_side;

    for (guint i = 0; side && i < side->n_ips; i++) {
        const VirDomainInterfaceIp *ip = side->ips[i];

        if (!vir_netdev_add_address(net->target, ip->address, ip->peer, ip->prefix, error))
            return FALSE;
    }
    /* Routes want the device up. */
    if (!vir_netdev_set_up(net->target, TRUE, error))
        return FALSE;
    for (guint i = 0; side && i < side->n_routes; i++) {
        const VirDomainRoute *route = side->routes[i];
        guint prefix = route->prefix;

        if (route->netmask)
            return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "give the route to '%s' a prefix in place of a netmask",
                                         route->address);
        if (!vir_netdev_add_route(net->target, route->address, prefix, route->gateway,
                                  route->metric, error))
            return FALSE;
    }
    return TRUE;
}

/* A device of somebody else's (managed='no') is taken as it is. */
static gboolean
open_ethernet(VirDomainInterface *net, guint n, int *fds, GError **error)
{
    if (net->target_managed == VIR_DOMAIN_INTERFACE_TARGET_MANAGED_NO) {
        if (!net->target || !vir_netdev_index(net->target))
            return vir_domain_net_refuse(
                net, VIR_ERR_OPERATION_FAILED, error,
                "there is no network device '%s', and <target managed='no'> says "
                "that somebody else makes it",
                net->target ? net->target : "");
        return open_queues(net, n, fds, error);
    }
    if (!open_queues(net, n, fds, error))
        return FALSE;
    net->target_made = VIR_TRISTATE_YES;
    return set_host_mac(net, error) &&
           (!net->has_mtu || vir_netdev_set_mtu(net->target, net->mtu, error)) &&
           (!net->coalesce_rx_max ||
            vir_netdev_set_coalesce(net->target, net->coalesce_rx_max, error)) &&
           set_addresses(net, error) &&
           (!net->script || run_script(net->script, net->target, error));
}

static gboolean
open_direct(VirDomainInterface *net, guint n, int *fds, GError **error)
{
    static const VirNetdevMacvtap modes[VIR_DOMAIN_INTERFACE_MODE_LAST] = {
        [VIR_DOMAIN_INTERFACE_MODE_VEPA] = VIR_NETDEV_MACVTAP_VEPA,
        [VIR_DOMAIN_INTERFACE_MODE_BRIDGE] = VIR_NETDEV_MACVTAP_BRIDGE,
        [VIR_DOMAIN_INTERFACE_MODE_PRIVATE] = VIR_NETDEV_MACVTAP_PRIVATE,
    };
    char *made =
        vir_netdev_add_macvtap(net->target, net->source_dev, modes[net->mode], net->mac, error);

    if (!made)
        return FALSE;
    g_free(net->target);
    net->target = made;
    net->target_made = VIR_TRISTATE_YES;
    return vir_tap_open_macvtap(made, vir_domain_net_is_virtio(net), n, fds, error) &&
           (!net->coalesce_rx_max || vir_netdev_set_coalesce(made, net->coalesce_rx_max, error)) &&
           vir_netdev_set_up(made, TRUE, error);
}

static gboolean
open_tap(const VirQemuEnv *env, const VirDomainDef *def, VirDomainInterface *net, guint n, int *fds,
         GError **error)
{
    gboolean ok;

    if (!check_built(net, error))
        return FALSE;
    for (guint i = 0; i < n; i++)
        fds[i] = -1;
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT)
        ok = open_direct(net, n, fds, error);
    else if (net->type == VIR_DOMAIN_INTERFACE_TYPE_ETHERNET)
        ok = open_ethernet(net, n, fds, error);
    else
        ok = open_port(net, n, fds, error);
    for (guint i = 0; !ok && i < n; i++)
        vir_fd_close(&fds[i]);
    return ok;
}

/* ---- networks, passt ---- */

static VirNetworkPortDef *
network_port(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
             GError **error)
{
    vir_domain_net_refuse(
        net, VIR_ERR_CONFIG_UNSUPPORTED, error,
        "network '%s' needs virtnetworkd, which there is not yet; use type='bridge'", net->network);
    return NULL;
}

static gboolean
start_passt(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
            const char *socket, GError **error)
{
    if (net->n_routes > 0)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "passt has no <route>");
    return vir_passt_start(net, socket, env->privileged, error);
}

/* ---- the end ---- */

static void
release_interface(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net)
{
    g_autoptr(GError) error = NULL;

    if (vir_net_uses_passt(net) && net->info.alias) {
        g_autofree char *socket = vir_net_passt_socket(env, def, net);

        vir_passt_stop(socket);
    }
    if (net->target_made != VIR_TRISTATE_YES || !net->target)
        return;
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT)
        vir_netdev_delete(net->target, &error);
    else if (net->downscript)
        run_script(net->downscript, net->target, &error);
    if (error)
        vir_warn("%s", error->message);
}

static void
release_interfaces(const VirQemuEnv *env, const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_interfaces; i++)
        release_interface(env, def, def->devices.interfaces[i]);
}

void
vir_qemu_env_net(VirQemuEnv *env)
{
    env->open_tap = open_tap;
    env->network_port = network_port;
    env->start_passt = start_passt;
    env->release_interfaces = release_interfaces;
}
