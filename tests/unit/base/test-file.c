/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-paths.h"
#include "vir-uuid.h"

static char *folder;

static char *
in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void
test_atomic(void)
{
    g_autofree char *path = in_folder("a");
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    struct stat st;
    gsize len;

    g_assert_true(vir_file_write_atomic(path, "first", -1, 0600, &error));
    g_assert_true(vir_file_write_atomic(path, "s\0cond", 6, 0640, &error));
    text = vir_file_read(path, 100, &len, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(text, len, "s\0cond", 6);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0640);
    g_clear_pointer(&text, g_free);
    g_assert_true(vir_file_write_run(path, "run", -1, 0600, &error));
    text = vir_file_read(path, 100, &len, &error);
    g_assert_cmpstr(text, ==, "run");
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0600);
    /* No temporary file stays. */
    {
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

        g_assert_cmpstr(g_dir_read_name(dir), ==, "a");
        g_assert_null(g_dir_read_name(dir));
    }
    /* A link in the way is replaced, not followed. */
    g_assert_cmpint(unlink(path), ==, 0);
    g_assert_cmpint(symlink("/dev/full", path), ==, 0);
    g_assert_true(vir_file_write_atomic(path, "x", 1, 0600, &error));
    g_assert_cmpint(lstat(path, &st), ==, 0);
    g_assert_true(S_ISREG(st.st_mode));
    g_assert_cmpint(unlink(path), ==, 0);
}

static void
test_failures(void)
{
    g_autofree char *missing = in_folder("no/such");
    g_autofree char *fifo = in_folder("fifo");
    g_autofree char *big = in_folder("big");
    g_autoptr(GError) error = NULL;

    g_assert_false(vir_file_write_atomic(missing, "x", 1, 0600, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    g_assert_null(vir_file_read(missing, 10, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_clear_error(&error);

    /* Must not hang. */
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_null(vir_file_read(fifo, 10, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_clear_error(&error);
    g_assert_true(vir_file_remove(fifo, NULL));
    g_assert_true(vir_file_remove(fifo, NULL));

    g_assert_true(vir_file_write_atomic(big, "0123456789", 10, 0600, NULL));
    g_assert_null(vir_file_read(big, 9, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_true(vir_file_remove(big, NULL));
}

static void
test_dir(void)
{
    g_autofree char *deep = in_folder("x/y/z");
    g_autofree char *file = in_folder("x/y/z/f");
    g_autofree char *below = in_folder("x/y/z/f/g");
    g_autoptr(GError) error = NULL;

    g_assert_true(vir_dir_make(deep, 0700, &error));
    g_assert_true(vir_dir_make(deep, 0700, &error));
    g_assert_true(vir_file_write_atomic(file, "", 0, 0600, &error));
    g_assert_false(vir_dir_make(below, 0700, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
}

static void
test_uuid(void)
{
    static const char *const good[] = {"c7a5fdbd-edaf-9455-926a-d65c16db1809",
                                       "C7A5FDBDEDAF9455926AD65C16DB1809",
                                       " c7a5-fdbd-edaf-9455-926a-d65c-16db-1809 "};
    static const char *const bad[] = {"", "c7a5fdbd", "c7a5fdbd-edaf-9455-926a-d65c16db180g",
                                      "c7a5fdbd-edaf-9455-926a-d65c16db180900",
                                      "c7a5fdbd-edaf-9455-926a-d65c16db180"};
    guint8 uuid[VIR_UUID_LEN];
    char text[VIR_UUID_TEXT_LEN];

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_true(vir_uuid_parse(good[i], uuid));
        g_assert_cmpstr(vir_uuid_format(uuid, text), ==, good[0]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(vir_uuid_parse(bad[i], uuid));
    /* A failed parse leaves the old value. */
    g_assert_cmpstr(vir_uuid_format(uuid, text), ==, good[0]);
    vir_uuid_generate(uuid);
    vir_uuid_format(uuid, text);
    g_assert_cmpint(text[14], ==, '4');
}

static void
test_paths(void)
{
    g_autoptr(VirPaths) real = vir_paths_new(NULL, TRUE);
    g_autoptr(VirPaths) rooted = vir_paths_new("/srv/r/", TRUE);

    g_assert_cmpstr(real->run, ==, "/run/libvirt");
    g_assert_cmpstr(rooted->run, ==, "/srv/r/run/libvirt");
    g_assert_cmpstr(rooted->pid, ==, "/srv/r/run");
    g_assert_true(g_str_has_prefix(rooted->config, "/srv/r/"));
    g_assert_true(g_str_has_prefix(rooted->lib, "/srv/r/"));
    g_assert_true(g_str_has_prefix(rooted->log, "/srv/r/"));
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vir-test-file-XXXXXX", NULL);
    g_test_add_func("/file/atomic", test_atomic);
    g_test_add_func("/file/failures", test_failures);
    g_test_add_func("/file/dir", test_dir);
    g_test_add_func("/uuid", test_uuid);
    g_test_add_func("/paths", test_paths);
    result = g_test_run();
    {
        g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);

        g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
    }
    g_free(folder);
    return result;
}
