/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argv.h"
#include "vir-domain-net.h"

/* Network cards. A card of type "network" has at a start become what its port is plugged into. */

/** Pairs of queues; 1 where no more are asked for. */
guint vir_net_queues(const VirDomainInterface *net);
/** The card has a tap or macvtap device. */
gboolean vir_net_has_tap(const VirDomainInterface *net);
/** The frames go through passt. */
gboolean vir_net_uses_passt(const VirDomainInterface *net);

/** Socket of the passt process of a card with an alias. g_free(). */
char *vir_net_passt_socket(const VirQemuEnv *env, const VirDomainDef *def,
                           const VirDomainInterface *net);

/** What a start asks of the card as it really is. */
gboolean vir_net_check_start(const VirDomainInterface *net, GError **error);

/** -netdev of the card, with the -chardev and fds that it needs; NULL with an error. */
json_object *vir_net_backend(VirArgv *argv, VirDomainInterface *net, GError **error);
/** Adds -netdev; takes @props. */
void vir_net_add_netdev(VirArgv *argv, json_object *props);
/** -device of the card without its place; NULL with an error. */
json_object *vir_net_device(const VirArgv *argv, const VirDomainInterface *net, GError **error);
