/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-bitmap.h"
#include "vir-enum.h"
#include <glib.h>
#include <stdbool.h>

/**
 * The table engine: one set of functions for every XML document. Structs, tables and the typed
 * wrappers (vir_domain_disk_new(), …_free(), …_clone(), g_autoptr) are generated from *.schema.
 *
 * Members of the structs are plain C: strings are g_malloc()ed, NULL where absent; enumerations
 * are one byte, 0 where absent; numbers without a default have a `has_` member beside them;
 * repeated elements are an array of pointers with an `n_` member. Code that sets a number sets its
 * `has_` member too.
 */
typedef struct VirXmlType VirXmlType;
typedef struct VirXmlDoc VirXmlDoc;

/** Values of yes/no and on/off attributes. */
typedef enum {
    VIR_TRISTATE_ABSENT = 0,
    VIR_TRISTATE_YES = 1,
    VIR_TRISTATE_ON = 1,
    VIR_TRISTATE_NO = 2,
    VIR_TRISTATE_OFF = 2,
} VirTristate;

typedef enum {
    VIR_XML_INACTIVE = 1 << 0,   /* without what only a running object has (rows marked `live`) */
    VIR_XML_SECURE = 1 << 1,     /* format: with secrets */
    VIR_XML_STATUS = 1 << 2,     /* with what only our own status files hold (rows `status`) */
    VIR_XML_MIGRATABLE = 1 << 3, /* format: without rows that older peers refuse */
    VIR_XML_ABI = 1 << 4,        /* equal: only what the guest can see (rows marked `abi`) */
    VIR_XML_NO_CHECK = 1 << 5,   /* parse: skip the named checks (a document we wrote ourselves) */
    VIR_XML_STRICT = 1 << 6,     /* parse: refuse what no row describes */
} VirXmlFlags;

/** Bounds of every document. */
#define VIR_XML_MAX_SIZE (16 * 1024 * 1024)
#define VIR_XML_MAX_DEPTH 128
#define VIR_XML_MAX_NODES 200000

/**
 * Parses @text (@len bytes, -1: NUL terminated) as a document of the kind @doc. @name is how errors
 * call the text ("domain_definition", a file name). Returns the struct of the root element, to be
 * freed with its typed function. No DTD, entity, network or file access.
 *
 * Elements and attributes that no row describes do not stop a document; with @ignored they come
 * back as an array of strings "/domain/devices/disk[2]/@foo, line 31" (may be empty). With
 * VIR_XML_STRICT they do stop it: VIR_ERR_XML_INVALID_SCHEMA, and @ignored has a sentence for each
 * ("guest.xml:31:9: /domain/devices/disk[2]/@foo: no such attribute; did you mean 'fro'?").
 * VIR_ERR_XML_ERROR, VIR_ERR_XML_DETAIL (not well-formed).
 */
void *vir_xml_parse(const VirXmlDoc *doc, const char *text, gssize len, const char *name,
                    unsigned flags, GPtrArray **ignored, GError **error);

/**
 * As vir_xml_parse() for a text that may be any of the @n documents @docs, told apart by the root
 * element; @which gets the index (a device to attach, a section to update), on a failure too where
 * the root element was known.
 */
void *vir_xml_parse_any(const VirXmlDoc *const *docs, guint n, const char *text, gssize len,
                        const char *name, unsigned flags, guint *which, GPtrArray **ignored,
                        GError **error);

/** The document text with a final newline; NULL where a required member is missing. g_free(). */
char *vir_xml_format(const VirXmlDoc *doc, const void *obj, unsigned flags, GError **error);

/**
 * The document without secrets in *@text, with them in *@secure; *@secure is NULL where there are
 * none. Both of no more room than they need; g_free().
 */
gboolean vir_xml_format_both(const VirXmlDoc *doc, const void *obj, unsigned flags, char **text,
                             char **secure, GError **error);

/** Appends @obj as element @doc->root to @out, indented by @indent blanks. */
gboolean vir_xml_format_to(GString *out, guint indent, const VirXmlDoc *doc, const void *obj,
                           unsigned flags, GError **error);

