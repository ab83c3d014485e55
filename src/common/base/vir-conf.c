/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-conf.h"

#include "vir-error.h"
#include "vir-file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024)

typedef struct {
    VirConfType type;
    unsigned line;
    gint64 number;
    GPtrArray *strings; /* NULL terminated; one of a string */
} VirConfValue;

struct VirConf {
    char *name;
    GHashTable *values;
};

typedef struct {
    const char *name;
    const char *at;
    const char *end;
    unsigned line;
} VirConfParser;

static void
value_free(void *data)
{
    VirConfValue *value = data;

    g_ptr_array_unref(value->strings);
    g_free(value);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirConfValue, value_free)

static VirConfValue *
value_new(VirConfType type, unsigned line)
{
    VirConfValue *value = g_new0(VirConfValue, 1);

    value->type = type;
    value->line = line;
    value->strings = g_ptr_array_new_with_free_func(g_free);
    return value;
}

static int
peek(const VirConfParser *p)
{
    return p->at < p->end ? (guint8)*p->at : -1;
}

static gboolean
parser_fail(const VirConfParser *p, const char *what, GError **error)
{
    int c = peek(p);

    if (c < 0)
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: %s, found the end of the file",
                             p->name, p->line, what);
    if (c == '\n')
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: %s, found the end of the line",
                             p->name, p->line, what);
    return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                         g_ascii_isprint(c) ? "%s:%u: %s, found '%c'" : "%s:%u: %s, found byte %d",
                         p->name, p->line, what, c);
}

static void
skip_blanks(VirConfParser *p)
{
    while (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\r')
        p->at++;
}

/* Blanks, comments and line ends. */
static void
skip_space(VirConfParser *p)
{
    for (;;) {
        skip_blanks(p);
        if (peek(p) == '#') {
            while (p->at < p->end && *p->at != '\n')
                p->at++;
        }
        if (peek(p) != '\n')
            return;
        p->at++;
        p->line++;
    }
}

static gboolean
is_key_byte(int c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
}

static char *
parse_key(VirConfParser *p, GError **error)
{
    const char *start = p->at;

    if (!g_ascii_isalpha(peek(p)) && peek(p) != '_') {
        parser_fail(p, "expected a key", error);
        return NULL;
    }
    while (p->at < p->end && is_key_byte((guint8)*p->at))
        p->at++;
    return g_strndup(start, (gsize)(p->at - start));
}

static char *
parse_long_string(VirConfParser *p, GError **error)
{
    unsigned line = p->line;
    const char *start = p->at + 3;
    const char *end = g_strstr_len(start, p->end - start, "\"\"\"");

    if (end == NULL) {
        vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: the string that begins here has no end",
                      p->name, line);
        return NULL;
    }
    for (const char *c = start; c < end; c++)
        p->line += *c == '\n';
    p->at = end + 3;
    return g_strndup(start, (gsize)(end - start));
}

static char *
parse_string(VirConfParser *p, GError **error)
{
    const char *start = p->at + 1;
    const char *end = start;

    if (p->end - p->at >= 3 && memcmp(p->at, "\"\"\"", 3) == 0)
        return parse_long_string(p, error);
    while (end < p->end && *end != *p->at && *end != '\n')
        end++;
    if (end == p->end || *end == '\n') {
        p->at = end;
        parser_fail(p, "expected the closing quote of a string", error);
        return NULL;
    }
    p->at = end + 1;
    return g_strndup(start, (gsize)(end - start));
}

static gboolean
parse_list(VirConfParser *p, VirConfValue *value, GError **error)
{
    p->at++;
    for (;;) {
        char *text;

        skip_space(p);
        if (peek(p) == ']')
            break;
        if (peek(p) != '"' && peek(p) != '\'')
            return parser_fail(p, "expected a string in quotes or ']' in the list", error);
        text = parse_string(p, error);
        if (text == NULL)
            return FALSE;
        g_ptr_array_add(value->strings, text);
        skip_space(p);
        if (peek(p) == ',')
            p->at++;
        else if (peek(p) != ']')
            return parser_fail(p, "expected ',' or ']' in the list", error);
    }
    p->at++;
    return TRUE;
}

