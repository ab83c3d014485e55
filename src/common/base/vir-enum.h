/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** Names of an enumeration that starts at 0 and has no gap; @names is NULL terminated. */
typedef struct {
    const char *const *names;
    int n;
} VirEnum;

#define VIR_ENUM(id, ...)                                                                          \
    static const char *const id##_names[] = {__VA_ARGS__, NULL};                                   \
    const VirEnum id = {id##_names, G_N_ELEMENTS(id##_names) - 1}

/** Value of @name, or -1. */
int vir_enum_from_string(const VirEnum *e, const char *name);

/** Name of @value, or NULL where it has none. Static. */
const char *vir_enum_to_string(const VirEnum *e, int value);
