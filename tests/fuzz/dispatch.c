/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a client may send, after its CONNECT_OPEN, to a server whose every handler exists. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "vir-error.h"
#include "vir-log.h"
#include "vir-relay.h"
#include "vir-server-private.h"

static VirServer *server;
static VirObject *object;
static VirOps ops;

/* Every other call succeeds with an empty answer, which not every answer may be. */
static gboolean
handler(VirCall *call, const void *args, void *ret, GError **error)
{
    if (call->proc->number % 2)
        return TRUE;
    return vir_error_set(error, VIR_ERR_OPERATION_FAILED, "%s", call->proc->name);
}

static VirObject *
lookup(void *state, VirClass klass, const char *name, const guint8 *uuid, GError **error)
{
    if (name && name[0] == 'x') {
        vir_error_set(error, VIR_ERR_NO_DOMAIN, "no '%s'", name);
        return NULL;
    }
    return vir_object_ref(object);
}

static void
start(void)
{
    static VirDriver driver = {
        .name = "FUZZ", .scheme = "qemu", .error_domain = VIR_FROM_TEST, .ops = &ops};
    VirRelayConfig relay = {.run_dir = "/nonexistent", .privileged = TRUE};
    VirServerConfig config = {.name = "fuzz", .driver = &driver, .keepalive_interval = -1};
    static const guint8 uuid[VIR_UUID_LEN];
    gboolean (*op)(VirCall *, const void *, void *, GError **) = handler;

    vir_log_configure(VIR_LOG_ERROR, NULL, NULL, NULL);
    for (gsize i = 0; i < sizeof(ops) / sizeof(op); i++)
        memcpy((guint8 *)&ops + i * sizeof(op), &op, sizeof(op));
    driver.classes = ~(1u << VIR_CLASS_NETWORK);
    driver.lookup = lookup;
    driver.events = vir_event_hub_new();
    object = g_new0(VirObject, 1);
    vir_object_init(object, VIR_CLASS_DOMAIN, "domain", "fuzz", uuid, NULL);
    config.relay = vir_relay_new(&relay);
    server = vir_server_new(&config);
}

static void
turn(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
    static const guint8 open[] = {0, 0, 0, 36, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                                  0, 0, 0, 0,  0,    9, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    guint8 sink[4096];
    int fds[2];

    if (!server)
        start();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return 0;
    g_assert_nonnull(vir_session_new(server, fds[0], len & 1, VIR_AUTH_NONE, NULL));
    g_assert_cmpint(send(fds[1], open, sizeof(open), MSG_NOSIGNAL), ==, sizeof(open));
    turn();
    while (len > 0) {
        gssize n = send(fds[1], data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        turn();
        while (recv(fds[1], sink, sizeof(sink), MSG_DONTWAIT) > 0)
            turn();
        if (n < 0 && vir_server_count(server, NULL) == 0)
            break;
        if (n < 0) { /* it waits for its jobs */
            g_assert_true(vir_strand_drain_all(10000));
            continue;
        }
        data += n;
        len -= n;
    }
    turn();
    close(fds[1]);
    g_assert_true(vir_strand_drain_all(10000));
    turn();
    g_assert_cmpuint(vir_server_count(server, NULL), ==, 0);
    return 0;
}
