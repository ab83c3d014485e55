/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "firmware-descriptor.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-qmp-stream.h"
#include <fnmatch.h>
#include <string.h>

VIR_LOG_INIT("qemu.firmware");

#define MAX_DESCRIPTOR (1024 * 1024)

static const struct {
    const char *name;
    VirFirmwareFeature feature;
} feature_names[] = {
    {"acpi-s3", VIR_FIRMWARE_ACPI_S3},         {"acpi-s4", VIR_FIRMWARE_ACPI_S4},
    {"amd-sev", VIR_FIRMWARE_AMD_SEV},         {"amd-sev-es", VIR_FIRMWARE_AMD_SEV_ES},
    {"amd-sev-snp", VIR_FIRMWARE_AMD_SEV_SNP}, {"enrolled-keys", VIR_FIRMWARE_ENROLLED_KEYS},
    {"intel-tdx", VIR_FIRMWARE_INTEL_TDX},     {"requires-smm", VIR_FIRMWARE_REQUIRES_SMM},
    {"secure-boot", VIR_FIRMWARE_SECURE_BOOT},
};

static void
target_free(void *data)
{
    VirFirmwareTarget *target = data;

    g_free(target->arch);
    g_strfreev(target->machines);
    g_free(target);
}

void
vir_firmware_free(VirFirmware *firmware)
{
    if (!firmware)
        return;
    g_free(firmware->path);
    g_free(firmware->executable);
    g_free(firmware->format);
    g_free(firmware->template);
    g_free(firmware->template_format);
    g_ptr_array_unref(firmware->targets);
    g_free(firmware);
}

static gboolean
refuse(const VirFirmware *self, GError **error, const char *what)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "firmware descriptor '%s': %s",
                         self->path, what);
}

/* Members of @object; NULL where there is none of that kind. */
static const char *
get_text(json_object *object, const char *key)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

static json_object *
get_typed(json_object *object, const char *key, json_type type)
{
    json_object *value = NULL;

    return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type)
               ? value
               : NULL;
}

/* Strings of the array @key; FALSE where there is no such array, or anything else in it. */
static gboolean
get_words(json_object *object, const char *key, GStrvBuilder *words)
{
    json_object *array = get_typed(object, key, json_type_array);

    for (gsize i = 0; array && i < json_object_array_length(array); i++) {
        json_object *word = json_object_array_get_idx(array, i);

        if (!json_object_is_type(word, json_type_string))
            return FALSE;
        g_strv_builder_add(words, json_object_get_string(word));
    }
    return array != NULL;
}

static char **
take_words(json_object *object, const char *key)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    return get_words(object, key, words) ? g_strv_builder_end(words) : NULL;
}

static gboolean
read_interfaces(VirFirmware *self, json_object *root, GError **error)
{
    g_auto(GStrv) words = take_words(root, "interface-types");

    if (!words)
        return refuse(self, error, "no list \"interface-types\"");
    if (g_strv_contains((const char *const *)words, "bios"))
        self->interfaces |= VIR_FIRMWARE_BIOS;
    if (g_strv_contains((const char *const *)words, "uefi"))
        self->interfaces |= VIR_FIRMWARE_UEFI;
    return TRUE;
}

static gboolean
read_flash_file(VirFirmware *self, json_object *flash, const char *key, char **path, char **format,
                GError **error)
{
    json_object *file = get_typed(flash, key, json_type_object);

    *path = g_strdup(file ? get_text(file, "filename") : NULL);
    *format = g_strdup(file ? get_text(file, "format") : NULL);
    if (*path && *format)
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "firmware descriptor '%s': \"mapping\" has no \"%s\" with \"filename\" "
                         "and \"format\"",
                         self->path, key);
}

static gboolean
read_flash(VirFirmware *self, json_object *mapping, GError **error)
{
    const char *mode = get_text(mapping, "mode");

    if (!mode || g_str_equal(mode, "split"))
        self->mapping = VIR_FIRMWARE_SPLIT;
    else if (g_str_equal(mode, "combined"))
        self->mapping = VIR_FIRMWARE_COMBINED;
    else if (g_str_equal(mode, "stateless"))
        self->mapping = VIR_FIRMWARE_STATELESS;
    else
        return refuse(self, error, "unknown \"mode\" of \"mapping\"");
    if (!read_flash_file(self, mapping, "executable", &self->executable, &self->format, error))
        return FALSE;
    return self->mapping != VIR_FIRMWARE_SPLIT ||
           read_flash_file(self, mapping, "nvram-template", &self->template, &self->template_format,
                           error);
}

