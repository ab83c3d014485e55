/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "api.h"

#include <string.h>

#include "vir-error.h"

/* What a wrong pointer of each class is called; domain 0: that of the function. */
static const struct {
    int code;
    int domain;
} invalid[] = {
    [VIR_HANDLE_CONNECT - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_CONN, 0},
    [VIR_HANDLE_DOMAIN - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_DOMAIN, VIR_FROM_DOM},
    [VIR_HANDLE_DOMAIN_SNAPSHOT -
        VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_DOMAIN_SNAPSHOT, VIR_FROM_DOMAIN_SNAPSHOT},
    [VIR_HANDLE_DOMAIN_CHECKPOINT -
        VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_DOMAIN_CHECKPOINT, VIR_FROM_DOMAIN_CHECKPOINT},
    [VIR_HANDLE_NETWORK - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_NETWORK, VIR_FROM_NETWORK},
    [VIR_HANDLE_NETWORK_PORT -
        VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_NETWORK_PORT, VIR_FROM_NETWORK},
    [VIR_HANDLE_INTERFACE - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_INTERFACE, VIR_FROM_INTERFACE},
    [VIR_HANDLE_STORAGE_POOL -
        VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_STORAGE_POOL, VIR_FROM_STORAGE},
    [VIR_HANDLE_STORAGE_VOL - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_STORAGE_VOL, VIR_FROM_STORAGE},
    [VIR_HANDLE_NODE_DEVICE - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_NODE_DEVICE, VIR_FROM_NODEDEV},
    [VIR_HANDLE_SECRET - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_SECRET, VIR_FROM_SECRET},
    [VIR_HANDLE_NWFILTER - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_NWFILTER, VIR_FROM_NWFILTER},
    [VIR_HANDLE_NWFILTER_BINDING -
        VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_NWFILTER_BINDING, VIR_FROM_NWFILTER},
    [VIR_HANDLE_STREAM - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_STREAM, VIR_FROM_STREAMS},
    [VIR_HANDLE_ADM_CONNECT - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_CONN, VIR_FROM_ADMIN},
    [VIR_HANDLE_ADM_SERVER - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_CONN, VIR_FROM_ADMIN},
    [VIR_HANDLE_ADM_CLIENT - VIR_HANDLE_CONNECT] = {VIR_ERR_INVALID_CONN, VIR_FROM_ADMIN},
};

/* The part of the library that a function belongs to: the first word found decides. */
static const struct {
    const char *word;
    int domain;
} areas[] = {
    {"virAdm", VIR_FROM_ADMIN},
    {"virDomainSnapshot", VIR_FROM_DOMAIN_SNAPSHOT},
    {"virDomainRevertToSnapshot", VIR_FROM_DOMAIN_SNAPSHOT},
    {"virDomainCheckpoint", VIR_FROM_DOMAIN_CHECKPOINT},
    {"virDomain", VIR_FROM_DOMAIN},
    {"virConnectDomain", VIR_FROM_DOMAIN},
    {"virConnectOpen", VIR_FROM_NONE},
    {"virConnectClose", VIR_FROM_NONE},
    {"Storage", VIR_FROM_STORAGE},
    {"NodeDevice", VIR_FROM_NODEDEV},
    {"virNodeNumOfDevices", VIR_FROM_NODEDEV},
    {"virNodeListDevices", VIR_FROM_NODEDEV},
    {"NWFilter", VIR_FROM_NWFILTER},
    {"Interface", VIR_FROM_INTERFACE},
    {"Secret", VIR_FROM_SECRET},
    {"Network", VIR_FROM_NETWORK},
    {"virStream", VIR_FROM_STREAMS},
    {"virEvent", VIR_FROM_EVENT},
    {"virTypedParam", VIR_FROM_NONE},
    {"vir", VIR_FROM_DOMAIN},
};

static int
area_of(const char *func)
{
    for (guint i = 0; i < G_N_ELEMENTS(areas); i++)
        if (strstr(func, areas[i].word))
            return areas[i].domain;
    return VIR_FROM_NONE;
}

void
vir_api_begin(void)
{
    virResetLastError();
}

gboolean
vir_api_check(const void *handle, VirHandleMagic magic, const char *func)
{
    const VirHandle *head = handle;
    GError *error = NULL;
    VirErrorDetail *detail;

    if (head && head->magic == magic)
        return TRUE;
    vir_error_set(&error, invalid[magic - VIR_HANDLE_CONNECT].code, "%s", func);
    detail = vir_error_detail(error);
    detail->domain = invalid[magic - VIR_HANDLE_CONNECT].domain;
    if (!detail->domain)
        detail->domain = area_of(func);
    vir_api_fail(NULL, &error);
    return FALSE;
}

gboolean
vir_api_enter(const void *handle, VirHandleMagic magic, const char *func)
{
    vir_api_begin();
    return vir_api_check(handle, magic, func);
}

int
vir_api_ref(void *handle, VirHandleMagic magic, const char *func)
{
    if (!vir_api_enter(handle, magic, func))
        return -1;
    vir_handle_ref(handle);
    return 0;
}

int
vir_api_free(void *handle, VirHandleMagic magic, const char *func)
{
    return vir_api_close(handle, magic, func) < 0 ? -1 : 0;
}

int
vir_api_close(void *handle, VirHandleMagic magic, const char *func)
{
    gint left;

    if (!vir_api_enter(handle, magic, func))
        return -1;
    left = g_atomic_int_get(&((VirHandle *)handle)->refs) - 1;
    vir_handle_unref(handle);
    return left;
}

