/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/** Who is at the other end, from SO_PEERCRED and what a trusted proxy forwarded. Immutable. */
typedef struct VirIdentity {
    gatomicrefcount refs;
    uid_t uid;
    gid_t gid;
    pid_t pid;
    gboolean local; /* uid, gid, pid are of a local process */
    char *user_name;
    char *group_name;
    guint64 process_time; /* start time of pid in clock ticks since boot; 0: unknown */
    char *sasl_user;
    char *x509_dname;
    char *selinux_context;
} VirIdentity;

/** All empty, one reference, to be filled by its maker. */
VirIdentity *vir_identity_new(void);
/** Of the process at the other end of the connected unix socket @fd. VIR_ERR_SYSTEM_ERROR. */
VirIdentity *vir_identity_new_from_socket(int fd, GError **error);
VirIdentity *vir_identity_ref(VirIdentity *identity);
void vir_identity_unref(VirIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirIdentity, vir_identity_unref)
