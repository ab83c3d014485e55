/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* Parts of a definition that nothing here turns into arguments: refused, never left out. */
gboolean
vir_argv_check(const VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainFeatures *features = &def->features;
    const struct {
        gboolean there;
        const char *path;
    } lacks[] = {
        {features->msrs_unknown != 0, "/domain/features/msrs"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_argv_unsupported(argv, error, "%s", lacks[i].path);
    }
    return TRUE;
}
