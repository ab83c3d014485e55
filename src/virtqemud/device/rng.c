/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

#define RATE_PERIOD_MS 1000

static gboolean
add_backend(VirArgv *argv, const VirDomainRng *rng, const char *id, GError **error)
{
    g_autofree char *chardev = g_strconcat("char", rng->info.alias, NULL);

    switch (rng->backend) {
    case VIR_DOMAIN_RNG_BACKEND_RANDOM:
        vir_argv_add_props(argv, "-object",
                           vir_props_new("s:qom-type", "rng-random", "s:id", id, "s:filename",
                                         rng->backend_path, NULL));
        return TRUE;
    case VIR_DOMAIN_RNG_BACKEND_BUILTIN:
        vir_argv_add_props(argv, "-object",
                           vir_props_new("s:qom-type", "rng-builtin", "s:id", id, NULL));
        return TRUE;
    default:
        if (!vir_argv_chardev(argv, &rng->src, chardev, NULL, error))
            return FALSE;
        vir_argv_add_props(
            argv, "-object",
            vir_props_new("s:qom-type", "rng-egd", "s:id", id, "s:chardev", chardev, NULL));
        return TRUE;
    }
}

gboolean
vir_argv_rngs(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_rngs; i++) {
        const VirDomainRng *rng = argv->def->devices.rngs[i];
        g_autofree char *id = g_strconcat("obj", rng->info.alias, NULL);
        g_autofree char *driver = vir_props_virtio_name("virtio-rng", rng);
        json_object *props;

        if (!add_backend(argv, rng, id, error))
            return FALSE;
        props = vir_props_new("s:driver", driver, NULL);
        if (rng->driver)
            vir_props_add_virtio(props, rng->driver, );
        vir_props_add(props, "s:rng", id, NULL);
        if (rng->rate_bytes)
            vir_props_add(props, "u:max-bytes", (guint64)rng->rate_bytes, "u:period",
                          (guint64)(rng->rate_period ? rng->rate_period : RATE_PERIOD_MS), NULL);
        if (!vir_argv_add_named(argv, props, &rng->info, error))
            return FALSE;
    }
    return TRUE;
}
