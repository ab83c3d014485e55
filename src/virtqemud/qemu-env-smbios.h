/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"

/** What the kernel shows of the host's SMBIOS, but for its UUID, which is the host's alone. */
VirDomainSysinfo *vir_qemu_env_smbios(const VirQemuEnv *env, GError **error);
