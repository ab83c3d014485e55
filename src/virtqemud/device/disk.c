/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include "vir-file.h"
#include <fcntl.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>

/* What a cache mode means for the layers of a disk. */
static const struct {
    int mode;
    const char *write_cache; /* of the guest's device */
    gboolean direct;
    gboolean no_flush;
} caches[] = {
    {VIR_DOMAIN_DISK_DRIVER_CACHE_NONE, "on", TRUE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_WRITETHROUGH, "off", FALSE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_WRITEBACK, "on", FALSE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_DIRECTSYNC, "off", TRUE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_UNSAFE, "on", FALSE, TRUE},
};

static int
find_cache(const VirDomainDisk *disk)
{
    for (gsize i = 0; disk->driver && i < G_N_ELEMENTS(caches); i++) {
        if (caches[i].mode == disk->driver->cache)
            return (int)i;
    }
    return -1;
}

static json_object *
cache_props(const VirDomainDisk *disk)
{
    int i = find_cache(disk);

    return i < 0 ? NULL
                 : vir_props_new("b:direct", caches[i].direct, "b:no-flush", caches[i].no_flush,
                                 NULL);
}

static const char *
io_name(const VirDomainDisk *disk)
{
    return disk->driver && disk->driver->io ? vir_domain_disk_driver_io_to_string(disk->driver->io)
                                            : NULL;
}

/* Formats that have a driver of the same name; "raw" needs none. */
static const char *
format_driver(int format)
{
    switch (format) {
    case VIR_DOMAIN_IMAGE_FORMAT_FAT:
        return "vvfat";
    case VIR_DOMAIN_IMAGE_FORMAT_ISO:
        return "raw";
    default:
        return vir_domain_image_format_to_string(format);
    }
}

static gboolean
is_raw(int format)
{
    return format == VIR_DOMAIN_IMAGE_FORMAT_UNSET || format == VIR_DOMAIN_IMAGE_FORMAT_RAW ||
           format == VIR_DOMAIN_IMAGE_FORMAT_NONE;
}

/* Whether a device of the host is a CD-ROM drive, not merely one that holds an image of a disc. */
static gboolean
is_drive(const char *path)
{
    VIR_AUTOCLOSE fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    return fd >= 0 && ioctl(fd, CDROM_GET_CAPABILITY, 0) >= 0;
}

/* The node that reads the bytes. */
static json_object *
storage_props(const VirArgv *argv, const VirDomainDisk *disk, const VirDomainSource *src,
              const char *node, gboolean raw, gboolean readonly, GError **error)
{
    const char *driver = "file";
    json_object *props;

    if (src->type == VIR_DOMAIN_SOURCE_TYPE_BLOCK) {
        driver = disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM && is_drive(src->path)
                     ? "host_cdrom"
                     : "host_device";
    } else if (src->type != VIR_DOMAIN_SOURCE_TYPE_FILE) {
        vir_argv_unsupported(argv, error, "/domain/devices/disk[@dev='%s']/@type '%s'",
                             disk->target, vir_domain_source_type_to_string(src->type));
        return NULL;
    }
    if (src->encryption || src->reservations || src->n_slices || src->data_store || src->fdgroup) {
        vir_argv_unsupported(argv, error, "/domain/devices/disk[@dev='%s']/source/%s", disk->target,
                             src->encryption     ? "encryption"
                             : src->reservations ? "reservations"
                             : src->n_slices     ? "slices"
                             : src->data_store   ? "dataStore"
                                                 : "@fdgroup");
        return NULL;
    }
    props = vir_props_new("s:driver", driver, "s:filename", src->path, "S:aio", io_name(disk),
                          "s:node-name", node, NULL);
    /* A node above decides whether it writes; a lone one must say it itself. */
    if (raw)
        vir_props_add(props, "b:read-only", readonly, NULL);
    else
        vir_props_add(props, "b:auto-read-only", TRUE, NULL);
    if (!raw || (disk->driver && disk->driver->discard == VIR_DOMAIN_DISK_DRIVER_DISCARD_UNMAP))
        vir_props_add(props, "s:discard", "unmap", NULL);
    else if (disk->driver && disk->driver->discard)
        vir_props_add(props, "s:discard", "ignore", NULL);
    if (raw && disk->driver && disk->driver->detect_zeroes)
        vir_props_add(props, "s:detect-zeroes",
                      vir_domain_disk_driver_detect_zeroes_to_string(disk->driver->detect_zeroes),
                      NULL);
    vir_props_add(props, "a:cache", cache_props(disk), NULL);
    return props;
}

