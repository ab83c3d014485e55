/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"

struct VirSpawn {
    GPtrArray *argv; /* of char *; program first */
    GPtrArray *env;  /* of "NAME=value" */
    GArray *fds;     /* of int, owned */
    int stdio[3];
    char *cwd;
    mode_t umask;
    gboolean has_umask;
    gboolean detached;
};

/* What a child tells before its exec. A report of less than this size is no report. */
typedef struct {
    enum { REPORT_PID, REPORT_FAILED } kind;
    int errnum;
    pid_t pid;
    char step[16];
} Report;

VirSpawn *
vir_spawn_new(const char *program)
{
    VirSpawn *spawn = g_new0(VirSpawn, 1);

    spawn->argv = g_ptr_array_new_with_free_func(g_free);
    spawn->env = g_ptr_array_new_with_free_func(g_free);
    spawn->fds = g_array_new(FALSE, FALSE, sizeof(int));
    spawn->stdio[0] = spawn->stdio[1] = spawn->stdio[2] = -1;
    vir_spawn_add_arg(spawn, program);
    return spawn;
}

static void
close_passed(VirSpawn *spawn)
{
    for (guint i = 0; i < spawn->fds->len; i++)
        vir_fd_close(&g_array_index(spawn->fds, int, i));
    g_array_set_size(spawn->fds, 0);
}

void
vir_spawn_free(VirSpawn *spawn)
{
    if (!spawn)
        return;
    close_passed(spawn);
    g_array_unref(spawn->fds);
    g_ptr_array_unref(spawn->argv);
    g_ptr_array_unref(spawn->env);
    g_free(spawn->cwd);
    g_free(spawn);
}

void
vir_spawn_add_arg(VirSpawn *spawn, const char *arg)
{
    g_ptr_array_add(spawn->argv, g_strdup(arg));
}

void
vir_spawn_add_args(VirSpawn *spawn, const char *const *args)
{
    for (; *args; args++)
        vir_spawn_add_arg(spawn, *args);
}

void
vir_spawn_set_env(VirSpawn *spawn, const char *name, const char *value)
{
    g_autofree char *prefix = g_strconcat(name, "=", NULL);

    for (guint i = 0; i < spawn->env->len; i++) {
        if (g_str_has_prefix(spawn->env->pdata[i], prefix)) {
            g_ptr_array_remove_index(spawn->env, i);
            break;
        }
    }
    g_ptr_array_add(spawn->env, g_strconcat(prefix, value, NULL));
}

void
vir_spawn_pass_env(VirSpawn *spawn, const char *name)
{
    const char *value = g_getenv(name);

    if (value)
        vir_spawn_set_env(spawn, name, value);
}

void
vir_spawn_pass_fd(VirSpawn *spawn, int fd)
{
    g_array_append_val(spawn->fds, fd);
}

void
vir_spawn_set_stdio(VirSpawn *spawn, int in, int out, int err)
{
    spawn->stdio[0] = in;
    spawn->stdio[1] = out;
    spawn->stdio[2] = err;
}

void
vir_spawn_set_cwd(VirSpawn *spawn, const char *path)
{
    g_free(spawn->cwd);
    spawn->cwd = g_strdup(path);
}

void
vir_spawn_set_umask(VirSpawn *spawn, mode_t mask)
{
    spawn->umask = mask;
    spawn->has_umask = TRUE;
}

void
vir_spawn_set_detached(VirSpawn *spawn, gboolean detached)
{
    spawn->detached = detached;
}

static void G_GNUC_NORETURN
child_fail(int report_fd, const char *step)
{
    Report report = {.kind = REPORT_FAILED, .errnum = errno};

    for (gsize i = 0; step[i] && i < sizeof(report.step) - 1; i++)
        report.step[i] = step[i];
    if (write(report_fd, &report, sizeof(report)) < 0)
        _exit(126);
    _exit(127);
}

/* From fork() to exec only async-signal-safe calls: other threads' locks are frozen in the copy. */
static void G_GNUC_NORETURN
child_exec(const VirSpawn *spawn, char **argv, char **envp, const char *program, int null_fd,
           int report_fd)
{
    sigset_t none;
    int moved[3];

    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(spawn->has_umask ? spawn->umask : 022);
    if (spawn->cwd && chdir(spawn->cwd) < 0)
        child_fail(report_fd, "chdir");
    /* Out of the way of 0..2 first, so that no dup2() overwrites one still needed. */
    for (int i = 0; i < 3; i++) {
        moved[i] = fcntl(spawn->stdio[i] >= 0 ? spawn->stdio[i] : null_fd, F_DUPFD_CLOEXEC, 3);
        if (moved[i] < 0)
            child_fail(report_fd, "dup");
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(moved[i], i) < 0)
            child_fail(report_fd, "dup2");
    }
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        child_fail(report_fd, "close_range");
    for (guint i = 0; i < spawn->fds->len; i++) {
        if (fcntl(g_array_index(spawn->fds, int, i), F_SETFD, 0) < 0)
            child_fail(report_fd, "pass fd");
    }
    execve(program, argv, envp);
    child_fail(report_fd, "exec");
}

