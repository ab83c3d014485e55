/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firmware.h"

#define SEV_POLICY_ES 0x04

gboolean
vir_def_has_uefi(const VirDomainDef *def)
{
    return def->os.firmware == VIR_DOMAIN_OS_FIRMWARE_EFI ||
           def->os.loader_type == VIR_DOMAIN_OS_LOADER_TYPE_PFLASH;
}

/* Whether its variables are files on this host that a start makes where there are none. */
static gboolean
has_local_nvram(const VirDomainDef *def)
{
    return !def->os.nvram_source ||
           def->os.nvram_source->src.type != VIR_DOMAIN_SOURCE_TYPE_NETWORK;
}

const char *
vir_def_nvram_path(const VirDomainDef *def)
{
    if (!def->os.nvram_source)
        return def->os.nvram;
    return has_local_nvram(def) ? def->os.nvram_source->src.path : NULL;
}

/* ---- what is asked ---- */

/* What <firmware><feature> says of @name: yes, no, or absent. */
static int
wanted_feature(const VirDomainDef *def, int name)
{
    for (guint i = 0; i < def->os.n_firmware_features; i++) {
        if (def->os.firmware_features[i]->name == name)
            return def->os.firmware_features[i]->enabled;
    }
    return VIR_TRISTATE_ABSENT;
}

static gboolean
agrees(int wanted, gboolean has)
{
    return wanted == VIR_TRISTATE_ABSENT || (wanted == VIR_TRISTATE_YES) == has;
}

static gboolean
has_interface(const VirDomainDef *def, const VirFirmware *firmware)
{
    switch (def->os.firmware) {
    case VIR_DOMAIN_OS_FIRMWARE_BIOS:
        return (firmware->interfaces & VIR_FIRMWARE_BIOS) != 0;
    case VIR_DOMAIN_OS_FIRMWARE_EFI:
        return (firmware->interfaces & VIR_FIRMWARE_UEFI) != 0;
    default:
        /* A path that the user gave says which it is. */
        return def->os.loader && firmware->interfaces != 0;
    }
}

/* Features that the guest, not the user, needs. */
static unsigned
needed_features(const VirDomainDef *def)
{
    const VirDomainLaunchSecurity *security = def->launch_security;
    unsigned needed = 0;

    if (def->suspend_to_mem == VIR_TRISTATE_YES)
        needed |= VIR_FIRMWARE_ACPI_S3;
    if (def->suspend_to_disk == VIR_TRISTATE_YES)
        needed |= VIR_FIRMWARE_ACPI_S4;
    if (!security)
        return needed;
    switch (security->type) {
    case VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV:
        needed |= VIR_FIRMWARE_AMD_SEV;
        if (security->policy & SEV_POLICY_ES)
            needed |= VIR_FIRMWARE_AMD_SEV_ES;
        break;
    case VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV_SNP:
        needed |= VIR_FIRMWARE_AMD_SEV_SNP;
        break;
    case VIR_DOMAIN_LAUNCH_SECURITY_TYPE_TDX:
        needed |= VIR_FIRMWARE_INTEL_TDX;
        break;
    default:
        break;
    }
    return needed;
}

static gboolean
has_features(const VirDomainDef *def, const VirFirmware *firmware)
{
    unsigned needed = needed_features(def);
    gboolean smm = (firmware->features & VIR_FIRMWARE_REQUIRES_SMM) != 0;

    if ((firmware->features & needed) != needed)
        return FALSE;
    if (smm && def->features.smm_present && def->features.smm == VIR_TRISTATE_OFF)
        return FALSE;
    return agrees(def->os.loader_secure, smm) &&
           agrees(wanted_feature(def, VIR_DOMAIN_FIRMWARE_FEATURE_NAME_SECURE_BOOT),
                  (firmware->features & VIR_FIRMWARE_SECURE_BOOT) != 0) &&
           agrees(wanted_feature(def, VIR_DOMAIN_FIRMWARE_FEATURE_NAME_ENROLLED_KEYS),
                  (firmware->features & VIR_FIRMWARE_ENROLLED_KEYS) != 0);
}

static gboolean
has_format(int wanted, const char *format)
{
    return !wanted || g_strcmp0(vir_domain_image_format_to_string(wanted), format) == 0;
}

static gboolean
fits_flash(const VirDomainDef *def, const VirFirmware *firmware)
{
    const VirDomainOs *os = &def->os;
    gboolean stateless = os->loader_stateless == VIR_TRISTATE_YES;

    if (os->loader_type && os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH)
        return FALSE;
    /* Code that guests share is not written to; so combined builds are only for who copies them. */
    if (os->loader_readonly == VIR_TRISTATE_NO ||
        firmware->mapping != (stateless ? VIR_FIRMWARE_STATELESS : VIR_FIRMWARE_SPLIT))
        return FALSE;
    if (stateless)
        return TRUE;
    return (!os->nvram_template || g_strcmp0(os->nvram_template, firmware->template) == 0) &&
           has_format(os->nvram_template_format, firmware->template_format) &&
           has_format(os->nvram_format, firmware->template_format);
}

