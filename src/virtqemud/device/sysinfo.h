/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/** Entries of <sysinfo type='smbios'>, which are QEMU's names too, in the order of SMBIOS' fields;
 * each ends with NULL. */
extern const char *const vir_smbios_bios[];
extern const char *const vir_smbios_system[];
extern const char *const vir_smbios_board[];
extern const char *const vir_smbios_chassis[];
