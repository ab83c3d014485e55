/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

static gboolean
check_crypto(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainCrypto *crypto = device->crypto;

    if (crypto->has_queues && crypto->queues == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "backend/@queues has to be at least 1");
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VIRTIO_CRYPTO, error, "accelerators") &&
           (crypto->backend != VIR_DOMAIN_CRYPTO_BACKEND_LKCF ||
            vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_CRYPTO_LKCF, error,
                            "backend 'lkcf'; 'builtin' is in every one"));
}

gboolean
vir_check_cryptos(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_CRYPTO, check_crypto, error);
}
