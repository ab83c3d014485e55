/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process.h"

#include "domain.h"
#include "lifecycle.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-log.h"
#include "vir-poller.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

VIR_LOG_INIT("qemu.process");

/* More events than this wait only where the domain's job hangs; the newest are then dropped. */
#define MAX_EVENTS 1024

struct VirQemuProcess {
    VirRef refs;
    VirQemuDomain *dom; /* referenced */
    pid_t pid;
    guint64 start;
    int pidfd;
    VirPromise *ended;

    /* The main thread's. */
    VirWatch *watch;
    guint kill_timer;
    gboolean dead;
    gboolean reported;

    pthread_mutex_t lock;
    VirQmp *qmp;
    gboolean monitor_open;
    gboolean closed; /* no monitor any more */
    GQueue events;
};

void
vir_qemu_event_free(VirQemuEvent *event)
{
    if (event == NULL)
        return;
    g_free(event->name);
    json_object_put(event->data);
    g_free(event);
}

VirQemuProcess *
vir_qemu_process_ref(VirQemuProcess *process)
{
    vir_ref_inc(&process->refs);
    return process;
}

void
vir_qemu_process_unref(VirQemuProcess *process)
{
    VirQemuEvent *event;

    if (process == NULL || !vir_ref_dec(&process->refs))
        return;
    while ((event = g_queue_pop_head(&process->events)) != NULL)
        vir_qemu_event_free(event);
    vir_qmp_unref(process->qmp);
    vir_fd_close(&process->pidfd);
    vir_promise_unref(process->ended);
    pthread_mutex_destroy(&process->lock);
    vir_object_unref(process->dom);
    g_free(process);
}

static void
unref_process(void *process)
{
    vir_qemu_process_unref(process);
}

/* The monitor holds a reference to us for its callbacks: without an end of ours to it neither goes.
 */
static void
drop_monitor(VirQemuProcess *process)
{
    VirQmp *qmp;

    pthread_mutex_lock(&process->lock);
    process->closed = TRUE;
    qmp = g_steal_pointer(&process->qmp);
    pthread_mutex_unlock(&process->lock);
    if (qmp == NULL)
        return;
    vir_qmp_close(qmp);
    vir_qmp_unref(qmp);
}

/* Main thread. The monitor's last words count, so its end is awaited as well. */
static void
report_end(VirQemuProcess *process)
{
    gboolean open;

    pthread_mutex_lock(&process->lock);
    open = process->monitor_open;
    pthread_mutex_unlock(&process->lock);
    if (!process->dead || open || process->reported)
        return;
    process->reported = TRUE;
    vir_promise_fulfil(process->ended, NULL);
    vir_qemu_exited(process->dom, process);
    drop_monitor(process);
}

static void
process_ended(VirWatch *watch, guint32 events, void *data)
{
    g_autoptr(VirQemuProcess) process = data; /* the watch's reference */

    vir_watch_remove(watch);
    process->watch = NULL;
    if (process->kill_timer != 0)
        g_source_remove(process->kill_timer);
    process->dead = TRUE;
    report_end(process);
}

static gboolean
watch_process(void *data)
{
    VirQemuProcess *process = data;

    process->watch =
        vir_poller_add(vir_poller_default(), process->pidfd, EPOLLIN, process_ended, process);
    if (process->watch == NULL)
        vir_err("cannot watch process %d: %s", (int)process->pid, g_strerror(errno));
    else
        vir_qemu_process_ref(process);
    return G_SOURCE_REMOVE;
}

VirQemuProcess *
vir_qemu_process_new(VirQemuDomain *dom, pid_t pid, int pidfd, guint64 start)
{
    VirQemuProcess *process = g_new0(VirQemuProcess, 1);

    vir_ref_init(&process->refs);
    process->dom = vir_object_ref(dom);
    process->pid = pid;
    process->pidfd = pidfd;
    process->start = start;
    process->ended = vir_promise_new(NULL);
    pthread_mutex_init(&process->lock, NULL);
    vir_main_post(watch_process, vir_qemu_process_ref(process), unref_process);
    return process;
}

static void
on_event(VirQmp *qmp, const char *name, json_object *data, gint64 micros, void *opaque)
{
    VirQemuProcess *process = opaque;
    VirQemuEvent *event = g_new0(VirQemuEvent, 1);
    gboolean full;

    event->name = g_strdup(name);
    /* A copy, because the counts of json-c are not for two threads. */
    if (data != NULL && json_object_deep_copy(data, &event->data, NULL) != 0)
        event->data = NULL;
    event->micros = micros;
    pthread_mutex_lock(&process->lock);
    full = process->events.length >= MAX_EVENTS;
    if (!full)
        g_queue_push_tail(&process->events, event);
    pthread_mutex_unlock(&process->lock);
    if (full) {
        vir_warn("%s: event %s is dropped, %d wait already",
                 vir_strand_name(process->dom->base.strand), name, MAX_EVENTS);
        vir_qemu_event_free(event);
    } else {
        vir_qemu_events_arrived(process->dom, process);
    }
}

