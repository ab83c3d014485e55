/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-tuning.h"
#include "vir-error.h"

#include <stddef.h>

static gboolean
complete_devices(VirDomainBlkiotune *tune, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < tune->n_devices; i++) {
        const VirDomainBlkioDevice *device = tune->devices[i];

        if (!device->path)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/blkiotune/device[%u] has no path", i + 1);
        if (!g_hash_table_add(seen, device->path))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/blkiotune/device: '%s' is given twice", device->path);
    }
    /* Those that limit nothing go. */
    for (guint i = tune->n_devices; i-- > 0;) {
        const VirDomainBlkioDevice *device = tune->devices[i];

        if (!device->weight && !device->read_iops_sec && !device->write_iops_sec &&
            !device->read_bytes_sec && !device->write_bytes_sec)
            vir_domain_blkio_device_free(vir_xml_remove(tune, devices, i));
    }
    return TRUE;
}

/* Structs that a word names, at @offset of each. */
typedef struct {
    const char *path;
    const VirEnum *words;
    gsize offset;
} Named;

static guint8
name_of(gconstpointer item, const Named *named)
{
    return *((const guint8 *)item + named->offset);
}

static int
by_name(gconstpointer a, gconstpointer b, gpointer named)
{
    return (int)name_of(*(const gconstpointer *)a, named) -
           (int)name_of(*(const gconstpointer *)b, named);
}

/* In the order of their words, each once. */
static gboolean
complete_named(gpointer *items, guint n, const Named *named, GError **error)
{
    if (n > 1)
        g_qsort_with_data(items, (gint)n, sizeof(*items), by_name, (gpointer)named);
    for (guint i = 1; i < n; i++) {
        if (name_of(items[i], named) == name_of(items[i - 1], named))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s '%s' is given twice", named->path,
                                 vir_enum_to_string(named->words, name_of(items[i], named)));
    }
    return TRUE;
}

gboolean
vir_domain_tuning_complete(VirDomainDef *def, GError **error)
{
    static const Named events = {"/domain/perf/event", &vir_domain_perf_event_name_enum,
                                 offsetof(VirDomainPerfEvent, name)};
    static const Named ciphers = {"/domain/keywrap/cipher", &vir_domain_keywrap_cipher_name_enum,
                                  offsetof(VirDomainKeywrapCipher, name)};

    return (!def->blkiotune || complete_devices(def->blkiotune, error)) &&
           complete_named((gpointer *)def->perf_events, def->n_perf_events, &events, error) &&
           complete_named((gpointer *)def->keywrap_ciphers, def->n_keywrap_ciphers, &ciphers,
                          error);
}
