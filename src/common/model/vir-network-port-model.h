/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-networkport-def.h"

/** Defaults and the rules between parts; @def may have been made by a program. */
gboolean vir_network_port_model_complete(VirNetworkPortDef *def, GError **error);

/** Parses a <networkport> document and completes it. See vir_xml_parse() for @name and @ignored. */
VirNetworkPortDef *vir_network_port_model_parse(const char *text, gssize len, const char *name,
                                                unsigned flags, GPtrArray **ignored,
                                                GError **error);
