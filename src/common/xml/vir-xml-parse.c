/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-xml-tree.h"
#include "vir-xml-unknown.h"
#include "vir-xml-value.h"

#include <string.h>

typedef struct {
    VirXmlTree *tree;
    const char *name;
    unsigned flags;
    GError **error;
} Reader;

static gboolean read_rows(Reader *r, const VirXmlRow *rows, guint n_rows, void *obj,
                          VirXmlNode *node);

static void *
at(void *obj, guint16 offset)
{
    return (char *)obj + offset;
}

/** Refuses @node or, with @attr, that attribute of it. */
static gboolean
refuse(Reader *r, const VirXmlNode *node, const char *attr, const char *why)
{
    g_autofree char *path = vir_xml_node_path(node);
    gsize offset = attr != NULL ? vir_xml_tree_attr_offset(r->tree, node, attr) : node->start;
    guint line, column;

    vir_xml_tree_position(r->tree, offset, &line, &column);
    return vir_error_set(r->error, VIR_ERR_XML_ERROR, "%s:%u:%u: %s%s%s: %s", r->name, line, column,
                         path, attr != NULL ? "/@" : "", attr != NULL ? attr : "", why);
}

static gboolean
missing(Reader *r, const VirXmlNode *node, const VirXmlRow *row)
{
    g_autofree char *why = NULL;

    if (row->kind == VIR_XML_ATTR)
        why = g_strdup_printf("attribute '%s' is missing", row->name);
    else if (row->kind == VIR_XML_TEXT)
        why = g_strdup("the element has no text");
    else
        why = g_strdup_printf("element <%s> is missing", row->name);
    return refuse(r, node, NULL, why);
}

static gboolean
ns_matches(const VirXmlRow *row, const char *ns)
{
    return row->ns == NULL ? ns == NULL : ns != NULL && strcmp(row->ns->uri, ns) == 0;
}

static VirXmlNodeAttr *
find_attr(VirXmlNode *node, const char *name, const VirXmlRow *row)
{
    for (guint i = 0; i < node->n_attrs; i++) {
        VirXmlNodeAttr *attr = &node->attrs[i];

        if (strcmp(attr->name, name) == 0 && (row == NULL || ns_matches(row, attr->ns)))
            return attr;
    }
    return NULL;
}

static VirXmlNode *
find_child(const VirXmlRow *row, VirXmlNode *from)
{
    for (VirXmlNode *child = from; child != NULL; child = child->next) {
        if (!child->used && strcmp(child->name, row->name) == 0 && ns_matches(row, child->ns))
            return child;
    }
    return NULL;
}

static gboolean
read_value(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node, VirXmlNodeAttr *attr)
{
    const char *text = attr != NULL ? attr->value : node->text != NULL ? node->text : "";
    VirXmlNodeAttr *unit = NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *stripped = NULL;
    gboolean kept = TRUE;

    if (row->unit_attr != NULL)
        unit = find_attr(node, row->unit_attr, NULL);
    if (unit != NULL)
        unit->used = true;
    if (attr == NULL && row->value != VIR_XML_STRING && row->value != VIR_XML_CODEC)
        text = stripped = g_strstrip(g_strdup(text));
    /* Another row may have filled the member from a second place: the last one stands. */
    vir_xml_value_clear(row, at(obj, row->offset));
    if (!vir_xml_value_parse(row, text, unit != NULL ? unit->value : NULL, r->flags,
                             at(obj, row->offset), &kept, &why))
        return refuse(r, node, attr != NULL ? attr->name : NULL, why->message);
    if (kept && (row->flags & VIR_XML_ROW_HAS))
        *(bool *)at(obj, row->has) = true;
    return TRUE;
}

static gboolean
read_attr(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    VirXmlNodeAttr *attr = find_attr(node, row->name, row);

    if (attr == NULL && (row->flags & VIR_XML_ROW_IMPLIED))
        *(guint8 *)at(obj, row->offset) = (guint8)row->def;
    if (attr == NULL)
        return (row->flags & (VIR_XML_ROW_REQUIRED | VIR_XML_ROW_NEEDED)) ? missing(r, node, row)
                                                                          : TRUE;
    attr->used = true;
    if (*attr->value == '\0' && (row->flags & VIR_XML_ROW_DROP_EMPTY) &&
        (row->flags & VIR_XML_ROW_REQUIRED))
        return missing(r, node, row);
    return read_value(r, row, obj, node, attr);
}

static gboolean
read_text(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    if (node->text == NULL ||
        (node->first != NULL && strspn(node->text, " \t\r\n") == strlen(node->text)))
        return (row->flags & VIR_XML_ROW_REQUIRED) ? missing(r, node, row) : TRUE;
    return read_value(r, row, obj, node, NULL);
}

