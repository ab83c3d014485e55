/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-boot.h"

#include "vir-domain-device.h"
#include "vir-error.h"
#include "vir-xml.h"
#include <string.h>

void
vir_domain_boot_complete(VirDomainDef *def)
{
    VirDomainBootDevice *boot;

    /* There are four kinds; what is named behind them was never looked at. */
    while (def->os.n_boot_devices > 4)
        vir_domain_boot_device_free(
            vir_xml_remove(&def->os, boot_devices, def->os.n_boot_devices - 1));
    if (def->os.bootmenu_enable != VIR_TRISTATE_YES)
        def->os.has_bootmenu_timeout = FALSE;
    if (def->os.type != VIR_DOMAIN_OS_TYPE_HVM || def->os.n_boot_devices > 0 ||
        vir_domain_has_boot_order(def))
        return;
    boot = vir_domain_boot_device_new();
    boot->dev = VIR_DOMAIN_BOOT_DEVICE_DEV_HD;
    vir_xml_append(&def->os, boot_devices, boot);
}

/* What the firmware of s390 takes as the choice of its menu. */
static gboolean
check_loadparm(const VirDomainDevice *device, void *data, GError **error)
{
    const char *loadparm = device->loadparm;
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

gboolean
vir_domain_loadparms_check(const VirDomainDef *def, GError **error)
{
    return vir_domain_each_device((VirDomainDef *)def, check_loadparm, NULL, error);
}

static gboolean
to_capitals(const VirDomainDevice *device, void *data, GError **error)
{
    for (char *at = device->loadparm; at && *at; at++)
        *at = g_ascii_toupper(*at);
    return TRUE;
}

void
vir_domain_loadparms_complete(VirDomainDef *def)
{
    vir_domain_each_device(def, to_capitals, NULL, NULL);
}

gboolean
vir_domain_boot_check(const VirDomainDef *def, GError **error)
{
    if (def->os.n_boot_devices > 0 && vir_domain_has_boot_order(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "devices with <boot order='…'/> and /domain/os/boot exclude each "
                             "other");
    return vir_domain_devices_check(def, error);
}
