/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-checkpoint-model.h"

#include "vir-error.h"
#include <string.h>

#define NAME_CHARACTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-."

static gboolean
check_disks(const VirCheckpoint *def, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < def->n_disks; i++) {
        const VirCheckpointDisk *disk = def->disks[i];

        if (disk->checkpoint == VIR_CHECKPOINT_DISK_CHECKPOINT_NO && disk->bitmap != NULL)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "disk '%s' has a bitmap but is no part of the checkpoint",
                                 disk->name);
        if (!g_hash_table_add(seen, disk->name))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s' is there twice", disk->name);
    }
    return TRUE;
}

void
vir_checkpoint_model_name_bitmaps(VirCheckpoint *def)
{
    for (guint i = 0; i < def->n_disks; i++) {
        VirCheckpointDisk *disk = def->disks[i];

        if (disk->checkpoint == 0)
            disk->checkpoint = VIR_CHECKPOINT_DISK_CHECKPOINT_BITMAP;
        if (disk->checkpoint == VIR_CHECKPOINT_DISK_CHECKPOINT_BITMAP && disk->bitmap == NULL)
            disk->bitmap = g_strdup(def->name);
    }
}

VirCheckpoint *
vir_checkpoint_model_parse(const char *text, gssize len, const char *name, gboolean redefine,
                           gint64 now, GPtrArray **ignored, GError **error)
{
    g_autoptr(VirCheckpoint) def = vir_xml_parse(&vir_checkpoint_doc, text, len, name,
                                                 VIR_XML_INACTIVE | VIR_XML_STRICT, ignored, error);

    if (def == NULL)
        return NULL;
    if (redefine && (def->name == NULL || !def->has_creation_time)) {
        vir_error_set(error, VIR_ERR_XML_ERROR,
                      "a checkpoint to be redefined needs <name> and <creationTime>");
        return NULL;
    }
    if (!redefine) {
        g_clear_pointer(&def->parent_name, g_free);
        g_clear_pointer(&def->domain, g_free);
        def->creation_time = now;
        def->has_creation_time = true;
    }
    if (def->name == NULL)
        def->name = g_strdup_printf("%" G_GINT64_FORMAT, def->creation_time);
    /* The name becomes that of a file and of bitmaps. */
    if (def->name[0] == '.' || def->name[0] == '\0' ||
        def->name[strspn(def->name, NAME_CHARACTERS)] != '\0') {
        vir_error_set(error, VIR_ERR_XML_ERROR,
                      "'%s' is no name of a checkpoint: that is letters, digits, '_', '-' and '.', "
                      "and does not begin with '.'",
                      def->name);
        return NULL;
    }
    if (!check_disks(def, error))
        return NULL;
    vir_checkpoint_model_name_bitmaps(def);
    return g_steal_pointer(&def);
}
