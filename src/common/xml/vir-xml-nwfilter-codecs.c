/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-xml-table.h"

#include <arpa/inet.h>
#include <string.h>

/*
 * Values of network filter rules. Each is what it says or a variable: "$IP", "$PORT[@1]", "$A[0]".
 * Numbers without a name stay in the base that their writer chose.
 */

#define VARIABLE_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

static char *
refuse(GError **error, const char *text, const char *what)
{
    vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is no %s", text, what);
    return NULL;
}

/** The first iterator is the one meant where none is named: "$A[@0]" is "$A". */
static char *
variable_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    g_autofree char *packed = g_strjoinv("", words);
    gsize name = strspn(packed + 1, VARIABLE_CHARS);
    const char *index = packed + 1 + name;
    gsize digits;

    if (name == 0)
        return refuse(error, text, "variable");
    if (*index == '\0')
        return g_steal_pointer(&packed);
    digits = strspn(index + 1 + (index[1] == '@'), "0123456789");
    if (*index != '[' || digits == 0 || digits > 9 ||
        strcmp(index + 1 + (index[1] == '@') + digits, "]") != 0)
        return refuse(error, text, "variable");
    if (strspn(index, "[@0]") == strlen(index) && index[1] == '@')
        packed[1 + name] = '\0';
    return g_steal_pointer(&packed);
}

static gboolean
read_number(const char *text, guint64 min, guint64 max, guint64 *value, GError **error)
{
    gboolean hex = g_str_has_prefix(text, "0x") || g_str_has_prefix(text, "0X");

    if (g_ascii_string_to_unsigned(text + (hex ? 2 : 0), hex ? 16 : 10, min, max, value, NULL))
        return TRUE;
    return vir_error_set(error, VIR_ERR_XML_ERROR,
                         "'%s' is no number of %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, text,
                         min, max);
}

