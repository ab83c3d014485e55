/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include "vir-uuid.h"

/* Entries of the document under the names that QEMU has for them, in the order of SMBIOS. */
static const char *const bios_keys[] = {"vendor", "version", "date", "release", NULL};
static const char *const system_keys[] = {"manufacturer", "product", "version", "serial",
                                          "uuid",         "sku",     "family",  NULL};
static const char *const board_keys[] = {"manufacturer", "product",  "version", "serial",
                                         "asset",        "location", NULL};
static const char *const chassis_keys[] = {"manufacturer", "version", "serial",
                                           "asset",        "sku",     NULL};

/* One SMBIOS structure, in the order of its fields; nothing where it has no values. */
static void
add_smbios(VirArgv *argv, int type, const char *const *keys, VirDomainSysinfoEntry **entries,
           guint n)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "type=%d", type);
    for (; *keys; keys++) {
        for (guint i = 0; i < n; i++) {
            g_autofree char *value = NULL;

            if (g_strcmp0(entries[i]->name, *keys) != 0 || !entries[i]->value)
                continue;
            value = vir_argv_escape(entries[i]->value);
            g_string_append_printf(text, ",%s=%s", *keys, value);
        }
    }
    if (n > 0)
        vir_argv_add(argv, "-smbios", text->str);
}

static void
add_smbios_all(VirArgv *argv, const VirDomainSysinfo *info)
{
    add_smbios(argv, 0, bios_keys, info->bios, info->n_bios);
    add_smbios(argv, 1, system_keys, info->system, info->n_system);
    for (guint i = 0; i < info->n_base_boards; i++)
        add_smbios(argv, 2, board_keys, info->base_boards[i]->entries,
                   info->base_boards[i]->n_entries);
    add_smbios(argv, 3, chassis_keys, info->chassis, info->n_chassis);
    if (info->n_oem_strings > 0) {
        g_autoptr(GString) text = g_string_new("type=11");

        for (guint i = 0; i < info->n_oem_strings; i++) {
            g_autofree char *value = vir_argv_escape(info->oem_strings[i]);

            g_string_append_printf(text, ",value=%s", value);
        }
        vir_argv_add(argv, "-smbios", text->str);
    }
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
        add_smbios_all(argv, host);
        return TRUE;
    case VIR_DOMAIN_OS_SMBIOS_SYSINFO:
        for (guint i = 0; i < def->n_sysinfos; i++) {
            if (def->sysinfos[i]->type == VIR_DOMAIN_SYSINFO_TYPE_SMBIOS) {
                add_smbios_all(argv, def->sysinfos[i]);
                return TRUE;
            }
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
