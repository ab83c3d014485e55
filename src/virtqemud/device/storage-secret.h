/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argv.h"

/**
 * -object of the secret @ref, encrypted with the guest's master key: nobody who sees the command
 * line learns it. @ref's value is asked of the environment; @what names its user in errors.
 */
gboolean vir_argv_secret(VirArgv *argv, const char *id, const VirDomainSecretRef *ref,
                         const char *what, GError **error);
/** The same for a value that is known. */
gboolean vir_argv_secret_value(VirArgv *argv, const char *id, const guint8 *value, gsize len,
                               GError **error);
