/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-network-def.h"

typedef enum {
    VIR_NETWORK_MODEL_NEW_UUID = 1 << 0, /* give a UUID where there is none */
    VIR_NETWORK_MODEL_NEW_MAC = 1 << 1,  /* give a hardware address to a bridge of ours */
} VirNetworkModelFlags;

/**
 * Parses a <network> document and completes it: defaults, values that follow from others, and the
 * rules between parts. @flags are VirXmlFlags, @model are VirNetworkModelFlags. Errors name the
 * network. See vir_xml_parse() for @name and @ignored.
 */
VirNetworkDef *vir_network_model_parse(const char *text, gssize len, const char *name,
                                       unsigned flags, unsigned model, GPtrArray **ignored,
                                       GError **error);

/** What parsing does after the text is read; @def may have been made by a program. */
gboolean vir_network_model_complete(VirNetworkDef *def, unsigned model, GError **error);

/** The document with a final newline. g_free(). */
char *vir_network_model_format(const VirNetworkDef *def, unsigned flags, GError **error);

/** Whether the bridge is made by us (isolated, nat, route, open). */
gboolean vir_network_model_owns_bridge(const VirNetworkDef *def);
