/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The public functions that are rows: what they ask a peer, and what they make of its answer. The
 * peer is this file: vir_client_call() and its kin are wrapped by the linker.
 */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "handles.h"
#include "shim.h"
#include "values.h"
#include "vir-client.h"
#include "vir-error.h"

static struct _virConnect conn = {.head = {VIR_HANDLE_CONNECT, 1}};
static const guint8 uuid[VIR_UUID_LEN] = "0123456789abcde";

/* What the peer was asked, and what it answers. */
static const VirProc *asked;
static void *asked_args;
static const void *answer;
static GRand *answer_rand;
static GError *failure;
static int asked_fds;

gboolean __wrap_vir_client_call(virConnectPtr to, const VirProc *proc, const void *args, void *ret,
                                VirArena *arena, GError **error);
gboolean __wrap_vir_client_call_fds(virConnectPtr to, const VirProc *proc, const void *args,
                                    const int *fds, unsigned n_fds, void *ret, int **out_fds,
                                    unsigned *n_out_fds, VirArena *arena, GError **error);
gboolean __wrap_vir_client_call_stream(virStreamPtr stream, const VirProc *proc, const void *args,
                                       void *ret, VirArena *arena, GError **error);
gboolean __wrap_vir_client_call_admin(virAdmConnectPtr to, const VirProc *proc, const void *args,
                                      void *ret, VirArena *arena, GError **error);

static void
forget(void)
{
    if (asked_args)
        vir_xdr_free(asked->args, asked_args);
    asked_args = NULL;
    asked = NULL;
    asked_fds = 0;
}

static gboolean
answer_call(const VirProc *proc, const void *args, void *ret, VirArena *arena, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) encoding = NULL;

    forget();
    asked = proc;
    g_assert_true((args != NULL) == (proc->args != NULL));
    g_assert_true((ret != NULL) == (proc->ret != NULL));
    if (args) {
        vir_xdr_encode(proc->args, args, bytes, &encoding);
        g_assert_no_error(encoding);
        asked_args = vir_xdr_dup(proc->args, args);
    }
    if (failure) {
        *error = g_error_copy(failure);
        return FALSE;
    }
    if (ret && answer) {
        memcpy(ret, answer, proc->ret->size);
    } else if (ret && answer_rand) {
        /* through the wire, so that it lives in the arena as a real answer does */
        g_autofree void *value = g_malloc0(proc->ret->size);

        values_fill(answer_rand, proc->ret, value);
        g_byte_array_set_size(bytes, 0);
        g_assert_true(vir_xdr_encode(proc->ret, value, bytes, NULL));
        g_assert_true(vir_xdr_decode(proc->ret, bytes->data, bytes->len, ret, arena, NULL));
        vir_xdr_clear(proc->ret, value);
    }
    return TRUE;
}

gboolean
__wrap_vir_client_call(virConnectPtr to, const VirProc *proc, const void *args, void *ret,
                       VirArena *arena, GError **error)
{
    g_assert_true(to == &conn);
    return answer_call(proc, args, ret, arena, error);
}

