/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-checkpoint-def.h"

/**
 * Parses a <domaincheckpoint> document. With @redefine it is one that was dumped: name and time are
 * needed. Else the checkpoint is new: it gets the time @now (seconds since 1970), and its name from
 * it where it has none; parent and domain are the driver's to give.
 */
VirCheckpoint *vir_checkpoint_model_parse(const char *text, gssize len, const char *name,
                                          gboolean redefine, gint64 now, GPtrArray **ignored,
                                          GError **error);

/** Gives names to bitmaps that have none: that of the checkpoint. */
void vir_checkpoint_model_name_bitmaps(VirCheckpoint *def);
