/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-chain.h"
#include "disk-nodes.h"
#include "vir-domain-disk.h"
#include "vir-domain-iothread.h"
#include "vir-error.h"
#include <string.h>

#define UNSUPPORTED VIR_ERR_CONFIG_UNSUPPORTED
#define NETWORK(name) VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_##name

/* Larger ones overflow in QEMU. */
#define MAX_LIMIT G_GUINT64_CONSTANT(1000000000000000)

/* ---- images ---- */

static gboolean
can_have_backing(int format)
{
    switch (format) {
    case VIR_DOMAIN_IMAGE_FORMAT_QCOW:
    case VIR_DOMAIN_IMAGE_FORMAT_QCOW2:
    case VIR_DOMAIN_IMAGE_FORMAT_QED:
    case VIR_DOMAIN_IMAGE_FORMAT_VMDK:
        return TRUE;
    default:
        return FALSE;
    }
}

/* A network image without its protocol, which no default stands for. */
static gboolean
lacks_protocol(const VirDomainSource *src)
{
    return src->type == VIR_DOMAIN_SOURCE_TYPE_NETWORK &&
           (!src->network || !src->network->protocol);
}

static gboolean
check_format(const VirImage *image, GError **error)
{
    const char *name = vir_domain_image_format_to_string((guint)image->format);
    gboolean dir = image->src->type == VIR_DOMAIN_SOURCE_TYPE_DIR;

    switch (image->format) {
    case VIR_DOMAIN_IMAGE_FORMAT_COW:
        return vir_error_set(error, UNSUPPORTED, "no QEMU reads images of format 'cow'");
    case VIR_DOMAIN_IMAGE_FORMAT_DIR:
        return vir_error_set(error, UNSUPPORTED,
                             "'dir' is no format of an image; a source of type 'dir' is a folder");
    case VIR_DOMAIN_IMAGE_FORMAT_LUKS:
        return vir_error_set(error, UNSUPPORTED,
                             "'luks' is no format of an image: it is 'raw', with "
                             "<encryption format='luks'>");
    case VIR_DOMAIN_IMAGE_FORMAT_NONE:
    case VIR_DOMAIN_IMAGE_FORMAT_AIO:
        return vir_error_set(error, UNSUPPORTED, "'%s' is no format of an image", name);
    case VIR_DOMAIN_IMAGE_FORMAT_ISO:
        return vir_error_set(error, UNSUPPORTED,
                             "QEMU knows no format 'iso'; such an image is 'raw'");
    default:
        break;
    }
    if (image->src->network &&
        image->src->network->protocol == VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_SHEEPDOG)
        return vir_error_set(error, UNSUPPORTED, "QEMU knows no 'sheepdog' any more");
    if (dir && image->format != VIR_DOMAIN_IMAGE_FORMAT_FAT)
        return vir_error_set(error, UNSUPPORTED, "a folder has format 'fat', not '%s'", name);
    if (dir && !image->readonly)
        return vir_error_set(error, UNSUPPORTED, "a folder can be given to read only");
    if (!dir && image->format == VIR_DOMAIN_IMAGE_FORMAT_FAT)
        return vir_error_set(error, UNSUPPORTED, "format 'fat' is for a source of type 'dir'");
    if (image->metadata_cache && image->format != VIR_DOMAIN_IMAGE_FORMAT_QCOW2)
        return vir_error_set(error, UNSUPPORTED, "a metadata cache is for format 'qcow2', not '%s'",
                             name);
    if (image->src->data_store && image->format != VIR_DOMAIN_IMAGE_FORMAT_QCOW2)
        return vir_error_set(error, UNSUPPORTED, "a data store is for format 'qcow2', not '%s'",
                             name);
    if ((image->src->data_store && lacks_protocol(&image->src->data_store->src)) ||
        (image->beneath && lacks_protocol(&image->beneath->src)))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a <source> of type 'network' needs @protocol, in <dataStore> and "
                             "<backingStore> too");
    if (image->beneath && image->beneath->src.type && !can_have_backing(image->format))
        return vir_error_set(error, UNSUPPORTED, "an image of format '%s' has nothing beneath it",
                             name);
    return TRUE;
}

