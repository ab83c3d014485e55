/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-event.h"

#include <string.h>

typedef struct {
    VirRef refs; /* the hub's, and one for each delivery under way */
    int id;
    int key;
    gboolean one_object;
    guint8 uuid[VIR_UUID_LEN];
    VirEventFunc func;
    void *data;
    GDestroyNotify destroy;
    GList owner_link;
    gboolean ended;
    gboolean running; /* `func` is */
} VirSubscription;

struct VirEventHub {
    VirRef refs;       /* the owner's, and one for each event on its way */
    int subscriptions; /* atomic: emitters look at it */
    int next_id;
    gboolean closed;
    GHashTable *by_id;    /* callback id: VirSubscription, holds the reference */
    GHashTable *by_key;   /* class and event id: GPtrArray of VirSubscription, in order of add */
    GHashTable *by_owner; /* data: GQueue of owner_link */
};

typedef struct {
    VirEventHub *hub;
    VirEvent event;
} VirDelivery;

static int
event_key(VirClass klass, int event_id)
{
    return (int)klass << 16 | (event_id & 0xffff);
}

static void
subscription_unref(void *data)
{
    VirSubscription *sub = data;

    if (vir_ref_dec(&sub->refs))
        g_free(sub);
}

static void
subscription_destroy_data(VirSubscription *sub)
{
    if (!sub->running && sub->destroy != NULL)
        sub->destroy(sub->data);
}

VirEventHub *
vir_event_hub_new(void)
{
    VirEventHub *hub = g_new0(VirEventHub, 1);

    vir_ref_init(&hub->refs);
    hub->by_id = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, subscription_unref);
    hub->by_key = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL,
                                        (GDestroyNotify)g_ptr_array_unref);
    hub->by_owner = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    return hub;
}

static void
hub_unref(VirEventHub *hub)
{
    if (!vir_ref_dec(&hub->refs))
        return;
    g_hash_table_unref(hub->by_key);
    g_hash_table_unref(hub->by_owner);
    g_hash_table_unref(hub->by_id);
    g_free(hub);
}

int
vir_event_hub_add(VirEventHub *hub, VirClass klass, int event_id, const guint8 uuid[VIR_UUID_LEN],
                  VirEventFunc func, void *data, GDestroyNotify destroy)
{
    VirSubscription *sub = g_new0(VirSubscription, 1);
    GPtrArray *list;
    GQueue *owned;

    while (g_hash_table_contains(hub->by_id, GINT_TO_POINTER(hub->next_id)))
        hub->next_id = hub->next_id == G_MAXINT ? 0 : hub->next_id + 1;
    vir_ref_init(&sub->refs);
    sub->id = hub->next_id;
    hub->next_id = hub->next_id == G_MAXINT ? 0 : hub->next_id + 1;
    sub->key = event_key(klass, event_id);
    sub->one_object = uuid != NULL;
    if (uuid != NULL)
        memcpy(sub->uuid, uuid, VIR_UUID_LEN);
    sub->func = func;
    sub->data = data;
    sub->destroy = destroy;
    sub->owner_link.data = sub;

    g_hash_table_insert(hub->by_id, GINT_TO_POINTER(sub->id), sub);
    list = g_hash_table_lookup(hub->by_key, GINT_TO_POINTER(sub->key));
    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(hub->by_key, GINT_TO_POINTER(sub->key), list);
    }
    g_ptr_array_add(list, sub);
    owned = g_hash_table_lookup(hub->by_owner, data);
    if (owned == NULL) {
        owned = g_new0(GQueue, 1);
        g_hash_table_insert(hub->by_owner, data, owned);
    }
    g_queue_push_tail_link(owned, &sub->owner_link);
    __atomic_add_fetch(&hub->subscriptions, 1, __ATOMIC_SEQ_CST);
    return sub->id;
}

