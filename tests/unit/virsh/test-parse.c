/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "virsh.h"

#include <string.h>

/* Parses a line that must be right, or words when the line is NULL. */
static GPtrArray *
parsed(const char *line)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *commands = virsh_parse_line(line, &error);

    g_assert_no_error(error);
    g_assert_nonnull(commands);
    return commands;
}

static void
expect_error(const char *line, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) commands = virsh_parse_line(line, &error);

    g_assert_null(commands);
    g_assert_error(error, VIRSH_PARSE_ERROR, 0);
    g_assert_cmpstr(error->message, ==, message);
}

static void
test_tables(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    g_assert_cmpuint(virsh_n_commands, >, 280);
    for (gsize i = 0; i < virsh_n_commands; i++) {
        const VirshCmdDef *def = &virsh_commands[i];
        gboolean optional = FALSE;

        g_assert_true(g_hash_table_add(seen, (gpointer)def->name));
        g_assert_true(virsh_find_command(def->name) == def);
        for (gsize k = 0; k < def->n_options; k++) {
            const VirshOpt *opt = &def->options[k];
            const char *value;

            g_assert_true(virsh_find_option(def, opt->name, &value) == opt);
            /* a required word behind an optional one could never be given without its name */
            if (opt->form == VIRSH_FORM_DATA && opt->type != VIRSH_TYPE_FLAG) {
                if (opt->required)
                    g_assert_false(optional);
                optional |= !opt->required;
            }
        }
    }
    g_assert_nonnull(virsh_find_command("nodedev-dettach"));
    g_assert_null(virsh_find_command("lis"));
}

static void
test_forms(void)
{
    g_autoptr(GPtrArray) commands = parsed("vcpupin --vcpu=3 dom 0-2 --live; list --all\nstart x");
    const VirshCmd *cmd = g_ptr_array_index(commands, 0);

    g_assert_cmpuint(commands->len, ==, 3);
    g_assert_cmpstr(cmd->def->name, ==, "vcpupin");
    g_assert_cmpstr(virsh_string(cmd, "domain"), ==, "dom");
    g_assert_cmpstr(virsh_string(cmd, "vcpu"), ==, "3");
    g_assert_cmpstr(virsh_string(cmd, "cpulist"), ==, "0-2");
    g_assert_true(virsh_flag(cmd, "live"));
    g_assert_false(virsh_flag(cmd, "config"));
    g_assert_true(virsh_flag(g_ptr_array_index(commands, 1), "all"));
}

static void
test_aliases(void)
{
    g_autoptr(GPtrArray) commands = parsed("attach-disk d s t --shareable; setmem d --kilobytes 5");

    g_assert_cmpstr(virsh_string(g_ptr_array_index(commands, 0), "mode"), ==, "shareable");
    g_assert_cmpstr(virsh_string(g_ptr_array_index(commands, 1), "size"), ==, "5");
    expect_error("attach-disk d s t --shareable --mode x", "option --mode already seen");
}

static void
test_repeats(void)
{
    g_autoptr(GPtrArray) commands = parsed("send-key d A --codeset linux B --keycode C -- --D");
    const VirshCmd *cmd = g_ptr_array_index(commands, 0);
    gsize n;
    const char *const *codes = virsh_strings(cmd, "keycode", &n);

    g_assert_cmpstr(virsh_string(cmd, "codeset"), ==, "linux");
    g_assert_cmpuint(n, ==, 4);
    g_assert_cmpstr(codes[0], ==, "A");
    g_assert_cmpstr(codes[3], ==, "--D");
}

static void
test_words(void)
{
    const char *words[] = {"echo", "a;b", "--", "--shell", NULL};
    g_autoptr(GPtrArray) commands = virsh_parse_words(words, NULL);
    gsize n;
    const char *const *strings = virsh_strings(g_ptr_array_index(commands, 0), "string", &n);

    g_assert_cmpuint(commands->len, ==, 1);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(strings[0], ==, "a;b");
    g_assert_cmpstr(strings[1], ==, "--shell");
}

