/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"

/** Fills the members of devices of the host. */
void vir_qemu_env_hostdev(VirQemuEnv *env);
