/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "disk-chain.h"
#include "storage-secret.h"
#include "vir-domain-hostdev.h"
#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

/* ---- PCI ---- */

static json_object *
pci_props(guint domain, guint bus, guint slot, guint function, const char *alias)
{
    g_autofree char *host = g_strdup_printf("%04x:%02x:%02x.%x", domain, bus, slot, function);

    return vir_props_new("s:driver", "vfio-pci", "s:host", host, "s:id", alias, NULL);
}

static void
add_teaming(json_object *props, const VirDomainTeaming *teaming)
{
    if (teaming && teaming->type == VIR_DOMAIN_TEAMING_TYPE_TRANSIENT)
        vir_props_add(props, "s:failover_pair_id", teaming->persistent, NULL);
}

/* A frame buffer at boot cannot be unplugged, so that it is another driver. */
static void
add_display(json_object *props, const VirDomainHostdev *hostdev)
{
    if (hostdev->ramfb == VIR_TRISTATE_ON)
        vir_props_add(props, "s:driver", "vfio-pci-nohotplug", "b:ramfb", TRUE, NULL);
    vir_props_add(props, "o:display", hostdev->display, NULL);
}

static json_object *
pci_hostdev(const VirDomainHostdev *hostdev)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;
    json_object *props = pci_props(address->domain, address->bus, address->slot, address->function,
                                   hostdev->info.alias);

    add_teaming(props, hostdev->teaming);
    add_display(props, hostdev);
    return props;
}

/* ---- mediated devices ---- */

static json_object *
mdev_hostdev(const VirDomainHostdev *hostdev)
{
    char uuid[VIR_UUID_TEXT_LEN];
    g_autofree char *path = g_strconcat("/sys/bus/mdev/devices/",
                                        vir_uuid_format(hostdev->source_address.uuid, uuid), NULL);
    json_object *props =
        vir_props_new("s:driver", vir_domain_hostdev_model_to_string(hostdev->model), "s:id",
                      hostdev->info.alias, "s:sysfsdev", path, NULL);

    add_display(props, hostdev);
    return props;
}

/* ---- USB ---- */

static json_object *
usb_props(const VirArgv *argv, guint bus, guint device, const char *alias)
{
    json_object *props = vir_props_new("s:driver", "usb-host", NULL);

    if (device && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_USB_HOST_HOSTDEVICE)) {
        g_autofree char *path = g_strdup_printf("/dev/bus/usb/%03u/%03u", bus, device);

        vir_props_add(props, "s:hostdevice", path, NULL);
    } else if (device) {
        vir_props_add(props, "u:hostbus", (guint64)bus, "u:hostaddr", (guint64)device, NULL);
    }
    vir_props_add(props, "s:id", alias, NULL);
    return props;
}

static json_object *
usb_hostdev(const VirArgv *argv, const VirDomainHostdev *hostdev, GError **error)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;
    int reset = hostdev->source_guest_reset;
    json_object *props;

    /* Without any word about it QEMU would take whatever device there is. */
    if (!address->device && !(hostdev->source_missing && hostdev->has_vendor)) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                      "domain '%s': it is not known where on the host USB device '%s' is",
                      argv->def->name, hostdev->info.alias);
        return NULL;
    }
    props = usb_props(argv, address->bus, address->device, hostdev->info.alias);
    if (!address->device)
        vir_props_add(props, "u:vendorid", (guint64)hostdev->vendor, "u:productid",
                      (guint64)hostdev->product, NULL);
    if (reset)
        vir_props_add(props, "b:guest-reset", reset != VIR_DOMAIN_HOSTDEV_SOURCE_GUEST_RESET_OFF,
                      "b:guest-resets-all", reset == VIR_DOMAIN_HOSTDEV_SOURCE_GUEST_RESET_ON,
                      NULL);
    return props;
}

/* ---- SCSI ---- */

static void
max_number(const VirImage *image, void *opaque)
{
    guint *max = opaque;

    if (*image->has_index)
        *max = MAX(*max, *image->index);
}

/* Nodes of devices have the numbers behind those of the disks' images. */
static guint
first_node(const VirDomainDef *def)
{
    guint max = 0;

    for (guint i = 0; i < def->devices.n_disks; i++) {
        VirDomainDisk *disk = def->devices.disks[i];

        vir_disk_each_image(disk, max_number, &max);
        for (guint f = 0; f < disk->n_throttle_filters; f++)
            max = MAX(max, disk->throttle_filters[f]->index);
    }
    return max + 1;
}

