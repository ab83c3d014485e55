/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-tuning.h"
#include "vir-error.h"

#include <stdlib.h>

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

static int
by_event(const void *a, const void *b)
{
    const VirDomainPerfEvent *x = *(VirDomainPerfEvent *const *)a;
    const VirDomainPerfEvent *y = *(VirDomainPerfEvent *const *)b;

    return (int)x->name - (int)y->name;
}

static gboolean
complete_events(VirDomainDef *def, GError **error)
{
    if (def->n_perf_events > 1)
        qsort(def->perf_events, def->n_perf_events, sizeof(def->perf_events[0]), by_event);
    for (guint i = 1; i < def->n_perf_events; i++) {
        if (def->perf_events[i]->name == def->perf_events[i - 1]->name)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/perf/event '%s' is given twice",
                                 vir_domain_perf_event_name_to_string(def->perf_events[i]->name));
    }
    return TRUE;
}

static int
by_cipher(const void *a, const void *b)
{
    const VirDomainKeywrapCipher *x = *(VirDomainKeywrapCipher *const *)a;
    const VirDomainKeywrapCipher *y = *(VirDomainKeywrapCipher *const *)b;

    return (int)x->name - (int)y->name;
}

static gboolean
complete_ciphers(VirDomainDef *def, GError **error)
{
    VirDomainKeywrapCipher **ciphers = def->keywrap_ciphers;

    if (def->n_keywrap_ciphers > 1)
        qsort(ciphers, def->n_keywrap_ciphers, sizeof(ciphers[0]), by_cipher);
    for (guint i = 1; i < def->n_keywrap_ciphers; i++) {
        if (ciphers[i]->name == ciphers[i - 1]->name)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/keywrap/cipher '%s' is given twice",
                                 vir_domain_keywrap_cipher_name_to_string(ciphers[i]->name));
    }
    return TRUE;
}

gboolean
vir_domain_tuning_complete(VirDomainDef *def, GError **error)
{
    return (!def->blkiotune || complete_devices(def->blkiotune, error)) &&
           complete_events(def, error) && complete_ciphers(def, error);
}
