/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-env-net.h"

#include "corpus-env.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-network-model.h"
#include "vir-network-port-model.h"
#include <stddef.h>
#include <string.h>

static int
open_device(const VirQemuEnv *env, VirQemuHostDevice kind, const char *path, GError **error)
{
    static const int numbers[] = {
        [VIR_QEMU_DEVICE_VHOST_NET] = 44,
        [VIR_QEMU_DEVICE_VHOST_VSOCK] = 6789,
        [VIR_QEMU_DEVICE_VHOST_SCSI] = 3,
        [VIR_QEMU_DEVICE_VHOST_VDPA] = 1732,
    };
    CorpusEnv *self = (CorpusEnv *)corpus_env_of(env);
    /* A card's queues count from its first. */
    int n = kind == VIR_QEMU_DEVICE_VHOST_NET ? (int)self->vhosts++ : 0;

    return corpus_env_fd(self, numbers[kind] + n);
}

static gboolean
open_tap(const VirQemuEnv *env, const VirDomainDef *def, VirDomainInterface *net, guint n, int *fds,
         GError **error)
{
    CorpusEnv *self = (CorpusEnv *)corpus_env_of(env);

    if (!net->target)
        net->target = g_strdup("vnet0");
    self->vhosts = 0;
    for (guint i = 0; i < n; i++)
        fds[i] = corpus_env_fd(self, 3 + (int)i);
    return TRUE;
}

/* "NETWORK;PORT" names the documents of both. */
static VirNetworkPortDef *
network_port(const VirQemuEnv *env, const VirDomainDef *def, const VirDomainInterface *net,
             GError **error)
{
    const CorpusEnv *self = corpus_env_of(env);
    const char *port = strchr(net->network, ';');
    g_autofree char *folder = g_path_get_dirname(self->c->path);
    g_autofree char *corpus = g_path_get_dirname(folder);
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    VirNetworkPortDef *made;
    gsize len = 0;

    if (!port) {
        vir_error_set(error, VIR_ERR_NO_NETWORK, "%s", net->network);
        return NULL;
    }
    path = g_strdup_printf("%s/virnetworkportxml2xmldata/%s.xml", corpus, port + 1);
    text = vir_file_read(path, 1 << 20, &len, error);
    made = text ? vir_network_port_model_parse(text, (gssize)len, path, 0, NULL, error) : NULL;
    if (made)
        memset(made->uuid, 0, sizeof(made->uuid));
    return made;
}

/* The first address of the network's document. */
static char *
network_address(const VirQemuEnv *env, const char *name, GError **error)
{
    const char *end = strchr(name, ';');
    g_autofree char *folder = g_path_get_dirname(corpus_env_of(env)->c->path);
    g_autofree char *corpus = g_path_get_dirname(folder);
    g_autofree char *path = g_strdup_printf("%s/networkxml2xmlin/%.*s.xml", corpus,
                                            end ? (int)(end - name) : (int)strlen(name), name);
    gsize len = 0;
    g_autofree char *text = vir_file_read(path, 1 << 20, &len, error);
    g_autoptr(VirNetworkDef) def =
        text ? vir_network_model_parse(text, (gssize)len, path, 0, 0, NULL, error) : NULL;

    if (!def)
        return NULL;
    if (def->n_ips > 0 && def->ips[0]->address)
        return g_strdup(def->ips[0]->address);
    vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "network '%s' has no address", name);
    return NULL;
}

void
corpus_env_net(VirQemuEnv *env)
{
    env->open_device = open_device;
    env->open_tap = open_tap;
    env->network_port = network_port;
    env->network_address = network_address;
}
