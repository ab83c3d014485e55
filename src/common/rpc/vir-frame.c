/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "vir-frame.h"

#include <string.h>

#include "vir-error.h"

static guint32
word_at(const guint8 *buf)
{
    guint32 word;

    memcpy(&word, buf, 4);
    return GUINT32_FROM_BE(word);
}

static gboolean
carries_fds(int type)
{
    return type == VIR_NET_CALL_WITH_FDS || type == VIR_NET_REPLY_WITH_FDS;
}

gsize
vir_frame_length(const guint8 *buf, GError **error)
{
    guint32 len = word_at(buf);

    if (len >= VIR_FRAME_HEADER && len <= VIR_FRAME_MAX)
        return len;
    vir_error_set(error, VIR_ERR_RPC, "a message of %u bytes: %d to %d are possible", len,
                  VIR_FRAME_HEADER, VIR_FRAME_MAX);
    return 0;
}

gboolean
vir_frame_decode(const guint8 *buf, gsize len, virNetMessageHeader *header, guint *n_fds,
                 gsize *payload, GError **error)
{
    if (len < VIR_FRAME_HEADER) {
        return vir_error_set(error, VIR_ERR_RPC, "a message of %zu bytes has no whole header", len);
    }
    *header = (virNetMessageHeader){
        .prog = word_at(buf + 4),
        .vers = word_at(buf + 8),
        .proc = (gint32)word_at(buf + 12),
        .type = (virNetMessageType)word_at(buf + 16),
        .serial = word_at(buf + 20),
        .status = (virNetMessageStatus)word_at(buf + 24),
    };
    *n_fds = 0;
    *payload = VIR_FRAME_HEADER;
    if (!carries_fds(header->type))
        return TRUE;
    if (len < VIR_FRAME_HEADER + 4)
        return vir_error_set(error, VIR_ERR_RPC, "a message with descriptors lacks their count");
    *n_fds = word_at(buf + VIR_FRAME_HEADER);
    *payload += 4;
    if (*n_fds > VIR_NET_MESSAGE_NUM_FDS_MAX) {
        return vir_error_set(error, VIR_ERR_RPC, "a message with %u descriptors, the limit is %d",
                             *n_fds, VIR_NET_MESSAGE_NUM_FDS_MAX);
    }
    return TRUE;
}

static void
append_word(GByteArray *out, guint32 word)
{
    word = GUINT32_TO_BE(word);
    g_byte_array_append(out, (const guint8 *)&word, 4);
}

gsize
vir_frame_begin(GByteArray *out, const virNetMessageHeader *header, guint n_fds)
{
    gsize start = out->len;

    append_word(out, 0);
    append_word(out, header->prog);
    append_word(out, header->vers);
    append_word(out, header->proc);
    append_word(out, header->type);
    append_word(out, header->serial);
    append_word(out, header->status);
    if (carries_fds(header->type))
        append_word(out, n_fds);
    return start;
}

gboolean
vir_frame_end(GByteArray *out, gsize start, GError **error)
{
    gsize len = out->len - start;
    guint32 word = GUINT32_TO_BE((guint32)len);

    if (len > VIR_FRAME_MAX) {
        g_byte_array_set_size(out, start);
        return vir_error_set(error, VIR_ERR_RPC, "a message of %zu bytes, the limit is %d", len,
                             VIR_FRAME_MAX);
    }
    memcpy(out->data + start, &word, 4);
    return TRUE;
}

gboolean
vir_frame_encode(GByteArray *out, const virNetMessageHeader *header, guint n_fds,
                 const VirXdrType *type, const void *value, GError **error)
{
    gsize start = vir_frame_begin(out, header, n_fds);

    if (value && !vir_xdr_encode(type, value, out, error)) {
        g_byte_array_set_size(out, start);
        return FALSE;
    }
    return vir_frame_end(out, start, error);
}

/* A copy of @text that the protocol can carry, valid UTF-8 not cut within a character. */
static char *
cut_text(const char *text)
{
    gsize len = strlen(text);

    if (len <= VIR_NET_MESSAGE_STRING_MAX)
        return g_strdup(text);
    len = VIR_NET_MESSAGE_STRING_MAX;
    while (len > 0 && ((guint8)text[len] & 0xc0) == 0x80)
        len--;
    return g_strndup(text, len);
}

void
vir_frame_encode_error(GByteArray *out, const virNetMessageHeader *call, const GError *failure,
                       int domain)
{
    const VirErrorDetail *detail = vir_error_detail(failure);
    g_autofree char *text = vir_error_text(failure);
    g_autofree char *message = cut_text(text);
    g_autofree char *str1 = NULL;
    g_autofree char *str2 = NULL;
    g_autofree char *str3 = NULL;
    virNetMessageHeader header = *call;
    virNetMessageError wire = {
        .code = vir_error_code(failure),
        .domain = detail && detail->domain ? detail->domain : domain,
        .message = &message,
        .level = detail && detail->level ? detail->level : VIR_ERR_ERROR,
        .int1 = detail ? detail->int1 : -1,
        .int2 = detail ? detail->int2 : -1,
    };

    if (detail && detail->str1) {
        str1 = cut_text(detail->str1);
    } else if (!(detail && detail->whole) && *failure->message) {
        /* as clients know it: the text with a mark where the detail stands, then the detail */
        str1 = vir_error_format(wire.code, "%s");
        str2 = cut_text(failure->message);
    } else {
        str1 = g_strdup(message);
    }
    if (detail && detail->str2) {
        g_free(str2);
        str2 = cut_text(detail->str2);
    }
    if (detail && detail->str3)
        str3 = cut_text(detail->str3);
    wire.str1 = str1 ? &str1 : NULL;
    wire.str2 = str2 ? &str2 : NULL;
    wire.str3 = str3 ? &str3 : NULL;

    header.type = call->type == VIR_NET_STREAM ? VIR_NET_STREAM : VIR_NET_REPLY;
    header.status = VIR_NET_ERROR;
    if (!vir_frame_encode(out, &header, 0, &vir_xdr_virNetMessageError, &wire, NULL))
        g_assert_not_reached(); /* four texts within their limit are within the frame's */
}

GError *
vir_frame_decode_error(const guint8 *payload, gsize len)
{
    g_auto(VirArena) arena = {0};
    virNetMessageError wire;
    GError *error = NULL;
    VirErrorDetail *detail;

    if (!vir_xdr_decode(&vir_xdr_virNetMessageError, payload, len, &wire, &arena, &error)) {
        g_prefix_error(&error, "answer that is an error: ");
        return error;
    }
    error = g_error_new_literal(VIR_ERROR, wire.code, wire.message ? *wire.message : "");
    detail = vir_error_detail(error);
    detail->domain = wire.domain;
    detail->level = wire.level;
    detail->whole = wire.message != NULL;
    detail->str1 = g_strdup(wire.str1 ? *wire.str1 : NULL);
    detail->str2 = g_strdup(wire.str2 ? *wire.str2 : NULL);
    detail->str3 = g_strdup(wire.str3 ? *wire.str3 : NULL);
    detail->int1 = wire.int1;
    detail->int2 = wire.int2;
    return error;
}
