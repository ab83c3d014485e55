/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "props.h"

/** Sets over @props, of a device, what /domain/qemu:override says of its alias. */
void vir_override_props(const VirDomainDef *def, json_object *props);
