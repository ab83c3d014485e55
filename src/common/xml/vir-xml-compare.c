/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-xml-value.h"

/* Walks that name what they find by its path: difference of two structs, faults of one. */

#define MAX_FRAMES (2 * VIR_XML_MAX_DEPTH)

/* The path is put into words only where there is something to say about it. */
typedef struct {
    const VirXmlRow *row;
    guint index;
} Frame;

typedef struct {
    const char *root;
    Frame frames[MAX_FRAMES];
    guint depth;
    unsigned flags;
    char **difference;
    GError **error;
} Walk;

static gboolean equal_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *a,
                           const void *b);
static gboolean valid_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *obj);

static const void *
at(const void *obj, guint16 offset)
{
    return (const char *)obj + offset;
}

/* What lies beneath a row's element: its rows, and the struct of which they are members, or NULL.
 */
typedef struct {
    const VirXmlRow *rows;
    guint n_rows;
    const void *obj;
} Part;

static Part
part_of(const VirXmlRow *row, const void *obj)
{
    Part part = {row->rows, row->n_rows, obj};

    if (row->type != NULL)
        part = (Part){row->type->rows, row->type->n_rows, at(obj, row->offset)};
    if (row->kind == VIR_XML_CHILD || row->kind == VIR_XML_ASIDE)
        part.obj = *(void *const *)part.obj;
    return part;
}

/** One step down to @row, with @index > 0 to that one of a list. Returns the depth to go back to.
 */
static guint
enter(Walk *w, const VirXmlRow *row, guint index)
{
    guint before = w->depth;

    if (w->depth < MAX_FRAMES)
        w->frames[w->depth++] = (Frame){.row = row, .index = index};
    return before;
}

static char *
path_text(const Walk *w)
{
    GString *out = g_string_new("/");

    g_string_append(out, w->root);
    for (guint i = 0; i < w->depth; i++) {
        const Frame *frame = &w->frames[i];
        const VirXmlRow *row = frame->row;

        if (row->kind == VIR_XML_TEXT || row->kind == VIR_XML_SELF || row->kind == VIR_XML_ASIDE)
            continue;
        g_string_append_printf(out, "/%s%s%s%s", row->kind == VIR_XML_ATTR ? "@" : "",
                               row->ns != NULL ? row->ns->prefix : "", row->ns != NULL ? ":" : "",
                               row->name);
        if (frame->index > 0)
            g_string_append_printf(out, "[%u]", frame->index);
    }
    return g_string_free(out, FALSE);
}

static gboolean
skipped(const Walk *w, const VirXmlRow *row)
{
    return (row->flags & VIR_XML_ROW_UNPRINTED) ||
           ((row->flags & VIR_XML_ROW_LIVE) && (w->flags & VIR_XML_INACTIVE)) ||
           ((row->flags & VIR_XML_ROW_STATUS) && !(w->flags & VIR_XML_STATUS));
}

static gboolean
counts(const Walk *w, const VirXmlRow *row)
{
    return (w->flags & VIR_XML_ABI) == 0 || (row->flags & VIR_XML_ROW_ABI) != 0;
}

static gboolean
differ(Walk *w, const char *a, const char *b)
{
    g_autofree char *path = w->difference != NULL ? path_text(w) : NULL;

    if (w->difference != NULL)
        *w->difference =
            g_strdup_printf("%s: %s%s%s != %s%s%s", path, a != NULL ? "'" : "",
                            a != NULL ? a : "absent", a != NULL ? "'" : "", b != NULL ? "'" : "",
                            b != NULL ? b : "absent", b != NULL ? "'" : "");
    return FALSE;
}

static char *
value_text(const VirXmlRow *row, const void *slot)
{
    GString *out;

    if (slot == NULL)
        return NULL;
    out = g_string_new(NULL);
    vir_xml_value_format(row, slot, out);
    if (row->value == VIR_XML_PRESENT)
        g_string_append(out, "present");
    return g_string_free(out, FALSE);
}

