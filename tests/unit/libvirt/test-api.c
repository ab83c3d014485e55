/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors, handles, checks of arguments: what every public function shares. */
#include <string.h>

#include "api.h"
#include "vir-error.h"

static int told;
static virError told_last;

static void
remember(void *data, virErrorPtr error)
{
    told++;
    g_assert_true(data == &told);
    told_last = *error;
}

static void
raise_one(virConnectPtr conn, int code, const char *detail)
{
    GError *error = NULL;

    vir_error_set(&error, code, "%s", detail);
    vir_error_detail(error)->domain = VIR_FROM_QEMU;
    vir_api_fail(conn, &error);
    g_assert_null(error);
}

static void
test_last_error(void)
{
    virErrorPtr saved;
    virError copy;

    virResetLastError();
    g_assert_null(virGetLastError());
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_OK);
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "no error");
    raise_one(NULL, VIR_ERR_NO_DOMAIN, "web");
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_NO_DOMAIN);
    g_assert_cmpint(virGetLastErrorDomain(), ==, VIR_FROM_QEMU);
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "Domain not found: web");
    g_assert_cmpstr(virGetLastError()->str1, ==, "Domain not found: %s");
    g_assert_cmpstr(virGetLastError()->str2, ==, "web");
    g_assert_cmpint(virGetLastError()->level, ==, VIR_ERR_ERROR);

    saved = virSaveLastError();
    g_assert_cmpint(virCopyLastError(&copy), ==, VIR_ERR_NO_DOMAIN);
    virResetLastError();
    g_assert_null(virGetLastError());
    g_assert_cmpstr(saved->message, ==, "Domain not found: web");
    g_assert_cmpstr(copy.message, ==, "Domain not found: web");
    virFreeError(saved);
    virResetError(&copy);
    g_assert_null(copy.message);
    g_assert_cmpint(virCopyLastError(NULL), ==, -1);
}

static gpointer
other_thread(gpointer data)
{
    g_assert_null(virGetLastError());
    raise_one(NULL, VIR_ERR_RPC, "other");
    return NULL;
}

static void
test_threads(void)
{
    raise_one(NULL, VIR_ERR_NO_DOMAIN, "mine");
    g_thread_join(g_thread_new("other", other_thread, NULL));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_NO_DOMAIN);
}

static virConnectPtr
fake_conn(unsigned int flags)
{
    virConnectPtr conn = g_new0(virConnect, 1);

    conn->head.magic = VIR_HANDLE_CONNECT;
    conn->head.refs = 1;
    conn->flags = flags;
    pthread_mutex_init(&conn->lock, NULL);
    return conn;
}

static void
test_functions(void)
{
    virConnectPtr conn = fake_conn(0);
    int before = told;

    raise_one(conn, VIR_ERR_RPC, "a");
    g_assert_cmpint(told, ==, before + 1);
    g_assert_cmpint(told_last.code, ==, VIR_ERR_RPC);
    g_assert_cmpint(virConnGetLastError(conn)->code, ==, VIR_ERR_RPC);
    virConnResetLastError(conn);
    g_assert_cmpint(virConnGetLastError(conn)->code, ==, VIR_ERR_OK);
    vir_handle_unref(conn);
}

static void
test_invalid_handles(void)
{
    char junk[256] = {0};
    virConnectPtr conn = fake_conn(0);
    static const guint8 uuid[VIR_UUID_LEN];
    virNetworkPtr net = vir_network_new(conn, "n", uuid);

    g_assert_null(virDomainGetName(NULL));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_DOMAIN);
    g_assert_cmpint(virGetLastErrorDomain(), ==, VIR_FROM_DOM);
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "invalid domain pointer in virDomainGetName");
    g_assert_null(virDomainGetName((virDomainPtr)junk));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_DOMAIN);
    g_assert_null(virDomainGetName((virDomainPtr)net));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_DOMAIN);
    g_assert_null(virNetworkGetName(NULL));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_NETWORK);
    g_assert_cmpint(virStreamAbort(NULL), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_STREAM);
    g_assert_cmpint(virConnectClose(NULL), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_CONN);
    g_assert_null(virConnectGetType(NULL));
    g_assert_cmpint(virGetLastErrorDomain(), ==, VIR_FROM_DOMAIN);
    g_assert_cmpstr(virNetworkGetName(net), ==, "n");
    g_assert_null(virGetLastError());
    virNetworkFree(net);
    vir_handle_unref(conn);
}

static void
test_references(void)
{
    virConnectPtr conn = fake_conn(0);
    static const guint8 uuid[VIR_UUID_LEN] = {1, 2};
    virDomainPtr domain = vir_domain_new(conn, "d", uuid, 7);
    virDomainSnapshotPtr snapshot = vir_domain_snapshot_new(domain, "s");
    char text[VIR_UUID_STRING_BUFLEN];

    g_assert_cmpint(conn->head.refs, ==, 2);
    g_assert_true(virDomainSnapshotGetConnect(snapshot) == conn);
    g_assert_cmpint(virDomainGetID(domain), ==, 7);
    g_assert_cmpint(virDomainGetUUIDString(domain, text), ==, 0);
    g_assert_cmpstr(text, ==, "01020000-0000-0000-0000-000000000000");
    g_assert_cmpint(virDomainRef(domain), ==, 0);
    g_assert_cmpint(virDomainFree(domain), ==, 0);
    g_assert_cmpint(virDomainFree(domain), ==, 0);
    g_assert_cmpstr(virDomainSnapshotGetName(snapshot), ==, "s");
    g_assert_cmpint(virConnectClose(conn), ==, 1);
    g_assert_cmpint(virDomainSnapshotFree(snapshot), ==, 0);
}

