/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-disk.h"

#include "vir-error.h"
#include <string.h>

#define UNSUPPORTED VIR_ERR_CONFIG_UNSUPPORTED
#define NETWORK(name) VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_##name

/* RFC 6265: what a cookie's name and value can hold. */
#define COOKIE_NAME "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
#define COOKIE_VALUE COOKIE_NAME "()/:<=>?@[]{}"

/* INQUIRY data of SCSI, IDENTIFY data of ATA. */
#define VENDOR_LEN 8
#define SCSI_PRODUCT_LEN 16
#define ATA_PRODUCT_LEN 40

/* ---- sources ---- */

static gboolean
check_secret(const VirDomainSecretRef *secret, const char *what, GError **error)
{
    if (!secret)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s has no <secret>", what);
    if (!secret->has_uuid && !secret->usage)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "the secret of %s has neither a uuid nor a usage", what);
    if (secret->has_uuid && secret->usage)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "the secret of %s has both a uuid and a usage; one names it", what);
    return TRUE;
}

static gboolean
check_auth(const VirDomainAuth *auth, const VirDomainSourceNetwork *network, GError **error)
{
    int type;
    int want;

    if (!auth)
        return TRUE;
    if (!auth->username)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "<auth> has no username");
    if (!check_secret(auth->secret, "<auth>", error))
        return FALSE;
    type = auth->secret->type;
    if (!type)
        return vir_error_set(error, UNSUPPORTED, "the secret of <auth> has no type");
    if (type != VIR_DOMAIN_SECRET_REF_TYPE_CEPH && type != VIR_DOMAIN_SECRET_REF_TYPE_ISCSI)
        return vir_error_set(error, UNSUPPORTED,
                             "the secret of <auth> is of type '%s', not "
                             "'ceph' or 'iscsi'",
                             vir_domain_secret_ref_type_to_string((guint)type));
    if (!network || (network->protocol != NETWORK(ISCSI) && network->protocol != NETWORK(RBD)))
        return TRUE;
    want = network->protocol == NETWORK(RBD) ? VIR_DOMAIN_SECRET_REF_TYPE_CEPH
                                             : VIR_DOMAIN_SECRET_REF_TYPE_ISCSI;
    return type == want ||
           vir_error_set(error, UNSUPPORTED,
                         "protocol '%s' logs in with a secret of type '%s', "
                         "not '%s'",
                         vir_domain_source_network_protocol_to_string(network->protocol),
                         vir_domain_secret_ref_type_to_string((guint)want),
                         vir_domain_secret_ref_type_to_string((guint)type));
}

static gboolean
check_host(const VirDomainSourceHost *host, const VirDomainSourceNetwork *network, GError **error)
{
    const char *protocol = vir_domain_source_network_protocol_to_string(network->protocol);

    switch (host->transport) {
    case VIR_DOMAIN_SOURCE_HOST_TRANSPORT_UNIX:
        if (network->protocol != NETWORK(NBD) && network->protocol != NETWORK(GLUSTER) &&
            network->protocol != NETWORK(SHEEPDOG))
            return vir_error_set(error, UNSUPPORTED, "protocol '%s' cannot use a local socket",
                                 protocol);
        return TRUE;
    case VIR_DOMAIN_SOURCE_HOST_TRANSPORT_RDMA:
        return vir_error_set(error, UNSUPPORTED, "transport 'rdma' is not supported; 'tcp' is");
    default:
        return TRUE;
    }
}

/* How many servers a protocol takes. */
static gboolean
check_hosts(const VirDomainSourceNetwork *network, GError **error)
{
    const char *protocol = vir_domain_source_network_protocol_to_string(network->protocol);

    for (guint i = 0; i < network->n_hosts; i++) {
        if (!check_host(network->hosts[i], network, error))
            return FALSE;
    }
    if (network->protocol == NETWORK(RBD))
        return TRUE;
    if (network->protocol == NETWORK(GLUSTER))
        return network->n_hosts > 0 ||
               vir_error_set(error, VIR_ERR_XML_ERROR, "protocol 'gluster' needs a host");
    return network->n_hosts == 1 ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "protocol '%s' takes one host, not %u", protocol,
                         network->n_hosts);
}