static gboolean
equal_value(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    g_autofree char *text_a = NULL;
    g_autofree char *text_b = NULL;
    guint before;

    if (!counts(w, row))
        return TRUE;
    if (a != NULL && b != NULL && vir_xml_value_equal(row, a, b))
        return TRUE;
    if (a == NULL && b == NULL)
        return TRUE;
    before = enter(w, row, 0);
    text_a = value_text(row, a);
    text_b = value_text(row, b);
    differ(w, text_a, text_b);
    w->depth = before;
    return FALSE;
}

static const void *
value_or_null(const VirXmlRow *row, const void *obj)
{
    return vir_xml_value_present(row, obj) ? at(obj, row->offset) : NULL;
}

static gboolean
equal_place(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    guint place_a = *(const guint *)at(a, row->has);
    guint place_b = *(const guint *)at(b, row->has);
    g_autofree char *text_a = g_strdup_printf("in place %u", place_a);
    g_autofree char *text_b = g_strdup_printf("in place %u", place_b);

    return place_a == place_b || differ(w, text_a, text_b);
}

static gboolean
equal_list(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    guint n_a = *(const guint *)at(a, row->count);
    guint n_b = *(const guint *)at(b, row->count);
    char *const *items_a = *(char **const *)at(a, row->offset);
    char *const *items_b = *(char **const *)at(b, row->offset);
    gsize size = vir_xml_value_size(row->value);

    if (!counts(w, row))
        return TRUE;
    for (guint i = 0; i < MIN(n_a, n_b); i++) {
        guint before = enter(w, row, i + 1);
        VirXmlRow item = *row;

        item.kind = VIR_XML_TEXT;
        if ((row->flags & VIR_XML_ROW_MIXED) && !equal_place(w, row, items_a[i], items_b[i]))
            return FALSE;
        if (row->kind == VIR_XML_CHILDREN
                ? !equal_rows(w, row->type->rows, row->type->n_rows, items_a[i], items_b[i])
                : !equal_value(w, &item, (const char *)items_a + i * size,
                               (const char *)items_b + i * size))
            return FALSE;
        w->depth = before;
    }
    if (n_a != n_b) {
        enter(w, row, MIN(n_a, n_b) + 1);
        return differ(w, n_a > n_b ? "present" : NULL, n_b > n_a ? "present" : NULL);
    }
    return TRUE;
}

static gboolean
equal_child(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    const void *sub_a = part_of(row, a).obj;
    const void *sub_b = part_of(row, b).obj;
    guint before = enter(w, row, 0);
    gboolean equal = TRUE;

    if (sub_a != NULL && sub_b != NULL) {
        equal = equal_rows(w, row->type->rows, row->type->n_rows, sub_a, sub_b);
    } else if (sub_a != sub_b) {
        /* An absent struct is as good as an empty one where only some members count. */
        void *empty = vir_xml_new(row->type);

        if ((w->flags & VIR_XML_ABI) || (row->flags & VIR_XML_ROW_DROP_EMPTY) ||
            row->kind == VIR_XML_ASIDE)
            equal = equal_rows(w, row->type->rows, row->type->n_rows, sub_a != NULL ? sub_a : empty,
                               sub_b != NULL ? sub_b : empty);
        else
            equal = differ(w, sub_a != NULL ? "present" : NULL, sub_b != NULL ? "present" : NULL);
        vir_xml_free(row->type, empty);
    }
    w->depth = before;
    return equal;
}

static gboolean
equal_group(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    const Part part = part_of(row, a);
    guint before = enter(w, row, 0);
    gboolean equal;

    if ((row->flags & VIR_XML_ROW_PRESENT) && counts(w, row) &&
        *(const bool *)at(a, row->has) != *(const bool *)at(b, row->has)) {
        gboolean has_a = *(const bool *)at(a, row->has);

        return differ(w, has_a ? "present" : NULL, has_a ? NULL : "present");
    }
    equal = equal_rows(w, part.rows, part.n_rows, part.obj, part_of(row, b).obj);
    w->depth = before;
    return equal;
}

