/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"

/** Closes and frees what a connection handle has; its last reference is gone. */
void vir_connect_clear(void *handle);
void vir_adm_connect_clear(void *handle);

/** FALSE: @hook, guarded by @lock, is set already. */
gboolean vir_close_hook_set(VirCloseHook *hook, pthread_mutex_t *lock, const VirCloseHook *to);
/** What was set, no longer there; without a function where that is not @func (NULL: any). */
VirCloseHook vir_close_hook_take(VirCloseHook *hook, pthread_mutex_t *lock, VirCloseFunc func);
/** The end of what was taken from @handle: its data, and the reference that it had. */
void vir_close_hook_end(VirCloseHook *hook, void *handle);

/** Features of the connection that the client side cares about; the numbers are the protocol's. */
enum {
    VIR_DRV_FEATURE_PROGRAM_KEEPALIVE = 10,
};

/** Whether the daemon has a VIR_DRV_FEATURE_*; FALSE as well where it cannot be asked. */
gboolean vir_connect_feature(virConnectPtr conn, int feature);

/** Calls the connection's close callback, once. */
void vir_connect_tell_closed(virConnectPtr conn, int reason);