/**
 * TRUE where @a and @b say the same. Else *@difference (may be NULL, g_free()) gets the path of the
 * first difference and both values: "/domain/devices/disk[2]/target/@bus: 'virtio' != 'scsi'".
 * With VIR_XML_ABI only rows marked `abi` count.
 */
gboolean vir_xml_equal(const VirXmlDoc *doc, const void *a, const void *b, unsigned flags,
                       char **difference);

/** Required members, values, guards and checks of a struct that a program filled in. */
gboolean vir_xml_validate(const VirXmlDoc *doc, const void *obj, unsigned flags, GError **error);

/**
 * Path of the first thing in @obj whose row is marked `refused`, "/domain/cputune/shares"; NULL
 * where there is none. Elements that say nothing do not count. g_free().
 */
char *vir_xml_find_refused(const VirXmlDoc *doc, const void *obj);

/** Name of the root element. */
const char *vir_xml_doc_root(const VirXmlDoc *doc);
const VirXmlType *vir_xml_doc_type(const VirXmlDoc *doc);

/** A struct with the defaults of its rows. */
void *vir_xml_new(const VirXmlType *type);
void vir_xml_free(const VirXmlType *type, void *obj);
void *vir_xml_clone(const VirXmlType *type, const void *obj);
/** Frees what @obj holds and sets it to the defaults; @obj itself stays. */
void vir_xml_clear(const VirXmlType *type, void *obj);
/** Bytes on the heap of @obj and all beneath it, as malloc counts them. */
gsize vir_xml_memory(const VirXmlType *type, const void *obj);

/** A repeated element of a struct, for code that treats several alike. */
typedef struct {
    const VirXmlType *type;
    gpointer **items;
    guint *n;
} VirXmlList;

/** The first list of @obj that has anything in it. FALSE where there is none. */
gboolean vir_xml_first_list(const VirXmlType *type, void *obj, VirXmlList *list);
/** Name of the @index-th attribute with a text value; NULL after the last. Static. */
const char *vir_xml_string_name(const VirXmlType *type, guint index);
/** The member of that attribute in @obj; NULL where @type has none such. */
char **vir_xml_string_member(const VirXmlType *type, void *obj, const char *name);

/** A document that cannot be taken, with the printf-style reason. FALSE. */
#define vir_xml_refuse(error, ...) vir_error_set(error, VIR_ERR_XML_ERROR, __VA_ARGS__)

/** @mac in @text, which is returned. */
const char *vir_mac_format(const guint8 mac[6], char text[18]);

/**
 * The largest unit of which @size, in @unit ("B", "KiB" …), is a whole number; a right shift by
 * *@shift makes it of that unit. Nothing is so many bytes. @unit where it is none of these. Static
 * or @unit.
 */
const char *vir_xml_fitting_unit(guint64 size, const char *unit, guint *shift);

/** Name of @value; "" for 0; "?" for a value that the enumeration has not. Static. */
const char *vir_xml_enum_name(const VirEnum *e, int value);
/** Value of @name, or 0 where there is none such. */
int vir_xml_enum_value(const VirEnum *e, const char *name);

/** Appends, inserts and removes an item of a repeated member: vir_xml_append(def, disks, disk). */
#define vir_xml_append(owner, list, item)                                                          \
    vir_xml_array_insert((gpointer **)&(owner)->list, &(owner)->n_##list, (owner)->n_##list, item)
#define vir_xml_insert(owner, list, index, item)                                                   \
    vir_xml_array_insert((gpointer **)&(owner)->list, &(owner)->n_##list, index, item)
/** The item removed, no longer owned by the list. */
#define vir_xml_remove(owner, list, index)                                                         \
    vir_xml_array_remove((gpointer **)&(owner)->list, &(owner)->n_##list, index)

void vir_xml_array_insert(gpointer **items, guint *n, guint index, gpointer item);
gpointer vir_xml_array_remove(gpointer **items, guint *n, guint index);