static gboolean
equal_row(Walk *w, const VirXmlRow *row, const void *a, const void *b)
{
    switch ((VirXmlRowKind)row->kind) {
    case VIR_XML_GROUP:
    case VIR_XML_SELF:
        return equal_group(w, row, a, b);
    case VIR_XML_CHILD:
    case VIR_XML_ASIDE:
        return equal_child(w, row, a, b);
    case VIR_XML_CHILDREN:
    case VIR_XML_LEAVES:
        return equal_list(w, row, a, b);
    case VIR_XML_VERBATIM:
        if (counts(w, row) && g_strcmp0(*(char *const *)at(a, row->offset),
                                        *(char *const *)at(b, row->offset)) != 0) {
            enter(w, row, 0);
            return differ(w, *(char *const *)at(a, row->offset),
                          *(char *const *)at(b, row->offset));
        }
        return TRUE;
    default:
        return equal_value(w, row, value_or_null(row, a), value_or_null(row, b));
    }
}

static gboolean
equal_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *a, const void *b)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];

        /* Guards are members that were compared before: where they differ, we are not here. */
        if (skipped(w, row) || !vir_xml_guards_hold(row, a) || !vir_xml_guards_hold(row, b))
            continue;
        if (!equal_row(w, row, a, b))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_xml_equal(const VirXmlDoc *doc, const void *a, const void *b, unsigned flags, char **difference)
{
    Walk w = {.root = doc->root, .flags = flags, .difference = difference};

    if (difference != NULL)
        *difference = NULL;
    return equal_rows(&w, doc->type->rows, doc->type->n_rows, a, b);
}

static gboolean
fault(Walk *w, const char *why)
{
    g_autofree char *path = path_text(w);

    return vir_error_set(w->error, VIR_ERR_XML_ERROR, "%s: %s", path, why);
}

static gboolean
valid_type(Walk *w, const VirXmlType *type, const void *obj)
{
    g_autoptr(GError) why = NULL;

    if (!valid_rows(w, type->rows, type->n_rows, obj))
        return FALSE;
    if (type->check != NULL && !(w->flags & VIR_XML_NO_CHECK) && !type->check(obj, &why))
        return fault(w, why->message);
    return TRUE;
}

static gboolean
valid_number(Walk *w, const VirXmlRow *row, const void *slot)
{
    guint64 number;
    gboolean fits;

    if (row->value < VIR_XML_INT || row->value > VIR_XML_SIZE)
        return TRUE;
    number = vir_xml_value_get_number(row->value, slot);
    if (row->value == VIR_XML_INT || row->value == VIR_XML_I64)
        fits = (gint64)number >= row->min && ((gint64)number < 0 || number <= row->max);
    else
        fits = number >= (guint64)row->min && number <= row->max;
    if (fits || ((row->flags & VIR_XML_ROW_DEFAULT) && (gint64)number == row->def))
        return TRUE;
    return fault(w, "the number is out of range");
}

static gboolean
valid_value(Walk *w, const VirXmlRow *row, const void *obj)
{
    const void *slot = at(obj, row->offset);
    guint before = enter(w, row, 0);
    gboolean valid = TRUE;

    if (!vir_xml_value_present(row, obj))
        valid = (row->flags & VIR_XML_ROW_REQUIRED) == 0 || fault(w, "a value is missing");
    else if (row->value == VIR_XML_ENUM && *(const guint8 *)slot >= row->values->n)
        valid = fault(w, "the value is not one of its enumeration");
    else if (row->value == VIR_XML_STRING && !g_utf8_validate(*(char *const *)slot, -1, NULL))
        valid = fault(w, "the text is not UTF-8");
    else
        valid = valid_number(w, row, slot);
    w->depth = before;
    return valid;
}

static gboolean
valid_list(Walk *w, const VirXmlRow *row, const void *obj)
{
    void *const *items = *(void **const *)at(obj, row->offset);
    guint n = *(const guint *)at(obj, row->count);

    for (guint i = 0; row->kind == VIR_XML_CHILDREN && i < n; i++) {
        guint before = enter(w, row, i + 1);

        if (!valid_type(w, row->type, items[i]))
            return FALSE;
        w->depth = before;
    }
    return TRUE;
}