gboolean
__wrap_vir_client_call_fds(virConnectPtr to, const VirProc *proc, const void *args, const int *fds,
                           unsigned n_fds, void *ret, int **out_fds, unsigned *n_out_fds,
                           VirArena *arena, GError **error)
{
    if (!answer_call(proc, args, ret, arena, error))
        return FALSE;
    asked_fds = n_fds;
    if (proc->fds & VIR_PROC_FDS_REPLY) {
        *out_fds = g_new(int, 1);
        (*out_fds)[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        *n_out_fds = 1;
    }
    return TRUE;
}

gboolean
__wrap_vir_client_call_stream(virStreamPtr stream, const VirProc *proc, const void *args, void *ret,
                              VirArena *arena, GError **error)
{
    g_assert_true(stream->conn == &conn);
    return answer_call(proc, args, ret, arena, error);
}

gboolean
__wrap_vir_client_call_admin(virAdmConnectPtr to, const VirProc *proc, const void *args, void *ret,
                             VirArena *arena, GError **error)
{
    return answer_call(proc, args, ret, arena, error);
}

static void
ignore_error(void *data, virErrorPtr error)
{
}

static void
assert_failed(int code, const char *message)
{
    g_assert_cmpint(virGetLastErrorCode(), ==, code);
    g_assert_cmpstr(virGetLastErrorMessage(), ==, message);
}

static virDomainPtr
domain_new(void)
{
    return vir_domain_new(&conn, "web", uuid, 3);
}

static void
test_plain(void)
{
    virDomainPtr domain = domain_new();
    const remote_domain_set_vcpus_flags_args *args;

    g_assert_cmpint(virDomainSetVcpusFlags(domain, 4, VIR_DOMAIN_AFFECT_LIVE), ==, 0);
    g_assert_cmpint(asked->number, ==, REMOTE_PROC_DOMAIN_SET_VCPUS_FLAGS);
    args = asked_args;
    g_assert_cmpstr(args->dom.name, ==, "web");
    g_assert_cmpmem(args->dom.uuid, VIR_UUID_LEN, uuid, VIR_UUID_LEN);
    g_assert_cmpint(args->dom.id, ==, 3);
    g_assert_cmpuint(args->nvcpus, ==, 4);
    g_assert_cmpuint(args->flags, ==, VIR_DOMAIN_AFFECT_LIVE);
    vir_handle_unref(domain);
}

static void
test_texts(void)
{
    virDomainPtr domain = domain_new();
    remote_domain_get_xml_desc_ret ret = {.xml = (char *)"<domain/>"};
    const remote_domain_block_commit_args *args;
    g_autofree char *xml = NULL;

    answer = &ret;
    xml = virDomainGetXMLDesc(domain, 0);
    g_assert_cmpstr(xml, ==, "<domain/>");
    answer = NULL;
    g_assert_cmpint(virDomainBlockCommit(domain, "vda", NULL, "top", 7, 1), ==, 0);
    args = asked_args;
    g_assert_cmpstr(args->disk, ==, "vda");
    g_assert_null(args->base);
    g_assert_cmpstr(*args->top, ==, "top");
    g_assert_cmpuint(args->bandwidth, ==, 7);
    g_assert_cmpuint(args->flags, ==, 1);
    vir_handle_unref(domain);
}

static void
test_checks(void)
{
    virDomainPtr domain = domain_new();
    int n;

    forget();
    g_assert_cmpint(virDomainSuspend(NULL), ==, -1);
    assert_failed(VIR_ERR_INVALID_DOMAIN, "invalid domain pointer in virDomainSuspend");
    g_assert_null(virDomainDefineXML(&conn, NULL));
    assert_failed(VIR_ERR_INVALID_ARG, "xml in virDomainDefineXML must not be NULL");
    g_assert_cmpint(virDomainSetVcpusFlags(domain, 0, 0), ==, -1);
    assert_failed(VIR_ERR_INVALID_ARG, "nvcpus in virDomainSetVcpusFlags must not be zero");
    g_assert_cmpint(virDomainCoreDump(domain, "/x", VIR_DUMP_CRASH | VIR_DUMP_LIVE), ==, -1);
    assert_failed(VIR_ERR_INVALID_ARG,
                  "Flags 'VIR_DUMP_CRASH' and 'VIR_DUMP_LIVE' are mutually exclusive");
    g_assert_null(virDomainLookupByUUIDString(&conn, "no-uuid"));
    assert_failed(VIR_ERR_INVALID_ARG, "Invalid UUID");
    n = 4;
    g_assert_cmpint(virDomainGetMemoryParameters(domain, NULL, &n, 0), ==, -1);
    assert_failed(VIR_ERR_INVALID_ARG, "params in virDomainGetMemoryParameters must not be NULL");
    g_assert_cmpint(virConnectListDefinedDomains(&conn, NULL, 4), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_ARG);
    g_assert_cmpint(virDomainGetInfo(domain, NULL), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_INVALID_ARG);
    conn.flags = VIR_CONNECT_RO;
    g_assert_cmpint(virDomainSuspend(domain), ==, -1);
    assert_failed(VIR_ERR_OPERATION_DENIED,
                  "operation forbidden: read only access prevents virDomainSuspend");
    g_assert_null(virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_SECURE));
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_OPERATION_DENIED);
    g_assert_null(asked);
    g_free(virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE));
    g_assert_nonnull(asked);
    conn.flags = 0;
    vir_handle_unref(domain);
}

static void
test_failure(void)
{
    virDomainPtr domain = domain_new();
    virDomainPtr *list = (virDomainPtr *)&list;

    vir_error_set(&failure, VIR_ERR_NO_DOMAIN, "no domain 'web'");
    g_assert_cmpint(virDomainResume(domain), ==, -1);
    assert_failed(VIR_ERR_NO_DOMAIN, "Domain not found: no domain 'web'");
    g_assert_cmpint(virConnectListAllDomains(&conn, &list, 0), ==, -1);
    g_assert_null(list);
    g_assert_cmpuint(virDomainGetMaxMemory(domain), ==, 0);
    g_clear_error(&failure);
    vir_handle_unref(domain);
}

