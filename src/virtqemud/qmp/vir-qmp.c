/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-qmp.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-lock.h"
#include "vir-log.h"
#include "vir-poller.h"
#include "vir-qmp-stream.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

VIR_LOG_INIT("qmp");

/* Commands that QEMU has not answered, at most: a hung QEMU must not let the daemon grow. */
#define MAX_PENDING 1024

typedef enum {
    STATE_GREETING,
    STATE_NEGOTIATING,
    STATE_READY,
    STATE_CLOSED,
} State;

/* A message on its way out. */
typedef struct {
    char *text;
    gsize len;
    gsize sent;
    int fd; /* ours, or -1 */
    guint64 id;
} Message;

typedef struct {
    VirPromise *promise;
    char *name;
} Command;

struct VirQmp {
    VirRef refs;
    char *owner;
    const VirQmpHooks *hooks;
    void *opaque;
    GDestroyNotify destroy;

    /* main thread only */
    VirWatch *watch;
    VirQmpStream *stream;

    pthread_mutex_t lock; /* all below */
    State state;
    int fd;
    GError *why; /* closed: the reason */
    guint64 next_id;
    GHashTable *pending; /* guint64 id -> Command */
    GQueue out;          /* Message */
    guint64 fd_barrier;  /* id of an unanswered message that carried an fd, or 0 */
    gboolean arming;     /* the main thread is on its way to wait for room in the socket */
};

static void
message_free(Message *message)
{
    vir_fd_close(&message->fd);
    g_free(message->text);
    g_free(message);
}

static void
command_free(void *data)
{
    Command *command = data;

    vir_promise_unref(command->promise);
    g_free(command->name);
    g_free(command);
}

static void
value_free(void *value)
{
    json_object_put(value);
}

VirQmp *
vir_qmp_ref(VirQmp *qmp)
{
    vir_ref_inc(&qmp->refs);
    return qmp;
}

void
vir_qmp_unref(VirQmp *qmp)
{
    if (!qmp || !vir_ref_dec(&qmp->refs))
        return;
    vir_fd_close(&qmp->fd);
    g_queue_clear_full(&qmp->out, (GDestroyNotify)message_free);
    g_hash_table_unref(qmp->pending);
    vir_qmp_stream_free(qmp->stream);
    g_clear_error(&qmp->why);
    pthread_mutex_destroy(&qmp->lock);
    if (qmp->destroy)
        qmp->destroy(qmp->opaque);
    g_free(qmp->owner);
    g_free(qmp);
}

static void
post(VirQmp *qmp, GSourceFunc func)
{
    vir_main_post(func, vir_qmp_ref(qmp), (GDestroyNotify)vir_qmp_unref);
}

/* Marks the connection closed and fails what waits. FALSE where it was closed before. Any thread.
 */
static gboolean
fail_all(VirQmp *qmp, const GError *why)
{
    g_autoptr(GHashTable) pending = NULL;
    GHashTableIter iter;
    void *value;

    pthread_mutex_lock(&qmp->lock);
    if (qmp->state == STATE_CLOSED) {
        pthread_mutex_unlock(&qmp->lock);
        return FALSE;
    }
    qmp->state = STATE_CLOSED;
    qmp->why = g_error_copy(why);
    shutdown(qmp->fd, SHUT_RDWR);
    pending = qmp->pending;
    qmp->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, command_free);
    g_queue_clear_full(&qmp->out, (GDestroyNotify)message_free);
    pthread_mutex_unlock(&qmp->lock);

    g_hash_table_iter_init(&iter, pending);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Command *command = value;
        GError *error = g_error_copy(why);

        g_prefix_error(&error, "QEMU command '%s': ", command->name);
        vir_promise_fail(command->promise, error);
    }
    return TRUE;
}

/* Main thread: the last of a connection. */
static gboolean
finish(void *data)
{
    VirQmp *qmp = data;

    if (!qmp->watch)
        return G_SOURCE_REMOVE;
    g_clear_pointer(&qmp->watch, vir_watch_remove);
    pthread_mutex_lock(&qmp->lock);
    vir_fd_close(&qmp->fd);
    pthread_mutex_unlock(&qmp->lock);
    if (qmp->hooks && qmp->hooks->closed)
        qmp->hooks->closed(qmp, qmp->why, qmp->opaque);
    vir_qmp_unref(qmp); /* the watch's */
    return G_SOURCE_REMOVE;
}

