/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <libvirt/libvirt-qemu.h>

#include "vir-error.h"
#include "vir-relay-private.h"

/* More subscriptions than any client has use for. */
#define CALLBACKS_MAX 1024

/* A subscription of a client to events of this daemon. Relayed ones are the relay's. */
struct VirCallback {
    VirCallback *next;
    VirSession *session;
    const VirProc *event; /* what it is sent */
    int id;               /* towards the client */
    int hub_id;
    int event_id;
    char *name; /* of a QEMU event, or NULL */
    GRegex *regex;
    gboolean nocase;
};

static void
callback_free(VirCallback *callback)
{
    g_free(callback->name);
    if (callback->regex)
        g_regex_unref(callback->regex);
    g_free(callback);
}

/* The message of @event_id in the variant with or without callbackID; NULL: there is none. */
static const VirProc *
find_event(VirClass klass, int event_id, gboolean legacy)
{
    const VirProgram *program = vir_program_find(REMOTE_PROGRAM);

    for (int i = 1; i < program->n_procs; i++) {
        const VirProc *proc = &program->procs[i];

        if (proc->name && proc->kind == VIR_PROC_EVENT && proc->klass == klass &&
            proc->event_id == event_id && (proc->callback_id < 0) == legacy)
            return proc;
    }
    return NULL;
}

static gboolean
wants_monitor_event(const VirCallback *callback, const char *name)
{
    if (callback->regex)
        return g_regex_match(callback->regex, name, 0, NULL);
    if (!callback->name)
        return TRUE;
    return callback->nocase ? g_ascii_strcasecmp(callback->name, name) == 0
                            : g_str_equal(callback->name, name);
}

/* The driver's payload and our callbackID become the message; nothing is copied deeply. */
static void
on_event(const VirEvent *event, int hub_id, void *data)
{
    VirCallback *callback = data;
    const VirProc *proc = callback->event;
    const VirXdrType *type = proc->args;
    g_autofree guint8 *args = g_malloc0(type->size);

    if (callback->event_id == VIR_EVENT_ID_QEMU_MONITOR &&
        !wants_monitor_event(callback,
                             ((const qemu_domain_monitor_event_msg *)event->payload)->event))
        return;
    if (proc->event_msg >= 0) {
        for (guint i = 0; i < type->n_fields; i++) {
            if (type->fields[i].offset == (guint32)proc->event_msg)
                memcpy(args + proc->event_msg, event->payload, type->fields[i].type->size);
        }
    } else {
        memcpy(args, event->payload, type->size);
    }
    if (proc->callback_id >= 0)
        memcpy(args + proc->callback_id, &callback->id, sizeof(int));
    vir_session_send_event(callback->session, proc, args);
}

static VirCallback *
callback_add(VirSession *session, const VirProc *event, VirClass klass, int event_id,
             const guint8 *uuid, GError **error)
{
    VirCallback *callback;
    guint n = 0;

    if (!session->opened || !session->driver->events)
        return (void *)(gsize)vir_error_set(error, VIR_ERR_NO_SUPPORT, "events of this connection");
    for (callback = session->callbacks; callback; callback = callback->next)
        n++;
    if (n >= CALLBACKS_MAX)
        return (void *)(gsize)vir_error_set(error, VIR_ERR_RESOURCE_BUSY,
                                            "this client has %u event callbacks already", n);
    callback = g_new0(VirCallback, 1);
    callback->session = session;
    callback->event = event;
    callback->event_id = event_id;
    callback->id = event->callback_id < 0 ? -1 : session->next_callback++;
    callback->hub_id =
        vir_event_hub_add(session->driver->events, klass, event_id, uuid, on_event, callback, NULL);
    callback->next = session->callbacks;
    session->callbacks = callback;
    return callback;
}

static void
callback_remove(VirSession *session, VirCallback **at)
{
    VirCallback *callback = *at;

    *at = callback->next;
    vir_event_hub_remove(session->driver->events, callback->hub_id, callback);
    callback_free(callback);
}

void
vir_callback_free_all(VirSession *session)
{
    while (session->callbacks)
        callback_remove(session, &session->callbacks);
}

static VirBuiltinResult
result(gboolean ok)
{
    return ok ? VIR_BUILTIN_OK : VIR_BUILTIN_FAILED;
}

