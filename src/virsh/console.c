/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "virsh.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK 4096
#define BUFFER_LIMIT (256 * 1024) /* what may wait on its way to the terminal */

/* All of it belongs to the event thread, but for the condition that tells the command of the end.
 */
typedef struct {
    VirshCtl *ctl;
    virStreamPtr stream;
    GByteArray *to_tty;
    GByteArray *to_guest;
    int stdin_watch;
    int stdout_watch;
    int refs; /* callbacks that the loop still holds, and the command */
    char *error;
    GMutex lock;
    GCond cond;
    gboolean done;
} Console;

static struct termios saved_tty;
static volatile sig_atomic_t tty_is_raw;

static void
console_unref(void *opaque)
{
    Console *con = opaque;

    if (!g_atomic_int_dec_and_test(&con->refs))
        return;
    g_byte_array_unref(con->to_tty);
    g_byte_array_unref(con->to_guest);
    g_free(con->error);
    g_mutex_clear(&con->lock);
    g_cond_clear(&con->cond);
    g_free(con);
}

static Console *
console_ref(Console *con)
{
    g_atomic_int_inc(&con->refs);
    return con;
}

static void
console_end(Console *con, const char *error)
{
    g_mutex_lock(&con->lock);
    if (!con->done && error)
        con->error = g_strdup(error);
    con->done = TRUE;
    g_cond_signal(&con->cond);
    g_mutex_unlock(&con->lock);
}

/* Asks for exactly those events for which there is something to do. */
static void
update_watches(Console *con)
{
    int events = 0;

    if (con->done)
        return;
    if (con->to_tty->len < BUFFER_LIMIT)
        events |= VIR_STREAM_EVENT_READABLE;
    if (con->to_guest->len > 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    virStreamEventUpdateCallback(con->stream, events);
    virEventUpdateHandle(con->stdout_watch, con->to_tty->len ? VIR_EVENT_HANDLE_WRITABLE : 0);
    virEventUpdateHandle(con->stdin_watch,
                         con->to_guest->len < BUFFER_LIMIT ? VIR_EVENT_HANDLE_READABLE : 0);
}

static void
end_with_last_error(Console *con, const char *fallback)
{
    const char *message = virsh_error_message();

    console_end(con, message ? message : fallback);
}

static void
on_stream(virStreamPtr stream, int events, void *opaque)
{
    Console *con = opaque;

    if (con->done)
        return;
    if (events & VIR_STREAM_EVENT_READABLE) {
        char buffer[CHUNK];
        int n = virStreamRecv(stream, buffer, sizeof(buffer));

        if (n == 0) {
            console_end(con, NULL);
            return;
        }
        if (n == -1) {
            end_with_last_error(con, "the console cannot be read");
            return;
        }
        if (n > 0)
            g_byte_array_append(con->to_tty, (const guint8 *)buffer, n);
    }
    if ((events & VIR_STREAM_EVENT_WRITABLE) && con->to_guest->len > 0) {
        int n = virStreamSend(stream, (const char *)con->to_guest->data,
                              MIN(con->to_guest->len, CHUNK));

        if (n == -1) {
            end_with_last_error(con, "the console cannot be written");
            return;
        }
        if (n > 0)
            g_byte_array_remove_range(con->to_guest, 0, n);
    }
    if (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP) &&
        !(events & VIR_STREAM_EVENT_READABLE)) {
        console_end(con, NULL);
        return;
    }
    update_watches(con);
}

static void
on_stdin(int watch, int fd, int events, void *opaque)
{
    Console *con = opaque;
    guint8 buffer[CHUNK];
    const guint8 *escape;
    gssize n;

    if (con->done)
        return;
    n = read(fd, buffer, sizeof(buffer));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        console_end(con, NULL);
        return;
    }
    escape = memchr(buffer, con->ctl->escape, n);
    if (escape) {
        console_end(con, NULL);
        return;
    }
    g_byte_array_append(con->to_guest, buffer, n);
    update_watches(con);
}

static void
on_stdout(int watch, int fd, int events, void *opaque)
{
    Console *con = opaque;
    gssize n;

    if (con->done || con->to_tty->len == 0)
        return;
    n = write(fd, con->to_tty->data, con->to_tty->len);
    if (n < 0 && errno != EINTR && errno != EAGAIN) {
        console_end(con, g_strerror(errno));
        return;
    }
    if (n > 0)
        g_byte_array_remove_range(con->to_tty, 0, n);
    update_watches(con);
}

