/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-object.h"

#include <string.h>

typedef struct {
    VirView view;
    int a;
    int b; /* always a * 3: a torn view would show */
} TestView;

typedef struct {
    VirObject object;
    char *extra;
} TestObject;

static int views;
static int finalized;

static void
view_free(VirView *view)
{
    __atomic_sub_fetch(&views, 1, __ATOMIC_SEQ_CST);
    g_free(view);
}

static TestView *
view_new(int a)
{
    TestView *view = g_new(TestView, 1);

    vir_view_init(&view->view, view_free);
    view->a = a;
    view->b = a * 3;
    __atomic_add_fetch(&views, 1, __ATOMIC_SEQ_CST);
    return view;
}

static void
object_finalize(VirObject *object)
{
    g_free(((TestObject *)object)->extra);
    __atomic_add_fetch(&finalized, 1, __ATOMIC_SEQ_CST);
}

static TestObject *
object_new(const char *name, int n)
{
    TestObject *object = g_new0(TestObject, 1);
    guint8 uuid[VIR_UUID_LEN] = {n & 0xff, n >> 8, 1};

    vir_object_init(&object->object, VIR_CLASS_DOMAIN, "domain", name, n < 0 ? NULL : uuid,
                    object_finalize);
    object->extra = g_strdup("x");
    return object;
}

static void *
read_views(void *data)
{
    for (int i = 0; i < 20000; i++) {
        TestView *view = vir_object_view(data);

        g_assert_cmpint(view->b, ==, view->a * 3);
        vir_view_unref(view);
    }
    return NULL;
}

static void *
publish_views(void *data)
{
    for (int i = 0; i < 20000; i++)
        vir_object_publish(data, view_new(i));
    return NULL;
}

static void
test_views(void)
{
    TestObject *object = object_new("a", 1);
    GThread *threads[4];

    finalized = 0;
    g_assert_null(vir_object_view(object));
    vir_object_publish(object, view_new(1));
    for (int i = 0; i < 3; i++)
        threads[i] = g_thread_new("reader", read_views, object);
    threads[3] = g_thread_new("writer", publish_views, object);
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(views, ==, 1);
    g_assert_cmpstr(vir_strand_name(object->object.strand), ==, "domain 'a'");
    vir_object_unref(object);
    g_assert_cmpint(views, ==, 0);
    g_assert_cmpint(finalized, ==, 1);
}

static void
test_registry(void)
{
    VirRegistry *registry = vir_registry_new();
    TestObject *a = object_new("a", 1);
    TestObject *b = object_new("b", 2);
    TestObject *c = object_new("a", 3);
    TestObject *d = object_new("d", 2);
    VirObject *clash = NULL;
    VirObject *found;

    g_assert_true(vir_registry_add(registry, &a->object, &clash));
    g_assert_true(vir_registry_add(registry, &b->object, &clash));
    g_assert_null(clash);
    g_assert_false(vir_registry_add(registry, &c->object, &clash));
    g_assert_true(clash == &a->object);
    vir_object_unref(clash);
    g_assert_false(vir_registry_add(registry, &d->object, &clash));
    g_assert_true(clash == &b->object);
    vir_object_unref(clash);
    g_assert_false(vir_registry_add(registry, &d->object, NULL));
    g_assert_cmpuint(vir_registry_size(registry), ==, 2);

    g_assert_false(vir_registry_rename(registry, &b->object, "a"));
    g_assert_false(vir_registry_rename(registry, &c->object, "new"));
    g_assert_true(vir_registry_rename(registry, &b->object, "b"));
    g_assert_true(vir_registry_rename(registry, &b->object, "z"));
    g_assert_null(vir_registry_by_name(registry, "b"));
    found = vir_registry_by_name(registry, "z");
    g_assert_true(found == &b->object);
    vir_object_unref(found);

    g_assert_null(vir_registry_by_id(registry, -1));
    vir_registry_set_id(registry, &a->object, 7);
    vir_registry_set_id(registry, &a->object, 8);
    g_assert_null(vir_registry_by_id(registry, 7));
    found = vir_registry_by_id(registry, 8);
    g_assert_true(found == &a->object);
    vir_object_unref(found);
    found = vir_registry_by_uuid(registry, a->object.uuid);
    g_assert_true(found == &a->object);
    vir_object_unref(found);

    vir_registry_remove(registry, &a->object);
    vir_registry_remove(registry, &a->object);
    vir_registry_remove(registry, &c->object);
    g_assert_null(vir_registry_by_uuid(registry, a->object.uuid));
    g_assert_null(vir_registry_by_id(registry, 8));
    g_assert_null(vir_registry_by_name(registry, "a"));
    g_assert_true(vir_registry_add(registry, &c->object, NULL));
    /* It takes its id along. */
    vir_registry_set_id(registry, &a->object, 9);
    g_assert_true(vir_registry_rename(registry, &c->object, "c"));
    g_assert_true(vir_registry_add(registry, &a->object, NULL));
    found = vir_registry_by_id(registry, 9);
    g_assert_true(found == &a->object);
    vir_object_unref(found);

    finalized = 0;
    vir_object_unref(a);
    vir_object_unref(b);
    vir_object_unref(c);
    vir_object_unref(d);
    g_assert_cmpint(finalized, ==, 1);
    vir_registry_free(registry);
    g_assert_cmpint(finalized, ==, 4);
}

