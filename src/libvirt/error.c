/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last error of each thread and connection, and the functions told of errors. */
#include "vir-error.h"

#include <stdio.h>
#include <string.h>

#include "api.h"

static void
error_free(void *err)
{
    virFreeError(err);
}

static GPrivate last_error = G_PRIVATE_INIT(error_free);

static pthread_mutex_t func_lock = PTHREAD_MUTEX_INITIALIZER;
static virErrorFunc global_func;
static void *global_data;

static virErrorPtr
last_error_get(void)
{
    virErrorPtr err = g_private_get(&last_error);

    if (!err) {
        err = g_new0(virError, 1);
        g_private_set(&last_error, err);
    }
    return err;
}

static void
error_copy(const virError *from, virErrorPtr to)
{
    *to = *from;
    to->message = g_strdup(from->message);
    to->str1 = g_strdup(from->str1);
    to->str2 = g_strdup(from->str2);
    to->str3 = g_strdup(from->str3);
    to->conn = NULL;
    to->dom = NULL;
    to->net = NULL;
}

virErrorPtr
virGetLastError(void)
{
    virErrorPtr err = g_private_get(&last_error);

    return err && err->code != VIR_ERR_OK ? err : NULL;
}

int
virGetLastErrorCode(void)
{
    virErrorPtr err = g_private_get(&last_error);

    return err ? err->code : VIR_ERR_OK;
}

int
virGetLastErrorDomain(void)
{
    virErrorPtr err = g_private_get(&last_error);

    return err ? err->domain : VIR_FROM_NONE;
}

const char *
virGetLastErrorMessage(void)
{
    virErrorPtr err = virGetLastError();

    if (!err)
        return "no error";
    return err->message ? err->message : "unknown error";
}

void
virResetError(virErrorPtr err)
{
    if (!err)
        return;
    g_free(err->message);
    g_free(err->str1);
    g_free(err->str2);
    g_free(err->str3);
    memset(err, 0, sizeof(*err));
}

void
virResetLastError(void)
{
    virErrorPtr err = g_private_get(&last_error);

    if (err && (err->code != VIR_ERR_OK || err->message))
        virResetError(err);
}

void
virFreeError(virErrorPtr err)
{
    virResetError(err);
    g_free(err);
}

virErrorPtr
virSaveLastError(void)
{
    virErrorPtr copy = g_new0(virError, 1);

    error_copy(last_error_get(), copy);
    return copy;
}

int
virCopyLastError(virErrorPtr to)
{
    if (!to)
        return -1;
    error_copy(last_error_get(), to);
    return to->code;
}

virErrorPtr
virConnGetLastError(virConnectPtr conn)
{
    return conn ? &conn->err : NULL;
}

int
virConnCopyLastError(virConnectPtr conn, virErrorPtr to)
{
    if (!to || !vir_handle_is(conn, VIR_HANDLE_CONNECT))
        return -1;
    pthread_mutex_lock(&conn->lock);
    error_copy(&conn->err, to);
    pthread_mutex_unlock(&conn->lock);
    return to->code;
}

void
virConnResetLastError(virConnectPtr conn)
{
    if (!vir_handle_is(conn, VIR_HANDLE_CONNECT))
        return;
    pthread_mutex_lock(&conn->lock);
    virResetError(&conn->err);
    pthread_mutex_unlock(&conn->lock);
}

void
virSetErrorFunc(void *userData, virErrorFunc handler)
{
    pthread_mutex_lock(&func_lock);
    global_func = handler;
    global_data = userData;
    pthread_mutex_unlock(&func_lock);
}

void
virConnSetErrorFunc(virConnectPtr conn, void *userData, virErrorFunc handler)
{
    if (!vir_handle_is(conn, VIR_HANDLE_CONNECT))
        return;
    pthread_mutex_lock(&conn->lock);
    conn->error_func = handler;
    conn->error_data = userData;
    pthread_mutex_unlock(&conn->lock);
}

void
virDefaultErrorFunc(virErrorPtr err)
{
    static const char *const levels[] = {"", "warning", "error"};
    const char *area;

    if (!err || err->code == VIR_ERR_OK)
        return;
    area = vir_error_domain_name(err->domain);
    fprintf(stderr, "libvirt: %s %s : %s\n", area ? area : "",
            (guint)err->level < G_N_ELEMENTS(levels) ? levels[err->level] : "",
            err->message ? err->message : "no message");
    fflush(stderr);
}

/* Tells the connection's function, else the program's, else stderr. */
static void
error_dispatch(virConnectPtr conn, virErrorPtr err)
{
    virErrorFunc func = NULL;
    void *data = NULL;

    if (conn) {
        virError copy;

        error_copy(err, &copy);
        pthread_mutex_lock(&conn->lock);
        func = conn->error_func;
        data = conn->error_data;
        virResetError(&conn->err);
        conn->err = copy;
        pthread_mutex_unlock(&conn->lock);
    }
    if (!func) {
        pthread_mutex_lock(&func_lock);
        func = global_func;
        data = global_data;
        pthread_mutex_unlock(&func_lock);
    }
    if (func)
        func(data, err);
    else
        virDefaultErrorFunc(err);
}

void
vir_api_fail(virConnectPtr conn, GError **error)
{
    virErrorPtr err = last_error_get();
    const VirErrorDetail *detail = vir_error_detail(*error);

    virResetError(err);
    err->code = vir_error_code(*error);
    err->message = vir_error_text(*error);
    err->level = VIR_ERR_ERROR;
    err->int1 = -1;
    err->int2 = -1;
    if (detail) {
        err->domain = detail->domain;
        err->level = detail->level;
        err->str1 = g_strdup(detail->str1);
        err->str2 = g_strdup(detail->str2);
        err->str3 = g_strdup(detail->str3);
        err->int1 = detail->int1;
        err->int2 = detail->int2;
    }
    if (!err->str1 && !(detail && detail->whole)) {
        err->str1 = vir_error_format(err->code, "%s");
        err->str2 = g_strdup((*error)->message);
    }
    g_clear_error(error);
    error_dispatch(conn, err);
}
