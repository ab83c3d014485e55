/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "virsh.h"

static void
test_layout(void)
{
    g_autoptr(VirshTable) table = VIRSH_TABLE("Id", "Name", "State");
    g_autofree char *text = NULL;
    g_autofree char *bare = NULL;

    VIRSH_ROW(table, "12345", "a", "running");
    VIRSH_ROW(table, NULL, "bcdef", "shut off");
    text = virsh_table_format(table, TRUE);
    g_assert_cmpstr(text, ==,
                    " Id      Name    State\n"
                    "---------------------------\n"
                    " 12345   a       running\n"
                    " -       bcdef   shut off\n");
    bare = virsh_table_format(table, FALSE);
    g_assert_cmpstr(bare, ==,
                    " 12345   a       running\n"
                    " -       bcdef   shut off\n");
}

/* Columns are counted in cells of the terminal, and nothing in a name may steer the terminal. */
static void
test_wide_and_hostile(void)
{
    g_autoptr(VirshTable) table = VIRSH_TABLE("N", "X");
    g_autofree char *text = NULL;

    VIRSH_ROW(table, "日本", "1");
    VIRSH_ROW(table, "\x1b[31m", "2");
    VIRSH_ROW(table, "\xff", "3");
    text = virsh_table_format(table, FALSE);
    g_assert_cmpstr(text, ==,
                    " 日本       1\n"
                    " \\x1b[31m   2\n"
                    " \\xff       3\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/virsh/table/layout", test_layout);
    g_test_add_func("/virsh/table/wide-and-hostile", test_wide_and_hostile);
    return g_test_run();
}
