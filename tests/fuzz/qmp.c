/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"
#include "vir-qmp-stream.h"

static gboolean
take(json_object *message, void *data, GError **error)
{
    g_assert_true(json_object_is_type(message, json_type_object));
    return TRUE;
}

/* The first byte says in how many parts the rest arrives. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(VirQmpStream) stream = vir_qmp_stream_new(take, NULL);
    g_autoptr(GError) error = NULL;
    size_t part = size > 0 ? data[0] % 17 + 1 : 1;

    for (size_t at = 1; at < size; at += part) {
        size_t len = MIN(part, size - at);

        if (!vir_qmp_stream_feed(stream, (const char *)data + at, len, &error))
            break;
    }
    return 0;
}
