/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-domain-iothread.h"
#include "vir-error.h"

/* A number that 0 is a value of. */
static void
add_number(json_object *props, const char *key, gboolean has, gint64 value)
{
    if (has)
        vir_props_add(props, key, value, NULL);
}

/* The object of the @index-th I/O thread: "iothreadID". */
static json_object *
iothread_props(const VirDomainDef *def, guint index)
{
    const VirDomainIothread *thread = def->n_iothread_ids > 0 ? def->iothread_ids[index] : NULL;
    g_autofree char *id = g_strdup_printf("iothread%u", vir_domain_iothread_id(def, index));
    json_object *props = vir_props_new("s:qom-type", "iothread", "s:id", id, NULL);

    if (!thread)
        return props;
    add_number(props, "i:thread-pool-min", thread->has_thread_pool_min, thread->thread_pool_min);
    add_number(props, "i:thread-pool-max", thread->has_thread_pool_max, thread->thread_pool_max);
    if (thread->poll) {
        add_number(props, "i:poll-max-ns", thread->poll->has_max, (gint64)thread->poll->max);
        add_number(props, "i:poll-grow", thread->poll->has_grow, (gint64)thread->poll->grow);
        add_number(props, "i:poll-shrink", thread->poll->has_shrink, (gint64)thread->poll->shrink);
    }
    return props;
}

gboolean
vir_argv_iothreads(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    guint n = vir_domain_iothreads_count(def);
    json_object *props;

    for (guint i = 0; i < n; i++)
        vir_argv_add_props(argv, "-object", iothread_props(def, i));
    if (!def->has_defaultiothread_thread_pool_min && !def->has_defaultiothread_thread_pool_max)
        return TRUE;
    props = vir_props_new("s:qom-type", "main-loop", "s:id", "main-loop", NULL);
    add_number(props, "i:thread-pool-min", def->has_defaultiothread_thread_pool_min,
               def->defaultiothread_thread_pool_min);
    add_number(props, "i:thread-pool-max", def->has_defaultiothread_thread_pool_max,
               def->defaultiothread_thread_pool_max);
    vir_argv_add_props(argv, "-object", props);
    return TRUE;
}
