/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-client.h"

/** Opens @name (NULL: the environment's, libvirt.conf's or the built-in default). NULL on error. */
virAdmConnectPtr vir_adm_connect_open(const char *name, unsigned int flags, GError **error);
/** The row of the admin program's procedure @number (ADMIN_PROC_…). */
const VirProc *vir_admin_proc(int number);
