/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-env.h"

static void
count_bytes(guint8 *bytes, gsize n)
{
    for (gsize i = 0; i < n; i++)
        bytes[i] = (guint8)i;
}

CorpusEnv *
corpus_env_new(const CorpusQemu *c, GError **error)
{
    g_autoptr(CorpusEnv) self = g_new0(CorpusEnv, 1);

    /* No such file: the defaults of every key. */
    if (!vir_qemu_conf_load(&self->conf, "/nonexistent/qemu.conf", error))
        return NULL;
    self->env = (VirQemuEnv){.conf = &self->conf, .privileged = TRUE, .random = count_bytes};
    return g_steal_pointer(&self);
}

void
corpus_env_free(CorpusEnv *self)
{
    vir_qemu_conf_clear(&self->conf);
    g_free(self);
}
