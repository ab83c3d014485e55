/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

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

/* Where a model can be. */
static gboolean
check_model(const VirDomainDef *def, const VirDomainWatchdog *watchdog, guint i, GError **error)
{
    const char *model = vir_domain_watchdog_model_to_string(watchdog->model);
    gboolean fits = TRUE;

    switch (watchdog->model) {
    case VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB:
        break;
    case VIR_DOMAIN_WATCHDOG_MODEL_IB700:
        fits = vir_def_is_i440fx(def);
        break;
    case VIR_DOMAIN_WATCHDOG_MODEL_DIAG288:
        fits = vir_def_is_s390(def);
        break;
    default:
        fits = vir_def_is_q35(def);
        break;
    }
    if (!fits)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "watchdog[%u]: machine type '%s' of %s has no watchdog '%s'", i + 1,
                             def->os.machine, def->os.arch, model);
    return TRUE;
}

gboolean
vir_check_watchdogs(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_watchdogs; i++) {
        const VirDomainWatchdog *watchdog = devices->watchdogs[i];

        if (!check_model(model->def, watchdog, i, error))
            return FALSE;
        /* QEMU knows one action for all of them. */
        if (watchdog->action != devices->watchdogs[0]->action)
            return vir_error_set(
                error, VIR_ERR_CONFIG_UNSUPPORTED,
                "watchdog[%u]: its action '%s' is not that of the first, '%s'; "
                "all watchdogs of a guest have one action",
                i + 1, vir_domain_watchdog_action_to_string(watchdog->action),
                vir_domain_watchdog_action_to_string(devices->watchdogs[0]->action));
        for (guint j = 0; j < i; j++) {
            if (devices->watchdogs[j]->model == watchdog->model &&
                watchdog->model != VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB)
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "watchdog[%u]: there can only be one of model '%s'", i + 1,
                                     vir_domain_watchdog_model_to_string(watchdog->model));
        }
    }
    return TRUE;
}
