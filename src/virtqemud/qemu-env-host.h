/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"

/* Each fills the members of a subject from the host. */
void vir_qemu_env_memory(VirQemuEnv *env);
void vir_qemu_env_tpm(VirQemuEnv *env);
