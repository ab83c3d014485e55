/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env.h"

#include <sys/random.h>

static void
random_bytes(guint8 *bytes, gsize n)
{
    if (getrandom(bytes, n, 0) != (gssize)n)
        g_error("the kernel gives no random bytes");
}

void
vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged)
{
    *env = (VirQemuEnv){.conf = conf, .privileged = privileged, .random = random_bytes};
}
