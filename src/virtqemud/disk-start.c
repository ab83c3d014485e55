/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disk-start.h"

#include "disk-chain.h"
#include "props.h"
#include "vir-error.h"
#include <errno.h>
#include <unistd.h>

/* A start that left these out in silence would run another guest than the one that was asked for.
 */
static gboolean
refuse(const VirDomainDisk *disk, GError **error)
{
    const VirDomainReservations *reservations = disk->src.reservations;
    const struct {
        gboolean there;
        const char *what;
    } lacks[] = {
        {reservations && reservations->managed == VIR_TRISTATE_YES,
         "source/reservations with managed='yes' (one that runs already can be given)"},
        {disk->src.type == VIR_DOMAIN_SOURCE_TYPE_NVME && disk->src.nvme &&
             disk->src.nvme->managed != VIR_TRISTATE_NO,
         "source of type 'nvme' with managed='yes' (a controller that vfio-pci has already can be "
         "given)"},
        {disk->rawio == VIR_TRISTATE_YES, "@rawio"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "disk '%s': %s is not supported yet", disk->target, lacks[i].what);
    }
    return TRUE;
}

/* 0, or why the image cannot be had. */
static int
look(const VirDomainSource *src)
{
    if (!src->path || src->fdgroup ||
        (src->type != VIR_DOMAIN_SOURCE_TYPE_FILE && src->type != VIR_DOMAIN_SOURCE_TYPE_BLOCK &&
         src->type != VIR_DOMAIN_SOURCE_TYPE_DIR))
        return 0;
    return access(src->path, F_OK) < 0 ? errno : 0;
}

static void
empty(VirDomainDisk *disk)
{
    g_clear_pointer(&disk->src.path, g_free);
    g_clear_pointer(&disk->backing_store, vir_domain_backing_store_free);
}

gboolean
vir_qemu_disks_prepare(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_disks; i++) {
        VirDomainDisk *disk = devices->disks[i];
        int why = look(&disk->src);

        if (!refuse(disk, error))
            return FALSE;
        if (!why)
            continue;
        if (disk->src.startup_policy != VIR_DOMAIN_SOURCE_STARTUP_POLICY_OPTIONAL)
            return vir_error_set_errno(error, why, "cannot access storage file '%s' of disk '%s'",
                                       disk->src.path, disk->target);
        if (disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM ||
            disk->device == VIR_DOMAIN_DISK_DEVICE_FLOPPY) {
            empty(disk);
        } else {
            vir_xml_remove(devices, disks, i);
            vir_domain_disk_free(disk);
            i--;
        }
    }
    return TRUE;
}

/* The object that holds the image: some devices of QEMU have it in a part of theirs. */
static char *
block_device(const VirDomainDisk *disk)
{
    const char *alias = disk->info.alias;

    switch (disk->bus) {
    case VIR_DOMAIN_DISK_BUS_VIRTIO:
        return g_strdup_printf("/machine/peripheral/%s/virtio-backend", alias);
    case VIR_DOMAIN_DISK_BUS_USB:
        return g_strdup_printf("/machine/peripheral/%s/%s.0/legacy[0]", alias, alias);
    default:
        return g_strdup(alias);
    }
}

/* QEMU wants every limit, and those of bursts only where there are any. */
static json_object *
limits(const VirDomainDisk *disk)
{
    const VirDomainDiskIotune *tune = disk->iotune;
    g_autofree char *device = block_device(disk);

    return vir_props_new(
        "s:id", device, "u:bps", tune->rates.total_bytes_sec, "u:bps_rd",
        tune->rates.read_bytes_sec, "u:bps_wr", tune->rates.write_bytes_sec, "u:iops",
        tune->rates.total_iops_sec, "u:iops_rd", tune->rates.read_iops_sec, "u:iops_wr",
        tune->rates.write_iops_sec, "U:bps_max", tune->rates.total_bytes_sec_max, "U:bps_rd_max",
        tune->rates.read_bytes_sec_max, "U:bps_wr_max", tune->rates.write_bytes_sec_max,
        "U:iops_max", tune->rates.total_iops_sec_max, "U:iops_rd_max",
        tune->rates.read_iops_sec_max, "U:iops_wr_max", tune->rates.write_iops_sec_max,
        "U:iops_size", tune->rates.size_iops_sec, "S:group", tune->group_name, "U:bps_max_length",
        tune->bursts.total_bytes_sec_max_length, "U:bps_rd_max_length",
        tune->bursts.read_bytes_sec_max_length, "U:bps_wr_max_length",
        tune->bursts.write_bytes_sec_max_length, "U:iops_max_length",
        tune->bursts.total_iops_sec_max_length, "U:iops_rd_max_length",
        tune->bursts.read_iops_sec_max_length, "U:iops_wr_max_length",
        tune->bursts.write_iops_sec_max_length, NULL);
}

gboolean
vir_qemu_disks_started(VirQemuDomain *dom, GError **error)
{
    for (guint i = 0; i < dom->def->devices.n_disks; i++) {
        const VirDomainDisk *disk = dom->def->devices.disks[i];

        if (disk->iotune && !vir_disk_is_empty(disk) &&
            !vir_qemu_domain_qmp(dom, "block_set_io_throttle", limits(disk), NULL, error)) {
            g_prefix_error(error, "disk '%s': ", disk->target);
            return FALSE;
        }
    }
    return TRUE;
}