static gboolean
check_cookies(const VirDomainSourceNetwork *network, GError **error)
{
    for (guint i = 0; i < network->n_cookies; i++) {
        const VirDomainSourceCookie *cookie = network->cookies[i];
        const char *value = cookie->value ? cookie->value : "";
        gsize len = strlen(value);

        if (!*cookie->name || strspn(cookie->name, COOKIE_NAME) != strlen(cookie->name))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "cookie '%s': such a name cannot be sent", cookie->name);
        if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
            value++;
            len -= 2;
        }
        if (strspn(value, COOKIE_VALUE) < len)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "cookie '%s': its value cannot be sent",
                                 cookie->name);
    }
    return TRUE;
}

static gboolean
check_address(const VirDomainSourceHost *host, GError **error)
{
    if (host->transport == VIR_DOMAIN_SOURCE_HOST_TRANSPORT_UNIX)
        return host->socket != NULL ||
               vir_error_set(error, VIR_ERR_XML_ERROR, "a host of transport 'unix' has no socket");
    if (host->socket)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a host with a socket must have transport 'unix'");
    return host->name != NULL ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "a host of a source has no name");
}

gboolean
vir_domain_source_check_name(const VirDomainSourceNetwork *network, GError **error)
{
    const char *protocol, *slash;

    if (!network || !network->protocol)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a network source names no protocol");
    protocol = vir_domain_source_network_protocol_to_string(network->protocol);
    if (!network->name && network->protocol != NETWORK(NBD))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a source of protocol '%s' has no name",
                             protocol);
    for (guint i = 0; i < network->n_hosts; i++) {
        if (!check_address(network->hosts[i], error))
            return FALSE;
    }
    if (network->protocol != NETWORK(GLUSTER) && network->protocol != NETWORK(RBD))
        return TRUE;
    slash = strchr(network->name, '/');
    if (!slash || slash == network->name || slash[strspn(slash, "/")] == '\0')
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "source '%s' of protocol '%s' is not made of a %s, '/' and an image",
                             network->name, protocol,
                             network->protocol == NETWORK(RBD) ? "pool" : "volume");
    return TRUE;
}

static gboolean
check_network(const VirDomainSourceNetwork *network, GError **error)
{
    const char *protocol;

    if (!vir_domain_source_check_name(network, error))
        return FALSE;
    protocol = vir_domain_source_network_protocol_to_string(network->protocol);
    if (network->tls == VIR_TRISTATE_YES && network->protocol != NETWORK(NBD) &&
        network->protocol != NETWORK(VXHS))
        return vir_error_set(error, UNSUPPORTED, "protocol '%s' has no TLS", protocol);
    if (network->tls_hostname && network->protocol != NETWORK(NBD))
        return vir_error_set(error, UNSUPPORTED, "a TLS host name is for protocol 'nbd', not '%s'",
                             protocol);
    return check_hosts(network, error) && check_cookies(network, error);
}

static gboolean
check_encryption(const VirDomainEncryption *encryption, const VirDomainSource *src, int type,
                 GError **error)
{
    const char *format;

    if (!encryption)
        return TRUE;
    format = vir_domain_encryption_format_to_string(encryption->format);
    for (guint i = 0; i < encryption->n_secrets; i++) {
        if (encryption->secrets[i]->type != VIR_DOMAIN_SECRET_REF_TYPE_PASSPHRASE)
            return vir_error_set(error, UNSUPPORTED,
                                 "an image is decrypted with a secret of type 'passphrase' only");
        if (!check_secret(encryption->secrets[i], "<encryption>", error))
            return FALSE;
    }
    if (encryption->engine == VIR_DOMAIN_ENCRYPTION_ENGINE_LIBRBD) {
        if (type != VIR_DOMAIN_SOURCE_TYPE_NETWORK || src->network->protocol != NETWORK(RBD))
            return vir_error_set(error, UNSUPPORTED,
                                 "engine 'librbd' decrypts images of protocol 'rbd' only");
        return TRUE;
    }
    if (encryption->format == VIR_DOMAIN_ENCRYPTION_FORMAT_LUKS2 ||
        encryption->format == VIR_DOMAIN_ENCRYPTION_FORMAT_LUKS_ANY)
        return vir_error_set(error, UNSUPPORTED, "encryption '%s' is known to engine 'librbd' only",
                             format);
    return TRUE;
}

