/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** A guest with firmware boots from its disks where nothing else is said. */
void vir_domain_boot_complete(VirDomainDef *def);
/** The firmware of s390 knows capital letters only. */
void vir_domain_loadparms_complete(VirDomainDef *def);
/** What is given to the boot menu of s390. VIR_ERR_XML_ERROR. */
gboolean vir_domain_loadparms_check(const VirDomainDef *def, GError **error);
/** Boot orders and aliases. VIR_ERR_XML_ERROR or VIR_ERR_CONFIG_UNSUPPORTED. */
gboolean vir_domain_boot_check(const VirDomainDef *def, GError **error);
