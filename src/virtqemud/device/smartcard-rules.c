/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"

#define CERTIFICATES 3

gboolean
vir_complete_smartcards(VirModel *model, GError **error)
{
    vir_domain_smartcards_place(model->def);
    return TRUE;
}

static gboolean
check_smartcard(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainSmartcard *card = device->smartcard;
    gboolean passthrough = card->mode == VIR_DOMAIN_SMARTCARD_MODE_PASSTHROUGH;

    if (device->index > 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a guest of QEMU has one reader of smartcards");
    if (card->mode == VIR_DOMAIN_SMARTCARD_MODE_HOST_CERTIFICATES &&
        card->n_certificates != CERTIFICATES)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "mode 'host-certificates' needs %d <certificate>, there are %u",
                             CERTIFICATES, card->n_certificates);
    if (card->database && card->database[0] != '/')
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the database '%s' is no absolute path",
                             card->database);
    if (passthrough && !card->src.type)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "mode 'passthrough' needs a @type");
    if (card->info.address && card->info.address->controller > 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "it is on controller %u, and a guest of QEMU has one reader, 0",
                             card->info.address->controller);
    return vir_model_needs(
        model, passthrough ? VIR_QEMU_CAPS_CCID_PASSTHRU : VIR_QEMU_CAPS_CCID_EMULATED, error,
        "smartcards of mode '%s'", vir_domain_smartcard_mode_to_string(card->mode));
}

gboolean
vir_check_smartcards(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_SMARTCARD, check_smartcard, error);
}
