/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"

gboolean
vir_argv_watchdogs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;
    gboolean itco = FALSE;
    int action;

    if (devices->n_watchdogs == 0)
        return TRUE;
    for (guint i = 0; i < devices->n_watchdogs; i++) {
        const VirDomainWatchdog *watchdog = devices->watchdogs[i];
        const char *model = vir_domain_watchdog_model_to_string(watchdog->model);

        if (watchdog->model == VIR_DOMAIN_WATCHDOG_MODEL_ITCO)
            itco = TRUE;
        else if (!vir_argv_add_named(argv, vir_props_new("s:driver", model, NULL), &watchdog->info,
                                     error))
            return FALSE;
    }
    /* On q35 it is of the board, but cannot reset until it is told so. */
    if (itco)
        vir_argv_add(argv, "-global", "ICH9-LPC.noreboot=off");
    /* QEMU stops the guest for a dump; we make it and go on. */
    action = devices->watchdogs[0]->action;
    if (action == VIR_DOMAIN_WATCHDOG_ACTION_DUMP)
        action = VIR_DOMAIN_WATCHDOG_ACTION_PAUSE;
    vir_argv_add(argv, "-watchdog-action", vir_domain_watchdog_action_to_string(action));
    return TRUE;
}
