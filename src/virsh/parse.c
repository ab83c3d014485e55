/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <string.h>

typedef enum {
    TOKEN_WORD,
    TOKEN_SEPARATOR,
    TOKEN_END,
    TOKEN_ERROR,
} Token;

typedef struct {
    const char *pos;          /* of a line, or */
    const char *const *words; /* ready words */
} Lexer;

/* Reads a word of the line: quotes and backslashes are undone. */
static Token
lex_word(Lexer *lexer, GString *word, char *open_quote, GError **error)
{
    char quote = 0;
    const char *p = lexer->pos;

    for (; *p; p++) {
        if (!quote && (*p == ';' || g_ascii_isspace(*p)))
            break;
        if (quote && *p == quote) {
            quote = 0;
        } else if (!quote && (*p == '"' || *p == '\'')) {
            quote = *p;
        } else if (*p == '\\' && quote != '\'') {
            p++;
            if (!*p) {
                g_set_error_literal(error, VIRSH_PARSE_ERROR, 0, "dangling \\");
                lexer->pos = p;
                return TOKEN_ERROR;
            }
            if (*p != '\n')
                g_string_append_c(word, *p);
        } else {
            g_string_append_c(word, *p);
        }
    }
    lexer->pos = p;
    *open_quote = quote;
    if (quote) {
        g_set_error(error, VIRSH_PARSE_ERROR, 0, "missing %c", quote);
        return TOKEN_ERROR;
    }
    return TOKEN_WORD;
}

static Token
lex(Lexer *lexer, GString *word, GError **error)
{
    char quote;

    g_string_truncate(word, 0);
    if (lexer->words) {
        if (!*lexer->words)
            return TOKEN_END;
        g_string_append(word, *lexer->words++);
        return TOKEN_WORD;
    }
    for (;;) {
        const char *p = lexer->pos;

        if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\f' || *p == '\v')
            lexer->pos++;
        else if (p[0] == '\\' && p[1] == '\n')
            lexer->pos += 2;
        else
            break;
    }
    if (*lexer->pos == '#')
        lexer->pos += strcspn(lexer->pos, "\n");
    if (!*lexer->pos)
        return TOKEN_END;
    if (*lexer->pos == ';' || *lexer->pos == '\n') {
        lexer->pos++;
        return TOKEN_SEPARATOR;
    }
    return lex_word(lexer, word, &quote, error);
}

/* Is `name` in the comma separated list? The part behind a '=' of that entry goes to `value`. */
static gboolean
alias_matches(const char *aliases, const char *name, const char **value)
{
    gsize len = strlen(name);

    while (aliases) {
        gsize n = strcspn(aliases, ",=");

        if (n == len && strncmp(aliases, name, n) == 0) {
            *value = aliases[n] == '=' ? aliases + n + 1 : NULL;
            return TRUE;
        }
        aliases = strchr(aliases, ',');
        aliases = aliases ? aliases + 1 : NULL;
    }
    return FALSE;
}

const VirshCmdDef *
virsh_find_command(const char *name)
{
    const char *value;

    for (gsize i = 0; i < virsh_n_commands; i++) {
        const VirshCmdDef *def = &virsh_commands[i];

        if (strcmp(def->name, name) == 0 || alias_matches(def->aliases, name, &value))
            return def;
    }
    return NULL;
}

/* The option called so; `value` gets the value that an alias stands for. */
const VirshOpt *
virsh_find_option(const VirshCmdDef *def, const char *name, const char **value)
{
    *value = NULL;
    for (gsize i = 0; i < def->n_options; i++) {
        if (strcmp(def->options[i].name, name) == 0)
            return &def->options[i];
    }
    for (gsize i = 0; i < def->n_options; i++) {
        if (alias_matches(def->options[i].aliases, name, value))
            return &def->options[i];
    }
    return NULL;
}

static VirshCmd *
cmd_new(const VirshCmdDef *def)
{
    VirshCmd *cmd = g_new0(VirshCmd, 1);

    cmd->def = def;
    cmd->values = g_new0(GPtrArray *, def->n_options + 1);
    return cmd;
}