static gboolean
read_leaf(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    VirXmlNode *child = find_child(row, node->first);

    if (child == NULL)
        return (row->flags & VIR_XML_ROW_REQUIRED) ? missing(r, node, row) : TRUE;
    child->used = true;
    if ((row->flags & VIR_XML_ROW_DROP_EMPTY) && (row->flags & VIR_XML_ROW_REQUIRED) &&
        (child->text == NULL || *child->text == '\0'))
        return refuse(r, child, NULL, "the element is empty");
    return read_value(r, row, obj, child, NULL);
}

static guint
count_children(const VirXmlRow *row, VirXmlNode *node)
{
    guint n = 0;

    for (VirXmlNode *child = node->first; child != NULL; child = child->next)
        n += !child->used && strcmp(child->name, row->name) == 0 && ns_matches(row, child->ns);
    return n;
}

static gboolean
read_leaves(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    guint n = count_children(row, node);
    gsize size = vir_xml_value_size(row->value);
    VirXmlNode *child = node->first;
    guint *count = at(obj, row->count);
    char *items;

    if (n == 0 || *count > 0)
        return TRUE;
    items = g_malloc0(n * size);
    *(void **)at(obj, row->offset) = items;
    while ((child = find_child(row, child)) != NULL) {
        VirXmlRow item = *row;

        child->used = true;
        item.offset = 0;
        item.flags = 0;
        (*count)++;
        if (!read_value(r, &item, items + (*count - 1) * size, child, NULL))
            return FALSE;
    }
    return TRUE;
}

static gboolean
run_check(Reader *r, const VirXmlType *type, const void *obj, VirXmlNode *node)
{
    g_autoptr(GError) why = NULL;

    if (type->check == NULL || (r->flags & VIR_XML_NO_CHECK) || type->check(obj, &why))
        return TRUE;
    return refuse(r, node, NULL, why->message);
}

static guint
count_rows(const VirXmlType *type, const char *name)
{
    guint n = 0;

    for (guint i = 0; i < type->n_rows; i++)
        n += type->rows[i].kind != VIR_XML_ATTR && g_strcmp0(type->rows[i].name, name) == 0;
    return n;
}

static gboolean
check_closed(Reader *r, const VirXmlType *type, const VirXmlNode *node)
{
    for (const VirXmlNode *child = node->first; type->closed && child != NULL;
         child = child->next) {
        if (!child->used && child->ns == NULL && count_rows(type, child->name) == 0)
            return refuse(r, child, NULL, "no such element, and what it stands for would be lost");
    }
    return TRUE;
}

static gboolean
read_struct(Reader *r, const VirXmlType *type, void *obj, VirXmlNode *node)
{
    return read_rows(r, type->rows, type->n_rows, obj, node) && check_closed(r, type, node) &&
           run_check(r, type, obj, node);
}

static gboolean
has_required(const VirXmlType *type)
{
    for (guint i = 0; i < type->n_rows; i++) {
        if (type->rows[i].flags & VIR_XML_ROW_REQUIRED)
            return TRUE;
    }
    return FALSE;
}

/** The struct stays only where the element has something for it; what is required is there. */
static gboolean
read_aside(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    void **slot = at(obj, row->offset);

    if (*slot == NULL)
        *slot = vir_xml_new(row->type);
    if (!read_struct(r, row->type, *slot, node))
        return FALSE;
    if (!has_required(row->type) &&
        !vir_xml_has_content(row->type->rows, row->type->n_rows, *slot)) {
        vir_xml_free(row->type, *slot);
        *slot = NULL;
    }
    return TRUE;
}

static gboolean
read_group(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    VirXmlNode *child = find_child(row, node->first);
    const VirXmlNode *again;

    if (child == NULL)
        return (row->flags & VIR_XML_ROW_REQUIRED) ? missing(r, node, row) : TRUE;
    child->used = true;
    if ((row->flags & VIR_XML_ROW_ONCE) && (again = find_child(row, child->next)) != NULL)
        return refuse(r, again, NULL, "there can be one only");
    if (row->flags & VIR_XML_ROW_PRESENT)
        *(bool *)at(obj, row->has) = true;
    if (row->type != NULL)
        return read_struct(r, row->type, at(obj, row->offset), child);
    return read_rows(r, row->rows, row->n_rows, obj, child);
}