static gboolean
valid_sub(Walk *w, const VirXmlRow *row, const void *obj)
{
    const Part part = part_of(row, obj);
    gboolean required = (row->flags & VIR_XML_ROW_REQUIRED) != 0;
    guint before = enter(w, row, 0);
    gboolean valid = TRUE;

    if (part.obj == NULL)
        valid = !required || fault(w, "the element is missing");
    else if (row->kind != VIR_XML_GROUP || (required && row->type == NULL) ||
             vir_xml_has_content(part.rows, part.n_rows, part.obj))
        valid = row->type != NULL ? valid_type(w, row->type, part.obj)
                                  : valid_rows(w, part.rows, part.n_rows, part.obj);
    w->depth = before;
    return valid;
}

static gboolean
valid_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];
        gboolean valid;

        if (skipped(w, row) || !vir_xml_guards_hold(row, obj))
            continue;
        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_GROUP:
        case VIR_XML_SELF:
        case VIR_XML_CHILD:
        case VIR_XML_ASIDE:
            valid = valid_sub(w, row, obj);
            break;
        case VIR_XML_CHILDREN:
        case VIR_XML_LEAVES:
            valid = valid_list(w, row, obj);
            break;
        case VIR_XML_VERBATIM:
            valid = TRUE;
            break;
        default:
            valid = valid_value(w, row, obj);
        }
        if (!valid)
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_xml_validate(const VirXmlDoc *doc, const void *obj, unsigned flags, GError **error)
{
    Walk w = {.root = doc->root, .flags = flags, .error = error};

    return valid_type(&w, doc->type, obj);
}

static gboolean find_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *obj);

static gboolean
find_list(Walk *w, const VirXmlRow *row, const void *obj)
{
    void *const *items = *(void **const *)at(obj, row->offset);
    guint n = *(const guint *)at(obj, row->count);

    for (guint i = 0; i < n; i++) {
        guint before = enter(w, row, i + 1);

        if ((row->flags & VIR_XML_ROW_REFUSED) ||
            (row->kind == VIR_XML_CHILDREN &&
             find_rows(w, row->type->rows, row->type->n_rows, items[i])))
            return TRUE;
        w->depth = before;
    }
    return FALSE;
}

static gboolean
says_something(const VirXmlRow *row, const Part *part, const void *obj)
{
    return ((row->flags & VIR_XML_ROW_PRESENT) && *((const bool *)obj + row->has)) ||
           vir_xml_has_content(part->rows, part->n_rows, part->obj);
}

static gboolean
find_sub(Walk *w, const VirXmlRow *row, const void *obj)
{
    const Part part = part_of(row, obj);
    guint before = enter(w, row, 0);

    /* The row within says it, where it is marked as well. */
    if (part.obj != NULL &&
        (find_rows(w, part.rows, part.n_rows, part.obj) ||
         ((row->flags & VIR_XML_ROW_REFUSED) && says_something(row, &part, obj))))
        return TRUE;
    w->depth = before;
    return FALSE;
}

static gboolean
find_rows(Walk *w, const VirXmlRow *rows, guint n_rows, const void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];

        if (!vir_xml_guards_hold(row, obj))
            continue;
        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_GROUP:
        case VIR_XML_SELF:
        case VIR_XML_CHILD:
        case VIR_XML_ASIDE:
            if (find_sub(w, row, obj))
                return TRUE;
            break;
        case VIR_XML_CHILDREN:
        case VIR_XML_LEAVES:
            if (find_list(w, row, obj))
                return TRUE;
            break;
        case VIR_XML_VERBATIM:
            break;
        default:
            if ((row->flags & VIR_XML_ROW_REFUSED) && vir_xml_value_present(row, obj)) {
                enter(w, row, 0);
                return TRUE;
            }
        }
    }
    return FALSE;
}

char *
vir_xml_find_refused(const VirXmlDoc *doc, const void *obj)
{
    Walk w = {.root = doc->root};

    return find_rows(&w, doc->type->rows, doc->type->n_rows, obj) ? path_text(&w) : NULL;
}
