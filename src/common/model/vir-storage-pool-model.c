/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-storage-pool-model.h"

#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

#define TYPE(word) VIR_STORAGE_POOL_TYPE_##word
#define PART(word) VIR_STORAGE_POOL_PART_##word

static const char *const fs_formats[] = {"auto",    "ext2", "ext3",  "ext4", "ufs",
                                         "iso9660", "udf",  "gfs",   "gfs2", "vfat",
                                         "hfs+",    "xfs",  "ocfs2", "vmfs", NULL};
static const char *const netfs_formats[] = {"auto", "nfs", "glusterfs", "cifs", NULL};
static const char *const logical_formats[] = {"unknown", "lvm2", NULL};
static const char *const disk_formats[] = {"unknown", "dos",  "dvh", "gpt",  "mac",
                                           "bsd",     "pc98", "sun", "lvm2", NULL};
static const char *const image_formats[] = {"none", "raw",  "dir",   "bochs", "cloop", "dmg",
                                            "iso",  "vpc",  "vdi",   "fat",   "vhd",   "ploop",
                                            "cow",  "qcow", "qcow2", "qed",   "vmdk",  NULL};
static const char *const partition_formats[] = {
    "none", "linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended", NULL};
static const char *const no_formats[] = {NULL};

static const VirStoragePoolKind kinds[] = {
    [TYPE(DIR)] = {0, NULL, NULL, image_formats, "raw", "file"},
    [TYPE(FS)] = {PART(DEVICE), fs_formats, "auto", image_formats, "raw", "file"},
    [TYPE(NETFS)] = {PART(HOST) | PART(DIR), netfs_formats, "auto", image_formats, "raw", "file"},
    [TYPE(LOGICAL)] = {PART(NAME), logical_formats, "lvm2", NULL, NULL, "block", PART(DEVICE)},
    [TYPE(DISK)] = {PART(DEVICE), disk_formats, "unknown", partition_formats, "none", "block"},
    [TYPE(ISCSI)] = {PART(HOST), NULL, NULL, NULL, NULL, "block", PART(DEVICE) | PART(INITIATOR)},
    [TYPE(ISCSI_DIRECT)] = {PART(HOST) | PART(INITIATOR) | PART(REMOTE), NULL, NULL, NULL, NULL,
                            "network", PART(DEVICE)},
    [TYPE(SCSI)] = {PART(ADAPTER), NULL, NULL, NULL, NULL, "block"},
    [TYPE(MPATH)] = {0, NULL, NULL, NULL, NULL, "block"},
    [TYPE(RBD)] = {PART(HOST) | PART(NAME) | PART(REMOTE), NULL, NULL, no_formats, "raw",
                   "network"},
    [TYPE(SHEEPDOG)] = {PART(HOST) | PART(NAME) | PART(REMOTE), NULL, NULL, NULL, NULL, "network"},
    [TYPE(GLUSTER)] = {PART(HOST) | PART(NAME) | PART(DIR) | PART(REMOTE), NULL, NULL,
                       image_formats, "raw", "network"},
    [TYPE(ZFS)] = {PART(NAME), NULL, NULL, NULL, NULL, "block", PART(DEVICE)},
    [TYPE(VSTORAGE)] = {PART(NAME), NULL, NULL, image_formats, "raw", "file"},
};

const VirStoragePoolKind *
vir_storage_pool_model_kind(guint type)
{
    return type > 0 && type < G_N_ELEMENTS(kinds) ? &kinds[type] : NULL;
}

