/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qemu-env.h"

/** Networks, taps and devices of the host that the documents assume. */
void corpus_env_net(VirQemuEnv *env);
