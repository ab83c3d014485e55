/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"

gboolean
vir_complete_rngs(VirModel *model, GError **error)
{
    vir_domain_rngs_complete(model->def);
    return TRUE;
}

gboolean
vir_check_rngs(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_rngs; i++) {
        const VirDomainRng *rng = model->def->devices.rngs[i];

        if (rng->backend == VIR_DOMAIN_RNG_BACKEND_BUILTIN &&
            !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_OBJECT_RNG_BUILTIN))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "rng[%u]: emulator '%s' has no generator 'builtin'", i + 1,
                                 model->caps->binary);
        if (rng->backend == VIR_DOMAIN_RNG_BACKEND_EGD && !rng->src.type)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "rng[%u]: backend 'egd' needs @type, the kind of its server",
                                 i + 1);
    }
    return TRUE;
}
