/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "shim.h"

#include <string.h>
#include <unistd.h>

#include "api.h"
#include "shim-wire.h"
#include "vir-client.h"
#include "vir-error.h"
#include "wire.h"

/* The protocol's typed parameters are one layout in two programs. */
G_STATIC_ASSERT(sizeof(remote_typed_param) == sizeof(admin_typed_param));

/* A public function being run. */
typedef struct {
    const VirShim *shim;
    const VirProc *proc;
    VirShimCell *cells;
    virConnectPtr conn; /* NULL on an admin connection */
    virAdmConnectPtr admin;
    void *self; /* the first argument */
    VirArena arena;
    guint8 *args;
    guint8 *ret;
    const int *in_fds;
    guint n_in_fds;
    int one_fd;
    int *out_fds; /* taken ones are -1 */
    guint n_out_fds;
    VirShimCell result;
} Run;

static gint64
number_get(const VirXdrType *type, const void *at)
{
    switch (type->kind) {
    case VIR_XDR_HYPER:
    case VIR_XDR_UHYPER:
        return *(const gint64 *)at;
    case VIR_XDR_UINT:
        return *(const guint32 *)at;
    case VIR_XDR_CHAR:
        return *(const gint8 *)at;
    case VIR_XDR_UCHAR:
        return *(const guint8 *)at;
    case VIR_XDR_USHORT:
        return *(const guint16 *)at;
    default:
        return *(const gint32 *)at;
    }
}

static void
number_put(gsize size, void *at, gint64 value)
{
    switch (size) {
    case 1:
        *(gint8 *)at = value;
        break;
    case 2:
        *(gint16 *)at = value;
        break;
    case 4:
        *(gint32 *)at = value;
        break;
    default:
        *(gint64 *)at = value;
        break;
    }
}

static gboolean
find_connection(Run *run)
{
    const VirShim *shim = run->shim;

    run->self = (void *)run->cells[0].p;
    if (!vir_api_check(run->self, shim->magic, shim->func))
        return FALSE;
    switch (shim->magic) {
    case VIR_HANDLE_ADM_CONNECT:
        run->admin = run->self;
        break;
    case VIR_HANDLE_ADM_SERVER:
        run->admin = ((virAdmServerPtr)run->self)->conn;
        break;
    case VIR_HANDLE_ADM_CLIENT:
        run->admin = ((virAdmClientPtr)run->self)->server->conn;
        break;
    default:
        run->conn = vir_handle_conn(run->self);
        break;
    }
    return TRUE;
}

static gboolean
check_value(Run *run, const VirShimCheck *check)
{
    const VirShimCell *cell = &run->cells[check->cell];
    const char *func = run->shim->func;
    gint64 value = check->deref && cell->p ? *(const int *)cell->p : cell->i;

    switch (check->kind) {
    case VIR_SHIM_CHECK_NONNULL:
        if (check->a && !(run->cells[check->cell2].i & check->a))
            return TRUE;
        return vir_api_check_nonnull(run->conn, cell->p, check->name, func);
    case VIR_SHIM_CHECK_NULL:
        return vir_api_check_null(run->conn, cell->p, check->name, func);
    case VIR_SHIM_CHECK_NONEMPTY:
        return vir_api_check_nonempty(run->conn, cell->p, check->name, func);
    case VIR_SHIM_CHECK_NONZERO:
        return vir_api_check_nonzero(run->conn, value, check->name, func);
    case VIR_SHIM_CHECK_ZERO:
        return vir_api_check_zero(run->conn, value, check->name, func);
    case VIR_SHIM_CHECK_POSITIVE:
        return vir_api_check_positive(run->conn, value, check->name, func);
    default:
        return vir_api_check_nonnegative(run->conn, value, check->name, func);
    }
}

