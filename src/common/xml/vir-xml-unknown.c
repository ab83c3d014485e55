/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-xml-unknown.h"

#include <string.h>

/* Rows that describe one element; several where rows of one name are told apart by guards. */
typedef struct {
    const VirXmlRow *rows;
    guint n;
} RowSet;

typedef struct {
    const VirXmlTree *tree;
    const char *name; /* NULL: short form */
    GPtrArray *out;
} Lister;

/* More names than this are no help. */
#define MAX_NAMES 24

static gboolean
is_in_place(const VirXmlRow *row)
{
    return row->kind == VIR_XML_SELF || row->kind == VIR_XML_ASIDE;
}

static gboolean
is_named(const VirXmlRow *row, const char *name, const char *ns)
{
    return row->name && strcmp(row->name, name) == 0 &&
           (row->ns ? ns && strcmp(row->ns->uri, ns) == 0 : !ns);
}

/* Each row of one element, those of embedded structs in their place. */
static void
each_row(const RowSet *set, GFunc visit, gpointer data)
{
    for (guint i = 0; i < set->n; i++) {
        const VirXmlRow *row = &set->rows[i];

        if (is_in_place(row))
            each_row(&(RowSet){row->type->rows, row->type->n_rows}, visit, data);
        else
            visit((gpointer)row, data);
    }
}

static void
each_row_of(const GArray *sets, GFunc visit, gpointer data)
{
    for (guint i = 0; i < sets->len; i++)
        each_row(&g_array_index(sets, RowSet, i), visit, data);
}

typedef struct {
    const char *name;
    const char *ns;
    gboolean attr;
    GArray *sets;     /* of the element called @name; NULL: not asked for */
    gboolean known;   /* a row has the name */
    gboolean repeats; /* and may be there several times */
    gboolean opaque;  /* and keeps what is in it as it is */
    GPtrArray *names; /* all that may stand here; borrowed */
} Search;

static void
visit_row(gpointer item, gpointer data)
{
    const VirXmlRow *row = item;
    Search *search = data;
    RowSet set;

    if ((row->kind == VIR_XML_ATTR) != search->attr || row->kind == VIR_XML_TEXT)
        return;
    if (row->name && !row->ns &&
        !g_ptr_array_find_with_equal_func(search->names, row->name, g_str_equal, NULL))
        g_ptr_array_add(search->names, (gpointer)row->name);
    if (search->attr && row->kind == VIR_XML_ATTR && row->unit_attr && row->value == VIR_XML_SIZE &&
        strcmp(row->unit_attr, search->name) == 0)
        search->known = TRUE;
    if (!is_named(row, search->name, search->ns))
        return;
    search->known = TRUE;
    search->repeats |= row->kind == VIR_XML_CHILDREN || row->kind == VIR_XML_LEAVES;
    search->opaque |= row->kind == VIR_XML_VERBATIM;
    if (!search->sets)
        return;
    set =
        row->type ? (RowSet){row->type->rows, row->type->n_rows} : (RowSet){row->rows, row->n_rows};
    if (set.n > 0)
        g_array_append_val(search->sets, set);
}

static guint
distance(const char *a, const char *b)
{
    gsize n = strlen(b);
    g_autofree guint *row = g_new(guint, n + 1);

    for (gsize j = 0; j <= n; j++)
        row[j] = (guint)j;
    for (gsize i = 1; a[i - 1]; i++) {
        guint diagonal = row[0];

        row[0] = (guint)i;
        for (gsize j = 1; j <= n; j++) {
            guint above = row[j];
            guint same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]) ? 0 : 1;

            row[j] = MIN(MIN(above, row[j - 1]) + 1, diagonal + same);
            diagonal = above;
        }
    }
    return row[n];
}

/* The name that was probably meant, or NULL. */
static const char *
nearest(const char *word, const GPtrArray *names)
{
    const char *best = NULL;
    guint least = (guint)MIN(strlen(word), 64) / 3 + 1;

    if (strlen(word) > 64)
        return NULL;
    for (guint i = 0; i < names->len; i++) {
        guint far = distance(word, names->pdata[i]);

        if (far < least || (far == least && !best && far < strlen(word))) {
            least = far;
            best = names->pdata[i];
        }
    }
    return best;
}

static void
add_names(GString *text, const Search *search)
{
    const char *open = search->attr ? "'" : "<";
    const char *close = search->attr ? "'" : ">";
    const char *meant = nearest(search->name, search->names);

    if (meant) {
        g_string_append_printf(text, "; did you mean %s%s%s?", open, meant, close);
        return;
    }
    if (search->names->len == 0) {
        g_string_append_printf(text, "; the element has no %s",
                               search->attr ? "attributes" : "elements within");
        return;
    }
    for (guint i = 0; i < MIN(search->names->len, MAX_NAMES); i++)
        g_string_append_printf(text, "%s%s%s%s", i ? ", " : "; known here: ", open,
                               (const char *)search->names->pdata[i], close);
    if (search->names->len > MAX_NAMES)
        g_string_append(text, ", …");
}

static void
add_finding(const Lister *lister, const VirXmlNode *node, gsize offset, const Search *search)
{
    g_autofree char *path = vir_xml_node_path(node);
    g_autoptr(GString) text = g_string_new(NULL);
    guint line, column;

    vir_xml_tree_position(lister->tree, offset, &line, &column);
    if (!lister->name) {
        g_string_append_printf(text, "%s%s%s, line %u", path, search->attr ? "/@" : "",
                               search->attr ? search->name : "", line);
    } else {
        g_string_append_printf(text, "%s:%u:%u: %s%s%s: ", lister->name, line, column, path,
                               search->attr ? "/@" : "", search->attr ? search->name : "");
        if (search->known && !search->attr && !search->repeats)
            g_string_append(text, "the element has no meaning here, or stands here a second time");
        else if (search->known)
            g_string_append_printf(text, "the %s has no meaning with the other values given here",
                                   search->attr ? "attribute" : "element");
        else
            g_string_append_printf(text, "no such %s", search->attr ? "attribute" : "element");
        if (!search->known)
            add_names(text, search);
    }
    g_ptr_array_add(lister->out, g_string_free(g_steal_pointer(&text), FALSE));
}

static void
list_node(const Lister *lister, const VirXmlNode *node, const GArray *sets)
{
    for (guint i = 0; i < node->n_attrs; i++) {
        const VirXmlNodeAttr *attr = &node->attrs[i];
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        Search search = {.name = attr->name, .ns = attr->ns, .attr = TRUE, .names = names};

        if (attr->used)
            continue;
        each_row_of(sets, visit_row, &search);
        add_finding(lister, node, vir_xml_tree_attr_offset(lister->tree, node, attr->name),
                    &search);
    }
    for (const VirXmlNode *child = node->first; child; child = child->next) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        g_autoptr(GArray) inner = g_array_new(FALSE, FALSE, sizeof(RowSet));
        Search search = {.name = child->name, .ns = child->ns, .sets = inner, .names = names};

        each_row_of(sets, visit_row, &search);
        if (!child->used)
            add_finding(lister, child, child->start, &search);
        else if (!search.opaque)
            list_node(lister, child, inner);
    }
}

void
vir_xml_list_unknown(const VirXmlTree *tree, const VirXmlDoc *doc, const char *name, GPtrArray *out)
{
    g_autoptr(GArray) sets = g_array_new(FALSE, FALSE, sizeof(RowSet));
    RowSet root = {doc->type->rows, doc->type->n_rows};
    Lister lister = {tree, name, out};

    g_array_append_val(sets, root);
    list_node(&lister, vir_xml_tree_root(tree), sets);
}
