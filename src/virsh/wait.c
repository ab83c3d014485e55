/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Callbacks run on the event thread, and wake the waiting command through a pipe: 'e' for an event.
 * An interrupt comes through the same pipe as 'i', so that nothing but poll() waits. */
struct VirshWait {
    VirshCtl *ctl;
    int pipe[2];
    gboolean loop;
    gint64 deadline; /* monotonic, in us; 0: none */
    int count;
    struct sigaction old_action;
};

static int interrupt_fd = -1;

static void
on_interrupt(int signal)
{
    int saved = errno;

    if (write(interrupt_fd, "i", 1) < 0)
        errno = saved;
    errno = saved;
}

VirshWait *
virsh_wait_new(VirshCtl *ctl, int timeout_s, gboolean loop)
{
    VirshWait *wait = g_new0(VirshWait, 1);
    struct sigaction action = {.sa_handler = on_interrupt};

    wait->ctl = ctl;
    wait->loop = loop;
    if (timeout_s > 0)
        wait->deadline = g_get_monotonic_time() + (gint64)timeout_s * G_USEC_PER_SEC;
    if (!g_unix_open_pipe(wait->pipe, FD_CLOEXEC, NULL)) {
        virsh_error(ctl, "failed to make a pipe: %s", g_strerror(errno));
        g_free(wait);
        return NULL;
    }
    g_unix_set_fd_nonblocking(wait->pipe[1], TRUE, NULL);
    interrupt_fd = wait->pipe[1];
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &wait->old_action);
    return wait;
}

void
virsh_wait_free(VirshWait *wait)
{
    if (!wait)
        return;
    sigaction(SIGINT, &wait->old_action, NULL);
    interrupt_fd = -1;
    close(wait->pipe[0]);
    close(wait->pipe[1]);
    g_free(wait);
}

void
virsh_wait_event(VirshWait *wait, gboolean timestamp, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (!wait->loop && g_atomic_int_get(&wait->count) > 0)
        return; /* one was asked for; this one came before it could be said */
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_atomic_int_inc(&wait->count);
    if (timestamp) {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *stamp = g_date_time_format(now, "%Y-%m-%d %H:%M:%S");

        virsh_print("%s.%03d+0000: %s", stamp, g_date_time_get_microsecond(now) / 1000, text);
    } else {
        virsh_print("%s", text);
    }
    fflush(stdout);
    if (!wait->loop && write(wait->pipe[1], "e", 1) < 0)
        virsh_debug(wait->ctl, 3, "cannot wake the waiting command");
}

gboolean
virsh_wait_run(VirshWait *wait)
{
    gboolean lost = FALSE;

    for (;;) {
        struct pollfd pfd = {.fd = wait->pipe[0], .events = POLLIN};
        gint64 left = wait->deadline ? wait->deadline - g_get_monotonic_time() : G_MAXINT;
        char what = 0;

        if (wait->deadline && left <= 0) {
            virsh_print("event loop timed out\n");
            break;
        }
        /* the library has no way to wake this command when the connection goes: look each second */
        if (poll(&pfd, 1, (int)MIN(left / 1000 + 1, 1000)) < 0 && errno != EINTR)
            return FALSE;
        if (g_atomic_int_get(&wait->ctl->disconnected)) {
            lost = TRUE;
            break;
        }
        if (!(pfd.revents & POLLIN) || read(wait->pipe[0], &what, 1) != 1)
            continue;
        if (what == 'i')
            virsh_print("event loop interrupted\n");
        break;
    }
    virsh_print("events received: %d\n", g_atomic_int_get(&wait->count));
    return !lost && g_atomic_int_get(&wait->count) > 0;
}