static void
end(VirQmp *qmp, const GError *why)
{
    if (fail_all(qmp, why))
        post(qmp, finish);
}

void
vir_qmp_close(VirQmp *qmp)
{
    g_autoptr(GError) why = NULL;

    vir_error_set(&why, VIR_ERR_OPERATION_FAILED, "the monitor of %s was closed", qmp->owner);
    end(qmp, why);
}

static gssize
send_some(int fd, const Message *message)
{
    struct iovec iov = {message->text + message->sent, message->len - message->sent};
    struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
    union {
        char buffer[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    gssize n;

    if (message->fd >= 0 && message->sent == 0) {
        struct cmsghdr *cmsg;

        header.msg_control = control.buffer;
        header.msg_controllen = sizeof(control.buffer);
        cmsg = CMSG_FIRSTHDR(&header);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(cmsg), &message->fd, sizeof(int));
    }
    do
        n = sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n;
}

static gboolean arm_write(void *data);

/* Sends what the socket takes. The lock is held. A broken socket shows on the reading side. */
static void
flush(VirQmp *qmp)
{
    Message *message;

    if (qmp->state != STATE_NEGOTIATING && qmp->state != STATE_READY)
        return;
    /* QEMU keeps the descriptors of the latest message only: let it take one before the next. */
    while (!qmp->fd_barrier && (message = g_queue_peek_head(&qmp->out))) {
        gssize n;

        if (qmp->state == STATE_NEGOTIATING && message->id != 1)
            return;
        n = send_some(qmp->fd, message);
        if (n < 0) {
            if (errno == EAGAIN && !qmp->arming) {
                qmp->arming = TRUE;
                post(qmp, arm_write);
            }
            return;
        }
        message->sent += n;
        if (message->sent < message->len)
            continue;
        if (message->fd >= 0)
            qmp->fd_barrier = message->id;
        message_free(g_queue_pop_head(&qmp->out));
    }
}

static gboolean
arm_write(void *data)
{
    VirQmp *qmp = data;

    if (qmp->watch)
        vir_watch_set_events(qmp->watch, EPOLLIN | EPOLLOUT);
    return G_SOURCE_REMOVE;
}

static VirPromise *
send_command(VirQmp *qmp, const char *name, json_object *args, int fd)
{
    VirPromise *promise = vir_promise_new(value_free);
    json_object *object = json_object_new_object();
    g_autofree char *id = NULL;
    Command *command;
    Message *message;
    guint64 *key;

    pthread_mutex_lock(&qmp->lock);
    if (qmp->state == STATE_CLOSED || g_hash_table_size(qmp->pending) >= MAX_PENDING) {
        GError *error = NULL;

        if (qmp->state == STATE_CLOSED)
            error = g_error_copy(qmp->why);
        else
            vir_error_set(&error, VIR_ERR_RESOURCE_BUSY,
                          "QEMU of %s has left %d commands unanswered", qmp->owner, MAX_PENDING);
        pthread_mutex_unlock(&qmp->lock);
        g_prefix_error(&error, "QEMU command '%s': ", name);
        vir_promise_fail(promise, error);
        json_object_put(args);
        json_object_put(object);
        return promise;
    }
    message = g_new0(Message, 1);
    message->id = qmp->next_id++;
    message->fd = fd;
    id = g_strdup_printf("libvirt-%" G_GUINT64_FORMAT, message->id);
    json_object_object_add(object, "execute", json_object_new_string(name));
    if (args)
        json_object_object_add(object, "arguments", args);
    json_object_object_add(object, "id", json_object_new_string(id));
    message->text =
        g_strconcat(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE),
                    "\n", NULL);
    message->len = strlen(message->text);
    json_object_put(object);

    command = g_new0(Command, 1);
    command->promise = vir_promise_ref(promise);
    command->name = g_strdup(name);
    key = g_memdup2(&message->id, sizeof(message->id));
    g_hash_table_insert(qmp->pending, key, command);
    /* The negotiation goes before what was sent early. */
    if (message->id == 1)
        g_queue_push_head(&qmp->out, message);
    else
        g_queue_push_tail(&qmp->out, message);
    flush(qmp);
    pthread_mutex_unlock(&qmp->lock);
    return promise;
}

