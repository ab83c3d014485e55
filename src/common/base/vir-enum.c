/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-enum.h"

int
vir_enum_from_string(const VirEnum *e, const char *name)
{
    if (!name)
        return -1;
    for (int i = 0; i < e->n; i++) {
        if (g_str_equal(e->names[i], name))
            return i;
    }
    return -1;
}

const char *
vir_enum_to_string(const VirEnum *e, int value)
{
    return value >= 0 && value < e->n ? e->names[value] : NULL;
}
