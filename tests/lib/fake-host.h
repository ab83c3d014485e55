/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qemu-env.h"

/**
 * A host that is the same everywhere: four nodes, huge pages of two sizes, every device there but
 * those beneath /missing, every helper started.
 */
void fake_host_fill(VirQemuEnv *env);
/** A real fd of nothing. */
int fake_host_fd(void);
