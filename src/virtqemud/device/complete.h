/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "props.h"
#include "vir-device.h"

/* The steps of vir_device_complete(), in their order. */

/** Machine, CPU, emulator, and what every device lacks. */
gboolean vir_complete_defaults(VirDomainDef *def, const VirQemuCaps *caps, GError **error);
/** Drive addresses from target names, and the controllers that they need. */
gboolean vir_complete_drives(VirDomainDef *def, const VirQemuCaps *caps, GError **error);
/** Ports of virtio-serial, and the controller. */
gboolean vir_complete_virtio_serial(VirDomainDef *def, GError **error);
gboolean vir_complete_pci(VirDomainDef *def, GError **error);
/** Ports of USB devices; at each start, with the aliases. */
gboolean vir_complete_usb(VirDomainDef *def, GError **error);

/** Adds a controller behind those of its kind with lower indexes. Borrowed. */
VirDomainController *vir_def_add_controller(VirDomainDef *def, int type, guint index, int model);
/** Number of a target name: "vda" 0, "sdb" 1, "hdaa" 26; -1 where it is none. */
int vir_disk_index(const char *target);
/** A new address of @type in @info, which has none. Borrowed. */
VirDomainAddress *vir_info_new_address(VirDomainDeviceInfo *info, int type);
