/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "params.h"

#include <libvirt/libvirt.h>

static void
param_clear(void *data)
{
    vir_xdr_clear(&vir_xdr_remote_typed_param, data);
}

GArray *
vir_params_new(void)
{
    GArray *params = g_array_new(FALSE, TRUE, sizeof(remote_typed_param));

    g_array_set_clear_func(params, param_clear);
    return params;
}

void
vir_params_free(GArray *params)
{
    g_array_unref(params);
}

remote_typed_param *
vir_params_steal(GArray *params, u_int *len)
{
    gsize n = 0;
    remote_typed_param *values = g_array_steal(params, &n);

    *len = (u_int)n;
    g_array_unref(params);
    return values;
}

/* ADD(type): a parameter whose name is in the variable arguments after `fmt`. */
#define ADD(id, member, given)                                                                     \
    remote_typed_param param = {0};                                                                \
    va_list args;                                                                                  \
                                                                                                   \
    va_start(args, fmt);                                                                           \
    param.field = g_strdup_vprintf(fmt, args);                                                     \
    va_end(args);                                                                                  \
    param.value.type = id;                                                                         \
    param.value.remote_typed_param_value_u.member = given;                                         \
    g_array_append_val(params, param)

void
vir_params_add_int(GArray *params, int value, const char *fmt, ...)
{
    ADD(VIR_TYPED_PARAM_INT, i, value);
}

void
vir_params_add_uint(GArray *params, unsigned value, const char *fmt, ...)
{
    ADD(VIR_TYPED_PARAM_UINT, ui, value);
}

void
vir_params_add_llong(GArray *params, gint64 value, const char *fmt, ...)
{
    ADD(VIR_TYPED_PARAM_LLONG, l, value);
}

void
vir_params_add_ullong(GArray *params, guint64 value, const char *fmt, ...)
{
    ADD(VIR_TYPED_PARAM_ULLONG, ul, value);
}

void
vir_params_add_string(GArray *params, const char *value, const char *fmt, ...)
{
    ADD(VIR_TYPED_PARAM_STRING, s, g_strdup(value));
}
