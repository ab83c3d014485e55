/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-xml-value.h"

#include <malloc.h>
#include <string.h>

/* Structs of the tables: making, freeing, copying, counting. */

static void *
at(const void *obj, guint16 offset)
{
    return (char *)obj + offset;
}

static const VirXmlRow *
rows_of(const VirXmlRow *row, guint *n)
{
    *n = row->type != NULL ? row->type->n_rows : row->n_rows;
    return row->type != NULL ? row->type->rows : row->rows;
}

gboolean
vir_xml_guards_hold(const VirXmlRow *row, const void *obj)
{
    for (guint i = 0; i < row->n_guards; i++) {
        const VirXmlGuard *guard = &row->guards[i];
        const void *slot = at(obj, guard->offset);
        guint value = guard->size == 1 ? *(const guint8 *)slot : *(void *const *)slot != NULL;

        if ((guard->mask >> MIN(value, 63) & 1) == 0)
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_xml_has_content(const VirXmlRow *rows, guint n_rows, const void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        gboolean has = FALSE;

        if (!vir_xml_guards_hold(row, obj))
            continue;
        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_ATTR:
        case VIR_XML_TEXT:
        case VIR_XML_LEAF:
            has = vir_xml_value_present(row, obj) &&
                  !(row->flags & (VIR_XML_ROW_REQUIRED | VIR_XML_ROW_DEFAULT) &&
                    row->value >= VIR_XML_INT);
            break;
        case VIR_XML_GROUP:
        case VIR_XML_SELF:
            has = row->type != NULL ? vir_xml_has_content(row->type->rows, row->type->n_rows,
                                                          at(obj, row->offset))
                                    : vir_xml_has_content(row->rows, row->n_rows, obj);
            break;
        default:
            has = *(void *const *)at(obj, row->offset) != NULL;
        }
        if (has)
            return TRUE;
    }
    return FALSE;
}

static void
set_defaults(const VirXmlRow *rows, guint n_rows, void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        guint n;
        const VirXmlRow *inner;

        if (row->kind == VIR_XML_GROUP || row->kind == VIR_XML_SELF) {
            inner = rows_of(row, &n);
            set_defaults(inner, n, at(obj, row->offset));
        } else if (row->flags & VIR_XML_ROW_DEFAULT) {
            vir_xml_value_set_number(row->value, at(obj, row->offset), (guint64)row->def);
        }
    }
}

void *
vir_xml_new(const VirXmlType *type)
{
    void *obj = g_malloc0(type->size);

    set_defaults(type->rows, type->n_rows, obj);
    return obj;
}

static void
clear_list(const VirXmlRow *row, void *obj)
{
    char **items = *(char ***)at(obj, row->offset);
    guint *n = at(obj, row->count);
    gsize size = vir_xml_value_size(row->value);

    for (guint i = 0; items != NULL && i < *n; i++) {
        if (row->kind == VIR_XML_CHILDREN)
            vir_xml_free(row->type, items[i]);
        else
            vir_xml_value_clear(row, (char *)items + i * size);
    }
    g_free(items);
    *(char ***)at(obj, row->offset) = NULL;
    *n = 0;
}

static void
clear_rows(const VirXmlRow *rows, guint n_rows, void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        guint n;
        const VirXmlRow *inner;
        void *slot = at(obj, row->offset);

        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_GROUP:
        case VIR_XML_SELF:
            inner = rows_of(row, &n);
            clear_rows(inner, n, slot);
            break;
        case VIR_XML_CHILD:
        case VIR_XML_ASIDE:
            vir_xml_free(row->type, *(void **)slot);
            *(void **)slot = NULL;
            break;
        case VIR_XML_CHILDREN:
        case VIR_XML_LEAVES:
            clear_list(row, obj);
            break;
        case VIR_XML_VERBATIM:
            g_clear_pointer((char **)slot, g_free);
            break;
        case VIR_XML_ATTR:
        case VIR_XML_TEXT:
        case VIR_XML_LEAF:
            vir_xml_value_clear(row, slot);
            break;
        }
    }
}

void
vir_xml_clear(const VirXmlType *type, void *obj)
{
    clear_rows(type->rows, type->n_rows, obj);
    memset(obj, 0, type->size);
    set_defaults(type->rows, type->n_rows, obj);
}

void
vir_xml_free(const VirXmlType *type, void *obj)
{
    if (obj == NULL)
        return;
    clear_rows(type->rows, type->n_rows, obj);
    g_free(obj);
}

static void
dup_list(const VirXmlRow *row, const void *from, void *to)
{
    void **old = *(void ***)at(from, row->offset);
    void **slot = at(to, row->offset);
    guint n = *(guint *)at(from, row->count);
    gsize size = row->kind == VIR_XML_CHILDREN ? sizeof(void *) : vir_xml_value_size(row->value);
    void **items;

    if (*slot != old || old == NULL)
        return;
    items = g_memdup2(old, n * size);
    for (guint i = 0; i < n; i++) {
        if (row->kind == VIR_XML_CHILDREN)
            items[i] = vir_xml_clone(row->type, old[i]);
        else
            vir_xml_value_dup(row, (char *)old + i * size, (char *)items + i * size);
    }
    *slot = items;
}

