/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/** A set of small numbers (processors, NUMA nodes); written "0-3,7". At most VIR_BITMAP_MAX. */
typedef struct VirBitmap VirBitmap;

#define VIR_BITMAP_MAX 65536

/** An empty set with room for 0 … @size - 1; it grows as bits are set. */
VirBitmap *vir_bitmap_new(guint size);
void vir_bitmap_free(VirBitmap *bitmap);
VirBitmap *vir_bitmap_copy(const VirBitmap *bitmap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirBitmap, vir_bitmap_free)

/**
 * Reads "0-3,^2,7": numbers and ranges, "^" takes one away again. VIR_ERR_INVALID_ARG says what is
 * wrong. An empty text is an empty set.
 */
VirBitmap *vir_bitmap_parse(const char *text, GError **error);
/** Canonical text: ascending, ranges joined. g_free(). */
char *vir_bitmap_format(const VirBitmap *bitmap);

/** FALSE where @bit is over VIR_BITMAP_MAX. */
gboolean vir_bitmap_set(VirBitmap *bitmap, guint bit);
void vir_bitmap_clear(VirBitmap *bitmap, guint bit);
gboolean vir_bitmap_test(const VirBitmap *bitmap, guint bit);
/** The lowest bit set that is >= @from, or -1. */
int vir_bitmap_next(const VirBitmap *bitmap, int from);
guint vir_bitmap_count(const VirBitmap *bitmap);
gboolean vir_bitmap_equal(const VirBitmap *a, const VirBitmap *b);
