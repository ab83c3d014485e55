/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-ops.h"

/** Typed parameters of an answer: a GArray of remote_typed_param. */
GArray *vir_params_new(void);
/** Frees the array with what it holds. */
void vir_params_free(GArray *params);
/** Gives the contents to an answer's `{ u_int params_len; remote_typed_param *params_val; }`. */
remote_typed_param *vir_params_steal(GArray *params, u_int *len);

void vir_params_add_int(GArray *params, int value, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
void vir_params_add_uint(GArray *params, unsigned value, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
void vir_params_add_llong(GArray *params, gint64 value, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
void vir_params_add_ullong(GArray *params, guint64 value, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
void vir_params_add_string(GArray *params, const char *value, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);
