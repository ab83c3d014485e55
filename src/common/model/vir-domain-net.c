/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-net.h"

#include "vir-error.h"
#include <stdarg.h>
#include <string.h>

gboolean
vir_domain_net_is_virtio(const VirDomainInterface *net)
{
    static const char *const models[] = {"virtio", "virtio-transitional", "virtio-non-transitional",
                                         NULL};

    return net->model && g_strv_contains(models, net->model);
}

/* Frames are filtered where they pass a device of the host that is the guest's alone. */
static gboolean
can_filter(const VirDomainInterface *net)
{
    return net->type == VIR_DOMAIN_INTERFACE_TYPE_NETWORK ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_BRIDGE ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_ETHERNET;
}

static gboolean
uses_passt(const VirDomainInterface *net)
{
    return net->backend_type == VIR_DOMAIN_INTERFACE_BACKEND_TYPE_PASST;
}

void
vir_domain_ips_complete(VirDomainInterfaceIp *const *ips, guint n)
{
    for (guint i = 0; i < n; i++) {
        if (!ips[i]->family)
            ips[i]->family = strchr(ips[i]->address, ':') ? VIR_DOMAIN_INTERFACE_IP_FAMILY_IPV6
                                                          : VIR_DOMAIN_INTERFACE_IP_FAMILY_IPV4;
    }
}

/* Options of <driver> are of cards that the document names virtio; how virtio is carried may also
 * be said of one that is so by default. */
static void
keep_transport(VirDomainInterface *net)
{
    g_autoptr(VirDomainInterfaceDriver) old = g_steal_pointer(&net->driver);

    if (!old || !(old->iommu || old->ats || old->packed || old->page_per_vq))
        return;
    net->driver = vir_domain_interface_driver_new();
    net->driver->iommu = old->iommu;
    net->driver->ats = old->ats;
    net->driver->packed = old->packed;
    net->driver->page_per_vq = old->page_per_vq;
}

void
vir_domain_net_complete(VirDomainInterface *net, const guint8 prefix[3],
                        void (*random)(guint8 *bytes, gsize n))
{
    static const guint8 none[6];

    if (memcmp(net->mac, none, sizeof(none)) == 0) {
        memcpy(net->mac, prefix, 3);
        random(net->mac + 3, 3);
        net->has_mac = TRUE;
    }
    vir_domain_ips_complete(net->ips, net->n_ips);
    if (net->host_side)
        vir_domain_ips_complete(net->host_side->ips, net->host_side->n_ips);
    net->has_mtu = net->has_mtu && net->mtu > 0;
    /* The socket of passt is the caller's to make. */
    if (uses_passt(net))
        g_clear_pointer(&net->vhostuser, vir_domain_interface_vhost_user_free);
    if (!vir_domain_net_is_virtio(net)) {
        keep_transport(net);
        g_clear_pointer(&net->backend_vhost, g_free);
    }
    if (!can_filter(net))
        g_clear_pointer(&net->filter, vir_domain_interface_filter_free);
    if (net->driver && net->driver->queues <= 1) {
        net->driver->queues = 0;
        net->driver->has_queues = FALSE;
    }
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT &&
        net->mode == VIR_DOMAIN_INTERFACE_MODE_UNSET)
        net->mode = VIR_DOMAIN_INTERFACE_MODE_VEPA;
}

gboolean
vir_domain_net_refuse(const VirDomainInterface *net, int code, GError **error, const char *format,
                      ...)
{
    g_autofree char *why = NULL;
    char mac[18];
    va_list args;

    va_start(args, format);
    why = g_strdup_vprintf(format, args);
    va_end(args);
    return vir_error_set(error, code, "network card %s of type '%s': %s",
                         vir_mac_format(net->mac, mac),
                         vir_domain_interface_type_to_string(net->type), why);
}

static gboolean
check_vhostuser(const VirDomainInterface *net, GError **error)
{
    const VirDomainInterfaceVhostUser *source = net->vhostuser;

    if (uses_passt(net))
        return TRUE;
    if (!source || !source->path || !source->mode)
        return vir_domain_net_refuse(
            net, VIR_ERR_XML_ERROR, error,
            "<source type='unix' path='…' mode='server|client'/> is missing or not whole");
    if (source->mode == VIR_DOMAIN_INTERFACE_VHOST_USER_MODE_SERVER &&
        source->reconnect_enabled == VIR_TRISTATE_YES)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "<reconnect> is for mode='client': a server waits for others");
    if (source->reconnect_enabled == VIR_TRISTATE_YES && source->reconnect_timeout == 0)
        return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error,
                                     "<reconnect enabled='yes'> needs a timeout above 0");
    return TRUE;
}

/* The part of <source> without which a type means nothing; NULL where all is there. */
static const char *
missing_source(const VirDomainInterface *net)
{
    switch (net->type) {
    case VIR_DOMAIN_INTERFACE_TYPE_NETWORK:
        return net->network ? NULL : "network='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_BRIDGE:
        return net->bridge ? NULL : "bridge='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_INTERNAL:
        return net->source_name ? NULL : "name='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_VDS:
        return net->has_switchid ? NULL : "switchid='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_DIRECT:
    case VIR_DOMAIN_INTERFACE_TYPE_VDPA:
        return net->source_dev ? NULL : "dev='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV:
        return net->host_address ? NULL : "<address>";
    case VIR_DOMAIN_INTERFACE_TYPE_CLIENT:
    case VIR_DOMAIN_INTERFACE_TYPE_MCAST:
    case VIR_DOMAIN_INTERFACE_TYPE_UDP:
        if (!net->address)
            return "address='…'";
        if (net->type == VIR_DOMAIN_INTERFACE_TYPE_UDP &&
            (!net->local || !net->local->address || !net->local->has_port))
            return "<local address='…' port='…'/>";
        return net->has_port ? NULL : "port='…'";
    case VIR_DOMAIN_INTERFACE_TYPE_SERVER:
        return net->has_port ? NULL : "port='…'";
    default:
        return NULL;
    }
}

