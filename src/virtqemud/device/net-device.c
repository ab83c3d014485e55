/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"
#include "vir-error.h"
#include <string.h>

static void
add_host_offloads(json_object *props, const VirDomainInterfaceOffload *host)
{
    vir_props_add(props, "t:csum", host->csum, "t:gso", host->gso, "t:host_tso4", host->tso4,
                  "t:host_tso6", host->tso6, "t:host_ecn", host->ecn, "t:host_ufo", host->ufo,
                  "t:mrg_rxbuf", host->mrg_rxbuf, NULL);
}

static void
add_guest_offloads(json_object *props, const VirDomainInterfaceOffload *guest)
{
    vir_props_add(props, "t:guest_csum", guest->csum, "t:guest_tso4", guest->tso4, "t:guest_tso6",
                  guest->tso6, "t:guest_ecn", guest->ecn, "t:guest_ufo", guest->ufo, NULL);
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
        add_host_offloads(props, driver->host);
    if (driver->guest)
        add_guest_offloads(props, driver->guest);
}

/* An interrupt for each queue, one for the control queue and one for changes of configuration. */
static void
add_queues(json_object *props, const VirDomainInterface *net)
{
    guint n = vir_net_queues(net);

    if (n <= 1)
        return;
    vir_props_add(props, "b:mq", TRUE, NULL);
    if (!net->info.address || net->info.address->type != VIR_DOMAIN_ADDRESS_TYPE_CCW)
        vir_props_add(props, "u:vectors", (guint64)n * 2 + 2, NULL);
}

static void
add_virtio(json_object *props, const VirDomainInterface *net)
{
    if (net->driver)
        add_driver(props, net->driver);
    add_queues(props, net);
    if (net->has_mtu)
        vir_props_add(props, "u:host_mtu", (guint64)net->mtu, NULL);
    if (net->teaming && net->teaming->type == VIR_DOMAIN_TEAMING_TYPE_PERSISTENT)
        vir_props_add(props, "b:failover", TRUE, NULL);
}

static char *
driver_name(const VirDomainInterface *net)
{
    gboolean other = g_str_has_suffix(net->model, "-non-transitional");

    if (!vir_domain_net_is_virtio(net))
        return g_strdup(net->model);
    return vir_props_virtio_driver("virtio-net", &net->info,
                                   !other && g_str_has_suffix(net->model, "-transitional"), other);
}

json_object *
vir_net_device(const VirArgv *argv, const VirDomainInterface *net, GError **error)
{
    guint boot = vir_argv_bootindex(argv, &net->info, net->boot_order, net->has_boot_order);
    g_autofree char *host = g_strconcat("host", net->info.alias, NULL);
    g_autofree char *name = driver_name(net);
    char mac[18];
    json_object *props;

    if (!vir_qemu_caps_has_type(argv->caps, name)) {
        vir_domain_net_refuse(net, VIR_ERR_CONFIG_UNSUPPORTED, error,
                              "emulator '%s' has no device '%s'", argv->caps->binary, name);
        return NULL;
    }
    props = vir_props_new("s:driver", name, NULL);
    if (vir_domain_net_is_virtio(net))
        add_virtio(props, net);
    vir_props_add(props, "s:netdev", host, "s:id", net->info.alias, "s:mac",
                  vir_mac_format(net->mac, mac), "U:bootindex", (guint64)boot, NULL);
    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_VIRTIO_CCW_DEVICE_LOADPARM))
        vir_props_add(props, "S:loadparm", net->boot_loadparm, NULL);
    return props;
}
