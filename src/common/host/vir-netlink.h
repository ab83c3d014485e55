/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <linux/netlink.h>

/** One request to the kernel's rtnetlink(7), built in place. Nothing to free. */
typedef struct {
    struct nlmsghdr header;
    char body[4000];
} VirNetlink;

/** A request of @type with the fixed part @fixed of @len bytes; @flags beside those of a request.
 */
void vir_netlink_begin(VirNetlink *message, int type, unsigned flags, const void *fixed, gsize len);
/** Adds an attribute. What does not fit is refused by vir_netlink_send(). */
void vir_netlink_add(VirNetlink *message, int type, const void *data, gsize len);
void vir_netlink_add_string(VirNetlink *message, int type, const char *text);
void vir_netlink_add_u8(VirNetlink *message, int type, guint8 value);
void vir_netlink_add_u32(VirNetlink *message, int type, guint32 value);
/** Opens an attribute that holds those added until vir_netlink_end() gets what it returns. */
gsize vir_netlink_nest(VirNetlink *message, int type);
void vir_netlink_end(VirNetlink *message, gsize nest);

/** Sends it and waits for the answer, which the kernel gives at once: 0 or an errno value. */
int vir_netlink_send(VirNetlink *message);