static gboolean
check(Run *run, const VirShimCheck *check)
{
    const char *func = run->shim->func;
    guint32 flags = check->cell >= 0 ? run->cells[check->cell].i : 0;

    switch (check->kind) {
    case VIR_SHIM_CHECK_WRITABLE:
        return vir_api_check_writable(run->conn, func);
    case VIR_SHIM_CHECK_WRITABLE_IF:
        return !(flags & check->a) || vir_api_check_writable(run->conn, func);
    case VIR_SHIM_CHECK_WRITABLE_IF_EQUAL:
        return flags != check->a || vir_api_check_writable(run->conn, func);
    case VIR_SHIM_CHECK_EXCLUSIVE:
        return vir_api_check_exclusive(run->conn, flags, check->a, check->b, check->name,
                                       check->name2, func);
    case VIR_SHIM_CHECK_REQUIRES:
        return vir_api_check_requires(run->conn, flags, check->a, check->b, check->name,
                                      check->name2, func);
    default:
        return check_value(run, check);
    }
}

/* The caller must give room for what it asks for. */
static gboolean
check_room(Run *run, const VirShimStep *step)
{
    const void *room = step->cell >= 0 ? run->cells[step->cell].p : NULL;
    const VirShimCell *count = step->cell2 >= 0 ? &run->cells[step->cell2] : NULL;
    gboolean needed;

    switch (step->op) {
    case VIR_SHIM_RECORD:
    case VIR_SHIM_PARAMS_NEW:
        needed = TRUE;
        break;
    case VIR_SHIM_PARAMS_FILL:
    case VIR_SHIM_RECORDS_FILL:
        if (!vir_api_check_nonnull(run->conn, count->p, "nparams", run->shim->func))
            return FALSE;
        needed = *(const int *)count->p != 0;
        break;
    case VIR_SHIM_NAMES:
    case VIR_SHIM_COPY:
    case VIR_SHIM_RECORDS:
        needed = count->i > 0;
        break;
    default:
        needed = FALSE;
        break;
    }
    return !needed || vir_api_check_nonnull(run->conn, room, step->name, run->shim->func);
}

/* What the caller reads after a failure must not be left over from before. */
static void
forget_outs(Run *run)
{
    for (guint i = 0; i < run->shim->n_steps; i++) {
        const VirShimStep *step = &run->shim->steps[i];
        void *target = step->cell >= 0 ? (void *)run->cells[step->cell].p : NULL;

        if (!target)
            continue;
        switch (step->op) {
        case VIR_SHIM_LIST:
        case VIR_SHIM_TEXTS:
        case VIR_SHIM_TEXT_OUT:
        case VIR_SHIM_TEXT_OPT_OUT:
        case VIR_SHIM_PARAMS_NEW:
        case VIR_SHIM_FDS_OUT:
            *(void **)target = NULL;
            break;
        default:
            break;
        }
    }
}

static gboolean
put_array(Run *run, const VirShimStep *step, VirXdrArray *array)
{
    gint64 n = run->cells[step->cell2].i;

    if (n < 0 || n > G_MAXUINT32) {
        vir_api_bad_arg(run->conn, step->name, run->shim->func,
                        "%s in %s has a length of %" G_GINT64_FORMAT, step->name, run->shim->func,
                        n);
        return FALSE;
    }
    if (n > 0 && !run->cells[step->cell].p)
        return vir_api_check_nonnull(run->conn, NULL, step->name, run->shim->func);
    array->len = n;
    array->val = (void *)run->cells[step->cell].p;
    return TRUE;
}

static gboolean
put_params(Run *run, const VirShimStep *step, void *at)
{
    gint64 n = run->cells[step->cell2].i;
    const void *params = run->cells[step->cell].p;
    VirXdrArray *array = at;
    remote_typed_param *wire = NULL;
    g_autoptr(GError) error = NULL;
    u_int count = 0;

    if (!vir_api_check_nonnegative(run->conn, n, "nparams", run->shim->func) ||
        (n > 0 && !vir_api_check_nonnull(run->conn, params, step->name, run->shim->func)))
        return FALSE;
    if (!vir_typed_params_to_wire((virTypedParameterPtr)params, n, &run->arena, &count, &wire,
                                  &error)) {
        vir_api_fail(run->conn, &error);
        return FALSE;
    }
    array->len = count;
    array->val = wire;
    return TRUE;
}

static gboolean
put_object(Run *run, const VirShimStep *step, void *at)
{
    const void *handle = run->cells[step->cell].p;

    if (!vir_api_check_same(run->conn, handle, step->magic, step->name, run->shim->func))
        return FALSE;
    vir_handle_to_wire((void *)handle, at);
    return TRUE;
}

