/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qmp-stream.h"

#include "vir-error.h"
#include <string.h>

struct VirQmpStream {
    VirQmpStreamFunc func;
    void *data;
    GByteArray *partial; /* a line without its end */
};

VirQmpStream *
vir_qmp_stream_new(VirQmpStreamFunc func, void *data)
{
    VirQmpStream *stream = g_new0(VirQmpStream, 1);

    stream->func = func;
    stream->data = data;
    stream->partial = g_byte_array_new();
    return stream;
}

void
vir_qmp_stream_free(VirQmpStream *stream)
{
    if (!stream)
        return;
    g_byte_array_unref(stream->partial);
    g_free(stream);
}

/* A parsed value costs some hundred times its shortest text: count before the parser allocates. */
static gboolean
too_many_values(const char *text, gsize len)
{
    gboolean quoted = FALSE;
    unsigned values = 0;

    for (gsize i = 0; i < len; i++) {
        char c = text[i];

        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = FALSE;
        } else if (c == '"') {
            quoted = TRUE;
        } else if ((c == ',' || c == '[' || c == '{') && ++values > VIR_QMP_MAX_VALUES) {
            return TRUE;
        }
    }
    return FALSE;
}

json_object *
vir_qmp_parse(const char *text, gsize len, GError **error)
{
    json_tokener *tokener;
    json_object *object;
    enum json_tokener_error code;
    gsize end;

    if (len > VIR_QMP_MAX_LINE) {
        vir_error_set(error, VIR_ERR_RPC, "a line of more than %d bytes", VIR_QMP_MAX_LINE);
        return NULL;
    }
    if (too_many_values(text, len)) {
        vir_error_set(error, VIR_ERR_RPC, "more than %d values in a line", VIR_QMP_MAX_VALUES);
        return NULL;
    }
    tokener = json_tokener_new_ex(VIR_QMP_MAX_DEPTH);
    object = json_tokener_parse_ex(tokener, text, (int)len);
    code = json_tokener_get_error(tokener);
    end = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);

    while (end < len && g_ascii_isspace(text[end]))
        end++;
    if (code == json_tokener_success && end == len && json_object_is_type(object, json_type_object))
        return object;
    if (code == json_tokener_success)
        vir_error_set(error, VIR_ERR_RPC, "a line that is not one JSON object");
    else if (code == json_tokener_continue)
        vir_error_set(error, VIR_ERR_RPC, "a line that ends amid its JSON");
    else
        vir_error_set(error, VIR_ERR_RPC, "bad JSON at byte %" G_GSIZE_FORMAT ": %s", end,
                      json_tokener_error_desc(code));
    json_object_put(object);
    return NULL;
}

static gboolean
take_line(VirQmpStream *stream, const char *line, gsize len, GError **error)
{
    json_object *object;
    gboolean ok;

    while (len > 0 && g_ascii_isspace(line[len - 1]))
        len--;
    if (len == 0)
        return TRUE;
    object = vir_qmp_parse(line, len, error);
    if (!object)
        return FALSE;
    ok = stream->func(object, stream->data, error);
    json_object_put(object);
    return ok;
}

gboolean
vir_qmp_stream_feed(VirQmpStream *stream, const char *bytes, gsize len, GError **error)
{
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        gsize part = newline ? (gsize)(newline - bytes) : len;
        gboolean ok = TRUE;

        if (part > VIR_QMP_MAX_LINE - stream->partial->len)
            return vir_error_set(error, VIR_ERR_RPC, "a line of more than %d bytes",
                                 VIR_QMP_MAX_LINE);
        if (!newline) {
            g_byte_array_append(stream->partial, (const guint8 *)bytes, (guint)part);
            return TRUE;
        }
        if (stream->partial->len == 0) {
            ok = take_line(stream, bytes, part, error);
        } else {
            g_autoptr(GByteArray) whole = stream->partial;

            stream->partial = g_byte_array_new();
            g_byte_array_append(whole, (const guint8 *)bytes, (guint)part);
            ok = take_line(stream, (const char *)whole->data, whole->len, error);
        }
        if (!ok)
            return FALSE;
        bytes += part + 1;
        len -= part + 1;
    }
    return TRUE;
}
