/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"
#include <string.h>

gboolean
vir_complete_interfaces(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    static const guint8 none[6];

    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        VirDomainInterface *net = def->devices.interfaces[i];

        if (memcmp(net->mac, none, sizeof(none)) == 0) {
            memcpy(net->mac, (const guint8[]){0x52, 0x54, 0x00}, 3);
            model->env->random(net->mac + 3, 3);
            net->has_mac = TRUE;
        }
        if (net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            continue; /* the device is what it is */
        if (!net->model)
            net->model = g_strdup(vir_board_net_model(def, model->caps));
    }
    return TRUE;
}
