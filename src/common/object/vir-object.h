/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-lock.h"
#include "vir-operation.h"
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
    VirRef refs;
    void (*free)(struct VirView *view);
} VirView;

/** The first reference is the caller's; @free frees the struct and all it has. */
void vir_view_init(VirView *view, void (*free)(VirView *view));
void *vir_view_ref(void *view);
void vir_view_unref(void *view);

/**
 * What every domain, network, pool … has. A driver's object embeds this as its first member.
 * `uuid` never changes. `name` and `id` change only through the registry. `view` is replaced
 * whole by vir_object_publish(). Reference counted, thread-safe.
 */
typedef struct VirObject {
    VirRef refs;
    VirClass klass;
    guint8 uuid[VIR_UUID_LEN]; /* all zero: the class has none */
    char *name;                /* guarded by the registry's lock; use views in readers */
    int id;                    /* -1: not running; same guard */
    VirStrand *strand;
    VirOperations operations; /* the long work in progress */
    VirView *view;
    pthread_mutex_t view_lock;
    void (*finalize)(struct VirObject *object);
    struct VirRegistry *registry; /* it is in this one; the registry's lock, as the next */
    GList link;
} VirObject;

/**
 * The first reference is the caller's. @uuid NULL: the class has none. @finalize (may be NULL)
 * frees the driver's part (not the struct); the strand is named "@noun '@name'".
 */
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

/**
 * FALSE where name or UUID is taken; *@clash (may be NULL) is then a new reference to the object
 * that has it, the UUID first.
 */
gboolean vir_registry_add(VirRegistry *registry, VirObject *object, VirObject **clash);
/** Nothing happens where it is not in @registry. */
void vir_registry_remove(VirRegistry *registry, VirObject *object);
/** FALSE where another object has @name, or @object is not there. */
gboolean vir_registry_rename(VirRegistry *registry, VirObject *object, const char *name);
/** @id -1: it has none any more. */
void vir_registry_set_id(VirRegistry *registry, VirObject *object, int id);

/** New references, or NULL. */
void *vir_registry_by_uuid(VirRegistry *registry, const guint8 uuid[VIR_UUID_LEN]);
void *vir_registry_by_name(VirRegistry *registry, const char *name);
void *vir_registry_by_id(VirRegistry *registry, int id);
/** All objects, each referenced; free with g_ptr_array_unref(). Order: by insertion. */
GPtrArray *vir_registry_list(VirRegistry *registry);
unsigned vir_registry_size(VirRegistry *registry);
