/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

#define CERTIFICATES 3
#define DATABASE "/etc/pki/nssdb"

static json_object *
certificate_props(const VirDomainSmartcard *card)
{
    static const char *const keys[CERTIFICATES] = {"s:cert1", "s:cert2", "s:cert3"};
    json_object *props =
        vir_props_new("s:driver", "ccid-card-emulated", "s:backend", "certificates", NULL);

    for (guint i = 0; i < CERTIFICATES; i++)
        vir_props_add(props, keys[i], card->certificates[i], NULL);
    vir_props_add(props, "s:db", card->database ? card->database : DATABASE, NULL);
    return props;
}

gboolean
vir_argv_smartcards(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_smartcards; i++) {
        const VirDomainSmartcard *card = argv->def->devices.smartcards[i];
        g_autofree char *id = g_strconcat("char", card->info.alias, NULL);
        json_object *props;

        if (card->mode == VIR_DOMAIN_SMARTCARD_MODE_PASSTHROUGH) {
            if (!vir_argv_chardev(argv, &card->src, id, "smartcard", error))
                return FALSE;
            props = vir_props_new("s:driver", "ccid-card-passthru", "s:chardev", id, NULL);
        } else if (card->mode == VIR_DOMAIN_SMARTCARD_MODE_HOST) {
            props =
                vir_props_new("s:driver", "ccid-card-emulated", "s:backend", "nss-emulated", NULL);
        } else {
            props = certificate_props(card);
        }
        if (!vir_argv_add_named(argv, props, &card->info, error))
            return FALSE;
    }
    return TRUE;
}