static void
test_record(void)
{
    virDomainPtr domain = domain_new();
    remote_domain_get_info_ret ret = {5, 1ULL << 33, 2048, 7, 1ULL << 40};
    remote_domain_block_stats_ret stats = {1, 2, 3, 4, 5};
    remote_domain_get_block_info_ret block = {.allocation = 1, .capacity = 2, .physical = 3};
    remote_node_get_info_ret node = {.model = "x86_64", .memory = 99, .cpus = 8, .threads = 2};
    struct {
        virDomainBlockStatsStruct part;
        guint64 guard;
    } old = {.guard = 42};
    virDomainInfo info;
    virDomainBlockInfo block_info;
    virNodeInfo node_info;

    answer = &ret;
    g_assert_cmpint(virDomainGetInfo(domain, &info), ==, 0);
    g_assert_cmpint(info.state, ==, 5);
    g_assert_cmpuint(info.maxMem, ==, 1ULL << 33);
    g_assert_cmpuint(info.memory, ==, 2048);
    g_assert_cmpuint(info.nrVirtCpu, ==, 7);
    g_assert_cmpuint(info.cpuTime, ==, 1ULL << 40);
    answer = &stats;
    g_assert_cmpint(virDomainBlockStats(domain, "vda", &old.part, sizeof(old.part)), ==, 0);
    g_assert_cmpint(old.part.errs, ==, 5);
    g_assert_cmpint(virDomainBlockStats(domain, "vda", &old.part, 8), ==, 0);
    g_assert_cmpint(old.guard, ==, 42);
    answer = &block;
    g_assert_cmpint(virDomainGetBlockInfo(domain, "vda", &block_info, 0), ==, 0);
    g_assert_cmpint(block_info.capacity, ==, 2);
    g_assert_cmpint(block_info.allocation, ==, 1);
    answer = &node;
    g_assert_cmpint(virNodeGetInfo(&conn, &node_info), ==, 0);
    g_assert_cmpstr(node_info.model, ==, "x86_64");
    g_assert_cmpuint(node_info.memory, ==, 99);
    g_assert_cmpuint(node_info.threads, ==, 2);
    answer = NULL;
    vir_handle_unref(domain);
}

static void
test_lists(void)
{
    char *names[] = {(char *)"a", (char *)"b"};
    remote_nonnull_domain domains[] = {{.name = (char *)"a", .id = 1},
                                       {.name = (char *)"b", .id = -1}};
    remote_connect_list_defined_domains_ret defined = {{2, names}};
    remote_connect_list_all_domains_ret all = {{2, domains}, 2};
    const remote_connect_list_all_domains_args *args;
    char *got[3] = {NULL};
    virDomainPtr *list = NULL;

    answer = &defined;
    g_assert_cmpint(virConnectListDefinedDomains(&conn, got, 3), ==, 2);
    g_assert_cmpstr(got[1], ==, "b");
    g_assert_null(got[2]);
    g_free(got[0]);
    g_free(got[1]);
    g_assert_cmpint(virConnectListDefinedDomains(&conn, got, 1), ==, -1);
    g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_RPC);

    answer = &all;
    g_assert_cmpint(virConnectListAllDomains(&conn, &list, 3), ==, 2);
    args = asked_args;
    g_assert_cmpint(args->need_results, ==, 1);
    g_assert_cmpuint(args->flags, ==, 3);
    g_assert_cmpstr(list[0]->name, ==, "a");
    g_assert_cmpint(list[1]->id, ==, -1);
    g_assert_null(list[2]);
    vir_handle_unref(list[0]);
    vir_handle_unref(list[1]);
    g_free(list);
    all.domains.domains_len = 0;
    g_assert_cmpint(virConnectListAllDomains(&conn, NULL, 0), ==, 2);
    args = asked_args;
    g_assert_cmpint(args->need_results, ==, 0);
    answer = NULL;
}