static gboolean
parse_number(VirConfParser *p, VirConfValue *value, GError **error)
{
    const char *start = p->at;
    char digits[24];
    gsize len;

    if (peek(p) == '-')
        p->at++;
    if (!g_ascii_isdigit(peek(p)))
        return parser_fail(p, "expected an integer, a string in quotes or a list", error);
    while (g_ascii_isdigit(peek(p)))
        p->at++;
    len = (gsize)(p->at - start);
    if (len > 19) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: the integer is too large", p->name,
                             p->line);
    }
    memcpy(digits, start, len);
    digits[len] = '\0';
    errno = 0;
    value->number = g_ascii_strtoll(digits, NULL, 10);
    if (errno != 0) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: the integer is too large", p->name,
                             p->line);
    }
    return TRUE;
}

static VirConfValue *
parse_value(VirConfParser *p, GError **error)
{
    g_autoptr(VirConfValue) value = value_new(VIR_CONF_INT, p->line);

    if (peek(p) == '"' || peek(p) == '\'') {
        char *text = parse_string(p, error);

        if (text == NULL)
            return NULL;
        value->type = VIR_CONF_STRING;
        g_ptr_array_add(value->strings, text);
    } else if (peek(p) == '[') {
        value->type = VIR_CONF_LIST;
        if (!parse_list(p, value, error))
            return NULL;
    } else if (!parse_number(p, value, error)) {
        return NULL;
    }
    g_ptr_array_add(value->strings, NULL);
    return g_steal_pointer(&value);
}

static int
compare_key(const void *name, const void *row)
{
    return strcmp(name, ((const VirConfKey *)row)->key);
}

static const char *
types_text(unsigned types)
{
    switch (types) {
    case VIR_CONF_INT:
        return "an integer";
    case VIR_CONF_BOOL:
        return "0 or 1";
    case VIR_CONF_STRING:
        return "a string in quotes";
    case VIR_CONF_LIST:
        return "a list of strings";
    default:
        return "an integer or a string in quotes";
    }
}

static gboolean
type_fits(const VirConfKey *row, const VirConfValue *value)
{
    switch (value->type) {
    case VIR_CONF_INT:
        return (row->types & VIR_CONF_INT) != 0 ||
               ((row->types & VIR_CONF_BOOL) != 0 && (value->number == 0 || value->number == 1));
    case VIR_CONF_STRING:
        return (row->types & (VIR_CONF_STRING | VIR_CONF_LIST)) != 0;
    default:
        return (row->types & VIR_CONF_LIST) != 0;
    }
}

static gboolean
check_value(const VirConfParser *p, const VirConfTable *table, gboolean ip, const char *key,
            const VirConfValue *value, GError **error)
{
    const VirConfKey *row =
        bsearch(key, table->keys, table->n_keys, sizeof(*table->keys), compare_key);

    if (row == NULL) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: unknown key '%s'", p->name,
                             value->line, key);
    }
    if (row->ip_only && !ip) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                             "%s:%u: key '%s' is for daemons that listen on IP (virtproxyd)",
                             p->name, value->line, key);
    }
    if (!type_fits(row, value)) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s:%u: key '%s' must be %s", p->name,
                             value->line, key, types_text(row->types));
    }
    if (value->type == VIR_CONF_INT && (row->types & VIR_CONF_INT) != 0 &&
        (value->number < row->min || value->number > row->max)) {
        return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                             "%s:%u: key '%s' must be from %" G_GINT64_FORMAT
                             " to %" G_GINT64_FORMAT,
                             p->name, value->line, key, row->min, row->max);
    }
    for (unsigned i = 0; row->values != NULL && i + 1 < value->strings->len; i++) {
        const char *text = value->strings->pdata[i];

        if (!g_strv_contains(row->values, text)) {
            g_autofree char *allowed = g_strjoinv(", ", (char **)row->values);

            return vir_error_set(error, VIR_ERR_CONF_SYNTAX,
                                 "%s:%u: key '%s' cannot be '%s', it must be one of %s", p->name,
                                 value->line, key, text, allowed);
        }
    }
    return TRUE;
}

