/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-interface-def.h"

/** Defaults and the rules between parts; @def may have been made by a program. */
gboolean vir_interface_model_complete(VirInterfaceDef *def, GError **error);

/** Parses a <interface> document and completes it. See vir_xml_parse() for @name and @ignored. */
VirInterfaceDef *vir_interface_model_parse(const char *text, gssize len, const char *name,
                                           unsigned flags, GPtrArray **ignored, GError **error);
