/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-xml-value.h"

#include "vir-error.h"
#include "vir-uuid.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define MAC_LEN 6

const char *
vir_xml_enum_name(const VirEnum *e, int value)
{
    if (value < 0 || value >= e->n)
        return "?";
    return e->names[value];
}

int
vir_xml_enum_value(const VirEnum *e, const char *name)
{
    for (int i = 1; i < e->n; i++) {
        if (strcmp(e->names[i], name) == 0)
            return i;
    }
    return 0;
}

gsize
vir_xml_value_size(guint8 kind)
{
    switch (kind) {
    case VIR_XML_YESNO:
    case VIR_XML_ONOFF:
    case VIR_XML_ENUM:
    case VIR_XML_U8:
    case VIR_XML_HEX8:
    case VIR_XML_PRESENT:
        return 1;
    case VIR_XML_U16:
    case VIR_XML_HEX16:
        return 2;
    case VIR_XML_INT:
    case VIR_XML_UINT:
    case VIR_XML_HEX:
    case VIR_XML_OCT:
        return 4;
    case VIR_XML_UUID:
        return VIR_UUID_LEN;
    case VIR_XML_MAC:
        return MAC_LEN;
    default:
        return 8;
    }
}

void
vir_xml_value_set_number(guint8 kind, void *slot, guint64 number)
{
    switch (vir_xml_value_size(kind)) {
    case 1:
        *(guint8 *)slot = (guint8)number;
        break;
    case 2:
        *(guint16 *)slot = (guint16)number;
        break;
    case 4:
        *(guint32 *)slot = (guint32)number;
        break;
    default:
        *(guint64 *)slot = number;
    }
}

guint64
vir_xml_value_get_number(guint8 kind, const void *slot)
{
    switch (vir_xml_value_size(kind)) {
    case 1:
        return *(const guint8 *)slot;
    case 2:
        return *(const guint16 *)slot;
    case 4:
        return kind == VIR_XML_INT ? (guint64)(gint64) * (const gint32 *)slot
                                   : *(const guint32 *)slot;
    default:
        return *(const guint64 *)slot;
    }
}

static gboolean
is_signed(guint8 kind)
{
    return kind == VIR_XML_INT || kind == VIR_XML_I64;
}

static gboolean
only_blanks(const char *text)
{
    while (g_ascii_isspace(*text))
        text++;
    return *text == '\0';
}

static int
number_base(const VirXmlRow *row)
{
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_OCT:
        return 8;
    case VIR_XML_HEX:
    case VIR_XML_HEX8:
    case VIR_XML_HEX16:
    case VIR_XML_HEX64:
        return (row->flags & VIR_XML_ROW_BASE16) ? 16 : 0;
    default:
        return (row->flags & VIR_XML_ROW_ANYBASE) ? 0 : 10;
    }
}

static gboolean
parse_number(const VirXmlRow *row, const char *text, void *slot, GError **error)
{
    int base = number_base(row);
    const char *start = text;
    char *end = NULL;
    guint64 number;
    gboolean fits;

    while (g_ascii_isspace(*start))
        start++;
    errno = 0;
    if (is_signed(row->value)) {
        gint64 value = g_ascii_strtoll(start, &end, base);

        number = (guint64)value;
        fits = value >= row->min && (value < 0 || (guint64)value <= row->max);
    } else {
        if (*start == '-')
            return vir_xml_refuse(error, "'%s' is no number from %" G_GINT64_FORMAT, text,
                                  row->min);
        number = g_ascii_strtoull(start, &end, base);
        fits = number >= (guint64)row->min && number <= row->max;
    }
    if (end == start || !only_blanks(end))
        return vir_xml_refuse(error, "'%s' is no number", text);
    if (errno == ERANGE || !fits)
        return vir_xml_refuse(error, "'%s' is not in %" G_GINT64_FORMAT "..%" G_GUINT64_FORMAT,
                              text, row->min, row->max);
    vir_xml_value_set_number(row->value, slot, number);
    return TRUE;
}