static gboolean
put_text(Run *run, const VirShimStep *step, void *at)
{
    const char *text = run->cells[step->cell].p;

    if (!vir_api_check_nonnull(run->conn, text, step->name, run->shim->func))
        return FALSE;
    *(const char **)at = text;
    return TRUE;
}

static gboolean
put_uuid(Run *run, const VirShimStep *step, void *at)
{
    const void *uuid = run->cells[step->cell].p;

    if (!vir_api_check_nonnull(run->conn, uuid, step->name, run->shim->func))
        return FALSE;
    memcpy(at, uuid, VIR_UUID_LEN);
    return TRUE;
}

static gboolean
put_uuid_text(Run *run, const VirShimStep *step, void *at)
{
    const char *text = run->cells[step->cell].p;
    const char *func = run->shim->func;

    if (!vir_api_check_nonnull(run->conn, text, step->name, func))
        return FALSE;
    if (vir_uuid_parse(text, at))
        return TRUE;
    vir_api_bad_arg(run->conn, "uuidstr", func, "Invalid UUID");
    return FALSE;
}

static gboolean
put_fds(Run *run, const VirShimStep *step)
{
    gint64 n = run->cells[step->cell2].i;

    if (n > VIR_NET_MESSAGE_NUM_FDS_MAX) {
        vir_api_bad_arg(run->conn, "files", run->shim->func,
                        "%s: %" G_GINT64_FORMAT " files, the limit is %d", run->shim->func, n,
                        VIR_NET_MESSAGE_NUM_FDS_MAX);
        return FALSE;
    }
    run->in_fds = run->cells[step->cell].p;
    run->n_in_fds = n;
    return n == 0 || vir_api_check_nonnull(run->conn, run->in_fds, step->name, run->shim->func);
}

static gboolean
put(Run *run, const VirShimStep *step)
{
    VirShimCell *cell = &run->cells[step->cell];
    void *at = run->args ? run->args + step->at : NULL;

    switch (step->op) {
    case VIR_SHIM_SELF:
        vir_handle_to_wire(run->self, at);
        return TRUE;
    case VIR_SHIM_SELF_NAME:
        *(char **)at = ((virNodeDevicePtr)run->self)->name;
        return TRUE;
    case VIR_SHIM_OBJECT:
        return put_object(run, step, at);
    case VIR_SHIM_INT:
        number_put(step->type->size, at, cell->i);
        return TRUE;
    case VIR_SHIM_FLAGS_STRINGS:
        *(guint32 *)at = cell->i | VIR_TYPED_PARAM_STRING_OKAY;
        return TRUE;
    case VIR_SHIM_TEXT:
        return put_text(run, step, at);
    case VIR_SHIM_TEXT_OPT:
        *(void **)at = cell->p ? &cell->r : NULL; /* the cell is the string pointer's place */
        return TRUE;
    case VIR_SHIM_UUID:
        return put_uuid(run, step, at);
    case VIR_SHIM_UUID_TEXT:
        return put_uuid_text(run, step, at);
    case VIR_SHIM_ARRAY:
        return put_array(run, step, at);
    case VIR_SHIM_PARAMS:
        return put_params(run, step, at);
    case VIR_SHIM_WANT:
        *(gint32 *)at = cell->p != NULL;
        return TRUE;
    case VIR_SHIM_COUNT:
        if (!vir_api_check_nonnull(run->conn, cell->p, step->name, run->shim->func))
            return FALSE;
        *(gint32 *)at = *(const int *)cell->p;
        return vir_api_check_nonnegative(run->conn, *(gint32 *)at, step->name, run->shim->func);
    case VIR_SHIM_FDS:
        return put_fds(run, step);
    default: /* VIR_SHIM_FD */
        run->one_fd = cell->i;
        run->in_fds = &run->one_fd;
        run->n_in_fds = 1;
        return TRUE;
    }
}

