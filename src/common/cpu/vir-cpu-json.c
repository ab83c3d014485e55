/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-cpu.h"
#include "vir-error.h"

#include <json-c/json.h>
#include <string.h>

typedef struct json_object JsonObject;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonObject, json_object_put)
typedef struct json_tokener JsonTokener;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonTokener, json_tokener_free)

/* The next value of a text with several; NULL without an error at its end. */
static JsonObject *
next_value(const char *text, gsize len, gsize *at, GError **error)
{
    g_autoptr(JsonTokener) tokener = json_tokener_new();
    JsonObject *value;

    while (*at < len && g_ascii_isspace(text[*at]))
        (*at)++;
    if (*at == len)
        return NULL;
    if (tokener == NULL || len - *at > G_MAXINT) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "JSON text of %zu bytes is too long", len);
        return NULL;
    }
    value = json_tokener_parse_ex(tokener, text + *at, (int)(len - *at));
    if (value == NULL) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "malformed JSON at byte %zu: %s",
                      *at + json_tokener_get_parse_end(tokener),
                      json_tokener_error_desc(json_tokener_get_error(tokener)));
        return NULL;
    }
    *at += json_tokener_get_parse_end(tokener);
    return value;
}

static JsonObject *
member(JsonObject *object, const char *name, json_type type)
{
    JsonObject *value;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

static void
take_property(VirCpuData *data, const char *name, JsonObject *value)
{
    if (json_object_is_type(value, json_type_boolean))
        vir_cpu_data_put_flag(data, name, json_object_get_boolean(value));
    else if (json_object_is_type(value, json_type_int))
        vir_cpu_data_put_number(data, name, json_object_get_int64(value));
    else if (json_object_is_type(value, json_type_string))
        vir_cpu_data_put_text(data, name, json_object_get_string(value));
}

gboolean
vir_cpu_data_from_json(const char *text, gsize len, VirCpuData *data, GError **error)
{
    gsize at = 0;
    g_autoptr(JsonObject) root = next_value(text, len, &at, error);
    JsonObject *props;

    *data = (VirCpuData){.vendor = -1};
    if (root == NULL && error != NULL && *error != NULL)
        return FALSE;
    props = member(member(member(root, "return", json_type_object), "model", json_type_object),
                   "props", json_type_object);
    if (props == NULL)
        return vir_error_set(error, VIR_ERR_INVALID_ARG,
                             "the reply has no properties of a processor model");
    json_object_object_foreach(props, name, value) take_property(data, name, value);
    return TRUE;
}

static VirCpuUsable *
usable_model(JsonObject *item)
{
    JsonObject *name = member(item, "name", json_type_string);
    JsonObject *missing = member(item, "unavailable-features", json_type_array);
    g_autoptr(GStrvBuilder) blockers = g_strv_builder_new();
    VirCpuUsable *model;

    if (name == NULL)
        return NULL;
    for (gsize i = 0; missing != NULL && i < json_object_array_length(missing); i++) {
        JsonObject *feature = json_object_array_get_idx(missing, i);

        if (json_object_is_type(feature, json_type_string))
            g_strv_builder_add(blockers, json_object_get_string(feature));
    }
    model = g_new0(VirCpuUsable, 1);
    model->name = g_strdup(json_object_get_string(name));
    model->blockers = g_strv_builder_end(blockers);
    return model;
}

GPtrArray *
vir_cpu_usable_from_json(const char *text, gsize len, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gsize at = 0;

    for (;;) {
        g_autoptr(JsonObject) root = next_value(text, len, &at, &failure);
        JsonObject *list = member(root, "return", json_type_array);
        g_autoptr(GPtrArray) models =
            g_ptr_array_new_with_free_func((GDestroyNotify)vir_cpu_usable_free);

        if (failure != NULL) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        if (root == NULL)
            return NULL;
        for (gsize i = 0; list != NULL && i < json_object_array_length(list); i++) {
            VirCpuUsable *model = usable_model(json_object_array_get_idx(list, i));

            if (model != NULL)
                g_ptr_array_add(models, model);
        }
        if (list != NULL)
            return g_steal_pointer(&models);
    }
}