static void
cmd_free(gpointer data)
{
    VirshCmd *cmd = data;

    for (gsize i = 0; i < cmd->def->n_options; i++)
        g_clear_pointer(&cmd->values[i], g_ptr_array_unref);
    g_free(cmd->values);
    g_free(cmd);
}

static void
cmd_add(VirshCmd *cmd, const VirshOpt *opt, const char *word)
{
    GPtrArray **values = &cmd->values[opt - cmd->def->options];

    if (!*values)
        *values = g_ptr_array_new_with_free_func(g_free);
    if (word)
        g_ptr_array_add(*values, g_strdup(word));
}

static gboolean
cmd_has(const VirshCmd *cmd, const VirshOpt *opt)
{
    return cmd->values[opt - cmd->def->options] != NULL;
}

/* A word that looks like --name or --name=value. FALSE with an error if it is wrong. */
static gboolean
add_option(VirshCmd *cmd, Lexer *lexer, GString *word, GError **error)
{
    g_autofree char *name = g_strdup(word->str + 2);
    char *equal = strchr(name, '=');
    const char *value;
    const VirshOpt *opt;

    if (equal)
        *equal++ = 0;
    opt = virsh_find_option(cmd->def, name, &value);
    if (!opt) {
        if (strcmp(name, "help") == 0) {
            cmd->help = TRUE;
            return TRUE;
        }
        g_set_error(error, VIRSH_PARSE_ERROR, 0, "command '%s' doesn't support option --%s",
                    cmd->def->name, name);
        return FALSE;
    }
    if (cmd_has(cmd, opt) && !opt->repeats) {
        g_set_error(error, VIRSH_PARSE_ERROR, 0, "option --%s already seen", opt->name);
        return FALSE;
    }
    if (opt->type == VIRSH_TYPE_FLAG || value) {
        if (equal) {
            g_set_error(error, VIRSH_PARSE_ERROR, 0, "invalid '=' after option --%s", opt->name);
            return FALSE;
        }
        cmd_add(cmd, opt, value);
        return TRUE;
    }
    if (!equal) {
        Token token = lex(lexer, word, error);

        if (token == TOKEN_ERROR)
            return FALSE;
        if (token != TOKEN_WORD) {
            g_set_error(error, VIRSH_PARSE_ERROR, 0, "expected syntax: --%s <%s>", opt->name,
                        opt->type == VIRSH_TYPE_NUMBER ? "number" : "string");
            return FALSE;
        }
    }
    cmd_add(cmd, opt, equal ? equal : word->str);
    return TRUE;
}

/* A word without a name goes to the first option that still wants one. */
static gboolean
add_data(VirshCmd *cmd, const char *word, GError **error)
{
    for (gsize i = 0; i < cmd->def->n_options; i++) {
        const VirshOpt *opt = &cmd->def->options[i];

        if (opt->type == VIRSH_TYPE_FLAG || opt->form == VIRSH_FORM_NAMED)
            continue;
        if (!cmd_has(cmd, opt) || opt->repeats) {
            cmd_add(cmd, opt, word);
            return TRUE;
        }
    }
    g_set_error(error, VIRSH_PARSE_ERROR, 0, "unexpected data '%s'", word);
    return FALSE;
}

/* Names all that is missing: each in a line of its own, as separate errors are printed. */
static gboolean
check_required(const VirshCmd *cmd, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (gsize i = 0; i < cmd->def->n_options; i++) {
        const VirshOpt *opt = &cmd->def->options[i];
        gboolean string = opt->type == VIRSH_TYPE_STRING;

        if (opt->required && !cmd_has(cmd, opt))
            g_string_append_printf(text, "%scommand '%s' requires %s%s%s option",
                                   text->len ? "\nerror: " : "", cmd->def->name,
                                   string ? "<" : "--", opt->name, string ? ">" : "");
    }
    if (text->len > 0)
        g_set_error_literal(error, VIRSH_PARSE_ERROR, 0, text->str);
    return text->len == 0;
}

