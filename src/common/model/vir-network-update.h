/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-network-def.h"

/**
 * One part of a network changed as virNetworkUpdate() says: @command is a virNetworkUpdateCommand,
 * @section a virNetworkUpdateSection, @parent_index the <ip> meant (-1: the one with DHCP), @xml
 * the element. Returns a new definition that keeps all rules; @def is as before.
 * VIR_ERR_OPERATION_INVALID where there is no, or already, such an element; VIR_ERR_NO_SUPPORT for
 * a section that cannot be changed so.
 */
VirNetworkDef *vir_network_update(const VirNetworkDef *def, guint command, guint section,
                                  int parent_index, const char *xml, GError **error);
