/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qemu-env.h"

/** Memory of a host that is the same everywhere: four nodes, huge pages of two sizes. */
void fake_host_memory(VirQemuEnv *env);
