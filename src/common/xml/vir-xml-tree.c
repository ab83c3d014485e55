/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-xml-tree.h"

#include "vir-error.h"
#include "vir-xml.h"
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#define BLOCK_SIZE 16384

typedef struct Block Block;
struct Block {
    Block *next;
    gsize used;
    gsize size;
};

struct VirXmlTree {
    const char *text; /* what the parser got, UTF-8 */
    gsize len;
    char *converted; /* owner of text where it was converted */
    gsize lines_before;
    VirXmlNode *root;
    xmlDictPtr dict;
    Block *blocks;
    /* while parsing */
    const char *name;
    xmlParserCtxtPtr ctxt;
    VirXmlNode *at;
    guint depth;
    guint n_nodes;
    GError *error;
};

static void *
tree_alloc(VirXmlTree *tree, gsize size)
{
    Block *block = tree->blocks;
    void *out;

    size = (size + 7) & ~(gsize)7;
    if (block == NULL || block->size - block->used < size) {
        gsize room = MAX(size, BLOCK_SIZE - sizeof(Block));

        block = g_malloc(sizeof(Block) + room);
        block->used = 0;
        block->size = room;
        block->next = tree->blocks;
        tree->blocks = block;
    }
    out = (char *)(block + 1) + block->used;
    block->used += size;
    return out;
}

static char *
tree_text(VirXmlTree *tree, const xmlChar *text, gsize len)
{
    char *out = tree_alloc(tree, len + 1);

    memcpy(out, text, len);
    out[len] = '\0';
    return out;
}

void
vir_xml_tree_free(VirXmlTree *tree)
{
    if (tree == NULL)
        return;
    while (tree->blocks != NULL) {
        Block *next = tree->blocks->next;

        g_free(tree->blocks);
        tree->blocks = next;
    }
    if (tree->dict != NULL)
        xmlDictFree(tree->dict);
    g_clear_error(&tree->error);
    g_free(tree->converted);
    g_free(tree);
}

VirXmlNode *
vir_xml_tree_root(const VirXmlTree *tree)
{
    return tree->root;
}

void
vir_xml_tree_position(const VirXmlTree *tree, gsize offset, guint *line, guint *column)
{
    const char *text = tree->text;
    const char *end = text + MIN(offset, tree->len);
    const char *start = text;

    *line = 1 + (guint)tree->lines_before;
    for (const char *at = text; (at = memchr(at, '\n', (gsize)(end - at))) != NULL; at++) {
        (*line)++;
        start = at + 1;
    }
    *column = 1;
    for (; start < end; start++)
        *column += ((guchar)*start & 0xc0) != 0x80;
}

gsize
vir_xml_tree_attr_offset(const VirXmlTree *tree, const VirXmlNode *node, const char *name)
{
    gsize n = strlen(name);
    char quote = '\0';

    for (gsize i = node->start; i + n < tree->len; i++) {
        char c = tree->text[i];

        if (quote != '\0') {
            if (c == quote)
                quote = '\0';
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '>') {
            break;
        } else if (g_ascii_isspace(c) && strncmp(tree->text + i + 1, name, n) == 0 &&
                   strchr("= \t\r\n", tree->text[i + 1 + n]) != NULL) {
            return i + 1;
        }
    }
    return node->start;
}

static gsize
consumed(const VirXmlTree *tree)
{
    long at = xmlByteConsumed(tree->ctxt);

    return at < 0 ? 0 : MIN((gsize)at, tree->len);
}

static void
refuse(VirXmlTree *tree, const char *why)
{
    guint line, column;

    if (tree->error == NULL) {
        vir_xml_tree_position(tree, consumed(tree), &line, &column);
        vir_error_set(&tree->error, VIR_ERR_XML_DETAIL, "%s:%u:%u: %s", tree->name, line, column,
                      why);
    }
    xmlStopParser(tree->ctxt);
}

static void
copy_attrs(VirXmlTree *tree, VirXmlNode *node, int n, const xmlChar **attrs)
{
    node->n_attrs = (guint)n;
    node->attrs = tree_alloc(tree, (gsize)n * sizeof(VirXmlNodeAttr));
    for (int i = 0; i < n; i++, attrs += 5) {
        node->attrs[i] = (VirXmlNodeAttr){
            .name = (const char *)attrs[0],
            .prefix = (const char *)attrs[1],
            .ns = (const char *)attrs[2],
            .value = tree_text(tree, attrs[3], (gsize)(attrs[4] - attrs[3])),
        };
    }
}

