/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-def.h"
#include "vir-error.h"
#include "vir-network-def.h"
#include "vir-xml-table.h"

#include <string.h>

/* The codecs and checks that schemas name. They see one value or one struct, never the host. */

#define ALIAS_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

static gboolean
is_user_alias(const char *alias)
{
    return g_str_has_prefix(alias, "ua-");
}

/** An inactive document has only the aliases that its user chose. */
static char *
alias_parse(const char *text, unsigned flags, GError **error)
{
    if ((flags & VIR_XML_INACTIVE) && !is_user_alias(text))
        return NULL;
    if (is_user_alias(text) && strspn(text, ALIAS_CHARS) != strlen(text))
        return NULL;
    return g_strdup(text);
}

static gboolean
alias_keep(const char *value, unsigned flags)
{
    return !(flags & VIR_XML_INACTIVE) || is_user_alias(value);
}

const VirXmlCodec vir_xml_codec_alias = {
    .parse = alias_parse,
    .keep = alias_keep,
};

/** Names that we give to tap devices are ours to give again. */
static gboolean
is_generated_dev(const char *dev)
{
    static const char *const prefixes[] = {"vnet", "vif", "macvtap", "macvlan"};

    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(dev, prefixes[i]))
            return TRUE;
    }
    return FALSE;
}

static char *
target_dev_parse(const char *text, unsigned flags, GError **error)
{
    if (*text == '\0' || ((flags & VIR_XML_INACTIVE) && is_generated_dev(text)))
        return NULL;
    return g_strdup(text);
}

static gboolean
target_dev_keep(const char *value, unsigned flags)
{
    return !(flags & VIR_XML_INACTIVE) || !is_generated_dev(value);
}

const VirXmlCodec vir_xml_codec_target_dev = {
    .parse = target_dev_parse,
    .keep = target_dev_keep,
};

static char *
listen_parse(const char *text, unsigned flags, GError **error)
{
    return *text != '\0' ? g_strdup(text) : NULL;
}

const VirXmlCodec vir_xml_codec_listen = {.parse = listen_parse};

gboolean vir_xml_check_vlan(const void *obj, GError **error);
gboolean vir_xml_check_virtual_port(const void *obj, GError **error);
gboolean vir_xml_check_forward_address(const void *obj, GError **error);
gboolean vir_xml_check_address(const void *obj, GError **error);
gboolean vir_xml_check_interface_ip(const void *obj, GError **error);
gboolean vir_xml_check_disk(const void *obj, GError **error);
gboolean vir_xml_check_hostdev(const void *obj, GError **error);
gboolean vir_xml_check_chardev(const void *obj, GError **error);
gboolean vir_xml_check_graphics(const void *obj, GError **error);
gboolean vir_xml_check_domain(const void *obj, GError **error);

gboolean
vir_xml_check_vlan(const void *obj, GError **error)
{
    const VirVlan *vlan = obj;
    guint native = 0;

    if (vlan->n_tags == 0)
        return vir_xml_refuse(error, "a <vlan> needs at least one <tag id='N'/>");
    if (vlan->n_tags > 1 && vlan->trunk == VIR_TRISTATE_NO)
        return vir_xml_refuse(error, "trunk='no' contradicts several tags");
    for (guint i = 0; i < vlan->n_tags; i++)
        native += vlan->tags[i]->native_mode != 0;
    if (native > 1)
        return vir_xml_refuse(error, "only one tag can be the native VLAN");
    return TRUE;
}

gboolean
vir_xml_check_virtual_port(const void *obj, GError **error)
{
    const VirVirtualPort *port = obj;
    gboolean qbg = port->type == VIR_VIRTUAL_PORT_TYPE_802_1QBG || port->type == 0;
    gboolean profile =
        port->type != VIR_VIRTUAL_PORT_TYPE_802_1QBG && port->type != VIR_VIRTUAL_PORT_TYPE_MIDONET;
    gboolean interface = port->type == VIR_VIRTUAL_PORT_TYPE_OPENVSWITCH ||
                         port->type == VIR_VIRTUAL_PORT_TYPE_MIDONET || port->type == 0;

    if (!qbg && (port->has_managerid || port->has_typeid || port->has_typeidversion ||
                 port->has_instanceid))
        return vir_xml_refuse(error, "managerid, typeid, typeidversion and instanceid belong to "
                                     "type='802.1Qbg'");
    if (!profile && port->profileid != NULL)
        return vir_xml_refuse(error, "profileid belongs to type='802.1Qbh' or 'openvswitch'");
    if (!interface && port->has_interfaceid)
        return vir_xml_refuse(error, "interfaceid belongs to type='openvswitch' or 'midonet'");
    if (port->profileid != NULL && strlen(port->profileid) > 39)
        return vir_xml_refuse(error, "profileid has at most 39 characters");
    return TRUE;
}

gboolean
vir_xml_check_forward_address(const void *obj, GError **error)
{
    const VirNetworkForwardAddress *address = obj;

    if (address->domain == 0 && address->bus == 0 && address->slot == 0)
        return vir_xml_refuse(error, "0000:00:00 is the host bridge, no device to give away");
    return TRUE;
}