static json_object *
format_props(const VirDomainDisk *disk, int format, const char *node, const char *storage,
             const char *backing, gboolean ends, gboolean readonly)
{
    json_object *props =
        vir_props_new("s:node-name", node, "b:read-only", readonly, "a:cache", cache_props(disk),
                      "s:driver", format_driver(format), "s:file", storage, NULL);

    if (disk->driver && disk->driver->discard)
        vir_props_add(props, "s:discard",
                      vir_domain_disk_driver_discard_to_string(disk->driver->discard), NULL);
    if (disk->driver && disk->driver->detect_zeroes)
        vir_props_add(props, "s:detect-zeroes",
                      vir_domain_disk_driver_detect_zeroes_to_string(disk->driver->detect_zeroes),
                      NULL);
    if (disk->driver && disk->driver->discard_no_unref)
        vir_props_add(props, "t:discard-no-unref", disk->driver->discard_no_unref, NULL);
    if (backing)
        vir_props_add(props, "s:backing", backing, NULL);
    else if (ends)
        json_object_object_add(props, "backing", NULL);
    return props;
}

/* The nodes of one image, what is beneath it first. *@node: number of the next one. */
static gboolean
add_image(VirArgv *argv, const VirDomainDisk *disk, const VirDomainSource *src, int format,
          const VirDomainBackingStore *beneath, guint *node, gboolean readonly, char **top,
          GError **error)
{
    g_autofree char *storage = g_strdup_printf("libvirt-%u-storage", *node);
    g_autofree char *name = g_strdup_printf("libvirt-%u-format", *node);
    g_autofree char *backing = NULL;
    gboolean raw = is_raw(format);
    json_object *props;

    (*node)++;
    if (beneath && beneath->src.type &&
        !add_image(argv, disk, &beneath->src, beneath->format, beneath->backing_store, node, TRUE,
                   &backing, error))
        return FALSE;
    props = storage_props(argv, disk, src, storage, raw, readonly, error);
    if (!props)
        return FALSE;
    vir_argv_add_props(argv, "-blockdev", props);
    if (!raw)
        vir_argv_add_props(argv, "-blockdev",
                           format_props(disk, format, name, storage, backing,
                                        beneath && !beneath->src.type, readonly));
    *top = g_strdup(raw ? storage : name);
    return TRUE;
}

static gboolean
is_empty(const VirDomainDisk *disk)
{
    return !disk->src.path;
}

static guint
chain_length(const VirDomainDisk *disk)
{
    const VirDomainBackingStore *beneath = disk->backing_store;
    guint n = is_empty(disk) ? 0 : 1;

    for (; beneath && beneath->src.type; beneath = beneath->backing_store)
        n++;
    return n;
}

static char *
drive_bus(const VirArgv *argv, const VirDomainDisk *disk, int type, const char *fallback)
{
    const VirDomainAddress *address = disk->info.address;
    const VirDomainController *controller =
        vir_def_controller(argv->def, type, address ? address->controller : 0);

    return g_strdup(controller && controller->info.alias ? controller->info.alias : fallback);
}

/* The guest's device of a drive on a bus of drives. */
static json_object *
drive_props(const VirArgv *argv, const VirDomainDisk *disk, GError **error)
{
    const VirDomainAddress *address = disk->info.address;
    gboolean cdrom = disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM;
    g_autofree char *alias = NULL;
    g_autofree char *bus = NULL;
    json_object *props;

    if (!address || address->type != VIR_DOMAIN_ADDRESS_TYPE_DRIVE) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': disk '%s' has no drive address",
                      argv->def->name, disk->target);
        return NULL;
    }
    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_IDE:
        alias = drive_bus(argv, disk, VIR_DOMAIN_CONTROLLER_TYPE_IDE, "ide");
        bus = g_strdup_printf("%s.%u", alias, address->bus);
        return vir_props_new("s:driver", cdrom ? "ide-cd" : "ide-hd", "s:bus", bus, "u:unit",
                             (guint64)address->unit, NULL);
    case VIR_DOMAIN_DISK_BUS_SATA:
        alias = drive_bus(argv, disk, VIR_DOMAIN_CONTROLLER_TYPE_SATA, "ide");
        bus = g_strdup_printf("%s.%u", alias, address->unit);
        return vir_props_new("s:driver", cdrom ? "ide-cd" : "ide-hd", "s:bus", bus, NULL);
    case VIR_DOMAIN_DISK_BUS_FDC:
        alias = drive_bus(argv, disk, VIR_DOMAIN_CONTROLLER_TYPE_FDC, "fdc0");
        bus = g_strdup("floppy-bus.0");
        return vir_props_new("s:driver", "floppy", "u:unit", (guint64)address->unit, NULL);
    default:
        break;
    }
    alias = drive_bus(argv, disk, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, "scsi0");
    bus = g_strdup_printf("%s.0", alias);
    props = vir_props_new("s:driver",
                          disk->device == VIR_DOMAIN_DISK_DEVICE_LUN ? "scsi-block"
                          : cdrom                                    ? "scsi-cd"
                                                                     : "scsi-hd",
                          "s:bus", bus, NULL);
    vir_props_add(props, "u:channel", (guint64)address->bus, "u:scsi-id", (guint64)address->target,
                  "u:lun", (guint64)address->unit, NULL);
    return props;
}

