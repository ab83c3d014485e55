/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "argv.h"

/** What a memory backend is for. */
typedef struct {
    const char *id;                      /* of the backend: "ram-node0", "memdimm1" */
    const char *file;                    /* name of its file where it has one of its own */
    guint64 kib;                         /* size */
    int cell;                            /* guest's NUMA cell; -1: none */
    const VirDomainMemoryDevice *device; /* NULL: memory of the board */
    gboolean board;                      /* the whole memory of a board without cells */
} VirMemoryBackend;

/**
 * The object, of the type that <memoryBacking>, <numatune>, the cell and the device ask for.
 * *@plain (may be NULL): nothing of it is more than what QEMU does without an object.
 */
json_object *vir_props_memory_backend(const VirArgv *argv, const VirMemoryBackend *want,
                                      gboolean *plain, GError **error);

/** Adds @backend (taken) and its thread context with -object. */
gboolean vir_argv_add_backend(VirArgv *argv, json_object *backend, GError **error);
/** Makes and adds it. */
gboolean vir_argv_memory_backend(VirArgv *argv, const VirMemoryBackend *want, GError **error);

/** Whether the memory of @device is taken from the host at once. */
gboolean vir_memory_is_filled(const VirArgv *argv, const VirDomainMemoryDevice *device);
