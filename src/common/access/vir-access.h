/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-identity.h"
#include "vir-proc.h"

/**
 * Who decides about a permission: a row of `@acl` in the IDL, such as domain, "start". The driver
 * "none" allows everything and is in force unless the configuration names others.
 */
typedef struct VirAccessDriver {
    const char *name;
    /** @object NULL: the connection. FALSE with @error set: denied, or it could not be found out.
     */
    gboolean (*check)(VirIdentity *identity, VirClass klass, const char *permission,
                      VirObject *object, GError **error);
} VirAccessDriver;

/** Makes @driver (static) available to vir_access_configure(). At start-up only. */
void vir_access_register(const VirAccessDriver *driver);

/**
 * Puts the drivers of `access_drivers` in force, all of which have to allow; NULL or empty: "none".
 * VIR_ERR_CONFIG_UNSUPPORTED names one that is not there. At start-up only.
 */
gboolean vir_access_configure(const char *const *names, GError **error);

/**
 * Whether @identity may call @proc with @args on @object (NULL: on the connection): every row of
 * the procedure whose condition holds for @args is asked for. VIR_ERR_ACCESS_DENIED names the
 * permission.
 */
gboolean vir_access_check(const VirProc *proc, const void *args, VirIdentity *identity,
                          VirObject *object, GError **error);

/** Whether the answer of @proc may show @object to @identity (`@aclfilter`). */
gboolean vir_access_filter(const VirProc *proc, VirIdentity *identity, VirObject *object);

/** The class as permissions spell it: "storage-pool". Static. */
const char *vir_access_class_name(VirClass klass);
