/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver.h"

static const VirDaemonSpec spec = {
    .name = "virtqemud",
    .socket_name = "virtqemud",
    .summary = "manages QEMU virtual machines",
    .start = vir_qemu_driver_start,
    .stop = vir_qemu_driver_stop,
};

VIR_DAEMON_MAIN(spec)
