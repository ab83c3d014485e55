/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * Of what applications keep in <metadata>, one element for each namespace stays, the first, and
 * none without: otherwise nobody could tell whose it is. *@text, an element <metadata> or NULL, is
 * otherwise left as it was written.
 */
void vir_domain_metadata_tidy(char **text);
