/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-device.h"
#include "vir-error.h"
#include <string.h>

static void
default_boot(VirDomainDef *def)
{
    VirDomainBootDevice *boot;

    if (def->os.bootmenu_enable != VIR_TRISTATE_YES)
        def->os.has_bootmenu_timeout = FALSE;
    if (def->os.n_boot_devices > 0 || vir_domain_has_boot_order(def))
        return;
    boot = vir_domain_boot_device_new();
    boot->dev = VIR_DOMAIN_BOOT_DEVICE_DEV_HD;
    vir_xml_append(&def->os, boot_devices, boot);
}

gboolean
vir_complete_boot(VirModel *model, GError **error)
{
    default_boot(model->def);
    return TRUE;
}

/* What the firmware of s390 takes as the choice of its menu. */
static gboolean
check_loadparm(const char *loadparm, GError **error)
{
    gsize n = loadparm ? strlen(loadparm) : 0;

    if (!loadparm)
        return TRUE;
    if (n == 0 || n > 8)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "boot/@loadparm '%s' has %" G_GSIZE_FORMAT
                             " characters, it is to have 1 to 8",
                             loadparm, n);
    for (const char *at = loadparm; *at; at++) {
        if (!g_ascii_isalnum(*at) && *at != '.' && *at != ' ')
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "boot/@loadparm '%s': only letters, digits, '.' and blanks can be "
                                 "in it",
                                 loadparm);
    }
    return TRUE;
}

static gboolean
check_loadparms(const VirDomainDevices *devices, GError **error)
{
    for (guint i = 0; i < devices->n_disks; i++) {
        if (!check_loadparm(devices->disks[i]->boot_loadparm, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_interfaces; i++) {
        if (!check_loadparm(devices->interfaces[i]->boot_loadparm, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_hostdevs; i++) {
        if (!check_loadparm(devices->hostdevs[i]->boot_loadparm, error))
            return FALSE;
    }
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
    if (os->n_boot_devices > 0 && vir_domain_has_boot_order(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "devices with <boot order='…'/> and /domain/os/boot exclude each "
                             "other");
    if (!os->kernel && (os->initrd || os->cmdline || os->shim))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/os: initrd, cmdline and shim go with a kernel");
    return vir_domain_devices_check(model->def, error) && check_acpi_tables(os, error) &&
           check_loadparms(&model->def->devices, error);
}
