/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libvirt/virterror.h>

/**
 * VIR_ERROR:
 * The one GError domain of the project. `code` is a virErrorNumber; the message is the *detail*
 * only: the standard text of the code ("Domain not found: …") is added by vir_error_text().
 * Source: virterror.h of the public API.
 */
#define VIR_ERROR (vir_error_quark())

/** The fields a virError has beyond code and message; all strings are owned by the GError. */
typedef struct {
    int domain;     /* virErrorDomain; 0: not said, the daemon's or library's own is filled in */
    int level;      /* virErrorLevel */
    gboolean whole; /* the message came from a peer and already has the standard text */
    char *str1;
    char *str2;
    char *str3;
    int int1;
    int int2;
} VirErrorDetail;

GQuark vir_error_quark(void);

/** Sets @error (if not NULL) to @code with the printf-style detail @fmt. Always returns FALSE. */
gboolean vir_error_set(GError **error, int code, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/** The same, from the area @domain (VIR_FROM_…). */
gboolean vir_error_set_in(GError **error, int domain, int code, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);

/** As vir_error_set() with VIR_ERR_SYSTEM_ERROR; ": strerror(errnum)" is appended, int1 = errnum.
 */
gboolean vir_error_set_errno(GError **error, int errnum, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/** The additional fields of @error, or NULL where @error is of another domain. Borrowed. */
VirErrorDetail *vir_error_detail(const GError *error);

/** The code of @error: its own where the domain is VIR_ERROR, else VIR_ERR_INTERNAL_ERROR's kin. */
int vir_error_code(const GError *error);

/** The whole text a client sees: standard text of the code, then the detail. Free with g_free(). */
char *vir_error_text(const GError *error);

/** The standard text of @code with @detail; NULL detail gives the short form. g_free() it. */
char *vir_error_format(int code, const char *detail);

/** Name of a virErrorDomain as shown to a user, or NULL. Static. */
const char *vir_error_domain_name(int domain);