static gboolean
read_mapping(VirFirmware *self, json_object *root, GError **error)
{
    json_object *mapping = get_typed(root, "mapping", json_type_object);
    const char *device = mapping ? get_text(mapping, "device") : NULL;

    if (g_strcmp0(device, "flash") == 0)
        return read_flash(self, mapping, error);
    if (g_strcmp0(device, "memory") != 0)
        return refuse(self, error, "\"mapping\" is for neither \"flash\" nor \"memory\"");
    self->mapping = VIR_FIRMWARE_MEMORY;
    self->executable = g_strdup(get_text(mapping, "filename"));
    self->format = g_strdup("raw");
    return self->executable != NULL || refuse(self, error, "\"mapping\" has no \"filename\"");
}

/* QEMU's own name of an architecture is that of its binary. */
static const char *
document_arch(const char *arch)
{
    if (g_str_equal(arch, "i386"))
        return "i686";
    return g_str_equal(arch, "arm") ? "armv7l" : arch;
}

static gboolean
read_targets(VirFirmware *self, json_object *root, GError **error)
{
    json_object *targets = get_typed(root, "targets", json_type_array);

    for (gsize i = 0; targets && i < json_object_array_length(targets); i++) {
        json_object *item = json_object_array_get_idx(targets, i);
        const char *arch = get_text(item, "architecture");
        g_auto(GStrv) machines = take_words(item, "machines");
        VirFirmwareTarget *target;

        if (!arch || !machines)
            return refuse(self, error, "a target has no \"architecture\" or no list \"machines\"");
        target = g_new0(VirFirmwareTarget, 1);
        target->arch = g_strdup(document_arch(arch));
        target->machines = g_steal_pointer(&machines);
        g_ptr_array_add(self->targets, target);
    }
    return targets != NULL || refuse(self, error, "no list \"targets\"");
}

static gboolean
read_features(VirFirmware *self, json_object *root, GError **error)
{
    g_auto(GStrv) words = take_words(root, "features");

    if (!words)
        return refuse(self, error, "no list \"features\"");
    for (gsize i = 0; i < G_N_ELEMENTS(feature_names); i++) {
        if (g_strv_contains((const char *const *)words, feature_names[i].name))
            self->features |= feature_names[i].feature;
    }
    return TRUE;
}

VirFirmware *
vir_firmware_parse(const char *text, gsize len, const char *path, GError **error)
{
    g_autoptr(VirFirmware) self = g_new0(VirFirmware, 1);
    json_object *root;
    gboolean good;

    self->path = g_strdup(path);
    self->targets = g_ptr_array_new_with_free_func(target_free);
    root = vir_qmp_parse(text, len, error);
    if (!root) {
        g_prefix_error(error, "firmware descriptor '%s': ", path);
        return NULL;
    }
    good = read_interfaces(self, root, error) && read_mapping(self, root, error) &&
           read_targets(self, root, error) && read_features(self, root, error);
    json_object_put(root);
    return good ? g_steal_pointer(&self) : NULL;
}

/* The files of @dirs: name to path, that of the first folder with the name. */
static GHashTable *
find_files(const char *const *dirs)
{
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (gsize i = 0; dirs[i]; i++) {
        g_autoptr(GDir) dir = g_dir_open(dirs[i], 0, NULL);
        const char *name;

        while (dir && (name = g_dir_read_name(dir))) {
            if (name[0] != '.' && g_str_has_suffix(name, ".json") &&
                !g_hash_table_contains(files, name))
                g_hash_table_insert(files, g_strdup(name), g_build_filename(dirs[i], name, NULL));
        }
    }
    return files;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

GPtrArray *
vir_firmware_load(const char *const *dirs)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)vir_firmware_free);
    g_autoptr(GHashTable) files = find_files(dirs);
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(files), compare_names);

    for (const GList *it = names; it; it = it->next) {
        const char *path = g_hash_table_lookup(files, it->data);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        VirFirmware *firmware = NULL;
        gsize len = 0;

        text = vir_file_read(path, MAX_DESCRIPTOR, &len, &error);
        if (text && len == 0)
            continue;
        if (text)
            firmware = vir_firmware_parse(text, len, path, &error);
        if (firmware)
            g_ptr_array_add(list, firmware);
        else
            vir_debug("passed over: %s", error->message);
    }
    return list;
}

gboolean
vir_firmware_fits(const VirFirmware *firmware, const char *arch, const char *machine)
{
    for (guint i = 0; i < firmware->targets->len; i++) {
        const VirFirmwareTarget *target = firmware->targets->pdata[i];

        if (!g_str_equal(target->arch, arch))
            continue;
        for (char **pattern = target->machines; *pattern; pattern++) {
            if (fnmatch(*pattern, machine, 0) == 0)
                return TRUE;
        }
    }
    return FALSE;
}
