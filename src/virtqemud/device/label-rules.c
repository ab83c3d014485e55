/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-metadata.h"
#include "vir-domain-seclabel.h"
#include "vir-error.h"

gboolean
vir_complete_labels(VirModel *model, GError **error)
{
    vir_domain_metadata_tidy(&model->def->metadata);
    return vir_domain_seclabels_complete(model->def, "none", error);
}

/* A guest that is to be confined does not run without. */
gboolean
vir_prepare_labels(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;

    for (guint i = 0; i < def->n_seclabels; i++) {
        const VirDomainSeclabel *label = def->seclabels[i];

        if (label->type != VIR_DOMAIN_SECLABEL_TYPE_NONE &&
            !model->env->can_label(model->env, label->model))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/seclabel: there is no security driver '%s' here; with "
                                 "<seclabel type='none' model='%s'/> the guest runs without",
                                 label->model, label->model);
    }
    return TRUE;
}