/* LSI adapters have one channel and no units: the unit is the target. */
static void
fix_lsi(const VirArgv *argv, const VirDomainDisk *disk, json_object *props)
{
    const VirDomainAddress *address = disk->info.address;
    const VirDomainController *controller =
        disk->bus == VIR_DOMAIN_DISK_BUS_SCSI
            ? vir_def_controller(argv->def, VIR_DOMAIN_CONTROLLER_TYPE_SCSI, address->controller)
            : NULL;

    if (!controller || controller->model != VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC)
        return;
    json_object_object_del(props, "channel");
    json_object_object_del(props, "lun");
    vir_props_add(props, "u:scsi-id", (guint64)address->unit, NULL);
}

static json_object *
start_props(const VirArgv *argv, const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    g_autofree char *name = NULL;
    json_object *props;

    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_VIRTIO:
        name = vir_props_virtio_name("virtio-blk", disk);
        props = vir_props_new("s:driver", name, NULL);
        if (driver) {
            vir_props_add_virtio(props, driver, );
            vir_props_add(props, "t:ioeventfd", driver->ioeventfd, "t:event_idx", driver->event_idx,
                          "U:num-queues", (guint64)driver->queues, "U:queue-size",
                          (guint64)driver->queue_size, NULL);
        }
        break;
    case VIR_DOMAIN_DISK_BUS_USB:
        props = vir_props_new("s:driver", "usb-storage", NULL);
        break;
    case VIR_DOMAIN_DISK_BUS_IDE:
    case VIR_DOMAIN_DISK_BUS_SATA:
    case VIR_DOMAIN_DISK_BUS_FDC:
    case VIR_DOMAIN_DISK_BUS_SCSI:
        props = drive_props(argv, disk, error);
        if (props)
            fix_lsi(argv, disk, props);
        return props;
    default:
        vir_argv_unsupported(argv, error, "/domain/devices/disk[@dev='%s']/target/@bus '%s'",
                             disk->target, vir_domain_disk_bus_to_string(disk->bus));
        return NULL;
    }
    if (!vir_props_add_info(props, argv->def, &disk->info, error)) {
        json_object_put(props);
        return NULL;
    }
    return props;
}

static void
add_errors(json_object *props, const VirDomainDisk *disk)
{
    const VirDomainDiskDriver *driver = disk->driver;
    const char *werror = NULL;
    const char *rerror = NULL;

    if (!driver)
        return;
    if (driver->error_policy == VIR_DOMAIN_DISK_DRIVER_ERROR_POLICY_ENOSPACE)
        werror = "enospc";
    else if (driver->error_policy)
        werror = vir_domain_disk_driver_error_policy_to_string(driver->error_policy);
    /* Without a policy of its own, reading follows writing; there is no lack of space in reading.
     */
    if (driver->rerror_policy)
        rerror = vir_domain_disk_driver_rerror_policy_to_string(driver->rerror_policy);
    else if (driver->error_policy &&
             driver->error_policy != VIR_DOMAIN_DISK_DRIVER_ERROR_POLICY_ENOSPACE)
        rerror = werror;
    vir_props_add(props, "S:werror", werror, "S:rerror", rerror, NULL);
}

