/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"

gboolean
vir_argv_pstore(VirArgv *argv, GError **error)
{
    const VirDomainPstore *pstore = argv->def->devices.pstore;
    g_autofree char *id = NULL;

    if (!pstore)
        return TRUE;
    id = g_strconcat("mem", pstore->info.alias, NULL);
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", "memory-backend-file", "s:id", id, "s:mem-path",
                                     pstore->path, "u:size", pstore->size << 10, "b:share", TRUE,
                                     NULL));
    return vir_argv_add_named(argv, vir_props_new("s:driver", "acpi-erst", "s:memdev", id, NULL),
                              &pstore->info, error);
}
