/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-nwfilter-def.h"

/** The chain and the rules between parts; @def may have been made by a program. */
gboolean vir_nwfilter_model_complete(VirNwfilterDef *def, GError **error);

/** Parses a <filter> document and completes it. See vir_xml_parse() for @name and @ignored. */
VirNwfilterDef *vir_nwfilter_model_parse(const char *text, gssize len, const char *name,
                                         unsigned flags, GPtrArray **ignored, GError **error);
