/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * A document as the parser saw it, with byte offsets, so that every error has line and column and
 * parts can be kept as they were written. Read-only but for the `used` marks; everything lives as
 * long as the tree.
 */
typedef struct VirXmlNode VirXmlNode;

typedef struct {
    const char *name;
    const char *ns; /* URI or NULL */
    const char *prefix;
    const char *value;
    bool used;
} VirXmlNodeAttr;

struct VirXmlNode {
    const char *name;
    const char *ns; /* URI or NULL */
    const char *prefix;
    const char *text; /* all text directly in the element, or NULL */
    VirXmlNode *parent;
    VirXmlNode *first;
    VirXmlNode *last;
    VirXmlNode *next;
    VirXmlNodeAttr *attrs;
    guint n_attrs;
    guint n_declared;            /* xmlns declarations of this element … */
    const char *const *declared; /* … as prefix ("" for the default) */
    gsize start;                 /* of "<" */
    gsize end;                   /* after the last ">" */
    bool used;
};

typedef struct VirXmlTree VirXmlTree;

/**
 * Reads @text (@len bytes; must live as long as the tree). UTF-8, or whatever its XML declaration
 * says. Bounds are those of vir-xml.h; no DTD, no entities but the five of XML. VIR_ERR_XML_DETAIL
 * with "@name:line:column".
 */
VirXmlTree *vir_xml_tree_new(const char *text, gsize len, const char *name, GError **error);
void vir_xml_tree_free(VirXmlTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirXmlTree, vir_xml_tree_free)

VirXmlNode *vir_xml_tree_root(const VirXmlTree *tree);

/** Line and column (characters) of byte @offset, both from 1. */
void vir_xml_tree_position(const VirXmlTree *tree, gsize offset, guint *line, guint *column);

/** Where attribute @name of @node is written; the element's start where it has none such. */
gsize vir_xml_tree_attr_offset(const VirXmlTree *tree, const VirXmlNode *node, const char *name);

/** "/domain/devices/disk[2]"; a number where there are several of the name. g_free(). */
char *vir_xml_node_path(const VirXmlNode *node);

/**
 * The element as it was written, with the namespace declarations it needs added to its children
 * where they stood further out; @foreign: without children of no namespace, and of those of one
 * namespace with the first alone. g_free().
 */
char *vir_xml_tree_verbatim(const VirXmlTree *tree, const VirXmlNode *node, bool foreign);
