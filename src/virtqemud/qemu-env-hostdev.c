/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-hostdev.h"

#include "vir-domain-hostdev.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-uuid.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USB_DEVICES "/sys/bus/usb/devices"
#define PCI_DEVICES "/sys/bus/pci/devices"

/* Context numbers below this are of the kernel, of the hypervisor and of the host. */
#define FIRST_CID 3

static int
open_device(const VirQemuEnv *env, VirQemuHostDevice kind, const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        vir_error_set_errno(error, errno, "cannot open '%s'", path);
    return fd;
}

/* ---- USB ---- */

/* A number of a file in sysfs, 0 where there is none. */
static guint
read_number(const char *folder, const char *name, const char *file, int base)
{
    g_autofree char *path = g_build_filename(folder, name, file, NULL);
    g_autofree char *text = vir_file_read(path, 64, NULL, NULL);

    return text ? (guint)g_ascii_strtoull(text, NULL, base) : 0;
}

static gboolean
is_wanted(const VirDomainHostdev *hostdev, const char *name)
{
    const VirDomainHostdevAddress *address = &hostdev->source_address;

    if (strchr(name, ':')) /* an interface of a device */
        return FALSE;
    if (hostdev->has_vendor &&
        (read_number(USB_DEVICES, name, "idVendor", 16) != hostdev->vendor ||
         read_number(USB_DEVICES, name, "idProduct", 16) != hostdev->product))
        return FALSE;
    if (address->port) {
        g_autofree char *place = g_strdup_printf("%u-%s", address->bus, address->port);

        return g_str_equal(name, place);
    }
    return !address->device || (read_number(USB_DEVICES, name, "busnum", 10) == address->bus &&
                                read_number(USB_DEVICES, name, "devnum", 10) == address->device);
}

/* How many devices are meant; the place of the last one in *bus and *device. */
static guint
find_usb(const VirDomainHostdev *hostdev, guint *bus, guint *device)
{
    g_autoptr(GDir) dir = g_dir_open(USB_DEVICES, 0, NULL);
    const char *name;
    guint found = 0;

    while (dir && (name = g_dir_read_name(dir))) {
        if (!is_wanted(hostdev, name))
            continue;
        found++;
        *bus = read_number(USB_DEVICES, name, "busnum", 10);
        *device = read_number(USB_DEVICES, name, "devnum", 10);
    }
    return found;
}

static gboolean
take_usb(VirDomainHostdev *hostdev, const char *what, GError **error)
{
    guint bus = 0;
    guint device = 0;
    guint found = find_usb(hostdev, &bus, &device);

    if (found == 1) {
        hostdev->source_address.bus = bus;
        hostdev->source_address.device = device;
        return TRUE;
    }
    if (found > 1)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "the host has %u of %s; say which one with <address bus='…' "
                             "device='…'/>",
                             found, what);
    if (hostdev->source_startup_policy != VIR_DOMAIN_HOSTDEV_SOURCE_STARTUP_POLICY_OPTIONAL ||
        !hostdev->has_vendor)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "the host has no %s", what);
    /* QEMU takes it when it comes. */
    hostdev->source_missing = VIR_TRISTATE_YES;
    hostdev->source_address.device = 0;
    return TRUE;
}

/* ---- the others ---- */

/* We bind no device to VFIO yet; one that somebody else has bound can be given away. */
static gboolean
take_pci(const VirDomainHostdev *hostdev, const char *what, GError **error)
{
    const VirDomainHostdevAddress *a = &hostdev->source_address;
    g_autofree char *driver = g_strdup_printf(PCI_DEVICES "/%04x:%02x:%02x.%x/driver", a->domain,
                                              a->bus, a->slot, a->function);
    g_autofree char *target = g_file_read_link(driver, NULL);
    g_autofree char *name = target ? g_path_get_basename(target) : NULL;

    if (name && strstr(name, "vfio"))
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "%s is not bound to vfio-pci but to '%s', and virtqemud does not bind "
                         "devices yet; bind it first (driverctl set-override %04x:%02x:%02x.%x "
                         "vfio-pci)",
                         what, name ? name : "no driver", a->domain, a->bus, a->slot, a->function);
}

static gboolean
take_mdev(const VirDomainHostdev *hostdev, const char *what, GError **error)
{
    char uuid[VIR_UUID_TEXT_LEN];
    g_autofree char *path = g_strconcat("/sys/bus/mdev/devices/",
                                        vir_uuid_format(hostdev->source_address.uuid, uuid), NULL);

    return access(path, F_OK) == 0 ||
           vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                         "the host has no %s ('%s'); create it with mdevctl", what, path);
}

static gboolean
take_hostdev(const VirQemuEnv *env, VirDomainHostdev *hostdev, GError **error)
{
    g_autofree char *what = vir_domain_hostdev_describe(hostdev);

    switch (hostdev->source_address.kind) {
    case VIR_DOMAIN_HOSTDEV_TYPE_USB:
        return take_usb(hostdev, what, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_PCI:
        return take_pci(hostdev, what, error);
    case VIR_DOMAIN_HOSTDEV_TYPE_MDEV:
        return take_mdev(hostdev, what, error);
    default:
        return TRUE; /* opened when the command line is made */
    }
}

static char *
scsi_generic(const VirQemuEnv *env, const char *adapter, guint bus, guint target, guint64 unit,
             GError **error)
{
    g_autofree char *path = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *name;
    guint64 host = 0;

    if (!g_str_has_prefix(adapter, "scsi_host") ||
        !g_ascii_string_to_unsigned(adapter + strlen("scsi_host"), 10, 0, G_MAXUINT32, &host,
                                    NULL)) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "SCSI adapter '%s' is not called scsi_hostN",
                      adapter);
        return NULL;
    }
    path = g_strdup_printf("/sys/bus/scsi/devices/%" G_GUINT64_FORMAT ":%u:%u:%" G_GUINT64_FORMAT
                           "/scsi_generic",
                           host, bus, target, unit);
    dir = g_dir_open(path, 0, NULL);
    name = dir ? g_dir_read_name(dir) : NULL;
    if (!name)
        vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                      "the host has no SCSI device %u:%u:%" G_GUINT64_FORMAT " on '%s' ('%s')", bus,
                      target, unit, adapter, path);
    return g_strdup(name);
}

static gboolean
set_cid(const VirQemuEnv *env, VirDomainVsock *vsock, int fd, GError **error)
{
    gboolean search = !vsock->has_cid || vsock->cid_auto == VIR_TRISTATE_YES;
    guint64 cid = search ? FIRST_CID : vsock->cid;

    while (ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &cid) < 0) {
        /* Another guest has it. */
        if (errno == EADDRINUSE && search && cid < G_MAXUINT32 - 1) {
            cid++;
            continue;
        }
        return vir_error_set_errno(error, errno, "cannot give the guest the vsock context %u",
                                   (guint)cid);
    }
    vsock->cid = (guint)cid;
    vsock->has_cid = true;
    return TRUE;
}

void
vir_qemu_env_hostdev(VirQemuEnv *env)
{
    env->open_device = open_device;
    env->take_hostdev = take_hostdev;
    env->scsi_generic = scsi_generic;
    env->set_cid = set_cid;
}
