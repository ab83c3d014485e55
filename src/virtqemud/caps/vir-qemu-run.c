/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-file.h"
#include "vir-qemu-probe.h"
#include "vir-qmp.h"
#include "vir-spawn.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* For all answers of one process. A loaded host is slow; a hung one is not waited for for ever. */
#define TCG_TIMEOUT_MS 60000
#define KVM_TIMEOUT_MS 10000

/* A QEMU that runs no guest, started when it is asked first. */
typedef struct {
    VirProbePeer peer; /* asks it */
    char *binary;
    const char *accel;
    int timeout_ms;
    GString *record;
    VirQmp *qmp;
    pid_t pid;
    int pidfd;
    int errors; /* what it says */
} Process;

/* QEMU's last words. */
static char *
last_line(int fd)
{
    char text[4096];
    gssize n = pread(fd, text, sizeof(text) - 1, MAX(0, lseek(fd, 0, SEEK_END) - 4000));
    char *newline;

    if (n <= 0)
        return NULL;
    text[n] = '\0';
    g_strchomp(text);
    newline = strrchr(text, '\n');
    return g_strdup(newline ? newline + 1 : text);
}

static void
reap(pid_t pid, int pidfd)
{
    int status;

    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
}

static void
record_exchange(GString *record, const VirProbeQuery *query, json_object *reply)
{
    json_object *command;
    json_object *answer;

    if (!record)
        return;
    command = json_object_new_object();
    answer = json_object_new_object();
    json_object_object_add(command, "execute", json_object_new_string(query->command));
    if (query->args)
        json_object_object_add(command, "arguments", json_object_get(query->args));
    json_object_object_add(answer, reply ? "return" : "error", json_object_get(reply));
    g_string_append_printf(record, "%s\n", json_object_to_json_string_ext(command, 0));
    g_string_append_printf(record, "%s\n", json_object_to_json_string_ext(answer, 0));
    json_object_put(command);
    json_object_put(answer);
}

static gboolean
converse(const Process *process, VirProbeQuery *queries, gsize n, GError **error)
{
    VirQmp *qmp = process->qmp;
    g_autoptr(GPtrArray) promises =
        g_ptr_array_new_with_free_func((GDestroyNotify)vir_promise_unref);
    gint64 end = g_get_monotonic_time() + process->timeout_ms * G_GINT64_CONSTANT(1000);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(promises,
                        vir_qmp_send(qmp, queries[i].command, json_object_get(queries[i].args)));
    for (gsize i = 0; i < n; i++) {
        g_autoptr(GError) problem = NULL;
        int left = (int)MAX(0, (end - g_get_monotonic_time()) / 1000);

        if (!vir_qmp_wait(qmp, promises->pdata[i], queries[i].command, left, &queries[i].reply,
                          &problem) &&
            (!queries[i].optional || !vir_qmp_error_class(problem))) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        record_exchange(process->record, &queries[i], queries[i].reply);
    }
    return TRUE;
}

static gboolean
start(Process *process, GError **error)
{
    g_autofree char *owner = g_strdup_printf("probe of '%s'", process->binary);
    g_autofree char *machine = g_strconcat("none,accel=", process->accel, NULL);
    g_autofree char *chardev = NULL;
    g_autoptr(VirSpawn) spawn = vir_spawn_new(process->binary);
    int pair[2];

    if (process->errors >= 0)
        close(process->errors);
    process->errors = memfd_create("qemu-probe", MFD_CLOEXEC);
    if (process->errors < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return vir_error_set_errno(error, errno, "cannot make a channel to '%s'", process->binary);
    chardev = g_strdup_printf("socket,id=monitor,fd=%d", pair[1]);
    vir_spawn_add_args(spawn,
                       (const char *const[]){"-S", "-no-user-config", "-nodefaults", "-nographic",
                                             "-machine", machine, "-chardev", chardev, "-mon",
                                             "chardev=monitor,mode=control", NULL});
    vir_spawn_set_env(spawn, "LC_ALL", "C");
    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_pass_fd(spawn, pair[1]);
    vir_spawn_set_stdio(spawn, -1, process->errors, process->errors);
    process->pid = vir_spawn_start(spawn, &process->pidfd, error);
    if (process->pid < 0) {
        close(pair[0]);
        return FALSE;
    }
    process->qmp = vir_qmp_new(owner, pair[0], NULL, NULL, NULL);
    if (process->record) {
        VirProbeQuery hello = {.command = "qmp_capabilities"};
        json_object *empty = json_object_new_object();

        record_exchange(process->record, &hello, empty);
        json_object_put(empty);
    }
    return TRUE;
}

static gboolean
ask(VirProbeQuery *queries, gsize n, void *opaque, GError **error)
{
    Process *process = opaque;
    gboolean ok;

    if (!process->qmp && !start(process, error))
        return FALSE;
    ok = converse(process, queries, n, error);
    if (!ok) {
        g_autofree char *words = last_line(process->errors);

        if (words && error && *error)
            g_prefix_error(error, "'%s' said \"%s\"; ", process->binary, words);
    }
    return ok;
}

VirProbePeer *
vir_qemu_peer_new(const char *binary, VirQemuAccel accel)
{
    Process *process = g_new0(Process, 1);

    process->peer = (VirProbePeer){.ask = ask, .opaque = process};
    process->binary = g_strdup(binary);
    process->accel = accel == VIR_QEMU_NATIVE ? "kvm" : "tcg";
    process->timeout_ms = accel == VIR_QEMU_NATIVE ? KVM_TIMEOUT_MS : TCG_TIMEOUT_MS;
    process->pidfd = process->errors = -1;
    return &process->peer;
}

void
vir_qemu_peer_free(VirProbePeer *peer)
{
    Process *process = peer->opaque;

    if (process->qmp) {
        vir_qmp_close(process->qmp);
        vir_qmp_unref(process->qmp);
        reap(process->pid, process->pidfd);
        close(process->pidfd);
    }
    if (process->errors >= 0)
        close(process->errors);
    g_free(process->binary);
    g_free(process);
}

VirQemuCaps *
vir_qemu_probe_run(const char *binary, gboolean kvm, GString *record, GError **error)
{
    g_autoptr(VirProbePeer) fast = kvm ? vir_qemu_peer_new(binary, VIR_QEMU_NATIVE) : NULL;
    g_autoptr(VirProbePeer) tcg = vir_qemu_peer_new(binary, VIR_QEMU_TCG);

    /* Both start at the same time; a KVM that does not start says so when it is asked. */
    if (fast)
        start(fast->opaque, NULL);
    ((Process *)tcg->opaque)->record = record;
    return vir_qemu_probe(binary, tcg, fast, error);
}
