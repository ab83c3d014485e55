/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "domain.h"
#include "vir-file.h"

/**
 * A definition that a client sent, checked and completed; a UUID is made where it has none.
 * @validate: what nobody knows is VIR_ERR_XML_INVALID_SCHEMA. May probe a QEMU: jobs only.
 */
VirDomainDef *vir_qemu_parse_xml(VirQemuDriver *driver, const char *xml, gboolean validate,
                                 GError **error);

/** A name is part of file names. VIR_ERR_XML_ERROR. */
gboolean vir_qemu_check_name(const char *name, GError **error);
