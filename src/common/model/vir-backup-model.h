/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-backup-def.h"

#include "vir-domain-def.h"

/**
 * Parses a <domainbackup> document and checks the rules between its parts. With VIR_XML_STATUS in
 * @flags it is our own status of a running backup. See vir_xml_parse() for @name and @ignored.
 */
VirBackup *vir_backup_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                                  GPtrArray **ignored, GError **error);

/**
 * Fits the backup to the disks of @domain: those that it does not name are not a part of it, or all
 * are where it names none; modes follow from checkpoints; a copy pushed without a place gets the
 * path of the disk with ".@suffix". Refuses names that the domain does not have.
 */
gboolean vir_backup_model_align(VirBackup *def, const VirDomainDef *domain, const char *suffix,
                                GError **error);
