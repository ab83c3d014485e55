/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uri.h"

/** Where a connection goes and what it says there. */
typedef struct {
    char *socket;         /* path of the unix socket */
    char *daemon;         /* what to start where it does not answer; NULL: nothing */
    char *daemon_uri;     /* for CONNECT_OPEN; "" lets the daemon choose */
    char *auth;           /* asked for with auth=; NULL: what the daemon lists first */
    gboolean uri_unknown; /* ask the daemon for its URI */
} VirTarget;

void vir_target_free(VirTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirTarget, vir_target_free)

/**
 * The URI to open for @name: an alias of libvirt.conf, or where @name is NULL or empty the
 * environment's or libvirt.conf's default; "" where there is none. g_free().
 */
char *vir_open_resolve(const char *name, gboolean aliases, GError **error);

/** As vir_open_resolve() for an admin connection. */
char *vir_open_resolve_admin(const char *name, GError **error);

/** Finds the daemon for @uri ("": any). */
VirTarget *vir_target_new(const char *uri, gboolean readonly, GError **error);

/** Where the admin socket of @uri ("virtqemud:///system", "" …) is. */
VirTarget *vir_target_new_admin(const char *uri, GError **error);

/** A connected socket; starts the daemon where that is due. -1 on error. */
int vir_target_connect(const VirTarget *target, GError **error);