/** Bytes of one @unit, or 0 where it is none. */
static guint64
unit_bytes(const char *unit)
{
    static const char letters[] = "kmgtpe";
    guint64 base = 1024, bytes = 1;
    const char *letter;

    if (*unit == '\0' || g_ascii_strcasecmp(unit, "b") == 0 ||
        g_ascii_strcasecmp(unit, "byte") == 0 || g_ascii_strcasecmp(unit, "bytes") == 0)
        return 1;
    letter = strchr(letters, g_ascii_tolower(*unit));
    if (letter == NULL)
        return 0;
    if (unit[1] != '\0') {
        if (g_ascii_strcasecmp(unit + 1, "b") == 0)
            base = 1000;
        else if (g_ascii_strcasecmp(unit + 1, "ib") != 0)
            return 0;
    }
    for (const char *at = letters; at <= letter; at++)
        bytes *= base;
    return bytes;
}

static gboolean
parse_size(const VirXmlRow *row, const char *text, const char *unit, void *slot, GError **error)
{
    char *end = NULL;
    const char *start = text;
    guint64 number, scale;

    while (g_ascii_isspace(*start))
        start++;
    errno = 0;
    number = *start == '-' ? 0 : g_ascii_strtoull(start, &end, 10);
    if (end == start || end == NULL || !only_blanks(end) || errno == ERANGE)
        return vir_xml_refuse(error, "'%s' is no size", text);
    scale = unit != NULL ? unit_bytes(unit) : row->bare;
    if (scale == 0)
        return vir_xml_refuse(error, "'%s' is no unit of size such as bytes, KiB, MB or GiB", unit);
    if (number > G_MAXUINT64 / scale)
        return vir_xml_refuse(error, "'%s' %s is too large", text, unit != NULL ? unit : row->unit);
    number *= scale;
    if ((row->flags & VIR_XML_ROW_EXACT) && number % row->scale != 0)
        return vir_xml_refuse(error, "'%s' %s is no whole number of %s", text,
                              unit != NULL ? unit : "bytes", row->unit);
    number = number / row->scale + (number % row->scale != 0);
    if (number < (guint64)row->min || number > row->max)
        return vir_xml_refuse(error,
                              "'%s' is not in %" G_GINT64_FORMAT "..%" G_GUINT64_FORMAT " %s", text,
                              row->min, row->max, row->unit);
    *(guint64 *)slot = number;
    return TRUE;
}

static gboolean
parse_enum(const VirXmlRow *row, const char *text, void *slot, GError **error)
{
    int value = vir_xml_enum_value(row->values, text);
    g_autofree char *known = NULL;

    if (value == 0) {
        known = g_strjoinv(", ", (char **)row->values->names + 1);
        return vir_xml_refuse(error, "'%s' is none of %s", text, known);
    }
    *(guint8 *)slot = (guint8)value;
    return TRUE;
}

static gboolean
parse_tristate(const char *text, const char *yes, const char *no, void *slot, GError **error)
{
    if (strcmp(text, yes) == 0)
        *(guint8 *)slot = VIR_TRISTATE_YES;
    else if (strcmp(text, no) == 0)
        *(guint8 *)slot = VIR_TRISTATE_NO;
    else
        return vir_xml_refuse(error, "'%s' is neither %s nor %s", text, yes, no);
    return TRUE;
}

static gboolean
parse_mac(const char *text, guint8 *mac, GError **error)
{
    const char *at = text;

    for (int i = 0; i < MAC_LEN; i++) {
        guint value = 0;
        int digits = 0;

        for (; digits < 2 && g_ascii_isxdigit(*at); digits++)
            value = value * 16 + (guint)g_ascii_xdigit_value(*at++);
        if (digits == 0 || *at != (i + 1 < MAC_LEN ? ':' : '\0'))
            return vir_xml_refuse(error, "'%s' is no hardware address such as 52:54:00:12:34:56",
                                  text);
        mac[i] = (guint8)value;
        at++;
    }
    return TRUE;
}

