/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "net.h"
#include "vir-domain-net.h"
#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

/* ---- defaults ---- */

/* Models are known by their names however these are written. */
static void
spell_model(VirDomainInterface *net)
{
    static const char *const models[] = {
        "virtio",
        "virtio-transitional",
        "virtio-non-transitional",
        "e1000",
        "e1000e",
        "igb",
        "rtl8139",
        "vmxnet",
        "vmxnet2",
        "vmxnet3",
        "82540EM",
        "82543GC",
        "82545EM",
        "vlance",
        "Am79C970A",
        "Am79C973",
        "netfront",
        "usb-net",
        "spapr-vlan",
        "lan9118",
        "smc91c111",
    };

    for (gsize i = 0; net->model && i < G_N_ELEMENTS(models); i++) {
        if (g_ascii_strcasecmp(net->model, models[i]) == 0) {
            g_free(net->model);
            net->model = g_strdup(models[i]);
            return;
        }
    }
}

/* A vhost process or device behind it, which works on the queues of a virtio card. */
static gboolean
is_vhost(const VirDomainInterface *net)
{
    return net->type == VIR_DOMAIN_INTERFACE_TYPE_VDPA ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER;
}

static gboolean
complete_interface(const VirModel *model, VirDomainInterface *net, GError **error)
{
    static const guint8 prefix[3] = {0x52, 0x54, 0x00}; /* of QEMU */

    VirVirtualPort *port = net->virtualport;

    spell_model(net);
    vir_domain_net_complete(net, prefix, model->env->random);
    /* Open vSwitch knows the port by this for as long as the guest is there. */
    if (port && port->type == VIR_VIRTUAL_PORT_TYPE_OPENVSWITCH && !port->has_interfaceid) {
        model->env->random(port->interfaceid, sizeof(port->interfaceid));
        vir_uuid_stamp(port->interfaceid);
        port->has_interfaceid = TRUE;
    }
    if (net->model || net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
        return TRUE; /* a device of the host is what it is */
    net->model = g_strdup(is_vhost(net) ? "virtio" : vir_board_net_model(model->def, model->caps));
    return net->model != NULL ||
           vir_domain_net_refuse(
               net, VIR_ERR_CONFIG_UNSUPPORTED, error,
               "emulator '%s' has no usual network card; name one with <model type='…'/>",
               model->caps->binary);
}

gboolean
vir_complete_interfaces(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (!complete_interface(model, devices->interfaces[i], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- checks of a definition ---- */

static gboolean
is_power_of_two(guint n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

static gboolean
check_driver(const VirModel *model, const VirDomainInterface *net, GError **error)
{
    const VirDomainInterfaceDriver *driver = net->driver;

    if (!driver)
        return TRUE;
    if (driver->has_rx_queue_size && !is_power_of_two(driver->rx_queue_size))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "rx_queue_size %u is no power of two", driver->rx_queue_size);
    if (driver->has_tx_queue_size && !is_power_of_two(driver->tx_queue_size))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "tx_queue_size %u is no power of two", driver->tx_queue_size);
    if ((driver->rss || driver->rss_hash_report) &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_NET_RSS))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "emulator '%s' has no rss and rss_hash_report",
                                     model->caps->binary);
    return TRUE;
}

static gboolean
check_transport(const VirDomainInterface *net, GError **error)
{
    const VirDomainInterfaceDriver *driver = net->driver;

    return !driver || vir_domain_net_is_virtio(net) ||
           !(driver->iommu || driver->ats || driver->packed || driver->page_per_vq) ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "iommu, ats, packed and page_per_vq of <driver> are of model "
                                 "virtio, not '%s'",
                                 net->model ? net->model : "none");
}

static gboolean
check_mtu(const VirDomainInterface *net, GError **error)
{
    switch (net->type) {
    case VIR_DOMAIN_INTERFACE_TYPE_NETWORK:
    case VIR_DOMAIN_INTERFACE_TYPE_BRIDGE:
    case VIR_DOMAIN_INTERFACE_TYPE_ETHERNET:
    case VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER:
        return TRUE;
    case VIR_DOMAIN_INTERFACE_TYPE_USER:
        if (vir_net_uses_passt(net))
            return TRUE;
        break;
    default:
        break;
    }
    return vir_domain_net_refuse(
        net, VIR_ERR_CONFIG_UNSUPPORTED, error,
        "<mtu> is for types 'network', 'bridge', 'ethernet', 'vhostuser' and for "
        "passt");
}