static void
test_params(void)
{
    virDomainPtr domain = domain_new();
    remote_typed_param wire[2] = {
        {(char *)"hard_limit", {VIR_TYPED_PARAM_ULLONG, {.ul = 77}}},
        {(char *)"name", {VIR_TYPED_PARAM_STRING, {.s = (char *)"text"}}},
    };
    remote_domain_get_memory_parameters_ret ret = {{0, NULL}, 2};
    const remote_domain_get_memory_parameters_args *args;
    const remote_domain_set_memory_parameters_args *set;
    virTypedParameter params[3];
    int n = 0;

    answer = &ret;
    g_assert_cmpint(virDomainGetMemoryParameters(domain, NULL, &n, 0), ==, 0);
    g_assert_cmpint(n, ==, 2);
    args = asked_args;
    g_assert_cmpuint(args->flags, ==, VIR_TYPED_PARAM_STRING_OKAY);
    ret.params.params_len = 2;
    ret.params.params_val = wire;
    n = 3;
    g_assert_cmpint(virDomainGetMemoryParameters(domain, params, &n, 0), ==, 0);
    g_assert_cmpint(n, ==, 2);
    g_assert_cmpstr(params[0].field, ==, "hard_limit");
    g_assert_cmpuint(params[0].value.ul, ==, 77);
    g_assert_cmpstr(params[1].value.s, ==, "text");
    answer = NULL;
    g_assert_cmpint(virDomainSetMemoryParameters(domain, params, 2, 5), ==, 0);
    set = asked_args;
    g_assert_cmpuint(set->params.params_len, ==, 2);
    g_assert_cmpstr(set->params.params_val[1].value.remote_typed_param_value_u.s, ==, "text");
    g_assert_cmpuint(set->flags, ==, 5);
    virTypedParamsClear(params, 2);
    n = 1;
    answer = &ret;
    g_assert_cmpint(virDomainGetMemoryParameters(domain, params, &n, 0), ==, -1);
    answer = NULL;
    vir_handle_unref(domain);
}

static void
test_objects(void)
{
    virDomainPtr domain = domain_new();
    remote_domain_snapshot_create_xml_ret ret = {{(char *)"s1", {.name = (char *)"web"}}};
    remote_domain_create_with_flags_ret started = {{.name = (char *)"web", .id = 9}};
    virDomainSnapshotPtr snapshot;

    answer = &ret;
    snapshot = virDomainSnapshotCreateXML(domain, "<domainsnapshot/>", 0);
    g_assert_cmpstr(snapshot->name, ==, "s1");
    g_assert_true(snapshot->domain == domain);
    answer = NULL;
    g_assert_cmpint(virDomainSnapshotDelete(snapshot, 0), ==, 0);
    g_assert_cmpstr(((const remote_domain_snapshot_delete_args *)asked_args)->snap.dom.name, ==,
                    "web");
    vir_handle_unref(snapshot);
    answer = &started;
    g_assert_cmpint(virDomainCreateWithFlags(domain, 0), ==, 0);
    g_assert_cmpint(virDomainGetID(domain), ==, 9);
    answer = NULL;
    vir_handle_unref(domain);
}

static void
test_files(void)
{
    virDomainPtr domain = domain_new();
    int files[] = {0, 1};
    int fd = virDomainOpenGraphicsFD(domain, 0, 0);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(close(fd), ==, 0);
    answer_rand = g_rand_new_with_seed(1);
    g_assert_cmpint(virDomainCreateWithFiles(domain, 2, files, 4), ==, 0);
    g_clear_pointer(&answer_rand, g_rand_free);
    g_assert_cmpint(asked_fds, ==, 2);
    g_assert_cmpuint(((const remote_domain_create_with_files_args *)asked_args)->flags, ==, 4);
    vir_handle_unref(domain);
}

/* Something of the right kind for each argument of a row. */
typedef struct {
    void *handles[VIR_HANDLE_END - VIR_HANDLE_CONNECT];
    guint8 scratch[12][1 << 16];
    const char *texts[2];
    virTypedParameter params[2];
} Stock;

