/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-interface-model.h"

#include "vir-error.h"
#include <string.h>

static gboolean
check_bond(const VirInterfaceBond *bond, GError **error)
{
    if (bond == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "an interface of type 'bond' needs <bond>");
    if (bond->n_slaves == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a <bond> needs an <interface>");
    if (bond->miimon != NULL && bond->arpmon != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a <bond> has <miimon> or <arpmon>, not both");
    return TRUE;
}

static gboolean
complete_port(VirInterfacePort *port, GError **error)
{
    if (port->type == VIR_INTERFACE_PORT_TYPE_BOND)
        return check_bond(port->bond, error);
    if (port->type == VIR_INTERFACE_PORT_TYPE_VLAN && port->vlan == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "an interface of type 'vlan' needs <vlan>");
    /* The name of a VLAN follows from what it is. */
    if (port->type == VIR_INTERFACE_PORT_TYPE_VLAN && port->name == NULL)
        port->name = g_strdup_printf("%s.%u", port->vlan->interface, port->vlan->tag);
    return port->name != NULL ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "an <interface> of the bridge needs a name");
}

static gboolean
check_protocols(const VirInterfaceDef *def, GError **error)
{
    for (guint i = 0; i < def->n_protocols; i++) {
        const VirInterfaceProtocol *protocol = def->protocols[i];

        for (guint j = 0; j < protocol->n_ips; j++) {
            const VirInterfaceIp *ip = protocol->ips[j];
            gboolean v6 = strchr(ip->address, ':') != NULL;

            if (v6 != (protocol->family == VIR_INTERFACE_PROTOCOL_FAMILY_IPV6))
                return vir_error_set(error, VIR_ERR_XML_ERROR, "address %s is not of family %s",
                                     ip->address,
                                     vir_interface_protocol_family_to_string(protocol->family));
            if (ip->has_prefix && !v6 && ip->prefix > 32)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "the prefix of an IPv4 address is at most 32");
        }
    }
    return TRUE;
}

gboolean
vir_interface_model_complete(VirInterfaceDef *def, GError **error)
{
    if (def->type == VIR_INTERFACE_KIND_VLAN && def->vlan == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "an interface of type 'vlan' needs <vlan>");
    if (def->type == VIR_INTERFACE_KIND_VLAN && def->name == NULL)
        def->name = g_strdup_printf("%s.%u", def->vlan->interface, def->vlan->tag);
    if (def->name == NULL || *def->name == '\0')
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the interface needs a name");
    if (!check_protocols(def, error))
        return FALSE;
    if (def->type == VIR_INTERFACE_KIND_BOND)
        return check_bond(def->bond, error);
    if (def->type != VIR_INTERFACE_KIND_BRIDGE)
        return TRUE;
    if (def->bridge == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "an interface of type 'bridge' needs <bridge>");
    for (guint i = 0; i < def->bridge->n_ports; i++) {
        if (!complete_port(def->bridge->ports[i], error))
            return FALSE;
    }
    return TRUE;
}

VirInterfaceDef *
vir_interface_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                          GPtrArray **ignored, GError **error)
{
    g_autoptr(VirInterfaceDef) def =
        vir_xml_parse(&vir_interface_interface_doc, text, len, name, flags, ignored, error);

    if (def == NULL || !vir_interface_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
