/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "vir-file.h"
#include <glib/gstdio.h>

void
tree_write(const char *root, const char *path, const char *text)
{
    g_autofree char *whole = g_build_filename(root, path, NULL);
    g_autofree char *dir = g_path_get_dirname(whole);

    g_assert_true(vir_dir_make(dir, 0755, NULL));
    g_assert_true(g_file_set_contents(whole, text, -1, NULL));
}

void
tree_remove(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        tree_remove(child);
    }
    g_remove(path);
}
