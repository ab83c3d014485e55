/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-hostdev.h"

#include "vir-domain-net.h"
#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

static gboolean
is_iscsi(const VirDomainHostdev *hostdev)
{
    return hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_SCSI &&
           hostdev->protocol == VIR_DOMAIN_HOSTDEV_PROTOCOL_ISCSI;
}

void
vir_domain_hostdev_complete(VirDomainHostdev *hostdev)
{
    vir_domain_ips_complete(hostdev->ips, hostdev->n_ips);
    if (hostdev->mode != VIR_DOMAIN_HOSTDEV_MODE_SUBSYSTEM)
        return;
    if (!hostdev->managed)
        hostdev->managed = VIR_TRISTATE_NO;
    /* What is written to and shared are units of SCSI. */
    if (hostdev->source_address.kind != VIR_DOMAIN_HOSTDEV_TYPE_SCSI)
        hostdev->readonly = hostdev->shareable = FALSE;
    /* A target without a unit is meant to be its first. */
    if (is_iscsi(hostdev) && hostdev->source_name && !strchr(hostdev->source_name, '/')) {
        char *name = g_strconcat(hostdev->source_name, "/0", NULL);

        g_free(hostdev->source_name);
        hostdev->source_name = name;
    }
}

char *
vir_domain_hostdev_describe(const VirDomainHostdev *hostdev)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;
    char uuid[VIR_UUID_TEXT_LEN];

    switch (address->kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_PCI:
        return g_strdup_printf("PCI device %04x:%02x:%02x.%x", address->domain, address->bus,
                               address->slot, address->function);
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        if (hostdev->has_vendor && !address->device)
            return g_strdup_printf("USB device %04x:%04x", hostdev->vendor, hostdev->product);
        return g_strdup_printf("USB device %u of bus %u", address->device, address->bus);
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI:
        if (is_iscsi(hostdev))
            return g_strdup_printf("iSCSI unit '%s'",
                                   hostdev->source_name ? hostdev->source_name : "");
        return g_strdup_printf("SCSI device %u:%u:%" G_GUINT64_FORMAT " of '%s'", address->bus,
                               address->target, address->unit,
                               hostdev->adapter ? hostdev->adapter : "");
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST:
        return g_strdup_printf("SCSI host '%s'", hostdev->wwpn ? hostdev->wwpn : "");
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return g_strdup_printf("mediated device %s", vir_uuid_format(address->uuid, uuid));
    default:
        return g_strdup_printf("device of type '%s'",
                               vir_domain_hostdev_type_to_string(address->kind));
    }
}

gboolean
vir_domain_hostdev_refuse(const VirDomainHostdev *hostdev, int code, GError **error,
                          const char *format, ...)
{
    g_autofree char *what = vir_domain_hostdev_describe(hostdev);
    g_autofree char *why = NULL;
    va_list args;

    va_start(args, format);
    why = g_strdup_vprintf(format, args);
    va_end(args);
    return vir_error_set(error, code, "%s of the host: %s", what, why);
}

static gboolean
check_source(const VirDomainHostdev *hostdev, GError **error)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;

    switch (address->kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        if (hostdev->has_vendor != hostdev->has_product)
            return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                             "<vendor> and <product> go together");
        if (hostdev->has_vendor ? !hostdev->vendor : !address->device && !address->port)
            return vir_domain_hostdev_refuse(
                hostdev, VIR_ERR_XML_ERROR, error,
                "<source> has neither <vendor> and <product> nor <address bus='…' "
                "device='…'/>");
        return TRUE;
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI:
        if (!is_iscsi(hostdev))
            return hostdev->adapter != NULL ||
                   vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                             "<source> has no <adapter name='…'/>");
        if (!hostdev->source_name || hostdev->n_hosts != 1)
            return vir_domain_hostdev_refuse(
                hostdev, VIR_ERR_XML_ERROR, error,
                "<source protocol='iscsi'> needs a name and one <host>");
        return TRUE;
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST:
        if (hostdev->protocol != VIR_DOMAIN_HOSTDEV_PROTOCOL_VHOST || !hostdev->wwpn)
            return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                             "<source> needs protocol='vhost' and a wwpn");
        if (!g_str_has_prefix(hostdev->wwpn, "naa.") || strlen(hostdev->wwpn) != 20 ||
            strspn(hostdev->wwpn + 4, "0123456789abcdefABCDEF") != 16)
            return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                             "wwpn is 'naa.' and 16 hexadecimal digits");
        return TRUE;
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_UNSET ||
               vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                         "it needs a model: vfio-pci, vfio-ccw or vfio-ap");
    default:
        return TRUE;
    }
}

