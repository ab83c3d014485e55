/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-nwfilterbinding-def.h"

/** Defaults and the rules between parts; @def may have been made by a program. */
gboolean vir_nwfilter_binding_model_complete(VirNwfilterBindingDef *def, GError **error);

/** Parses a <filterbinding> document and completes it. See vir_xml_parse() for @name and @ignored.
 */
VirNwfilterBindingDef *vir_nwfilter_binding_model_parse(const char *text, gssize len,
                                                        const char *name, unsigned flags,
                                                        GPtrArray **ignored, GError **error);
