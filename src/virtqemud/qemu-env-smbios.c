/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu-env-smbios.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-xml.h"

#define DMI "/sys/class/dmi/id/"

/* A file of the kernel, and the entry that it is. */
typedef struct {
    const char *file;
    const char *entry;
} DmiFile;

static const DmiFile bios[] = {
    {"bios_vendor", "vendor"},
    {"bios_version", "version"},
    {"bios_date", "date"},
    {"bios_release", "release"},
};
static const DmiFile machine[] = {
    {"sys_vendor", "manufacturer"}, {"product_name", "product"}, {"product_version", "version"},
    {"product_serial", "serial"},   {"product_sku", "sku"},      {"product_family", "family"},
};
static const DmiFile board[] = {
    {"board_vendor", "manufacturer"}, {"board_name", "product"},    {"board_version", "version"},
    {"board_serial", "serial"},       {"board_asset_tag", "asset"},
};
static const DmiFile chassis[] = {
    {"chassis_vendor", "manufacturer"},
    {"chassis_version", "version"},
    {"chassis_serial", "serial"},
    {"chassis_asset_tag", "asset"},
};

static VirDomainSysinfoEntry *
read_entry(const DmiFile *file)
{
    g_autofree char *path = g_strconcat(DMI, file->file, NULL);
    g_autofree char *text = NULL;
    VirDomainSysinfoEntry *entry;

    /* Serial numbers are for root only, and not every board has every field. */
    if (!g_file_get_contents(path, &text, NULL, NULL) || !*g_strstrip(text))
        return NULL;
    entry = vir_domain_sysinfo_entry_new();
    entry->name = g_strdup(file->entry);
    entry->value = g_steal_pointer(&text);
    return entry;
}

#define READ(owner, member, files)                                                                 \
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {                                              \
        VirDomainSysinfoEntry *entry = read_entry(&(files)[i]);                                    \
                                                                                                   \
        if (entry)                                                                                 \
            vir_xml_append(owner, member, entry);                                                  \
    }

VirDomainSysinfo *
vir_qemu_env_smbios(const VirQemuEnv *env, GError **error)
{
    g_autoptr(VirDomainSysinfo) info = vir_domain_sysinfo_new();
    VirDomainSysinfoBoard *base = vir_domain_sysinfo_board_new();

    info->type = VIR_DOMAIN_SYSINFO_TYPE_SMBIOS;
    vir_xml_append(info, base_boards, base);
    READ(info, bios, bios);
    READ(info, system, machine);
    READ(base, entries, board);
    READ(info, chassis, chassis);
    if (info->n_bios + info->n_system + base->n_entries + info->n_chassis > 0)
        return g_steal_pointer(&info);
    vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                  "/domain/os/smbios/@mode 'host': this host shows no SMBIOS in " DMI);
    return NULL;
}
