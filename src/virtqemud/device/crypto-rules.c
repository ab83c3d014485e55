/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_check_cryptos(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_cryptos; i++) {
        const VirDomainCrypto *crypto = model->def->devices.cryptos[i];

        if (!vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_CRYPTO))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "crypto[%u]: emulator '%s' has no accelerators", i + 1,
                                 model->caps->binary);
        if (crypto->backend == VIR_DOMAIN_CRYPTO_BACKEND_LKCF &&
            !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_OBJECT_CRYPTO_LKCF))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "crypto[%u]: emulator '%s' has no backend 'lkcf'; 'builtin' is "
                                 "in every one",
                                 i + 1, model->caps->binary);
        if (crypto->has_queues && crypto->queues == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "crypto[%u]: backend/@queues has to be at least 1", i + 1);
    }
    return TRUE;
}