char *
vir_storage_pool_model_clean_path(const char *path)
{
    g_autoptr(GString) out = g_string_new(NULL);
    gsize lead = strspn(path, "/");

    if (lead > 0)
        g_string_append(out, lead == 2 ? "//" : "/");
    path += lead;
    for (; *path != '\0'; path++) {
        if (*path == '/' && (path[1] == '/' || path[1] == '\0'))
            continue;
        g_string_append_c(out, *path);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean
missing(const VirStoragePoolDef *def, const char *what, GError **error)
{
    return vir_error_set(error, VIR_ERR_XML_ERROR, "a pool of type '%s' needs %s",
                         vir_storage_pool_type_to_string(def->type), what);
}

static gboolean
complete_format(VirStoragePoolDef *def, const VirStoragePoolKind *kind, GError **error)
{
    const char *format = vir_storage_pool_format_to_string(def->source.format);

    if (kind->formats == NULL) {
        def->source.format = 0;
        return TRUE;
    }
    if (def->source.format == 0) {
        def->source.format =
            (guint8)vir_xml_enum_value(&vir_storage_pool_format_enum, kind->default_format);
        return TRUE;
    }
    if (!g_strv_contains(kind->formats, format))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no format of a pool of type '%s'",
                             format, vir_storage_pool_type_to_string(def->type));
    return TRUE;
}

static gboolean
is_wwn(const char *text)
{
    if (g_str_has_prefix(text, "0x"))
        text += 2;
    return strlen(text) == 16 && strspn(text, "0123456789abcdefABCDEF") == 16;
}

static gboolean
complete_adapter(VirStoragePoolDef *def, GError **error)
{
    VirStoragePoolAdapter *adapter = def->source.adapter;
    const char *names[5];

    if (adapter == NULL)
        return missing(def, "<source><adapter>", error);
    if (adapter->type != VIR_STORAGE_POOL_ADAPTER_TYPE_FC_HOST) {
        if (adapter->name == NULL && adapter->parentaddr == NULL)
            return missing(def, "a name or <parentaddr> of its <adapter>", error);
        if (adapter->name != NULL && adapter->parentaddr != NULL)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "<adapter> has a name or a <parentaddr>, not both");
        return TRUE;
    }
    if (adapter->wwnn == NULL || adapter->wwpn == NULL)
        return missing(def, "wwnn and wwpn of its <adapter type='fc_host'>", error);
    if ((adapter->parent_wwnn == NULL) != (adapter->parent_wwpn == NULL))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "<adapter> has parent_wwnn and parent_wwpn together");
    names[0] = adapter->wwnn;
    names[1] = adapter->wwpn;
    names[2] = adapter->parent_wwnn;
    names[3] = adapter->parent_wwpn;
    names[4] = adapter->parent_fabric_wwn;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i] != NULL && !is_wwn(names[i]))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "'%s' is no world wide name of 16 hexadecimal digits", names[i]);
    }
    return TRUE;
}

/* What says nothing to a pool of its type. */
static void
drop_strange_parts(VirStoragePoolSource *source, const VirStoragePoolKind *kind)
{
    guint taken = kind->parts | kind->optional_parts;

    while (!(taken & PART(HOST)) && source->n_hosts > 0)
        vir_storage_pool_host_free(vir_xml_remove(source, hosts, 0));
    while (!(taken & PART(DEVICE)) && source->n_devices > 0)
        vir_storage_pool_device_free(vir_xml_remove(source, devices, 0));
    if (!(taken & PART(DIR)))
        g_clear_pointer(&source->dir, g_free);
    if (!(taken & PART(ADAPTER)))
        g_clear_pointer(&source->adapter, vir_storage_pool_adapter_free);
    if (!(taken & PART(NAME)))
        g_clear_pointer(&source->name, g_free);
    if (!(taken & PART(INITIATOR)))
        g_clear_pointer(&source->initiator_iqn, g_free);
}

static gboolean
complete_source(VirStoragePoolDef *def, const VirStoragePoolKind *kind, GError **error)
{
    VirStoragePoolSource *source = &def->source;

    drop_strange_parts(source, kind);
    if (source->dir != NULL && *source->dir != '\0') {
        g_autofree char *dir = vir_storage_pool_model_clean_path(source->dir);

        g_free(source->dir);
        source->dir = g_steal_pointer(&dir);
    } else if (source->dir == NULL && def->type == TYPE(GLUSTER)) {
        source->dir = g_strdup("/");
    }
    if ((kind->parts & PART(HOST)) && source->n_hosts == 0)
        return missing(def, "<source><host name='…'/>", error);
    if ((kind->parts & PART(DEVICE)) && source->n_devices == 0)
        return missing(def, "<source><device path='…'/>", error);
    if ((kind->parts & PART(DIR)) && source->dir == NULL)
        return missing(def, "<source><dir path='…'/>", error);
    if ((kind->parts & PART(INITIATOR)) && source->initiator_iqn == NULL)
        return missing(def, "<source><initiator><iqn name='…'/>", error);
    if ((kind->parts & PART(ADAPTER)) && !complete_adapter(def, error))
        return FALSE;
    if (source->auth != NULL) {
        const VirStoragePoolAuthSecret *secret = source->auth->secret;

        if (secret == NULL || secret->has_uuid == (secret->usage != NULL))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "<auth> needs a <secret> with uuid or usage");
    }
    return complete_format(def, kind, error);
}

static void
complete_permissions(VirStoragePoolPermissions *rights)
{
    /* -1 is how users say: whatever it is. */
    if (rights->has_owner && (rights->owner == -1 || rights->owner == G_MAXUINT32))
        rights->has_owner = false;
    if (rights->has_group && (rights->group == -1 || rights->group == G_MAXUINT32))
        rights->has_group = false;
}

