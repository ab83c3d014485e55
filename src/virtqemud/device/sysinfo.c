/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sysinfo.h"
#include "argv.h"
#include "vir-error.h"
#include "vir-uuid.h"

const char *const vir_smbios_bios[] = {"vendor", "version", "date", "release", NULL};
const char *const vir_smbios_system[] = {"manufacturer", "product", "version", "serial",
                                         "uuid",         "sku",     "family",  NULL};
const char *const vir_smbios_board[] = {"manufacturer", "product",  "version", "serial",
                                        "asset",        "location", NULL};
const char *const vir_smbios_chassis[] = {"manufacturer", "version", "serial",
                                          "asset",        "sku",     NULL};

enum {
    SMBIOS_BIOS = 0,
    SMBIOS_SYSTEM = 1,
    SMBIOS_BOARD = 2,
    SMBIOS_CHASSIS = 3,
    SMBIOS_OEM_STRINGS = 11,
};

static const char *
find_entry(VirDomainSysinfoEntry **entries, guint n, const char *key)
{
    for (guint i = 0; i < n; i++) {
        if (g_strcmp0(entries[i]->name, key) == 0 && entries[i]->value)
            return entries[i]->value;
    }
    return NULL;
}

/*
 * One SMBIOS structure, in the order of its fields; nothing where it has no values. The guest ABI
 * has two habits: boards and chassis always name a manufacturer, and a system's SKU goes with
 * others.
 */
static void
add_smbios(VirArgv *argv, int type, const char *const *keys, VirDomainSysinfoEntry **entries,
           guint n)
{
    gboolean named = type == SMBIOS_BOARD || type == SMBIOS_CHASSIS;
    g_autoptr(GString) text = g_string_new(NULL);
    gboolean any = FALSE;

    g_string_append_printf(text, "type=%d", type);
    for (guint i = 0; keys[i]; i++) {
        const char *value = find_entry(entries, n, keys[i]);
        g_autofree char *escaped = value ? vir_argv_escape(value) : NULL;

        any = any || (value && !(type == SMBIOS_SYSTEM && g_str_equal(keys[i], "sku")));
        if (value || (named && i == 0))
            g_string_append_printf(text, ",%s=%s", keys[i], value ? escaped : "");
    }
    if (any)
        vir_argv_add(argv, "-smbios", text->str);
}

static gboolean
add_smbios_all(VirArgv *argv, const VirDomainSysinfo *info, GError **error)
{
    if (info->n_base_boards > 1)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': QEMU has one <baseBoard>, not %u", argv->def->name,
                             info->n_base_boards);
    add_smbios(argv, SMBIOS_BIOS, vir_smbios_bios, info->bios, info->n_bios);
    add_smbios(argv, SMBIOS_SYSTEM, vir_smbios_system, info->system, info->n_system);
    if (info->n_base_boards == 1)
        add_smbios(argv, SMBIOS_BOARD, vir_smbios_board, info->base_boards[0]->entries,
                   info->base_boards[0]->n_entries);
    add_smbios(argv, SMBIOS_CHASSIS, vir_smbios_chassis, info->chassis, info->n_chassis);
    if (info->n_oem_strings > 0) {
        g_autoptr(GString) text = g_string_new(NULL);

        g_string_append_printf(text, "type=%d", SMBIOS_OEM_STRINGS);
        for (guint i = 0; i < info->n_oem_strings; i++) {
            g_autofree char *value = vir_argv_escape(info->oem_strings[i]);

            g_string_append_printf(text, ",value=%s", value);
        }
        vir_argv_add(argv, "-smbios", text->str);
    }
    return TRUE;
}

static gboolean
add_smbios_mode(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    g_autoptr(VirDomainSysinfo) host = NULL;

    switch (def->os.smbios) {
    case VIR_DOMAIN_OS_SMBIOS_HOST:
        if (!argv->env->host_smbios)
            return vir_argv_unsupported(argv, error, "/domain/os/smbios/@mode 'host'");
        host = argv->env->host_smbios(argv->env, error);
        if (!host)
            return FALSE;
        return add_smbios_all(argv, host, error);
    case VIR_DOMAIN_OS_SMBIOS_SYSINFO:
        for (guint i = 0; i < def->n_sysinfos; i++) {
            if (def->sysinfos[i]->type == VIR_DOMAIN_SYSINFO_TYPE_SMBIOS)
                return add_smbios_all(argv, def->sysinfos[i], error);
        }
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "domain '%s': /domain/os/smbios/@mode 'sysinfo' needs a "
                             "<sysinfo type='smbios'>",
                             def->name);
    default:
        return TRUE;
    }
}

static void
add_fw_cfg(VirArgv *argv, const VirDomainSysinfo *info)
{
    for (guint i = 0; i < info->n_entries; i++) {
        const VirDomainSysinfoEntry *entry = info->entries[i];
        g_autofree char *name = vir_argv_escape(entry->name);
        g_autofree char *value = vir_argv_escape(entry->file ? entry->file : entry->value);

        vir_argv_addf(argv, "-fw_cfg", "name=%s,%s=%s", name, entry->file ? "file" : "string",
                      value);
    }
}

gboolean
vir_argv_identity(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    char uuid[VIR_UUID_TEXT_LEN];

    vir_argv_add(argv, "-uuid", vir_uuid_format(def->uuid, uuid));
    if (!add_smbios_mode(argv, error))
        return FALSE;
    for (guint i = 0; i < def->n_sysinfos; i++) {
        if (def->sysinfos[i]->type == VIR_DOMAIN_SYSINFO_TYPE_FWCFG)
            add_fw_cfg(argv, def->sysinfos[i]);
    }
    if (def->genid)
        vir_argv_add_props(argv, "-device",
                           vir_props_new("s:driver", "vmgenid", "s:guid",
                                         vir_uuid_format(def->genid->uuid, uuid), "s:id",
                                         "vmgenid0", NULL));
    return TRUE;
}