/* Those without callbackID: one for each event and client. */
static gboolean
legacy_add(VirSession *session, int event_id, GError **error)
{
    const VirProc *event = find_event(VIR_CLASS_DOMAIN, event_id, TRUE);

    if (!event)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unsupported domain event %d", event_id);
    for (VirCallback *c = session->callbacks; c; c = c->next) {
        if (c->event == event)
            return vir_error_set(error, VIR_ERR_INVALID_ARG,
                                 "domain event %d is registered already", event_id);
    }
    return callback_add(session, event, VIR_CLASS_DOMAIN, event_id, NULL, error) != NULL;
}

static gboolean
legacy_remove(VirSession *session, int event_id, GError **error)
{
    const VirProc *event = find_event(VIR_CLASS_DOMAIN, event_id, TRUE);

    for (VirCallback **at = &session->callbacks; event && *at; at = &(*at)->next) {
        if ((*at)->event == event) {
            callback_remove(session, at);
            return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "domain event %d is not registered", event_id);
}

static gboolean
numbered_add(VirSession *session, VirClass klass, int event_id, const guint8 *uuid, void *ret,
             GError **error)
{
    const VirProc *event = find_event(klass, event_id, FALSE);
    VirCallback *callback;

    if (!event)
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unsupported event %d", event_id);
    callback = callback_add(session, event, klass, event_id, uuid, error);
    if (callback)
        *(int *)ret = callback->id; /* the only member of all these answers */
    return callback != NULL;
}

static gboolean
numbered_remove(VirSession *session, VirClass klass, int id, GError **error)
{
    for (VirCallback **at = &session->callbacks; *at; at = &(*at)->next) {
        if ((*at)->id == id && (*at)->event->klass == klass) {
            callback_remove(session, at);
            return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "event callback %d is not registered", id);
}

#define BUILTIN(id)                                                                                \
    static VirBuiltinResult id(VirSession *session, VirCall *call,                                 \
                               const virNetMessageHeader *header, const void *args, void *ret,     \
                               GError **error)

BUILTIN(domain_register)
{
    if (!legacy_add(session, VIR_DOMAIN_EVENT_ID_LIFECYCLE, error))
        return VIR_BUILTIN_FAILED;
    ((remote_connect_domain_event_register_ret *)ret)->cb_registered = 1;
    return VIR_BUILTIN_OK;
}

BUILTIN(domain_deregister)
{
    return result(legacy_remove(session, VIR_DOMAIN_EVENT_ID_LIFECYCLE, error));
}

BUILTIN(domain_register_any)
{
    const remote_connect_domain_event_register_any_args *a = args;

    return result(legacy_add(session, a->eventID, error));
}

BUILTIN(domain_deregister_any)
{
    const remote_connect_domain_event_deregister_any_args *a = args;

    return result(legacy_remove(session, a->eventID, error));
}

#define REGISTER(id, type, klass, member, uuid_of)                                                 \
    BUILTIN(id##_add)                                                                              \
    {                                                                                              \
        const type##_register_any_args *a = args;                                                  \
                                                                                                   \
        return result(                                                                             \
            numbered_add(session, klass, a->eventID, a->member ? (uuid_of) : NULL, ret, error));   \
    }                                                                                              \
    BUILTIN(id##_remove)                                                                           \
    {                                                                                              \
        const type##_deregister_any_args *a = args;                                                \
                                                                                                   \
        return result(numbered_remove(session, klass, a->callbackID, error));                      \
    }

/* Node devices have a name only; drivers give them the UUID that vir_event_name_uuid() makes of it.
 */
static const guint8 *
name_uuid(const char *name)
{
    static guint8 uuid[VIR_UUID_LEN];

    vir_event_name_uuid(name, uuid);
    return uuid;
}

REGISTER(domain, remote_connect_domain_event_callback, VIR_CLASS_DOMAIN, dom,
         (const guint8 *)a->dom->uuid)
REGISTER(network, remote_connect_network_event, VIR_CLASS_NETWORK, net,
         (const guint8 *)a->net->uuid)
REGISTER(pool, remote_connect_storage_pool_event, VIR_CLASS_STORAGE_POOL, pool,
         (const guint8 *)a->pool->uuid)
REGISTER(device, remote_connect_node_device_event, VIR_CLASS_NODE_DEVICE, dev,
         name_uuid(a->dev->name))
REGISTER(secret, remote_connect_secret_event, VIR_CLASS_SECRET, secret,
         (const guint8 *)a->secret->uuid)

BUILTIN(monitor_add)
{
    const qemu_connect_domain_monitor_event_register_args *a = args;
    const unsigned known = VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_REGEX |
                           VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_NOCASE;
    const VirProc *event =
        vir_program_proc(vir_program_find(QEMU_PROGRAM), QEMU_PROC_DOMAIN_MONITOR_EVENT);
    gboolean nocase = (a->flags & VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_NOCASE) != 0;
    g_autoptr(GRegex) regex = NULL;
    VirCallback *callback;

    if (a->flags & ~known)
        return result(vir_error_set(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x)",
                                    a->flags & ~known));
    if (a->event && (a->flags & VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_REGEX)) {
        g_autoptr(GError) bad = NULL;

        regex = g_regex_new(*a->event, nocase ? G_REGEX_CASELESS : 0, 0, &bad);
        if (!regex)
            return result(vir_error_set(error, VIR_ERR_INVALID_ARG, "event pattern '%s': %s",
                                        *a->event, bad->message));
    }
    callback = callback_add(session, event, VIR_CLASS_DOMAIN, VIR_EVENT_ID_QEMU_MONITOR,
                            a->dom ? (const guint8 *)a->dom->uuid : NULL, error);
    if (!callback)
        return VIR_BUILTIN_FAILED;
    callback->name = a->event ? g_strdup(*a->event) : NULL;
    callback->regex = g_steal_pointer(&regex);
    callback->nocase = nocase;
    ((qemu_connect_domain_monitor_event_register_ret *)ret)->callbackID = callback->id;
    return VIR_BUILTIN_OK;
}

BUILTIN(monitor_remove)
{
    const qemu_connect_domain_monitor_event_deregister_args *a = args;

    return result(numbered_remove(session, VIR_CLASS_DOMAIN, a->callbackID, error));
}

static const struct {
    guint32 program;
    int number;
    VirBuiltinFunc func;
    VirSubscriptionKind kind;
} builtins[] = {
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER, domain_register,
     VIR_SUBSCRIPTION_ADD_LEGACY},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_DEREGISTER, domain_deregister,
     VIR_SUBSCRIPTION_REMOVE_LEGACY},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_REGISTER_ANY, domain_register_any,
     VIR_SUBSCRIPTION_ADD_LEGACY},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_DEREGISTER_ANY, domain_deregister_any,
     VIR_SUBSCRIPTION_REMOVE_LEGACY},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, domain_add,
     VIR_SUBSCRIPTION_ADD},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, domain_remove,
     VIR_SUBSCRIPTION_REMOVE},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_NETWORK_EVENT_REGISTER_ANY, network_add,
     VIR_SUBSCRIPTION_ADD},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_NETWORK_EVENT_DEREGISTER_ANY, network_remove,
     VIR_SUBSCRIPTION_REMOVE},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, pool_add,
     VIR_SUBSCRIPTION_ADD},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY, pool_remove,
     VIR_SUBSCRIPTION_REMOVE},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY, device_add,
     VIR_SUBSCRIPTION_ADD},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY, device_remove,
     VIR_SUBSCRIPTION_REMOVE},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_SECRET_EVENT_REGISTER_ANY, secret_add,
     VIR_SUBSCRIPTION_ADD},
    {REMOTE_PROGRAM, REMOTE_PROC_CONNECT_SECRET_EVENT_DEREGISTER_ANY, secret_remove,
     VIR_SUBSCRIPTION_REMOVE},
    {QEMU_PROGRAM, QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_REGISTER, monitor_add,
     VIR_SUBSCRIPTION_ADD},
    {QEMU_PROGRAM, QEMU_PROC_CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER, monitor_remove,
     VIR_SUBSCRIPTION_REMOVE},
};

VirSubscriptionKind
vir_callback_kind(const VirProc *proc)
{
    for (gsize i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (builtins[i].number == proc->number && builtins[i].program == proc->program->number)
            return builtins[i].kind;
    }
    return VIR_SUBSCRIPTION_NONE;
}

VirBuiltinFunc
vir_callback_builtin(const VirProc *proc)
{
    for (gsize i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (builtins[i].number == proc->number && builtins[i].program == proc->program->number)
            return builtins[i].func;
    }
    return NULL;
}

void
vir_event_name_uuid(const char *name, guint8 uuid[VIR_UUID_LEN])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);
    gsize len = VIR_UUID_LEN;

    g_checksum_update(sum, (const guchar *)name, -1);
    g_checksum_get_digest(sum, uuid, &len);
}
