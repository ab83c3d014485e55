/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "sysinfo.h"
#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

/* ---- values of SMBIOS ---- */

/* Entries in the order of @names, the first of each; those of other names, or empty, go. */
static void
order_entries(VirDomainSysinfoEntry ***entries, guint *n, const char *const *names)
{
    VirDomainSysinfoEntry **old = *entries;
    guint kept = 0;

    if (*n == 0)
        return;
    *entries = g_new0(VirDomainSysinfoEntry *, g_strv_length((char **)names) + 1);
    for (; *names; names++) {
        for (guint i = 0; i < *n; i++) {
            if (old[i]->value && !g_strcmp0(old[i]->name, *names)) {
                (*entries)[kept++] = old[i];
                old[i] = vir_domain_sysinfo_entry_new();
                break;
            }
        }
    }
    for (guint i = 0; i < *n; i++)
        vir_domain_sysinfo_entry_free(old[i]);
    g_free(old);
    *n = kept;
}

gboolean
vir_complete_sysinfo(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    for (guint i = 0; i < def->n_sysinfos; i++) {
        VirDomainSysinfo *info = def->sysinfos[i];

        order_entries(&info->bios, &info->n_bios, vir_smbios_bios);
        order_entries(&info->system, &info->n_system, vir_smbios_system);
        order_entries(&info->chassis, &info->n_chassis, vir_smbios_chassis);
        for (guint j = info->n_base_boards; j-- > 0;) {
            VirDomainSysinfoBoard *board = info->base_boards[j];

            order_entries(&board->entries, &board->n_entries, vir_smbios_board);
            if (board->n_entries == 0)
                vir_domain_sysinfo_board_free(vir_xml_remove(info, base_boards, j));
        }
    }
    return TRUE;
}

/* ---- checks ---- */

/* The guest's firmware owns these. */
static const char *const reserved[] = {"opt/org.qemu", "opt/ovmf", NULL};

static gboolean
check_fw_cfg(const VirDomainSysinfo *info, GError **error)
{
    for (guint i = 0; i < info->n_entries; i++) {
        const VirDomainSysinfoEntry *entry = info->entries[i];

        if (!entry->name)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/entry[%u]: a name is missing", i + 1);
        if (!g_str_has_prefix(entry->name, "opt/"))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/entry '%s': names begin with 'opt/'",
                                 entry->name);
        for (gsize j = 0; reserved[j]; j++) {
            if (g_str_has_prefix(entry->name, reserved[j]))
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "/domain/sysinfo/entry '%s': names that begin with '%s' are "
                                     "the firmware's own",
                                     entry->name, reserved[j]);
        }
        if (!entry->file == !entry->value)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/entry '%s' is to have either a value or a file",
                                 entry->name);
    }
    return TRUE;
}

/* SMBIOS has it as month/day/year. */
static gboolean
is_date(const char *text)
{
    g_autoptr(GRegex) regex =
        g_regex_new("^(0?[1-9]|1[0-2])/(0?[1-9]|[12][0-9]|3[01])/([0-9]{2}|[0-9]{4})$", 0, 0, NULL);

    return g_regex_match(regex, text, 0, NULL);
}

static gboolean
check_smbios(const VirDomainDef *def, const VirDomainSysinfo *info, GError **error)
{
    for (guint i = 0; i < info->n_bios; i++) {
        if (!g_strcmp0(info->bios[i]->name, "date") && info->bios[i]->value &&
            !is_date(info->bios[i]->value))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/bios: '%s' is no date of the form mm/dd/yyyy",
                                 info->bios[i]->value);
    }
    for (guint i = 0; i < info->n_system; i++) {
        guint8 uuid[VIR_UUID_LEN];
        const char *value = info->system[i]->value;

        if (g_strcmp0(info->system[i]->name, "uuid") != 0 || !value)
            continue;
        if (!vir_uuid_parse(value, uuid))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/system: '%s' is no UUID", value);
        if (memcmp(uuid, def->uuid, sizeof(uuid)) != 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/sysinfo/system: UUID '%s' is not that of the domain",
                                 value);
    }
    return TRUE;
}

gboolean
vir_check_sysinfo(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;

    for (guint i = 0; i < def->n_sysinfos; i++) {
        const VirDomainSysinfo *info = def->sysinfos[i];

        if (!(info->type == VIR_DOMAIN_SYSINFO_TYPE_FWCFG ? check_fw_cfg(info, error)
                                                          : check_smbios(def, info, error)))
            return FALSE;
    }
    return TRUE;
}
