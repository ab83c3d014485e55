/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include "vir-spawn.h"

/**
 * passt(1), the program between a card of the guest and the sockets of the host. It goes into the
 * background once it listens on @socket, and ends when QEMU lets go of it.
 */
VirSpawn *vir_passt_command(const VirDomainInterface *net, const char *socket, gboolean privileged);
/** Starts it. Waits: for job threads only. */
gboolean vir_passt_start(const VirDomainInterface *net, const char *socket, gboolean privileged,
                         GError **error);
/** Ends the one of @socket, where there is one still, and removes its files. */
void vir_passt_stop(const char *socket);