static gboolean
check_labels(const VirDomainSource *src, GError **error)
{
    for (guint i = 0; i < src->n_seclabels; i++) {
        const VirDomainDeviceSeclabel *label = src->seclabels[i];

        if (src->n_seclabels > 1 && !label->model)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "of several labels each needs a model");
        for (guint j = 0; j < i; j++) {
            if (g_strcmp0(src->seclabels[j]->model, label->model) == 0)
                return vir_error_set(error, VIR_ERR_XML_ERROR, "two labels are of model '%s'",
                                     label->model);
        }
        if (label->label && label->relabel == VIR_TRISTATE_NO)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "label '%s' with relabel='no' would never be set", label->label);
    }
    return TRUE;
}

static gboolean
check_source(const VirDomainSource *src, int type, GError **error)
{
    if (type == VIR_DOMAIN_SOURCE_TYPE_NETWORK && !check_network(src->network, error))
        return FALSE;
    if (src->startup_policy &&
        (type == VIR_DOMAIN_SOURCE_TYPE_NETWORK || type == VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "startupPolicy is not for sources of type '%s'",
                             vir_domain_source_type_to_string((guint)type));
    if (src->n_slices > 1)
        return vir_error_set(error, UNSUPPORTED, "an image is one slice of its storage, not %u",
                             src->n_slices);
    if (src->n_slices == 1 && src->slices[0]->size == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a slice of an image has no size");
    return check_auth(src->auth, type == VIR_DOMAIN_SOURCE_TYPE_NETWORK ? src->network : NULL,
                      error) &&
           check_encryption(src->encryption, src, type, error) && check_labels(src, error);
}

/* ---- one disk ---- */

static gboolean
check_volume(const VirDomainSource *src, GError **error)
{
    return !src->volume || (src->volume->pool && src->volume->volume) ||
           vir_error_set(error, VIR_ERR_XML_ERROR,
                         "a source of type 'volume' needs both pool and volume");
}

static gboolean
check_nvme(const VirDomainSourceNvme *nvme, GError **error)
{
    if (!nvme)
        return TRUE;
    if (!nvme->has_namespace || nvme->namespace == 0)
        return vir_error_set(error, nvme->has_namespace ? UNSUPPORTED : VIR_ERR_XML_ERROR,
                             "an NVMe source needs a namespace, from 1 on");
    return nvme->address != NULL ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "an NVMe source has no address");
}

static gboolean
check_reservations(const VirDomainDisk *disk, GError **error)
{
    const VirDomainReservations *reservations = disk->src.reservations;

    if (!reservations)
        return TRUE;
    if (disk->device != VIR_DOMAIN_DISK_DEVICE_LUN)
        return vir_error_set(error, UNSUPPORTED, "reservations are for device 'lun' only");
    if (reservations->managed == VIR_TRISTATE_YES)
        return TRUE;
    return (reservations->source && reservations->source->path) ||
           vir_error_set(error, VIR_ERR_XML_ERROR,
                         "reservations that are not managed need the path of their helper");
}

static gboolean
check_sources(const VirDomainDisk *disk, gboolean empty, GError **error)
{
    const VirDomainBackingStore *store = disk->backing_store;

    if (!empty && !check_source(&disk->src, disk->src.type, error))
        return FALSE;
    if (!check_auth(disk->auth, disk->src.network, error) ||
        !check_encryption(disk->encryption, &disk->src, disk->src.type, error) ||
        !check_volume(&disk->src, error) || !check_nvme(disk->src.nvme, error) ||
        !check_reservations(disk, error))
        return FALSE;
    for (; store && store->src.type; store = store->backing_store) {
        if (!store->format)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "a backing image has no format");
        if (!check_source(&store->src, store->src.type, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_lun(const VirDomainDisk *disk, GError **error)
{
    const VirDomainSource *src = &disk->src;

    if (disk->device != VIR_DOMAIN_DISK_DEVICE_LUN) {
        if (disk->rawio || disk->sgio)
            return vir_error_set(error, UNSUPPORTED, "%s is for device 'lun' only",
                                 disk->rawio ? "rawio" : "sgio");
        return TRUE;
    }
    if (disk->bus != VIR_DOMAIN_DISK_BUS_SCSI && disk->bus != VIR_DOMAIN_DISK_BUS_VIRTIO)
        return vir_error_set(error, UNSUPPORTED, "device 'lun' is not for bus '%s'",
                             vir_domain_disk_bus_to_string(disk->bus));
    if (src->type == VIR_DOMAIN_SOURCE_TYPE_NETWORK
            ? src->network->protocol != NETWORK(ISCSI)
            : src->type != VIR_DOMAIN_SOURCE_TYPE_BLOCK &&
                  src->type != VIR_DOMAIN_SOURCE_TYPE_VOLUME)
        return vir_error_set(error, UNSUPPORTED,
                             "device 'lun' passes a block device or an iSCSI unit on, not a "
                             "source of type '%s'",
                             vir_domain_source_type_to_string(src->type));
    if (disk->wwn || disk->vendor || disk->product)
        return vir_error_set(error, UNSUPPORTED,
                             "device 'lun' tells the guest its own %s, not another one",
                             disk->wwn ? "wwn" : "vendor and product");
    if (disk->sgio == VIR_DOMAIN_DISK_SGIO_UNFILTERED)
        return vir_error_set(error, UNSUPPORTED,
                             "sgio 'unfiltered': no kernel has that any more; rawio gives QEMU "
                             "the right to send any command");
    return TRUE;
}

static gboolean
check_text(const char *what, const char *text, gsize max, GError **error)
{
    if (!text)
        return TRUE;
    for (const char *at = text; *at; at++) {
        if (!g_ascii_isprint(*at))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s is not made of printable ASCII",
                                 what);
    }
    return strlen(text) <= max ||
           vir_error_set(error, UNSUPPORTED, "%s '%s' is longer than %zu characters", what, text,
                         max);
}

static gboolean
check_identity(const VirDomainDisk *disk, GError **error)
{
    gboolean scsi = disk->bus == VIR_DOMAIN_DISK_BUS_SCSI;
    gboolean ata = disk->bus == VIR_DOMAIN_DISK_BUS_IDE || disk->bus == VIR_DOMAIN_DISK_BUS_SATA;
    const char *bus = vir_domain_disk_bus_to_string(disk->bus);

    if (disk->vendor && !scsi)
        return vir_error_set(error, UNSUPPORTED, "bus '%s' tells no vendor", bus);
    if (disk->product && !scsi && !ata)
        return vir_error_set(error, UNSUPPORTED, "bus '%s' tells no product", bus);
    if (disk->wwn && !scsi && disk->bus != VIR_DOMAIN_DISK_BUS_IDE)
        return vir_error_set(error, UNSUPPORTED, "bus '%s' tells no wwn", bus);
    if (!check_text("vendor", disk->vendor, VENDOR_LEN, error) ||
        !check_text("product", disk->product, scsi ? SCSI_PRODUCT_LEN : ATA_PRODUCT_LEN, error))
        return FALSE;
    if (disk->has_rotation_rate && !scsi && !ata)
        return vir_error_set(error, UNSUPPORTED, "bus '%s' tells no rotation rate", bus);
    if (disk->has_rotation_rate && disk->device != VIR_DOMAIN_DISK_DEVICE_DISK)
        return vir_error_set(error, UNSUPPORTED, "only device 'disk' has a rotation rate");
    if (disk->removable && ((disk->bus != VIR_DOMAIN_DISK_BUS_USB && !scsi) ||
                            (scsi && disk->device != VIR_DOMAIN_DISK_DEVICE_DISK)))
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "bus '%s' has no removable devices of this kind; usb has, and disks of "
            "scsi",
            bus);
    return TRUE;
}

static gboolean
check_device(const VirDomainDisk *disk, GError **error)
{
    gboolean floppy = disk->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY;
    gboolean cdrom = disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM;
    const char *bus = vir_domain_disk_bus_to_string(disk->bus);

    if (floppy != (disk->bus == VIR_DOMAIN_DISK_BUS_FDC))
        return vir_error_set(error, UNSUPPORTED, "device '%s' cannot be on bus '%s'",
                             vir_domain_disk_device_to_string(disk->device), bus);
    if (cdrom && (disk->bus == VIR_DOMAIN_DISK_BUS_VIRTIO || disk->bus == VIR_DOMAIN_DISK_BUS_SD))
        return vir_error_set(error, UNSUPPORTED, "bus '%s' has no drives for media", bus);
    if (disk->target_tray == VIR_DOMAIN_DISK_TARGET_TRAY_OPEN && !cdrom && !floppy)
        return vir_error_set(error, UNSUPPORTED, "only a CD-ROM or floppy drive has a tray");
    if (disk->model && disk->bus != VIR_DOMAIN_DISK_BUS_VIRTIO)
        return vir_error_set(error, UNSUPPORTED, "model '%s' is for bus 'virtio', not '%s'",
                             vir_domain_virtio_model_to_string(disk->model), bus);
    if (disk->transient && (disk->readonly || cdrom))
        return vir_error_set(error, UNSUPPORTED,
                             "a transient disk cannot be read-only: there is nothing to drop");
    return TRUE;
}

static gboolean
check_driver(const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    gboolean virtio = disk->bus == VIR_DOMAIN_DISK_BUS_VIRTIO;
    const char *option;

    if (!driver)
        return TRUE;
    option = driver->ioeventfd                                 ? "ioeventfd"
             : driver->event_idx                               ? "event_idx"
             : driver->has_queues                              ? "queues"
             : driver->has_queue_size                          ? "queue_size"
             : driver->iommu                                   ? "iommu"
             : driver->ats                                     ? "ats"
             : driver->packed                                  ? "packed"
             : driver->page_per_vq                             ? "page_per_vq"
             : driver->has_iothread || driver->n_iothreads > 0 ? "iothread"
                                                               : NULL;
    if (option && !virtio)
        return vir_error_set(error, UNSUPPORTED, "driver option '%s' is for bus 'virtio', not '%s'",
                             option, vir_domain_disk_bus_to_string(disk->bus));
    if (driver->has_iothread && driver->n_iothreads > 0)
        return vir_error_set(error, UNSUPPORTED,
                             "a disk has either one I/O thread or a list of them");
    if (driver->copy_on_read == VIR_TRISTATE_ON && disk->readonly)
        return vir_error_set(error, UNSUPPORTED, "copy_on_read cannot be on a read-only disk");
    return TRUE;
}

/*
 * What a disk asks of itself whatever runs the guest: its device and bus, its sources with their
 * servers, accounts, encryption and labels, its limits. VIR_ERR_XML_ERROR,
 * VIR_ERR_CONFIG_UNSUPPORTED.
 */
static gboolean
check_disk(const VirDomainDisk *disk, GError **error)
{
    const VirDomainSource *src = &disk->src;
    gboolean empty = src->type == VIR_DOMAIN_SOURCE_TYPE_NETWORK
                         ? !src->network || !src->network->protocol
                         : !src->path && !src->volume && !src->nvme && !src->vhostuser;

    if (empty && disk->device != VIR_DOMAIN_DISK_DEVICE_CDROM &&
        disk->device != VIR_DOMAIN_DISK_DEVICE_FLOPPY)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "it has no source");
    if (empty && disk->bus == VIR_DOMAIN_DISK_BUS_USB)
        return vir_error_set(error, UNSUPPORTED, "a drive on bus 'usb' cannot be empty");
    return check_device(disk, error) && check_lun(disk, error) && check_identity(disk, error) &&
           check_driver(disk, error) && check_sources(disk, empty, error);
}

/* ---- all of them ---- */

/* Both structs are numbers of one size, and nothing else. */
static gboolean
same_limits(const VirDomainDiskIotune *a, const VirDomainDiskIotune *b)
{
    return memcmp(&a->rates, &b->rates, sizeof(a->rates)) == 0 &&
           memcmp(&a->bursts, &b->bursts, sizeof(a->bursts)) == 0;
}

gboolean
vir_domain_iotune_limits(const VirDomainDiskIotune *tune)
{
    static const VirDomainDiskIotune none;

    return !same_limits(tune, &none);
}

static gboolean
check_limits(const VirDomainRates *rates, GError **error)
{
    const struct {
        guint64 total;
        guint64 read;
        guint64 write;
        const char *what;
    } sets[] = {
        {rates->total_bytes_sec, rates->read_bytes_sec, rates->write_bytes_sec, "bytes_sec"},
        {rates->total_iops_sec, rates->read_iops_sec, rates->write_iops_sec, "iops_sec"},
        {rates->total_bytes_sec_max, rates->read_bytes_sec_max, rates->write_bytes_sec_max,
         "bytes_sec_max"},
        {rates->total_iops_sec_max, rates->read_iops_sec_max, rates->write_iops_sec_max,
         "iops_sec_max"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
        if (sets[i].total && (sets[i].read || sets[i].write))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "total_%s leaves no room for read_%s and write_%s", sets[i].what,
                                 sets[i].what, sets[i].what);
    }
    return TRUE;
}

static gboolean
check_iotune(const VirDomainDef *def, guint i, GError **error)
{
    const VirDomainDisk *disk = def->devices.disks[i];
    const VirDomainDiskIotune *tune = disk->iotune;

    if (!tune)
        return TRUE;
    if (disk->n_throttle_filters > 0)
        return vir_error_set(error, UNSUPPORTED,
                             "disk '%s': iotune and throttlefilters exclude each other",
                             disk->target);
    if (!check_limits(&tune->rates, error)) {
        g_prefix_error(error, "disk '%s': ", disk->target);
        return FALSE;
    }
    if (tune->group_name && !vir_domain_iotune_limits(tune))
        return vir_error_set(error, UNSUPPORTED,
                             "disk '%s': group '%s' of its iotune comes without a limit",
                             disk->target, tune->group_name);
    for (guint j = 0; tune->group_name && j < i; j++) {
        const VirDomainDisk *other = def->devices.disks[j];

        if (other->iotune && g_strcmp0(other->iotune->group_name, tune->group_name) == 0 &&
            !same_limits(other->iotune, tune))
            return vir_error_set(error, UNSUPPORTED,
                                 "disks '%s' and '%s' are in group '%s' with different limits",
                                 other->target, disk->target, tune->group_name);
    }
    return TRUE;
}

static const VirDomainThrottleGroup *
find_group(const VirDomainDef *def, const char *name, guint before)
{
    for (guint i = 0; i < before; i++) {
        if (g_strcmp0(def->throttle_groups[i]->group_name, name) == 0)
            return def->throttle_groups[i];
    }
    return NULL;
}

static gboolean
check_groups(const VirDomainDef *def, GError **error)
{
    for (guint i = 0; i < def->n_throttle_groups; i++) {
        const VirDomainThrottleGroup *group = def->throttle_groups[i];

        if (!group->group_name)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "throttle group %u has no group_name",
                                 i + 1);
        if (find_group(def, group->group_name, i))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "two throttle groups are called '%s'",
                                 group->group_name);
        if (!check_limits(&group->rates, error)) {
            g_prefix_error(error, "throttle group '%s': ", group->group_name);
            return FALSE;
        }
    }
    for (guint i = 0; i < def->devices.n_disks; i++) {
        const VirDomainDisk *disk = def->devices.disks[i];

        for (guint f = 0; f < disk->n_throttle_filters; f++) {
            if (!find_group(def, disk->throttle_filters[f]->group, def->n_throttle_groups))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "disk '%s': there is no throttle group '%s'", disk->target,
                                     disk->throttle_filters[f]->group);
        }
    }
    return TRUE;
}