/* The middle process of a detached start: forks once more and ends. */
static void G_GNUC_NORETURN
child_detach(const VirSpawn *spawn, char **argv, char **envp, const char *program, int null_fd,
             int report_fd, int go_fd)
{
    Report report = {.kind = REPORT_PID};
    pid_t pid;
    char go;

    if (setsid() < 0)
        child_fail(report_fd, "setsid");
    pid = fork();
    if (pid < 0)
        child_fail(report_fd, "fork");
    if (pid > 0)
        _exit(0);
    report.pid = getpid();
    if (write(report_fd, &report, sizeof(report)) < 0)
        _exit(126);
    /* The parent opens the pidfd before it lets us go: the pid cannot have been recycled. */
    if (read(go_fd, &go, 1) != 1)
        _exit(126);
    child_exec(spawn, argv, envp, program, null_fd, report_fd);
}

static gboolean
read_report(int fd, Report *report)
{
    gssize n;

    do
        n = read(fd, report, sizeof(*report));
    while (n < 0 && errno == EINTR);
    return n == sizeof(*report);
}

static void
reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* The parent's half of a start; gives the pid of the process that runs the program. */
static pid_t
follow_start(const VirSpawn *spawn, const char *program, pid_t child, int report_fd, int go_fd,
             int *pidfd, GError **error)
{
    Report report;
    pid_t pid = child;
    VIR_AUTOCLOSE own_pidfd = -1;
    gboolean reported;

    if (spawn->detached) {
        reported = read_report(report_fd, &report);
        reap(child);
        if (!reported || report.kind == REPORT_FAILED) {
            vir_error_set_errno(error, reported ? report.errnum : ECHILD, "cannot start '%s': %s",
                                program, reported ? report.step : "lost the new process");
            return -1;
        }
        pid = report.pid;
    }
    own_pidfd = pidfd_open(pid, 0);
    if (own_pidfd < 0) {
        /* The closed go pipe ends a detached child; the other is ours to reap. */
        vir_error_set_errno(error, errno, "cannot watch the new process of '%s'", program);
        if (!spawn->detached) {
            kill(pid, SIGKILL);
            reap(pid);
        }
        return -1;
    }
    if (spawn->detached && write(go_fd, "g", 1) != 1) {
        vir_error_set_errno(error, errno, "cannot start '%s'", program);
        return -1;
    }
    /* The pipe closes at a good exec. */
    if (read_report(report_fd, &report)) {
        if (!spawn->detached)
            reap(pid);
        vir_error_set_errno(error, report.errnum, "cannot start '%s': %s", program, report.step);
        return -1;
    }
    if (pidfd) {
        *pidfd = own_pidfd;
        own_pidfd = -1;
    }
    return pid;
}

pid_t
vir_spawn_start(VirSpawn *spawn, int *pidfd, GError **error)
{
    const char *name = spawn->argv->pdata[0];
    g_autofree char *program = g_find_program_in_path(name);
    g_autofree char **argv = g_new0(char *, spawn->argv->len + 1);
    g_autofree char **envp = g_new0(char *, spawn->env->len + 1);
    VIR_AUTOCLOSE null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int report[2] = {-1, -1};
    int go[2] = {-1, -1};
    pid_t pid;

    if (!program) {
        vir_error_set(error, VIR_ERR_OPERATION_FAILED, "no program '%s' is installed", name);
        close_passed(spawn);
        return -1;
    }
    memcpy(argv, spawn->argv->pdata, spawn->argv->len * sizeof(char *));
    if (spawn->env->len)
        memcpy(envp, spawn->env->pdata, spawn->env->len * sizeof(char *));

    pid = -1;
    if (null_fd < 0 || pipe2(report, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0 ||
        (pid = fork()) < 0) {
        vir_error_set_errno(error, errno, "cannot start '%s'", program);
    } else if (pid == 0) {
        close(report[0]);
        close(go[1]);
        if (spawn->detached)
            child_detach(spawn, argv, envp, program, null_fd, report[1], go[0]);
        child_exec(spawn, argv, envp, program, null_fd, report[1]);
    } else {
        vir_fd_close(&report[1]);
        vir_fd_close(&go[0]);
        pid = follow_start(spawn, program, pid, report[0], go[1], pidfd, error);
    }
    for (int i = 0; i < 2; i++) {
        vir_fd_close(&report[i]);
        vir_fd_close(&go[i]);
    }
    close_passed(spawn);
    return pid;
}

/* Moves what is there from *fd to @text; closes at the end or once it holds @max bytes. */
static void
collect(int *fd, GString *text, gsize max)
{
    char chunk[4096];
    gssize n = read(*fd, chunk, sizeof(chunk));

    if (n > 0)
        g_string_append_len(text, chunk, MIN((gsize)n, max - text->len));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || text->len >= max)
        vir_fd_close(fd);
}

