/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"

/**
 * What every public function does first and last. A function begins with vir_api_begin(), makes its
 * checks (each sets this thread's error, names the function @func and returns FALSE), and ends with
 * vir_api_fail() where a GError came back:
 *
 *     int
 *     virDomainResume(virDomainPtr domain)
 *     {
 *         if (!vir_api_enter(domain, VIR_HANDLE_DOMAIN, __func__) ||
 *             !vir_api_check_writable(domain->conn, __func__))
 *             return -1;
 *         ...
 *         if (!vir_client_call(domain->conn, &proc, &args, &ret, &error))
 *             return vir_api_fail(domain->conn, &error), -1;
 *         return 0;
 *     }
 */

/** Forgets this thread's last error. */
void vir_api_begin(void);

/** @handle is a live handle of @magic, else VIR_ERR_INVALID_DOMAIN and its like. */
gboolean vir_api_check(const void *handle, VirHandleMagic magic, const char *func);

/** Both. */
gboolean vir_api_enter(const void *handle, VirHandleMagic magic, const char *func);
/** Whole bodies: a reference more, one less, and one less of a connection: how many are left. */
int vir_api_ref(void *handle, VirHandleMagic magic, const char *func);
int vir_api_free(void *handle, VirHandleMagic magic, const char *func);
int vir_api_close(void *handle, VirHandleMagic magic, const char *func);
/** Whole bodies: the UUID at @offset of the handle. */
int vir_api_uuid(const void *handle, VirHandleMagic magic, const char *func, gsize offset,
                 unsigned char *uuid);
int vir_api_uuid_text(const void *handle, VirHandleMagic magic, const char *func, gsize offset,
                      char *buf);

/** As vir_api_check() for a second handle argument @arg of the same connection as @conn. */
gboolean vir_api_check_same(virConnectPtr conn, const void *handle, VirHandleMagic magic,
                            const char *arg, const char *func);

/** The connection is not read-only, else VIR_ERR_OPERATION_DENIED. */
gboolean vir_api_check_writable(virConnectPtr conn, const char *func);

/** Checks of one argument @arg; VIR_ERR_INVALID_ARG. */
gboolean vir_api_check_nonnull(virConnectPtr conn, const void *value, const char *arg,
                               const char *func);
gboolean vir_api_check_null(virConnectPtr conn, const void *value, const char *arg,
                            const char *func);
gboolean vir_api_check_nonempty(virConnectPtr conn, const char *value, const char *arg,
                                const char *func);
gboolean vir_api_check_nonzero(virConnectPtr conn, gint64 value, const char *arg, const char *func);
gboolean vir_api_check_zero(virConnectPtr conn, gint64 value, const char *arg, const char *func);
gboolean vir_api_check_positive(virConnectPtr conn, gint64 value, const char *arg,
                                const char *func);
gboolean vir_api_check_nonnegative(virConnectPtr conn, gint64 value, const char *arg,
                                   const char *func);
/** Not both of @a and @b in @flags; their names go into the message. */
gboolean vir_api_check_exclusive(virConnectPtr conn, unsigned int flags, unsigned int a,
                                 unsigned int b, const char *a_name, const char *b_name,
                                 const char *func);
/** @a in @flags only together with @b. */
gboolean vir_api_check_requires(virConnectPtr conn, unsigned int flags, unsigned int a,
                                unsigned int b, const char *a_name, const char *b_name,
                                const char *func);

/** VIR_ERR_INVALID_ARG about @arg, the whole message given as printf format. */
void vir_api_bad_arg(virConnectPtr conn, const char *arg, const char *func, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);

/** Any error, with the printf-style detail; domain as of @func. */
void vir_api_raise(virConnectPtr conn, int code, const char *func, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);

/** VIR_ERR_NO_SUPPORT naming @func, for what nobody has written yet. */
void vir_api_unsupported(virConnectPtr conn, const char *func);
/** The whole body of such a function. */
void vir_api_missing(const char *func);

/**
 * Makes *@error this thread's last error, calls the error function (the connection's, the global
 * one, or prints to stderr), frees it and sets it to NULL. @conn may be NULL.
 */
void vir_api_fail(virConnectPtr conn, GError **error);
