/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-object.h"

#include <string.h>

struct VirRegistry {
    pthread_rwlock_t lock;
    GHashTable *by_uuid; /* keys are the objects' own fields */
    GHashTable *by_name;
    GHashTable *by_id;
    GQueue order; /* holds the references */
};

static unsigned
uuid_hash(const void *key)
{
    guint64 half[2];

    memcpy(half, key, sizeof(half));
    half[0] = (half[0] ^ half[1] * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) *
              G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
    return (unsigned)(half[0] >> 32);
}

static gboolean
uuid_equal(const void *a, const void *b)
{
    return memcmp(a, b, VIR_UUID_LEN) == 0;
}

static gboolean
uuid_given(const guint8 uuid[VIR_UUID_LEN])
{
    static const guint8 zero[VIR_UUID_LEN];

    return !uuid_equal(uuid, zero);
}

VirRegistry *
vir_registry_new(void)
{
    VirRegistry *registry = g_new0(VirRegistry, 1);

    pthread_rwlock_init(&registry->lock, NULL);
    registry->by_uuid = g_hash_table_new(uuid_hash, uuid_equal);
    registry->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    registry->by_id = g_hash_table_new(g_direct_hash, g_direct_equal);
    return registry;
}

/* With the lock for writing; the reference goes to the caller. */
static void
registry_unlink(VirRegistry *registry, VirObject *object)
{
    if (uuid_given(object->uuid))
        g_hash_table_remove(registry->by_uuid, object->uuid);
    g_hash_table_remove(registry->by_name, object->name);
    if (object->id >= 0)
        g_hash_table_remove(registry->by_id, GINT_TO_POINTER(object->id));
    g_queue_unlink(&registry->order, &object->link);
    object->registry = NULL;
}

void
vir_registry_free(VirRegistry *registry)
{
    if (registry == NULL)
        return;
    while (registry->order.head != NULL) {
        VirObject *object = registry->order.head->data;

        registry_unlink(registry, object);
        vir_object_unref(object);
    }
    g_hash_table_unref(registry->by_uuid);
    g_hash_table_unref(registry->by_name);
    g_hash_table_unref(registry->by_id);
    pthread_rwlock_destroy(&registry->lock);
    g_free(registry);
}

gboolean
vir_registry_add(VirRegistry *registry, VirObject *object, VirObject **clash)
{
    VirObject *other = NULL;

    pthread_rwlock_wrlock(&registry->lock);
    if (uuid_given(object->uuid))
        other = g_hash_table_lookup(registry->by_uuid, object->uuid);
    if (other == NULL)
        other = g_hash_table_lookup(registry->by_name, object->name);
    if (other != NULL) {
        if (clash != NULL)
            *clash = vir_object_ref(other);
        pthread_rwlock_unlock(&registry->lock);
        return FALSE;
    }
    if (uuid_given(object->uuid))
        g_hash_table_insert(registry->by_uuid, object->uuid, object);
    g_hash_table_insert(registry->by_name, object->name, object);
    if (object->id >= 0)
        g_hash_table_insert(registry->by_id, GINT_TO_POINTER(object->id), object);
    vir_object_ref(object);
    g_queue_push_tail_link(&registry->order, &object->link);
    object->registry = registry;
    pthread_rwlock_unlock(&registry->lock);
    return TRUE;
}

void
vir_registry_remove(VirRegistry *registry, VirObject *object)
{
    gboolean found;

    pthread_rwlock_wrlock(&registry->lock);
    found = object->registry == registry;
    if (found)
        registry_unlink(registry, object);
    pthread_rwlock_unlock(&registry->lock);
    if (found)
        vir_object_unref(object);
}

gboolean
vir_registry_rename(VirRegistry *registry, VirObject *object, const char *name)
{
    g_autofree char *old = NULL;
    VirObject *other;

    pthread_rwlock_wrlock(&registry->lock);
    other = g_hash_table_lookup(registry->by_name, name);
    if ((other != NULL && other != object) || object->registry != registry) {
        pthread_rwlock_unlock(&registry->lock);
        return FALSE;
    }
    old = object->name;
    g_hash_table_remove(registry->by_name, old);
    object->name = g_strdup(name);
    g_hash_table_insert(registry->by_name, object->name, object);
    pthread_rwlock_unlock(&registry->lock);
    return TRUE;
}

void
vir_registry_set_id(VirRegistry *registry, VirObject *object, int id)
{
    pthread_rwlock_wrlock(&registry->lock);
    if (object->registry == registry) {
        if (object->id >= 0)
            g_hash_table_remove(registry->by_id, GINT_TO_POINTER(object->id));
        if (id >= 0)
            g_hash_table_insert(registry->by_id, GINT_TO_POINTER(id), object);
    }
    object->id = id;
    pthread_rwlock_unlock(&registry->lock);
}

static void *
registry_find(VirRegistry *registry, GHashTable *table, const void *key)
{
    VirObject *object;

    pthread_rwlock_rdlock(&registry->lock);
    object = g_hash_table_lookup(table, key);
    if (object != NULL)
        vir_object_ref(object);
    pthread_rwlock_unlock(&registry->lock);
    return object;
}

void *
vir_registry_by_uuid(VirRegistry *registry, const guint8 uuid[VIR_UUID_LEN])
{
    return registry_find(registry, registry->by_uuid, uuid);
}

void *
vir_registry_by_name(VirRegistry *registry, const char *name)
{
    return registry_find(registry, registry->by_name, name);
}

void *
vir_registry_by_id(VirRegistry *registry, int id)
{
    return id >= 0 ? registry_find(registry, registry->by_id, GINT_TO_POINTER(id)) : NULL;
}

GPtrArray *
vir_registry_list(VirRegistry *registry)
{
    GPtrArray *list;

    pthread_rwlock_rdlock(&registry->lock);
    list = g_ptr_array_new_full(registry->order.length, vir_object_unref);
    for (GList *l = registry->order.head; l != NULL; l = l->next)
        g_ptr_array_add(list, vir_object_ref(l->data));
    pthread_rwlock_unlock(&registry->lock);
    return list;
}

unsigned
vir_registry_size(VirRegistry *registry)
{
    unsigned size;

    pthread_rwlock_rdlock(&registry->lock);
    size = registry->order.length;
    pthread_rwlock_unlock(&registry->lock);
    return size;
}