static gboolean
parse_line(VirConfParser *p, VirConf *conf, const VirConfTable *table, gboolean ip, GError **error)
{
    g_autofree char *key = parse_key(p, error);
    g_autoptr(VirConfValue) value = NULL;

    if (key == NULL)
        return FALSE;
    skip_blanks(p);
    if (peek(p) != '=')
        return parser_fail(p, "expected '=' after the key", error);
    p->at++;
    skip_blanks(p);
    value = parse_value(p, error);
    if (value == NULL)
        return FALSE;
    skip_blanks(p);
    if (p->at < p->end && *p->at != '\n' && *p->at != '#')
        return parser_fail(p, "expected the end of the line after the value", error);
    if (table != NULL && !check_value(p, table, ip, key, value, error))
        return FALSE;
    g_hash_table_replace(conf->values, g_steal_pointer(&key), g_steal_pointer(&value));
    return TRUE;
}

VirConf *
vir_conf_parse(const char *text, gsize len, const char *name, const VirConfTable *table,
               gboolean ip, GError **error)
{
    g_autoptr(VirConf) conf = g_new0(VirConf, 1);
    VirConfParser p = {.name = name, .at = text, .end = text + len, .line = 1};

    conf->name = g_strdup(name);
    conf->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, value_free);
    if ((len > 0 && memchr(text, '\0', len) != NULL) || !g_utf8_validate(text, (gssize)len, NULL)) {
        vir_error_set(error, VIR_ERR_CONF_SYNTAX, "%s: this is no text in UTF-8", name);
        return NULL;
    }
    for (skip_space(&p); p.at < p.end; skip_space(&p)) {
        if (!parse_line(&p, conf, table, ip, error))
            return NULL;
    }
    return g_steal_pointer(&conf);
}

VirConf *
vir_conf_load(const char *path, gboolean needed, const VirConfTable *table, gboolean ip,
              GError **error)
{
    g_autofree char *text = NULL;
    gsize len = 0;

    if (!needed && access(path, F_OK) < 0 && errno == ENOENT)
        return vir_conf_parse("", 0, path, table, ip, error);
    text = vir_file_read(path, FILE_MAX, &len, error);
    return text != NULL ? vir_conf_parse(text, len, path, table, ip, error) : NULL;
}

void
vir_conf_free(VirConf *conf)
{
    if (conf == NULL)
        return;
    g_hash_table_unref(conf->values);
    g_free(conf->name);
    g_free(conf);
}

static const VirConfValue *
conf_get(const VirConf *conf, const char *key, unsigned types)
{
    const VirConfValue *value = g_hash_table_lookup(conf->values, key);

    return value != NULL && (value->type & types) != 0 ? value : NULL;
}

gint64
vir_conf_int(const VirConf *conf, const char *key, gint64 fallback)
{
    const VirConfValue *value = conf_get(conf, key, VIR_CONF_INT);

    return value != NULL ? value->number : fallback;
}

gboolean
vir_conf_bool(const VirConf *conf, const char *key, gboolean fallback)
{
    return vir_conf_int(conf, key, fallback) != 0;
}

const char *
vir_conf_string(const VirConf *conf, const char *key, const char *fallback)
{
    const VirConfValue *value = conf_get(conf, key, VIR_CONF_STRING);

    return value != NULL ? value->strings->pdata[0] : fallback;
}

const char *const *
vir_conf_list(const VirConf *conf, const char *key)
{
    const VirConfValue *value = conf_get(conf, key, VIR_CONF_LIST | VIR_CONF_STRING);

    return value != NULL ? (const char *const *)value->strings->pdata : NULL;
}

unsigned
vir_conf_line(const VirConf *conf, const char *key)
{
    const VirConfValue *value = conf_get(conf, key, ~0U);

    return value != NULL ? value->line : 0;
}

const char *
vir_conf_name(const VirConf *conf)
{
    return conf->name;
}