gboolean
vir_spawn_run(VirSpawn *spawn, int timeout_ms, gsize max, char **out, char **err_out, int *status,
              GError **error)
{
    g_autoptr(GString) out_text = g_string_new(NULL);
    g_autoptr(GString) err_text = g_string_new(NULL);
    GString *texts[2] = {out_text, err_text};
    int pipes[2][2] = {{-1, -1}, {-1, -1}};
    gint64 end = g_get_monotonic_time() + timeout_ms * (gint64)1000;
    VIR_AUTOCLOSE pidfd = -1;
    gboolean timed_out = FALSE;
    int code = 0;
    pid_t pid;

    if (pipe2(pipes[0], O_CLOEXEC) < 0 || pipe2(pipes[1], O_CLOEXEC) < 0) {
        vir_error_set_errno(error, errno, "cannot make a pipe");
        vir_fd_close(&pipes[0][0]);
        vir_fd_close(&pipes[0][1]);
        return FALSE;
    }
    vir_spawn_set_stdio(spawn, spawn->stdio[0], pipes[0][1], pipes[1][1]);
    pid = vir_spawn_start(spawn, &pidfd, error);
    vir_spawn_set_stdio(spawn, spawn->stdio[0], -1, -1);
    vir_fd_close(&pipes[0][1]);
    vir_fd_close(&pipes[1][1]);

    while (pid > 0 && !timed_out) {
        struct pollfd fds[3] = {
            {pipes[0][0], POLLIN, 0}, {pipes[1][0], POLLIN, 0}, {pidfd, POLLIN, 0}};
        gint64 left = (end - g_get_monotonic_time() + 999) / 1000;

        if (timeout_ms >= 0 && left <= 0) {
            timed_out = TRUE;
            break;
        }
        if (poll(fds, 3, timeout_ms < 0 ? -1 : (int)left) < 0 && errno != EINTR)
            break;
        for (int i = 0; i < 2; i++) {
            if (fds[i].revents)
                collect(&pipes[i][0], texts[i], max);
        }
        /* Its output is read out before its end counts; a grandchild may hold the pipe open. */
        if (fds[2].revents && !fds[0].revents && !fds[1].revents)
            break;
    }
    vir_fd_close(&pipes[0][0]);
    vir_fd_close(&pipes[1][0]);
    if (pid <= 0)
        return FALSE;
    if (timed_out)
        kill(pid, SIGKILL);
    while (waitpid(pid, &code, 0) < 0 && errno == EINTR) {
    }
    if (timed_out)
        return vir_error_set(error, VIR_ERR_OPERATION_TIMEOUT, "'%s' did not end within %d ms",
                             (char *)spawn->argv->pdata[0], timeout_ms);
    if (out)
        *out = g_string_free(g_steal_pointer(&out_text), FALSE);
    if (err_out)
        *err_out = g_string_free(g_steal_pointer(&err_text), FALSE);
    if (status)
        *status = code;
    return TRUE;
}

char *
vir_spawn_to_string(const VirSpawn *spawn, gboolean lines)
{
    const char *next = lines ? " \\\n" : " ";
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < spawn->env->len; i++) {
        const char *item = spawn->env->pdata[i];
        const char *value = strchr(item, '=') + 1;
        g_autofree char *quoted = g_shell_quote(value);

        g_string_append_printf(text, "%.*s%s%s", (int)(value - item), item, quoted, next);
    }
    for (guint i = 0; i < spawn->argv->len; i++) {
        const char *arg = spawn->argv->pdata[i];
        gboolean plain = *arg && strspn(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789-_./:=,+@%") == strlen(arg);
        g_autofree char *quoted = plain ? g_strdup(arg) : g_shell_quote(arg);

        g_string_append_printf(text, "%s%s", i == 0 ? "" : *arg == '-' ? next : " ", quoted);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
