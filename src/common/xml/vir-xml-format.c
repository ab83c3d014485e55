/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-xml-value.h"

#include <string.h>

#define MAX_NAMESPACES 8

typedef struct {
    GString *out;
    GString *value;
    unsigned flags;
    gboolean secrets; /* something printed is for VIR_XML_SECURE only */
    const VirXmlNs *used[MAX_NAMESPACES];
    guint n_used;
} Writer;

typedef struct {
    const char *name;
    const VirXmlNs *ns;
    unsigned flags; /* of the row */
    gboolean keep;  /* print even where there is nothing in it */
} Element;

static gboolean write_element(Writer *w, guint indent, const Element *element,
                              const VirXmlRow *rows, guint n_rows, const void *obj);

static const void *
at(const void *obj, guint16 offset)
{
    return (const char *)obj + offset;
}

static gboolean
skipped(const Writer *w, const VirXmlRow *row, const void *obj)
{
    if ((row->flags & VIR_XML_ROW_UNPRINTED) ||
        ((row->flags & VIR_XML_ROW_LIVE) && (w->flags & VIR_XML_INACTIVE)) ||
        ((row->flags & VIR_XML_ROW_STATUS) && !(w->flags & VIR_XML_STATUS)) ||
        ((row->flags & VIR_XML_ROW_SECURE) && !(w->flags & VIR_XML_SECURE)) ||
        ((row->flags & VIR_XML_ROW_PERSISTENT) && !(w->flags & VIR_XML_INACTIVE)) ||
        ((row->flags & VIR_XML_ROW_NOMIGRATE) && (w->flags & VIR_XML_MIGRATABLE)))
        return TRUE;
    if (row->n_guards > 0 && !vir_xml_guards_hold(row, obj))
        return TRUE;
    return FALSE;
}

static gboolean
value_wanted(const Writer *w, const VirXmlRow *row, const void *obj)
{
    if (!vir_xml_value_present(row, obj))
        return FALSE;
    if (row->value == VIR_XML_CODEC && row->codec->keep != NULL)
        return row->codec->keep(*(char *const *)at(obj, row->offset), w->flags);
    return TRUE;
}

static void
escape(GString *out, const char *text, gsize len, gboolean attribute)
{
    for (gsize i = 0; i < len; i++) {
        guchar c = (guchar)text[i];

        switch (c) {
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '\'':
            g_string_append(out, "&apos;");
            break;
        case '"':
            g_string_append(out, "&quot;");
            break;
        case '\r':
            g_string_append(out, "&#13;");
            break;
        case '\n':
        case '\t':
            if (attribute)
                g_string_append_printf(out, "&#%d;", c);
            else
                g_string_append_c(out, (char)c);
            break;
        default:
            if (c >= 0x20) /* XML has no other control characters */
                g_string_append_c(out, (char)c);
        }
    }
}

static void
write_value(Writer *w, const VirXmlRow *row, const void *slot, gboolean attribute)
{
    if (row->value == VIR_XML_STRING || row->value == VIR_XML_CODEC) {
        const char *text = *(char *const *)slot;

        escape(w->out, text, strlen(text), attribute);
    } else if (row->value == VIR_XML_ENUM) {
        g_string_truncate(w->value, 0);
        vir_xml_value_format(row, slot, w->value);
        escape(w->out, w->value->str, w->value->len, attribute);
    } else if (row->flags & VIR_XML_ROW_FITTING) {
        guint64 size = *(const guint64 *)slot;
        guint shift;

        vir_xml_fitting_unit(size, row->unit, &shift);
        g_string_append_printf(w->out, "%" G_GUINT64_FORMAT, size >> shift);
    } else {
        vir_xml_value_format(row, slot, w->out);
    }
}

static void
write_indent(Writer *w, guint indent)
{
    static const char blanks[] = "                                ";

    for (; indent >= sizeof(blanks) - 1; indent -= sizeof(blanks) - 1)
        g_string_append_len(w->out, blanks, sizeof(blanks) - 1);
    g_string_append_len(w->out, blanks, indent);
}