/* One command, its name already read. Returns NULL with an error. */
static VirshCmd *
parse_command(Lexer *lexer, GString *word, gboolean *more, GError **error)
{
    const VirshCmdDef *def = virsh_find_command(word->str);
    VirshCmd *cmd;
    gboolean data_only = FALSE;
    gboolean good = TRUE;
    Token token;

    if (!def) {
        g_set_error(error, VIRSH_PARSE_ERROR, 0, "unknown command: '%s'", word->str);
        return NULL;
    }
    cmd = cmd_new(def);
    while (good && (token = lex(lexer, word, error)) == TOKEN_WORD) {
        const char *text = word->str;

        if (data_only || text[0] != '-' || text[1] != '-')
            good = add_data(cmd, text, error);
        else if (!text[2])
            data_only = TRUE;
        else if (g_ascii_isalnum(text[2]))
            good = add_option(cmd, lexer, word, error);
        else
            good = add_data(cmd, text, error);
    }
    if (!good || token == TOKEN_ERROR || (!cmd->help && !check_required(cmd, error))) {
        cmd_free(cmd);
        return NULL;
    }
    *more = token != TOKEN_END;
    return cmd;
}

static GPtrArray *
parse(Lexer *lexer, GError **error)
{
    g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(cmd_free);
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean more = TRUE;

    while (more) {
        VirshCmd *cmd;
        Token token = lex(lexer, word, error);

        if (token == TOKEN_ERROR)
            return NULL;
        if (token == TOKEN_END)
            break;
        if (token == TOKEN_SEPARATOR)
            continue;
        cmd = parse_command(lexer, word, &more, error);
        if (!cmd)
            return NULL;
        g_ptr_array_add(commands, cmd);
    }
    return g_steal_pointer(&commands);
}

GPtrArray *
virsh_parse_line(const char *line, GError **error)
{
    Lexer lexer = {.pos = line};

    return parse(&lexer, error);
}

GPtrArray *
virsh_parse_words(const char *const *words, GError **error)
{
    Lexer lexer = {.words = words};

    return parse(&lexer, error);
}

GPtrArray *
virsh_parse_partial(const char *line, gboolean *open)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) word = g_string_new(NULL);
    Lexer lexer = {.pos = line};

    *open = FALSE;
    for (;;) {
        Token token = lex(&lexer, word, NULL);

        if (token == TOKEN_END)
            break;
        if (token == TOKEN_SEPARATOR) {
            g_ptr_array_set_size(words, 0);
            *open = FALSE;
            continue;
        }
        g_ptr_array_add(words, g_strdup(word->str));
        *open = !*lexer.pos;
        if (token == TOKEN_ERROR)
            break;
    }
    return g_steal_pointer(&words);
}

static GPtrArray *
option_values(const VirshCmd *cmd, const char *name)
{
    for (gsize i = 0; i < cmd->def->n_options; i++) {
        if (strcmp(cmd->def->options[i].name, name) == 0)
            return cmd->values[i];
    }
    return NULL;
}

gboolean
virsh_flag(const VirshCmd *cmd, const char *name)
{
    return option_values(cmd, name) != NULL;
}

unsigned int
virsh_flags(const VirshCmd *cmd, const VirshFlag *flags)
{
    unsigned int bits = 0;

    for (; flags->name; flags++)
        bits |= virsh_flag(cmd, flags->name) ? flags->bit : 0;
    return bits;
}

unsigned int
virsh_list_states(const VirshCmd *cmd, unsigned int active, unsigned int inactive)
{
    if (virsh_flag(cmd, "all"))
        return active | inactive;
    return virsh_flag(cmd, "inactive") ? inactive : active;
}

const char *
virsh_string(const VirshCmd *cmd, const char *name)
{
    GPtrArray *values = option_values(cmd, name);

    return values ? g_ptr_array_index(values, 0) : NULL;
}

const char *const *
virsh_strings(const VirshCmd *cmd, const char *name, gsize *n)
{
    GPtrArray *values = option_values(cmd, name);

    *n = values ? values->len : 0;
    return values ? (const char *const *)values->pdata : NULL;
}

