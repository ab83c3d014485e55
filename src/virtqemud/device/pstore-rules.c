/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

#define MIN_KIB 4

gboolean
vir_complete_pstore(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainPstore *pstore = def->devices.pstore;

    if (pstore && !pstore->path && model->env->nvram_dir)
        pstore->path = g_strdup_printf("%s/%s_PSTORE.raw", model->env->nvram_dir, def->name);
    return TRUE;
}

gboolean
vir_check_pstore(VirModel *model, GError **error)
{
    const VirDomainPstore *pstore = model->def->devices.pstore;

    if (!pstore)
        return TRUE;
    if (pstore->size < MIN_KIB || (pstore->size & (pstore->size - 1)) != 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "pstore: its size has to be a power of two and at least %d KiB",
                             MIN_KIB);
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_ACPI_ERST, error, "device 'acpi-erst'");
}
