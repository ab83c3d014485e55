/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frames.h"

#include <string.h>
#include <sys/socket.h>

void
put(GByteArray *out, guint32 word)
{
    word = GUINT32_TO_BE(word);
    g_byte_array_append(out, (guint8 *)&word, 4);
}

GByteArray *
frame_new(guint32 prog, int proc, guint32 type, guint32 serial, guint32 status)
{
    GByteArray *out = g_byte_array_new();

    put(out, 0);
    put(out, prog);
    put(out, REMOTE_PROTOCOL_VERSION);
    put(out, proc);
    put(out, type);
    put(out, serial);
    put(out, status);
    return out;
}

void
put_string(GByteArray *out, const char *text)
{
    static const guint8 zero[4];
    gsize len = strlen(text);

    put(out, len);
    g_byte_array_append(out, (const guint8 *)text, len);
    g_byte_array_append(out, zero, (4 - len % 4) % 4);
}

void
send_all(int fd, const void *data, gsize len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

        if (n < 0)
            return; /* the client has had enough, as it should */
        at += n;
        len -= n;
    }
}

void
frame_send(int fd, GByteArray *frame)
{
    guint32 len = GUINT32_TO_BE(frame->len);

    memcpy(frame->data, &len, 4);
    send_all(fd, frame->data, frame->len);
    g_byte_array_unref(frame);
}

gboolean
recv_all(int fd, void *data, gsize len)
{
    char *at = data;

    while (len > 0) {
        ssize_t n = recv(fd, at, len, 0);

        if (n <= 0)
            return FALSE;
        at += n;
        len -= n;
    }
    return TRUE;
}