static char *
print_number(const char *text, guint64 value)
{
    return text[0] == '0' && g_ascii_tolower(text[1]) == 'x'
               ? g_strdup_printf("0x%" G_GINT64_MODIFIER "x", value)
               : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *
number_parse(const char *text, guint64 max, GError **error)
{
    guint64 value;

    if (text[0] == '$')
        return variable_parse(text, error);
    return read_number(text, 0, max, &value, error) ? print_number(text, value) : NULL;
}

#define NUMBER_CODEC(name, max)                                                                    \
    static char *name##_parse(const char *text, unsigned flags, GError **error)                    \
    {                                                                                              \
        return number_parse(text, max, error);                                                     \
    }                                                                                              \
    const VirXmlCodec vir_xml_codec_nwf_##name = {.parse = name##_parse}

NUMBER_CODEC(u6, 63);
NUMBER_CODEC(u8, 255);
NUMBER_CODEC(u12, 4095);
NUMBER_CODEC(u16, 65535);
NUMBER_CODEC(u32, 4294967295U);

typedef struct {
    const char *word;
    guint16 number;
} NamedNumber;

/** A number of @min to @max, or its name whatever the case; what has a name is printed as that. */
static char *
named_parse(const char *text, const NamedNumber *names, guint64 min, guint64 max, GError **error)
{
    guint64 value;

    if (text[0] == '$')
        return variable_parse(text, error);
    for (guint i = 0; names[i].word != NULL; i++) {
        if (g_ascii_strcasecmp(text, names[i].word) == 0)
            return g_strdup(names[i].word);
    }
    if (!read_number(text, min, max, &value, error))
        return NULL;
    for (guint i = 0; names[i].word != NULL; i++) {
        if (names[i].number == value)
            return g_strdup(names[i].word);
    }
    return print_number(text, value);
}

#define NAMED_CODEC(name, names, min, max)                                                         \
    static char *name##_parse(const char *text, unsigned flags, GError **error)                    \
    {                                                                                              \
        return named_parse(text, names, min, max, error);                                          \
    }                                                                                              \
    const VirXmlCodec vir_xml_codec_nwf_##name = {.parse = name##_parse}

static const NamedNumber ethertypes[] = {
    {"arp", 0x806},   {"rarp", 0x8035}, {"ipv4", 0x800},
    {"ipv6", 0x86dd}, {"vlan", 0x8100}, {NULL, 0},
};

static const NamedNumber ip_protocols[] = {
    {"tcp", 6},  {"udp", 17}, {"udplite", 136}, {"esp", 50},    {"ah", 51},
    {"icmp", 1}, {"igmp", 2}, {"sctp", 132},    {"icmpv6", 58}, {NULL, 0},
};

static const NamedNumber arp_opcodes[] = {
    {"Request", 1},       {"Reply", 2},       {"Request_Reverse", 3}, {"Reply_Reverse", 4},
    {"DRARP_Request", 5}, {"DRARP_Reply", 6}, {"DRARP_Error", 7},     {"InARP_Request", 8},
    {"ARP_NAK", 9},       {NULL, 0},
};

/* A smaller number is the frame's length, and no protocol (IEEE 802.3). */
#define MIN_ETHERTYPE 0x600

NAMED_CODEC(protocol_id, ethertypes, MIN_ETHERTYPE, 65535);
NAMED_CODEC(encap_protocol, ethertypes, 0, 65535);
NAMED_CODEC(ip_protocol, ip_protocols, 0, 255);
NAMED_CODEC(arp_opcode, arp_opcodes, 0, 65535);

static char *
mac_parse(const char *text, unsigned flags, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 7);
    guint64 byte[6];

    if (text[0] == '$')
        return variable_parse(text, error);
    if (g_strv_length(parts) != 6)
        return refuse(error, text, "hardware address");
    for (guint i = 0; i < 6; i++) {
        if (strlen(parts[i]) > 2 ||
            !g_ascii_string_to_unsigned(parts[i], 16, 0, 255, &byte[i], NULL))
            return refuse(error, text, "hardware address");
    }
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", (guint)byte[0], (guint)byte[1],
                           (guint)byte[2], (guint)byte[3], (guint)byte[4], (guint)byte[5]);
}

const VirXmlCodec vir_xml_codec_nwf_mac = {.parse = mac_parse};

static char *
address_parse(const char *text, int family, GError **error)
{
    char out[INET6_ADDRSTRLEN];
    guint8 bytes[16];

    if (text[0] == '$')
        return variable_parse(text, error);
    if (inet_pton(family, text, bytes) != 1)
        return refuse(error, text, family == AF_INET ? "IPv4 address" : "IPv6 address");
    return g_strdup(inet_ntop(family, bytes, out, sizeof(out)));
}

/** A number of leading bits, or a mask of them, which becomes their number. */
static char *
mask_parse(const char *text, int family, GError **error)
{
    guint bits = family == AF_INET ? 32 : 128;
    guint8 bytes[16];
    guint n = 0;

    if (text[0] == '$' || strpbrk(text, ".:") == NULL)
        return number_parse(text, bits, error);
    if (inet_pton(family, text, bytes) != 1)
        return refuse(error, text, "network mask");
    while (n < bits && (bytes[n / 8] & (0x80 >> (n % 8))) != 0)
        n++;
    for (guint i = n; i < bits; i++) {
        if ((bytes[i / 8] & (0x80 >> (i % 8))) != 0)
            return refuse(error, text, "network mask");
    }
    return g_strdup_printf("%u", n);
}

#define FAMILY_CODEC(name, function, family)                                                       \
    static char *name##_parse(const char *text, unsigned flags, GError **error)                    \
    {                                                                                              \
        return function(text, family, error);                                                      \
    }                                                                                              \
    const VirXmlCodec vir_xml_codec_nwf_##name = {.parse = name##_parse}