static void
copy_namespaces(VirXmlTree *tree, VirXmlNode *node, int n, const xmlChar **namespaces)
{
    const char **declared = tree_alloc(tree, (gsize)n * sizeof(char *));

    for (int i = 0; i < n; i++)
        declared[i] = namespaces[2 * i] != NULL ? (const char *)namespaces[2 * i] : "";
    node->declared = declared;
    node->n_declared = (guint)n;
}

static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
         int n_namespaces, const xmlChar **namespaces, int n_attrs, int n_defaulted,
         const xmlChar **attrs)
{
    VirXmlTree *tree = data;
    VirXmlNode *node;
    VirXmlNode *parent = tree->at;
    gsize at = consumed(tree);

    if (tree->depth >= VIR_XML_MAX_DEPTH)
        return refuse(tree, "elements are nested too deeply");
    tree->n_nodes += 1 + (guint)n_attrs;
    if (tree->n_nodes > VIR_XML_MAX_NODES)
        return refuse(tree, "too many elements and attributes");
    node = tree_alloc(tree, sizeof(*node));
    *node = (VirXmlNode){
        .name = (const char *)name,
        .prefix = (const char *)prefix,
        .ns = (const char *)uri,
        .parent = parent,
    };
    while (at > 0 && (at == tree->len || tree->text[at] != '<'))
        at--;
    node->start = at;
    if (n_attrs > 0)
        copy_attrs(tree, node, n_attrs, attrs);
    if (n_namespaces > 0)
        copy_namespaces(tree, node, n_namespaces, namespaces);
    if (parent == NULL)
        tree->root = node;
    else if (parent->last == NULL)
        parent->first = node;
    else
        parent->last->next = node;
    if (parent != NULL)
        parent->last = node;
    tree->at = node;
    tree->depth++;
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    VirXmlTree *tree = data;

    if (tree->at == NULL)
        return;
    tree->at->end = consumed(tree);
    tree->at = tree->at->parent;
    tree->depth--;
}

static gboolean
all_blank(const xmlChar *text, int len)
{
    for (int i = 0; i < len; i++) {
        if (!g_ascii_isspace(text[i]))
            return FALSE;
    }
    return TRUE;
}

static void
on_text(void *data, const xmlChar *text, int len)
{
    VirXmlTree *tree = data;
    VirXmlNode *node = tree->at;
    gsize old;
    char *joined;

    if (node == NULL || len <= 0 || (node->first != NULL && all_blank(text, len)))
        return;
    if (node->text == NULL) {
        node->text = tree_text(tree, text, (gsize)len);
        return;
    }
    /* A text comes in pieces only around references, CDATA and buffer ends: rare and few. */
    old = strlen(node->text);
    joined = tree_alloc(tree, old + (gsize)len + 1);
    memcpy(joined, node->text, old);
    memcpy(joined + old, text, (gsize)len);
    joined[old + (gsize)len] = '\0';
    node->text = joined;
}

static void
on_doctype(void *data, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    refuse(data, "a document type declaration is not accepted");
}

static void
on_error(void *data, xmlErrorPtr e)
{
    VirXmlTree *tree = data;
    g_autofree char *text = NULL;
    guint line, column;

    if (tree->error != NULL || e->level < XML_ERR_FATAL)
        return;
    text = g_strdup(e->message != NULL ? e->message : "not well-formed");
    g_strchomp(text);
    vir_xml_tree_position(tree, consumed(tree), &line, &column);
    vir_error_set(&tree->error, VIR_ERR_XML_DETAIL, "%s:%u:%u: %s", tree->name, line, column, text);
}

/** Value of the encoding in an XML declaration of @len bytes, or NULL. */
static char *
declared_encoding(const char *text, gsize len)
{
    g_autofree char *declaration = g_strndup(text, len);
    char *at = strstr(declaration, "encoding");
    char *end;

    if (at == NULL)
        return NULL;
    at += strlen("encoding");
    while (g_ascii_isspace(*at) || *at == '=')
        at++;
    if (*at != '\'' && *at != '"')
        return NULL;
    end = strchr(at + 1, *at);
    return end != NULL ? g_strndup(at + 1, (gsize)(end - at - 1)) : NULL;
}

