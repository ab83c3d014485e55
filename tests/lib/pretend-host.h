/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "qemu-env.h"

/**
 * The host of fake_host_fill(), with ports of networks ("lent", "shared", any other a bridge),
 * volumes of pools ("scsi", any other a folder), secrets and groups of files, one moment and one
 * processor.
 */
void pretend_host_fill(VirQemuEnv *env);