static void
write_name(Writer *w, const VirXmlNs *ns, const char *name)
{
    if (ns != NULL) {
        g_string_append(w->out, ns->prefix);
        g_string_append_c(w->out, ':');
    }
    g_string_append(w->out, name);
}

static void
note_namespace(Writer *w, const VirXmlNs *ns)
{
    for (guint i = 0; i < w->n_used; i++) {
        if (strcmp(w->used[i]->prefix, ns->prefix) == 0)
            return;
    }
    if (w->n_used < MAX_NAMESPACES)
        w->used[w->n_used++] = ns;
}

static void
write_attr(Writer *w, const char *name, const VirXmlRow *row, const void *slot)
{
    g_string_append_c(w->out, ' ');
    write_name(w, row->ns, name);
    g_string_append(w->out, "='");
    write_value(w, row, slot, TRUE);
    g_string_append_c(w->out, '\'');
}

static void
write_unit(Writer *w, const VirXmlRow *row, const void *slot)
{
    const char *unit = row->unit;
    guint shift;

    if (row->flags & VIR_XML_ROW_FITTING)
        unit = vir_xml_fitting_unit(*(const guint64 *)slot, unit, &shift);
    if (row->unit_attr != NULL)
        g_string_append_printf(w->out, " %s='%s'", row->unit_attr, unit);
}

/** The struct whose rows stand at the same element; NULL where it is not there. */
static const void *
same_element(const VirXmlRow *row, const void *obj)
{
    const void *sub = at(obj, row->offset);

    return row->kind == VIR_XML_ASIDE ? *(void *const *)sub : sub;
}

/** Attributes, those of rows at the same element included; *@text is the row that holds text. */
static void
write_attrs(Writer *w, const VirXmlRow *rows, guint n_rows, const void *obj, const VirXmlRow **text,
            const void **text_obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];

        if (row->kind == VIR_XML_SELF || row->kind == VIR_XML_ASIDE) {
            const void *sub = same_element(row, obj);

            if (sub != NULL && !skipped(w, row, obj))
                write_attrs(w, row->type->rows, row->type->n_rows, sub, text, text_obj);
            continue;
        }
        if ((row->kind != VIR_XML_ATTR && row->kind != VIR_XML_TEXT) || skipped(w, row, obj) ||
            !value_wanted(w, row, obj))
            continue;
        w->secrets |= (row->flags & VIR_XML_ROW_SECURE) != 0;
        if (row->kind == VIR_XML_ATTR)
            write_attr(w, row->name, row, at(obj, row->offset));
        write_unit(w, row, at(obj, row->offset));
        if (row->kind == VIR_XML_TEXT && *text == NULL) {
            *text = row;
            *text_obj = obj;
        }
    }
}

static void
write_leaf(Writer *w, guint indent, const VirXmlRow *row, const void *slot)
{
    gsize before;

    if (row->ns != NULL)
        note_namespace(w, row->ns);
    write_indent(w, indent);
    g_string_append_c(w->out, '<');
    write_name(w, row->ns, row->name);
    write_unit(w, row, slot);
    before = w->out->len;
    g_string_append_c(w->out, '>');
    if (row->value != VIR_XML_PRESENT)
        write_value(w, row, slot, FALSE);
    if (w->out->len == before + 1) {
        g_string_truncate(w->out, before);
        g_string_append(w->out, "/>\n");
        return;
    }
    g_string_append(w->out, "</");
    write_name(w, row->ns, row->name);
    g_string_append(w->out, ">\n");
}

static void
write_verbatim(Writer *w, guint indent, const char *text)
{
    write_indent(w, indent);
    g_string_append(w->out, text);
    g_string_append_c(w->out, '\n');
}

static void
write_list(Writer *w, guint indent, const VirXmlRow *row, const void *obj)
{
    char *const *items = *(char **const *)at(obj, row->offset);
    guint n = *(const guint *)at(obj, row->count);
    gsize size = vir_xml_value_size(row->value);
    Element element = {.name = row->name, .ns = row->ns, .flags = row->flags, .keep = TRUE};

    for (guint i = 0; i < n; i++) {
        if (row->kind == VIR_XML_CHILDREN)
            write_element(w, indent, &element, row->type->rows, row->type->n_rows, items[i]);
        else
            write_leaf(w, indent, row, (const char *)items + i * size);
    }
}

