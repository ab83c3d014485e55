/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_memory(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    if (!def->has_current_memory || def->current_memory > def->memory) {
        def->current_memory = def->memory;
        def->has_current_memory = TRUE;
    }
    return TRUE;
}