static gboolean
complete_target(VirStoragePoolDef *def, const VirStoragePoolKind *kind, GError **error)
{
    g_autofree char *path = NULL;

    if (kind->parts & PART(REMOTE))
        return TRUE;
    if (def->type == TYPE(LOGICAL))
        path = g_strconcat("/dev/", def->source.name, NULL);
    else if (def->type == TYPE(ZFS))
        path = g_strconcat("/dev/zvol/", def->source.name, NULL);
    else if (def->target_path == NULL || *def->target_path == '\0')
        return missing(def, "<target><path>", error);
    else
        path = vir_storage_pool_model_clean_path(def->target_path);
    g_free(def->target_path);
    def->target_path = g_steal_pointer(&path);
    if (def->permissions != NULL) {
        VirStoragePoolPermissions *rights = def->permissions;

        complete_permissions(rights);
        if (!rights->has_mode && !rights->has_owner && !rights->has_group && rights->label == NULL)
            g_clear_pointer(&def->permissions, vir_storage_pool_permissions_free);
    }
    return TRUE;
}

gboolean
vir_storage_pool_model_complete(VirStoragePoolDef *def, GError **error)
{
    const VirStoragePoolKind *kind = vir_storage_pool_model_kind(def->type);

    if (kind == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a pool needs a type");
    if (def->name == NULL)
        def->name = g_strdup(def->source.name);
    if (def->name == NULL || *def->name == '\0')
        return missing(def, "a <name>", error);
    if (strchr(def->name, '/') != NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "a name cannot have a '/'");
    if (def->type == TYPE(RBD) && def->source.name == NULL)
        return missing(def, "<source><name>, the name of Ceph's pool", error);
    if ((kind->parts & PART(NAME)) && (def->source.name == NULL || *def->source.name == '\0')) {
        g_free(def->source.name);
        def->source.name = g_strdup(def->name);
    }
    if (!def->has_uuid) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = true;
    }
    if (def->cow != 0 && def->type != TYPE(DIR) && def->type != TYPE(FS))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "<cow> is for pools of type 'dir' and 'fs'");
    if (!complete_source(def, kind, error) || !complete_target(def, kind, error)) {
        g_prefix_error(error, "pool '%s': ", def->name);
        return FALSE;
    }
    return TRUE;
}

/** What a host has found out about a pool is no part of a definition. */
static void
forget_state(VirStoragePoolDef *def)
{
    def->capacity = def->allocation = def->available = 0;
    for (guint i = 0; i < def->source.n_devices; i++) {
        VirStoragePoolDevice *device = def->source.devices[i];

        while (device->n_free_extents > 0)
            vir_storage_pool_extent_free(vir_xml_remove(device, free_extents, 0));
    }
}

VirStoragePoolDef *
vir_storage_pool_model_parse(const char *text, gssize len, const char *name, unsigned flags,
                             GPtrArray **ignored, GError **error)
{
    g_autoptr(VirStoragePoolDef) def =
        vir_xml_parse(&vir_storage_pool_storage_pool_doc, text, len, name, flags, ignored, error);

    if (def == NULL)
        return NULL;
    if (!(flags & VIR_XML_STATUS))
        forget_state(def);
    if (!vir_storage_pool_model_complete(def, error))
        return NULL;
    return g_steal_pointer(&def);
}

static VirStoragePoolCapsOptions *
caps_options(const char *name, const char *const *formats, const char *default_format)
{
    VirStoragePoolCapsOptions *options;
    VirStoragePoolCapsList *list;

    if (formats == NULL)
        return NULL;
    options = vir_storage_pool_caps_options_new();
    list = vir_storage_pool_caps_list_new();
    options->default_format = g_strdup(default_format);
    list->name = g_strdup(name);
    for (; *formats != NULL; formats++)
        vir_xml_append(list, values, g_strdup(*formats));
    vir_xml_append(options, lists, list);
    return options;
}

VirStoragePoolCapsDef *
vir_storage_pool_model_caps(guint64 supported)
{
    VirStoragePoolCapsDef *caps = vir_storage_pool_caps_def_new();

    for (guint type = 1; type < G_N_ELEMENTS(kinds); type++) {
        const VirStoragePoolKind *kind = &kinds[type];
        VirStoragePoolCapsPool *pool = vir_storage_pool_caps_pool_new();

        pool->type = g_strdup(vir_storage_pool_type_to_string(type));
        pool->supported = (supported >> type) & 1 ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
        pool->pool_options = caps_options("sourceFormatType", kind->formats, kind->default_format);
        pool->vol_options =
            caps_options("targetFormatType", kind->vol_formats, kind->default_vol_format);
        vir_xml_append(caps, pools, pool);
    }
    return caps;
}
