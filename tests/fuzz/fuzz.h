/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** What a fuzz target defines; called with any bytes, returns 0. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);