static gboolean
check_guest_ips(const VirDomainInterface *net, GError **error)
{
    gboolean user = net->type == VIR_DOMAIN_INTERFACE_TYPE_USER;
    guint seen[2] = {0, 0};

    if (net->n_routes > 0 || (net->n_ips > 0 && !user && !vir_net_uses_passt(net)))
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "QEMU cannot give the guest %s; only cards of type 'user' have <ip>",
            net->n_routes > 0 ? "routes" : "addresses");
    for (guint i = 0; i < net->n_ips; i++) {
        const VirDomainInterfaceIp *ip = net->ips[i];
        gboolean v6 = strchr(ip->address, ':') != NULL;
        guint min = v6 ? 1 : 4;
        guint max = v6 ? 120 : 27;

        if (seen[v6]++ > 0)
            return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "%s has a second <ip> %s", v6 ? "IPv6" : "IPv4",
                                         ip->address);
        if (ip->peer)
            return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "<ip peer='%s'> is not for a user network", ip->peer);
        if (ip->prefix > 0 && !vir_net_uses_passt(net) && (ip->prefix < min || ip->prefix > max))
            return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "prefix %u of %s is not in %u to %u", ip->prefix,
                                         ip->address, min, max);
    }
    return TRUE;
}

static gboolean
check_teaming(const VirDomainInterface *net, GError **error)
{
    if (!net->teaming)
        return TRUE;
    if (net->teaming->type == VIR_DOMAIN_TEAMING_TYPE_PERSISTENT && !vir_domain_net_is_virtio(net))
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "a card that stays (<teaming type='persistent'>) must be virtio, "
            "not '%s'",
            net->model ? net->model : "none");
    if (net->teaming->type == VIR_DOMAIN_TEAMING_TYPE_TRANSIENT &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_NETWORK)
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "a card that goes for a migration (<teaming type='transient'>) must "
            "be a device of the host");
    return TRUE;
}

static gboolean
check_passt(const VirModel *model, const VirDomainInterface *net, GError **error)
{
    if (net->backend_type != VIR_DOMAIN_INTERFACE_BACKEND_TYPE_PASST)
        return TRUE;
    if (!vir_net_uses_passt(net))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "<backend type='passt'> is for types 'user' and 'vhostuser'");
    if (!vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_NETDEV_STREAM))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "emulator '%s' is too old for passt, which needs QEMU 7.2",
                                     model->caps->binary);
    return TRUE;
}

/* The other process reads and writes what the guest sends and gets where it is. */
static gboolean
check_vhostuser(const VirModel *model, const VirDomainInterface *net, GError **error)
{
    char mac[18];
    g_autofree char *what = NULL;

    if (net->type != VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER)
        return TRUE;
    what = g_strdup_printf("network card %s of type 'vhostuser'", vir_mac_format(net->mac, mac));
    return vir_check_shared_memory(model, what, error);
}

static gboolean
check_host_driver(const VirDomainInterface *net, GError **error)
{
    const VirDomainInterfaceHostDriver *driver = net->host_driver;

    if (driver && (driver->iommu || driver->ats || driver->packed || driver->page_per_vq))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "iommu, ats, packed and page_per_vq of <driver> are of model "
                                     "virtio, not of a device of the host");
    return !driver || !driver->name || driver->name == VIR_DOMAIN_INTERFACE_HOST_DRIVER_NAME_VFIO ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "QEMU has VFIO only, not <driver name='%s'/>",
                                 vir_domain_interface_host_driver_name_to_string(driver->name));
}

static gboolean
check_vhost(const VirModel *model, const VirDomainInterface *net, GError **error)
{
    if (is_vhost(net) && !vir_domain_net_is_virtio(net))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "its model is virtio, not '%s'", net->model);
    return net->type != VIR_DOMAIN_INTERFACE_TYPE_VDPA ||
           vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_NETDEV_VHOST_VDPA) ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "emulator '%s' has no -netdev vhost-vdpa", model->caps->binary);
}

static gboolean
is_switched(const VirDomainInterface *net)
{
    return net->type == VIR_DOMAIN_INTERFACE_TYPE_BRIDGE ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_NETWORK;
}

static gboolean
check_isolated(const VirDomainInterface *net, GError **error)
{
    return net->port_isolated != VIR_TRISTATE_YES || is_switched(net) ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "<port isolated='yes'> is for ports of a bridge");
}

static gboolean
check_coalesce(const VirDomainInterface *net, GError **error)
{
    return net->coalesce_rx_max == 0 || is_switched(net) ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "<coalesce> is for types 'network' and 'bridge'");
}

