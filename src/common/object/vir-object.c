/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-object.h"

#include <string.h>

void
vir_view_init(VirView *view, void (*free)(VirView *view))
{
    vir_ref_init(&view->refs);
    view->free = free;
}

void *
vir_view_ref(void *view)
{
    vir_ref_inc(&((VirView *)view)->refs);
    return view;
}

void
vir_view_unref(void *view)
{
    VirView *v = view;

    if (v != NULL && vir_ref_dec(&v->refs))
        v->free(v);
}

void
vir_object_init(VirObject *object, VirClass klass, const char *noun, const char *name,
                const guint8 uuid[VIR_UUID_LEN], void (*finalize)(VirObject *object))
{
    g_autofree char *label = g_strdup_printf("%s '%s'", noun, name);

    vir_ref_init(&object->refs);
    object->klass = klass;
    if (uuid != NULL)
        memcpy(object->uuid, uuid, VIR_UUID_LEN);
    else
        memset(object->uuid, 0, VIR_UUID_LEN);
    object->name = g_strdup(name);
    object->id = -1;
    object->strand = vir_strand_new(label, 0);
    vir_operations_init(&object->operations, label);
    object->view = NULL;
    pthread_mutex_init(&object->view_lock, NULL);
    object->finalize = finalize;
    object->registry = NULL;
    object->link = (GList){.data = object};
}

void *
vir_object_ref(void *object)
{
    vir_ref_inc(&((VirObject *)object)->refs);
    return object;
}

void
vir_object_unref(void *object)
{
    VirObject *o = object;

    if (o == NULL || !vir_ref_dec(&o->refs))
        return;
    if (o->finalize != NULL)
        o->finalize(o);
    vir_view_unref(o->view);
    vir_operations_clear(&o->operations);
    vir_strand_unref(o->strand);
    pthread_mutex_destroy(&o->view_lock);
    g_free(o->name);
    g_free(o);
}

void *
vir_object_view(void *object)
{
    VirObject *o = object;
    VIR_LOCK(&o->view_lock);

    return o->view != NULL ? vir_view_ref(o->view) : NULL;
}

void
vir_object_publish(void *object, void *view)
{
    VirObject *o = object;
    VirView *old;

    pthread_mutex_lock(&o->view_lock);
    old = o->view;
    o->view = view;
    pthread_mutex_unlock(&o->view_lock);
    vir_view_unref(old);
}
