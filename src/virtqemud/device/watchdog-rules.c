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
board_has(const VirDomainDef *def, int model)
{
    switch (model) {
    case VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB:
        return TRUE;
    case VIR_DOMAIN_WATCHDOG_MODEL_IB700:
        return vir_def_is_i440fx(def);
    case VIR_DOMAIN_WATCHDOG_MODEL_DIAG288:
        return vir_def_is_s390(def);
    default:
        return vir_def_is_q35(def);
    }
}

static gboolean
check_watchdog(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainWatchdog *watchdog = device->watchdog;
    const VirDomainWatchdog *first = def->devices.watchdogs[0];
    const char *name = vir_domain_watchdog_model_to_string(watchdog->model);

    if (!board_has(def, watchdog->model))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' of %s has no watchdog '%s'", def->os.machine,
                             def->os.arch, name);
    /* QEMU knows one action for all of them. */
    if (watchdog->action != first->action)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "its action '%s' is not that of the first, '%s'; all watchdogs of a "
                             "guest have one action",
                             vir_domain_watchdog_action_to_string(watchdog->action),
                             vir_domain_watchdog_action_to_string(first->action));
    for (guint i = 0; i < device->index; i++) {
        if (def->devices.watchdogs[i]->model == watchdog->model &&
            watchdog->model != VIR_DOMAIN_WATCHDOG_MODEL_I6300ESB)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "there can only be one of model '%s'", name);
    }
    return TRUE;
}

gboolean
vir_check_watchdogs(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_WATCHDOG, check_watchdog, error);
}
