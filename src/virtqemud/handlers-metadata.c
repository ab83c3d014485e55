/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Title, description and what applications keep in <metadata>. */
#include "events.h"
#include "handlers.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

static void
free_doc(xmlDocPtr *doc)
{
    if (*doc != NULL)
        xmlFreeDoc(*doc);
}
#define AUTO_DOC __attribute__((cleanup(free_doc))) xmlDocPtr

static xmlDocPtr
parse(const char *text)
{
    return xmlReadMemory(text, (int)strlen(text), NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

static xmlNodePtr
find_child(xmlDocPtr doc, const char *uri)
{
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;

    for (xmlNodePtr node = root != NULL ? root->children : NULL; node != NULL; node = node->next) {
        if (node->type == XML_ELEMENT_NODE && node->ns != NULL &&
            g_strcmp0((const char *)node->ns->href, uri) == 0)
            return node;
    }
    return NULL;
}

static char *
dump_node(xmlDocPtr doc, xmlNodePtr node)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    char *text;

    xmlNodeDump(buffer, doc, node, 0, 0);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

/* ---- get ---- */

static char *
get_element(const VirDomainDef *def, const char *uri)
{
    AUTO_DOC doc = def->metadata != NULL ? parse(def->metadata) : NULL;
    xmlNodePtr node = find_child(doc, uri);
    AUTO_DOC alone = NULL;

    if (node == NULL)
        return NULL;
    /* Without the namespace, which the caller has named. */
    alone = xmlNewDoc((const xmlChar *)"1.0");
    node = xmlDocCopyNode(node, alone, 1);
    xmlDocSetRootElement(alone, node);
    xmlFreeNsList(node->nsDef);
    node->nsDef = NULL;
    node->ns = NULL;
    for (xmlNodePtr child = node->children; child != NULL; child = child->next)
        child->ns = NULL;
    return dump_node(alone, node);
}

HANDLER(domain_get_metadata)
{
    g_autoptr(VirDomainView) view = vir_qemu_call_view(call, error);
    g_autoptr(VirDomainDef) def = NULL;
    unsigned flags = args->flags;
    const char *uri = args->uri != NULL ? *args->uri : NULL;

    if (view == NULL ||
        !vir_qemu_check_flags(call, flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG,
                              error) ||
        !vir_qemu_check_affect(&flags, view->live != NULL, view->config != NULL, error))
        return FALSE;
    def = vir_qemu_def_open(flags & VIR_DOMAIN_AFFECT_LIVE ? view->live : view->config, error);
    if (def == NULL)
        return FALSE;
    switch (args->type) {
    case VIR_DOMAIN_METADATA_DESCRIPTION:
        ret->metadata = g_strdup(def->description);
        break;
    case VIR_DOMAIN_METADATA_TITLE:
        ret->metadata = g_strdup(def->title);
        break;
    case VIR_DOMAIN_METADATA_ELEMENT:
        if (uri != NULL)
            ret->metadata = get_element(def, uri);
        break;
    default:
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown metadata type %d", args->type);
    }
    if (ret->metadata != NULL)
        return TRUE;
    return vir_error_set(error, VIR_ERR_NO_DOMAIN_METADATA, "%s",
                         "Requested metadata element is not present");
}

/* ---- set ---- */

typedef struct {
    int type;
    const char *metadata; /* NULL: removed */
    const char *key;
    const char *uri;
} Change;

static gboolean
set_element(VirDomainDef *def, const Change *change, GError **error)
{
    AUTO_DOC doc = parse(def->metadata != NULL ? def->metadata : "<metadata/>");
    AUTO_DOC fresh = change->metadata != NULL ? parse(change->metadata) : NULL;
    xmlNodePtr root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
    xmlNodePtr old;
    xmlNodePtr node;

    if (root == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "the metadata of domain '%s' is broken",
                             def->name);
    if (change->metadata != NULL && fresh == NULL)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s", "the new metadata is no XML");
    old = find_child(doc, change->uri);
    if (old != NULL) {
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    if (fresh != NULL) {
        xmlNsPtr ns;

        node = xmlDocCopyNode(xmlDocGetRootElement(fresh), doc, 1);
        ns = xmlNewNs(node, (const xmlChar *)change->uri, (const xmlChar *)change->key);
        if (ns == NULL) {
            xmlFreeNode(node);
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "'%s' is no prefix for '%s'",
                                 change->key, change->uri);
        }
        xmlSetNs(node, ns);
        for (xmlNodePtr child = node->children; child != NULL; child = child->next) {
            if (child->type == XML_ELEMENT_NODE)
                xmlSetNs(child, ns);
        }
        xmlAddChild(root, node);
    }
    g_clear_pointer(&def->metadata, g_free);
    if (root->children != NULL)
        def->metadata = dump_node(doc, root);
    return TRUE;
}

static gboolean
edit_metadata(VirDomainDef *def, void *data, GError **error)
{
    const Change *change = data;
    char **text;

    if (change->type == VIR_DOMAIN_METADATA_ELEMENT)
        return set_element(def, change, error);
    text = change->type == VIR_DOMAIN_METADATA_TITLE ? &def->title : &def->description;
    g_clear_pointer(text, g_free);
    if (change->metadata != NULL && change->metadata[0] != '\0')
        *text = g_strdup(change->metadata);
    return TRUE;
}

static gboolean
check_change(const Change *change, GError **error)
{
    switch (change->type) {
    case VIR_DOMAIN_METADATA_DESCRIPTION:
        return TRUE;
    case VIR_DOMAIN_METADATA_TITLE:
        if (change->metadata != NULL && strchr(change->metadata, '\n') != NULL)
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                                 "metadata title can't contain newlines");
        return TRUE;
    case VIR_DOMAIN_METADATA_ELEMENT:
        if (change->uri == NULL || (change->metadata != NULL && change->key == NULL))
            return vir_error_set(error, VIR_ERR_INVALID_ARG, "%s",
                                 "a metadata element needs a URI and a key");
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_INVALID_ARG, "unknown metadata type %d", change->type);
    }
}

HANDLER_VOID(domain_set_metadata)
{
    VirQemuDomain *dom = CALL_DOMAIN(call);
    unsigned flags = args->flags;
    Change change = {
        .type = args->type,
        .metadata = args->metadata != NULL ? *args->metadata : NULL,
        .key = args->key != NULL ? *args->key : NULL,
        .uri = args->uri != NULL ? *args->uri : NULL,
    };

    if (!vir_qemu_check_flags(call, flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG,
                              error) ||
        !vir_qemu_domain_check(dom, error) || !check_change(&change, error) ||
        !vir_qemu_check_affect(&flags, vir_qemu_domain_active(dom), dom->config != NULL, error))
        return FALSE;
    if ((flags & VIR_DOMAIN_AFFECT_LIVE) &&
        (!edit_metadata(dom->def, &change, error) || !vir_qemu_domain_save_live(dom, error)))
        return FALSE;
    if ((flags & VIR_DOMAIN_AFFECT_CONFIG) &&
        !vir_qemu_edit_config(dom, edit_metadata, &change, error))
        return FALSE;
    vir_qemu_emit_metadata(dom, change.type, change.uri);
    return TRUE;
}
