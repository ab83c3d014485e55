/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-pidfile.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vir-error.h"

static char *folder;

/* Runs @func in a child; its exit status. */
static int
in_child(int (*func)(const char *path), const char *path)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0)
        _exit(func(path));
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WEXITSTATUS(status);
}

static int
acquire(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *held = g_strdup_printf("virttestd is already running with pid %d", getppid());

    if (vir_pidfile_acquire(path, "virttestd", &error))
        return 0;
    return g_str_has_prefix(error->message, held) ? 1 : 2;
}

static void
test_lock(void)
{
    g_autofree char *path = g_build_filename(folder, "a.pid", NULL);
    g_autofree char *expected = g_strdup_printf("%d", getpid());
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    VirPidfile *pidfile;

    /* What a dead process left is taken over, however long it is. */
    g_assert_true(g_file_set_contents(path, "123456789", -1, NULL));
    pidfile = vir_pidfile_acquire(path, "virttestd", &error);
    g_assert_no_error(error);
    g_assert_cmpint(in_child(acquire, path), ==, 1);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
    vir_pidfile_release(pidfile);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(in_child(acquire, path), ==, 0);
    g_unlink(path);
}

static void
test_refused(void)
{
    g_autofree char *path = g_build_filename(folder, "link.pid", NULL);
    g_autofree char *none = g_build_filename(folder, "none", "a.pid", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
    g_assert_null(vir_pidfile_acquire(path, "virttestd", &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_clear_error(&error);
    g_assert_null(vir_pidfile_acquire(none, "virttestd", &error));
    g_assert_nonnull(strstr(error->message, none));
    g_unlink(path);
}

int
main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("vir-XXXXXX", NULL);
    g_test_add_func("/pidfile/lock", test_lock);
    g_test_add_func("/pidfile/refused", test_refused);
    failed = g_test_run();
    g_rmdir(folder);
    g_free(folder);
    return failed;
}
