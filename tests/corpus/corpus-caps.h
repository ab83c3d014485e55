/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/**
 * The kinds about capabilities. @params: all NAME=VALUE of the case, NULL terminated. *@known:
 * whether @kind is one of them. g_free().
 */
char *corpus_caps(const char *kind, char **params, gboolean *known, GError **error);
