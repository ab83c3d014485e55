/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of named values. */
#include <string.h>

#include "api.h"
#include "vir-error.h"

/* Members of the value's union, which all begin where it does. */
static const struct {
    const char *name;
    gsize size;
} types[] = {
    [VIR_TYPED_PARAM_INT] = {"int", sizeof(int)},
    [VIR_TYPED_PARAM_UINT] = {"uint", sizeof(unsigned int)},
    [VIR_TYPED_PARAM_LLONG] = {"llong", sizeof(long long)},
    [VIR_TYPED_PARAM_ULLONG] = {"ullong", sizeof(unsigned long long)},
    [VIR_TYPED_PARAM_DOUBLE] = {"double", sizeof(double)},
    [VIR_TYPED_PARAM_BOOLEAN] = {"boolean", sizeof(char)},
    [VIR_TYPED_PARAM_STRING] = {"string", sizeof(char *)},
};

static const char *
type_name(int type)
{
    if (type < VIR_TYPED_PARAM_INT || type > VIR_TYPED_PARAM_STRING)
        return "unknown";
    return types[type].name;
}

void
virTypedParamsClear(virTypedParameterPtr params, int nparams)
{
    if (!params)
        return;
    for (int i = 0; i < nparams; i++)
        if (params[i].type == VIR_TYPED_PARAM_STRING)
            g_clear_pointer(&params[i].value.s, g_free);
}

void
virTypedParamsFree(virTypedParameterPtr params, int nparams)
{
    virTypedParamsClear(params, nparams);
    g_free(params);
}

virTypedParameterPtr
virTypedParamsGet(virTypedParameterPtr params, int nparams, const char *name)
{
    if (!params || !name)
        return NULL;
    for (int i = 0; i < nparams; i++)
        if (strncmp(params[i].field, name, sizeof(params[i].field)) == 0)
            return &params[i];
    return NULL;
}

/* 1: found, and in *@value unless that is NULL; 0: not there, -1: of another type. */
static int
get(virTypedParameterPtr params, int nparams, const char *name, int type, const char *func,
    void *value)
{
    virTypedParameterPtr param;

    vir_api_begin();
    param = virTypedParamsGet(params, nparams, name);
    if (!param)
        return 0;
    if (param->type != type) {
        vir_api_bad_arg(NULL, "name", func,
                        "Invalid type '%s' requested for parameter '%s', actual type is '%s'",
                        type_name(type), name, type_name(param->type));
        return -1;
    }
    if (value)
        memcpy(value, &param->value, types[type].size);
    return 1;
}

int
virTypedParamsGetInt(virTypedParameterPtr params, int nparams, const char *name, int *value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_INT, __func__, value);
}

int
virTypedParamsGetUInt(virTypedParameterPtr params, int nparams, const char *name,
                      unsigned int *value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_UINT, __func__, value);
}

int
virTypedParamsGetLLong(virTypedParameterPtr params, int nparams, const char *name, long long *value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_LLONG, __func__, value);
}

int
virTypedParamsGetULLong(virTypedParameterPtr params, int nparams, const char *name,
                        unsigned long long *value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_ULLONG, __func__, value);
}

int
virTypedParamsGetDouble(virTypedParameterPtr params, int nparams, const char *name, double *value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_DOUBLE, __func__, value);
}

int
virTypedParamsGetString(virTypedParameterPtr params, int nparams, const char *name,
                        const char **value)
{
    return get(params, nparams, name, VIR_TYPED_PARAM_STRING, __func__, value);
}

int
virTypedParamsGetBoolean(virTypedParameterPtr params, int nparams, const char *name, int *value)
{
    char is = 0;
    int found = get(params, nparams, name, VIR_TYPED_PARAM_BOOLEAN, __func__, &is);

    if (found > 0 && value)
        *value = is != 0;
    return found;
}

/* Room for one more with @name, of @type; NULL with the error raised. */
static virTypedParameterPtr
add(virTypedParameterPtr *params, int *nparams, int *maxparams, const char *name, int type,
    gboolean repeats, const char *func)
{
    virTypedParameterPtr param;

    vir_api_begin();
    if (!vir_api_check_nonnull(NULL, name, "name", func))
        return NULL;
    if (strlen(name) >= VIR_TYPED_PARAM_FIELD_LENGTH) {
        vir_api_bad_arg(NULL, "name", func, "Parameter name '%s' is too long; at most %d bytes",
                        name, VIR_TYPED_PARAM_FIELD_LENGTH - 1);
        return NULL;
    }
    if (!repeats && virTypedParamsGet(*params, *nparams, name)) {
        vir_api_bad_arg(NULL, "name", func, "Parameter '%s' is already set", name);
        return NULL;
    }
    if (*nparams >= *maxparams) {
        *maxparams = *nparams + MAX(*nparams / 2, 4);
        *params = g_renew(virTypedParameter, *params, *maxparams);
    }
    param = &(*params)[(*nparams)++];
    memset(param, 0, sizeof(*param));
    strcpy(param->field, name);
    param->type = type;
    return param;
}