static gboolean
refuse_text(const VirXmlTree *tree, gsize offset, GError **error)
{
    guint line, column;

    vir_xml_tree_position(tree, offset, &line, &column);
    return vir_error_set(error, VIR_ERR_XML_DETAIL, "%s:%u:%u: the document is not UTF-8",
                         tree->name, line, column);
}

/** Sets the tree's text: without byte order mark and XML declaration, in UTF-8. */
static gboolean
take_text(VirXmlTree *tree, const char *text, gsize len, GError **error)
{
    g_autofree char *encoding = NULL;
    const char *end;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (len >= 6 && memcmp(text, "<?xml", 5) == 0 && g_ascii_isspace(text[5])) {
        end = g_strstr_len(text, (gssize)len, "?>");
        if (end == NULL)
            return vir_error_set(error, VIR_ERR_XML_DETAIL,
                                 "%s:1:1: the XML declaration has no end", tree->name);
        end += 2;
        encoding = declared_encoding(text, (gsize)(end - text));
        for (const char *at = text; at < end; at++)
            tree->lines_before += *at == '\n';
        len -= (gsize)(end - text);
        text = end;
    }
    tree->text = text;
    tree->len = len;
    if (encoding != NULL && g_ascii_strcasecmp(encoding, "UTF-8") != 0 &&
        g_ascii_strcasecmp(encoding, "US-ASCII") != 0) {
        g_autoptr(GError) why = NULL;
        gsize written = 0;

        tree->converted = g_convert(text, (gssize)len, "UTF-8", encoding, NULL, &written, &why);
        if (tree->converted == NULL)
            return vir_error_set(error, VIR_ERR_XML_DETAIL, "%s:1:1: encoding '%s': %s", tree->name,
                                 encoding, why->message);
        tree->text = tree->converted;
        tree->len = written;
    }
    /* Else libxml2 would guess an encoding from the first bytes, and offsets would be none of ours.
     */
    if (!g_utf8_validate(tree->text, (gssize)tree->len, &end))
        return refuse_text(tree, (gsize)(end - tree->text), error);
    if (tree->len > VIR_XML_MAX_SIZE)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: a document may have %d bytes",
                             tree->name, VIR_XML_MAX_SIZE);
    return TRUE;
}

static void
run_parser(VirXmlTree *tree)
{
    xmlParserCtxtPtr ctxt = xmlCreateMemoryParserCtxt(tree->text, (int)tree->len);

    if (ctxt == NULL) {
        vir_error_set(&tree->error, VIR_ERR_XML_DETAIL, "%s:1:1: the document is empty",
                      tree->name);
        return;
    }
    *ctxt->sax = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_doctype,
        .serror = on_error,
    };
    ctxt->sax2 = 1;
    ctxt->userData = tree;
    /* NOENT turns &amp; of attributes into text; there are no entities but those of XML. */
    xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT);
    tree->ctxt = ctxt;
    tree->dict = ctxt->dict;
    xmlDictReference(tree->dict);
    xmlParseDocument(ctxt);
    if (tree->error == NULL && (!ctxt->wellFormed || tree->root == NULL))
        vir_error_set(&tree->error, VIR_ERR_XML_DETAIL, "%s: the document is not well-formed",
                      tree->name);
    if (ctxt->myDoc != NULL)
        xmlFreeDoc(ctxt->myDoc);
    tree->ctxt = NULL;
    xmlFreeParserCtxt(ctxt);
}

VirXmlTree *
vir_xml_tree_new(const char *text, gsize len, const char *name, GError **error)
{
    g_autoptr(VirXmlTree) tree = g_new0(VirXmlTree, 1);

    tree->name = name;
    if (len > VIR_XML_MAX_SIZE) {
        vir_error_set(error, VIR_ERR_XML_ERROR, "%s: a document may have %d bytes", name,
                      VIR_XML_MAX_SIZE);
        return NULL;
    }
    if (!take_text(tree, text, len, error))
        return NULL;
    run_parser(tree);
    if (tree->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&tree->error));
        return NULL;
    }

    return g_steal_pointer(&tree);
}

static gboolean
same_name(const VirXmlNode *a, const VirXmlNode *b)
{
    return a->name == b->name && a->ns == b->ns;
}