/* A label that the guest's own rules forbid to be made up must be given. */
static gboolean
check_override(const VirDomainDef *def, const VirDomainDisk *disk, GError **error)
{
    for (guint i = 0; i < disk->src.n_seclabels; i++) {
        const VirDomainDeviceSeclabel *label = disk->src.seclabels[i];

        if (label->relabel != VIR_TRISTATE_YES || label->label)
            continue;
        for (guint j = 0; j < def->n_seclabels; j++) {
            if (def->seclabels[j]->relabel == VIR_TRISTATE_NO && label->model &&
                g_strcmp0(def->seclabels[j]->model, label->model) == 0)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "disk '%s': a label of model '%s' is to be set, and neither "
                                     "the disk nor the guest says which",
                                     disk->target, label->model);
        }
    }
    return TRUE;
}

gboolean
vir_domain_disks_check_twice(const VirDomainDef *def, GError **error)
{
    for (guint i = 0; i < def->devices.n_disks; i++) {
        const VirDomainDisk *disk = def->devices.disks[i];
        const char *what = disk->auth && disk->src.auth               ? "auth"
                           : disk->encryption && disk->src.encryption ? "encryption"
                                                                      : NULL;

        if (what)
            return vir_error_set(error, UNSUPPORTED,
                                 "disk '%s': both the disk and its source have <%s>", disk->target,
                                 what);
    }
    return TRUE;
}

gboolean
vir_domain_disks_check(const VirDomainDef *def, GError **error)
{
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (!check_disk(def->devices.disks[i], error)) {
            g_prefix_error(error, "disk '%s': ", def->devices.disks[i]->target);
            return FALSE;
        }
        if (!check_iotune(def, i, error) || !check_override(def, def->devices.disks[i], error))
            return FALSE;
    }
    return check_groups(def, error);
}
