/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-xml-row-flags.h"
#include "vir-xml.h"
#include <stddef.h>

/* The tables that schema_gen.py emits and the engine reads. Nobody else includes this. */

typedef enum {
    VIR_XML_ATTR,     /* attribute */
    VIR_XML_TEXT,     /* text of the element itself */
    VIR_XML_LEAF,     /* child element with a text value */
    VIR_XML_LEAVES,   /* repeated child element with a text value */
    VIR_XML_GROUP,    /* child element whose rows are members of the same or an embedded struct */
    VIR_XML_CHILD,    /* child element with a struct of its own, allocated where present */
    VIR_XML_CHILDREN, /* repeated child element */
    VIR_XML_SELF,     /* rows of an embedded struct at the same element */
    VIR_XML_ASIDE, /* the same with a struct of its own, allocated where anything of it is there */
    VIR_XML_VERBATIM, /* child element kept as text; without a name: all foreign children */
} VirXmlRowKind;

typedef enum {
    VIR_XML_NOTHING,
    VIR_XML_STRING,
    VIR_XML_IP,
    VIR_XML_CODEC,
    VIR_XML_CPUSET,
    VIR_XML_YESNO,
    VIR_XML_ONOFF,
    VIR_XML_ENUM,
    VIR_XML_PRESENT,
    VIR_XML_INT,
    VIR_XML_UINT,
    VIR_XML_U8,
    VIR_XML_U16,
    VIR_XML_I64,
    VIR_XML_U64,
    VIR_XML_HEX,
    VIR_XML_HEX8,
    VIR_XML_HEX16,
    VIR_XML_HEX64,
    VIR_XML_OCT,
    VIR_XML_SIZE,
    VIR_XML_UUID,
    VIR_XML_MAC,
} VirXmlValueKind;

typedef struct {
    const char *prefix;
    const char *uri;
} VirXmlNs;

/**
 * A text value with rules of its own. parse: the string to store (g_free()), or NULL without
 * @error to drop the value; NULL with @error to refuse it. keep: whether to print it with @flags
 * (NULL: always).
 */
typedef struct {
    char *(*parse)(const char *text, unsigned flags, GError **error);
    gboolean (*keep)(const char *value, unsigned flags);
} VirXmlCodec;

/** Holds where the bit `value of the member` of mask is set; pointers count as 0 or 1. */
typedef struct {
    guint64 mask;
    guint16 offset;
    guint8 size;
} VirXmlGuard;

typedef struct VirXmlRow VirXmlRow;
struct VirXmlRow {
    const char *name;
    const VirXmlNs *ns;
    const VirXmlRow *rows;
    const VirXmlType *type;
    const VirEnum *values;
    const VirXmlCodec *codec;
    const VirXmlGuard *guards;
    const char *unit;
    const char *unit_attr;
    guint64 scale;
    guint64 bare; /* of a size without a unit */
    gint64 min;
    guint64 max;
    gint64 def;
    guint16 offset;
    guint16 has;
    guint16 count;
    guint16 n_rows;
    guint32 flags;
    guint8 kind;
    guint8 value;
    guint8 n_guards;
    guint8 width;
};

struct VirXmlType {
    const char *name;
    const VirXmlRow *rows;
    gboolean (*check)(const void *obj, GError **error);
    guint32 size;
    guint16 n_rows;
    bool closed; /* an element that no row knows is refused */
};

struct VirXmlDoc {
    const char *root;
    const VirXmlType *type;
};

/** Whether anything beneath an element is set; numbers that are always there say nothing. */
gboolean vir_xml_has_content(const VirXmlRow *rows, guint n_rows, const void *obj);
gboolean vir_xml_guards_hold(const VirXmlRow *row, const void *obj);