static void
test_errors(void)
{
    expect_error("nosuch", "unknown command: 'nosuch'");
    expect_error("list; nosuch", "unknown command: 'nosuch'");
    expect_error("list --bad", "command 'list' doesn't support option --bad");
    expect_error("list --all=1", "invalid '=' after option --all");
    expect_error("list ---all", "unexpected data '---all'");
    expect_error("start", "command 'start' requires <domain> option");
    expect_error("attach-device", "command 'attach-device' requires <domain> option\nerror: "
                                  "command 'attach-device' requires <file> option");
    expect_error("dumpxml d --xpath", "expected syntax: --xpath <string>");
    expect_error("dumpxml d --xpath; list", "expected syntax: --xpath <string>");
    expect_error("echo 'a", "missing '");
    expect_error("echo a\\", "dangling \\");
    expect_error("dumpxml d //x", "unexpected data '//x'");
}

static void
test_help_needs_nothing(void)
{
    g_autoptr(GPtrArray) commands = parsed("start --help");
    const VirshCmd *cmd = g_ptr_array_index(commands, 0);

    g_assert_true(cmd->help);
}

static void
test_sizes(void)
{
    static const struct {
        const char *text;
        gboolean good;
        unsigned long long bytes;
    } cases[] = {
        {"5", TRUE, 5 * 1024},
        {"5b", TRUE, 5},
        {"5bytes", TRUE, 5},
        {"5k", TRUE, 5 * 1024},
        {"5K", TRUE, 5 * 1024},
        {"5KB", TRUE, 5000},
        {"5MiB", TRUE, 5 << 20},
        {"1E", TRUE, 1ULL << 60},
        {"15EiB", TRUE, 15ULL << 60},
        {"16E", FALSE, 0},
        {"18446744073709551615", FALSE, 0},
        {"18446744073709551615b", TRUE, G_MAXUINT64},
        {"18446744073709551616b", FALSE, 0},
        {"", FALSE, 0},
        {"-1", FALSE, 0},
        {" 1", FALSE, 0},
        {"1X", FALSE, 0},
        {"1KiBs", FALSE, 0},
        {"k", FALSE, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned long long bytes = 0;

        g_test_message("%s", cases[i].text);
        g_assert_true(virsh_parse_size(cases[i].text, 1024, &bytes) == cases[i].good);
        if (cases[i].good)
            g_assert_cmpuint(bytes, ==, cases[i].bytes);
    }
}

static void
test_numbers(void)
{
    VirshCtl ctl = {.log_fd = -1, .debug = 4};
    g_autoptr(GPtrArray) commands =
        parsed("cpu-stats d --start=-2147483648; cpu-stats d --start=2147483648; "
               "cpu-stats d --start=' 1'; cpu-stats d; cpu-stats d --start +7");
    int expected[] = {1, -1, -1, 0, 1};

    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        const VirshCmd *cmd = g_ptr_array_index(commands, i);
        int value = 42;

        g_assert_cmpint(virsh_int(&ctl, cmd, "start", &value), ==, expected[i]);
        if (expected[i] <= 0)
            g_assert_cmpint(value, ==, 42);
    }
}

static void
test_partial(void)
{
    static const struct {
        const char *line;
        guint n;
        gboolean open;
    } cases[] = {
        {"", 0, FALSE},           {"li", 1, TRUE},     {"list ", 1, FALSE},   {"list --a", 2, TRUE},
        {"list; start", 1, TRUE}, {"list;", 0, FALSE}, {"echo \"a", 2, TRUE}, {"echo a\\", 2, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean open;
        g_autoptr(GPtrArray) words = virsh_parse_partial(cases[i].line, &open);

        g_test_message("%s", cases[i].line);
        g_assert_cmpuint(words->len, ==, cases[i].n);
        g_assert_cmpint(open, ==, cases[i].open);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virsh/parse/tables", test_tables);
    g_test_add_func("/virsh/parse/forms", test_forms);
    g_test_add_func("/virsh/parse/aliases", test_aliases);
    g_test_add_func("/virsh/parse/repeats", test_repeats);
    g_test_add_func("/virsh/parse/words", test_words);
    g_test_add_func("/virsh/parse/errors", test_errors);
    g_test_add_func("/virsh/parse/help", test_help_needs_nothing);
    g_test_add_func("/virsh/parse/sizes", test_sizes);
    g_test_add_func("/virsh/parse/numbers", test_numbers);
    g_test_add_func("/virsh/parse/partial", test_partial);
    return g_test_run();
}
