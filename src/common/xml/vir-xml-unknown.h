/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-xml-table.h"
#include "vir-xml-tree.h"

/**
 * Adds to @out what the parser left unused of @tree, read as @doc: of each its path and line
 * ("/domain/devices/disk[2]/@foo, line 31"), or, where @name is given, a sentence that says where
 * it stands, why it is not taken, and what may stand there.
 */
void vir_xml_list_unknown(const VirXmlTree *tree, const VirXmlDoc *doc, const char *name,
                          GPtrArray *out);
