/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vir-error.h"
#include "vir-identity.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_socket(void)
{
    g_autoptr(GError) error = NULL;
    VirIdentity *identity;
    g_autofree char *text = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    identity = vir_identity_new_from_socket(fds[0], &error);
    g_assert_no_error(error);
    g_assert_true(identity->local);
    g_assert_cmpint(identity->uid, ==, geteuid());
    g_assert_cmpint(identity->gid, ==, getegid());
    g_assert_cmpint(identity->pid, ==, getpid());
    g_assert_cmpuint(identity->process_time, ==, vir_process_start_time(getpid()));
    g_assert_cmpuint(identity->process_time, >, 0);
    if (geteuid() == 0) {
        g_assert_cmpstr(identity->user_name, ==, "root");
        g_assert_cmpstr(identity->group_name, ==, "root");
    }
    text = vir_identity_describe(identity);
    g_assert_nonnull(strstr(text, "uid "));
    g_assert_true(vir_identity_ref(identity) == identity);
    vir_identity_unref(identity);
    vir_identity_unref(identity);
    close(fds[0]);
    close(fds[1]);
}

/* A child connects and is gone before anyone asks who it was. */
static void
test_peer_gone(void)
{
    g_autoptr(VirIdentity) identity = NULL;
    struct sockaddr sun = {.sa_family = AF_UNIX};
    struct sockaddr_storage bound;
    socklen_t len = sizeof(bound);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t child;
    int fd;

    g_assert_cmpint(bind(listener, &sun, sizeof(sa_family_t)), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(getsockname(listener, (struct sockaddr *)&bound, &len), ==, 0);
    child = fork();
    if (child == 0) {
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
        _exit(connect(fd, (struct sockaddr *)&bound, len) == 0 ? 0 : 1);
    }
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    fd = accept(listener, NULL, NULL);
    g_assert_cmpint(fd, >=, 0);
    identity = vir_identity_new_from_socket(fd, NULL);
    g_assert_nonnull(identity);
    g_assert_cmpint(identity->pid, ==, child);
    g_assert_cmpuint(identity->process_time, ==, 0);
    close(fd);
    close(listener);
}

static void
test_no_socket(void)
{
    g_autoptr(GError) error = NULL;
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_null(vir_identity_new_from_socket(fds[0], &error));
    g_assert_error(error, VIR_ERROR, VIR_ERR_SYSTEM_ERROR);
    close(fds[0]);
    close(fds[1]);
}

/* The command's name stands in the middle of the line and can look like anything. */
static void
test_start_time_of_odd_name(void)
{
    int gate[2];
    pid_t child;
    char byte;

    g_assert_cmpint(pipe(gate), ==, 0);
    child = fork();
    if (child == 0) {
        if (write(open("/proc/self/comm", O_WRONLY), ") R 1 2 (", 9) != 9 ||
            write(gate[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    g_assert_cmpint(read(gate[0], &byte, 1), ==, 1);
    g_assert_cmpuint(vir_process_start_time(child), >=, vir_process_start_time(getpid()));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    g_assert_cmpuint(vir_process_start_time(child), ==, 0);
    g_assert_cmpuint(vir_process_start_time(-1), ==, 0);
    close(gate[0]);
    close(gate[1]);
}

static void
test_describe(void)
{
    g_autoptr(VirIdentity) identity = vir_identity_new();
    g_autofree char *nobody = vir_identity_describe(identity);
    g_autofree char *tls = NULL;
    g_autofree char *sasl = NULL;

    g_assert_cmpstr(nobody, ==, "an unknown remote client");
    identity->x509_dname = g_strdup("CN=joe");
    tls = vir_identity_describe(identity);
    g_assert_cmpstr(tls, ==, "holder of certificate 'CN=joe'");
    identity->sasl_user = g_strdup("joe@EXAMPLE");
    sasl = vir_identity_describe(identity);
    g_assert_cmpstr(sasl, ==, "SASL user 'joe@EXAMPLE'");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/identity/socket", test_socket);
    g_test_add_func("/identity/peer-gone", test_peer_gone);
    g_test_add_func("/identity/no-socket", test_no_socket);
    g_test_add_func("/identity/start-time-of-odd-name", test_start_time_of_odd_name);
    g_test_add_func("/identity/describe", test_describe);
    return g_test_run();
}
