/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"

/** Closes and frees what a connection handle has; its last reference is gone. */
void vir_connect_clear(virConnectPtr conn);
void vir_adm_connect_clear(virAdmConnectPtr conn);