static void
on_closed(VirQmp *qmp, const GError *why, void *opaque)
{
    VirQemuProcess *process = opaque;

    pthread_mutex_lock(&process->lock);
    process->monitor_open = FALSE;
    pthread_mutex_unlock(&process->lock);
    if (!process->dead)
        vir_qemu_monitor_lost(process->dom, process, why);
    report_end(process);
}

static const VirQmpHooks hooks = {.event = on_event, .closed = on_closed};

void
vir_qemu_process_attach(VirQemuProcess *process, const char *owner, int fd)
{
    VirQmp *qmp;

    pthread_mutex_lock(&process->lock);
    process->monitor_open = TRUE;
    pthread_mutex_unlock(&process->lock);
    qmp = vir_qmp_new(owner, fd, &hooks, vir_qemu_process_ref(process), unref_process);
    pthread_mutex_lock(&process->lock);
    if (!process->closed)
        process->qmp = g_steal_pointer(&qmp);
    pthread_mutex_unlock(&process->lock);
    if (qmp == NULL)
        return;
    vir_qmp_close(qmp);
    vir_qmp_unref(qmp);
}

VirQmp *
vir_qemu_process_qmp(VirQemuProcess *process)
{
    VIR_LOCK(&process->lock);

    return process->qmp != NULL ? vir_qmp_ref(process->qmp) : NULL;
}

pid_t
vir_qemu_process_pid(const VirQemuProcess *process)
{
    return process->pid;
}

guint64
vir_qemu_process_started(const VirQemuProcess *process)
{
    return process->start;
}

VirPromise *
vir_qemu_process_ended(VirQemuProcess *process)
{
    return process->ended;
}

gboolean
vir_qemu_process_signal(VirQemuProcess *process, int sig, GError **error)
{
    if (syscall(SYS_pidfd_send_signal, process->pidfd, sig, NULL, 0) == 0 || errno == ESRCH)
        return TRUE;
    return vir_error_set_errno(error, errno, "cannot send signal %d to process %d", sig,
                               (int)process->pid);
}

static gboolean
kill_late(void *data)
{
    VirQemuProcess *process = data;

    process->kill_timer = 0;
    vir_warn("process %d did not end on SIGTERM, it is killed", (int)process->pid);
    vir_qemu_process_signal(process, SIGKILL, NULL);
    return G_SOURCE_REMOVE;
}

typedef struct {
    VirQemuProcess *process;
    unsigned ms;
} Termination;

static gboolean
arm_kill(void *data)
{
    Termination *t = data;

    if (!t->process->dead && t->process->kill_timer == 0) {
        t->process->kill_timer = g_timeout_add_full(
            G_PRIORITY_DEFAULT, t->ms, kill_late, vir_qemu_process_ref(t->process), unref_process);
    }
    return G_SOURCE_REMOVE;
}

static void
termination_free(void *data)
{
    Termination *t = data;

    vir_qemu_process_unref(t->process);
    g_free(t);
}

void
vir_qemu_process_terminate(VirQemuProcess *process, unsigned ms)
{
    Termination *t = g_new0(Termination, 1);

    vir_qemu_process_signal(process, SIGTERM, NULL);
    t->process = vir_qemu_process_ref(process);
    t->ms = ms;
    vir_main_post(arm_kill, t, termination_free);
}

VirQemuEvent *
vir_qemu_process_next_event(VirQemuProcess *process)
{
    VIR_LOCK(&process->lock);

    return g_queue_pop_head(&process->events);
}

guint64
vir_qemu_process_start_time(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *rest;
    guint64 start = 0;

    /* The name may hold blanks and brackets: count the fields from its last bracket. The 22nd of
     * proc(5) is the start time, the first after the bracket is the third. */
    if (!g_file_get_contents(path, &text, NULL, NULL) || (rest = strrchr(text, ')')) == NULL)
        return 0;
    for (int field = 2; field < 22 && rest != NULL; field++) {
        rest = strchr(rest, ' ');
        if (rest != NULL)
            rest++;
    }
    if (rest != NULL)
        start = g_ascii_strtoull(rest, NULL, 10);
    return start;
}

void
vir_qemu_process_abandon(VirQemuProcess *process)
{
    if (process->kill_timer != 0)
        g_source_remove(process->kill_timer);
    process->kill_timer = 0;
    drop_monitor(process);
    if (process->watch != NULL) {
        vir_watch_remove(process->watch);
        process->watch = NULL;
        vir_qemu_process_unref(process);
    }
}