gboolean
vir_check_interfaces(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        const VirDomainInterface *net = devices->interfaces[i];

        if (!vir_domain_net_check(net, error) || !check_driver(model, net, error) ||
            !check_transport(net, error) || (net->has_mtu && !check_mtu(net, error)) ||
            !check_guest_ips(net, error) || !check_teaming(net, error) ||
            !check_passt(model, net, error) || !check_vhost(model, net, error) ||
            !check_host_driver(net, error) || !check_coalesce(net, error) ||
            !check_isolated(net, error) || !check_vhostuser(model, net, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- a start ---- */

static gboolean
check_tap_options(const VirDomainInterface *net, GError **error)
{
    gboolean tap = vir_net_has_tap(net);

    if (net->backend_tap && (!tap || net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "it has no tap device that <backend tap='%s'> could name",
                                     net->backend_tap);
    if (net->driver && net->driver->queues > 1 && !tap &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_VDPA)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "it has one queue only, not %u", net->driver->queues);
    if (net->sndbuf > G_MAXINT32)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "sndbuf %" G_GUINT64_FORMAT " is above %d", net->sndbuf,
                                     G_MAXINT32);
    return TRUE;
}

/* Filters of frames and VLANs, which belong to a bridge's port. */
static gboolean
check_port_options(const VirDomainInterface *net, GError **error)
{
    int port = net->virtualport ? net->virtualport->type : 0;
    gboolean switched = is_switched(net);

    if (net->filter && !switched && net->type != VIR_DOMAIN_INTERFACE_TYPE_ETHERNET)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "it cannot have a <filterref>");
    if (net->filter && port)
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "<filterref> and a <virtualport> of type '%s' exclude each other",
            vir_virtual_port_type_to_string(port));
    if (net->vlan && !switched && net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
        !(net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT &&
          net->mode == VIR_DOMAIN_INTERFACE_MODE_PASSTHROUGH))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "it cannot have a <vlan>");
    if (net->port_isolated == VIR_TRISTATE_YES && port)
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "<port isolated='yes'> is for ports of a bridge without a <virtualport>");
    return net->script == NULL || net->type == VIR_DOMAIN_INTERFACE_TYPE_ETHERNET ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "<script> is for type 'ethernet'; others are set up without one");
}

gboolean
vir_net_check_start(const VirDomainInterface *net, GError **error)
{
    return check_tap_options(net, error) && check_port_options(net, error);
}

static void
take_plug(VirDomainInterface *net, VirNetworkPortDef *port)
{
    static const guint8 modes[VIR_NETWORK_PORT_PLUG_MODE_LAST] = {
        [VIR_NETWORK_PORT_PLUG_MODE_VEPA] = VIR_DOMAIN_INTERFACE_MODE_VEPA,
        [VIR_NETWORK_PORT_PLUG_MODE_PRIVATE] = VIR_DOMAIN_INTERFACE_MODE_PRIVATE,
        [VIR_NETWORK_PORT_PLUG_MODE_BRIDGE] = VIR_DOMAIN_INTERFACE_MODE_BRIDGE,
        [VIR_NETWORK_PORT_PLUG_MODE_PASSTHROUGH] = VIR_DOMAIN_INTERFACE_MODE_PASSTHROUGH,
    };

    switch (port->plug_type) {
    case VIR_NETWORK_PORT_PLUG_TYPE_DIRECT:
        net->type = VIR_DOMAIN_INTERFACE_TYPE_DIRECT;
        net->source_dev = g_steal_pointer(&port->plug_dev);
        net->mode = modes[port->plug_mode];
        break;
    case VIR_NETWORK_PORT_PLUG_TYPE_HOSTDEV_PCI:
        net->type = VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV;
        net->managed = port->plug_managed;
        net->host_address = vir_domain_host_address_new();
        net->host_address->type = VIR_DOMAIN_HOST_ADDRESS_TYPE_PCI;
        if (port->address) {
            net->host_address->domain = port->address->domain;
            net->host_address->bus = port->address->bus;
            net->host_address->slot = port->address->slot;
            net->host_address->function = port->address->function;
        }
        break;
    default:
        net->bridge = g_steal_pointer(&port->plug_bridge);
        if (port->plug_type == VIR_NETWORK_PORT_PLUG_TYPE_BRIDGE)
            net->type = VIR_DOMAIN_INTERFACE_TYPE_BRIDGE;
        break;
    }
}

/* What the network decides for its port goes before what the card says. */
static void
take_port(VirDomainInterface *net, VirNetworkPortDef *port)
{
    memcpy(net->portid, port->uuid, sizeof(net->portid));
    net->has_portid = TRUE;
    take_plug(net, port);
    if (port->virtualport) {
        vir_virtual_port_free(net->virtualport);
        net->virtualport = g_steal_pointer(&port->virtualport);
    }
    if (port->bandwidth) {
        vir_bandwidth_free(net->bandwidth);
        net->bandwidth = g_steal_pointer(&port->bandwidth);
    }
    if (port->vlan) {
        vir_vlan_free(net->vlan);
        net->vlan = g_steal_pointer(&port->vlan);
    }
    if (port->isolated)
        net->port_isolated = port->isolated;
    if (port->trust_guest)
        net->trust_guest_rx_filters = port->trust_guest;
}

gboolean
vir_prepare_interfaces(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_interfaces; i++) {
        VirDomainInterface *net = devices->interfaces[i];
        g_autoptr(VirNetworkPortDef) port = NULL;

        if (net->type != VIR_DOMAIN_INTERFACE_TYPE_NETWORK)
            continue;
        port = model->env->network_port(model->env, model->def, net, error);
        if (!port)
            return FALSE;
        take_port(net, port);
    }
    return TRUE;
}
