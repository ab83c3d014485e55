/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_memballoon(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    if (!devices->memballoon && vir_board(model->def, model->caps).balloon) {
        devices->memballoon = vir_domain_memballoon_new();
        devices->memballoon->model = VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO;
    }
    return TRUE;
}

gboolean
vir_complete_watchdogs(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;
    VirDomainWatchdog *watchdog;

    for (guint i = 0; i < devices->n_watchdogs; i++) {
        if (!devices->watchdogs[i]->action)
            devices->watchdogs[i]->action = VIR_DOMAIN_WATCHDOG_ACTION_RESET;
    }
    if (!vir_board(model->def, model->caps).itco)
        return TRUE;
    /* Part of the board. */
    for (guint i = 0; i < devices->n_watchdogs; i++) {
        if (devices->watchdogs[i]->model == VIR_DOMAIN_WATCHDOG_MODEL_ITCO)
            return TRUE;
    }
    watchdog = vir_domain_watchdog_new();
    watchdog->model = VIR_DOMAIN_WATCHDOG_MODEL_ITCO;
    watchdog->action =
        devices->n_watchdogs > 0 ? devices->watchdogs[0]->action : VIR_DOMAIN_WATCHDOG_ACTION_RESET;
    vir_xml_append(devices, watchdogs, watchdog);
    return TRUE;
}
