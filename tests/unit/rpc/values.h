/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-xdr.h"

/** Fills @out (type->size bytes) with pseudo-random content; free it with vir_xdr_clear(). */
void values_fill(GRand *rand, const VirXdrType *type, void *out);