static gboolean
check_encryption(const VirModel *model, const VirImage *image, GError **error)
{
    const VirDomainEncryption *encryption = image->encryption;

    if (!encryption)
        return TRUE;
    if (encryption->engine == VIR_DOMAIN_ENCRYPTION_ENGINE_LIBRBD) {
        if (!vir_model_needs(model, VIR_QEMU_CAPS_RBD_ENCRYPTION, error, "encryption by librbd"))
            return FALSE;
        if (encryption->format == VIR_DOMAIN_ENCRYPTION_FORMAT_LUKS_ANY &&
            !vir_model_needs(model, VIR_QEMU_CAPS_RBD_ENCRYPTION_LUKS_ANY, error,
                             "encryption 'luks-any'"))
            return FALSE;
        return encryption->n_secrets < 2 ||
               vir_model_needs(model, VIR_QEMU_CAPS_RBD_ENCRYPTION_LAYERING, error,
                               "encryption in layers");
    }
    if (encryption->format != VIR_DOMAIN_ENCRYPTION_FORMAT_LUKS)
        return vir_error_set(error, UNSUPPORTED,
                             "the encryption that qcow2 once had is not supported; 'luks' is");
    if (image->format != VIR_DOMAIN_IMAGE_FORMAT_RAW &&
        image->format != VIR_DOMAIN_IMAGE_FORMAT_QCOW2)
        return vir_error_set(error, UNSUPPORTED,
                             "images of format 'raw' and 'qcow2' can be encrypted, not '%s'",
                             vir_domain_image_format_to_string((guint)image->format));
    return encryption->n_secrets == 1 ||
           vir_error_set(error, UNSUPPORTED, "encryption by QEMU takes one secret, not %u",
                         encryption->n_secrets);
}

static gboolean
check_protocol(const VirModel *model, const VirDomainSourceNetwork *network, GError **error)
{
    switch (network->protocol) {
    case NETWORK(TFTP):
    case NETWORK(VXHS):
        return vir_error_set(error, UNSUPPORTED, "this QEMU does not know the protocol '%s'",
                             vir_domain_source_network_protocol_to_string(network->protocol));
    case NETWORK(NBD):
        if (network->tls_hostname &&
            !vir_model_needs(model, VIR_QEMU_CAPS_BLOCKDEV_NBD_TLS_HOSTNAME, error,
                             "another host name in the server's certificate (tlsHostname)"))
            return FALSE;
        return network->tls != VIR_TRISTATE_YES ||
               vir_model_needs(model, VIR_QEMU_CAPS_NBD_TLS, error, "TLS of NBD");
    default:
        return TRUE;
    }
}

typedef struct {
    const VirModel *model;
    GError **error;
    gboolean ok;
} Pass;

static void
check_image(const VirImage *image, void *opaque)
{
    Pass *pass = opaque;
    const VirDomainSource *src = image->src;
    GError **error = pass->error;

    if (!pass->ok)
        return;
    pass->ok = check_format(image, error) && check_encryption(pass->model, image, error);
    if (pass->ok && src->type == VIR_DOMAIN_SOURCE_TYPE_NETWORK && src->network &&
        src->network->protocol)
        pass->ok = check_protocol(pass->model, src->network, error);
    if (pass->ok && src->type == VIR_DOMAIN_SOURCE_TYPE_NVME)
        pass->ok = vir_model_needs(pass->model, VIR_QEMU_CAPS_DRIVE_NVME, error, "images on NVMe");
    if (pass->ok && src->type == VIR_DOMAIN_SOURCE_TYPE_VHOSTVDPA)
        pass->ok = vir_model_needs(pass->model, VIR_QEMU_CAPS_DEVICE_VIRTIO_BLK_VHOST_VDPA, error,
                                   "vhost-vdpa");
}

/* ---- the device ---- */

static gboolean
check_target(const VirDomainDisk *disk, GError **error)
{
    const char *end = disk->target + strlen(disk->target);

    if (end > disk->target && g_ascii_isdigit(end[-1]) && vir_domain_disk_index(disk->target) >= 0)
        return vir_error_set(error, UNSUPPORTED, "the target is a whole disk, not a partition");
    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_XEN:
    case VIR_DOMAIN_DISK_BUS_UML:
    case VIR_DOMAIN_DISK_BUS_NVME:
        return vir_error_set(error, UNSUPPORTED, "QEMU has no disks on bus '%s'",
                             vir_domain_disk_bus_to_string(disk->bus));
    default:
        return TRUE;
    }
}

static gboolean
is_drive_bus(int bus)
{
    return bus == VIR_DOMAIN_DISK_BUS_IDE || bus == VIR_DOMAIN_DISK_BUS_SCSI ||
           bus == VIR_DOMAIN_DISK_BUS_SATA || bus == VIR_DOMAIN_DISK_BUS_FDC;
}

