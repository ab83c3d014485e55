/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-strand.h"
#include "vir-uuid.h"

/** The object classes of the API; the order is that of the ACL table. */
typedef enum {
    VIR_CLASS_CONNECT,
    VIR_CLASS_DOMAIN,
    VIR_CLASS_INTERFACE,
    VIR_CLASS_NETWORK,
    VIR_CLASS_NETWORK_PORT,
    VIR_CLASS_NODE_DEVICE,
    VIR_CLASS_NWFILTER,
    VIR_CLASS_NWFILTER_BINDING,
    VIR_CLASS_SECRET,
    VIR_CLASS_STORAGE_POOL,
    VIR_CLASS_STORAGE_VOL,
    VIR_CLASS_DOMAIN_SNAPSHOT,
    VIR_CLASS_DOMAIN_CHECKPOINT,
    VIR_CLASS_ADMIN_SERVER,
    VIR_CLASS_ADMIN_CLIENT,
    VIR_CLASS_LAST
} VirClass;

/**
 * An immutable, reference counted picture of an object, published by the job that changed it. A
 * driver's view embeds this as its first member.
 */
typedef struct VirView {
    gatomicrefcount refs;
    void (*free)(struct VirView *view);
} VirView;

void vir_view_init(VirView *view, void (*free)(VirView *view));
void *vir_view_ref(void *view);
void vir_view_unref(void *view);

/**
 * What every domain, network, pool … has. A driver's object embeds this as its first member.
 * `uuid` never changes. `name` and `id` change only through the registry. `view` is replaced
 * whole by vir_object_publish(). Reference counted, thread-safe.
 */
typedef struct VirObject {
    gatomicrefcount refs;
    VirClass klass;
    guint8 uuid[VIR_UUID_LEN];
    char *name; /* guarded by the registry's lock; use views in readers */
    int id;     /* -1: not running; same guard */
    VirStrand *strand;
    VirView *view;
    GMutex view_lock;
    void (*finalize)(struct VirObject *object);
} VirObject;

/** @finalize frees the driver's part (not the struct); the strand is named "@noun '@name'". */
void vir_object_init(VirObject *object, VirClass klass, const char *noun, const char *name,
                     const guint8 uuid[VIR_UUID_LEN], void (*finalize)(VirObject *object));
void *vir_object_ref(void *object);
/** Frees the struct with g_free() at the last one. */
void vir_object_unref(void *object);

/** A new reference to the view in force; never NULL once published. Never waits for a job. */
void *vir_object_view(void *object);
/** Takes the reference to @view and drops the old one. */
void vir_object_publish(void *object, void *view);

/** Objects of one class by UUID, name and id. Thread-safe; holds a reference to each. */
typedef struct VirRegistry VirRegistry;

VirRegistry *vir_registry_new(void);
void vir_registry_free(VirRegistry *registry);

/** FALSE, *@clash borrowed under no lock but referenced for the caller, where name or UUID is taken. */
gboolean vir_registry_add(VirRegistry *registry, VirObject *object, VirObject **clash);
void vir_registry_remove(VirRegistry *registry, VirObject *object);
gboolean vir_registry_rename(VirRegistry *registry, VirObject *object, const char *name);
void vir_registry_set_id(VirRegistry *registry, VirObject *object, int id);

/** New references, or NULL. */
void *vir_registry_by_uuid(VirRegistry *registry, const guint8 uuid[VIR_UUID_LEN]);
void *vir_registry_by_name(VirRegistry *registry, const char *name);
void *vir_registry_by_id(VirRegistry *registry, int id);
/** All objects, each referenced; free with g_ptr_array_unref(). Order: by insertion. */
GPtrArray *vir_registry_list(VirRegistry *registry);
unsigned vir_registry_size(VirRegistry *registry);
