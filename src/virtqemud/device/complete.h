/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "props.h"
#include "vir-device.h"
#include "vir-domain-device.h"
#include "vir-domain-drive.h"

/** A step of one noun; the table of complete.c says when it is taken. */
typedef gboolean (*VirModelStep)(VirModel *model, GError **error);

/** Takes @check for each device of @kind (LAST: of every kind); its errors begin with which one it
 * is: "tpm[2]: ". */
typedef gboolean (*VirDeviceCheck)(const VirModel *model, const VirDomainDevice *device,
                                   GError **error);
gboolean vir_check_each(const VirModel *model, VirDomainDeviceKind kind, VirDeviceCheck check,
                        GError **error);

/** Something that a document can ask for, and whether it can be had. */
typedef struct {
    gboolean asked;
    const char *what;
    gboolean possible;
} VirModelPart;

/** @what of the first of @parts that is asked for and not possible; NULL where there is none. */
const char *vir_model_refused(const VirModelPart *parts, gsize n);
/** Refuses a document for which the binary lacks @flag: "emulator '…' has no " and @format. */
gboolean vir_model_needs(const VirModel *model, VirQemuCapsFlag flag, GError **error,
                         const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Defaults: what the user left out. */
gboolean vir_complete_machine(VirModel *model, GError **error);
/** Security labels, and what applications keep in the document. */
gboolean vir_complete_labels(VirModel *model, GError **error);
gboolean vir_complete_memory(VirModel *model, GError **error);
/** Firmware from what is installed, and the path of its variables. */
gboolean vir_complete_firmware(VirModel *model, GError **error);
gboolean vir_complete_boot(VirModel *model, GError **error);
/** Values of SMBIOS: each once, in one order. */
gboolean vir_complete_sysinfo(VirModel *model, GError **error);
gboolean vir_complete_clock(VirModel *model, GError **error);
/** Processors and I/O threads, and what tunes them. */
gboolean vir_complete_vcpus(VirModel *model, GError **error);
gboolean vir_complete_cpu(VirModel *model, GError **error);
gboolean vir_complete_disks(VirModel *model, GError **error);
gboolean vir_complete_filesystems(VirModel *model, GError **error);
gboolean vir_complete_controllers(VirModel *model, GError **error);
gboolean vir_complete_interfaces(VirModel *model, GError **error);
gboolean vir_complete_hostdevs(VirModel *model, GError **error);
gboolean vir_complete_chardevs(VirModel *model, GError **error);
gboolean vir_complete_inputs(VirModel *model, GError **error);
gboolean vir_complete_graphics(VirModel *model, GError **error);
gboolean vir_complete_videos(VirModel *model, GError **error);
gboolean vir_complete_memballoon(VirModel *model, GError **error);
gboolean vir_complete_sounds(VirModel *model, GError **error);
gboolean vir_complete_audio(VirModel *model, GError **error);
gboolean vir_complete_rngs(VirModel *model, GError **error);
gboolean vir_complete_panics(VirModel *model, GError **error);
gboolean vir_complete_watchdogs(VirModel *model, GError **error);
gboolean vir_complete_iommu(VirModel *model, GError **error);
gboolean vir_complete_smartcards(VirModel *model, GError **error);
gboolean vir_complete_tpms(VirModel *model, GError **error);
gboolean vir_complete_redirdevs(VirModel *model, GError **error);
gboolean vir_complete_shmems(VirModel *model, GError **error);
gboolean vir_complete_pstore(VirModel *model, GError **error);

/* Addresses, and the controllers that they need. */
/** Slots of memory modules. */
gboolean vir_complete_slots(VirModel *model, GError **error);
/** Drive addresses from target names. */
gboolean vir_complete_drives(VirModel *model, GError **error);
/** The same for SCSI devices of the host: the first place that is free. */
gboolean vir_complete_hostdev_drives(VirModel *model, GError **error);
/** The SCSI controllers that they are on come before those that every board gets. */
gboolean vir_complete_hostdev_controllers(VirModel *model, GError **error);
/** Ports of virtio-serial. */
gboolean vir_complete_virtio_serial(VirModel *model, GError **error);
gboolean vir_complete_ccw(VirModel *model, GError **error);
gboolean vir_complete_vio(VirModel *model, GError **error);
gboolean vir_complete_virtio_mmio(VirModel *model, GError **error);
gboolean vir_complete_pci(VirModel *model, GError **error);

/** The first console is where the first serial port is. */
gboolean vir_complete_console_address(VirModel *model, GError **error);

/* Checks: what a completed definition asks of the board, of QEMU and of its own parts. */
gboolean vir_check_controllers(VirModel *model, GError **error);
/** Ports that the document gives. */
gboolean vir_check_usb(VirModel *model, GError **error);
gboolean vir_check_disks(VirModel *model, GError **error);
/** That a drive address is one that controllers of @bus (VirDomainDiskBus) have. */
gboolean vir_check_drive(const VirModel *model, int bus, const VirDomainAddress *address,
                         GError **error);
gboolean vir_check_filesystems(VirModel *model, GError **error);
gboolean vir_check_features(VirModel *model, GError **error);
gboolean vir_check_boot(VirModel *model, GError **error);
gboolean vir_check_sysinfo(VirModel *model, GError **error);
gboolean vir_check_override(VirModel *model, GError **error);
gboolean vir_check_memory(VirModel *model, GError **error);
gboolean vir_check_firmware(VirModel *model, GError **error);
gboolean vir_check_interfaces(VirModel *model, GError **error);
gboolean vir_check_cpu(VirModel *model, GError **error);
gboolean vir_check_vcpus(VirModel *model, GError **error);
gboolean vir_check_iothreads(VirModel *model, GError **error);
gboolean vir_check_clock(VirModel *model, GError **error);
gboolean vir_check_hostdevs(VirModel *model, GError **error);
gboolean vir_check_iommu(VirModel *model, GError **error);
/** Passes over what a kind of device cannot have. */
gboolean vir_complete_devices(VirModel *model, GError **error);
/** Refuses addresses of kinds that the board has not. */
gboolean vir_check_addresses(VirModel *model, GError **error);
gboolean vir_check_chardevs(VirModel *model, GError **error);
gboolean vir_check_smartcards(VirModel *model, GError **error);
gboolean vir_check_tpms(VirModel *model, GError **error);
gboolean vir_check_inputs(VirModel *model, GError **error);
gboolean vir_check_graphics(VirModel *model, GError **error);
gboolean vir_check_videos(VirModel *model, GError **error);
gboolean vir_check_audio(VirModel *model, GError **error);
gboolean vir_check_sounds(VirModel *model, GError **error);
gboolean vir_check_watchdogs(VirModel *model, GError **error);
gboolean vir_check_redirdevs(VirModel *model, GError **error);
gboolean vir_check_memballoon(VirModel *model, GError **error);
gboolean vir_check_rngs(VirModel *model, GError **error);
gboolean vir_check_lifecycle(VirModel *model, GError **error);
gboolean vir_check_panics(VirModel *model, GError **error);
gboolean vir_check_nvram(VirModel *model, GError **error);
gboolean vir_check_shmems(VirModel *model, GError **error);
gboolean vir_check_cryptos(VirModel *model, GError **error);
gboolean vir_check_pstore(VirModel *model, GError **error);

/** Whether there is a display of @type (VirDomainGraphicsType). */
gboolean vir_def_has_graphics(const VirDomainDef *def, int type);

/** Refuses a guest whose memory other processes cannot map; @what needs that they can. */
gboolean vir_check_shared_memory(const VirModel *model, const char *what, GError **error);

/* Of a start. */
/** Cards of networks become what their ports are plugged into. */
gboolean vir_prepare_interfaces(VirModel *model, GError **error);
/** The processor that the guest gets: what is the host's, or needs another model, is resolved. */
gboolean vir_prepare_cpu(VirModel *model, GError **error);
/** Devices of the host are looked for, and refused where they cannot be given away. */
gboolean vir_prepare_hostdevs(VirModel *model, GError **error);
/** What a volume of a pool is, and the number of every image. */
gboolean vir_prepare_disks(VirModel *model, GError **error);
gboolean vir_prepare_serials(VirModel *model, GError **error);
gboolean vir_prepare_labels(VirModel *model, GError **error);
/** Sizes as QEMU takes them; those of a guest that comes in by migration stay. */
gboolean vir_prepare_memory(VirModel *model, GError **error);
/** Refuses a guest for whose firmware nothing is installed. */
gboolean vir_prepare_firmware(VirModel *model, GError **error);
gboolean vir_prepare_aliases(VirModel *model, GError **error);
/** Ports of USB devices; the guest does not mind where such a device is. */
gboolean vir_prepare_usb(VirModel *model, GError **error);

/** Whether the binary has a device that plays it. */
gboolean vir_controller_is_there(const VirQemuCaps *caps, const VirDomainController *controller);
/** The device that plays a PCI controller where the user names none, or NULL. */
const char *vir_controller_bridge(const VirModel *model, const VirDomainController *controller);
/** Model of a SCSI controller that the document leaves open. */
int vir_default_scsi_model(const VirModel *model);
/** Takes place and numbers from a device that is none. */
void vir_info_clear(VirDomainDeviceInfo *info);