gboolean
vir_xml_check_address(const void *obj, GError **error)
{
    const VirDomainAddress *address = obj;

    if (address->type != VIR_DOMAIN_ADDRESS_TYPE_PCI)
        return TRUE;
    if (address->domain > 0xffff)
        return vir_xml_refuse(error, "a PCI domain of a guest is at most 0xffff");
    return TRUE;
}

gboolean
vir_xml_check_interface_ip(const void *obj, GError **error)
{
    const VirDomainInterfaceIp *ip = obj;
    int family = strchr(ip->address, ':') != NULL ? VIR_DOMAIN_INTERFACE_IP_FAMILY_IPV6
                                                  : VIR_DOMAIN_INTERFACE_IP_FAMILY_IPV4;

    return ip->family == 0 || ip->family == family ||
           vir_xml_refuse(error, "'%s' is no address of family '%s'", ip->address,
                          vir_domain_interface_ip_family_to_string(ip->family));
}

gboolean
vir_xml_check_disk(const void *obj, GError **error)
{
    const VirDomainDisk *disk = obj;

    if (disk->target == NULL || *disk->target == '\0')
        return vir_xml_refuse(error, "the disk has no <target dev='…'/>");
    if (disk->wwn != NULL && (strspn(disk->wwn, "0123456789abcdefABCDEF") != strlen(disk->wwn) ||
                              strlen(disk->wwn) != 16))
        return vir_xml_refuse(error, "wwn must be 16 hexadecimal digits");
    return TRUE;
}

static gboolean
check_udp(const VirDomainChardev *src, GError **error)
{
    guint connects = 0;

    for (guint i = 0; i < src->n_ends; i++) {
        const VirDomainChardevEnd *end = src->ends[i];

        connects += end->mode == VIR_DOMAIN_CHARDEV_END_MODE_CONNECT;
        if (end->mode == VIR_DOMAIN_CHARDEV_END_MODE_CONNECT && end->service == NULL)
            return vir_xml_refuse(error,
                                  "the <source mode='connect'> of a UDP device needs a service");
    }
    if (src->n_ends > 2 || connects > 1 || src->n_ends - connects > 1)
        return vir_xml_refuse(error,
                              "a UDP device has at most one <source> to connect and one to bind");
    return TRUE;
}

gboolean
vir_xml_check_chardev(const void *obj, GError **error)
{
    const VirDomainChardev *src = obj;

    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        if (src->path == NULL)
            return vir_xml_refuse(error, "the <source> of the device needs a path");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        if (src->host == NULL || src->service == NULL)
            return vir_xml_refuse(error, "the <source> of a TCP device needs host and service");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_NMDM:
        if (src->master == NULL || src->slave == NULL)
            return vir_xml_refuse(error, "the <source> of a null modem needs master and slave");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
        if (src->channel == NULL)
            return vir_xml_refuse(error, "the <source> of a SPICE port needs a channel");
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        return check_udp(src, error);
    default:
        break;
    }
    if (src->reconnect_enabled != VIR_TRISTATE_YES)
        return TRUE;
    if (!src->has_reconnect_timeout)
        return vir_xml_refuse(error, "<reconnect enabled='yes'> needs a timeout");
    if (src->mode == VIR_DOMAIN_CHARDEV_MODE_BIND)
        return vir_xml_refuse(error, "<reconnect> is for mode='connect'");
    return TRUE;
}

gboolean
vir_xml_check_graphics(const void *obj, GError **error)
{
    const VirDomainGraphics *graphics = obj;
    const VirDomainListen *first = graphics->n_listens > 0 ? graphics->listens[0] : NULL;

    if (first == NULL)
        return TRUE;
    if (graphics->socket != NULL && first->socket != NULL &&
        strcmp(graphics->socket, first->socket) != 0)
        return vir_xml_refuse(error, "the attribute socket is not that of the first <listen>");
    if (graphics->listen != NULL && first->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS &&
        first->address != NULL && strcmp(graphics->listen, first->address) != 0)
        return vir_xml_refuse(error,
                              "the attribute listen is not the address of the first <listen>");
    return TRUE;
}

gboolean
vir_xml_check_hostdev(const void *obj, GError **error)
{
    const VirDomainHostdev *hostdev = obj;

    if (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_PCI &&
        hostdev->source_address.domain > 0xffffffffU)
        return vir_xml_refuse(error, "the PCI domain is out of range");
    if (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
        !hostdev->source_address.has_uuid)
        return vir_xml_refuse(error,
                              "a mediated device needs <source><address uuid='…'/></source>");
    return TRUE;
}

gboolean
vir_xml_check_domain(const void *obj, GError **error)
{
    const VirDomainDef *def = obj;

    if (def->name == NULL || *def->name == '\0')
        return vir_xml_refuse(error, "the name is empty");
    if (strchr(def->name, '/') != NULL)
        return vir_xml_refuse(error, "a name cannot have a '/'");
    if (def->os.type == 0 && def->bootloader == NULL)
        return vir_xml_refuse(error, "<os> has no <type>");
    if (def->has_vcpus_current && (def->vcpus_current == 0 || def->vcpus_current > def->vcpus_max))
        return vir_xml_refuse(error, "vcpu/@current is not in 1 to the number of processors");
    return TRUE;
}