FAMILY_CODEC(ipv4, address_parse, AF_INET);
FAMILY_CODEC(ipv6, address_parse, AF_INET6);
FAMILY_CODEC(mask4, mask_parse, AF_INET);
FAMILY_CODEC(mask6, mask_parse, AF_INET6);

/** Words of @words with commas between, each as it is spelt there. */
static char *
list_parse(const char *text, const char *const *words, guint max, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", (int)max + 1);

    if (parts[0] == NULL || g_strv_length(parts) > max)
        return refuse(error, text, "list of flags");
    for (guint i = 0; parts[i] != NULL; i++) {
        guint w = 0;

        while (words[w] != NULL && g_ascii_strcasecmp(g_strstrip(parts[i]), words[w]) != 0)
            w++;
        if (words[w] == NULL)
            return refuse(error, text, "list of flags");
        g_free(parts[i]);
        parts[i] = g_strdup(words[w]);
    }
    return g_strjoinv(",", parts);
}

static char *
state_parse(const char *text, unsigned flags, GError **error)
{
    static const char *const words[] = {"NEW", "ESTABLISHED", "RELATED", "INVALID", "NONE", NULL};

    return list_parse(text, words, 5, error);
}

const VirXmlCodec vir_xml_codec_nwf_state = {.parse = state_parse};

static char *
ipset_flags_parse(const char *text, unsigned flags, GError **error)
{
    static const char *const words[] = {"src", "dst", NULL};

    return text[0] == '$' ? variable_parse(text, error) : list_parse(text, words, 6, error);
}

const VirXmlCodec vir_xml_codec_nwf_ipset_flags = {.parse = ipset_flags_parse};

static char *
tcp_flags_parse(const char *text, unsigned flags, GError **error)
{
    static const char *const words[] = {"FIN", "SYN", "RST",  "PSH", "ACK",
                                        "URG", "ALL", "NONE", NULL};
    const char *slash = strchr(text, '/');
    g_autofree char *mask = NULL;
    g_autofree char *left = NULL;
    g_autofree char *right = NULL;

    if (slash == NULL)
        return refuse(error, text, "pair of TCP flags such as SYN,ACK/SYN");
    mask = g_strndup(text, (gsize)(slash - text));
    left = list_parse(mask, words, 8, error);
    right = left != NULL ? list_parse(slash + 1, words, 8, error) : NULL;
    return right != NULL ? g_strdup_printf("%s/%s", left, right) : NULL;
}

const VirXmlCodec vir_xml_codec_nwf_tcp_flags = {.parse = tcp_flags_parse};

static char *
bool_parse(const char *text, unsigned flags, GError **error)
{
    static const char *const words[] = {"yes", "true", "no", "false", NULL};

    for (guint i = 0; words[i] != NULL; i++) {
        if (g_ascii_strcasecmp(text, words[i]) == 0)
            return g_strdup(i < 2 ? "true" : "false");
    }
    return strcmp(text, "1") == 0   ? g_strdup("true")
           : strcmp(text, "0") == 0 ? g_strdup("false")
                                    : refuse(error, text, "truth value");
}

const VirXmlCodec vir_xml_codec_nwf_bool = {.parse = bool_parse};

/** That a rule is for what fits need not be said. */
static char *
match_parse(const char *text, unsigned flags, GError **error)
{
    if (strcmp(text, "no") == 0)
        return g_strdup(text);
    if (strcmp(text, "yes") != 0)
        vir_error_set(error, VIR_ERR_XML_ERROR, "'%s' is neither yes nor no", text);
    return NULL;
}

const VirXmlCodec vir_xml_codec_nwf_match = {.parse = match_parse};

/** Tracking is the rule: only its absence is told. */
static char *
statematch_parse(const char *text, unsigned flags, GError **error)
{
    if (g_ascii_strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
        return g_strdup("false");
    return NULL;
}

const VirXmlCodec vir_xml_codec_nwf_statematch = {.parse = statematch_parse};
