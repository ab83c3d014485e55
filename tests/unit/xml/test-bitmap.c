/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-bitmap.h"
#include "vir-error.h"

static void
check_round(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VirBitmap) bitmap = vir_bitmap_parse(text, &error);
    g_autofree char *out = NULL;

    g_assert_no_error(error);
    out = vir_bitmap_format(bitmap);
    g_assert_cmpstr(out, ==, expected);
}

static void
test_text(void)
{
    check_round("", "");
    check_round("7", "7");
    check_round("0-3,7", "0-3,7");
    check_round("3,1,2,0", "0-3");
    check_round("0-10,^5", "0-4,6-10");
}

static void
test_bad(void)
{
    static const char *const bad[] = {"x",   "1-", "3-1",   "-1",   "1,,2",
                                      "1 2", "^",  "65536", "^1-2", "99999999999999999999"};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(vir_bitmap_parse(bad[i], &error));
        g_assert_error(error, VIR_ERROR, VIR_ERR_INVALID_ARG);
    }
}

static void
test_sets(void)
{
    g_autoptr(VirBitmap) a = vir_bitmap_new(4);
    g_autoptr(VirBitmap) b = NULL;

    g_assert_true(vir_bitmap_set(a, 200));
    g_assert_true(vir_bitmap_set(a, 3));
    g_assert_false(vir_bitmap_set(a, VIR_BITMAP_MAX));
    g_assert_true(vir_bitmap_test(a, 200));
    g_assert_false(vir_bitmap_test(a, 100000));
    g_assert_cmpuint(vir_bitmap_count(a), ==, 2);
    g_assert_cmpint(vir_bitmap_next(a, 0), ==, 3);
    g_assert_cmpint(vir_bitmap_next(a, 4), ==, 200);
    g_assert_cmpint(vir_bitmap_next(a, 201), ==, -1);
    b = vir_bitmap_copy(a);
    g_assert_true(vir_bitmap_equal(a, b));
    vir_bitmap_clear(b, 200);
    g_assert_false(vir_bitmap_equal(a, b));
    vir_bitmap_clear(a, 200);
    g_assert_true(vir_bitmap_equal(a, b));
    g_assert_false(vir_bitmap_equal(a, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml/bitmap/text", test_text);
    g_test_add_func("/xml/bitmap/bad", test_bad);
    g_test_add_func("/xml/bitmap/sets", test_sets);
    return g_test_run();
}