static gboolean
parse_ip(const char *text, char **slot, GError **error)
{
    guint8 bytes[16];
    char out[INET6_ADDRSTRLEN];
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

    /* inet_aton() takes the short forms 10.1 that users are used to. */
    if (family == AF_INET6 ? inet_pton(family, text, bytes) != 1
                           : inet_aton(text, (struct in_addr *)bytes) == 0)
        return vir_xml_refuse(error, "'%s' is no IP address", text);
    *slot = g_strdup(inet_ntop(family, bytes, out, sizeof(out)));
    return TRUE;
}

static gboolean
parse_codec(const VirXmlRow *row, const char *text, unsigned flags, char **slot, gboolean *kept,
            GError **error)
{
    GError *why = NULL;

    *slot = row->codec->parse(text, flags, &why);
    if (why != NULL) {
        g_propagate_error(error, why);
        return FALSE;
    }
    *kept = *slot != NULL;
    return TRUE;
}

gboolean
vir_xml_value_parse(const VirXmlRow *row, const char *text, const char *unit, unsigned flags,
                    void *slot, gboolean *kept, GError **error)
{
    *kept = !(row->flags & VIR_XML_ROW_DROP_EMPTY) || *text != '\0';
    if (!*kept)
        return TRUE;
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
        *(char **)slot = g_strdup(text);
        return TRUE;
    case VIR_XML_IP:
        return parse_ip(text, slot, error);
    case VIR_XML_CODEC:
        return parse_codec(row, text, flags, slot, kept, error);
    case VIR_XML_CPUSET:
        return (*(VirBitmap **)slot = vir_bitmap_parse(text, error)) != NULL;
    case VIR_XML_YESNO:
        return parse_tristate(text, "yes", "no", slot, error);
    case VIR_XML_ONOFF:
        return parse_tristate(text, "on", "off", slot, error);
    case VIR_XML_ENUM:
        return parse_enum(row, text, slot, error);
    case VIR_XML_PRESENT:
        *(bool *)slot = true;
        return TRUE;
    case VIR_XML_SIZE:
        return parse_size(row, text, unit, slot, error);
    case VIR_XML_UUID:
        return vir_uuid_parse(text, slot) || vir_xml_refuse(error, "'%s' is no UUID", text);
    case VIR_XML_MAC:
        return parse_mac(text, slot, error);
    case VIR_XML_NOTHING:
        return TRUE;
    default:
        return parse_number(row, text, slot, error);
    }
}

const char *
vir_mac_format(const guint8 mac[6], char text[18])
{
    g_snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
               mac[5]);
    return text;
}

static void
format_number(guint64 number, GString *out)
{
    char text[24];
    char *at = text + sizeof(text);

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    g_string_append_len(out, at, text + sizeof(text) - at);
}

void
vir_xml_value_format(const VirXmlRow *row, const void *slot, GString *out)
{
    char uuid[VIR_UUID_TEXT_LEN];
    g_autofree char *text = NULL;
    guint8 byte = *(const guint8 *)slot;

    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
    case VIR_XML_IP:
    case VIR_XML_CODEC:
        g_string_append(out, *(char *const *)slot != NULL ? *(char *const *)slot : "");
        break;
    case VIR_XML_CPUSET:
        text = vir_bitmap_format(*(VirBitmap *const *)slot);
        g_string_append(out, text);
        break;
    case VIR_XML_YESNO:
        g_string_append(out, byte == VIR_TRISTATE_YES ? "yes" : "no");
        break;
    case VIR_XML_ONOFF:
        g_string_append(out, byte == VIR_TRISTATE_ON ? "on" : "off");
        break;
    case VIR_XML_ENUM:
        g_string_append(out, vir_xml_enum_name(row->values, byte));
        break;
    case VIR_XML_PRESENT:
    case VIR_XML_NOTHING:
        break;
    case VIR_XML_HEX:
    case VIR_XML_HEX8:
    case VIR_XML_HEX16:
    case VIR_XML_HEX64:
        g_string_append_printf(out, "0x%0*" G_GINT64_MODIFIER "x", row->width,
                               vir_xml_value_get_number(row->value, slot));
        break;
    case VIR_XML_OCT:
        /* without a width: as C writes it */
        g_string_append_printf(out, "%s%0*" G_GINT64_MODIFIER "o", row->width == 0 ? "0" : "",
                               row->width, vir_xml_value_get_number(row->value, slot));
        break;
    case VIR_XML_UUID:
        g_string_append(out, vir_uuid_format(slot, uuid));
        break;
    case VIR_XML_MAC:
        g_string_append(out, vir_mac_format(slot, (char[18]){0}));
        break;
    case VIR_XML_INT:
    case VIR_XML_I64: {
        gint64 number = (gint64)vir_xml_value_get_number(row->value, slot);

        if (number < 0)
            g_string_append_c(out, '-');
        format_number(number < 0 ? -(guint64)number : (guint64)number, out);
        break;
    }
    default:
        format_number(vir_xml_value_get_number(row->value, slot), out);
    }
}