static void
dup_rows(const VirXmlRow *rows, guint n_rows, const void *from, void *to)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        guint n;
        const VirXmlRow *inner;
        const void *old = at(from, row->offset);
        void *slot = at(to, row->offset);

        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_GROUP:
        case VIR_XML_SELF:
            inner = rows_of(row, &n);
            dup_rows(inner, n, old, slot);
            break;
        case VIR_XML_CHILD:
        case VIR_XML_ASIDE:
            if (*(void **)slot == *(void *const *)old)
                *(void **)slot = vir_xml_clone(row->type, *(void *const *)old);
            break;
        case VIR_XML_CHILDREN:
        case VIR_XML_LEAVES:
            dup_list(row, from, to);
            break;
        case VIR_XML_VERBATIM:
            if (*(char **)slot == *(char *const *)old)
                *(char **)slot = g_strdup(*(char *const *)old);
            break;
        case VIR_XML_ATTR:
        case VIR_XML_TEXT:
        case VIR_XML_LEAF:
            vir_xml_value_dup(row, old, slot);
            break;
        }
    }
}

void *
vir_xml_clone(const VirXmlType *type, const void *obj)
{
    void *copy;

    if (obj == NULL)
        return NULL;
    copy = g_memdup2(obj, type->size);
    dup_rows(type->rows, type->n_rows, obj, copy);
    return copy;
}

static gsize
heap_size(const void *block)
{
    return block != NULL ? malloc_usable_size((void *)block) + sizeof(gsize) : 0;
}

static gsize
count_rows(const VirXmlRow *rows, guint n_rows, const void *obj)
{
    gsize total = 0;

    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        guint n;
        const VirXmlRow *inner;
        const void *slot = at(obj, row->offset);
        void **items;

        if (row->kind == VIR_XML_GROUP || row->kind == VIR_XML_SELF) {
            inner = rows_of(row, &n);
            total += count_rows(inner, n, slot);
        } else if (row->kind == VIR_XML_CHILD || row->kind == VIR_XML_ASIDE) {
            total += vir_xml_memory(row->type, *(void *const *)slot);
        } else if (row->kind == VIR_XML_CHILDREN || row->kind == VIR_XML_LEAVES) {
            n = *(guint *)at(obj, row->count);
            items = *(void ***)slot;
            total += heap_size(items);
            for (guint j = 0; j < n; j++) {
                if (row->kind == VIR_XML_CHILDREN)
                    total += vir_xml_memory(row->type, items[j]);
                else if (vir_xml_value_size(row->value) == sizeof(void *))
                    total += heap_size(items[j]);
            }
        } else if (vir_xml_guards_hold(row, obj) &&
                   (row->kind == VIR_XML_VERBATIM || row->value == VIR_XML_STRING ||
                    row->value == VIR_XML_CODEC || row->value == VIR_XML_IP ||
                    row->value == VIR_XML_CPUSET)) {
            total += heap_size(*(void *const *)slot);
        }
    }
    return total;
}

gsize
vir_xml_memory(const VirXmlType *type, const void *obj)
{
    return obj != NULL ? heap_size(obj) + count_rows(type->rows, type->n_rows, obj) : 0;
}

void
vir_xml_array_insert(gpointer **items, guint *n, guint index, gpointer item)
{
    g_return_if_fail(index <= *n);
    *items = g_renew(gpointer, *items, *n + 1);
    memmove(*items + index + 1, *items + index, (*n - index) * sizeof(gpointer));
    (*items)[index] = item;
    (*n)++;
}

gpointer
vir_xml_array_remove(gpointer **items, guint *n, guint index)
{
    gpointer item;

    g_return_val_if_fail(index < *n, NULL);
    item = (*items)[index];
    memmove(*items + index, *items + index + 1, (*n - index - 1) * sizeof(gpointer));
    if (--(*n) == 0)
        g_clear_pointer(items, g_free);
    return item;
}

const char *
vir_xml_doc_root(const VirXmlDoc *doc)
{
    return doc->root;
}

const VirXmlType *
vir_xml_doc_type(const VirXmlDoc *doc)
{
    return doc->type;
}

gboolean
vir_xml_first_list(const VirXmlType *type, void *obj, VirXmlList *list)
{
    for (guint i = 0; i < type->n_rows; i++) {
        const VirXmlRow *row = &type->rows[i];

        if (row->kind != VIR_XML_CHILDREN || *(guint *)at(obj, row->count) == 0)
            continue;
        *list = (VirXmlList){row->type, at(obj, row->offset), at(obj, row->count)};
        return TRUE;
    }
    return FALSE;
}

static gboolean
is_string(const VirXmlRow *row)
{
    return row->kind == VIR_XML_ATTR &&
           (row->value == VIR_XML_STRING || row->value == VIR_XML_CODEC);
}

const char *
vir_xml_string_name(const VirXmlType *type, guint index)
{
    for (guint i = 0; i < type->n_rows; i++) {
        if (is_string(&type->rows[i]) && index-- == 0)
            return type->rows[i].name;
    }
    return NULL;
}

char **
vir_xml_string_member(const VirXmlType *type, void *obj, const char *name)
{
    for (guint i = 0; i < type->n_rows; i++) {
        if (is_string(&type->rows[i]) && strcmp(type->rows[i].name, name) == 0)
            return at(obj, type->rows[i].offset);
    }
    return NULL;
}
