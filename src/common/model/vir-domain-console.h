/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Whether the first console is another name of the first serial port. */
gboolean vir_domain_console_is_serial(const VirDomainDef *def);
/**
 * Numbers of serial and parallel ports and of consoles. In a guest with firmware the first serial
 * port is the first console, too: whichever is missing is added.
 */
void vir_domain_consoles_complete(VirDomainDef *def);
