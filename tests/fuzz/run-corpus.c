/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzz target over the files of a corpus where libFuzzer is not: each file as it is, cut
 * short at a few places, and with some bytes changed (always the same ones).
 */

#include <string.h>

#include "fuzz.h"

static void
run(const guint8 *data, gsize len)
{
    /* of its exact size, so that a sanitizer sees a read beyond it */
    g_autofree guint8 *exact = g_memdup2(data, len);

    LLVMFuzzerTestOneInput(exact, len);
}

static void
run_file(const char *path)
{
    g_autofree guint8 *data = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(GError) error = NULL;
    gsize len;

    if (!g_file_get_contents(path, (char **)&data, &len, &error))
        g_error("%s", error->message);
    run(data, len);
    for (gsize cut = 0; cut < len; cut += 1 + len / 64)
        run(data, cut);
    for (int i = 0; len && i < 200; i++) {
        g_autofree guint8 *bad = g_memdup2(data, len);

        for (int j = 0; j <= i % 4; j++)
            bad[g_rand_int_range(rand, 0, len)] = g_rand_int(rand);
        run(bad, len);
    }
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        g_autoptr(GDir) dir = g_dir_open(argv[i], 0, NULL);
        const char *name;

        if (!dir)
            g_error("%s: no such folder", argv[i]);
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *path = g_build_filename(argv[i], name, NULL);

            run_file(path);
        }
    }
    return 0;
}