char *
vir_xml_node_path(const VirXmlNode *node)
{
    GString *out = g_string_new(NULL);

    for (const VirXmlNode *at = node; at != NULL; at = at->parent) {
        g_autofree char *part = NULL;
        guint index = 1, total = 0;
        gboolean before = TRUE;

        for (const VirXmlNode *s = at->parent != NULL ? at->parent->first : at; s != NULL;
             s = s->next) {
            before = before && s != at;
            total += same_name(s, at);
            index += before && same_name(s, at);
        }
        part = g_strdup_printf("/%s%s%s", at->prefix != NULL ? at->prefix : "",
                               at->prefix != NULL ? ":" : "", at->name);
        if (total > 1) {
            g_autofree char *number = g_strdup_printf("[%u]", index);

            g_string_prepend(out, number);
        }
        g_string_prepend(out, part);
    }
    return g_string_free(out, FALSE);
}

static gboolean
declares(const VirXmlNode *node, const char *prefix)
{
    for (guint i = 0; i < node->n_declared; i++) {
        if (g_strcmp0(node->declared[i], prefix) == 0)
            return TRUE;
    }
    return FALSE;
}

/** Notes in @wanted (prefix to URI) what @node or its children use and @top does not declare. */
static void
wanted_namespaces(const VirXmlNode *node, const VirXmlNode *top, const char *prefix,
                  const char *uri, GHashTable *wanted)
{
    for (const VirXmlNode *at = node;; at = at->parent) {
        if (declares(at, prefix))
            return;
        if (at == top)
            break;
    }
    g_hash_table_insert(wanted, (char *)prefix, (char *)uri);
}

static void
collect_namespaces(const VirXmlNode *node, const VirXmlNode *top, GHashTable *wanted)
{
    if (node->ns != NULL)
        wanted_namespaces(node, top, node->prefix != NULL ? node->prefix : "", node->ns, wanted);
    for (guint i = 0; i < node->n_attrs; i++) {
        const VirXmlNodeAttr *attr = &node->attrs[i];

        if (attr->ns != NULL && attr->prefix != NULL && strcmp(attr->prefix, "xml") != 0)
            wanted_namespaces(node, top, attr->prefix, attr->ns, wanted);
    }
    for (const VirXmlNode *child = node->first; child != NULL; child = child->next)
        collect_namespaces(child, top, wanted);
}

/* Whether @child is the first of its foreign namespace. */
static bool
is_first_foreign(const VirXmlNode *child)
{
    if (child->ns == NULL)
        return false;
    for (const VirXmlNode *other = child->parent->first; other != child; other = other->next) {
        if (other->ns == child->ns)
            return false;
    }
    return true;
}

/* Appends from @at up to @child, without the blanks before it: it goes, too. */
static void
append_before(GString *out, const VirXmlTree *tree, gsize at, const VirXmlNode *child)
{
    gsize end = child->start;

    while (end > at && g_ascii_isspace(tree->text[end - 1]))
        end--;
    g_string_append_len(out, tree->text + at, (gssize)(end - at));
}

char *
vir_xml_tree_verbatim(const VirXmlTree *tree, const VirXmlNode *node, bool foreign)
{
    GString *out = g_string_new(NULL);
    gsize at = node->start;

    for (const VirXmlNode *child = node->first; child != NULL; child = child->next) {
        g_autoptr(GHashTable) wanted = NULL;
        GHashTableIter iter;
        gpointer prefix, uri;
        gsize name_end = child->start + 1;

        if (foreign && !is_first_foreign(child)) {
            append_before(out, tree, at, child);
            at = child->end;
            continue;
        }
        wanted = g_hash_table_new(g_str_hash, g_str_equal);
        collect_namespaces(child, child, wanted);
        while (name_end < tree->len && strchr(" \t\r\n/>", tree->text[name_end]) == NULL)
            name_end++;
        g_string_append_len(out, tree->text + at, (gssize)(name_end - at));
        at = name_end;
        g_hash_table_iter_init(&iter, wanted);
        while (g_hash_table_iter_next(&iter, &prefix, &uri)) {
            g_autofree char *escaped = g_markup_escape_text(uri, -1);

            g_string_append_printf(out, " xmlns%s%s=\"%s\"", *(char *)prefix != '\0' ? ":" : "",
                                   (char *)prefix, escaped);
        }
    }
    g_string_append_len(out, tree->text + at, (gssize)(node->end - at));
    return g_string_free(out, FALSE);
}
