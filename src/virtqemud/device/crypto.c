/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"

gboolean
vir_argv_cryptos(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_cryptos; i++) {
        const VirDomainCrypto *crypto = argv->def->devices.cryptos[i];
        g_autofree char *id = g_strconcat("obj", crypto->info.alias, NULL);
        g_autofree char *driver =
            vir_props_virtio_driver("virtio-crypto", &crypto->info, FALSE, FALSE);
        json_object *props;

        vir_argv_add_props(argv, "-object",
                           vir_props_new("s:qom-type",
                                         crypto->backend == VIR_DOMAIN_CRYPTO_BACKEND_LKCF
                                             ? "cryptodev-backend-lkcf"
                                             : "cryptodev-backend-builtin",
                                         "s:id", id, "U:queues",
                                         (guint64)(crypto->has_queues ? crypto->queues : 0), NULL));
        props = vir_props_new("s:driver", driver, NULL);
        if (crypto->driver)
            vir_props_add_virtio(props, crypto->driver, );
        vir_props_add(props, "s:cryptodev", id, NULL);
        if (!vir_argv_add_named(argv, props, &crypto->info, error))
            return FALSE;
    }
    return TRUE;
}