VirPromise *
vir_qmp_send(VirQmp *qmp, const char *command, json_object *args)
{
    return send_command(qmp, command, args, -1);
}

VirPromise *
vir_qmp_send_fd(VirQmp *qmp, const char *command, json_object *args, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (copy < 0) {
        VirPromise *promise = vir_promise_new(value_free);
        GError *error = NULL;

        vir_error_set_errno(&error, errno, "cannot duplicate descriptor %d for QEMU command '%s'",
                            fd, command);
        vir_promise_fail(promise, error);
        json_object_put(args);
        return promise;
    }
    return send_command(qmp, command, args, copy);
}

gboolean
vir_qmp_wait(VirQmp *qmp, VirPromise *promise, const char *command, int timeout_ms,
             json_object **ret, GError **error)
{
    g_autofree char *what = g_strdup_printf("reply of QEMU (%s) to '%s'", qmp->owner, command);
    void *value = NULL;

    if (!vir_promise_wait(promise, timeout_ms, what, &value, error))
        return FALSE;
    if (ret)
        *ret = value;
    else
        json_object_put(value);
    return TRUE;
}

gboolean
vir_qmp_run(VirQmp *qmp, const char *command, json_object *args, int timeout_ms, json_object **ret,
            GError **error)
{
    g_autoptr(VirPromise) promise = vir_qmp_send(qmp, command, args);

    return vir_qmp_wait(qmp, promise, command, timeout_ms, ret, error);
}

const char *
vir_qmp_error_class(const GError *error)
{
    VirErrorDetail *detail = vir_error_detail(error);

    return detail ? detail->str3 : NULL;
}

static const struct {
    const char *name;
    int code;
} classes[] = {
    {"CommandNotFound", VIR_ERR_OPERATION_UNSUPPORTED},
    {"DeviceNotFound", VIR_ERR_DEVICE_MISSING},
    {"DeviceNotActive", VIR_ERR_OPERATION_INVALID},
    {"KVMMissingCap", VIR_ERR_OPERATION_UNSUPPORTED},
};