gboolean
vir_check_drive(const VirModel *model, int bus, const VirDomainAddress *address, GError **error)
{
    const VirDomainController *controller;

    if (!address)
        return TRUE;
    if (bus != VIR_DOMAIN_DISK_BUS_IDE && address->bus != 0)
        return vir_error_set(error, UNSUPPORTED, "controllers of bus '%s' have one bus, number 0",
                             vir_domain_disk_bus_to_string(bus));
    if (bus != VIR_DOMAIN_DISK_BUS_SCSI)
        return address->target == 0 ||
               vir_error_set(error, UNSUPPORTED, "on bus '%s' the target of an address is 0",
                             vir_domain_disk_bus_to_string(bus));
    controller = vir_domain_controller_find(model->def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI,
                                            address->controller);
    return address->target == 0 || !vir_domain_controller_is_parallel_scsi(controller) ||
           vir_error_set(error, UNSUPPORTED,
                         "with controller model '%s' the target of an address is 0",
                         vir_domain_controller_model_to_string(controller->model));
}

static gboolean
check_address(const VirModel *model, const VirDomainDisk *disk, GError **error)
{
    return !is_drive_bus(disk->bus) || vir_check_drive(model, disk->bus, disk->info.address, error);
}

static gboolean
check_geometry(const VirDomainDisk *disk, GError **error)
{
    if (!disk->geometry)
        return TRUE;
    if (disk->bus == VIR_DOMAIN_DISK_BUS_USB || disk->bus == VIR_DOMAIN_DISK_BUS_SD)
        return vir_error_set(error, UNSUPPORTED, "bus '%s' tells no geometry",
                             vir_domain_disk_bus_to_string(disk->bus));
    return !disk->geometry->trans || disk->bus == VIR_DOMAIN_DISK_BUS_IDE ||
           vir_error_set(error, UNSUPPORTED, "the translation of a geometry is for bus 'ide'");
}

/* QEMU splits values at commas here and there, and guests do not expect more. */
static gboolean
check_serial(const VirDomainDisk *disk, GError **error)
{
    if (!disk->serial)
        return TRUE;
    if (strspn(disk->serial, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "_-.+ ") != strlen(disk->serial))
        return vir_error_set(error, UNSUPPORTED,
                             "serial '%s': letters, digits, '_', '-', '.', '+' and blanks can be "
                             "in it",
                             disk->serial);
    return disk->device != VIR_DOMAIN_DISK_DEVICE_LUN || disk->bus != VIR_DOMAIN_DISK_BUS_SCSI ||
           vir_error_set(error, UNSUPPORTED, "device 'lun' tells the guest its own serial");
}

static gboolean
check_iothread_list(const VirModel *model, const VirDomainDiskDriver *driver, GError **error)
{
    g_autoptr(GHashTable) queues = g_hash_table_new(NULL, NULL);
    guint mapped = 0;

    if (driver->n_iothreads == 0)
        return TRUE;
    if (!vir_model_needs(model, VIR_QEMU_CAPS_VIRTIO_BLK_IOTHREAD_MAPPING, error,
                         "several I/O threads of a disk"))
        return FALSE;
    for (guint i = 0; i < driver->n_iothreads; i++) {
        const VirDomainDiskIothread *thread = driver->iothreads[i];

        if (!vir_domain_has_iothread(model->def, thread->id))
            return vir_error_set(error, UNSUPPORTED, "there is no I/O thread %u", thread->id);
        for (guint j = 0; j < i; j++) {
            if (driver->iothreads[j]->id == thread->id)
                return vir_error_set(error, UNSUPPORTED, "I/O thread %u is listed twice",
                                     thread->id);
        }
        mapped += thread->n_queues > 0 ? 1 : 0;
        for (guint q = 0; q < thread->n_queues; q++) {
            guint id = thread->queues[q]->id;

            if (!driver->has_queues || id >= driver->queues)
                return vir_error_set(error, UNSUPPORTED,
                                     "I/O thread %u serves queue %u, and queues are %u", thread->id,
                                     id, driver->queues);
            if (!g_hash_table_add(queues, GUINT_TO_POINTER(id)))
                return vir_error_set(error, UNSUPPORTED, "queue %u is served by two I/O threads",
                                     id);
        }
    }
    if (mapped > 0 && (mapped < driver->n_iothreads || g_hash_table_size(queues) < driver->queues))
        return vir_error_set(error, UNSUPPORTED,
                             "where one I/O thread has a list of queues all need one, and every "
                             "queue must be in it");
    return TRUE;
}