static gboolean
check_backend(const VirDomainInterface *net, GError **error)
{
    if (uses_passt(net))
        return TRUE;
    if (net->n_port_forwards > 0)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "<portForward> needs <backend type='passt'/>");
    if (net->backend_log_file || net->backend_hostname || net->backend_fqdn)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "logFile, hostname and fqdn of <backend> need type='passt'");
    if (net->source_dev && (net->type == VIR_DOMAIN_INTERFACE_TYPE_USER ||
                            net->type == VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER))
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "<source dev='%s'> needs <backend type='passt'/>",
                                     net->source_dev);
    return TRUE;
}

static gboolean
check_forwards(const VirDomainInterface *net, GError **error)
{
    for (guint i = 0; i < net->n_port_forwards; i++) {
        const VirDomainPortForward *forward = net->port_forwards[i];

        for (guint j = 0; j < forward->n_ranges; j++) {
            const VirDomainPortRange *range = forward->ranges[j];

            if (range->start == 0)
                return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error,
                                             "<portForward><range> needs a start above 0");
            if (range->has_end && range->end < range->start)
                return vir_domain_net_refuse(
                    net, VIR_ERR_XML_ERROR, error,
                    "the ports of <range start='%u' end='%u'> go backwards", range->start,
                    range->end);
            if (range->to && range->exclude == VIR_TRISTATE_YES)
                return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error,
                                             "<range exclude='yes'> leads nowhere and has no 'to'");
        }
    }
    return TRUE;
}

static gboolean
check_teaming(const VirDomainInterface *net, GError **error)
{
    const VirDomainTeaming *teaming = net->teaming;

    if (!teaming)
        return TRUE;
    if (teaming->type == VIR_DOMAIN_TEAMING_TYPE_TRANSIENT && !teaming->persistent)
        return vir_domain_net_refuse(
            net, VIR_ERR_XML_ERROR, error,
            "<teaming type='transient'> needs persistent='ALIAS', the card that stays");
    if (teaming->type == VIR_DOMAIN_TEAMING_TYPE_PERSISTENT && teaming->persistent)
        return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error,
                                     "persistent='%s' is only for <teaming type='transient'>",
                                     teaming->persistent);
    return TRUE;
}

static gboolean
check_sharing(const VirDomainInterface *net, GError **error)
{
    const VirBandwidth *bandwidth = net->bandwidth;
    const VirBandwidthRate *in = bandwidth ? bandwidth->inbound : NULL;
    const VirBandwidthRate *out = bandwidth ? bandwidth->outbound : NULL;

    if (out && out->floor)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "'floor' guarantees a rate for <inbound> only");
    /* What a network became at a start is a bridge, and still of the network. */
    if (in && in->floor && net->type != VIR_DOMAIN_INTERFACE_TYPE_NETWORK && !net->network)
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "'floor' shares out the rate of a network; the card is in none");
    if ((in && !in->average && !in->floor) || (out && !out->average))
        return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error,
                                     "<bandwidth> needs an 'average'");
    return TRUE;
}

/* What belongs to the device on the host that the card is plugged into or is. */
static gboolean
check_host_side(const VirDomainInterface *net, GError **error)
{
    int port = net->virtualport ? net->virtualport->type : 0;

    if (port && net->type != VIR_DOMAIN_INTERFACE_TYPE_NETWORK &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_BRIDGE &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_DIRECT &&
        net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
        return vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                     "it is plugged into no switch that <virtualport type='%s'> "
                                     "could tell of",
                                     vir_virtual_port_type_to_string(port));
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_ETHERNET)
        return TRUE;
    if (net->host_side && (net->host_side->n_ips > 0 || net->host_side->n_routes > 0))
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "addresses and routes of the host (<source><ip>, <source><route>) are of type "
            "'ethernet'");
    return net->target_managed != VIR_DOMAIN_INTERFACE_TARGET_MANAGED_NO ||
           vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                 "<target managed='no'> is of type 'ethernet'");
}

gboolean
vir_domain_net_check(const VirDomainInterface *net, GError **error)
{
    const char *missing = missing_source(net);

    if (net->mac[0] & 1)
        return vir_domain_net_refuse(
            net, VIR_ERR_XML_ERROR, error,
            "the address is one of many cards (multicast); a card needs one with an even "
            "first byte");
    if (missing)
        return vir_domain_net_refuse(net, VIR_ERR_XML_ERROR, error, "its <source> has no %s",
                                     missing);
    if (net->bandwidth && net->bandwidth->has_class_id)
        return vir_domain_net_refuse(
            net, VIR_ERR_CONFIG_UNSUPPORTED, error,
            "the @classID of its <bandwidth> is for its network to choose");
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER && !check_vhostuser(net, error))
        return FALSE;
    return check_backend(net, error) && check_forwards(net, error) && check_teaming(net, error) &&
           check_sharing(net, error) && check_host_side(net, error);
}
