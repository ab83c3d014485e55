/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* Parts of a definition that nothing here turns into arguments: refused, never left out. */
gboolean
vir_argv_check(const VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainDevices *devices = &def->devices;
    const VirDomainFeatures *features = &def->features;
    const struct {
        gboolean there;
        const char *path;
    } lacks[] = {
        {devices->n_memories > 0, "/domain/devices/memory"},
        {def->os.firmware != 0, "/domain/os/@firmware"},
        {def->os.loader_type == VIR_DOMAIN_OS_LOADER_TYPE_PFLASH, "/domain/os/loader"},
        {def->os.nvram != NULL, "/domain/os/nvram"},
        {def->numatune != NULL, "/domain/numatune"},
        {def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO, "/domain/vcpu/@placement"},
        {features->msrs_unknown != 0, "/domain/features/msrs"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(lacks); i++) {
        if (lacks[i].there)
            return vir_argv_unsupported(argv, error, "%s", lacks[i].path);
    }
    return TRUE;
}
