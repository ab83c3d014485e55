/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-file.h"
#include "vir-qemu-probe.h"
#include <string.h>

#define MAX_TRANSCRIPT (64 * 1024 * 1024)

typedef struct {
    json_object *command;
    json_object *reply;
    unsigned session; /* number of the process that was asked, from 0 */
} Exchange;

typedef struct {
    GArray *exchanges;
    gboolean fast; /* of a conversation with two processes, the first is asked */
} Tape;

static void
exchange_clear(void *data)
{
    Exchange *exchange = data;

    json_object_put(exchange->command);
    json_object_put(exchange->reply);
}

/* The JSON objects of @text one after another. */
static gboolean
read_tape(GArray *exchanges, const char *text, gsize len, const char *path, GError **error)
{
    json_tokener *tokener = json_tokener_new_ex(64);
    unsigned sessions = 0;
    gboolean ok = TRUE;

    while (ok) {
        json_object *object;

        while (len > 0 && g_ascii_isspace(*text)) {
            text++;
            len--;
        }
        if (len == 0)
            break;
        object = json_tokener_parse_ex(tokener, text, (int)len);
        if (!json_object_is_type(object, json_type_object)) {
            json_object_put(object);
            ok = vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                               "recorded conversation '%s' holds no JSON object where one is due",
                               path);
            break;
        }
        text += json_tokener_get_parse_end(tokener);
        len -= json_tokener_get_parse_end(tokener);
        json_tokener_reset(tokener);
        if (json_object_object_get_ex(object, "execute", NULL)) {
            Exchange exchange = {.command = object};

            if (!g_strcmp0(vir_json_string(object, "execute"), "qmp_capabilities"))
                sessions++;
            exchange.session = sessions ? sessions - 1 : 0;
            g_array_append_val(exchanges, exchange);
        } else if (exchanges->len > 0) {
            Exchange *last = &g_array_index(exchanges, Exchange, exchanges->len - 1);

            json_object_put(last->reply);
            last->reply = object;
        } else {
            json_object_put(object);
        }
    }
    json_tokener_free(tokener);
    return ok;
}

static const Exchange *
find_in(const Tape *tape, const VirProbeQuery *query, unsigned from, unsigned to)
{
    for (guint i = 0; i < tape->exchanges->len; i++) {
        const Exchange *exchange = &g_array_index(tape->exchanges, Exchange, i);
        json_object *args = NULL;

        if (exchange->session < from || exchange->session > to ||
            g_strcmp0(vir_json_string(exchange->command, "execute"), query->command) != 0)
            continue;
        json_object_object_get_ex(exchange->command, "arguments", &args);
        if (!query->args || (args && json_object_equal(args, query->args)))
            return exchange;
    }
    return NULL;
}

/* What does not depend on the accelerator was asked of the first process only. */
static const Exchange *
find(const Tape *tape, const VirProbeQuery *query)
{
    const Exchange *exchange = tape->fast ? NULL : find_in(tape, query, 1, G_MAXUINT);

    return exchange ? exchange : find_in(tape, query, 0, 0);
}

static gboolean
ask(VirProbeQuery *queries, gsize n, void *opaque, GError **error)
{
    const Tape *tape = opaque;

    for (gsize i = 0; i < n; i++) {
        const Exchange *exchange = find(tape, &queries[i]);
        json_object *value = NULL;

        if (exchange && json_object_object_get_ex(exchange->reply, "return", &value))
            queries[i].reply = json_object_get(value);
        else if (!queries[i].optional)
            return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                                 "the recorded conversation has no answer to '%s'",
                                 queries[i].command);
    }
    return TRUE;
}

VirQemuCaps *
vir_qemu_probe_replay(const char *binary, const char *path, GError **error)
{
    g_autoptr(GArray) exchanges = g_array_new(FALSE, FALSE, sizeof(Exchange));
    g_autofree char *text = NULL;
    Tape first = {.exchanges = exchanges, .fast = TRUE};
    Tape second = {.exchanges = exchanges};
    VirProbePeer fast = {ask, &first};
    VirProbePeer tcg = {ask, &second};
    VirProbeQuery again = {.command = "qmp_capabilities"};
    gsize len = 0;

    g_array_set_clear_func(exchanges, exchange_clear);
    text = vir_file_read(path, MAX_TRANSCRIPT, &len, error);
    if (!text || !read_tape(exchanges, text, len, path, error))
        return NULL;
    /* Of two accelerators that were asked one is TCG; the other one is KVM where it says so. */
    fast.hvf = find_in(&second, &again, 1, G_MAXUINT) != NULL;
    return vir_qemu_probe(binary, &tcg, &fast, error);
}
