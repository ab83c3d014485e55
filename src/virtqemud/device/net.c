/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <string.h>

static gboolean
is_virtio(const VirDomainInterface *net)
{
    return net->model &&
           (g_str_equal(net->model, "virtio") || g_str_equal(net->model, "virtio-transitional") ||
            g_str_equal(net->model, "virtio-non-transitional"));
}

static json_object *
netdev_props(const VirArgv *argv, const VirDomainInterface *net, guint i, GError **error)
{
    g_autofree char *id = g_strconcat("host", net->info.alias, NULL);
    json_object *props;

    if (net->type != VIR_DOMAIN_INTERFACE_TYPE_USER) {
        vir_argv_unsupported(argv, error, "/domain/devices/interface[%u]/@type '%s'", i + 1,
                             vir_domain_interface_type_to_string(net->type));
        return NULL;
    }
    if (net->backend_type == VIR_DOMAIN_INTERFACE_BACKEND_TYPE_PASST || net->n_port_forwards > 0 ||
        net->source_dev) {
        vir_argv_unsupported(argv, error, "/domain/devices/interface[%u]/backend", i + 1);
        return NULL;
    }
    props = vir_props_new("s:type", "user", NULL);
    for (guint j = 0; j < net->n_ips; j++) {
        const VirDomainInterfaceIp *ip = net->ips[j];
        gboolean v6 = strchr(ip->address, ':') != NULL;

        if (v6) {
            vir_props_add(props, "s:ipv6-prefix", ip->address, "U:ipv6-prefixlen",
                          (guint64)ip->prefix, NULL);
        } else {
            g_autofree char *text = ip->prefix ? g_strdup_printf("%s/%u", ip->address, ip->prefix)
                                               : g_strdup(ip->address);

            vir_props_add(props, "s:net", text, NULL);
        }
    }
    vir_props_add(props, "s:id", id, NULL);
    return props;
}

/* -netdev takes JSON from QEMU 7.2 on; before that, key=value. */
static void
add_netdev(VirArgv *argv, json_object *props)
{
    g_autoptr(GString) text = NULL;

    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_NETDEV_JSON)) {
        vir_argv_add_props(argv, "-netdev", props);
        return;
    }
    text = g_string_new(NULL);
    json_object_object_foreach(props, key, value)
    {
        g_autofree char *escaped = vir_argv_escape(json_object_get_string(value));

        if (g_str_equal(key, "type"))
            g_string_append(text, escaped);
        else
            g_string_append_printf(text, ",%s=%s", key, escaped);
    }
    vir_argv_add(argv, "-netdev", text->str);
    json_object_put(props);
}

static void
add_offload(json_object *props, const char *prefix, const VirDomainInterfaceOffload *offload)
{
    const struct {
        const char *name;
        int value;
    } parts[] = {
        {"csum", offload->csum}, {"gso", offload->gso}, {"tso4", offload->tso4},
        {"tso6", offload->tso6}, {"ecn", offload->ecn}, {"ufo", offload->ufo},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *key = g_strconcat("t:", prefix, parts[i].name, NULL);

        vir_props_add(props, key, parts[i].value, NULL);
    }
    vir_props_add(props, "t:mrg_rxbuf", offload->mrg_rxbuf, NULL);
}

static void
add_driver(json_object *props, const VirDomainInterfaceDriver *driver)
{
    vir_props_add_virtio(props, driver, );
    if (driver->txmode)
        vir_props_add(
            props, "s:tx",
            driver->txmode == VIR_DOMAIN_INTERFACE_DRIVER_TXMODE_IOTHREAD ? "bh" : "timer", NULL);
    vir_props_add(props, "t:ioeventfd", driver->ioeventfd, "t:event_idx", driver->event_idx,
                  "U:rx_queue_size", (guint64)driver->rx_queue_size, "U:tx_queue_size",
                  (guint64)driver->tx_queue_size, "t:rss", driver->rss, "t:hash",
                  driver->rss_hash_report, NULL);
    if (driver->host)
        add_offload(props, "host_", driver->host);
    if (driver->guest)
        add_offload(props, "guest_", driver->guest);
}

static json_object *
device_props(const VirArgv *argv, const VirDomainInterface *net, GError **error)
{
    guint boot = vir_argv_bootindex(argv, &net->info, net->boot_order, net->has_boot_order);
    g_autofree char *host = g_strconcat("host", net->info.alias, NULL);
    g_autofree char *name = NULL;
    char mac[18];
    json_object *props;

    g_snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", net->mac[0], net->mac[1],
               net->mac[2], net->mac[3], net->mac[4], net->mac[5]);
    if (is_virtio(net))
        name = vir_props_virtio_driver("virtio-net", &net->info,
                                       g_str_has_suffix(net->model, "-transitional") &&
                                           !g_str_has_suffix(net->model, "-non-transitional"),
                                       g_str_has_suffix(net->model, "-non-transitional"));
    else
        name = g_strdup(net->model);
    if (!vir_qemu_caps_has_type(argv->caps, name)) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "domain '%s': emulator '%s' has no network card '%s'", argv->def->name,
                      argv->caps->binary, name);
        return NULL;
    }
    props = vir_props_new("s:driver", name, NULL);
    if (is_virtio(net) && net->driver)
        add_driver(props, net->driver);
    if (net->has_mtu)
        vir_props_add(props, "u:host_mtu", (guint64)net->mtu, NULL);
    vir_props_add(props, "s:netdev", host, "s:id", net->info.alias, "s:mac", mac, "U:bootindex",
                  (guint64)boot, NULL);
    if (!vir_props_add_info(props, argv->def, &net->info, error)) {
        json_object_put(props);
        return NULL;
    }
    return props;
}

gboolean
vir_argv_interfaces(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_interfaces; i++) {
        const VirDomainInterface *net = argv->def->devices.interfaces[i];
        json_object *props;

        if (net->bandwidth || net->filter || net->teaming || net->vlan)
            return vir_argv_unsupported(argv, error, "/domain/devices/interface[%u]/%s", i + 1,
                                        net->bandwidth ? "bandwidth"
                                        : net->filter  ? "filterref"
                                        : net->teaming ? "teaming"
                                                       : "vlan");
        props = netdev_props(argv, net, i, error);
        if (!props)
            return FALSE;
        add_netdev(argv, props);
        props = device_props(argv, net, error);
        if (!props)
            return FALSE;
        vir_argv_add_zpci(argv, &net->info);
        vir_argv_add_props(argv, "-device", props);
    }
    return TRUE;
}