static json_object *
iscsi_node(VirArgv *argv, const VirDomainHostdev *hostdev, const char *node, GError **error)
{
    const VirDomainSourceHost *host = hostdev->hosts[0];
    const char *slash = strrchr(hostdev->source_name, '/');
    g_autofree char *target =
        g_strndup(hostdev->source_name, (gsize)(slash - hostdev->source_name));
    g_autofree char *portal = NULL;
    g_autofree char *secret = NULL;
    gboolean v6 = host->name && strchr(host->name, ':');
    guint64 lun = 0;

    if (!g_ascii_string_to_unsigned(slash + 1, 10, 0, 255, &lun, NULL)) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "domain '%s': iSCSI name '%s' does not end with a unit from 0 to 255",
                      argv->def->name, hostdev->source_name);
        return NULL;
    }
    if (hostdev->auth && hostdev->auth->secret) {
        secret = g_strconcat(node, "-secret0", NULL);
        if (!vir_argv_secret(argv, secret, hostdev->auth->secret, hostdev->info.alias, error))
            return NULL;
    }
    portal = g_strdup_printf("%s%s%s:%u", v6 ? "[" : "", host->name ? host->name : "",
                             v6 ? "]" : "", host->has_port && host->port ? host->port : 3260);
    return vir_props_new("s:driver", "iscsi", "s:portal", portal, "s:target", target, "u:lun", lun,
                         "s:transport", "tcp", "S:user",
                         hostdev->auth ? hostdev->auth->username : NULL, "S:password-secret",
                         secret, "S:initiator-name", hostdev->initiator_iqn, NULL);
}

static json_object *
sg_node(VirArgv *argv, const VirDomainHostdev *hostdev, GError **error)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;
    g_autofree char *name = argv->env->scsi_generic(argv->env, hostdev->adapter, address->bus,
                                                    address->target, address->unit, error);
    g_autofree char *path = name ? g_strconcat("/dev/", name, NULL) : NULL;

    return path ? vir_props_new("s:driver", "host_device", "s:filename", path, NULL) : NULL;
}

static json_object *
scsi_hostdev(VirArgv *argv, const VirDomainHostdev *hostdev, guint *node, GError **error)
{
    g_autofree char *name = g_strdup_printf("libvirt-%u-backend", (*node)++);
    json_object *props = hostdev->protocol == VIR_DOMAIN_HOSTDEV_PROTOCOL_ISCSI
                             ? iscsi_node(argv, hostdev, name, error)
                             : sg_node(argv, hostdev, error);

    if (!props)
        return NULL;
    vir_props_add(props, "s:node-name", name, "b:read-only", hostdev->readonly, NULL);
    vir_argv_add_props(argv, "-blockdev", props);
    /* Who else uses an iSCSI unit is the server's business. */
    props =
        vir_props_new("s:driver", "scsi-generic", "B:share-rw",
                      hostdev->shareable && hostdev->protocol != VIR_DOMAIN_HOSTDEV_PROTOCOL_ISCSI,
                      "s:drive", name, "s:id", hostdev->info.alias, NULL);
    if (hostdev->info.address)
        vir_props_add_scsi(props, argv->def, hostdev->info.address);
    return props;
}

static json_object *
scsi_host_hostdev(VirArgv *argv, const VirDomainHostdev *hostdev, GError **error)
{
    g_autofree char *driver =
        vir_props_virtio_driver("vhost-scsi", &hostdev->info,
                                hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VIRTIO_TRANSITIONAL,
                                hostdev->model == VIR_DOMAIN_HOSTDEV_MODEL_VIRTIO_NON_TRANSITIONAL);
    g_autofree char *text = NULL;
    int fd =
        argv->env->open_device(argv->env, VIR_QEMU_DEVICE_VHOST_SCSI, "/dev/vhost-scsi", error);

    if (fd < 0)
        return NULL;
    vir_spawn_pass_fd(argv->spawn, fd);
    text = g_strdup_printf("%d", fd);
    return vir_props_new("s:driver", driver, "s:wwpn", hostdev->wwpn, "s:vhostfd", text, "s:id",
                         hostdev->info.alias, NULL);
}