/** The row among @rows whose list has the item that comes next, after the @done ones of each. */
static const VirXmlRow *
next_mixed(const VirXmlRow *rows, guint n_rows, const void *obj, const guint *done, guint *index)
{
    const VirXmlRow *next = NULL;
    guint least = G_MAXUINT;

    for (guint i = 0; i < n_rows; i++) {
        const void *const *items = *(const void *const *const *)at(obj, rows[i].offset);
        guint place;

        if (done[i] == *(const guint *)at(obj, rows[i].count))
            continue;
        place = *(const guint *)at(items[done[i]], rows[i].has);
        if (next == NULL || place < least) {
            next = &rows[i];
            least = place;
            *index = i;
        }
    }
    return next;
}

/** Lists whose elements have one order: so many of the @n_rows at @rows. */
static guint
write_mixed(Writer *w, guint indent, const VirXmlRow *rows, guint n_rows, const void *obj)
{
    g_autofree guint *done = g_new0(guint, n_rows);
    const VirXmlRow *row;
    guint n = 0;
    guint i = 0;

    while (n < n_rows && (rows[n].flags & VIR_XML_ROW_MIXED))
        n++;
    while ((row = next_mixed(rows, n, obj, done, &i)) != NULL) {
        const void *const *items = *(const void *const *const *)at(obj, row->offset);
        Element element = {.name = row->name, .ns = row->ns, .flags = row->flags, .keep = TRUE};

        write_element(w, indent, &element, row->type->rows, row->type->n_rows, items[done[i]++]);
    }
    return n;
}

static void
write_sub(Writer *w, guint indent, const VirXmlRow *row, const void *obj)
{
    Element element = {.name = row->name, .ns = row->ns, .flags = row->flags};
    const void *sub = at(obj, row->offset);

    if (row->kind == VIR_XML_CHILD) {
        sub = *(void *const *)sub;
        element.keep = (row->flags & VIR_XML_ROW_DROP_EMPTY) == 0;
    } else if (row->flags & VIR_XML_ROW_PRESENT) {
        element.keep = *(const bool *)at(obj, row->has);
    } else {
        element.keep = (row->flags & VIR_XML_ROW_ALWAYS) != 0;
    }
    if (sub == NULL)
        return;
    if (row->type != NULL)
        write_element(w, indent, &element, row->type->rows, row->type->n_rows, sub);
    else
        write_element(w, indent, &element, row->rows, row->n_rows, obj);
}

static void
write_children(Writer *w, guint indent, const VirXmlRow *rows, guint n_rows, const void *obj)
{
    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];

        if (row->kind == VIR_XML_ATTR || row->kind == VIR_XML_TEXT || skipped(w, row, obj))
            continue;
        /* Whether there is anything in it does not matter: better once too often. */
        w->secrets |= (row->flags & VIR_XML_ROW_SECURE) != 0;
        switch ((VirXmlRowKind)row->kind) {
        case VIR_XML_LEAF:
            if (value_wanted(w, row, obj))
                write_leaf(w, indent, row, at(obj, row->offset));
            break;
        case VIR_XML_LEAVES:
        case VIR_XML_CHILDREN:
            if (row->flags & VIR_XML_ROW_MIXED)
                i += write_mixed(w, indent, row, n_rows - i, obj) - 1;
            else
                write_list(w, indent, row, obj);
            break;
        case VIR_XML_SELF:
        case VIR_XML_ASIDE:
            if (same_element(row, obj) != NULL)
                write_children(w, indent, row->type->rows, row->type->n_rows,
                               same_element(row, obj));
            break;
        case VIR_XML_VERBATIM:
            if (*(char *const *)at(obj, row->offset) != NULL)
                write_verbatim(w, indent, *(char *const *)at(obj, row->offset));
            break;
        default:
            write_sub(w, indent, row, obj);
        }
    }
}

