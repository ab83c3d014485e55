/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "handles.h"

/** Aborts and frees what a stream handle has, but for its reference to the connection. */
void vir_stream_clear(void *handle);