static void
stock_fill(Stock *stock)
{
    void **h = stock->handles;
    struct _virAdmConnect *admin = g_new0(struct _virAdmConnect, 1);

    admin->head = (VirHandle){VIR_HANDLE_ADM_CONNECT, 1000000};
#define SET(magic, value) h[VIR_HANDLE_##magic - VIR_HANDLE_CONNECT] = value
#define GET(magic) h[VIR_HANDLE_##magic - VIR_HANDLE_CONNECT]
    SET(CONNECT, &conn);
    SET(DOMAIN, domain_new());
    SET(DOMAIN_SNAPSHOT, vir_domain_snapshot_new(GET(DOMAIN), "s"));
    SET(DOMAIN_CHECKPOINT, vir_domain_checkpoint_new(GET(DOMAIN), "c"));
    SET(NETWORK, vir_network_new(&conn, "n", uuid));
    SET(NETWORK_PORT, vir_network_port_new(GET(NETWORK), uuid));
    SET(INTERFACE, vir_interface_new(&conn, "i", "m"));
    SET(STORAGE_POOL, vir_storage_pool_new(&conn, "p", uuid));
    SET(STORAGE_VOL, vir_storage_vol_new(&conn, "p", "v", "k"));
    SET(NODE_DEVICE, vir_node_device_new(&conn, "d"));
    SET(SECRET, vir_secret_new(&conn, uuid, 1, "u"));
    SET(NWFILTER, vir_nwfilter_new(&conn, "f", uuid));
    SET(NWFILTER_BINDING, vir_nwfilter_binding_new(&conn, "p", "f"));
    SET(STREAM, virStreamNew(&conn, 0));
    SET(ADM_CONNECT, admin);
    SET(ADM_SERVER, vir_adm_server_new(admin, "s"));
    SET(ADM_CLIENT, vir_adm_client_new(GET(ADM_SERVER), 1, 2, 3));
    stock->texts[0] = stock->texts[1] = "text";
    strcpy(stock->params[0].field, "a");
    stock->params[0].type = VIR_TYPED_PARAM_INT;
    strcpy(stock->params[1].field, "b");
    stock->params[1].type = VIR_TYPED_PARAM_STRING;
    stock->params[1].value.s = (char *)"b";
}

static void
stock_clear(Stock *stock)
{
    for (int magic = VIR_HANDLE_END - 1; magic > VIR_HANDLE_CONNECT; magic--) {
        void *handle = stock->handles[magic - VIR_HANDLE_CONNECT];

        if (magic == VIR_HANDLE_ADM_CONNECT)
            continue;
        vir_handle_unref(handle);
    }
    g_free(stock->handles[VIR_HANDLE_ADM_CONNECT - VIR_HANDLE_CONNECT]);
}

/* Arguments that a row takes; the scratch pages are where it may write. */
static void
make_cells(const VirShim *shim, Stock *stock, VirShimCell *cells)
{
    for (guint i = 0; i < shim->n_cells; i++) {
        memset(stock->scratch[i], 0, sizeof(stock->scratch[i]));
        cells[i].p = stock->scratch[i];
    }
    cells[0].p = stock->handles[shim->magic - VIR_HANDLE_CONNECT];
    if (shim->stream >= 0)
        cells[shim->stream].p = stock->handles[VIR_HANDLE_STREAM - VIR_HANDLE_CONNECT];
    for (guint i = 0; i < shim->n_steps; i++) {
        const VirShimStep *step = &shim->steps[i];
        VirShimCell *cell = step->cell >= 0 ? &cells[step->cell] : NULL;

        switch (step->op) {
        case VIR_SHIM_OBJECT:
            cell->p = stock->handles[step->magic - VIR_HANDLE_CONNECT];
            break;
        case VIR_SHIM_INT:
        case VIR_SHIM_FLAGS_STRINGS:
        case VIR_SHIM_FD:
            cell->i = 0;
            break;
        case VIR_SHIM_TEXT:
        case VIR_SHIM_TEXT_OPT:
            cell->p = "text";
            break;
        case VIR_SHIM_UUID_TEXT:
            cell->p = "00112233-4455-6677-8899-aabbccddeeff";
            break;
        case VIR_SHIM_ARRAY:
            cell->p = stock->texts;
            cells[step->cell2].i = 2;
            break;
        case VIR_SHIM_PARAMS:
            cell->p = stock->params;
            cells[step->cell2].i = 2;
            break;
        case VIR_SHIM_FDS:
            cells[step->cell2].i = 1;
            break;
        case VIR_SHIM_COUNT:
            *(int *)cell->p = 60;
            break;
        case VIR_SHIM_RECORDS:
        case VIR_SHIM_NAMES:
        case VIR_SHIM_COPY:
            cells[step->cell2].i = 60;
            break;
        case VIR_SHIM_RECORD:
            if (step->cell2 >= 0)
                cells[step->cell2].i = step->size;
            break;
        default:
            break;
        }
    }
    for (guint i = 0; i < shim->n_checks; i++) {
        const VirShimCheck *check = &shim->checks[i];

        if ((check->kind == VIR_SHIM_CHECK_NONZERO || check->kind == VIR_SHIM_CHECK_POSITIVE) &&
            !check->deref && cells[check->cell].i == 0)
            cells[check->cell].i = 60;
    }
}

