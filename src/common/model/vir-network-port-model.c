/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-network-port-model.h"

#include "vir-error.h"

static gboolean
needs(const VirNetworkPortDef *def, const char *what, GError **error)
{
    return vir_error_set(error, VIR_ERR_XML_ERROR, "<plug type='%s'> needs %s",
                         vir_network_port_plug_type_to_string(def->plug_type), what);
}

gboolean
vir_network_port_model_complete(VirNetworkPortDef *def, GError **error)
{
    if (def->mac[0] & 1)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the port has a multicast hardware address");
    if (def->trust_guest == VIR_TRISTATE_NO)
        def->trust_guest = 0;
    if (def->isolated == VIR_TRISTATE_NO)
        def->isolated = 0;
    if (def->virtualport != NULL && def->virtualport->type == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "<virtualport> needs a type");
    switch (def->plug_type) {
    case VIR_NETWORK_PORT_PLUG_TYPE_NETWORK:
    case VIR_NETWORK_PORT_PLUG_TYPE_BRIDGE:
        return def->plug_bridge != NULL || needs(def, "a bridge", error);
    case VIR_NETWORK_PORT_PLUG_TYPE_DIRECT:
        return (def->plug_dev != NULL && def->plug_mode != 0) || needs(def, "dev and mode", error);
    case VIR_NETWORK_PORT_PLUG_TYPE_HOSTDEV_PCI:
        return def->address != NULL || needs(def, "an <address>", error);
    default:
        return TRUE;
    }
}

VirNetworkPortDef *
vir_network_port_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                             GPtrArray **ignored, GError **error)
{
    g_autoptr(VirNetworkPortDef) def =
        vir_xml_parse(&vir_network_port_network_port_doc, text, len, name, flags, ignored, error);

    if (def == NULL || !vir_network_port_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}
