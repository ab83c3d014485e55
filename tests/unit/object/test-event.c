/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-event.h"

#include <string.h>

typedef struct {
    VirEventHub *hub;
    GString *log;
    int destroyed;
    int end_id; /* this subscription is ended by the first event; -1: none */
} Client;

static int payloads;

static void
payload_free(void *payload)
{
    payloads--;
    g_free(payload);
}

static void
emit(VirEventHub *hub, VirClass klass, int id, guint8 first, const char *text)
{
    VirEvent event = {.klass = klass,
                      .event_id = id,
                      .uuid = {first},
                      .name = g_strdup("web"),
                      .payload = g_strdup(text),
                      .payload_free = payload_free};

    payloads++;
    vir_event_hub_emit(hub, &event);
}

static void
received(const VirEvent *event, int callback_id, void *data)
{
    Client *client = data;

    g_string_append_printf(client->log, "%d:%s ", callback_id, (char *)event->payload);
    if (client->end_id >= 0) {
        int id = client->end_id;

        client->end_id = -1;
        g_assert_true(vir_event_hub_remove(client->hub, id, client));
        g_assert_cmpint(client->destroyed, ==, id == callback_id ? 0 : 1);
    }
}

static void
ended(void *data)
{
    ((Client *)data)->destroyed++;
}

static void
turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
test_delivery(void)
{
    VirEventHub *hub = vir_event_hub_new();
    Client a = {hub, g_string_new(NULL), 0, -1};
    Client b = {hub, g_string_new(NULL), 0, -1};
    const guint8 one[VIR_UUID_LEN] = {1};

    g_assert_false(vir_event_hub_wanted(hub));
    emit(hub, VIR_CLASS_DOMAIN, 0, 1, "unheard");
    g_assert_cmpint(payloads, ==, 0);
    g_assert_cmpint(vir_event_hub_add(hub, VIR_CLASS_DOMAIN, 0, NULL, received, &a, ended), ==, 0);
    g_assert_cmpint(vir_event_hub_add(hub, VIR_CLASS_DOMAIN, 0, one, received, &b, ended), ==, 1);
    g_assert_cmpint(vir_event_hub_add(hub, VIR_CLASS_NETWORK, 0, NULL, received, &b, ended), ==, 2);
    g_assert_true(vir_event_hub_wanted(hub));
    emit(hub, VIR_CLASS_DOMAIN, 0, 1, "x");
    emit(hub, VIR_CLASS_DOMAIN, 0, 2, "y");
    emit(hub, VIR_CLASS_DOMAIN, 1, 1, "other-id");
    emit(hub, VIR_CLASS_NETWORK, 0, 3, "n");
    g_assert_cmpstr(a.log->str, ==, "");
    turn();
    g_assert_cmpstr(a.log->str, ==, "0:x 0:y ");
    g_assert_cmpstr(b.log->str, ==, "1:x 2:n ");
    g_assert_cmpint(payloads, ==, 0);

    g_assert_false(vir_event_hub_remove(hub, 0, &b));
    g_assert_false(vir_event_hub_remove(hub, 77, &b));
    vir_event_hub_remove_all(hub, &b);
    g_assert_cmpint(b.destroyed, ==, 2);
    vir_event_hub_remove_all(hub, &b);
    emit(hub, VIR_CLASS_DOMAIN, 0, 1, "late");
    vir_event_hub_free(hub);
    g_assert_cmpint(a.destroyed, ==, 1);
    turn();
    g_assert_cmpint(payloads, ==, 0);
    g_assert_cmpstr(a.log->str, ==, "0:x 0:y ");
    g_string_free(a.log, TRUE);
    g_string_free(b.log, TRUE);
}

/* A callback ends its own subscription (0), or the next one, which then hears nothing. */
static void
test_end_while_delivered(const void *which)
{
    VirEventHub *hub = vir_event_hub_new();
    Client a = {hub, g_string_new(NULL), 0, GPOINTER_TO_INT(which)};

    vir_event_hub_add(hub, VIR_CLASS_DOMAIN, 0, NULL, received, &a, ended);
    vir_event_hub_add(hub, VIR_CLASS_DOMAIN, 0, NULL, received, &a, ended);
    emit(hub, VIR_CLASS_DOMAIN, 0, 1, "x");
    emit(hub, VIR_CLASS_DOMAIN, 0, 1, "y");
    turn();
    g_assert_cmpint(a.destroyed, ==, 1);
    g_assert_cmpstr(a.log->str, ==, which == NULL ? "0:x 1:x 1:y " : "0:x 0:y ");
    vir_event_hub_free(hub);
    g_assert_cmpint(a.destroyed, ==, 2);
    g_string_free(a.log, TRUE);
}

typedef struct {
    int last[4];
    int seen;
} Order;

static void
check_order(const VirEvent *event, int callback_id, void *data)
{
    Order *order = data;
    int n = *(int *)event->payload;

    g_assert_cmpint(order->last[event->uuid[0]] + 1, ==, n);
    order->last[event->uuid[0]] = n;
    order->seen++;
}

static void *
emit_many(void *data)
{
    void **args = data;

    for (int i = 0; i < 2000; i++) {
        VirEvent event = {.klass = VIR_CLASS_DOMAIN,
                          .uuid = {GPOINTER_TO_INT(args[1])},
                          .payload = g_new(int, 1),
                          .payload_free = g_free};

        *(int *)event.payload = i;
        vir_event_hub_emit(args[0], &event);
    }
    return NULL;
}

static void
test_threads(void)
{
    VirEventHub *hub = vir_event_hub_new();
    Order order = {.last = {-1, -1, -1, -1}};
    GThread *threads[4];
    void *args[4][2];

    vir_event_hub_add(hub, VIR_CLASS_DOMAIN, 0, NULL, check_order, &order, NULL);
    for (int i = 0; i < 4; i++) {
        args[i][0] = hub;
        args[i][1] = GINT_TO_POINTER(i);
        threads[i] = g_thread_new("emitter", emit_many, args[i]);
    }
    while (order.seen < 8000)
        g_main_context_iteration(NULL, TRUE);
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    vir_event_hub_free(hub);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/delivery", test_delivery);
    g_test_add_data_func("/event/end-self", GINT_TO_POINTER(0), test_end_while_delivered);
    g_test_add_data_func("/event/end-other", GINT_TO_POINTER(1), test_end_while_delivered);
    g_test_add_func("/event/threads", test_threads);
    return g_test_run();
}
