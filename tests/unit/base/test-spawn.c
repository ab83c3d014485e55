/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"

static VirSpawn *
shell(const char *script)
{
    VirSpawn *spawn = vir_spawn_new("/bin/sh");

    vir_spawn_add_args(spawn, (const char *const[]){"-c", script, NULL});
    return spawn;
}

static void
test_run(void)
{
    g_autoptr(VirSpawn) spawn = shell("echo out$A; echo err >&2; pwd; exit 3");
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    int status;

    vir_spawn_set_env(spawn, "A", "old");
    vir_spawn_set_env(spawn, "A", "new");
    vir_spawn_set_cwd(spawn, "/usr");
    g_assert_true(vir_spawn_run(spawn, 20000, 1000, &out, &err, &status, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(out, ==, "outnew\n/usr\n");
    g_assert_cmpstr(err, ==, "err\n");
    g_assert_cmpint(WEXITSTATUS(status), ==, 3);
}

static void
test_bounds(void)
{
    g_autoptr(VirSpawn) endless = shell("while :; do echo 0123456789; done");
    g_autoptr(VirSpawn) mute = shell("exec sleep 1000");
    g_autoptr(VirSpawn) missing = vir_spawn_new("/nonexistent/program");
    g_autoptr(VirSpawn) folder = vir_spawn_new("/bin/sh");
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;

    /* Its pipe closes at the bound, and SIGPIPE ends it. */
    g_assert_true(vir_spawn_run(endless, 20000, 64, &out, NULL, NULL, &error));
    g_assert_cmpuint(strlen(out), ==, 64);
    g_assert_false(vir_spawn_run(mute, 50, 64, NULL, NULL, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_TIMEOUT);
    g_clear_error(&error);
    g_assert_false(vir_spawn_run(missing, 50, 64, NULL, NULL, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, "/nonexistent/program"));
    g_clear_error(&error);
    vir_spawn_set_cwd(folder, "/nonexistent");
    g_assert_false(vir_spawn_run(folder, 50, 64, NULL, NULL, NULL, &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
}

static void
test_fds(void)
{
    /* A child sees its three, the passed one, and the one ls opens itself; nothing inherited. */
    g_autoptr(VirSpawn) spawn = shell("ls /proc/self/fd | wc -w; echo hello >&\"$FD\"");
    g_autoptr(GError) error = NULL;
    g_autofree char *out = NULL;
    g_autofree char *number = NULL;
    VIR_AUTOCLOSE leak = open("/dev/null", O_RDONLY);
    char text[6] = "";
    int fds[2];

    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    number = g_strdup_printf("%d", fds[1]);
    vir_spawn_set_env(spawn, "FD", number);
    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_pass_fd(spawn, fds[1]);
    g_assert_true(vir_spawn_run(spawn, 20000, 1000, &out, NULL, NULL, &error));
    g_assert_cmpstr(out, ==, "5\n");
    g_assert_cmpint(read(fds[0], text, 5), ==, 5);
    g_assert_cmpstr(text, ==, "hello");
    /* The passed fd was closed here. */
    g_assert_cmpint(fcntl(fds[1], F_GETFD), ==, -1);
    close(fds[0]);
}

static void
test_detached(void)
{
    g_autoptr(VirSpawn) spawn = shell("exec sleep 1000");
    g_autoptr(VirSpawn) missing = vir_spawn_new("/etc/passwd");
    g_autoptr(GError) error = NULL;
    VIR_AUTOCLOSE pidfd = -1;
    struct pollfd ended;
    pid_t pid;

    vir_spawn_set_detached(spawn, TRUE);
    pid = vir_spawn_start(spawn, &pidfd, &error);
    g_assert_no_error(error);
    g_assert_cmpint(pid, >, 0);
    g_assert_cmpint(getsid(pid), !=, getsid(0));
    g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    ended = (struct pollfd){pidfd, POLLIN, 0};
    g_assert_cmpint(poll(&ended, 1, 20000), ==, 1);

    vir_spawn_set_detached(missing, TRUE);
    g_assert_cmpint(vir_spawn_start(missing, NULL, &error), ==, -1);
    g_assert_nonnull(error);
}

static void
test_to_string(void)
{
    g_autoptr(VirSpawn) spawn = vir_spawn_new("/usr/bin/qemu");
    g_autofree char *text = NULL;

    vir_spawn_set_env(spawn, "HOME", "/a b");
    vir_spawn_add_args(spawn, (const char *const[]){"-name", "it's", "-S", NULL});
    text = vir_spawn_to_string(spawn, TRUE);
    g_assert_cmpstr(text, ==, "HOME='/a b' \\\n/usr/bin/qemu \\\n-name 'it'\\''s' \\\n-S");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/spawn/run", test_run);
    g_test_add_func("/spawn/bounds", test_bounds);
    g_test_add_func("/spawn/fds", test_fds);
    g_test_add_func("/spawn/detached", test_detached);
    g_test_add_func("/spawn/to-string", test_to_string);
    return g_test_run();
}
