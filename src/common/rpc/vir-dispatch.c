/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-log.h"
#include "vir-server-private.h"

VIR_LOG_INIT("rpc.dispatch");

/* A call that runs as a job. Made and freed on the main thread; meanwhile the job has it. */
typedef struct {
    VirCall call;
    VirSession *session; /* referenced; not to be touched by the job */
    virNetMessageHeader header;
    VirArena arena;
    void *args;
    VirOpFunc func;
    int error_domain;
    GByteArray *out; /* the answer; NULL: it never ran */
    gboolean ok;
    int fds[VIR_NET_MESSAGE_NUM_FDS_MAX];
} Job;

static void
close_fds(int *fds, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

gboolean
vir_dispatch_owns(const VirServer *server, const VirProc *proc)
{
    const VirDriver *driver = server->config.driver;

    return driver && (driver->classes & (1u << proc->klass));
}

static gboolean
set_no_support(const VirProc *proc, GError **error)
{
    return vir_error_set(error, VIR_ERR_NO_SUPPORT, "%s", proc->api ? proc->api : proc->name);
}

static VirOpFunc
find_op(const VirDriver *driver, const VirProc *proc)
{
    VirOpFunc func;

    if (!driver->ops || proc->op < 0)
        return NULL;
    memcpy(&func, (const guint8 *)driver->ops + proc->op, sizeof(func));
    return func;
}

static gboolean
check_readonly(const VirSession *session, const VirProc *proc, const void *args, GError **error)
{
    if (!session->readonly)
        return TRUE;
    if (proc->readonly &&
        (!args || proc->readonly_unless.offset < 0 || !vir_proc_when(&proc->readonly_unless, args)))
        return TRUE;
    return vir_error_set(error, VIR_ERR_OPERATION_DENIED, "read only access prevents %s",
                         proc->api ? proc->api : proc->name);
}

static gboolean
lookup_object(const VirDriver *driver, VirCall *call, const void *args, GError **error)
{
    const VirProcHandle *handle = &call->proc->handle;
    const char *name = NULL;
    const guint8 *uuid = NULL;

    if (handle->handle == VIR_CLASS_CONNECT || !driver->lookup)
        return TRUE;
    if (handle->name >= 0)
        memcpy(&name, (const guint8 *)args + handle->name, sizeof(name));
    if (handle->uuid >= 0)
        uuid = (const guint8 *)args + handle->uuid;
    call->object = driver->lookup(driver->state, handle->klass, name, uuid, error);
    return call->object != NULL;
}

/* Appends the answer of a handler to @out and frees what @ret holds. */
static void
encode_answer(VirCall *call, const virNetMessageHeader *header, gboolean ok, void *ret,
              GError *error, int error_domain, GByteArray *out)
{
    virNetMessageHeader reply = *header;
    guint n_fds = call->reply_fds ? call->reply_fds->len : 0;
    g_autoptr(GError) failure = NULL;

    reply.type = n_fds ? VIR_NET_REPLY_WITH_FDS : VIR_NET_REPLY;
    reply.status = VIR_NET_OK;
    if (ok && !vir_frame_encode(out, &reply, n_fds, call->proc->ret, ret, &failure))
        ok = FALSE;
    if (call->proc->ret)
        vir_xdr_clear(call->proc->ret, ret);
    if (ok)
        return;
    if (!error && !failure)
        vir_error_set(&failure, VIR_ERR_INTERNAL_ERROR, "%s failed without saying why",
                      call->proc->name);
    vir_frame_encode_error(out, header, error ? error : failure, error_domain);
}

/* Sends @out with the fds that the handler gave. */
static void
send_answer(VirSession *session, VirCall *call, GByteArray *out, gboolean ok)
{
    guint n = call->reply_fds ? call->reply_fds->len : 0;
    VirPacket *packet;

    if (n == 0 || !ok) {
        vir_session_send(session, out);
        return;
    }
    packet = vir_packet_new_take(g_memdup2(out->data, out->len), out->len);
    packet->fds = g_memdup2(call->reply_fds->data, n * sizeof(int));
    packet->n_fds = n;
    g_array_set_size(call->reply_fds, 0);
    g_byte_array_set_size(out, 0);
    vir_session_send_packet(session, packet);
}

static void
call_clear(VirCall *call)
{
    if (call->reply_fds) {
        close_fds((int *)(void *)call->reply_fds->data, call->reply_fds->len);
        g_array_unref(call->reply_fds);
    }
    close_fds(call->fds, call->n_fds);
    if (call->object)
        vir_object_unref(call->object);
    vir_identity_unref(call->identity);
}

static void
finish_stream(VirSession *session, VirCall *call, gboolean ok)
{
    VirStream *stream = g_steal_pointer(&call->stream);

    if (!stream)
        return;
    if (ok && session->wire)
        vir_stream_open(stream, session);
    else
        vir_stream_discard(stream);
    vir_stream_unref(stream);
}

/* On the main thread, after the job. */
static gboolean
job_deliver(void *data)
{
    Job *job = data;

    if (job->session->wire)
        send_answer(job->session, &job->call, job->out, job->ok);
    finish_stream(job->session, &job->call, job->ok);
    vir_session_end_request(job->session);
    return G_SOURCE_REMOVE;
}

static void
job_free(void *data)
{
    Job *job = data;

    g_clear_pointer(&job->call.stream, vir_stream_unref);
    call_clear(&job->call);
    vir_session_unref(job->session);
    vir_arena_clear(&job->arena);
    if (job->out)
        g_byte_array_unref(job->out);
    g_free(job);
}

static void
job_run(VirJob *strand_job, void *data)
{
    Job *job = data;
    const VirProc *proc = job->call.proc;
    g_autoptr(GError) error = NULL;
    void *ret = proc->ret ? vir_arena_alloc(&job->arena, proc->ret->size) : NULL;

    job->out = g_byte_array_new();
    job->ok = job->func(&job->call, job->args, ret, &error);
    encode_answer(&job->call, &job->header, job->ok, ret, error, job->error_domain, job->out);
}

/* Ends a job on whatever thread; one that was refused stays with its poster. */
static void
job_done(void *data)
{
    Job *job = data;

    if (job->out)
        vir_main_post(job_deliver, job, job_free);
}

static gboolean
post_job(VirSession *session, VirCall *call, const virNetMessageHeader *header, VirArena *arena,
         void *args, VirOpFunc func, GError **error)
{
    const VirProc *proc = call->proc;
    VirStrand *strand;
    Job *job = g_new0(Job, 1);

    if (call->object && call->object->strand) {
        strand = call->object->strand;
    } else {
        if (!session->strand) {
            g_autofree char *name = g_strdup_printf("client %" G_GUINT64_FORMAT, session->id);

            session->strand = vir_strand_new(name, 0);
        }
        strand = session->strand;
    }
    job->call = *call;
    job->session = vir_session_ref(session);
    job->header = *header;
    job->arena = *arena;
    job->args = args;
    job->func = func;
    job->error_domain = session->driver->error_domain;
    if (call->n_fds > 0)
        memcpy(job->fds, call->fds, call->n_fds * sizeof(int));
    job->call.fds = job->fds;
    memset(arena, 0, sizeof(*arena));
    memset(call, 0, sizeof(*call));

    vir_session_begin_request(session);
    if (proc->job == VIR_PROC_JOB_URGENT) {
        if (session->driver->urgent)
            session->driver->urgent(session->driver->state, job->call.object, proc);
        vir_strand_cancel_running(strand, proc->api ? proc->api : proc->name);
        vir_strand_post_urgent(strand, proc->name, job_run, job, job_done);
        return TRUE;
    }
    if (vir_strand_post(strand, proc->name, job_run, job, job_done, error))
        return TRUE;
    vir_session_end_request(session);
    job_free(job);
    return FALSE;
}

/* Answers at once, without a copy of anything. */
static void
run_now(VirSession *session, VirCall *call, const virNetMessageHeader *header, VirArena *arena,
        const void *args, VirOpFunc func)
{
    const VirProc *proc = call->proc;
    g_autoptr(GError) error = NULL;
    void *ret = proc->ret ? vir_arena_alloc(arena, proc->ret->size) : NULL;
    GByteArray *out = session->server->out;
    gboolean ok = func(call, args, ret, &error);

    encode_answer(call, header, ok, ret, error, session->driver->error_domain, out);
    if (error)
        vir_debug("client %" G_GUINT64_FORMAT ": %s fails: %s", session->id, proc->name,
                  error->message);
    send_answer(session, call, out, ok);
    finish_stream(session, call, ok);
}

/* *@args stays NULL where the procedure has none. */
static gboolean
decode_args(const VirProc *proc, const VirPacket *packet, gsize payload, VirArena *arena,
            void **args, GError **error)
{
    gsize len = packet->len - payload;

    if (!proc->args)
        return len == 0 || vir_error_set(error, VIR_ERR_RPC,
                                         "%s takes no arguments, %zu bytes came", proc->name, len);
    *args = vir_arena_alloc(arena, proc->args->size);
    return vir_xdr_decode(proc->args, packet->data + payload, len, *args, arena, error);
}

static gboolean
serve(VirSession *session, const VirProc *proc, const virNetMessageHeader *header,
      VirPacket *packet, gsize payload, GError **error)
{
    const VirDriver *driver = session->driver;
    VirAccessFunc access = session->server->config.access;
    VirOpFunc func = find_op(driver, proc);
    g_auto(VirArena) arena = {0};
    void *args = NULL;
    VirCall call = {0};
    gboolean ok = FALSE;

    if (!func)
        return set_no_support(proc, error);
    if (!decode_args(proc, packet, payload, &arena, &args, error))
        return FALSE;
    if (!check_readonly(session, proc, args, error))
        return FALSE;

    call.proc = proc;
    call.session = session;
    call.identity = vir_identity_ref(session->identity);
    call.readonly = session->readonly;
    call.driver = driver->state;
    call.conn = session->conn;
    call.fds = packet->fds;
    call.n_fds = packet->n_fds;
    if (lookup_object(driver, &call, args, error) &&
        (!access || access(proc, args, call.identity, call.object, error))) {
        packet->n_fds = 0;
        if (proc->fds & VIR_PROC_FDS_REPLY)
            call.reply_fds = g_array_new(FALSE, FALSE, sizeof(int));
        if (proc->stream != VIR_PROC_STREAM_NONE)
            call.stream =
                vir_stream_new(proc, header, (vir_proc_flags(proc, args) & proc->sparse_flag) != 0);
        ok = TRUE;
        if (proc->job == VIR_PROC_JOB_NONE)
            run_now(session, &call, header, &arena, args, func);
        else
            ok = post_job(session, &call, header, &arena, args, func, error);
    } else {
        call.n_fds = 0; /* they stay the packet's */
    }
    g_clear_pointer(&call.stream, vir_stream_unref);
    if (call.proc)
        call_clear(&call);
    return ok;
}

/* What the server itself answers: always on the main thread. */
static gboolean
serve_builtin(VirSession *session, const VirProc *proc, const virNetMessageHeader *header,
              VirPacket *packet, gsize payload, VirBuiltinFunc func, GError **error)
{
    g_auto(VirArena) arena = {0};
    void *args = NULL;
    void *ret = proc->ret ? vir_arena_alloc(&arena, proc->ret->size) : NULL;
    GByteArray *out = session->server->out;
    VirAccessFunc access = session->server->config.access;
    VirCall call = {.proc = proc,
                    .session = session,
                    .identity = session->identity,
                    .readonly = session->readonly,
                    .driver = session->driver ? session->driver->state : NULL,
                    .conn = session->conn};

    if (!decode_args(proc, packet, payload, &arena, &args, error))
        return FALSE;
    if (access && session->driver && proc->n_acl > 0 &&
        !access(proc, args, session->identity, NULL, error))
        return FALSE;
    switch (func(session, &call, header, args, ret, error)) {
    case VIR_BUILTIN_OK:
        encode_answer(&call, header, TRUE, ret, NULL, VIR_FROM_RPC, out);
        vir_session_send(session, out);
        return TRUE;
    case VIR_BUILTIN_LATER:
        return TRUE;
    case VIR_BUILTIN_RELAY:
        return vir_relay_call(session, proc, packet, error);
    case VIR_BUILTIN_FAILED:
        break;
    }
    if (proc->ret)
        vir_xdr_clear(proc->ret, ret);
    return FALSE;
}

static const VirProgram *
find_program(const VirServer *server, const virNetMessageHeader *header)
{
    for (const VirProgram *const *p = server->config.programs; *p; p++) {
        if ((*p)->number == header->prog && (*p)->version == header->vers)
            return *p;
    }
    return NULL;
}

static gboolean
dispatch_call(VirSession *session, const virNetMessageHeader *header, VirPacket *packet,
              gsize payload, GError **error)
{
    const VirServer *server = session->server;
    const VirProgram *program = find_program(server, header);
    const VirProc *proc;
    VirBuiltinFunc builtin;

    if (!program)
        return vir_error_set(error, VIR_ERR_RPC, "unknown program 0x%x version %u", header->prog,
                             header->vers);
    proc = vir_program_proc(program, header->proc);
    if (!proc || proc->kind != VIR_PROC_CALL)
        return vir_error_set(error, VIR_ERR_RPC, "unknown procedure %d of program '%s'",
                             header->proc, program->name);
    if (header->status != VIR_NET_OK)
        return vir_error_set(error, VIR_ERR_RPC, "unexpected status %d in a call of %s",
                             header->status, proc->name);
    if (!session->authenticated && !proc->no_auth)
        return vir_error_set(error, VIR_ERR_RPC, "%s needs authentication first", proc->name);
    builtin = vir_builtin_find(server, proc);
    if (builtin)
        return serve_builtin(session, proc, header, packet, payload, builtin, error);
    if (!session->opened && program->number != ADMIN_PROGRAM)
        return vir_error_set(error, VIR_ERR_RPC, "%s needs an open connection", proc->name);
    if (!check_readonly(session, proc, NULL, error))
        return FALSE;
    if (vir_dispatch_owns(server, proc))
        return serve(session, proc, header, packet, payload, error);
    if (!server->config.relay)
        return set_no_support(proc, error);
    return vir_relay_call(session, proc, packet, error);
}

static void
dispatch_keepalive(VirSession *session, const virNetMessageHeader *header)
{
    virNetMessageHeader pong = *header;
    GByteArray *out = session->server->out;

    session->missed = 0;
    if (header->type != VIR_NET_MESSAGE || header->proc != KEEPALIVE_PROC_PING)
        return;
    pong.proc = KEEPALIVE_PROC_PONG;
    if (vir_frame_encode(out, &pong, 0, NULL, NULL, NULL))
        vir_session_send(session, out);
}

void
vir_dispatch(VirSession *session, VirPacket *packet)
{
    virNetMessageHeader header;
    g_autoptr(GError) error = NULL;
    guint n_fds;
    gsize payload;

    if (!vir_frame_decode(packet->data, packet->len, &header, &n_fds, &payload, &error)) {
        vir_wire_fail(session->wire, error->message);
        return;
    }
    if (header.prog == KEEPALIVE_PROGRAM) {
        dispatch_keepalive(session, &header);
        return;
    }
    switch (header.type) {
    case VIR_NET_CALL:
    case VIR_NET_CALL_WITH_FDS:
        if (!dispatch_call(session, &header, packet, payload, &error))
            vir_session_send_error(session, &header, error);
        return;
    case VIR_NET_STREAM:
    case VIR_NET_STREAM_HOLE:
        /* Data for a stream that has ended is nobody's fault: the client could not know. */
        if (!vir_stream_incoming(session, &header, packet->data + payload, packet->len - payload) &&
            session->relay)
            vir_relay_stream(session, packet);
        return;
    default:
        return;
    }
}