char *
virsh_joined(const VirshCmd *cmd, const char *name)
{
    gsize n;
    const char *const *words = virsh_strings(cmd, name, &n);
    g_autoptr(GString) text = g_string_new(NULL);

    for (gsize i = 0; i < n; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", words[i]);
    return n > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

static gboolean
parse_number(const char *text, gint64 min, guint64 max, guint64 *value)
{
    const char *digits = text + (*text == '-' || *text == '+');

    /* strtoull would take blanks, and turn a negative number round */
    if (!g_ascii_isdigit(*digits))
        return FALSE;
    if (*text == '-') {
        gint64 number;

        if (!g_ascii_string_to_signed(text, 10, min, 0, &number, NULL))
            return FALSE;
        *value = (guint64)number;
        return TRUE;
    }
    return g_ascii_string_to_unsigned(digits, 10, 0, max, value, NULL);
}

static int
number(VirshCtl *ctl, const VirshCmd *cmd, const char *name, gint64 min, guint64 max,
       guint64 *value)
{
    const char *text = virsh_string(cmd, name);

    if (!text)
        return 0;
    if (parse_number(text, min, max, value))
        return 1;
    virsh_error(ctl, "Numeric value '%s' for <%s> option is malformed or out of range", text, name);
    return -1;
}

int
virsh_int(VirshCtl *ctl, const VirshCmd *cmd, const char *name, int *value)
{
    guint64 wide = 0;
    int found = number(ctl, cmd, name, G_MININT, G_MAXINT, &wide);

    if (found > 0)
        *value = (int)(gint64)wide;
    return found;
}

int
virsh_uint(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned int *value)
{
    guint64 wide = 0;
    int found = number(ctl, cmd, name, 0, G_MAXUINT, &wide);

    if (found > 0)
        *value = (unsigned int)wide;
    return found;
}

int
virsh_ull(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned long long *value)
{
    guint64 wide = 0;
    int found = number(ctl, cmd, name, 0, G_MAXUINT64, &wide);

    if (found > 0)
        *value = wide;
    return found;
}

gboolean
virsh_parse_size(const char *text, unsigned long long scale, unsigned long long *bytes)
{
    static const char units[] = "KMGTPE";
    g_autofree char *digits = g_strndup(text, strspn(text, "0123456789"));
    const char *unit = text + strlen(digits);
    guint64 value;

    if (!*digits || !g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT64, &value, NULL))
        return FALSE;
    if (*unit) {
        const char *letter = strchr(units, g_ascii_toupper(*unit));
        guint64 base = 1024;

        if (g_ascii_strcasecmp(unit, "b") == 0 || g_ascii_strcasecmp(unit, "bytes") == 0 ||
            g_ascii_strcasecmp(unit, "byte") == 0)
            base = 1;
        else if (!letter || !*letter)
            return FALSE;
        else if (g_ascii_strcasecmp(unit + 1, "B") == 0)
            base = 1000;
        else if (unit[1] && g_ascii_strcasecmp(unit + 1, "iB") != 0)
            return FALSE;
        scale = 1;
        for (const char *u = units; base > 1 && u <= letter; u++)
            scale *= base;
    }
    return g_uint64_checked_mul((guint64 *)bytes, value, scale);
}

int
virsh_scaled(VirshCtl *ctl, const VirshCmd *cmd, const char *name, unsigned long long *value,
             unsigned long long scale)
{
    const char *text = virsh_string(cmd, name);

    if (!text)
        return 0;
    if (virsh_parse_size(text, scale, value))
        return 1;
    virsh_error(ctl, "Scaled numeric value '%s' for <%s> option is malformed or out of range", text,
                name);
    return -1;
}

gboolean
virsh_exclusive(VirshCtl *ctl, const VirshCmd *cmd, const char *const *names)
{
    const char *first = NULL;

    for (; *names; names++) {
        if (!virsh_flag(cmd, *names))
            continue;
        if (first)
            return virsh_error(ctl, "Options --%s and --%s are mutually exclusive", first, *names);
        first = *names;
    }
    return TRUE;
}