/* A signal that ends virsh must not leave the terminal raw behind. */
static void
on_deadly_signal(int signal)
{
    if (tty_is_raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_tty);
    raise(signal); /* the handler was for one shot */
}

static const int deadly[] = {SIGQUIT, SIGTERM, SIGINT, SIGHUP};

static gboolean
make_raw(VirshCtl *ctl, struct sigaction *old)
{
    struct sigaction action = {.sa_handler = on_deadly_signal, .sa_flags = SA_RESETHAND};
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &saved_tty) < 0)
        return virsh_error(ctl, "unable to get tty attributes: %s", g_strerror(errno));
    sigemptyset(&action.sa_mask);
    for (gsize i = 0; i < G_N_ELEMENTS(deadly); i++)
        sigaction(deadly[i], &action, &old[i]);
    raw = saved_tty;
    cfmakeraw(&raw);
    tty_is_raw = TRUE;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0)
        return TRUE;
    return virsh_error(ctl, "unable to set tty attributes: %s", g_strerror(errno));
}

static void
make_cooked(const struct sigaction *old)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_tty);
    tty_is_raw = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(deadly); i++)
        sigaction(deadly[i], &old[i], NULL);
}

static Console *
console_new(VirshCtl *ctl, virStreamPtr stream)
{
    Console *con = g_new0(Console, 1);

    con->ctl = ctl;
    con->stream = stream;
    con->to_tty = g_byte_array_new();
    con->to_guest = g_byte_array_new();
    con->refs = 1;
    g_mutex_init(&con->lock);
    g_cond_init(&con->cond);
    return con;
}

/* Moves bytes until the end; returns FALSE with a printed error. */
static gboolean
console_run(Console *con, virDomainPtr dom, gboolean resume)
{
    gboolean good = TRUE;

    con->stdout_watch =
        virEventAddHandle(STDOUT_FILENO, 0, on_stdout, console_ref(con), console_unref);
    con->stdin_watch = virEventAddHandle(STDIN_FILENO, VIR_EVENT_HANDLE_READABLE, on_stdin,
                                         console_ref(con), console_unref);
    if (virStreamEventAddCallback(con->stream, VIR_STREAM_EVENT_READABLE, on_stream,
                                  console_ref(con), console_unref) < 0) {
        console_unref(con);
        end_with_last_error(con, "the console has no events");
    }
    if (resume && virDomainResume(dom) < 0)
        end_with_last_error(con, "the guest cannot be resumed");
    g_mutex_lock(&con->lock);
    while (!con->done)
        g_cond_wait(&con->cond, &con->lock);
    g_mutex_unlock(&con->lock);
    virStreamEventRemoveCallback(con->stream);
    virEventRemoveHandle(con->stdin_watch);
    virEventRemoveHandle(con->stdout_watch);
    good = con->error == NULL;
    virsh_forget();
    return good;
}

static void
announce(VirshCtl *ctl, virDomainPtr dom)
{
    virsh_say(ctl, "Connected to domain '%s'\n", virDomainGetName(dom));
    if (ctl->escape < ' ')
        virsh_say(ctl, "Escape character is ^%c (Ctrl + %c)\n", ctl->escape ^ 0x40,
                  ctl->escape ^ 0x40);
    else
        virsh_say(ctl, "Escape character is %c\n", ctl->escape);
    fflush(stdout);
}

gboolean
virsh_console(VirshCtl *ctl, virDomainPtr dom, const char *devname, gboolean resume,
              unsigned int flags)
{
    struct sigaction old[G_N_ELEMENTS(deadly)];
    g_autoptr(virStream) stream = NULL;
    Console *con;
    gboolean good;

    if (virDomainIsActive(dom) == 0)
        return virsh_error(ctl, "The domain is not running");
    if (!isatty(STDIN_FILENO))
        return virsh_error(ctl, "Cannot run interactive console without a controlling TTY");
    stream = virStreamNew(ctl->conn, VIR_STREAM_NONBLOCK);
    if (!stream)
        return FALSE;
    announce(ctl, dom);
    if (virDomainOpenConsole(dom, devname, stream, flags) < 0)
        return FALSE;
    if (!make_raw(ctl, old)) {
        virStreamAbort(stream);
        return FALSE;
    }
    con = console_new(ctl, stream);
    good = console_run(con, dom, resume);
    make_cooked(old);
    virStreamAbort(stream);
    virsh_forget();
    virsh_print("\n");
    if (!good)
        virsh_error(ctl, "%s", con->error);
    console_unref(con);
    return good;
}