static void
hub_end(VirEventHub *hub, VirSubscription *sub)
{
    GPtrArray *list = g_hash_table_lookup(hub->by_key, GINT_TO_POINTER(sub->key));
    GQueue *owned = g_hash_table_lookup(hub->by_owner, sub->data);

    sub->ended = TRUE;
    g_ptr_array_remove(list, sub);
    if (list->len == 0)
        g_hash_table_remove(hub->by_key, GINT_TO_POINTER(sub->key));
    g_queue_unlink(owned, &sub->owner_link);
    if (owned->length == 0)
        g_hash_table_remove(hub->by_owner, sub->data);
    __atomic_sub_fetch(&hub->subscriptions, 1, __ATOMIC_SEQ_CST);
    g_hash_table_steal(hub->by_id, GINT_TO_POINTER(sub->id));
    subscription_destroy_data(sub);
    subscription_unref(sub);
}

gboolean
vir_event_hub_remove(VirEventHub *hub, int callback_id, void *data)
{
    VirSubscription *sub = g_hash_table_lookup(hub->by_id, GINT_TO_POINTER(callback_id));

    if (sub == NULL || sub->data != data)
        return FALSE;
    hub_end(hub, sub);
    return TRUE;
}

void
vir_event_hub_remove_all(VirEventHub *hub, void *data)
{
    GQueue *owned;

    while ((owned = g_hash_table_lookup(hub->by_owner, data)) != NULL)
        hub_end(hub, owned->head->data);
}

void
vir_event_hub_free(VirEventHub *hub)
{
    GHashTableIter iter;
    void *sub;

    if (hub == NULL)
        return;
    hub->closed = TRUE;
    /* A destroy notifier may end other subscriptions: begin anew each time. */
    while (g_hash_table_iter_init(&iter, hub->by_id), g_hash_table_iter_next(&iter, NULL, &sub))
        hub_end(hub, sub);
    hub_unref(hub);
}

gboolean
vir_event_hub_wanted(VirEventHub *hub)
{
    return __atomic_load_n(&hub->subscriptions, __ATOMIC_SEQ_CST) > 0;
}

static void
event_clear(VirEvent *event)
{
    g_clear_pointer(&event->name, g_free);
    if (event->payload != NULL && event->payload_free != NULL)
        event->payload_free(event->payload);
    event->payload = NULL;
}

static void
delivery_free(void *data)
{
    VirDelivery *delivery = data;

    event_clear(&delivery->event);
    hub_unref(delivery->hub);
    g_free(delivery);
}

/* Callbacks may add and end subscriptions: they run from a copy of the list. */
static gboolean
delivery_run(void *data)
{
    VirDelivery *delivery = data;
    const VirEvent *event = &delivery->event;
    int key = event_key(event->klass, event->event_id);
    GPtrArray *list = g_hash_table_lookup(delivery->hub->by_key, GINT_TO_POINTER(key));
    g_autoptr(GPtrArray) copy = NULL;

    if (list == NULL || delivery->hub->closed)
        return G_SOURCE_REMOVE;
    copy = g_ptr_array_new_full(list->len, subscription_unref);
    for (unsigned i = 0; i < list->len; i++) {
        VirSubscription *sub = list->pdata[i];

        if (sub->one_object && memcmp(sub->uuid, event->uuid, VIR_UUID_LEN) != 0)
            continue;
        vir_ref_inc(&sub->refs);
        g_ptr_array_add(copy, sub);
    }
    for (unsigned i = 0; i < copy->len; i++) {
        VirSubscription *sub = copy->pdata[i];

        if (sub->ended)
            continue;
        sub->running = TRUE;
        sub->func(event, sub->id, sub->data);
        sub->running = FALSE;
        if (sub->ended)
            subscription_destroy_data(sub);
    }
    return G_SOURCE_REMOVE;
}

void
vir_event_hub_emit(VirEventHub *hub, const VirEvent *event)
{
    VirDelivery *delivery = g_new(VirDelivery, 1);

    vir_ref_inc(&hub->refs);
    *delivery = (VirDelivery){hub, *event};
    if (!vir_event_hub_wanted(hub)) {
        delivery_free(delivery);
        return;
    }
    vir_main_post(delivery_run, delivery, delivery_free);
}
