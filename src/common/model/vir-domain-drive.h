/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/* What follows from the names of disks. */

/** Number of a target name: "vda" 0, "sdb" 1, "hdaa" 26; -1 where it is none. */
int vir_domain_disk_index(const char *target);
/**
 * Buses from names, and what a CD-ROM is; refuses two disks of one name; puts disks of a bus into
 * the order of their names. VIR_ERR_XML_ERROR.
 */
gboolean vir_domain_disks_complete(VirDomainDef *def, GError **error);
/**
 * A place for each disk on a bus with drives, and the controllers that those need; SCSI controllers
 * become of @scsi_model. VIR_ERR_XML_ERROR.
 */
gboolean vir_domain_drives_place(VirDomainDef *def, int scsi_model, GError **error);
