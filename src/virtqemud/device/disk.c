/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "disk-nodes.h"
#include "storage-source.h"
#include "vir-error.h"

/* ---- the guest's device ---- */

static json_object *
scsi_props(const VirArgv *argv, const VirDomainDisk *disk)
{
    gboolean lun = disk->device == VIR_DOMAIN_DISK_DEVICE_LUN;
    const char *driver = lun                                            ? "scsi-block"
                         : disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM ? "scsi-cd"
                                                                        : "scsi-hd";
    json_object *props = vir_props_new("s:driver", driver, NULL);

    vir_props_add_scsi(props, argv->def, disk->info.address);
    if (!lun) {
        g_autofree char *id =
            disk->serial ? g_strdup(disk->serial) : g_strconcat("drive-", disk->info.alias, NULL);

        vir_props_add(props, "s:device_id", id, NULL);
    }
    return props;
}

/* The guest's device of a drive on a bus of drives. */
static json_object *
drive_props(const VirArgv *argv, const VirDomainDisk *disk, GError **error)
{
    const VirDomainAddress *address = disk->info.address;
    const char *driver = disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM ? "ide-cd" : "ide-hd";
    g_autofree char *bus = NULL;

    if (!address || address->type != VIR_DOMAIN_ADDRESS_TYPE_DRIVE) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': disk '%s' has no drive address",
                      argv->def->name, disk->target);
        return NULL;
    }
    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_IDE:
        bus = vir_props_bus(argv->def, VIR_DOMAIN_CONTROLLER_TYPE_IDE, address->controller,
                            address->bus);
        return vir_props_new("s:driver", driver, "s:bus", bus, "u:unit", (guint64)address->unit,
                             NULL);
    case VIR_DOMAIN_DISK_BUS_SATA:
        bus = vir_props_bus(argv->def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, address->controller,
                            address->unit);
        return vir_props_new("s:driver", driver, "s:bus", bus, NULL);
    case VIR_DOMAIN_DISK_BUS_FDC:
        return vir_props_new("s:driver", "floppy", "u:unit", (guint64)address->unit, NULL);
    default:
        return scsi_props(argv, disk);
    }
}

static json_object *
virtio_props(const VirDomainDisk *disk)
{
    const VirDomainDiskDriver *driver = disk->driver;
    gboolean foreign = disk->src.type == VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER;
    g_autofree char *name = vir_props_virtio_name(foreign ? "vhost-user-blk" : "virtio-blk", disk);
    g_autofree char *thread = NULL;
    json_object *props = vir_props_new("s:driver", name, NULL);

    if (!driver)
        return props;
    if (driver->has_iothread)
        thread = g_strdup_printf("iothread%u", driver->iothread);
    vir_props_add_virtio(props, driver, );
    vir_props_add(props, "S:iothread", thread, "a:iothread-vq-mapping",
                  vir_props_iothreads(driver->iothreads, driver->n_iothreads), "t:ioeventfd",
                  driver->ioeventfd, "t:event_idx", driver->event_idx, "B:scsi",
                  disk->device == VIR_DOMAIN_DISK_DEVICE_LUN, "U:num-queues",
                  (guint64)driver->queues, "U:queue-size", (guint64)driver->queue_size, NULL);
    return props;
}

static json_object *
start_props(const VirArgv *argv, const VirDomainDisk *disk, GError **error)
{
    json_object *props;

    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_VIRTIO:
        props = virtio_props(disk);
        break;
    case VIR_DOMAIN_DISK_BUS_USB:
        props = vir_props_new("s:driver", "usb-storage", NULL);
        break;
    case VIR_DOMAIN_DISK_BUS_IDE:
    case VIR_DOMAIN_DISK_BUS_SATA:
    case VIR_DOMAIN_DISK_BUS_FDC:
    case VIR_DOMAIN_DISK_BUS_SCSI:
        return drive_props(argv, disk, error);
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

/* What the guest reads of the drive itself. */
static void
add_identity(json_object *props, const VirDomainDisk *disk)
{
    const VirDomainGeometry *geometry = disk->geometry;

    if (disk->blockio)
        vir_props_add(props, "U:logical_block_size", (guint64)disk->blockio->logical_block_size,
                      "U:physical_block_size", (guint64)disk->blockio->physical_block_size, NULL);
    if (disk->blockio && disk->blockio->has_discard_granularity)
        vir_props_add(props, "u:discard_granularity", (guint64)disk->blockio->discard_granularity,
                      NULL);
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
    if (geometry)
        vir_props_add(props, "u:cyls", (guint64)geometry->cyls, "u:heads", (guint64)geometry->heads,
                      "u:secs", (guint64)geometry->secs, "S:bios-chs-trans",
                      geometry->trans ? vir_domain_geometry_trans_to_string(geometry->trans) : NULL,
                      NULL);
}

/** A blank in it was escaped when serials stood on a command line; guests have known it so since.
 */
static void
add_serial(json_object *props, const char *serial)
{
    g_autoptr(GString) text = g_string_new(serial);

    g_string_replace(text, " ", "\\ ", 0);
    vir_props_add(props, "S:serial", serial ? text->str : NULL, NULL);
}

static json_object *
disk_device_props(const VirArgv *argv, const VirDomainDisk *disk, const char *node,
                  const char *chardev, GError **error)
{
    guint boot = vir_argv_bootindex(argv, &disk->info, disk->boot_order, disk->has_boot_order);
    json_object *props = start_props(argv, disk, error);
    const VirDiskCache *cache = vir_disk_cache(disk);

    if (!props)
        return NULL;
    if (disk->shareable)
        vir_props_add(props, "b:share-rw", TRUE, NULL);
    /* The boot order of floppies is the controller's. */
    if (disk->bus == VIR_DOMAIN_DISK_BUS_FDC)
        boot = 0;
    vir_props_add(props, "S:drive", node, "S:chardev", chardev, "s:id", disk->info.alias,
                  "U:bootindex", (guint64)boot, NULL);
    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_VIRTIO_CCW_DEVICE_LOADPARM))
        vir_props_add(props, "S:loadparm", disk->boot_loadparm, NULL);
    add_identity(props, disk);
    if (cache && disk->device != VIR_DOMAIN_DISK_DEVICE_LUN)
        vir_props_add(props, "s:write-cache", cache->write_cache, NULL);
    add_serial(props, disk->serial);
    add_errors(props, disk);
    return props;
}