gboolean
vir_xml_value_present(const VirXmlRow *row, const void *obj)
{
    const void *slot = (const char *)obj + row->offset;

    if (row->flags & VIR_XML_ROW_HAS) {
        if (!*((const bool *)obj + row->has))
            return FALSE;
        return !(row->flags & VIR_XML_ROW_DEFAULT) || (row->flags & VIR_XML_ROW_ALWAYS) ||
               (gint64)vir_xml_value_get_number(row->value, slot) != row->def;
    }
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
    case VIR_XML_IP:
    case VIR_XML_CODEC:
    case VIR_XML_CPUSET:
        return *(void *const *)slot != NULL;
    case VIR_XML_PRESENT:
        return *(const bool *)slot;
    case VIR_XML_YESNO:
    case VIR_XML_ONOFF:
    case VIR_XML_ENUM:
        if (*(const guint8 *)slot == 0)
            return FALSE;
        break;
    default:
        break;
    }
    if ((row->flags & (VIR_XML_ROW_DEFAULT | VIR_XML_ROW_ALWAYS)) != VIR_XML_ROW_DEFAULT)
        return TRUE;
    return (gint64)vir_xml_value_get_number(row->value, slot) != row->def;
}

gboolean
vir_xml_value_equal(const VirXmlRow *row, const void *a, const void *b)
{
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
    case VIR_XML_IP:
    case VIR_XML_CODEC:
        return g_strcmp0(*(char *const *)a, *(char *const *)b) == 0;
    case VIR_XML_CPUSET:
        return vir_bitmap_equal(*(VirBitmap *const *)a, *(VirBitmap *const *)b);
    default:
        return memcmp(a, b, vir_xml_value_size(row->value)) == 0;
    }
}

void
vir_xml_value_clear(const VirXmlRow *row, void *slot)
{
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
    case VIR_XML_IP:
    case VIR_XML_CODEC:
        g_clear_pointer((char **)slot, g_free);
        break;
    case VIR_XML_CPUSET:
        g_clear_pointer((VirBitmap **)slot, vir_bitmap_free);
        break;
    default:
        break;
    }
}

void
vir_xml_value_dup(const VirXmlRow *row, const void *from, void *to)
{
    /* A member may have several rows: only the first of them finds the original pointer. */
    switch ((VirXmlValueKind)row->value) {
    case VIR_XML_STRING:
    case VIR_XML_IP:
    case VIR_XML_CODEC:
        if (*(char **)to == *(char *const *)from)
            *(char **)to = g_strdup(*(char *const *)from);
        break;
    case VIR_XML_CPUSET:
        if (*(VirBitmap **)to == *(VirBitmap *const *)from && *(VirBitmap **)to != NULL)
            *(VirBitmap **)to = vir_bitmap_copy(*(VirBitmap *const *)from);
        break;
    default:
        break;
    }
}

const char *
vir_xml_fitting_unit(guint64 size, const char *unit, guint *shift)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    guint i = 0;

    *shift = 0;
    while (i < G_N_ELEMENTS(units) && strcmp(units[i], unit) != 0)
        i++;
    if (i == G_N_ELEMENTS(units))
        return unit;
    if (size == 0)
        return units[0];
    for (; i + 1 < G_N_ELEMENTS(units) && size % 1024 == 0; i++) {
        size /= 1024;
        *shift += 10;
    }
    return units[i];
}
