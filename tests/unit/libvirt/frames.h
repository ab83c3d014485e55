/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client.h"

/* The peer's end of a client's socket: frames word by word. */
void put(GByteArray *out, guint32 word);
void put_string(GByteArray *out, const char *text);
/** A frame's header, to which the payload is put. */
GByteArray *frame_new(guint32 prog, int proc, guint32 type, guint32 serial, guint32 status);
/** Fills in the length, sends it and frees it. */
void frame_send(int fd, GByteArray *frame);
void send_all(int fd, const void *data, gsize len);
gboolean recv_all(int fd, void *data, gsize len);