/* ---- other ways than nodes ---- */

/* Members of @props as options of -drive: "file.server.0.host=…". */
static void
flatten(GString *out, const char *prefix, json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            g_autofree char *name = g_strdup_printf("%s.%s", prefix, key);

            flatten(out, name, member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (gsize i = 0; i < json_object_array_length(value); i++) {
            g_autofree char *name = g_strdup_printf("%s.%zu", prefix, i);

            flatten(out, name, json_object_array_get_idx(value, i));
        }
    } else {
        g_autofree char *escaped = vir_argv_escape(vir_props_word(value));

        g_string_append_printf(out, "%s%s=%s", out->len > 0 ? "," : "", prefix, escaped);
    }
}

static void
add_drive_option(GString *out, const char *name, const char *value)
{
    if (value)
        g_string_append_printf(out, ",%s=%s", name, value);
}

/* A card in the slot of the board: only -drive can put one there. */
static gboolean
add_sd_card(VirArgv *argv, VirDomainDisk *disk, GError **error)
{
    const VirDomainDiskDriver *driver = disk->driver;
    g_autoptr(GString) out = g_string_new(NULL);
    VirImage image = vir_disk_image(disk);
    int type = vir_source_type(&disk->src);
    json_object *props;

    if (type == VIR_DOMAIN_SOURCE_TYPE_FILE || type == VIR_DOMAIN_SOURCE_TYPE_BLOCK) {
        g_autofree char *path = vir_argv_escape(disk->src.path);

        g_string_append_printf(out, "file=%s", path);
    } else {
        props = vir_argv_storage(argv, &image, error);
        if (!props)
            return FALSE;
        flatten(out, "file", props);
        json_object_put(props);
    }
    g_string_append_printf(out, ",format=%s,if=sd,index=%d", vir_format_driver(image.format),
                           vir_domain_disk_index(disk->target));
    add_drive_option(out, "readonly", image.readonly ? "on" : NULL);
    if (driver) {
        add_drive_option(out, "cache",
                         driver->cache ? vir_domain_disk_driver_cache_to_string(driver->cache)
                                       : NULL);
        vir_argv_append_onoff(out, "copy-on-read", driver->copy_on_read);
        add_drive_option(out, "discard",
                         driver->discard ? vir_domain_disk_driver_discard_to_string(driver->discard)
                                         : NULL);
        add_drive_option(out, "detect-zeroes", vir_image_detect_zeroes(&image));
        add_drive_option(out, "aio",
                         driver->io ? vir_domain_disk_driver_io_to_string(driver->io) : NULL);
    }
    vir_argv_add(argv, "-drive", out->str);
    return TRUE;
}

/* The socket of a program that serves the whole device. */
static char *
add_vhost_user(VirArgv *argv, const VirDomainDisk *disk)
{
    const VirDomainSourceVhostUser *source = disk->src.vhostuser;
    guint64 delay;
    const char *again =
        vir_argv_reconnect(argv, source->reconnect_enabled, source->reconnect_timeout, &delay);
    g_autofree char *id = g_strconcat("chr-vu-", disk->info.alias, NULL);
    g_autofree char *path = vir_argv_escape(source->path);

    if (again)
        vir_argv_addf(argv, "-chardev", "socket,id=%s,path=%s,%s=%" G_GUINT64_FORMAT, id, path,
                      again, delay);
    else
        vir_argv_addf(argv, "-chardev", "socket,id=%s,path=%s", id, path);
    return g_steal_pointer(&id);
}