static void
free_list(const VirShimStep *step, void **list)
{
    for (gsize i = 0; list && list[i]; i++) {
        if (step->op == VIR_SHIM_LIST)
            vir_handle_unref(list[i]);
        else
            g_free(list[i]);
    }
    g_free(list);
}

/* Frees what a call gave. */
static void
free_outs(const VirShim *shim, const VirShimCell *cells, VirShimCell result)
{
    for (guint i = 0; i < shim->n_steps; i++) {
        const VirShimStep *step = &shim->steps[i];
        void *target = step->cell >= 0 ? (void *)cells[step->cell].p : NULL;

        switch (step->op) {
        case VIR_SHIM_LIST:
        case VIR_SHIM_TEXTS:
            free_list(step, *(void ***)target);
            break;
        case VIR_SHIM_NAMES:
            for (int j = 0; j < 60; j++)
                g_free(((char **)target)[j]);
            break;
        case VIR_SHIM_TEXT_OUT:
        case VIR_SHIM_TEXT_OPT_OUT:
        case VIR_SHIM_FDS_OUT:
            g_free(*(void **)target);
            break;
        case VIR_SHIM_PARAMS_NEW:
            virTypedParamsFree(*(virTypedParameterPtr *)target, *(int *)cells[step->cell2].p);
            break;
        case VIR_SHIM_PARAMS_FILL:
            virTypedParamsClear(target, MIN(60, *(int *)cells[step->cell2].p));
            break;
        case VIR_SHIM_RECORDS:
            for (guint j = 0; j < 60; j++) {
                for (guint k = 0; k < step->n_fields; k++) {
                    if (step->fields[k].kind == VIR_SHIM_FIELD_TEXT)
                        g_free(*(char **)((guint8 *)target + j * step->size + step->fields[k].to));
                }
            }
            break;
        case VIR_SHIM_RETURN_TEXT:
        case VIR_SHIM_RETURN_TEXT_OPT:
        case VIR_SHIM_RETURN_BYTES:
            g_free(result.r);
            break;
        case VIR_SHIM_RETURN_OBJECT:
            vir_handle_unref(result.r);
            break;
        case VIR_SHIM_RETURN_FD:
            if (result.i >= 0)
                close(result.i);
            break;
        default:
            break;
        }
    }
}

/* Every row of every library: the peer understands what is asked, and its answer fits. */
static void
test_every_row(gconstpointer data)
{
    const VirShim *const *shims = data;
    g_autofree Stock *stock = g_new0(Stock, 1);

    stock_fill(stock);
    for (gsize i = 0; shims[i]; i++) {
        const VirShim *shim = shims[i];

        g_assert_cmpuint(shim->n_cells, <=, 12);
        for (int round = 0; round < 10; round++) {
            VirShimCell cells[12];
            VirShimCell result;

            answer_rand = g_rand_new_with_seed(round);
            make_cells(shim, stock, cells);
            forget();
            result = vir_shim_run(shim, cells);
            if (!asked)
                g_error("%s: %s", shim->func, virGetLastErrorMessage());
            g_assert_cmpint(asked->number, ==, shim->number);
            if (virGetLastErrorCode() != VIR_ERR_OK)
                g_assert_cmpint(virGetLastErrorCode(), ==, VIR_ERR_RPC);
            free_outs(shim, cells, result);
            g_clear_pointer(&answer_rand, g_rand_free);
        }
    }
    stock_clear(stock);
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    virSetErrorFunc(NULL, ignore_error);
    g_test_add_func("/shim/plain", test_plain);
    g_test_add_func("/shim/texts", test_texts);
    g_test_add_func("/shim/checks", test_checks);
    g_test_add_func("/shim/failure", test_failure);
    g_test_add_func("/shim/record", test_record);
    g_test_add_func("/shim/lists", test_lists);
    g_test_add_func("/shim/params", test_params);
    g_test_add_func("/shim/objects", test_objects);
    g_test_add_func("/shim/files", test_files);
    g_test_add_data_func("/shim/rows/libvirt", vir_shims_libvirt, test_every_row);
    g_test_add_data_func("/shim/rows/libvirt-qemu", vir_shims_libvirt_qemu, test_every_row);
    g_test_add_data_func("/shim/rows/libvirt-lxc", vir_shims_libvirt_lxc, test_every_row);
    g_test_add_data_func("/shim/rows/libvirt-admin", vir_shims_libvirt_admin, test_every_row);
    result = g_test_run();
    forget();
    return result;
}
