/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vir-error.h"
#include "vir-file.h"
#include "vir-server-private.h"

#define READ_SIZE 65536
#define FILE_READ_SIZE VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX
/* What waits to be written before the client has to wait. */
#define BACKLOG_FULL (1024 * 1024)
#define BACKLOG_LOW (256 * 1024)

/*
 * Two ways: an fd that can be polled is served on the main thread; a regular file or block device
 * is always ready and may yet be slow, so jobs of a strand of its own read and write it.
 */
typedef struct {
    VirStream *stream; /* referenced until closed */
    VirWatch *watch;
    VirStrand *strand;
    GByteArray *backlog; /* from the client; main thread */
    int fd;
    VirRef refs;        /* the stream's and one for each job */
    gboolean readable;  /* more may come from fd */
    gboolean writes;    /* fd takes data */
    gboolean finishing; /* the client finished: end once the backlog is written */
    gboolean paused;
    gboolean job_writing;
    gint closed; /* atomic: jobs look */
} Pump;

static void
pump_unref(void *data)
{
    Pump *pump = data;

    if (!vir_ref_dec(&pump->refs))
        return;
    vir_fd_close(&pump->fd);
    g_clear_pointer(&pump->strand, vir_strand_unref);
    g_byte_array_unref(pump->backlog);
    vir_stream_unref(pump->stream);
    g_free(pump);
}

static Pump *
pump_ref(Pump *pump)
{
    vir_ref_inc(&pump->refs);
    return pump;
}

static void
abort_errno(Pump *pump, const char *what)
{
    GError *error = NULL;

    vir_error_set_errno(&error, errno, "%s", what);
    vir_stream_abort(pump->stream, error);
}

static void
update_watch(Pump *pump)
{
    guint32 events = 0;

    if (!pump->watch)
        return;
    if (pump->readable && vir_stream_has_room(pump->stream))
        events |= EPOLLIN;
    if (pump->backlog->len > 0)
        events |= EPOLLOUT;
    if (!pump->readable && !events) /* a hangup would be reported for ever */
        g_clear_pointer(&pump->watch, vir_watch_remove);
    else
        vir_watch_set_events(pump->watch, events);
}

static void
end_of_data(Pump *pump)
{
    if (!pump->readable)
        return;
    pump->readable = FALSE;
    vir_stream_send_eof(pump->stream);
}

static void
read_some(Pump *pump)
{
    static guint8 buf[READ_SIZE]; /* main thread only */
    gssize n = read(pump->fd, buf, sizeof(buf));

    if (n > 0)
        vir_stream_send(pump->stream, buf, n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        end_of_data(pump); /* EIO of a pty: nobody has the other end open */
}

static void
backlog_written(Pump *pump, gsize n)
{
    g_byte_array_remove_range(pump->backlog, 0, n);
    if (pump->paused && pump->backlog->len <= BACKLOG_LOW) {
        pump->paused = FALSE;
        vir_stream_pause(pump->stream, FALSE);
    }
    if (pump->finishing && pump->backlog->len == 0)
        vir_stream_finish(pump->stream);
}

static void
write_some(Pump *pump)
{
    gssize n = write(pump->fd, pump->backlog->data, pump->backlog->len);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        abort_errno(pump, "cannot write what the client sent");
        n = pump->backlog->len;
    }
    backlog_written(pump, n);
}

static void
pump_on_poll(VirWatch *watch, guint32 events, void *data)
{
    Pump *pump = pump_ref(data);

    if ((events & EPOLLOUT) && pump->backlog->len > 0)
        write_some(pump);
    if (!pump->closed && pump->readable && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) &&
        vir_stream_has_room(pump->stream))
        read_some(pump);
    else if (!pump->closed && (events & (EPOLLHUP | EPOLLERR)))
        g_clear_pointer(&pump->watch, vir_watch_remove); /* looked at again when there is room */
    update_watch(pump);
    pump_unref(pump);
}

/* Files. */

static void
file_read_job(VirJob *job, void *data)
{
    Pump *pump = data;

    while (!g_atomic_int_get(&pump->closed) && vir_stream_has_room(pump->stream)) {
        g_autoptr(VirPacket) packet = vir_stream_packet(FILE_READ_SIZE);
        gssize n = read(pump->fd, packet->data + VIR_FRAME_HEADER, FILE_READ_SIZE);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            abort_errno(pump, "cannot read");
            return;
        }
        if (n == 0) {
            vir_stream_send_eof(pump->stream);
            return;
        }
        vir_stream_send_packet(pump->stream, g_steal_pointer(&packet), n);
    }
}

typedef struct {
    Pump *pump;
    GByteArray *bytes;
    gboolean ok;
} FileWrite;

static void file_write_next(Pump *pump);