static const char *
get_string(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

static GError *
command_error(VirQmp *qmp, const Command *command, json_object *object)
{
    const char *klass = get_string(object, "class");
    const char *desc = get_string(object, "desc");
    GError *error = NULL;
    VirErrorDetail *detail;
    int code = VIR_ERR_OPERATION_FAILED;

    for (gsize i = 0; klass && i < G_N_ELEMENTS(classes); i++) {
        if (g_str_equal(classes[i].name, klass))
            code = classes[i].code;
    }
    vir_error_set(&error, code, "%s: QEMU command '%s' failed: %s", qmp->owner, command->name,
                  desc ? desc : "QEMU gives no reason");
    detail = vir_error_detail(error);
    if (detail) {
        g_free(detail->str3);
        detail->str3 = g_strdup(klass);
    }
    return error;
}

static gboolean
get_id(json_object *message, guint64 *id)
{
    const char *text = get_string(message, "id");

    return text && g_str_has_prefix(text, "libvirt-") &&
           g_ascii_string_to_unsigned(text + strlen("libvirt-"), 10, 1, G_MAXUINT64, id, NULL);
}

static gboolean
take_reply(VirQmp *qmp, json_object *message, json_object *value, gboolean failed, GError **error)
{
    g_autofree guint64 *key = NULL;
    void *stolen_key = NULL;
    void *stolen = NULL;
    Command *command;
    guint64 id = 0;

    if (!get_id(message, &id)) {
        if (failed)
            return vir_error_set(error, VIR_ERR_RPC, "an error for no command: %s",
                                 get_string(value, "desc"));
        vir_debug("%s: a reply without an id of ours", qmp->owner);
        return TRUE;
    }
    pthread_mutex_lock(&qmp->lock);
    if (!g_hash_table_steal_extended(qmp->pending, &id, &stolen_key, &stolen)) {
        pthread_mutex_unlock(&qmp->lock);
        vir_debug("%s: a reply to no command, id %" G_GUINT64_FORMAT, qmp->owner, id);
        return TRUE;
    }
    key = stolen_key;
    command = stolen;
    if (id == 1 && !failed)
        qmp->state = STATE_READY;
    if (qmp->fd_barrier == id)
        qmp->fd_barrier = 0;
    flush(qmp);
    pthread_mutex_unlock(&qmp->lock);

    if (failed) {
        vir_promise_fail(command->promise, command_error(qmp, command, value));
    } else {
        /* Counts of json-c are not for two threads: the waiter gets the only reference. */
        json_object_get(value);
        json_object_object_del(message, "return");
        vir_promise_fulfil(command->promise, value);
    }
    command_free(command);
    if (id == 1 && failed)
        return vir_error_set(error, VIR_ERR_RPC, "QEMU refused qmp_capabilities");
    return TRUE;
}

static void
take_event(VirQmp *qmp, const char *name, json_object *message)
{
    json_object *data = NULL;
    json_object *stamp = NULL;
    json_object *part = NULL;
    gint64 micros = 0;

    json_object_object_get_ex(message, "data", &data);
    if (!json_object_is_type(data, json_type_object))
        data = NULL;
    if (json_object_object_get_ex(message, "timestamp", &stamp) &&
        json_object_is_type(stamp, json_type_object)) {
        gint64 seconds = 0;

        if (json_object_object_get_ex(stamp, "seconds", &part))
            seconds = json_object_get_int64(part);
        if (json_object_object_get_ex(stamp, "microseconds", &part))
            micros = json_object_get_int64(part);
        micros = CLAMP(micros, 0, G_USEC_PER_SEC - 1);
        micros += CLAMP(seconds, 0, G_MAXINT64 / G_USEC_PER_SEC - 1) * G_USEC_PER_SEC;
    }
    vir_debug("%s: event %s", qmp->owner, name);
    if (qmp->hooks && qmp->hooks->event)
        qmp->hooks->event(qmp, name, data, micros, qmp->opaque);
}

static gboolean
take_message(json_object *message, void *opaque, GError **error)
{
    VirQmp *qmp = opaque;
    json_object *value = NULL;
    const char *event;
    State state;

    pthread_mutex_lock(&qmp->lock);
    state = qmp->state;
    pthread_mutex_unlock(&qmp->lock);
    if (state == STATE_CLOSED)
        return TRUE;

    if (state == STATE_GREETING) {
        if (!json_object_object_get_ex(message, "QMP", &value))
            return vir_error_set(error, VIR_ERR_RPC, "no QMP greeting");
        pthread_mutex_lock(&qmp->lock);
        if (qmp->state == STATE_GREETING)
            qmp->state = STATE_NEGOTIATING;
        flush(qmp);
        pthread_mutex_unlock(&qmp->lock);
        return TRUE;
    }
    event = get_string(message, "event");
    if (event) {
        take_event(qmp, event, message);
        return TRUE;
    }
    if (json_object_object_get_ex(message, "return", &value))
        return take_reply(qmp, message, value, FALSE, error);
    if (json_object_object_get_ex(message, "error", &value))
        return take_reply(qmp, message, value, TRUE, error);
    vir_debug("%s: a message of no known kind", qmp->owner);
    return TRUE;
}

static void
ready(VirWatch *watch, guint32 events, void *opaque)
{
    g_autoptr(VirQmp) qmp = vir_qmp_ref(opaque);
    g_autoptr(GError) error = NULL;
    char buffer[65536];
    gssize n;

    if (events & EPOLLOUT) {
        pthread_mutex_lock(&qmp->lock);
        qmp->arming = FALSE;
        vir_watch_set_events(watch, EPOLLIN);
        flush(qmp);
        pthread_mutex_unlock(&qmp->lock);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    n = recv(vir_watch_fd(watch), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0 && vir_qmp_stream_feed(qmp->stream, buffer, (gsize)n, &error))
        return;
    if (n > 0)
        g_prefix_error(&error, "the monitor of %s sent no QMP: ", qmp->owner);
    else if (n < 0 && errno != ECONNRESET)
        vir_error_set_errno(&error, errno, "cannot read from the monitor of %s", qmp->owner);
    else
        vir_error_set(&error, VIR_ERR_OPERATION_FAILED, "QEMU of %s closed its monitor",
                      qmp->owner);
    end(qmp, error);
}

/* Main thread: the first of a connection. */
static gboolean
start(void *data)
{
    VirQmp *qmp = data;
    gboolean closed;

    qmp->watch = vir_poller_add(vir_poller_default(), qmp->fd, EPOLLIN, ready, vir_qmp_ref(qmp));
    if (!qmp->watch) {
        g_autoptr(GError) error = NULL;

        vir_error_set_errno(&error, errno, "cannot watch the monitor of %s", qmp->owner);
        fail_all(qmp, error);
        if (qmp->hooks && qmp->hooks->closed)
            qmp->hooks->closed(qmp, qmp->why, qmp->opaque);
        vir_qmp_unref(qmp);
        return G_SOURCE_REMOVE;
    }
    pthread_mutex_lock(&qmp->lock);
    closed = qmp->state == STATE_CLOSED;
    pthread_mutex_unlock(&qmp->lock);
    return closed ? finish(qmp) : G_SOURCE_REMOVE;
}

VirQmp *
vir_qmp_new(const char *owner, int fd, const VirQmpHooks *hooks, void *opaque,
            GDestroyNotify destroy)
{
    VirQmp *qmp = g_new0(VirQmp, 1);

    vir_ref_init(&qmp->refs);
    pthread_mutex_init(&qmp->lock, NULL);
    qmp->owner = g_strdup(owner);
    qmp->hooks = hooks;
    qmp->opaque = opaque;
    qmp->destroy = destroy;
    qmp->fd = fd;
    qmp->next_id = 1;
    qmp->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, command_free);
    qmp->stream = vir_qmp_stream_new(take_message, qmp);
    /* Its id is 1; it leaves when the greeting has come. */
    vir_promise_unref(vir_qmp_send(qmp, "qmp_capabilities", NULL));
    post(qmp, start);
    return qmp;
}

/* The address of a socket whose path may be longer than sun_path: through its folder. */
static int
open_folder(const char *path, struct sockaddr_un *address, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int n;

    if (fd < 0) {
        vir_error_set_errno(error, errno, "cannot open the folder of monitor socket '%s'", path);
        return -1;
    }
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    n = g_snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", fd, name);
    if (n >= (int)sizeof(address->sun_path)) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "the name of monitor socket '%s' is too long",
                      path);
        close(fd);
        return -1;
    }
    return fd;
}

