/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_panics(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;
    VirBoard board = vir_board(model->def, model->caps);

    for (guint i = 0; i < devices->n_panics; i++) {
        if (!devices->panics[i]->model)
            devices->panics[i]->model = board.panic;
    }
    if (board.panic_always) {
        for (guint i = 0; i < devices->n_panics; i++) {
            if (devices->panics[i]->model == board.panic)
                return TRUE;
        }
        vir_xml_append(devices, panics, vir_domain_panic_new());
        devices->panics[devices->n_panics - 1]->model = board.panic;
    }
    return TRUE;
}
