/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-boot.h"
#include "vir-error.h"
#include <string.h>

gboolean
vir_complete_boot(VirModel *model, GError **error)
{
    vir_domain_boot_complete(model->def);
    vir_domain_loadparms_complete(model->def);
    return TRUE;
}

static gboolean
check_acpi_tables(const VirDomainOs *os, GError **error)
{
    for (guint i = 0; i < os->n_acpi_tables; i++) {
        int type = os->acpi_tables[i]->type;

        if (!os->acpi_tables[i]->path)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/os/acpi/table[%u] has no path",
                                 i + 1);
        if (type == VIR_DOMAIN_ACPI_TABLE_TYPE_RAWSET)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/os/acpi/table[%u]/@type 'rawset' is of Xen; QEMU takes "
                                 "each table as one of type 'raw'",
                                 i + 1);
        for (guint j = 0; type != VIR_DOMAIN_ACPI_TABLE_TYPE_RAW && j < i; j++) {
            if (os->acpi_tables[j]->type == type)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/os/acpi: there are two tables of type '%s'",
                                     vir_domain_acpi_table_type_to_string(type));
        }
    }
    return TRUE;
}

gboolean
vir_check_boot(VirModel *model, GError **error)
{
    const VirDomainOs *os = &model->def->os;

    if (os->has_bootmenu_timeout && os->bootmenu_timeout > 65535)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/os/bootmenu/@timeout %u is not in 0..65535",
                             os->bootmenu_timeout);
    if (os->bios_useserial == VIR_TRISTATE_YES && !vir_def_is_x86(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/os/bios/@useserial: only firmware of x86 can be told to show "
                             "its messages on the serial port");
    if (os->bios_useserial == VIR_TRISTATE_YES && model->def->devices.n_serials == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/os/bios/@useserial: the guest has no serial port");
    if (model->def->bootloader)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/bootloader: QEMU has none; /domain/os says what it starts");
    if (model->def->title && strchr(model->def->title, '\n'))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/title is a single line");
    return vir_domain_boot_check(model->def, error) && check_acpi_tables(os, error);
}
