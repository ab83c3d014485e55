/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-identity.h"

/** What a client of a unix socket needs polkit's permission for. */
#define VIR_POLKIT_MANAGE "org.libvirt.unix.manage"
#define VIR_POLKIT_MONITOR "org.libvirt.unix.monitor"

/** An open question to polkit. */
typedef struct VirPolkitCheck VirPolkitCheck;

/** The answer: @error is NULL where it is yes; borrowed. The check is gone after that. */
typedef void (*VirPolkitDone)(const GError *error, void *data);

/**
 * Asks polkit, on the system bus, whether the process of @identity may do @action; whoever sits
 * there may be asked for a password. Does not wait: @done comes from the main loop, once, after
 * @wait_ms milliseconds at the latest. NULL with @error where the question cannot be put.
 *
 * Errors, here and there: VIR_ERR_AUTH_FAILED (no), VIR_ERR_AUTH_CANCELLED (the dialogue was
 * dismissed), VIR_ERR_AUTH_UNAVAILABLE (no agent, no polkit, no bus), VIR_ERR_OPERATION_TIMEOUT.
 *
 * Each question has a connection of its own, without a thread; nothing is left after the answer.
 * Main thread.
 */
VirPolkitCheck *vir_polkit_check(const VirIdentity *identity, const char *action, int wait_ms,
                                 VirPolkitDone done, void *data, GError **error);
/** Withdraws the question: @done does not come any more, and polkit closes its dialogue. */
void vir_polkit_check_cancel(VirPolkitCheck *check);