static gboolean
read_child(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    VirXmlNode *child = find_child(row, node->first);
    const VirXmlNode *again;
    void **slot = at(obj, row->offset);

    if (child == NULL)
        return (row->flags & VIR_XML_ROW_REQUIRED) ? missing(r, node, row) : TRUE;
    if (*slot != NULL)
        return TRUE;
    child->used = true;
    if ((row->flags & VIR_XML_ROW_ONCE) && (again = find_child(row, child->next)) != NULL)
        return refuse(r, again, NULL, "there can be one only");
    *slot = vir_xml_new(row->type);
    return read_struct(r, row->type, *slot, child);
}

static gboolean
read_children(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    guint n = count_children(row, node);
    VirXmlNode *child = node->first;
    guint *count = at(obj, row->count);
    void **items;

    if (n == 0 && (row->flags & VIR_XML_ROW_REQUIRED))
        return missing(r, node, row);
    if (n == 0 || *count > 0)
        return TRUE;
    items = g_new0(void *, n);
    *(void ***)at(obj, row->offset) = items;
    while ((child = find_child(row, child)) != NULL) {
        child->used = true;
        items[*count] = vir_xml_new(row->type);
        (*count)++;
        if (!read_struct(r, row->type, items[*count - 1], child))
            return FALSE;
    }
    return TRUE;
}

static gboolean
follows_mixed(const VirXmlRow *rows, guint i)
{
    return i > 0 && (rows[i - 1].flags & VIR_XML_ROW_MIXED) != 0;
}

/** Lists whose elements have one order: their rows are neighbours, the first of them reads all. */
static gboolean
read_mixed(Reader *r, const VirXmlRow *rows, guint n_rows, void *obj, VirXmlNode *node)
{
    guint place = 0;

    for (VirXmlNode *child = node->first; child != NULL; child = child->next) {
        for (guint i = 0; i < n_rows && (rows[i].flags & VIR_XML_ROW_MIXED); i++) {
            const VirXmlRow *row = &rows[i];
            void *item;

            if (child->used || strcmp(child->name, row->name) != 0 || !ns_matches(row, child->ns))
                continue;
            child->used = true;
            item = vir_xml_new(row->type);
            *(guint *)at(item, row->has) = ++place;
            vir_xml_array_insert(at(obj, row->offset), at(obj, row->count),
                                 *(guint *)at(obj, row->count), item);
            if (!read_struct(r, row->type, item, child))
                return FALSE;
        }
    }
    return TRUE;
}

static void
mark_used(VirXmlNode *node)
{
    node->used = true;
    for (guint i = 0; i < node->n_attrs; i++)
        node->attrs[i].used = true;
    for (VirXmlNode *child = node->first; child != NULL; child = child->next)
        mark_used(child);
}

static gboolean
read_verbatim(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    VirXmlNode *child = find_child(row, node->first);
    char **slot = at(obj, row->offset);

    if (child == NULL || *slot != NULL)
        return TRUE;
    mark_used(child);
    *slot = vir_xml_tree_verbatim(r->tree, child, (row->flags & VIR_XML_ROW_FOREIGN) != 0);
    return TRUE;
}

/** Rows that these flags switch off are no mistake of the document: they are passed in silence. */
static void
skip_row(const VirXmlRow *row, VirXmlNode *node)
{
    if (row->kind == VIR_XML_ATTR) {
        VirXmlNodeAttr *attr = find_attr(node, row->name, row);

        if (attr != NULL)
            attr->used = true;
    } else if (row->kind != VIR_XML_TEXT && row->kind != VIR_XML_SELF &&
               row->kind != VIR_XML_ASIDE) {
        for (VirXmlNode *child = node->first; (child = find_child(row, child)) != NULL;)
            mark_used(child);
    }
}

static gboolean
read_row(Reader *r, const VirXmlRow *row, void *obj, VirXmlNode *node)
{
    switch ((VirXmlRowKind)row->kind) {
    case VIR_XML_ATTR:
        return read_attr(r, row, obj, node);
    case VIR_XML_TEXT:
        return read_text(r, row, obj, node);
    case VIR_XML_LEAF:
        return read_leaf(r, row, obj, node);
    case VIR_XML_LEAVES:
        return read_leaves(r, row, obj, node);
    case VIR_XML_GROUP:
        return read_group(r, row, obj, node);
    case VIR_XML_CHILD:
        return read_child(r, row, obj, node);
    case VIR_XML_CHILDREN:
        return read_children(r, row, obj, node);
    case VIR_XML_SELF:
        return read_struct(r, row->type, at(obj, row->offset), node);
    case VIR_XML_ASIDE:
        return read_aside(r, row, obj, node);
    case VIR_XML_VERBATIM:
        return read_verbatim(r, row, obj, node);
    }
    return TRUE;
}