/* One more with a copy of *@value. */
static int
put(virTypedParameterPtr *params, int *nparams, int *maxparams, const char *name, int type,
    gboolean repeats, const char *func, const void *value)
{
    virTypedParameterPtr param = add(params, nparams, maxparams, name, type, repeats, func);

    if (!param)
        return -1;
    memcpy(&param->value, value, types[type].size);
    if (type == VIR_TYPED_PARAM_STRING)
        param->value.s = g_strdup(param->value.s);
    return 0;
}

int
virTypedParamsAddInt(virTypedParameterPtr *params, int *nparams, int *maxparams, const char *name,
                     int value)
{
    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_INT, FALSE, __func__, &value);
}

int
virTypedParamsAddUInt(virTypedParameterPtr *params, int *nparams, int *maxparams, const char *name,
                      unsigned int value)
{
    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_UINT, FALSE, __func__, &value);
}

int
virTypedParamsAddLLong(virTypedParameterPtr *params, int *nparams, int *maxparams, const char *name,
                       long long value)
{
    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_LLONG, FALSE, __func__, &value);
}

int
virTypedParamsAddULLong(virTypedParameterPtr *params, int *nparams, int *maxparams,
                        const char *name, unsigned long long value)
{
    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_ULLONG, FALSE, __func__, &value);
}

int
virTypedParamsAddDouble(virTypedParameterPtr *params, int *nparams, int *maxparams,
                        const char *name, double value)
{
    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_DOUBLE, FALSE, __func__, &value);
}

int
virTypedParamsAddBoolean(virTypedParameterPtr *params, int *nparams, int *maxparams,
                         const char *name, int value)
{
    char is = value != 0;

    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_BOOLEAN, FALSE, __func__, &is);
}

int
virTypedParamsAddString(virTypedParameterPtr *params, int *nparams, int *maxparams,
                        const char *name, const char *value)
{
    const char *text = value ? value : "";

    return put(params, nparams, maxparams, name, VIR_TYPED_PARAM_STRING, FALSE, __func__, &text);
}

int
virTypedParamsAddStringList(virTypedParameterPtr *params, int *nparams, int *maxparams,
                            const char *name, const char **values)
{
    if (!values)
        return 0;
    for (; *values; values++) {
        if (put(params, nparams, maxparams, name, VIR_TYPED_PARAM_STRING, TRUE, __func__, values) <
            0)
            return -1;
    }
    return 0;
}

static gboolean
from_string(virTypedParameterPtr param, const char *value)
{
    char *end = NULL;
    gint64 l;
    guint64 ul;

    switch ((virTypedParameterType)param->type) {
    case VIR_TYPED_PARAM_INT:
        if (!g_ascii_string_to_signed(value, 10, G_MININT, G_MAXINT, &l, NULL))
            return FALSE;
        param->value.i = l;
        return TRUE;
    case VIR_TYPED_PARAM_UINT:
        if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT, &ul, NULL))
            return FALSE;
        param->value.ui = ul;
        return TRUE;
    case VIR_TYPED_PARAM_LLONG:
        if (!g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &l, NULL))
            return FALSE;
        param->value.l = l;
        return TRUE;
    case VIR_TYPED_PARAM_ULLONG:
        if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, &ul, NULL))
            return FALSE;
        param->value.ul = ul;
        return TRUE;
    case VIR_TYPED_PARAM_DOUBLE:
        param->value.d = g_ascii_strtod(value, &end);
        return end != value && *end == '\0';
    case VIR_TYPED_PARAM_BOOLEAN:
        param->value.b = strcmp(value, "1") == 0;
        return param->value.b || strcmp(value, "0") == 0;
    case VIR_TYPED_PARAM_STRING:
        param->value.s = g_strdup(value);
        return TRUE;
    }
    return FALSE;
}

int
virTypedParamsAddFromString(virTypedParameterPtr *params, int *nparams, int *maxparams,
                            const char *name, int type, const char *value)
{
    virTypedParameterPtr param;

    vir_api_begin();
    if (!vir_api_check_nonnull(NULL, value, "value", __func__))
        return -1;
    param = add(params, nparams, maxparams, name, type, FALSE, __func__);
    if (!param)
        return -1;
    if (from_string(param, value))
        return 0;
    (*nparams)--;
    vir_api_bad_arg(NULL, "value", __func__, "'%s' is no value of type %s for parameter '%s'",
                    value, type_name(type), name);
    return -1;
}
