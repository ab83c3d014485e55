/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qemu-flags.h"
#include "vir-qemu-parse.h"
#include <string.h>

/* The entry of @list that is called @name: a text, or an object with @key. */
static json_object *
find_entry(json_object *list, const char *key, const char *name)
{
    gsize n = list ? json_object_array_length(list) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *entry = json_object_array_get_idx(list, i);
        const char *text = json_object_is_type(entry, json_type_string)
                               ? json_object_get_string(entry)
                               : vir_json_string(entry, key);

        if (!g_strcmp0(text, name))
            return entry;
    }
    return NULL;
}

/* What holds the steps of @item: an array stands for its elements. */
static json_object *
element_of(GHashTable *by_name, json_object *item)
{
    /* Arrays of arrays end somewhere; a loop in a broken schema as well. */
    for (guint i = 0; i < 8 && !g_strcmp0(vir_json_string(item, "meta-type"), "array"); i++)
        item = g_hash_table_lookup(by_name, vir_json_string(item, "element-type"));
    return item;
}

/*
 * One step of a path from @item. TRUE: there is such a thing; *@next is its type, NULL where it has
 * none of its own.
 */
static gboolean
take_step(GHashTable *by_name, json_object *item, const char *step, json_object **next)
{
    json_object *entry = NULL;
    const char *type = NULL;

    *next = NULL;
    switch (*step) {
    case '$':
        return find_entry(vir_json_array(item, "features"), "name", step + 1) != NULL;
    case '^':
        return find_entry(vir_json_array(item, "values"), "name", step + 1) != NULL;
    case '+':
        entry = find_entry(vir_json_array(item, "variants"), "case", step + 1);
        break;
    default:
        entry = find_entry(vir_json_array(item, "members"), "name", step);
        if (!entry && vir_json_string(item, step)) {
            *next = g_hash_table_lookup(by_name, vir_json_string(item, step));
            return *next != NULL;
        }
    }
    type = vir_json_string(entry, "type");
    if (type)
        *next = g_hash_table_lookup(by_name, type);
    return entry != NULL;
}

/*
 * @path is "COMMAND/STEP/STEP…". A step is arg-type or ret-type of the command, the name of a
 * member, "+case" of a union, "^value" of an enumeration, or "$feature".
 */
static gboolean
schema_has(GHashTable *by_name, const char *path)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    json_object *item = g_hash_table_lookup(by_name, steps[0]);

    if (!item)
        return FALSE;
    for (char **step = steps + 1; *step; step++) {
        json_object *next = NULL;

        item = element_of(by_name, item);
        if (!item || !take_step(by_name, item, *step, &next))
            return FALSE;
        item = next;
    }
    return TRUE;
}

void
vir_qemu_parse_schema(GHashTable *facts, json_object *reply)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    gsize n = json_object_is_type(reply, json_type_array) ? json_object_array_length(reply) : 0;

    for (gsize i = 0; i < n; i++) {
        json_object *item = json_object_array_get_idx(reply, i);
        const char *name = vir_json_string(item, "name");
        const char *meta = vir_json_string(item, "meta-type");

        if (!name || !meta)
            continue;
        g_hash_table_insert(by_name, (void *)name, item);
        if (g_str_equal(meta, "command") || g_str_equal(meta, "event"))
            vir_qemu_add_fact(facts, "command", NULL, name);
    }
    for (const char *const *path = vir_qemu_probe_schema; *path; path++) {
        if (schema_has(by_name, *path))
            vir_qemu_add_fact(facts, "schema", NULL, *path);
    }
}
