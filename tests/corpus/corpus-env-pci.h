/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qemu-env.h"

gboolean corpus_env_pci_device(const VirQemuEnv *env, guint domain, guint bus, guint slot,
                               guint function, VirQemuPciDevice *out);
