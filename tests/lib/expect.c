/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expect.h"

#include <glib.h>
#include <glib/gstdio.h>

void
expect(const char *base, const char *suffix, const char *other, const char *got)
{
    g_autofree char *path = g_strconcat(base, suffix, NULL);
    g_autofree char *stale = other ? g_strconcat(base, other, NULL) : NULL;
    g_autofree char *want = NULL;

    if (g_getenv("VIR_TEST_REGENERATE")) {
        g_assert_true(g_file_set_contents(path, got, -1, NULL));
        if (stale)
            g_unlink(stale);
        return;
    }
    g_assert_true(g_file_get_contents(path, &want, NULL, NULL));
    g_assert_cmpstr(got, ==, want);
    g_assert_false(stale && g_file_test(stale, G_FILE_TEST_EXISTS));
}
