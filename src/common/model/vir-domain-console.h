/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/** Serial ports that the ISA bus of a PC has interrupts and registers for. */
#define VIR_DOMAIN_MAX_ISA_SERIALS 4

/** Whether the first console is another name of the first serial port. */
gboolean vir_domain_console_is_serial(const VirDomainDef *def);
/** Numbers of serial ports, by what the document says of their kinds. VIR_ERR_XML_ERROR. */
gboolean vir_domain_serials_number(VirDomainDef *def, GError **error);
/**
 * Numbers of serial and parallel ports and of consoles. In a guest with firmware the first serial
 * port is the first console, too: whichever is missing is added. VIR_ERR_XML_ERROR: more ISA ports
 * than there are.
 */
gboolean vir_domain_consoles_complete(VirDomainDef *def, GError **error);
