/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-access.h"

#include "vir-error.h"

#define DRIVERS_MAX 8

static const char *const class_names[VIR_CLASS_LAST] = {
    [VIR_CLASS_CONNECT] = "connect",
    [VIR_CLASS_DOMAIN] = "domain",
    [VIR_CLASS_INTERFACE] = "interface",
    [VIR_CLASS_NETWORK] = "network",
    [VIR_CLASS_NETWORK_PORT] = "network-port",
    [VIR_CLASS_NODE_DEVICE] = "node-device",
    [VIR_CLASS_NWFILTER] = "nwfilter",
    [VIR_CLASS_NWFILTER_BINDING] = "nwfilter-binding",
    [VIR_CLASS_SECRET] = "secret",
    [VIR_CLASS_STORAGE_POOL] = "storage-pool",
    [VIR_CLASS_STORAGE_VOL] = "storage-vol",
    [VIR_CLASS_DOMAIN_SNAPSHOT] = "domain-snapshot",
    [VIR_CLASS_DOMAIN_CHECKPOINT] = "domain-checkpoint",
    [VIR_CLASS_ADMIN_SERVER] = "admin-server",
    [VIR_CLASS_ADMIN_CLIENT] = "admin-client",
};

static const VirAccessDriver *known[DRIVERS_MAX];
static unsigned n_known;
static const VirAccessDriver *in_force[DRIVERS_MAX];
static unsigned n_in_force;

const char *
vir_access_class_name(VirClass klass)
{
    return class_names[klass];
}

void
vir_access_register(const VirAccessDriver *driver)
{
    g_return_if_fail(n_known < DRIVERS_MAX);
    known[n_known++] = driver;
}

static const VirAccessDriver *
access_find(const char *name)
{
    for (unsigned i = 0; i < n_known; i++) {
        if (g_str_equal(known[i]->name, name))
            return known[i];
    }
    return NULL;
}

gboolean
vir_access_configure(const char *const *names, GError **error)
{
    n_in_force = 0;
    for (unsigned i = 0; names != NULL && names[i] != NULL; i++) {
        const VirAccessDriver *driver = access_find(names[i]);

        if (driver == NULL && g_str_equal(names[i], "none"))
            continue;
        if (driver == NULL) {
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "access_drivers: the access driver '%s' is not available in this "
                                 "build",
                                 names[i]);
        }
        if (n_in_force == DRIVERS_MAX)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "access_drivers: more than %d drivers", DRIVERS_MAX);
        in_force[n_in_force++] = driver;
    }
    return TRUE;
}

static gboolean
access_ask(const VirProc *proc, const VirProcAcl *acl, VirIdentity *identity, VirObject *object,
           GError **error)
{
    for (unsigned i = 0; i < n_in_force; i++) {
        g_autoptr(GError) why = NULL;
        g_autofree char *who = NULL;

        if (in_force[i]->check(identity, acl->klass, acl->name, object, &why))
            continue;
        who = vir_identity_describe(identity);
        return vir_error_set(error, VIR_ERR_ACCESS_DENIED, "%s needs permission %s.%s for %s%s%s",
                             who, class_names[acl->klass], acl->name,
                             proc->api != NULL ? proc->api : proc->name, why != NULL ? ": " : "",
                             why != NULL ? why->message : "");
    }
    return TRUE;
}

gboolean
vir_access_check(const VirProc *proc, const void *args, VirIdentity *identity, VirObject *object,
                 GError **error)
{
    for (unsigned i = 0; n_in_force > 0 && i < proc->n_acl; i++) {
        if (vir_proc_when(&proc->acl[i].when, args) &&
            !access_ask(proc, &proc->acl[i], identity, object, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_access_filter(const VirProc *proc, VirIdentity *identity, VirObject *object)
{
    return n_in_force == 0 || proc->acl_filter == NULL ||
           access_ask(proc, proc->acl_filter, identity, object, NULL);
}