/* ---- all of them ---- */

static json_object *
hostdev_props(VirArgv *argv, const VirDomainHostdev *hostdev, guint *node, GError **error)
{
    switch (hostdev->source_address.kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_PCI:
        return pci_hostdev(hostdev);
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        return usb_hostdev(argv, hostdev, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return mdev_hostdev(hostdev);
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI:
        return scsi_hostdev(argv, hostdev, node, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_SCSI_HOST:
        return scsi_host_hostdev(argv, hostdev, error);
    default:
        vir_argv_unsupported(argv, error, "/domain/devices/hostdev/@type '%s'",
                             vir_domain_hostdev_type_to_string(hostdev->source_address.kind));
        return NULL;
    }
}

static gboolean
add_interface(VirArgv *argv, const VirDomainInterface *net, GError **error)
{
    const VirDomainHostAddress *address = net->host_address;
    guint boot = vir_argv_bootindex(argv, &net->info, net->boot_order, net->has_boot_order);
    json_object *props = address->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_USB
                             ? usb_props(argv, address->bus, address->device, net->info.alias)
                             : pci_props(address->domain, address->bus, address->slot,
                                         address->function, net->info.alias);

    add_teaming(props, net->teaming);
    vir_props_add(props, "U:bootindex", (guint64)boot, NULL);
    return vir_argv_add_device(argv, props, &net->info, error);
}

/*
 * What is no function of the host has no option ROM, and the zPCI identifiers that QEMU chooses.
 * Takes @props.
 */
static gboolean
add_hostdev(VirArgv *argv, const VirDomainHostdev *hostdev, json_object *props, GError **error)
{
    VirDomainDeviceInfo info = hostdev->info;

    if (hostdev->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_PCI)
        return vir_argv_add_device(argv, props, &info, error);
    info.rom = NULL;
    if (!vir_props_add_info(props, argv->def, &info, error)) {
        json_object_put(props);
        return FALSE;
    }
    vir_argv_add_props(argv, "-device", props);
    return TRUE;
}

gboolean
vir_argv_hostdevs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;
    guint node = first_node(argv->def);

    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (devices->interfaces[i]->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV &&
            !add_interface(argv, devices->interfaces[i], error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        const VirDomainHostdev *hostdev = devices->hostdevs[i];
        json_object *props;

        /* Taken from the host for the guest, which does not see it. */
        if (hostdev->info.address &&
            hostdev->info.address->type == VIR_DOMAIN_ADDRESS_TYPE_UNASSIGNED)
            continue;
        props = hostdev_props(argv, hostdev, &node, error);
        if (!props)
            return FALSE;
        vir_props_add(props, "U:bootindex",
                      (guint64)(hostdev->has_boot_order ? hostdev->boot_order : 0), NULL);
        if (hostdev->source_address.kind != VIR_DOMAIN_HOSTDEV_TYPE_PCI &&
            vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_VIRTIO_CCW_DEVICE_LOADPARM))
            vir_props_add(props, "S:loadparm", hostdev->boot_loadparm, NULL);
        if (!add_hostdev(argv, hostdev, props, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_argv_vsock(VirArgv *argv, GError **error)
{
    VirDomainVsock *vsock = argv->def->devices.vsock;
    g_autofree char *driver = NULL;
    g_autofree char *text = NULL;
    json_object *props;
    int fd;

    if (!vsock)
        return TRUE;
    fd = argv->env->open_device(argv->env, VIR_QEMU_DEVICE_VHOST_VSOCK, "/dev/vhost-vsock", error);
    if (fd < 0)
        return FALSE;
    vir_spawn_pass_fd(argv->spawn, fd);
    if (!argv->env->set_cid(argv->env, vsock, fd, error))
        return FALSE;
    driver = vir_props_virtio_name("vhost-vsock", vsock);
    text = g_strdup_printf("%d", fd);
    props = vir_props_new("s:driver", driver, "s:id", vsock->info.alias, "u:guest-cid",
                          (guint64)vsock->cid, "s:vhostfd", text, NULL);
    if (vsock->driver)
        vir_props_add_virtio(props, vsock->driver, );
    return vir_argv_add_device(argv, props, &vsock->info, error);
}