static gboolean
check_driver(const VirModel *model, const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    const VirDiskCache *cache = vir_disk_cache(disk);

    if (g_strcmp0(driver->name, "qemu") != 0)
        return vir_error_set(error, UNSUPPORTED, "driver name '%s' is not 'qemu'", driver->name);
    if (driver->io == VIR_DOMAIN_DISK_DRIVER_IO_NATIVE && (!cache || !cache->direct))
        return vir_error_set(error, UNSUPPORTED, "io 'native' needs cache 'none' or 'directsync'");
    if (driver->has_iothread && !vir_domain_has_iothread(model->def, driver->iothread))
        return vir_error_set(error, UNSUPPORTED, "there is no I/O thread %u", driver->iothread);
    if (driver->discard_no_unref == VIR_TRISTATE_ON) {
        if (driver->format != VIR_DOMAIN_IMAGE_FORMAT_QCOW2)
            return vir_error_set(error, UNSUPPORTED, "discard_no_unref is for format 'qcow2'");
        if (!vir_model_needs(model, VIR_QEMU_CAPS_QCOW2_DISCARD_NO_UNREF, error,
                             "discard_no_unref"))
            return FALSE;
    }
    return check_iothread_list(model, driver, error);
}

/** What devices of a kind, or on a bus, do not do. */
static gboolean
check_kind(const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    gboolean plain = disk->device == VIR_DOMAIN_DISK_DEVICE_DISK;
    gboolean floppy = disk->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY;
    gboolean sd = disk->bus == VIR_DOMAIN_DISK_BUS_SD;
    const VirModelPart parts[] = {
        {disk->readonly && plain && disk->bus == VIR_DOMAIN_DISK_BUS_IDE,
         "disks on bus 'ide' are not read-only, CD-ROMs are"},
        {disk->readonly && plain && disk->bus == VIR_DOMAIN_DISK_BUS_SATA,
         "disks on bus 'sata' are not read-only, CD-ROMs are"},
        {disk->transient && floppy, "floppies are not transient, disks can be"},
        {driver->copy_on_read == VIR_TRISTATE_ON && floppy,
         "copy_on_read is not for media that can be changed"},
        {driver->copy_on_read == VIR_TRISTATE_ON && disk->device == VIR_DOMAIN_DISK_DEVICE_LUN,
         "copy_on_read is not for device 'lun', whose blocks the guest itself addresses"},
        {driver->discard_no_unref == VIR_TRISTATE_ON && disk->readonly,
         "discard_no_unref is not for what is read-only"},
        {disk->serial && sd, "bus 'sd' tells no serial"},
        {disk->iotune && sd, "bus 'sd' has no limits (iotune)"},
    };
    const char *refused = vir_model_refused(parts, G_N_ELEMENTS(parts));

    return !refused || vir_error_set(error, UNSUPPORTED, "%s", refused);
}

static gboolean
check_use(const VirModel *model, const VirDomainDisk *disk, GError **error)
{
    int type = disk->src.type;

    if (disk->shareable && disk->driver->format != VIR_DOMAIN_IMAGE_FORMAT_RAW)
        return vir_error_set(error, UNSUPPORTED,
                             "guests can share images of format 'raw' only, not '%s'",
                             vir_domain_image_format_to_string(disk->driver->format));
    if (disk->device == VIR_DOMAIN_DISK_DEVICE_LUN &&
        disk->driver->format != VIR_DOMAIN_IMAGE_FORMAT_RAW)
        return vir_error_set(error, UNSUPPORTED, "device 'lun' must have format 'raw'");
    if (disk->device == VIR_DOMAIN_DISK_DEVICE_LUN && disk->bus == VIR_DOMAIN_DISK_BUS_VIRTIO &&
        !vir_model_needs(model, VIR_QEMU_CAPS_VIRTIO_BLK_SCSI, error,
                         "device 'lun' on bus 'virtio'"))
        return FALSE;
    if (disk->transient && type != VIR_DOMAIN_SOURCE_TYPE_FILE)
        return vir_error_set(error, UNSUPPORTED,
                             "only a disk of type 'file' can be transient, not '%s'",
                             vir_domain_source_type_to_string((guint)type));
    if (disk->transient && disk->transient_share_backing == VIR_TRISTATE_YES &&
        disk->bus != VIR_DOMAIN_DISK_BUS_VIRTIO && disk->bus != VIR_DOMAIN_DISK_BUS_USB &&
        disk->bus != VIR_DOMAIN_DISK_BUS_SCSI)
        return vir_error_set(error, UNSUPPORTED,
                             "a transient disk on bus '%s' cannot share its image: it cannot be "
                             "plugged in later",
                             vir_domain_disk_bus_to_string(disk->bus));
    if (type == VIR_DOMAIN_SOURCE_TYPE_VHOSTVDPA &&
        (!vir_disk_cache(disk) || !vir_disk_cache(disk)->direct))
        return vir_error_set(error, UNSUPPORTED,
                             "a source of type 'vhostvdpa' needs cache 'none' or 'directsync'");
    return TRUE;
}

