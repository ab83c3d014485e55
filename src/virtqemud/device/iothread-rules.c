/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_check_iothreads(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    gboolean pools = FALSE;

    for (guint i = 0; i < def->n_iothread_ids; i++)
        pools = pools || def->iothread_ids[i]->has_thread_pool_min ||
                def->iothread_ids[i]->has_thread_pool_max;
    if (pools && !vir_model_needs(model, VIR_QEMU_CAPS_IOTHREAD_THREAD_POOL_MAX, error,
                                  "limits of the workers of an I/O thread"))
        return FALSE;
    if ((def->has_defaultiothread_thread_pool_min || def->has_defaultiothread_thread_pool_max) &&
        !vir_qemu_caps_has_type(model->caps, "main-loop"))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/defaultiothread: emulator '%s' has no limits of the workers "
                             "of its main loop",
                             model->caps->binary);
    return TRUE;
}
