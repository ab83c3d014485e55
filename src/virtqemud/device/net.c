/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"

#include "vir-error.h"
#include <string.h>

guint
vir_net_queues(const VirDomainInterface *net)
{
    return vir_domain_net_is_virtio(net) && net->driver && net->driver->queues > 1
               ? net->driver->queues
               : 1;
}

gboolean
vir_net_has_tap(const VirDomainInterface *net)
{
    return net->type == VIR_DOMAIN_INTERFACE_TYPE_BRIDGE ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_NETWORK ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_DIRECT ||
           net->type == VIR_DOMAIN_INTERFACE_TYPE_ETHERNET;
}

gboolean
vir_net_uses_passt(const VirDomainInterface *net)
{
    return net->backend_type == VIR_DOMAIN_INTERFACE_BACKEND_TYPE_PASST &&
           (net->type == VIR_DOMAIN_INTERFACE_TYPE_USER ||
            net->type == VIR_DOMAIN_INTERFACE_TYPE_VHOSTUSER);
}

/* ",KEY=VALUE"; of a list, once for each of its objects' only member. */
static void
add_plain(GString *text, const char *key, json_object *value)
{
    g_autofree char *escaped = NULL;

    for (gsize i = 0;
         json_object_is_type(value, json_type_array) && i < json_object_array_length(value); i++) {
        json_object_object_foreach(json_object_array_get_idx(value, i), member, item)
        {
            (void)member;
            add_plain(text, key, item);
        }
    }
    if (json_object_is_type(value, json_type_array))
        return;
    escaped = vir_argv_escape(vir_props_word(value));
    g_string_append_printf(text, ",%s=%s", key, escaped);
}

void
vir_net_add_netdev(VirArgv *argv, json_object *props)
{
    g_autoptr(GString) text = NULL;

    /* JSON where QEMU knows it; before that, key=value. */
    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_NETDEV_JSON)) {
        vir_argv_add_props(argv, "-netdev", props);
        return;
    }
    text = g_string_new(NULL);
    json_object_object_foreach(props, key, value)
    {
        if (g_str_equal(key, "type"))
            g_string_append(text, json_object_get_string(value));
        else
            add_plain(text, key, value);
    }
    vir_argv_add(argv, "-netdev", text->str);
    json_object_put(props);
}

/* Cards that ARM boards have built in: no bus to plug them into, -net nic sets them up. */
static gboolean
is_onboard(const VirArgv *argv, const VirDomainInterface *net)
{
    int type = net->info.address ? net->info.address->type : VIR_DOMAIN_ADDRESS_TYPE_UNSET;

    return vir_def_is_arm(argv->def) &&
           (type == VIR_DOMAIN_ADDRESS_TYPE_UNSET || type == VIR_DOMAIN_ADDRESS_TYPE_UNASSIGNED);
}

static void
add_onboard(VirArgv *argv, const VirDomainInterface *net)
{
    char mac[18];

    vir_argv_addf(argv, "-net", "nic,macaddr=%s,netdev=host%s,model=%s,id=%s",
                  vir_mac_format(net->mac, mac), net->info.alias, net->model, net->info.alias);
}

static gboolean
add_interface(VirArgv *argv, VirDomainInterface *net, GError **error)
{
    json_object *props;

    if (!vir_net_check_start(net, error))
        return FALSE;
    if (net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
        return TRUE; /* with the other devices of the host */
    props = vir_net_backend(argv, net, error);
    if (!props)
        return FALSE;
    vir_net_add_netdev(argv, props);
    if (is_onboard(argv, net)) {
        add_onboard(argv, net);
        return TRUE;
    }
    props = vir_net_device(argv, net, error);
    return props && vir_argv_add_device(argv, props, &net->info, error);
}

gboolean
vir_argv_interfaces(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_interfaces; i++) {
        if (!add_interface(argv, argv->def->devices.interfaces[i], error)) {
            g_prefix_error(error, "domain '%s': ", argv->def->name);
            return FALSE;
        }
    }
    return TRUE;
}