/* The program at the other end of the socket is the device: nothing of it is ours to set. */
static gboolean
check_vhost_user(const VirModel *model, const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    const VirModelPart parts[] = {
        {disk->backing_store != NULL, "backingStore"},
        {disk->encryption || disk->src.encryption, "encryption"},
        {disk->iotune != NULL || disk->n_throttle_filters > 0, "limits"},
        {disk->serial != NULL, "serial"},
        {disk->geometry != NULL, "geometry"},
        {disk->blockio != NULL, "blockio"},
        {disk->shareable, "shareable"},
        {disk->readonly, "readonly"},
        {disk->transient, "transient"},
        {disk->snapshot && disk->snapshot != VIR_DOMAIN_DISK_SNAPSHOT_NO, "snapshot"},
        {disk->removable != 0, "removable"},
        {disk->wwn != NULL, "wwn"},
        {driver->cache != 0, "cache"},
        {driver->error_policy != 0, "error_policy"},
        {driver->rerror_policy != 0, "rerror_policy"},
        {driver->io != 0, "io"},
        {driver->ioeventfd != 0, "ioeventfd"},
        {driver->copy_on_read != 0, "copy_on_read"},
        {driver->discard != 0, "discard"},
        {driver->has_iothread || driver->n_iothreads > 0, "iothread"},
        {driver->detect_zeroes != 0, "detect_zeroes"},
    };
    const char *refused = vir_model_refused(parts, G_N_ELEMENTS(parts));

    if (disk->src.type != VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER)
        return TRUE;
    if (disk->bus != VIR_DOMAIN_DISK_BUS_VIRTIO)
        return vir_error_set(error, UNSUPPORTED, "type 'vhostuser' is for bus 'virtio'");
    if (refused)
        return vir_error_set(error, UNSUPPORTED, "type 'vhostuser' cannot have %s", refused);
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VHOST_USER_BLK, error, "vhost-user disks") &&
           vir_check_shared_memory(model, "type 'vhostuser'", error);
}

static gboolean
check_limits(const VirDomainRates *rates, GError **error)
{
    const guint64 values[] = {
        rates->total_bytes_sec,     rates->read_bytes_sec,     rates->write_bytes_sec,
        rates->total_iops_sec,      rates->read_iops_sec,      rates->write_iops_sec,
        rates->total_bytes_sec_max, rates->read_bytes_sec_max, rates->write_bytes_sec_max,
        rates->total_iops_sec_max,  rates->read_iops_sec_max,  rates->write_iops_sec_max,
        rates->size_iops_sec,
    };

    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        if (values[i] > MAX_LIMIT)
            return vir_error_set(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                                 "limit %" G_GUINT64_FORMAT " is above %" G_GUINT64_FORMAT,
                                 values[i], MAX_LIMIT);
    }
    return TRUE;
}

static gboolean
check_disk(const VirModel *model, VirDomainDisk *disk, GError **error)
{
    Pass pass = {model, error, TRUE};

    if (!check_target(disk, error) || !check_address(model, disk, error) ||
        !check_geometry(disk, error) || !check_serial(disk, error) || !check_kind(disk, error) ||
        !check_driver(model, disk, error) || !check_use(model, disk, error) ||
        !check_vhost_user(model, disk, error) ||
        (disk->iotune && !check_limits(&disk->iotune->rates, error)))
        return FALSE;
    if (!vir_disk_is_empty(disk))
        vir_disk_each_image(disk, check_image, &pass);
    return pass.ok;
}

gboolean
vir_check_disks(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    if (!vir_domain_disks_check(def, error))
        return FALSE;
    for (guint i = 0; i < def->n_throttle_groups; i++) {
        if (!check_limits(&def->throttle_groups[i]->rates, error)) {
            g_prefix_error(error, "throttle group '%s': ", def->throttle_groups[i]->group_name);
            return FALSE;
        }
    }
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (!check_disk(model, def->devices.disks[i], error)) {
            g_prefix_error(error, "disk '%s': ", def->devices.disks[i]->target);
            return FALSE;
        }
    }
    return TRUE;
}
