/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-nodedev-def.h"

/** The rules between parts; @def may have been made by a program. */
gboolean vir_node_dev_model_complete(VirNodeDevDef *def, GError **error);

/**
 * Parses a <device> document and completes it. What only the host knows of a device (driver, state
 * of its virtual ports) is kept with VIR_XML_STATUS alone. See vir_xml_parse() for @name and
 * @ignored.
 */
VirNodeDevDef *vir_node_dev_model_parse(const char *text, gssize len, const char *name,
                                        unsigned flags, GPtrArray **ignored, GError **error);
