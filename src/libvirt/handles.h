/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/libvirt-admin.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "vir-lock.h"
#include "vir-uuid.h"

/**
 * The objects behind the public API's opaque pointers. Each begins with a VirHandle, whose magic
 * tells a wrong or freed pointer from a right one. Reference counted, thread-safe; all but the
 * references and virDomain.id never change.
 */
typedef enum {
    VIR_HANDLE_CONNECT = 0x76c00001,
    VIR_HANDLE_DOMAIN,
    VIR_HANDLE_DOMAIN_SNAPSHOT,
    VIR_HANDLE_DOMAIN_CHECKPOINT,
    VIR_HANDLE_NETWORK,
    VIR_HANDLE_NETWORK_PORT,
    VIR_HANDLE_INTERFACE,
    VIR_HANDLE_STORAGE_POOL,
    VIR_HANDLE_STORAGE_VOL,
    VIR_HANDLE_NODE_DEVICE,
    VIR_HANDLE_SECRET,
    VIR_HANDLE_NWFILTER,
    VIR_HANDLE_NWFILTER_BINDING,
    VIR_HANDLE_STREAM,
    VIR_HANDLE_ADM_CONNECT,
    VIR_HANDLE_ADM_SERVER,
    VIR_HANDLE_ADM_CLIENT,
    VIR_HANDLE_END,
} VirHandleMagic;

typedef struct {
    guint32 magic; /* 0 once freed */
    gint refs;
} VirHandle;

typedef struct VirClient VirClient;
typedef struct VirConnEvents VirConnEvents;
typedef struct VirClientStream VirClientStream;

typedef void (*VirCloseFunc)(void); /* of a type that its connection knows */

/** What is called when a connection breaks. */
typedef struct {
    VirCloseFunc func; /* NULL: nothing */
    void *data;
    virFreeCallback free;
} VirCloseHook;

struct _virConnect {
    VirHandle head;
    unsigned int flags; /* VIR_CONNECT_RO, VIR_CONNECT_NO_ALIASES */
    gboolean opened;    /* CONNECT_OPEN was done */
    gboolean keepalive; /* the daemon knows the protocol */
    char *uri;          /* as virConnectGetURI() gives it */
    VirClient *client;  /* its own until the last reference goes */
    VirConnEvents *events;
    pthread_mutex_t lock; /* guards what follows */
    char *type;           /* virConnectGetType()'s static answer, once asked */
    virError err;         /* its last one */
    virErrorFunc error_func;
    void *error_data;
    VirCloseHook closed;
};

struct _virDomain {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    gint id; /* atomic; -1: not running when last seen */
    guint8 uuid[VIR_UUID_LEN];
};

struct _virDomainSnapshot {
    VirHandle head;
    virDomainPtr domain;
    char *name;
};

struct _virDomainCheckpoint {
    VirHandle head;
    virDomainPtr domain;
    char *name;
};

struct _virNetwork {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    guint8 uuid[VIR_UUID_LEN];
};

struct _virNetworkPort {
    VirHandle head;
    virNetworkPtr net;
    guint8 uuid[VIR_UUID_LEN];
};

struct _virInterface {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    char *mac;
};

struct _virStoragePool {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    guint8 uuid[VIR_UUID_LEN];
};

struct _virStorageVol {
    VirHandle head;
    virConnectPtr conn;
    char *pool;
    char *name;
    char *key;
};

struct _virNodeDevice {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    pthread_mutex_t lock;
    char *parent; /* guarded; asked for at first use */
    gboolean parent_known;
};

struct _virSecret {
    VirHandle head;
    virConnectPtr conn;
    guint8 uuid[VIR_UUID_LEN];
    int usage_type;
    char *usage_id;
};

struct _virNWFilter {
    VirHandle head;
    virConnectPtr conn;
    char *name;
    guint8 uuid[VIR_UUID_LEN];
};

struct _virNWFilterBinding {
    VirHandle head;
    virConnectPtr conn;
    char *port_dev;
    char *filter_name;
};

struct _virStream {
    VirHandle head;
    virConnectPtr conn;
    unsigned int flags;
    VirClientStream *client; /* NULL until a call opens it */
    pthread_mutex_t lock;    /* guards client and the callback */
    virStreamEventCallback event_func;
    void *event_data;
    virFreeCallback event_free;
    int event_mask;
};

struct _virAdmConnect {
    VirHandle head;
    unsigned int flags;
    gboolean opened;
    char *uri;
    VirClient *client;
    pthread_mutex_t lock; /* guards what follows */
    VirCloseHook closed;
};

struct _virAdmServer {
    VirHandle head;
    virAdmConnectPtr conn;
    char *name;
};

struct _virAdmClient {
    VirHandle head;
    virAdmServerPtr server;
    guint64 id;
    gint64 timestamp; /* of its connecting, seconds since 1970 */
    guint32 transport;
};

/**
 * New handles with one reference. They hold a reference to the object they belong to and copy the
 * strings; NULL strings stay NULL. Never NULL.
 */
virDomainPtr vir_domain_new(virConnectPtr conn, const char *name, const void *uuid, int id);
virDomainSnapshotPtr vir_domain_snapshot_new(virDomainPtr domain, const char *name);
virDomainCheckpointPtr vir_domain_checkpoint_new(virDomainPtr domain, const char *name);
virNetworkPtr vir_network_new(virConnectPtr conn, const char *name, const void *uuid);
virNetworkPortPtr vir_network_port_new(virNetworkPtr net, const void *uuid);
virInterfacePtr vir_interface_new(virConnectPtr conn, const char *name, const char *mac);
virStoragePoolPtr vir_storage_pool_new(virConnectPtr conn, const char *name, const void *uuid);
virStorageVolPtr vir_storage_vol_new(virConnectPtr conn, const char *pool, const char *name,
                                     const char *key);
virNodeDevicePtr vir_node_device_new(virConnectPtr conn, const char *name);
virSecretPtr vir_secret_new(virConnectPtr conn, const void *uuid, int usage_type,
                            const char *usage_id);
virNWFilterPtr vir_nwfilter_new(virConnectPtr conn, const char *name, const void *uuid);
virNWFilterBindingPtr vir_nwfilter_binding_new(virConnectPtr conn, const char *port_dev,
                                               const char *filter_name);
virAdmServerPtr vir_adm_server_new(virAdmConnectPtr conn, const char *name);
virAdmClientPtr vir_adm_client_new(virAdmServerPtr server, guint64 id, gint64 timestamp,
                                   guint32 transport);

/** @size zeroed bytes that begin with a VirHandle of one reference. */
void *vir_handle_new(gsize size, VirHandleMagic magic);

/** A new reference to, and the dropping of one to, any handle. NULL is ignored. */
void *vir_handle_ref(void *handle);
void vir_handle_unref(void *handle);
/** As vir_handle_ref(), but FALSE where the last reference is gone. */
gboolean vir_handle_try_ref(void *handle);

/** The connection that any handle but an admin one belongs to. Borrowed. */
virConnectPtr vir_handle_conn(const void *handle);

/** TRUE where @handle points to a live handle of @magic. */
gboolean vir_handle_is(const void *handle, VirHandleMagic magic);