static gboolean
call(Run *run, GError **error)
{
    const VirShim *shim = run->shim;
    const VirProc *proc = run->proc;
    const void *args = proc->args ? run->args : NULL;
    void *ret = proc->ret ? run->ret : NULL;

    if (run->admin)
        return vir_client_call_admin(run->admin, proc, args, ret, &run->arena, error);
    if (shim->stream >= 0) {
        return vir_client_call_stream((virStreamPtr)run->cells[shim->stream].p, proc, args, ret,
                                      &run->arena, error);
    }
    if (proc->fds) {
        return vir_client_call_fds(run->conn, proc, args, run->in_fds, run->n_in_fds, ret,
                                   &run->out_fds, &run->n_out_fds, &run->arena, error);
    }
    return vir_client_call(run->conn, proc, args, ret, &run->arena, error);
}

static gboolean
too_many(Run *run, gint64 n, gint64 max, GError **error)
{
    return vir_error_set(error, VIR_ERR_RPC,
                         "%s: the answer has %" G_GINT64_FORMAT " elements, %" G_GINT64_FORMAT
                         " were asked for",
                         run->shim->func, n, max);
}

static void
get_record(const VirShimStep *step, const guint8 *from, guint8 *to)
{
    for (guint i = 0; i < step->n_fields; i++) {
        const VirShimField *field = &step->fields[i];
        const void *source = from + field->from;
        void *target = to + field->to;

        switch (field->kind) {
        case VIR_SHIM_FIELD_INT:
            number_put(field->size, target, number_get(field->type, source));
            break;
        case VIR_SHIM_FIELD_TEXT:
            *(char **)target = g_strdup(*(char *const *)source);
            break;
        case VIR_SHIM_FIELD_CHARS:
            g_strlcpy(target, *(char *const *)source, field->size);
            break;
        case VIR_SHIM_FIELD_BYTES:
            memcpy(target, source, field->size);
            ((char *)target)[field->size - 1] = 0;
            break;
        }
    }
}

/* One struct, of which an old caller may know only the beginning. */
static void
get_one_record(Run *run, const VirShimStep *step)
{
    gsize size = step->cell2 >= 0 ? (gsize)run->cells[step->cell2].i : step->size;
    g_autofree guint8 *record = g_malloc0(step->size);

    get_record(step, run->ret, record);
    memcpy((void *)run->cells[step->cell].p, record, MIN(size, step->size));
}

static gboolean
get_records(Run *run, const VirShimStep *step, const VirXdrArray *array, gint64 max, GError **error)
{
    guint8 *to = (guint8 *)run->cells[step->cell].p;

    if (array->len > max)
        return too_many(run, array->len, max, error);
    for (guint32 i = 0; to && i < array->len; i++) {
        memset(to + (gsize)i * step->size, 0, step->size);
        get_record(step, (guint8 *)array->val + (gsize)i * step->type->size,
                   to + (gsize)i * step->size);
    }
    return TRUE;
}

static gboolean
get_records_fill(Run *run, const VirShimStep *step, const VirXdrArray *array, GError **error)
{
    int *count = (int *)run->cells[step->cell2].p;

    if (*count == 0) {
        *count = *(const gint32 *)(run->ret + step->total);
        return TRUE;
    }
    if (!get_records(run, step, array, *count, error))
        return FALSE;
    *count = array->len;
    return TRUE;
}

static gboolean
get_params_fill(Run *run, const VirShimStep *step, const VirXdrArray *array, GError **error)
{
    virTypedParameterPtr params = (virTypedParameterPtr)run->cells[step->cell].p;
    int *count = (int *)run->cells[step->cell2].p;
    g_autofree virTypedParameterPtr copy = NULL;

    if (*count == 0) {
        *count = step->total >= 0 ? *(const gint32 *)(run->ret + step->total) : (int)array->len;
        return TRUE;
    }
    if (array->len > *count)
        return too_many(run, array->len, *count, error);
    if (array->len && !(copy = vir_typed_params_from_wire(array->val, array->len, error)))
        return FALSE;
    if (copy)
        memcpy(params, copy, array->len * sizeof(*params));
    *count = array->len;
    return TRUE;
}

static gboolean
get_params_new(Run *run, const VirShimStep *step, const VirXdrArray *array, GError **error)
{
    virTypedParameterPtr *params = (virTypedParameterPtr *)run->cells[step->cell].p;
    int *count = (int *)run->cells[step->cell2].p;

    if (array->len && !(*params = vir_typed_params_from_wire(array->val, array->len, error)))
        return FALSE;
    if (count)
        *count = array->len;
    return TRUE;
}

