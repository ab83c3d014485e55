/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-secret-def.h"

/** Whether the uses fit together; @def may have been made by a program. A UUID is given where there
 * is none. */
gboolean vir_secret_model_complete(VirSecretDef *def, GError **error);

/** Parses a <secret> document and completes it. See vir_xml_parse() for @name and @ignored. */
VirSecretDef *vir_secret_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                                     GPtrArray **ignored, GError **error);