/* The floppy controller is of the board, but for q35: it is told of the boot order by -global. */
static void
add_floppy_boot(VirArgv *argv, const VirDomainDisk *disk)
{
    guint boot = vir_argv_bootindex(argv, &disk->info, disk->boot_order, disk->has_boot_order);

    if (boot && disk->bus == VIR_DOMAIN_DISK_BUS_FDC && !vir_def_is_q35(argv->def))
        vir_argv_addf(argv, "-global", "isa-fdc.bootindex%c=%u",
                      disk->info.address->unit ? 'B' : 'A', boot);
}

gboolean
vir_argv_throttle_groups(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->n_throttle_groups; i++) {
        const VirDomainThrottleGroup *group = argv->def->throttle_groups[i];
        g_autofree char *id = g_strconcat("throttle-", group->group_name, NULL);
        json_object *limits = json_object_new_object();
        const struct {
            const char *name;
            guint64 value;
        } rows[] = {
            {"bps-total", group->rates.total_bytes_sec},
            {"bps-read", group->rates.read_bytes_sec},
            {"bps-write", group->rates.write_bytes_sec},
            {"iops-total", group->rates.total_iops_sec},
            {"iops-read", group->rates.read_iops_sec},
            {"iops-write", group->rates.write_iops_sec},
            {"bps-total-max", group->rates.total_bytes_sec_max},
            {"bps-read-max", group->rates.read_bytes_sec_max},
            {"bps-write-max", group->rates.write_bytes_sec_max},
            {"iops-total-max", group->rates.total_iops_sec_max},
            {"iops-read-max", group->rates.read_iops_sec_max},
            {"iops-write-max", group->rates.write_iops_sec_max},
            {"iops-size", group->rates.size_iops_sec},
            {"bps-total-max-length", group->bursts.total_bytes_sec_max_length},
            {"bps-read-max-length", group->bursts.read_bytes_sec_max_length},
            {"bps-write-max-length", group->bursts.write_bytes_sec_max_length},
            {"iops-total-max-length", group->bursts.total_iops_sec_max_length},
            {"iops-read-max-length", group->bursts.read_iops_sec_max_length},
            {"iops-write-max-length", group->bursts.write_iops_sec_max_length},
        };

        /* A limit of 0 is none, a burst of 0 seconds is an error. */
        for (gsize r = 0; r < G_N_ELEMENTS(rows); r++) {
            if (rows[r].value || !g_str_has_suffix(rows[r].name, "-length"))
                json_object_object_add(limits, rows[r].name, json_object_new_uint64(rows[r].value));
        }
        vir_argv_add_props(
            argv, "-object",
            vir_props_new("s:qom-type", "throttle-group", "s:id", id, "a:limits", limits, NULL));
    }
    return TRUE;
}

/* A disk that drops what is written and shares its image is plugged into the guest before it runs:
 * then QEMU has not locked the image. */
static gboolean
is_plugged_later(const VirDomainDisk *disk)
{
    return disk->transient && disk->transient_share_backing == VIR_TRISTATE_YES;
}

static gboolean
add_disk(VirArgv *argv, VirDomainDisk *disk, GError **error)
{
    g_autofree char *top = NULL;
    g_autofree char *chardev = NULL;
    json_object *props;

    if (is_plugged_later(disk))
        return TRUE;
    if (disk->bus == VIR_DOMAIN_DISK_BUS_FDC && vir_def_is_pseries(argv->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': disk '%s': machine type '%s' has no floppy drives",
                             argv->def->name, disk->target, argv->def->os.machine);
    if (disk->bus == VIR_DOMAIN_DISK_BUS_SD)
        return add_sd_card(argv, disk, error);
    if (disk->src.type == VIR_DOMAIN_SOURCE_TYPE_VHOSTUSER)
        chardev = add_vhost_user(argv, disk);
    else if (!vir_disk_is_empty(disk) && !vir_argv_disk_nodes(argv, disk, &top, error))
        return FALSE;
    props = disk_device_props(argv, disk, top, chardev, error);
    if (!props)
        return FALSE;
    vir_argv_add_zpci(argv, &disk->info);
    vir_argv_add_props(argv, "-device", props);
    return TRUE;
}

gboolean
vir_argv_disks(VirArgv *argv, GError **error)
{
    /* Sets of disks have the lowest numbers, by the numbers of their images. */
    argv->next_fdset += vir_disks_count_fdsets(argv->def);
    for (guint i = 0; i < argv->def->devices.n_disks; i++)
        add_floppy_boot(argv, argv->def->devices.disks[i]);
    for (guint i = 0; i < argv->def->devices.n_disks; i++) {
        if (!add_disk(argv, argv->def->devices.disks[i], error))
            return FALSE;
    }
    return TRUE;
}
