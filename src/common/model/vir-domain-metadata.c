/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-metadata.h"

#include "vir-xml-tree.h"
#include <string.h>

void
vir_domain_metadata_tidy(char **text)
{
    g_autoptr(VirXmlTree) tree =
        *text ? vir_xml_tree_new(*text, strlen(*text), "metadata", NULL) : NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GString) kept = g_string_new(NULL);
    gsize from = 0;

    if (!tree)
        return;
    for (const VirXmlNode *child = vir_xml_tree_root(tree)->first; child; child = child->next) {
        if (child->ns && g_hash_table_add(seen, (void *)child->ns))
            continue;
        g_string_append_len(kept, *text + from, (gssize)(child->start - from));
        from = child->end;
    }
    if (from == 0)
        return;
    g_string_append(kept, *text + from);
    g_clear_pointer(&tree, vir_xml_tree_free); /* it reads the old text */
    g_free(*text);
    *text = g_string_free(g_steal_pointer(&kept), FALSE);
}