/** FALSE where there was nothing to print and the element need not be kept. */
static gboolean
write_element(Writer *w, guint indent, const Element *element, const VirXmlRow *rows, guint n_rows,
              const void *obj)
{
    gsize start = w->out->len;
    gsize tag, inside;
    const VirXmlRow *text = NULL;
    const void *text_obj = NULL;
    gsize children;

    write_indent(w, indent);
    g_string_append_c(w->out, '<');
    write_name(w, element->ns, element->name);
    tag = w->out->len;
    write_attrs(w, rows, n_rows, obj, &text, &text_obj);
    inside = w->out->len;
    g_string_append_c(w->out, '>');
    if (text != NULL)
        write_value(w, text, at(text_obj, text->offset), FALSE);
    children = w->out->len;
    if (text == NULL)
        g_string_append_c(w->out, '\n');
    write_children(w, indent + 2, rows, n_rows, obj);
    if (text == NULL && w->out->len == children + 1 && !(element->flags & VIR_XML_ROW_PAIRED)) {
        if (inside == tag && !element->keep) {
            g_string_truncate(w->out, start);
            return FALSE;
        }
        g_string_truncate(w->out, inside);
        g_string_append(w->out, "/>\n");
    } else if (text != NULL && w->out->len == inside + 1) {
        g_string_truncate(w->out, inside);
        g_string_append(w->out, "/>\n");
    } else {
        if (text == NULL || w->out->len > children)
            write_indent(w, indent);
        g_string_append(w->out, "</");
        write_name(w, element->ns, element->name);
        g_string_append(w->out, ">\n");
    }
    if (element->ns != NULL)
        note_namespace(w, element->ns);
    return TRUE;
}

/** Declares the namespaces in use at the root element, which begins at @start. */
static void
declare_namespaces(Writer *w, gsize start)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *root = w->out->str + start;
    char quote = '\0';
    gsize i = 0;

    for (guint n = 0; n < w->n_used; n++)
        g_string_append_printf(text, " xmlns:%s='%s'", w->used[n]->prefix, w->used[n]->uri);
    for (; root[i] != '\0' && (quote != '\0' || (root[i] != '>' && root[i] != '/')); i++) {
        if (root[i] == '\'')
            quote = quote != '\0' ? '\0' : '\'';
    }
    g_string_insert_len(w->out, (gssize)(start + i), text->str, (gssize)text->len);
}

static gboolean
format_to(GString *out, guint indent, const VirXmlDoc *doc, const void *obj, unsigned flags,
          gboolean *secrets, GError **error)
{
    g_autoptr(GString) value = g_string_new(NULL);
    Writer w = {.out = out, .value = value, .flags = flags};
    Element element = {.name = doc->root, .keep = TRUE};
    gsize start = out->len;

    if (!vir_xml_validate(doc, obj, flags | VIR_XML_NO_CHECK, error))
        return FALSE;
    write_element(&w, indent, &element, doc->type->rows, doc->type->n_rows, obj);
    if (w.n_used > 0)
        declare_namespaces(&w, start);
    *secrets = w.secrets;
    return TRUE;
}

gboolean
vir_xml_format_to(GString *out, guint indent, const VirXmlDoc *doc, const void *obj, unsigned flags,
                  GError **error)
{
    gboolean secrets;

    return format_to(out, indent, doc, obj, flags, &secrets, error);
}

char *
vir_xml_format(const VirXmlDoc *doc, const void *obj, unsigned flags, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new(4096);

    if (!vir_xml_format_to(out, 0, doc, obj, flags, error))
        return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

gboolean
vir_xml_format_both(const VirXmlDoc *doc, const void *obj, unsigned flags, char **text,
                    char **secure, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new(4096);
    g_autofree char *whole = NULL;
    gboolean secrets = FALSE;

    if (!format_to(out, 0, doc, obj, flags | VIR_XML_SECURE, &secrets, error))
        return FALSE;
    whole = g_strndup(out->str, out->len);
    if (!secrets) {
        *text = g_steal_pointer(&whole);
        *secure = NULL;
        return TRUE;
    }
    g_string_truncate(out, 0);
    if (!format_to(out, 0, doc, obj, flags & ~(unsigned)VIR_XML_SECURE, &secrets, error))
        return FALSE;
    *text = g_strndup(out->str, out->len);
    *secure = g_steal_pointer(&whole);
    return TRUE;
}
