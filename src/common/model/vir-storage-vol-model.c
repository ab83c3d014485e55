/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-storage-vol-model.h"

#include "vir-error.h"
#include "vir-storage-pool-model.h"
#include <string.h>

/** Formats that are images but stand in no list of choices: luks goes with encryption. */
static gboolean
format_fits(const VirStoragePoolKind *kind, guint8 *format, GError **error)
{
    const char *word = vir_storage_vol_format_to_string(*format);

    if (kind->vol_formats == NULL) {
        *format = 0;
        return TRUE;
    }
    if (*format == 0) {
        *format =
            (guint8)vir_xml_enum_value(&vir_storage_vol_format_enum, kind->default_vol_format);
        return TRUE;
    }
    if (*format == VIR_STORAGE_VOL_FORMAT_LUKS || g_strv_contains(kind->vol_formats, word) ||
        kind->vol_formats[0] == NULL)
        return TRUE;
    return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no format of a volume in this pool",
                         word);
}

static void
complete_permissions(VirStoragePoolPermissions **rights)
{
    VirStoragePoolPermissions *it = *rights;

    if (it == NULL)
        return;
    if (it->has_owner && (it->owner == -1 || it->owner == G_MAXUINT32))
        it->has_owner = false;
    if (it->has_group && (it->group == -1 || it->group == G_MAXUINT32))
        it->has_group = false;
    if (!it->has_mode && !it->has_owner && !it->has_group && it->label == NULL)
        g_clear_pointer(rights, vir_storage_pool_permissions_free);
}

static gboolean
complete_sizes(VirStorageVolDef *def, unsigned model, GError **error)
{
    if (!def->has_capacity && !(model & VIR_STORAGE_VOL_MODEL_NO_CAPACITY) &&
        def->backing_store == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a volume needs a <capacity>");
    if (!def->has_allocation)
        def->allocation = def->capacity;
    def->has_capacity = def->has_allocation = true;
    return TRUE;
}

/** "0.10", "1.1": digits, a dot, digits. */
static gboolean
is_version(const char *text)
{
    gsize major = strspn(text, "0123456789");
    const char *minor = text + major + 1;

    return major > 0 && text[major] == '.' && *minor != '\0' &&
           strspn(minor, "0123456789") == strlen(minor);
}

static gboolean
complete_features(VirStorageVolDef *def, GError **error)
{
    if (def->compat != NULL && !is_version(def->compat))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "compat '%s' is no version such as 1.1",
                             def->compat);
    /* Features came with the second version of qcow2. */
    if (def->features && def->compat == NULL)
        def->compat = g_strdup("1.1");
    return TRUE;
}

static gboolean
complete(VirStorageVolDef *def, const VirStoragePoolKind *kind, unsigned model, GError **error)
{
    if (strchr(def->name, '/') != NULL || *def->name == '\0' || strcmp(def->name, ".") == 0 ||
        strcmp(def->name, "..") == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "this cannot be a name of a volume");
    if (def->type == 0)
        def->type = (guint8)vir_xml_enum_value(&vir_storage_vol_type_enum, kind->vol_type);
    if (def->backing_store != NULL && def->backing_store->path == NULL)
        g_clear_pointer(&def->backing_store, vir_storage_vol_backing_store_free);
    if (!complete_sizes(def, model, error) || !complete_features(def, error) ||
        !format_fits(kind, &def->format, error))
        return FALSE;
    complete_permissions(&def->permissions);
    if (def->backing_store == NULL)
        return TRUE;
    complete_permissions(&def->backing_store->permissions);
    return format_fits(kind, &def->backing_store->format, error);
}

gboolean
vir_storage_vol_model_complete(VirStorageVolDef *def, guint pool_type, unsigned model,
                               GError **error)
{
    const VirStoragePoolKind *kind = vir_storage_pool_model_kind(pool_type);

    g_return_val_if_fail(kind != NULL, FALSE);
    if (complete(def, kind, model, error))
        return TRUE;
    g_prefix_error(error, "volume '%s': ", def->name);
    return FALSE;
}

static void
forget_state(VirStorageVolDef *def)
{
    while (def->n_source_devices > 0)
        vir_storage_vol_source_device_free(vir_xml_remove(def, source_devices, 0));
    g_clear_pointer(&def->timestamps, vir_storage_vol_timestamps_free);
    if (def->backing_store != NULL)
        g_clear_pointer(&def->backing_store->timestamps, vir_storage_vol_timestamps_free);
    def->has_physical = false;
}

VirStorageVolDef *
vir_storage_vol_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                            guint pool_type, unsigned model, GPtrArray **ignored, GError **error)
{
    g_autoptr(VirStorageVolDef) def =
        vir_xml_parse(&vir_storage_vol_storage_vol_doc, text, len, name, flags, ignored, error);

    if (def == NULL)
        return NULL;
    if (!(flags & VIR_XML_STATUS))
        forget_state(def);
    if (!vir_storage_vol_model_complete(def, pool_type, model, error))
        return NULL;
    return g_steal_pointer(&def);
}
