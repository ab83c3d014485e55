/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-backup-model.h"

#include "vir-error.h"
#include <string.h>

static gboolean
check_store(const VirBackupDisk *disk, const VirBackupStore *store, GError **error)
{
    const char *path;

    if (store == NULL)
        return TRUE;
    path = disk->type == VIR_BACKUP_STORE_TYPE_BLOCK ? store->dev : store->file;
    if (path == NULL || (store->dev != NULL && store->file != NULL))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s' of type '%s' needs a %s",
                             disk->name, vir_backup_store_type_to_string(disk->type),
                             disk->type == VIR_BACKUP_STORE_TYPE_BLOCK ? "dev" : "file");
    return TRUE;
}

static gboolean
complete_disk(VirBackup *def, VirBackupDisk *disk, GError **error)
{
    gboolean pull = def->mode == VIR_BACKUP_MODE_PULL;

    if (disk->backup == VIR_TRISTATE_NO)
        return TRUE;
    if (pull ? disk->target != NULL : disk->scratch != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s': %s", disk->name,
                             pull ? "<target> is for mode='push'" : "<scratch> is for mode='pull'");
    if (!pull && (disk->export_name != NULL || disk->export_bitmap != NULL))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "disk '%s': exportname and exportbitmap are for mode='pull'",
                             disk->name);
    if (disk->mode == VIR_BACKUP_DISK_MODE_FULL && disk->incremental != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "disk '%s': a full backup counts from no checkpoint", disk->name);
    if (disk->type == 0 && (disk->target != NULL || disk->scratch != NULL))
        disk->type = VIR_BACKUP_STORE_TYPE_FILE;
    return check_store(disk, disk->target, error) && check_store(disk, disk->scratch, error);
}

static gboolean
complete_server(VirBackup *def, GError **error)
{
    if (def->mode != VIR_BACKUP_MODE_PULL)
        return TRUE;
    switch (def->transport) {
    case VIR_BACKUP_TRANSPORT_UNIX:
        return def->socket != NULL ||
               vir_error_set(error, VIR_ERR_XML_ERROR, "<server transport='unix'> needs a socket");
    case VIR_BACKUP_TRANSPORT_FD:
        return def->fdgroup != NULL ||
               vir_error_set(error, VIR_ERR_XML_ERROR, "<server transport='fd'> needs an fdgroup");
    default:
        return def->host != NULL || vir_error_set(error, VIR_ERR_XML_ERROR,
                                                  "a backup that clients pull needs "
                                                  "<server name='…'/>");
    }
}

VirBackup *
vir_backup_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                       GPtrArray **ignored, GError **error)
{
    g_autoptr(VirBackup) def =
        vir_xml_parse(&vir_backup_doc, text, len, name, flags, ignored, error);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (def == NULL || !complete_server(def, error))
        return NULL;
    for (guint i = 0; i < def->n_disks; i++) {
        if (!g_hash_table_add(seen, def->disks[i]->name)) {
            vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s' is there twice",
                          def->disks[i]->name);
            return NULL;
        }
        if (!complete_disk(def, def->disks[i], error))
            return NULL;
    }
    return g_steal_pointer(&def);
}

static const VirDomainDisk *
find_disk(const VirDomainDef *domain, const char *name)
{
    for (guint i = 0; i < domain->devices.n_disks; i++) {
        if (strcmp(domain->devices.disks[i]->target, name) == 0)
            return domain->devices.disks[i];
    }
    return NULL;
}

static gboolean
has_disk(const VirBackup *def, const char *name)
{
    for (guint i = 0; i < def->n_disks; i++) {
        if (strcmp(def->disks[i]->name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
align_mode(const VirBackup *def, VirBackupDisk *disk)
{
    if (disk->mode == 0)
        disk->mode = disk->incremental != NULL || def->incremental != NULL
                         ? VIR_BACKUP_DISK_MODE_INCREMENTAL
                         : VIR_BACKUP_DISK_MODE_FULL;
    if (disk->mode == VIR_BACKUP_DISK_MODE_INCREMENTAL && disk->incremental == NULL)
        disk->incremental = g_strdup(def->incremental);
}

/** A copy without a place goes beside the disk, if that is a file. */
static gboolean
align_store(VirBackup *def, VirBackupDisk *disk, const VirDomainDisk *from, const char *suffix,
            GError **error)
{
    VirBackupStore **store = def->mode == VIR_BACKUP_MODE_PULL ? &disk->scratch : &disk->target;

    if (disk->type == 0)
        disk->type = VIR_BACKUP_STORE_TYPE_FILE;
    if (*store != NULL)
        return TRUE;
    if (disk->type != VIR_BACKUP_STORE_TYPE_FILE || from->src.type != VIR_DOMAIN_SOURCE_TYPE_FILE ||
        from->src.path == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s' needs a <%s>", disk->name,
                             def->mode == VIR_BACKUP_MODE_PULL ? "scratch" : "target");
    *store = vir_backup_store_new();
    (*store)->file = g_strdup_printf("%s.%s", from->src.path, suffix);
    return TRUE;
}

gboolean
vir_backup_model_align(VirBackup *def, const VirDomainDef *domain, const char *suffix,
                       GError **error)
{
    gboolean all = def->n_disks == 0;

    for (guint i = 0; i < domain->devices.n_disks; i++) {
        const VirDomainDisk *from = domain->devices.disks[i];
        VirBackupDisk *disk;

        if (has_disk(def, from->target))
            continue;
        disk = vir_backup_disk_new();
        disk->name = g_strdup(from->target);
        /* What cannot change or is not there needs no copy. */
        disk->backup =
            all && !from->readonly && from->src.type != 0 ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
        vir_xml_append(def, disks, disk);
    }
    for (guint i = 0; i < def->n_disks; i++) {
        VirBackupDisk *disk = def->disks[i];
        const VirDomainDisk *from = find_disk(domain, disk->name);

        if (from == NULL)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "the guest has no disk '%s'",
                                 disk->name);
        if (disk->backup == VIR_TRISTATE_NO)
            continue;
        disk->backup = VIR_TRISTATE_YES;
        align_mode(def, disk);
        if (!align_store(def, disk, from, suffix, error))
            return FALSE;
    }
    return TRUE;
}
