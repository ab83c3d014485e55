/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-polkit.h"
#include "vir-error.h"
#include "vir-log.h"

#include <errno.h>
#include <systemd/sd-bus.h>

VIR_LOG_INIT("access.polkit");

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_AUTHORITY "org.freedesktop.PolicyKit1.Authority"

enum { ALLOW_USER_INTERACTION = 1 };

struct VirPolkitCheck {
    sd_bus *bus;
    GSource *source;
    void *tag; /* of the bus's fd in the source */
    int fd;
    char *action;
    char *who;
    int wait_ms;
    gint64 deadline; /* monotonic, us */
    VirPolkitDone done;
    void *data;
    GError *refusal;
    gboolean answered;
};

/* The source of the main loop that moves the bus on. */
typedef struct {
    GSource source;
    VirPolkitCheck *check;
} PolkitSource;

#define fail(error, code, ...) vir_error_set_in(error, VIR_FROM_POLKIT, code, __VA_ARGS__)

static gboolean
fail_unavailable(const VirPolkitCheck *check, const char *why, GError **error)
{
    return fail(error, VIR_ERR_AUTH_UNAVAILABLE,
                "cannot ask polkit for '%s': %s; start polkit.service (and dbus.service), or set "
                "auth_unix_rw and auth_unix_ro to \"none\" and protect the sockets by "
                "unix_sock_group and unix_sock_rw_perms",
                check->action, why);
}

static void
answer(VirPolkitCheck *check, gboolean authorized, gboolean challenge, gboolean dismissed)
{
    if (authorized)
        return;
    if (dismissed)
        fail(&check->refusal, VIR_ERR_AUTH_CANCELLED,
             "the authentication for '%s' of %s was dismissed", check->action, check->who);
    else if (challenge)
        fail(&check->refusal, VIR_ERR_AUTH_UNAVAILABLE,
             "no polkit agent is there to authenticate %s for '%s'", check->who, check->action);
    else
        fail(&check->refusal, VIR_ERR_AUTH_FAILED, "polkit does not allow '%s' to %s",
             check->action, check->who);
}

/* The reply is (bba{ss}): authorized, challenge, details. */
static int
read_answer(VirPolkitCheck *check, sd_bus_message *reply)
{
    int authorized = 0;
    int challenge = 0;
    gboolean dismissed = FALSE;
    const char *key;
    const char *value;
    int r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");

    if (r >= 0)
        r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
    if (r >= 0)
        r = sd_bus_message_enter_container(reply, 'a', "{ss}");
    while (r >= 0 && (r = sd_bus_message_read(reply, "{ss}", &key, &value)) > 0) {
        if (g_str_equal(key, "polkit.dismissed") && value[0])
            dismissed = TRUE;
    }
    if (r >= 0)
        answer(check, authorized, challenge, dismissed);
    return r;
}

static int
on_answer(sd_bus_message *reply, void *data, sd_bus_error *ignored)
{
    VirPolkitCheck *check = data;
    const sd_bus_error *failure = sd_bus_message_get_error(reply);
    int r;

    check->answered = TRUE;
    if (failure) {
        fail_unavailable(check, failure->message ? failure->message : failure->name,
                         &check->refusal);
    } else if ((r = read_answer(check, reply)) < 0) {
        g_autofree char *why = g_strdup_printf("its answer is malformed: %s", g_strerror(-r));

        fail_unavailable(check, why, &check->refusal);
    }
    return 0;
}

static gboolean
source_prepare(GSource *source, int *timeout)
{
    VirPolkitCheck *check = ((PolkitSource *)(void *)source)->check;
    int fd = sd_bus_get_fd(check->bus);
    int events = sd_bus_get_events(check->bus);
    guint64 usec = 0;
    gint64 ready = check->deadline;

    *timeout = -1;
    if (fd < 0 || events < 0) {
        g_source_set_ready_time(source, 0);
        return FALSE;
    }
    if (fd != check->fd) {
        if (check->tag)
            g_source_remove_unix_fd(source, check->tag);
        check->tag = g_source_add_unix_fd(source, fd, (GIOCondition)events);
        check->fd = fd;
    } else {
        g_source_modify_unix_fd(source, check->tag, (GIOCondition)events);
    }
    if (sd_bus_get_timeout(check->bus, &usec) >= 0 && usec < (guint64)ready)
        ready = (gint64)usec;
    g_source_set_ready_time(source, ready);
    return FALSE;
}

