/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-snapshot-model.h"

#include "vir-domain-disk.h"
#include "vir-error.h"
#include <string.h>

static gboolean
complete_memory(VirSnapshot *def, GError **error)
{
    gboolean external;

    if (!def->memory_snapshot && def->memory_file != NULL)
        def->memory_snapshot = VIR_SNAPSHOT_KIND_EXTERNAL;
    external = def->memory_snapshot == VIR_SNAPSHOT_KIND_EXTERNAL;
    if (def->memory_snapshot == VIR_SNAPSHOT_KIND_MANUAL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "memory cannot be saved by hand: <memory snapshot='manual'>");
    if (external && def->memory_file == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "<memory snapshot='external'> needs a file");
    if (!external && def->memory_file != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "the memory file '%s' is for <memory snapshot='external'>",
                             def->memory_file);
    if (def->memory_file != NULL && def->memory_file[0] != '/')
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the memory file '%s' is no absolute path",
                             def->memory_file);
    if (def->memory_snapshot > VIR_SNAPSHOT_KIND_NO &&
        (def->state == VIR_SNAPSHOT_STATE_SHUTOFF ||
         def->state == VIR_SNAPSHOT_STATE_DISK_SNAPSHOT))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a snapshot in state '%s' has no memory to be saved",
                             vir_snapshot_state_to_string(def->state));
    return TRUE;
}

/* Only what goes into an image of its own says which. */
static gboolean
complete_disk(VirSnapshotDisk *disk, GError **error)
{
    const char *path = disk->src.path;
    gboolean image = path != NULL || disk->src.network != NULL;

    if (!disk->snapshot && (image || disk->format))
        disk->snapshot = VIR_SNAPSHOT_KIND_EXTERNAL;
    if (disk->snapshot != VIR_SNAPSHOT_KIND_EXTERNAL) {
        if (image)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "disk '%s': a <source> is for snapshot='external'", disk->name);
        disk->src.type = VIR_DOMAIN_SOURCE_TYPE_FILE;
        disk->format = 0;
        return TRUE;
    }
    if (disk->src.type == VIR_DOMAIN_SOURCE_TYPE_NETWORK &&
        !vir_domain_source_check_name(disk->src.network, error)) {
        g_prefix_error(error, "disk '%s': ", disk->name);
        return FALSE;
    }
    if (disk->format == VIR_DOMAIN_IMAGE_FORMAT_NONE)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "disk '%s': no image can be made in format 'none'", disk->name);
    if (path != NULL && path[0] != '/')
        return vir_error_set(error, VIR_ERR_XML_ERROR, "disk '%s': '%s' is no absolute path",
                             disk->name, path);
    return TRUE;
}

static void
complete_new(VirSnapshot *def, gint64 now)
{
    def->state = 0;
    g_clear_pointer(&def->parent_name, g_free);
    g_clear_pointer(&def->domain, g_free);
    g_clear_pointer(&def->inactive_domain, g_free);
    g_clear_pointer(&def->cookie, g_free);
    def->creation_time = now;
    def->has_creation_time = now != 0;
    if (def->name == NULL && now != 0)
        def->name = g_strdup_printf("%" G_GINT64_FORMAT, now);
}

static gboolean
complete_redefined(const VirSnapshot *def, GError **error)
{
    if (def->name == NULL || !def->has_creation_time || def->state == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "a snapshot to be redefined needs <name>, <creationTime> and <state>");
    return TRUE;
}

VirSnapshot *
vir_snapshot_model_parse(const char *text, gssize len, const char *name, unsigned model, gint64 now,
                         GPtrArray **ignored, GError **error)
{
    unsigned flags = model & VIR_SNAPSHOT_MODEL_INTERNAL ? VIR_XML_STATUS : VIR_XML_INACTIVE;
    g_autoptr(VirSnapshot) def =
        vir_xml_parse(&vir_snapshot_doc, text, len, name, flags, ignored, error);

    if (def == NULL)
        return NULL;
    if (!(model & VIR_SNAPSHOT_MODEL_REDEFINE))
        complete_new(def, now);
    else if (!complete_redefined(def, error))
        return NULL;
    if (def->name != NULL && strchr(def->name, '/') != NULL) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "a name of a snapshot cannot have a '/'");
        return NULL;
    }
    if (!complete_memory(def, error))
        return NULL;
    for (guint i = 0; i < def->n_disks; i++) {
        if (!complete_disk(def->disks[i], error))
            return NULL;
    }
    for (guint i = 0; i < def->n_revert_disks; i++) {
        if (!complete_disk(def->revert_disks[i], error))
            return NULL;
    }
    return g_steal_pointer(&def);
}
