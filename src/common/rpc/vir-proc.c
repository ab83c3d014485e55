/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "vir-proc.h"

const VirProgram *
vir_program_find(guint32 number)
{
    for (gsize i = 0; vir_programs[i]; i++) {
        if (vir_programs[i]->number == number)
            return vir_programs[i];
    }
    return NULL;
}

const VirProc *
vir_program_proc(const VirProgram *program, gint32 number)
{
    if (number < 0 || number >= program->n_procs || !program->procs[number].name)
        return NULL;
    return &program->procs[number];
}

gboolean
vir_proc_when(const VirProcWhen *when, const void *args)
{
    guint32 value;
    gboolean holds;

    if (when->offset < 0)
        return TRUE;
    value = *(const guint32 *)((const guint8 *)args + when->offset);
    holds = when->equals ? value == when->mask : (value & when->mask) != 0;
    return holds != when->negate;
}

guint64
vir_proc_flags(const VirProc *proc, const void *args)
{
    const guint8 *at = (const guint8 *)args + proc->flags;

    if (proc->flags < 0)
        return 0;
    return proc->flags_wide ? *(const guint64 *)at : *(const guint32 *)at;
}
