/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-iothread.h"
#include "vir-error.h"

/* More than a host could ever run. */
#define MAX_IOTHREADS 65535
/* Workers that QEMU has where nothing says how many it may. */
#define DEFAULT_POOL_MAX 64

static gboolean
check_pool(const char *path, gboolean has_min, int min, gboolean has_max, int max, GError **error)
{
    if ((has_min && min < 0) || (has_max && max < 1))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: thread_pool_min is at least 0, thread_pool_max at least 1", path);
    if (!has_max)
        max = DEFAULT_POOL_MAX;
    if (has_min && min > max)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: thread_pool_min %d is above thread_pool_max %d", path, min, max);
    return TRUE;
}

static gboolean
check_ids(const VirDomainDef *def, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (guint i = 0; i < def->n_iothread_ids; i++) {
        const VirDomainIothread *thread = def->iothread_ids[i];
        g_autofree char *path =
            g_strdup_printf("/domain/iothreadids/iothread[@id='%u']", thread->id);

        if (thread->id == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: numbers begin at 1", path);
        if (!g_hash_table_add(seen, GUINT_TO_POINTER(thread->id)))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s is given twice", path);
        if (!check_pool(path, thread->has_thread_pool_min, thread->thread_pool_min,
                        thread->has_thread_pool_max, thread->thread_pool_max, error))
            return FALSE;
    }
    return check_pool("/domain/defaultiothread", def->has_defaultiothread_thread_pool_min,
                      def->defaultiothread_thread_pool_min,
                      def->has_defaultiothread_thread_pool_max,
                      def->defaultiothread_thread_pool_max, error);
}

gboolean
vir_domain_iothreads_complete(VirDomainDef *def, GError **error)
{
    if (def->iothreads > MAX_IOTHREADS)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/iothreads: %u are more than %d",
                             def->iothreads, MAX_IOTHREADS);
    if (!check_ids(def, error))
        return FALSE;
    if (def->n_iothread_ids == 0)
        return TRUE;
    for (guint id = 1; def->n_iothread_ids < def->iothreads; id++) {
        VirDomainIothread *thread;

        if (vir_domain_has_iothread(def, id))
            continue;
        thread = vir_domain_iothread_new();
        thread->id = id;
        vir_xml_append(def, iothread_ids, thread);
    }
    def->iothreads = def->n_iothread_ids;
    return TRUE;
}

guint
vir_domain_iothreads_count(const VirDomainDef *def)
{
    return def->n_iothread_ids > 0 ? def->n_iothread_ids : def->iothreads;
}

guint
vir_domain_iothread_id(const VirDomainDef *def, guint index)
{
    return def->n_iothread_ids > 0 ? def->iothread_ids[index]->id : index + 1;
}

gboolean
vir_domain_has_iothread(const VirDomainDef *def, guint id)
{
    if (def->n_iothread_ids == 0)
        return id >= 1 && id <= def->iothreads;
    for (guint i = 0; i < def->n_iothread_ids; i++) {
        if (def->iothread_ids[i]->id == id)
            return TRUE;
    }
    return FALSE;
}
