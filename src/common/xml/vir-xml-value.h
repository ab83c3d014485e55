/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-xml-table.h"

/* Single values: from text, to text, compare, copy. @slot is the address of the struct's member. */

/**
 * Reads @text into @slot (which holds no value yet). @unit: text of the unit attribute or NULL.
 * *@kept is FALSE where the value is to be ignored (a codec's choice). FALSE with a detail that
 * says what is wrong with the value.
 */
gboolean vir_xml_value_parse(const VirXmlRow *row, const char *text, const char *unit,
                             unsigned flags, void *slot, gboolean *kept, GError **error);

/** Appends the text of @slot. */
void vir_xml_value_format(const VirXmlRow *row, const void *slot, GString *out);

/** Whether there is a value: not NULL, not 0 of an enumeration, `has_` set, not the default. */
gboolean vir_xml_value_present(const VirXmlRow *row, const void *obj);

gboolean vir_xml_value_equal(const VirXmlRow *row, const void *a, const void *b);
/** Frees what @slot holds and leaves it empty. */
void vir_xml_value_clear(const VirXmlRow *row, void *slot);
/** @to has the bytes of @from; gives it a copy of what they point to. */
void vir_xml_value_dup(const VirXmlRow *row, const void *from, void *to);
void vir_xml_value_set_number(guint8 kind, void *slot, guint64 number);
guint64 vir_xml_value_get_number(guint8 kind, const void *slot);

/** Bytes of an item in the array of a repeated value. */
gsize vir_xml_value_size(guint8 kind);
