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

static gboolean
check_rng(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainRng *rng = device->rng;

    if (rng->backend == VIR_DOMAIN_RNG_BACKEND_EGD && !rng->src.type)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "backend 'egd' needs @type, the kind of its server");
    return rng->backend != VIR_DOMAIN_RNG_BACKEND_BUILTIN ||
           vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_RNG_BUILTIN, error, "generator 'builtin'");
}

gboolean
vir_check_rngs(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_RNG, check_rng, error);
}