static gboolean
source_dispatch(GSource *source, GSourceFunc callback, void *data)
{
    VirPolkitCheck *check = ((PolkitSource *)(void *)source)->check;
    g_autoptr(GError) refusal = NULL;
    VirPolkitDone done = check->done;
    void *done_data = check->data;
    int r = 0;

    while (!check->answered && (r = sd_bus_process(check->bus, NULL)) > 0)
        continue;
    if (!check->answered && r < 0) {
        fail_unavailable(check, g_strerror(-r), &check->refusal);
        check->answered = TRUE;
    } else if (!check->answered && g_get_monotonic_time() >= check->deadline) {
        fail(&check->refusal, VIR_ERR_OPERATION_TIMEOUT,
             "polkit did not say within %g s whether %s may do '%s'", check->wait_ms / 1000.0,
             check->who, check->action);
        check->answered = TRUE;
    }
    if (!check->answered)
        return G_SOURCE_CONTINUE;
    if (check->refusal)
        vir_info("%s", check->refusal->message);
    refusal = g_steal_pointer(&check->refusal);
    vir_polkit_check_cancel(check);
    done(refusal, done_data);
    return G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = {.prepare = source_prepare, .dispatch = source_dispatch};

static int
put_question(VirPolkitCheck *check, const VirIdentity *identity)
{
    sd_bus_message *message = NULL;
    int r = sd_bus_message_new_method_call(check->bus, &message, POLKIT_NAME, POLKIT_PATH,
                                           POLKIT_AUTHORITY, "CheckAuthorization");

    if (r >= 0)
        r = sd_bus_message_append(
            message, "(sa{sv})sa{ss}us", "unix-process", 3, "pid", "u", (guint32)identity->pid,
            "start-time", "t", (guint64)identity->process_time, "uid", "i", (gint32)identity->uid,
            check->action, 0, (guint32)ALLOW_USER_INTERACTION, "");
    /* The deadline is the source's: it covers the way to the bus as well. */
    if (r >= 0)
        r = sd_bus_call_async(check->bus, NULL, message, on_answer, check, G_MAXUINT64);
    sd_bus_message_unref(message);
    return r;
}

VirPolkitCheck *
vir_polkit_check(const VirIdentity *identity, const char *action, int wait_ms, VirPolkitDone done,
                 void *data, GError **error)
{
    VirPolkitCheck *check;
    int r;

    if (!identity->local || identity->process_time == 0) {
        g_autofree char *who = vir_identity_describe(identity);

        fail(error, VIR_ERR_AUTH_FAILED, "polkit cannot be asked about %s: no such process", who);
        return NULL;
    }
    check = g_new0(VirPolkitCheck, 1);
    check->fd = -1;
    check->action = g_strdup(action);
    check->who = vir_identity_describe(identity);
    check->wait_ms = wait_ms;
    check->deadline = g_get_monotonic_time() + wait_ms * 1000ll;
    check->done = done;
    check->data = data;
    r = sd_bus_open_system(&check->bus);
    if (r < 0) {
        g_autofree char *why = g_strdup_printf("no system bus: %s", g_strerror(-r));

        fail_unavailable(check, why, error);
    } else if ((r = put_question(check, identity)) < 0) {
        fail_unavailable(check, g_strerror(-r), error);
    }
    if (r < 0) {
        vir_polkit_check_cancel(check);
        return NULL;
    }
    check->source = g_source_new(&source_funcs, sizeof(PolkitSource));
    ((PolkitSource *)(void *)check->source)->check = check;
    g_source_attach(check->source, NULL);
    return check;
}

void
vir_polkit_check_cancel(VirPolkitCheck *check)
{
    if (check->source) {
        g_source_destroy(check->source);
        g_source_unref(check->source);
    }
    sd_bus_close_unref(check->bus);
    g_clear_error(&check->refusal);
    g_free(check->action);
    g_free(check->who);
    g_free(check);
}
