/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-lock.h"

#include <glib.h>
#include <sys/types.h>

/** Who is at the other end, from SO_PEERCRED and what a trusted proxy forwarded. Immutable. */
typedef struct VirIdentity {
    VirRef refs;
    uid_t uid;
    gid_t gid;
    pid_t pid;
    gboolean local;  /* uid, gid, pid are of a local process */
    char *user_name; /* NULL: the host has none for uid; the same holds of group_name */
    char *group_name;
    guint64 process_time; /* start time of pid in clock ticks since boot; 0: unknown */
    char *sasl_user;
    char *x509_dname;
    char *selinux_context;
} VirIdentity;

/** All empty (uid, gid and pid -1), one reference, to be filled by its maker. */
VirIdentity *vir_identity_new(void);
/**
 * Of the process at the other end of the connected unix socket @fd. VIR_ERR_SYSTEM_ERROR. A peer
 * that is gone by now has no process_time, so that nobody mistakes a later process for it.
 */
VirIdentity *vir_identity_new_from_socket(int fd, GError **error);
VirIdentity *vir_identity_ref(VirIdentity *identity);
void vir_identity_unref(VirIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirIdentity, vir_identity_unref)

/** In words, for errors and logs: "user 'joe' (uid 1000, pid 4711)". g_free(). */
char *vir_identity_describe(const VirIdentity *identity);

/** When @pid was started, in clock ticks since boot; 0 where there is no such process. */
guint64 vir_process_start_time(pid_t pid);
