/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

void
vir_domain_rngs_complete(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_rngs; i++) {
        VirDomainRng *rng = def->devices.rngs[i];

        /* A period of nothing is no limit. */
        if (!rng->rate_bytes)
            rng->rate_period = 0;
        if (rng->backend == VIR_DOMAIN_RNG_BACKEND_RANDOM && !rng->backend_path)
            rng->backend_path = g_strdup("/dev/random");
    }
}
