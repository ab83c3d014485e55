/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-protocol.h"

/**
 * The frame: a length word that counts itself, six header words, for the types _WITH_FDS a count of
 * descriptors, then the payload. All big-endian.
 */
#define VIR_FRAME_HEADER 28                     /* length word and header */
#define VIR_FRAME_MAX (4 + VIR_NET_MESSAGE_MAX) /* whole frame */

/**
 * Checks the length word at @buf (4 bytes) and returns the bytes of the whole frame, or 0 with
 * VIR_ERR_RPC where no frame has that length: the connection cannot go on.
 */
gsize vir_frame_length(const guint8 *buf, GError **error);

/**
 * Decodes the header of the whole frame @buf of @len bytes; @payload gets the offset of the payload
 * and @n_fds the count of descriptors (0 where the type carries none). VIR_ERR_RPC as well where
 * that count exceeds VIR_NET_MESSAGE_NUM_FDS_MAX. Type and status are not judged.
 */
gboolean vir_frame_decode(const guint8 *buf, gsize len, virNetMessageHeader *header, guint *n_fds,
                          gsize *payload, GError **error);

/**
 * Appends a header to @out, whose length word is set by vir_frame_end(); @n_fds counts where the
 * type carries descriptors. Returns the start of the frame in @out for vir_frame_end().
 */
gsize vir_frame_begin(GByteArray *out, const virNetMessageHeader *header, guint n_fds);

/** Sets the length word. FALSE with VIR_ERR_RPC, and @out cut back to @start, where it is too long.
 */
gboolean vir_frame_end(GByteArray *out, gsize start, GError **error);

/**
 * Appends the frame of @header with @value (NULL: no payload) of @type. After an error @out is as
 * before.
 */
gboolean vir_frame_encode(GByteArray *out, const virNetMessageHeader *header, guint n_fds,
                          const VirXdrType *type, const void *value, GError **error);

/**
 * Appends the frame of @failure as a reply to @call (STREAM where @call is of that type). Never
 * fails: text that exceeds the protocol's limit is cut. @domain is said where @failure names none.
 */
void vir_frame_encode_error(GByteArray *out, const virNetMessageHeader *call, const GError *failure,
                            int domain);

/**
 * The error that a payload with status VIR_NET_ERROR carries (its text is whole), or VIR_ERR_RPC
 * where it is not readable. Never NULL.
 */
GError *vir_frame_decode_error(const guint8 *payload, gsize len);