/** Of the rows that are alternatives, the one whose element comes first in the document. */
static const VirXmlRow *
find_alternative(const VirXmlRow *rows, guint n_rows, const VirXmlNode *node)
{
    for (const VirXmlNode *child = node->first; child != NULL; child = child->next) {
        for (guint i = 0; i < n_rows; i++) {
            if ((rows[i].flags & VIR_XML_ROW_ALTERNATIVE) &&
                strcmp(child->name, rows[i].name) == 0 && ns_matches(&rows[i], child->ns))
                return &rows[i];
        }
    }
    return NULL;
}

static gboolean
read_rows(Reader *r, const VirXmlRow *rows, guint n_rows, void *obj, VirXmlNode *node)
{
    const VirXmlRow *chosen = NULL;

    for (guint i = 0; i < n_rows; i++) {
        const VirXmlRow *row = &rows[i];

        if (row->n_guards > 0 && !vir_xml_guards_hold(row, obj))
            continue;
        if (row->flags & VIR_XML_ROW_ALTERNATIVE) {
            if (chosen == NULL && (chosen = find_alternative(rows, n_rows, node)) == NULL)
                continue;
            if (row != chosen)
                continue;
        }
        if (((row->flags & VIR_XML_ROW_LIVE) && (r->flags & VIR_XML_INACTIVE)) ||
            ((row->flags & VIR_XML_ROW_STATUS) && !(r->flags & VIR_XML_STATUS)))
            skip_row(row, node);
        else if (!(row->flags & VIR_XML_ROW_MIXED)
                     ? !read_row(r, row, obj, node)
                     : !follows_mixed(rows, i) && !read_mixed(r, row, n_rows - i, obj, node))
            return FALSE;
    }
    return TRUE;
}

/* What no row described; with VIR_XML_STRICT it is not passed over. */
static gboolean
report_unknown(Reader *r, const VirXmlDoc *doc, GPtrArray **ignored)
{
    gboolean strict = (r->flags & VIR_XML_STRICT) != 0;
    g_autoptr(GPtrArray) list = NULL;

    if (!strict && ignored == NULL)
        return TRUE;
    list = g_ptr_array_new_with_free_func(g_free);
    vir_xml_list_unknown(r->tree, doc, strict ? r->name : NULL, list);
    if (ignored != NULL)
        *ignored = g_ptr_array_ref(list);
    if (!strict || list->len == 0)
        return TRUE;
    if (list->len == 1)
        return vir_error_set(r->error, VIR_ERR_XML_INVALID_SCHEMA, "%s",
                             (const char *)list->pdata[0]);
    return vir_error_set(r->error, VIR_ERR_XML_INVALID_SCHEMA, "%s (and %u more)",
                         (const char *)list->pdata[0], list->len - 1);
}

static gboolean
find_doc(const VirXmlDoc *const *docs, guint n, const VirXmlNode *root, guint *which)
{
    for (guint i = 0; i < n; i++) {
        if (strcmp(docs[i]->root, root->name) == 0) {
            *which = i;
            return TRUE;
        }
    }
    return FALSE;
}

void *
vir_xml_parse_any(const VirXmlDoc *const *docs, guint n, const char *text, gssize len,
                  const char *name, unsigned flags, guint *which, GPtrArray **ignored,
                  GError **error)
{
    g_autoptr(VirXmlTree) tree = NULL;
    VirXmlNode *root;
    Reader r = {.name = name, .flags = flags, .error = error};
    guint index = 0;
    void *obj;

    tree = vir_xml_tree_new(text, len < 0 ? strlen(text) : (gsize)len, name, error);
    if (tree == NULL)
        return NULL;
    r.tree = tree;
    root = vir_xml_tree_root(tree);
    if (!find_doc(docs, n, root, &index)) {
        g_autofree char *why = g_strdup_printf("expected the root element <%s>%s", docs[0]->root,
                                               n > 1 ? " or another of its kind" : "");

        refuse(&r, root, NULL, why);
        return NULL;
    }
    if (which != NULL)
        *which = index;
    root->used = true;
    obj = vir_xml_new(docs[index]->type);
    if (!read_struct(&r, docs[index]->type, obj, root) ||
        !report_unknown(&r, docs[index], ignored)) {
        vir_xml_free(docs[index]->type, obj);
        return NULL;
    }
    return obj;
}

void *
vir_xml_parse(const VirXmlDoc *doc, const char *text, gssize len, const char *name, unsigned flags,
              GPtrArray **ignored, GError **error)
{
    return vir_xml_parse_any(&doc, 1, text, len, name, flags, NULL, ignored, error);
}
