/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A whole frame: header, then the arguments, answer or error that the header announces. */

#include <string.h>

#include "fuzz.h"
#include "vir-frame.h"
#include "vir-proc.h"

static void
fuzz_value(const VirXdrType *type, const guint8 *data, gsize len)
{
    g_auto(VirArena) arena = {0};
    g_autofree void *value = g_malloc(type->size);
    g_autofree void *copy = NULL;
    g_autoptr(GByteArray) first = g_byte_array_new();
    g_autoptr(GByteArray) second = g_byte_array_new();

    memset(value, 0xa5, type->size);
    if (!vir_xdr_decode(type, data, len, value, &arena, NULL))
        return;
    g_assert_true(vir_xdr_encode(type, value, first, NULL));
    copy = vir_xdr_dup(type, value);
    g_assert_true(vir_xdr_encode(type, copy, second, NULL));
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    vir_xdr_clear(type, copy);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    virNetMessageHeader header;
    const VirProgram *program;
    const VirProc *proc;
    const VirXdrType *type;
    gsize payload;
    guint n_fds;

    if (len < 4 || !vir_frame_length(data, NULL) ||
        !vir_frame_decode(data, len, &header, &n_fds, &payload, NULL))
        return 0;
    data += payload;
    len -= payload;
    if (header.status == VIR_NET_ERROR) {
        g_autoptr(GError) error = vir_frame_decode_error(data, len);

        g_assert_nonnull(error->message);
        return 0;
    }
    if (header.type == VIR_NET_STREAM_HOLE) {
        fuzz_value(&vir_xdr_virNetStreamHole, data, len);
        return 0;
    }
    program = vir_program_find(header.prog);
    proc = program ? vir_program_proc(program, header.proc) : NULL;
    if (!proc)
        return 0;
    type = header.type == VIR_NET_REPLY ? proc->ret : proc->args;
    if (type)
        fuzz_value(type, data, len);
    return 0;
}