/* The UUID, or NULL with the error raised. */
static const guint8 *
own_uuid(const void *handle, VirHandleMagic magic, const char *func, gsize offset, const void *out,
         const char *arg)
{
    return vir_api_enter(handle, magic, func) &&
                   vir_api_check_nonnull(vir_handle_conn(handle), out, arg, func)
               ? (const guint8 *)handle + offset
               : NULL;
}

int
vir_api_uuid(const void *handle, VirHandleMagic magic, const char *func, gsize offset,
             unsigned char *uuid)
{
    const guint8 *own = own_uuid(handle, magic, func, offset, uuid, "uuid");

    if (own)
        memcpy(uuid, own, VIR_UUID_LEN);
    return own ? 0 : -1;
}

int
vir_api_uuid_text(const void *handle, VirHandleMagic magic, const char *func, gsize offset,
                  char *buf)
{
    const guint8 *own = own_uuid(handle, magic, func, offset, buf, "buf");

    if (own)
        vir_uuid_format(own, buf);
    return own ? 0 : -1;
}

/* A message that stands as it is, with function and argument in the additional fields. */
static void
raise_arg(virConnectPtr conn, const char *arg, const char *func, char *message)
{
    GError *error = NULL;
    VirErrorDetail *detail;

    vir_error_set(&error, VIR_ERR_INVALID_ARG, "%s", message);
    detail = vir_error_detail(error);
    detail->whole = TRUE;
    detail->domain = area_of(func);
    detail->str1 = g_strdup(func);
    detail->str2 = g_strdup(arg);
    detail->int1 = 0;
    detail->int2 = 0;
    g_free(message);
    vir_api_fail(conn, &error);
}

static gboolean
check_arg(virConnectPtr conn, gboolean good, const char *arg, const char *func, const char *must)
{
    if (!good)
        raise_arg(conn, arg, func, g_strdup_printf("%s in %s must %s", arg, func, must));
    return good;
}

void
vir_api_bad_arg(virConnectPtr conn, const char *arg, const char *func, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    raise_arg(conn, arg, func, g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

gboolean
vir_api_check_same(virConnectPtr conn, const void *handle, VirHandleMagic magic, const char *arg,
                   const char *func)
{
    if (!vir_api_check(handle, magic, func))
        return FALSE;
    if (vir_handle_conn(handle) == conn)
        return TRUE;
    raise_arg(conn, arg, func, g_strdup_printf("%s in %s must match connection", arg, func));
    return FALSE;
}

gboolean
vir_api_check_writable(virConnectPtr conn, const char *func)
{
    if (!(conn->flags & VIR_CONNECT_RO))
        return TRUE;
    vir_api_raise(conn, VIR_ERR_OPERATION_DENIED, func, "read only access prevents %s", func);
    return FALSE;
}

gboolean
vir_api_check_nonnull(virConnectPtr conn, const void *value, const char *arg, const char *func)
{
    return check_arg(conn, value != NULL, arg, func, "not be NULL");
}

gboolean
vir_api_check_null(virConnectPtr conn, const void *value, const char *arg, const char *func)
{
    return check_arg(conn, value == NULL, arg, func, "be NULL");
}

gboolean
vir_api_check_nonempty(virConnectPtr conn, const char *value, const char *arg, const char *func)
{
    return check_arg(conn, value && *value, arg, func, "not be empty");
}

gboolean
vir_api_check_nonzero(virConnectPtr conn, gint64 value, const char *arg, const char *func)
{
    return check_arg(conn, value != 0, arg, func, "not be zero");
}

gboolean
vir_api_check_zero(virConnectPtr conn, gint64 value, const char *arg, const char *func)
{
    return check_arg(conn, value == 0, arg, func, "be zero");
}

gboolean
vir_api_check_positive(virConnectPtr conn, gint64 value, const char *arg, const char *func)
{
    return check_arg(conn, value > 0, arg, func, "be greater than zero");
}

gboolean
vir_api_check_nonnegative(virConnectPtr conn, gint64 value, const char *arg, const char *func)
{
    return check_arg(conn, value >= 0, arg, func, "be zero or greater");
}

gboolean
vir_api_check_exclusive(virConnectPtr conn, unsigned int flags, unsigned int a, unsigned int b,
                        const char *a_name, const char *b_name, const char *func)
{
    if ((flags & a) != a || (flags & b) != b)
        return TRUE;
    raise_arg(conn, "flags", func,
              g_strdup_printf("Flags '%s' and '%s' are mutually exclusive", a_name, b_name));
    return FALSE;
}

gboolean
vir_api_check_requires(virConnectPtr conn, unsigned int flags, unsigned int a, unsigned int b,
                       const char *a_name, const char *b_name, const char *func)
{
    if ((flags & a) != a || (flags & b) == b)
        return TRUE;
    raise_arg(conn, "flags", func,
              g_strdup_printf("Flag '%s' is required by flag '%s'", b_name, a_name));
    return FALSE;
}

void
vir_api_raise(virConnectPtr conn, int code, const char *func, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    GError *error = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    vir_error_set_in(&error, area_of(func), code, "%s", text);
    vir_api_fail(conn, &error);
}

void
vir_api_unsupported(virConnectPtr conn, const char *func)
{
    vir_api_raise(conn, VIR_ERR_NO_SUPPORT, func, "%s", func);
}

void
vir_api_missing(const char *func)
{
    vir_api_begin();
    vir_api_unsupported(NULL, func);
}
