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

gboolean
vir_check_smartcards(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_smartcards; i++) {
        const VirDomainSmartcard *card = model->def->devices.smartcards[i];
        gboolean passthrough = card->mode == VIR_DOMAIN_SMARTCARD_MODE_PASSTHROUGH;

        if (card->mode == VIR_DOMAIN_SMARTCARD_MODE_HOST_CERTIFICATES &&
            card->n_certificates != CERTIFICATES)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "smartcard[%u]: mode 'host-certificates' needs %d <certificate>, "
                                 "there are %u",
                                 i + 1, CERTIFICATES, card->n_certificates);
        if (card->database && card->database[0] != '/')
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "smartcard[%u]: the database '%s' is no absolute path", i + 1,
                                 card->database);
        if (passthrough && !card->src.type)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "smartcard[%u]: mode 'passthrough' needs a @type", i + 1);
        if (card->info.address && card->info.address->controller > 0)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "smartcard[%u]: it is on controller %u, and a guest of QEMU has "
                                 "one reader, 0",
                                 i + 1, card->info.address->controller);
        if (!vir_qemu_caps_has(model->caps, passthrough ? VIR_QEMU_CAPS_CCID_PASSTHRU
                                                        : VIR_QEMU_CAPS_CCID_EMULATED))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "smartcard[%u]: emulator '%s' has no smartcards of mode '%s'",
                                 i + 1, model->caps->binary,
                                 vir_domain_smartcard_mode_to_string(card->mode));
    }
    return TRUE;
}
