/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"
#include "vir-proc.h"
#include "vir-protocol.h"

/** The row of the remote program's procedure @number (REMOTE_PROC_…). */
const VirProc *vir_remote_proc(int number);

/**
 * Calls a procedure of the connection's peer and waits for the answer. @args and @ret are the
 * procedure's structures (NULL where it has none). What @ret points to lives in @arena: copy what
 * is given to the caller of the API. Any thread, many at once. An error that the peer sent is
 * given as it came (VirErrorDetail.whole); a broken connection is VIR_ERR_SYSTEM_ERROR of
 * VIR_FROM_RPC.
 */
gboolean vir_client_call(virConnectPtr conn, const VirProc *proc, const void *args, void *ret,
                         VirArena *arena, GError **error);

/**
 * As vir_client_call() with @n_fds fds sent along (borrowed), and the received ones, owned by the
 * caller, in *@out_fds (g_free()) and *@n_out_fds; the latter two may be NULL, then fds that come
 * are closed.
 */
gboolean vir_client_call_fds(virConnectPtr conn, const VirProc *proc, const void *args,
                             const int *fds, unsigned n_fds, void *ret, int **out_fds,
                             unsigned *n_out_fds, VirArena *arena, GError **error);

/** As vir_client_call() for a procedure that opens @stream, which must not be in use. */
gboolean vir_client_call_stream(virStreamPtr stream, const VirProc *proc, const void *args,
                                void *ret, VirArena *arena, GError **error);

/** As vir_client_call() on an admin connection. */
gboolean vir_client_call_admin(virAdmConnectPtr conn, const VirProc *proc, const void *args,
                               void *ret, VirArena *arena, GError **error);