static gboolean
check_options(const VirDomainHostdev *hostdev, GError **error)
{
    int kind = hostdev->source_address.kind;

    if (hostdev->rawio && kind != VIR_DOMAIN_HOSTDEV_TYPE_SCSI)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                         "rawio is for type='scsi'");
    if (hostdev->sgio && kind != VIR_DOMAIN_HOSTDEV_TYPE_SCSI)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                         "sgio is for type='scsi'");
    if (hostdev->sgio == VIR_DOMAIN_HOSTDEV_SGIO_UNFILTERED)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "sgio 'unfiltered': no kernel has that any more");
    if (hostdev->model && kind != VIR_DOMAIN_HOSTDEV_TYPE_MDEV &&
        kind != VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                         "model is for type='mdev' and type='scsi_host'");
    if (hostdev->source_startup_policy && kind != VIR_DOMAIN_HOSTDEV_TYPE_USB)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_CONFIG_UNSUPPORTED, error,
                                         "startupPolicy is for USB devices");
    if ((hostdev->display || hostdev->ramfb) && kind != VIR_DOMAIN_HOSTDEV_TYPE_PCI &&
        (kind != VIR_DOMAIN_HOSTDEV_TYPE_MDEV ||
         hostdev->model != VIR_DOMAIN_HOSTDEV_MODEL_VFIO_PCI))
        return vir_domain_hostdev_refuse(
            hostdev, VIR_ERR_XML_ERROR, error,
            "display and ramfb are for PCI devices and model='vfio-pci'");
    if (hostdev->teaming && kind != VIR_DOMAIN_HOSTDEV_TYPE_PCI)
        return vir_domain_hostdev_refuse(hostdev, VIR_ERR_XML_ERROR, error,
                                         "<teaming> is for PCI devices");
    if (hostdev->teaming && (hostdev->teaming->type != VIR_DOMAIN_TEAMING_TYPE_TRANSIENT ||
                             !hostdev->teaming->persistent))
        return vir_domain_hostdev_refuse(
            hostdev, VIR_ERR_XML_ERROR, error,
            "it is the part that goes for a migration: <teaming type='transient' "
            "persistent='ALIAS'/>");
    return TRUE;
}

gboolean
vir_domain_hostdev_check(const VirDomainHostdev *hostdev, GError **error)
{
    if (hostdev->mode != VIR_DOMAIN_HOSTDEV_MODE_SUBSYSTEM)
        return TRUE;
    return check_source(hostdev, error) && check_options(hostdev, error);
}

/** What the device is on the host, the same text for the same device; NULL where nobody can tell.
 */
static char *
identity(const VirDomainHostdev *dev)
{
    const VirDomainHostdevAddress *at = &dev->source_address;
    char uuid[VIR_UUID_TEXT_LEN];

    if (dev->mode != VIR_DOMAIN_HOSTDEV_MODE_SUBSYSTEM)
        return NULL;
    switch (at->kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_PCI:
        return g_strdup_printf("pci %x:%x:%x.%x", at->domain, at->bus, at->slot, at->function);
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        if (at->device)
            return g_strdup_printf("usb %u.%u", at->bus, at->device);
        return dev->has_vendor ? g_strdup_printf("usb %x:%x", dev->vendor, dev->product) : NULL;
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI:
        if (!is_iscsi(dev))
            return g_strdup_printf("scsi %u:%u:%" G_GUINT64_FORMAT " %s", at->bus, at->target,
                                   (guint64)at->unit, dev->adapter ? dev->adapter : "");
        return dev->n_hosts > 0 ? g_strdup_printf("iscsi %u %s %s", dev->hosts[0]->port,
                                                  dev->hosts[0]->name ? dev->hosts[0]->name : "",
                                                  dev->source_name ? dev->source_name : "")
                                : NULL;
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST:
        return g_strdup_printf("vhost %u %s", dev->protocol, dev->wwpn ? dev->wwpn : "");
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return g_strdup_printf("mdev %s", vir_uuid_format(at->uuid, uuid));
    default:
        return NULL;
    }
}

VirDomainHostdev
vir_domain_hostdev_of_interface(const VirDomainInterface *net)
{
    VirDomainHostdev hostdev = {.mode = VIR_DOMAIN_HOSTDEV_MODE_SUBSYSTEM};

    if (net->type != VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV || !net->host_address)
        return hostdev;
    hostdev.source_address.kind = net->host_address->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_USB
                                      ? VIR_DOMAIN_HOSTDEV_TYPE_USB
                                      : VIR_DOMAIN_HOSTDEV_TYPE_PCI;
    hostdev.managed = net->managed;
    hostdev.source_address.domain = net->host_address->domain;
    hostdev.source_address.bus = net->host_address->bus;
    hostdev.source_address.slot = net->host_address->slot;
    hostdev.source_address.function = net->host_address->function;
    hostdev.source_address.device = net->host_address->device;
    return hostdev;
}

static gboolean
check_once(GHashTable *seen, const VirDomainHostdev *dev, GError **error)
{
    char *what = identity(dev);

    return !what || g_hash_table_add(seen, what) ||
           vir_domain_hostdev_refuse(dev, VIR_ERR_XML_ERROR, error,
                                     "the guest has it twice, a device of the host is given once");
}

gboolean
vir_domain_hostdevs_check_twice(const VirDomainDef *def, GError **error)
{
    const VirDomainDevices *devices = &def->devices;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < devices->n_interfaces; i++) {
        VirDomainHostdev dev = vir_domain_hostdev_of_interface(devices->interfaces[i]);

        if (devices->interfaces[i]->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
            !check_once(seen, &dev, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (!check_once(seen, devices->hostdevs[i], error))
            return FALSE;
    }
    return TRUE;
}
