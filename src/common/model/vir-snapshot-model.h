/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-snapshot-def.h"

typedef enum {
    VIR_SNAPSHOT_MODEL_REDEFINE = 1 << 0, /* a document that was dumped: keep all of it */
    VIR_SNAPSHOT_MODEL_INTERNAL = 1 << 1, /* our own file: with what is not for clients */
} VirSnapshotModelFlags;

/**
 * Parses a <domainsnapshot> document. @model are VirSnapshotModelFlags. A new snapshot gets the
 * time
 * @now (seconds since 1970; 0: none), and its name from it where it has none; state, parent and
 * domain are the driver's to give.
 */
VirSnapshot *vir_snapshot_model_parse(const char *text, gssize len, const char *name,
                                      unsigned model, gint64 now, GPtrArray **ignored,
                                      GError **error);