static gboolean
file_written(void *data)
{
    FileWrite *w = data;

    w->pump->job_writing = FALSE;
    if (!g_atomic_int_get(&w->pump->closed) && w->ok)
        file_write_next(w->pump);
    return G_SOURCE_REMOVE;
}

static void
file_write_free(void *data)
{
    FileWrite *w = data;

    g_byte_array_unref(w->bytes);
    pump_unref(w->pump);
    g_free(w);
}

static void
file_write_job(VirJob *job, void *data)
{
    FileWrite *w = data;
    gsize done = 0;

    while (done < w->bytes->len) {
        gssize n = write(w->pump->fd, w->bytes->data + done, w->bytes->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            abort_errno(w->pump, "cannot write what the client sent");
            return;
        }
        done += n;
    }
    w->ok = TRUE;
}

static void
file_write_done(void *data)
{
    vir_main_post(file_written, data, file_write_free);
}

static void
file_write_next(Pump *pump)
{
    FileWrite *w;

    if (pump->job_writing)
        return;
    if (pump->backlog->len == 0) {
        if (pump->finishing)
            vir_stream_finish(pump->stream);
        return;
    }
    w = g_new0(FileWrite, 1);
    w->pump = pump_ref(pump);
    w->bytes = g_steal_pointer(&pump->backlog);
    pump->backlog = g_byte_array_new();
    pump->job_writing = TRUE;
    if (pump->paused) {
        pump->paused = FALSE;
        vir_stream_pause(pump->stream, FALSE);
    }
    vir_strand_post_urgent(pump->strand, "write", file_write_job, w, file_write_done);
}

/* The stream's side. */

static void
pump_received(VirStream *stream, const guint8 *bytes, gsize len, void *data)
{
    Pump *pump = data;
    gssize n = 0;

    if (!bytes) {
        pump->finishing = TRUE;
        if (pump->backlog->len == 0 && !pump->job_writing)
            vir_stream_finish(stream);
        return;
    }
    if (!pump->writes || (!pump->strand && !pump->watch))
        return; /* read-only, or hung up: as with late data */
    if (!pump->strand && pump->backlog->len == 0)
        n = write(pump->fd, bytes, len);
    n = MAX(n, 0); /* an error shows again when the backlog is written */
    g_byte_array_append(pump->backlog, bytes + n, len - n);
    if (pump->strand)
        file_write_next(pump);
    else
        update_watch(pump);
    if (pump->backlog->len > BACKLOG_FULL && !pump->paused) {
        pump->paused = TRUE;
        vir_stream_pause(stream, TRUE);
    }
}

static void
pump_writable(VirStream *stream, void *data)
{
    Pump *pump = data;

    if (pump->strand)
        vir_strand_post(pump->strand, "read", file_read_job, pump_ref(pump), pump_unref, NULL);
    else if (pump->watch)
        update_watch(pump);
    else if (pump->readable)
        pump->watch = vir_poller_add(vir_poller_default(), pump->fd, EPOLLIN, pump_on_poll, pump);
}

static void
pump_closed(VirStream *stream, void *data)
{
    Pump *pump = data;

    g_atomic_int_set(&pump->closed, TRUE);
    g_clear_pointer(&pump->watch, vir_watch_remove);
    pump_unref(pump);
}

static const VirStreamOps pump_ops = {
    .received = pump_received,
    .writable = pump_writable,
    .closed = pump_closed,
};

static gboolean
pump_start(void *data)
{
    Pump *pump = data;

    if (pump->closed)
        return G_SOURCE_REMOVE;
    pump->watch = vir_poller_add(vir_poller_default(), pump->fd, EPOLLIN, pump_on_poll, pump);
    if (!pump->watch)
        abort_errno(pump, "cannot watch the file descriptor of a stream");
    return G_SOURCE_REMOVE;
}

void
vir_stream_pump_fd(VirStream *stream, int fd)
{
    Pump *pump = g_new0(Pump, 1);
    int flags = fcntl(fd, F_GETFL);
    struct stat st;

    vir_ref_init(&pump->refs);
    pump->stream = vir_stream_ref(stream);
    pump->fd = fd;
    pump->backlog = g_byte_array_new();
    pump->readable = (flags & O_ACCMODE) != O_WRONLY;
    pump->writes = (flags & O_ACCMODE) != O_RDONLY;
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
        pump->strand = vir_strand_new("stream", 0);
    vir_stream_set_ops(stream, &pump_ops, pump);
    if (!pump->strand) {
        fcntl(fd, F_SETFL, flags | O_NONBLOCK);
        vir_main_post(pump_start, pump_ref(pump), pump_unref);
    } else if (pump->readable) {
        vir_strand_post(pump->strand, "read", file_read_job, pump_ref(pump), pump_unref, NULL);
    }
}