static void
test_checks(void)
{
    virConnectPtr conn = fake_conn(VIR_CONNECT_RO);

    g_assert_false(vir_api_check_nonnull(conn, NULL, "xml", "virDomainX"));
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "xml in virDomainX must not be NULL");
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_ARG);
    g_assert_cmpstr(virGetLastError()->str1, ==, "virDomainX");
    g_assert_cmpstr(virGetLastError()->str2, ==, "xml");
    g_assert_cmpint(virGetLastError()->int1, ==, 0);
    g_assert_false(vir_api_check_nonnegative(conn, -1, "n", "virNetworkX"));
    g_assert_cmpint(virGetLastErrorDomain(), ==, VIR_FROM_NETWORK);
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "n in virNetworkX must be zero or greater");
    g_assert_false(vir_api_check_writable(conn, "virDomainX"));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_OPERATION_DENIED);
    g_assert_cmpstr(virGetLastErrorMessage(), ==,
                    "operation forbidden: read only access prevents virDomainX");
    g_assert_false(vir_api_check_requires(conn, 1, 1, 2, "A", "B", "virDomainX"));
    g_assert_cmpstr(virGetLastErrorMessage(), ==, "Flag 'B' is required by flag 'A'");
    g_assert_true(vir_api_check_requires(conn, 3, 1, 2, "A", "B", "virDomainX"));
    g_assert_false(vir_api_check_exclusive(conn, 3, 1, 2, "A", "B", "virDomainX"));
    g_assert_true(vir_api_check_exclusive(conn, 1, 1, 2, "A", "B", "virDomainX"));
    vir_handle_unref(conn);
}

static void
test_typed_params(void)
{
    virTypedParameterPtr params = NULL;
    static const char *list[] = {"x", "y", NULL};
    const char *text = NULL;
    unsigned long long ul = 0;
    int n = 0;
    int max = 0;
    int i = 0;
    g_autofree char *longer = g_strnfill(80, 'a');

    g_assert_cmpint(virTypedParamsAddInt(&params, &n, &max, "i", -5), ==, 0);
    g_assert_cmpint(virTypedParamsAddULLong(&params, &n, &max, "ul", G_MAXUINT64), ==, 0);
    g_assert_cmpint(virTypedParamsAddString(&params, &n, &max, "s", "text"), ==, 0);
    g_assert_cmpint(virTypedParamsAddBoolean(&params, &n, &max, "b", 7), ==, 0);
    g_assert_cmpint(virTypedParamsAddStringList(&params, &n, &max, "l", list), ==, 0);
    g_assert_cmpint(n, ==, 6);
    g_assert_cmpint(virTypedParamsAddInt(&params, &n, &max, "i", 1), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_ARG);
    g_assert_cmpint(virTypedParamsAddInt(&params, &n, &max, longer, 1), ==, -1);
    g_assert_cmpint(n, ==, 6);

    g_assert_cmpint(virTypedParamsGetInt(params, n, "i", &i), ==, 1);
    g_assert_cmpint(i, ==, -5);
    g_assert_cmpint(virTypedParamsGetULLong(params, n, "ul", &ul), ==, 1);
    g_assert_true(ul == G_MAXUINT64);
    g_assert_cmpint(virTypedParamsGetString(params, n, "s", &text), ==, 1);
    g_assert_cmpstr(text, ==, "text");
    g_assert_cmpint(virTypedParamsGetBoolean(params, n, "b", &i), ==, 1);
    g_assert_cmpint(i, ==, 1);
    g_assert_cmpint(virTypedParamsGetInt(params, n, "none", &i), ==, 0);
    g_assert_cmpint(virTypedParamsGetInt(params, n, "s", &i), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_ARG);

    g_assert_cmpint(
        virTypedParamsAddFromString(&params, &n, &max, "f", VIR_TYPED_PARAM_UINT, "4294967295"), ==,
        0);
    g_assert_cmpint(
        virTypedParamsAddFromString(&params, &n, &max, "g", VIR_TYPED_PARAM_UINT, "4294967296"), ==,
        -1);
    g_assert_cmpint(
        virTypedParamsAddFromString(&params, &n, &max, "h", VIR_TYPED_PARAM_BOOLEAN, "yes"), ==,
        -1);
    g_assert_cmpint(n, ==, 7);
    virTypedParamsFree(params, n);
}

static void
test_unsupported(void)
{
    vir_api_missing("virDomainX");
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_NO_SUPPORT);
    g_assert_cmpstr(virGetLastErrorMessage(), ==,
                    "this function is not supported by the connection driver: virDomainX");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    virSetErrorFunc(&told, remember);
    g_test_add_func("/api/last-error", test_last_error);
    g_test_add_func("/api/threads", test_threads);
    g_test_add_func("/api/functions", test_functions);
    g_test_add_func("/api/invalid-handles", test_invalid_handles);
    g_test_add_func("/api/references", test_references);
    g_test_add_func("/api/checks", test_checks);
    g_test_add_func("/api/typed-params", test_typed_params);
    g_test_add_func("/api/unsupported", test_unsupported);
    return g_test_run();
}