static gboolean
fits_memory(const VirDomainDef *def)
{
    const VirDomainOs *os = &def->os;

    return (!os->loader_type || os->loader_type == VIR_DOMAIN_OS_LOADER_TYPE_ROM) &&
           os->loader_readonly != VIR_TRISTATE_NO && os->loader_stateless != VIR_TRISTATE_NO &&
           !os->nvram && !os->nvram_source && !os->nvram_template && !os->nvram_format;
}

static gboolean
fits(const VirDomainDef *def, const VirFirmware *firmware)
{
    if (!has_interface(def, firmware) ||
        !vir_firmware_fits(firmware, def->os.arch, def->os.machine) ||
        (def->os.loader && g_strcmp0(def->os.loader, firmware->executable) != 0) ||
        !has_format(def->os.loader_format, firmware->format) || !has_features(def, firmware))
        return FALSE;
    return firmware->mapping == VIR_FIRMWARE_MEMORY ? fits_memory(def) : fits_flash(def, firmware);
}

const VirFirmware *
vir_firmware_choose(const GPtrArray *list, const VirDomainDef *def)
{
    for (guint i = 0; i < list->len; i++) {
        if (fits(def, list->pdata[i]))
            return list->pdata[i];
    }
    return NULL;
}

/* ---- what it is ---- */

static void
set_feature(VirDomainDef *def, int name, gboolean enabled)
{
    VirDomainFirmwareFeature *feature = NULL;

    for (guint i = 0; i < def->os.n_firmware_features; i++) {
        if (def->os.firmware_features[i]->name == name)
            feature = def->os.firmware_features[i];
    }
    if (!feature) {
        guint place = name == VIR_DOMAIN_FIRMWARE_FEATURE_NAME_ENROLLED_KEYS
                          ? 0
                          : def->os.n_firmware_features;

        feature = vir_domain_firmware_feature_new();
        feature->name = name;
        vir_xml_insert(&def->os, firmware_features, place, feature);
    }
    feature->enabled = enabled ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
}

static void
replace(char **member, const char *text)
{
    if (g_strcmp0(*member, text) != 0) {
        g_free(*member);
        *member = g_strdup(text);
    }
}

static int
format_value(const char *name)
{
    return vir_xml_enum_value(&vir_domain_image_format_enum, name);
}

static void
fill_flash(VirDomainOs *os, const VirFirmware *firmware, gboolean local)
{
    int format;

    os->loader_type = VIR_DOMAIN_OS_LOADER_TYPE_PFLASH;
    os->loader_readonly = VIR_TRISTATE_YES;
    if (firmware->mapping != VIR_FIRMWARE_SPLIT)
        return;
    format = format_value(firmware->template_format);
    if (!os->nvram_format)
        os->nvram_format = format;
    /* Variables on a server are there already. */
    if (!local)
        return;
    replace(&os->nvram_template, firmware->template);
    os->nvram_template_format = format;
}

void
vir_firmware_fill(VirDomainDef *def, const VirFirmware *firmware)
{
    VirDomainOs *os = &def->os;
    gboolean local = has_local_nvram(def);

    if (!os->firmware)
        os->firmware = firmware->interfaces & VIR_FIRMWARE_UEFI ? VIR_DOMAIN_OS_FIRMWARE_EFI
                                                                : VIR_DOMAIN_OS_FIRMWARE_BIOS;
    replace(&os->loader, firmware->executable);
    if (firmware->mapping == VIR_FIRMWARE_MEMORY) {
        os->loader_type = VIR_DOMAIN_OS_LOADER_TYPE_ROM;
    } else {
        os->loader_format = format_value(firmware->format);
        fill_flash(os, firmware, local);
    }
    if (firmware->features & VIR_FIRMWARE_REQUIRES_SMM) {
        def->features.smm_present = TRUE;
        def->features.smm = VIR_TRISTATE_ON;
        os->loader_secure = VIR_TRISTATE_YES;
    }
    /* Whether keys are enrolled is known of variables that are made here. */
    if (local)
        set_feature(def, VIR_DOMAIN_FIRMWARE_FEATURE_NAME_ENROLLED_KEYS,
                    (firmware->features & VIR_FIRMWARE_ENROLLED_KEYS) != 0);
    set_feature(def, VIR_DOMAIN_FIRMWARE_FEATURE_NAME_SECURE_BOOT,
                (firmware->features & VIR_FIRMWARE_SECURE_BOOT) != 0);
}
