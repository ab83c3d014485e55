/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-c/json.h>

/** Longest line, deepest nesting and most values in a line that are taken from QEMU. */
#define VIR_QMP_MAX_LINE (10 * 1024 * 1024)
#define VIR_QMP_MAX_DEPTH 64
#define VIR_QMP_MAX_VALUES 500000

/** Splits bytes into lines and each line into a JSON object, within the limits above. */
typedef struct VirQmpStream VirQmpStream;

/** @message is borrowed. FALSE with an error stops the stream. */
typedef gboolean (*VirQmpStreamFunc)(json_object *message, void *data, GError **error);

VirQmpStream *vir_qmp_stream_new(VirQmpStreamFunc func, void *data);
void vir_qmp_stream_free(VirQmpStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQmpStream, vir_qmp_stream_free)

/** Takes bytes as they come. FALSE with VIR_ERR_RPC: no JSON object, or over a limit. */
gboolean vir_qmp_stream_feed(VirQmpStream *stream, const char *bytes, gsize len, GError **error);

/** Parses one JSON object within the limits; NULL with VIR_ERR_RPC. json_object_put() it. */
json_object *vir_qmp_parse(const char *text, gsize len, GError **error);
