/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-controller.h"
#include "vir-domain-model.h"

static gboolean
is_ccid(const VirDomainSmartcard *card)
{
    return card->info.address && card->info.address->type == VIR_DOMAIN_ADDRESS_TYPE_CCID;
}

static void
need_controller(VirDomainDef *def, guint index)
{
    if (!vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_CCID, index))
        vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_CCID, index, 0);
}

/* The slot behind those that are taken. */
static guint
next_slot(const VirDomainDevices *devices, guint controller)
{
    guint slot = 0;

    for (guint i = 0; i < devices->n_smartcards; i++) {
        const VirDomainSmartcard *card = devices->smartcards[i];

        if (is_ccid(card) && card->info.address->controller == controller)
            slot = MAX(slot, (guint)card->info.address->slot + 1);
    }
    return slot;
}

void
vir_domain_smartcards_place(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    guint slot = next_slot(devices, 0);

    for (guint i = 0; i < devices->n_smartcards; i++) {
        VirDomainDeviceInfo *info = &devices->smartcards[i]->info;

        if (!info->address) {
            info->address = vir_domain_address_new();
            info->address->type = VIR_DOMAIN_ADDRESS_TYPE_CCID;
            info->address->slot = slot++;
        }
        if (is_ccid(devices->smartcards[i]))
            need_controller(def, info->address->controller);
    }
}
