/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-net.h"

#include "vir-error.h"

static gboolean
open_tap(const VirQemuEnv *env, const VirDomainDef *def, VirDomainInterface *net, guint n, int *fds,
         GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "domain '%s': network cards of type '%s' cannot be started yet", def->name,
                         vir_domain_interface_type_to_string(net->type));
}

static VirNetworkPortDef *
network_port(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
             GError **error)
{
    vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                  "network card of type 'network': network '%s' needs virtnetworkd, which there is "
                  "not yet; use type='bridge'",
                  net->network);
    return NULL;
}

static gboolean
start_passt(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
            const char *socket, GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "domain '%s': <backend type='passt'/> of a network card cannot be started "
                         "yet",
                         def->name);
}

void
vir_qemu_env_net(VirQemuEnv *env)
{
    env->open_tap = open_tap;
    env->network_port = network_port;
    env->start_passt = start_passt;
}
