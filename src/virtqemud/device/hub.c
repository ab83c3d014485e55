/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"

gboolean
vir_argv_hubs(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_hubs; i++) {
        if (!vir_argv_add_named(argv, vir_props_new("s:driver", "usb-hub", NULL),
                                &argv->def->devices.hubs[i]->info, error))
            return FALSE;
    }
    return TRUE;
}
