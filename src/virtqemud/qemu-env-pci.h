/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"

/** VirQemuEnv.pci_device of a real host, from /sys. */
gboolean vir_qemu_env_pci_device(const VirQemuEnv *env, guint domain, guint bus, guint slot,
                                 guint function, VirQemuPciDevice *out);