static gboolean
get_names(Run *run, const VirShimStep *step, const VirXdrArray *array, GError **error)
{
    char **names = (char **)run->cells[step->cell].p;
    gint64 max = run->cells[step->cell2].i;

    if (array->len > max)
        return too_many(run, array->len, max, error);
    for (guint32 i = 0; i < array->len; i++)
        names[i] = g_strdup(((char **)array->val)[i]);
    return TRUE;
}

static gboolean
get_copy(Run *run, const VirShimStep *step, const VirXdrArray *array, GError **error)
{
    gint64 max = run->cells[step->cell2].i;
    void *to = (void *)run->cells[step->cell].p;

    if (array->len > max)
        return too_many(run, array->len, max, error);
    if (to && array->len)
        memcpy(to, array->val, array->len * (gsize)step->size);
    return TRUE;
}

static void
get_list(Run *run, const VirShimStep *step, const VirXdrArray *array)
{
    gsize size = vir_handle_wire_size(step->magic);
    void ***list = (void ***)run->cells[step->cell].p;

    if (!list)
        return;
    *list = g_new0(void *, (gsize)array->len + 1);
    for (guint32 i = 0; i < array->len; i++) {
        (*list)[i] = vir_handle_from_wire(step->magic, run->self, (guint8 *)array->val + i * size);
    }
}

static void
get_texts(Run *run, const VirShimStep *step, const VirXdrArray *array)
{
    char ***texts = (char ***)run->cells[step->cell].p;

    if (!texts)
        return;
    *texts = g_new0(char *, (gsize)array->len + 1);
    for (guint32 i = 0; i < array->len; i++)
        (*texts)[i] = g_strdup(((char **)array->val)[i]);
}

static gboolean
get_fds(Run *run, const VirShimStep *step)
{
    int **fds = (int **)run->cells[step->cell].p;
    guint *count = step->cell2 >= 0 ? (guint *)run->cells[step->cell2].p : NULL;

    if (count)
        *count = run->n_out_fds;
    else
        run->result.i = run->n_out_fds;
    if (fds)
        *fds = g_steal_pointer(&run->out_fds);
    return TRUE;
}

static gboolean
get_fd(Run *run, GError **error)
{
    if (run->n_out_fds != 1) {
        return vir_error_set(error, VIR_ERR_RPC, "%s: the answer has %u files, not one",
                             run->shim->func, run->n_out_fds);
    }
    run->result.i = run->out_fds[0];
    run->out_fds[0] = -1;
    return TRUE;
}

static void
get_bytes(Run *run, const VirShimStep *step, const VirXdrArray *array)
{
    size_t *len = (size_t *)run->cells[step->cell].p;

    run->result.r = g_malloc0((gsize)array->len + 1);
    if (array->len)
        memcpy(run->result.r, array->val, array->len);
    if (len)
        *len = array->len;
}

/* A copy of the text at @at; NULL where @optional and it is not there. */
static char *
text_at(const void *at, gboolean optional)
{
    char *const *text = optional ? *(char *const *const *)at : at;

    return g_strdup(text ? *text : NULL);
}

/* Steps that give the caller a text, number or object. */
static void
get_simple(Run *run, const VirShimStep *step, const void *at)
{
    void *target = step->cell >= 0 ? (void *)run->cells[step->cell].p : NULL;

    switch (step->op) {
    case VIR_SHIM_SET:
        if (target)
            number_put(step->size, target, number_get(step->type, at));
        break;
    case VIR_SHIM_TEXT_OUT:
    case VIR_SHIM_TEXT_OPT_OUT:
        if (target)
            *(char **)target = text_at(at, step->op == VIR_SHIM_TEXT_OPT_OUT);
        break;
    case VIR_SHIM_UPDATE_ID:
        g_atomic_int_set(&((virDomainPtr)run->self)->id, ((const remote_nonnull_domain *)at)->id);
        break;
    case VIR_SHIM_END_ID:
        g_atomic_int_set(&((virDomainPtr)run->self)->id, -1);
        break;
    case VIR_SHIM_RETURN_INT:
        run->result.i = number_get(step->type, at);
        break;
    case VIR_SHIM_RETURN_LEN:
        run->result.i = ((const VirXdrArray *)at)->len;
        break;
    case VIR_SHIM_RETURN_TEXT:
    case VIR_SHIM_RETURN_TEXT_OPT:
        run->result.r = text_at(at, step->op == VIR_SHIM_RETURN_TEXT_OPT);
        break;
    default: /* VIR_SHIM_RETURN_OBJECT */
        run->result.r = vir_handle_from_wire(step->magic, run->self, at);
        break;
    }
}