static void
test_without_uuid(void)
{
    VirRegistry *registry = vir_registry_new();
    TestObject *a = object_new("a", -1);
    TestObject *b = object_new("b", -1);

    g_assert_true(vir_registry_add(registry, &a->object, NULL));
    g_assert_true(vir_registry_add(registry, &b->object, NULL));
    g_assert_null(vir_registry_by_uuid(registry, a->object.uuid));
    vir_object_unref(a);
    vir_object_unref(b);
    vir_registry_free(registry);
}

static void
test_list_order(void)
{
    VirRegistry *registry = vir_registry_new();
    g_autoptr(GPtrArray) list = NULL;

    for (int i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        TestObject *object = object_new(name, i);

        g_assert_true(vir_registry_add(registry, &object->object, NULL));
        vir_object_unref(object);
    }
    for (int i = 0; i < 1000; i += 3) {
        g_autofree char *name = g_strdup_printf("d%d", i);
        VirObject *object = vir_registry_by_name(registry, name);

        vir_registry_remove(registry, object);
        vir_object_unref(object);
    }
    list = vir_registry_list(registry);
    vir_registry_free(registry);
    g_assert_cmpuint(list->len, ==, 666);
    for (unsigned i = 0, n = 1; i < list->len; i++, n += n % 3 == 1 ? 1 : 2) {
        g_autofree char *name = g_strdup_printf("d%u", n);

        g_assert_cmpstr(((VirObject *)list->pdata[i])->name, ==, name);
    }
}

static void *
churn(void *data)
{
    VirRegistry *registry = ((void **)data)[0];
    int base = GPOINTER_TO_INT(((void **)data)[1]);

    for (int i = 0; i < 500; i++) {
        g_autofree char *name = g_strdup_printf("t%d", base + i);
        g_autofree char *renamed = g_strdup_printf("r%d", base + i);
        g_autoptr(GPtrArray) list = NULL;
        TestObject *object = object_new(name, base + i);

        g_assert_true(vir_registry_add(registry, &object->object, NULL));
        vir_registry_set_id(registry, &object->object, base + i);
        g_assert_true(vir_registry_rename(registry, &object->object, renamed));
        if (i % 50 == 0)
            list = vir_registry_list(registry);
        if (i % 2 == 0)
            vir_registry_remove(registry, &object->object);
        vir_object_unref(object);
    }
    return NULL;
}

static void
test_registry_threads(void)
{
    VirRegistry *registry = vir_registry_new();
    GThread *threads[4];
    void *args[4][2];

    for (int i = 0; i < 4; i++) {
        args[i][0] = registry;
        args[i][1] = GINT_TO_POINTER(i * 1000);
        threads[i] = g_thread_new("churn", churn, args[i]);
    }
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(vir_registry_size(registry), ==, 1000);
    vir_registry_free(registry);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/object/views", test_views);
    g_test_add_func("/object/registry", test_registry);
    g_test_add_func("/object/without-uuid", test_without_uuid);
    g_test_add_func("/object/list-order", test_list_order);
    g_test_add_func("/object/registry-threads", test_registry_threads);
    return g_test_run();
}
