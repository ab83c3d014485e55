/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Tap devices: what a guest's card sends comes out of a network device of the host. */

#define VIR_TAP_DEVICE "/dev/net/tun"

/**
 * Opens @n queues of the tap device *@name, which is made where it is not there and goes when its
 * last queue is closed. *@name NULL: a new one, "vnetN"; *@name (g_free()) gets the name.
 * @path: VIR_TAP_DEVICE or another one with its face. @vnet_hdr: offloads of virtio pass.
 */
gboolean vir_tap_open(const char *path, char **name, gboolean vnet_hdr, guint n, int *fds,
                      GError **error);

/** Opens @n queues of the macvtap device @name. */
gboolean vir_tap_open_macvtap(const char *name, gboolean vnet_hdr, guint n, int *fds,
                              GError **error);