static gboolean
get(Run *run, const VirShimStep *step, GError **error)
{
    const void *at = run->ret ? run->ret + step->at : NULL;

    switch (step->op) {
    case VIR_SHIM_RECORD:
        get_one_record(run, step);
        return TRUE;
    case VIR_SHIM_RECORDS:
        return get_records(run, step, at, run->cells[step->cell2].i, error);
    case VIR_SHIM_RECORDS_FILL:
        return get_records_fill(run, step, at, error);
    case VIR_SHIM_NAMES:
        return get_names(run, step, at, error);
    case VIR_SHIM_COPY:
        return get_copy(run, step, at, error);
    case VIR_SHIM_LIST:
        get_list(run, step, at);
        return TRUE;
    case VIR_SHIM_TEXTS:
        get_texts(run, step, at);
        return TRUE;
    case VIR_SHIM_PARAMS_FILL:
        return get_params_fill(run, step, at, error);
    case VIR_SHIM_PARAMS_NEW:
        return get_params_new(run, step, at, error);
    case VIR_SHIM_FDS_OUT:
        return get_fds(run, step);
    case VIR_SHIM_RETURN_FD:
        return get_fd(run, error);
    case VIR_SHIM_RETURN_BYTES:
        get_bytes(run, step, at);
        return TRUE;
    default:
        get_simple(run, step, at);
        return TRUE;
    }
}

static gboolean
prepare(Run *run)
{
    const VirShim *shim = run->shim;

    if (!find_connection(run))
        return FALSE;
    for (guint i = 0; i < shim->n_checks; i++) {
        if (!check(run, &shim->checks[i]))
            return FALSE;
    }
    if (shim->stream >= 0 && !vir_api_check_same(run->conn, run->cells[shim->stream].p,
                                                 VIR_HANDLE_STREAM, "stream", shim->func))
        return FALSE;
    for (guint i = 0; i < shim->n_steps; i++) {
        if (!check_room(run, &shim->steps[i]))
            return FALSE;
    }
    forget_outs(run);
    run->proc = vir_program_proc(vir_program_find(shim->program), shim->number);
    if (run->proc->args)
        run->args = vir_arena_alloc(&run->arena, run->proc->args->size);
    if (run->proc->ret)
        run->ret = vir_arena_alloc(&run->arena, run->proc->ret->size);
    for (guint i = 0; i < shim->n_steps; i++) {
        if (shim->steps[i].op < VIR_SHIM_FIRST_OUT && !put(run, &shim->steps[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean
finish(Run *run, GError **error)
{
    const VirShim *shim = run->shim;

    for (guint i = 0; i < shim->n_steps; i++) {
        if (shim->steps[i].op >= VIR_SHIM_FIRST_OUT && !get(run, &shim->steps[i], error))
            return FALSE;
    }
    return TRUE;
}

VirShimCell
vir_shim_run(const VirShim *shim, VirShimCell *cells)
{
    Run run = {.shim = shim, .cells = cells, .one_fd = -1};
    gboolean ok = FALSE;
    GError *error = NULL;

    vir_api_begin();
    if (prepare(&run)) {
        ok = call(&run, &error) && finish(&run, &error);
        if (!ok)
            vir_api_fail(run.conn, &error);
    }
    for (guint i = 0; run.out_fds && i < run.n_out_fds; i++) {
        if (run.out_fds[i] >= 0)
            close(run.out_fds[i]);
    }
    g_free(run.out_fds);
    vir_arena_clear(&run.arena);
    if (!ok)
        run.result.i = shim->fails;
    return run.result;
}