static json_object *
disk_device_props(const VirArgv *argv, const VirDomainDisk *disk, const char *node, GError **error)
{
    guint boot = vir_argv_bootindex(argv, &disk->info, disk->boot_order, disk->has_boot_order);
    json_object *props = start_props(argv, disk, error);
    int cache = find_cache(disk);

    if (!props)
        return NULL;
    if (disk->bus == VIR_DOMAIN_DISK_BUS_SCSI && disk->device != VIR_DOMAIN_DISK_DEVICE_LUN) {
        g_autofree char *id =
            disk->serial ? g_strdup(disk->serial) : g_strconcat("drive-", disk->info.alias, NULL);

        vir_props_add(props, "s:device_id", id, NULL);
    }
    if (disk->shareable)
        vir_props_add(props, "b:share-rw", TRUE, NULL);
    /* The boot order of floppies is the controller's. */
    if (disk->bus == VIR_DOMAIN_DISK_BUS_FDC)
        boot = 0;
    vir_props_add(props, "S:drive", node, "s:id", disk->info.alias, "U:bootindex", (guint64)boot,
                  NULL);
    if (disk->blockio)
        vir_props_add(props, "U:logical_block_size", (guint64)disk->blockio->logical_block_size,
                      "U:physical_block_size", (guint64)disk->blockio->physical_block_size,
                      "U:discard_granularity", (guint64)disk->blockio->discard_granularity, NULL);
    if (disk->wwn)
        vir_props_add(props, "u:wwn", g_ascii_strtoull(disk->wwn, NULL, 16), NULL);
    if (disk->has_rotation_rate)
        vir_props_add(props, "u:rotation_rate", (guint64)disk->rotation_rate, NULL);
    vir_props_add(props, "S:vendor", disk->vendor,
                  disk->bus == VIR_DOMAIN_DISK_BUS_SCSI ? "S:product" : "S:model", disk->product,
                  NULL);
    if (disk->bus == VIR_DOMAIN_DISK_BUS_USB)
        vir_props_add(props, "b:removable", disk->removable == VIR_TRISTATE_ON, NULL);
    else
        vir_props_add(props, "t:removable", disk->removable, NULL);
    if (cache >= 0 && disk->device != VIR_DOMAIN_DISK_DEVICE_CDROM &&
        disk->device != VIR_DOMAIN_DISK_DEVICE_FLOPPY)
        vir_props_add(props, "s:write-cache", caches[cache].write_cache, NULL);
    add_errors(props, disk);
    vir_props_add(props, "S:serial", disk->serial, NULL);
    return props;
}

static gboolean
check(const VirArgv *argv, const VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    const struct {
        gboolean there;
        const char *what;
    } lacks[] = {
        {disk->auth != NULL, "auth"},
        {disk->mirror != NULL, "mirror"},
        {disk->geometry != NULL, "geometry"},
        {disk->iotune != NULL, "iotune"},
        {disk->transient, "transient"},
        {disk->encryption != NULL, "encryption"},
        {driver && driver->has_iothread, "driver/@iothread"},
        {driver && driver->copy_on_read == VIR_TRISTATE_ON, "driver/@copy_on_read"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_argv_unsupported(argv, error, "/domain/devices/disk[@dev='%s']/%s",
                                        disk->target, lacks[i].what);
    }
    if (is_empty(disk) && disk->device != VIR_DOMAIN_DISK_DEVICE_CDROM &&
        disk->device != VIR_DOMAIN_DISK_DEVICE_FLOPPY)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': disk '%s' has no source",
                             argv->def->name, disk->target);
    return TRUE;
}

/* The floppy controller of i440fx is of the board: it is told of the boot order by -global. */
static void
add_floppy_boot(VirArgv *argv, const VirDomainDisk *disk)
{
    guint boot = vir_argv_bootindex(argv, &disk->info, disk->boot_order, disk->has_boot_order);

    if (boot && disk->bus == VIR_DOMAIN_DISK_BUS_FDC && vir_def_is_i440fx(argv->def))
        vir_argv_addf(argv, "-global", "isa-fdc.bootindex%c=%u",
                      disk->info.address->unit ? 'B' : 'A', boot);
}

gboolean
vir_argv_disks(VirArgv *argv, GError **error)
{
    guint node = 1;

    /* Numbers count from the end: a disk that is added later in front keeps those behind it. */
    for (guint i = 0; i < argv->def->devices.n_disks; i++)
        node += chain_length(argv->def->devices.disks[i]);
    for (guint i = 0; i < argv->def->devices.n_disks; i++) {
        const VirDomainDisk *disk = argv->def->devices.disks[i];
        guint length = chain_length(disk);
        gboolean readonly = disk->readonly || disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM;
        g_autofree char *top = NULL;
        json_object *props;
        guint first = node - length;
        guint at = first;

        node = first;
        if (!check(argv, disk, error))
            return FALSE;
        if (length > 0 &&
            !add_image(argv, disk, &disk->src,
                       disk->driver ? disk->driver->format : VIR_DOMAIN_IMAGE_FORMAT_RAW,
                       disk->backing_store, &at, readonly, &top, error))
            return FALSE;
        props = disk_device_props(argv, disk, top, error);
        if (!props)
            return FALSE;
        vir_argv_add_zpci(argv, &disk->info);
        vir_argv_add_props(argv, "-device", props);
        add_floppy_boot(argv, disk);
    }
    return TRUE;
}