static int
connect_to(const struct sockaddr_un *address, const char *path, GError **error)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* A unix socket connects at once or not at all: EAGAIN is a full backlog, a QEMU that hangs. */
    if (fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        vir_error_set_errno(error, errno, "cannot connect to monitor socket '%s'", path);
        vir_fd_close(&fd);
        return -1;
    }
    return fd;
}

VirQmp *
vir_qmp_connect(const char *owner, const char *path, const VirQmpHooks *hooks, void *opaque,
                GDestroyNotify destroy, GError **error)
{
    struct sockaddr_un address;
    VIR_AUTOCLOSE folder = open_folder(path, &address, error);
    int fd;

    if (folder < 0)
        return NULL;
    fd = connect_to(&address, path, error);
    return fd < 0 ? NULL : vir_qmp_new(owner, fd, hooks, opaque, destroy);
}

gboolean
vir_qmp_listen(const char *path, int *listener, int *client, GError **error)
{
    struct sockaddr_un address;
    VIR_AUTOCLOSE folder = open_folder(path, &address, error);
    VIR_AUTOCLOSE fd = -1;

    if (folder < 0)
        return FALSE;
    if (!vir_file_remove(path, error))
        return FALSE;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The mode of the socket before bind() is that of the name it gets: nobody comes between. */
    if (fd < 0 || fchmod(fd, 0600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 1) < 0)
        return vir_error_set_errno(error, errno, "cannot listen on monitor socket '%s'", path);
    *client = connect_to(&address, path, error);
    if (*client < 0)
        return FALSE;
    *listener = g_steal_fd(&fd);
    return TRUE;
}
