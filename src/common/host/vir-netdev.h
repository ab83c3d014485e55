/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Network devices of the host, in the network namespace of the calling thread. Errors:
 * VIR_ERR_SYSTEM_ERROR names device and errno text.
 */

/** Number of the device @name, 0 where there is none. */
guint vir_netdev_index(const char *name);
gboolean vir_netdev_is_bridge(const char *name);
/** Its MTU, 0 where that cannot be told. */
guint vir_netdev_mtu(const char *name);

gboolean vir_netdev_set_mac(const char *name, const guint8 mac[6], GError **error);
gboolean vir_netdev_set_mtu(const char *name, guint mtu, GError **error);
gboolean vir_netdev_set_up(const char *name, gboolean up, GError **error);
/** Makes it a port of the bridge @bridge. */
gboolean vir_netdev_set_bridge(const char *name, const char *bridge, GError **error);
/** Port of a bridge: whether other such ports are cut off from it. */
gboolean vir_netdev_set_isolated(const char *name, gboolean on, GError **error);
/** Port of a bridge that knows VLANs: frames with @id pass; @native: those without a tag are of it.
 */
gboolean vir_netdev_add_vlan(const char *name, guint id, gboolean native, gboolean untagged,
                             GError **error);
/** Port of a bridge: no frames of @id any more. */
gboolean vir_netdev_remove_vlan(const char *name, guint id, GError **error);
/** @address and @peer (or NULL) are numeric; @prefix: 0 for all bits. */
gboolean vir_netdev_add_address(const char *name, const char *address, const char *peer,
                                guint prefix, GError **error);
gboolean vir_netdev_add_route(const char *name, const char *network, guint prefix,
                              const char *gateway, guint metric, GError **error);
/** Most frames received that one interrupt tells of. */
gboolean vir_netdev_set_coalesce(const char *name, guint frames, GError **error);

/** Modes of macvtap, as in <source mode='…'>. */
typedef enum {
    VIR_NETDEV_MACVTAP_VEPA,
    VIR_NETDEV_MACVTAP_BRIDGE,
    VIR_NETDEV_MACVTAP_PRIVATE,
} VirNetdevMacvtap;

/**
 * Makes a macvtap device on @parent: called @name, or, where that is NULL, macvtapN with the first
 * N that is free. Its name, g_free(); NULL with an error (VIR_ERR_OPERATION_INVALID: @name is
 * taken).
 */
char *vir_netdev_add_macvtap(const char *name, const char *parent, VirNetdevMacvtap mode,
                             const guint8 mac[6], GError **error);
/** TRUE as well where it was not there. */
gboolean vir_netdev_delete(const char *name, GError **error);
