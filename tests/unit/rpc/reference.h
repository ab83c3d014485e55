/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <rpc/rpc.h>
#include <stddef.h>

/** What rpcgen makes of the same IDL files. */
typedef struct {
    const char *name;
    size_t size;
    xdrproc_t proc;
} Reference;

/** Ends with a row whose name is NULL. */
extern const Reference references[];
