/* SPDX-License-Identifier: GPL-2.0-or-later */

/* virttestd: the daemon skeleton around a driver that has next to nothing, for tests of the
 * skeleton. */

#include "vir-daemon.h"
#include "vir-error.h"
#include "vir-ops.h"
#include "vir-relay.h"

#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_CAPABILITIES 65536

static VirDaemon *the_daemon;

static gboolean
driver_open(void *state, VirIdentity *identity, gboolean readonly, const char *uri, void **conn,
            GError **error)
{
    *conn = g_strdup(uri);
    return TRUE;
}

static void
driver_close(void *state, void *conn)
{
    g_free(conn);
}

static char *
driver_uri(void *state, void *conn)
{
    return g_strdup(conn);
}

static gboolean
get_version(VirCall *call, const void *args, remote_connect_get_version_ret *ret, GError **error)
{
    ret->hv_ver = 1002003;
    return TRUE;
}

/* As many bytes as VIRTTESTD_CAPABILITIES says, for clients that do not read them. */
static gboolean
get_capabilities(VirCall *call, const void *args, remote_connect_get_capabilities_ret *ret,
                 GError **error)
{
    const char *text = g_getenv("VIRTTESTD_CAPABILITIES");
    gsize size = text ? (gsize)atoi(text) : DEFAULT_CAPABILITIES;

    ret->capabilities = g_malloc(size + 1);
    memset(ret->capabilities, 'x', size);
    ret->capabilities[size] = '\0';
    return TRUE;
}

/* Work that takes so many seconds and keeps the daemon from ending by --timeout. */
static gboolean
suspend_for_duration(VirCall *call, const remote_node_suspend_for_duration_args *args, void *ret,
                     GError **error)
{
    g_autoptr(VirPromise) never = vir_promise_new(NULL);
    gboolean ok;

    vir_daemon_inhibit(the_daemon);
    ok = vir_promise_wait(never, (int)args->duration * 1000, "the end of the night", NULL, error);
    vir_daemon_uninhibit(the_daemon);
    return ok;
}

static const VirOps ops = {
    .connect_get_version = get_version,
    .connect_get_capabilities = get_capabilities,
    .node_suspend_for_duration = suspend_for_duration,
};

static VirDriver driver = {
    .name = "TEST",
    .scheme = "qemu",
    .error_domain = VIR_FROM_TEST,
    .classes = 1 << VIR_CLASS_CONNECT | 1 << VIR_CLASS_DOMAIN,
    .ops = &ops,
    .open = driver_open,
    .close = driver_close,
    .uri = driver_uri,
};

static gboolean
start(VirDaemon *daemon, VirDriver **result, GError **error)
{
    if (g_getenv("VIRTTESTD_FAIL"))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s", g_getenv("VIRTTESTD_FAIL"));
    the_daemon = daemon;
    driver.events = vir_event_hub_new();
    *result = &driver;
    return TRUE;
}

static void
stop(VirDaemon *daemon)
{
    g_clear_pointer(&driver.events, vir_event_hub_free);
}

static VirDaemonSpec spec = {
    .name = "virttestd",
    .socket_name = "virttestd",
    .summary = "A daemon for tests of the daemon skeleton.",
    .start = start,
    .stop = stop,
};

static VirRelay *relay;

static gboolean
start_relay(VirDaemon *daemon, VirDriver **result, GError **error)
{
    VirRelayConfig config = {.run_dir = vir_daemon_paths(daemon)->run,
                             .privileged = vir_daemon_privileged(daemon),
                             .answer_ms = atoi(g_getenv("VIRTTESTD_RELAY_ANSWER")),
                             .probe_ms = atoi(g_getenv("VIRTTESTD_RELAY_PROBE")),
                             .wait_ms = atoi(g_getenv("VIRTTESTD_RELAY_WAIT"))};

    relay = vir_relay_new(&config);
    vir_daemon_set_relay(daemon, relay);
    return TRUE;
}

static void
stop_relay(VirDaemon *daemon)
{
    g_clear_pointer(&relay, vir_relay_free);
}

/*
 * VIRTTESTD_SOCKET=virtqemud: behind a virtproxyd. VIRTTESTD_RELAY_ANSWER, _PROBE and _WAIT, in
 * milliseconds, 0 as the default: in a virtproxyd's place.
 */
int
main(int argc, char **argv)
{
    if (g_getenv("VIRTTESTD_SOCKET"))
        spec.socket_name = g_getenv("VIRTTESTD_SOCKET");
    if (g_getenv("VIRTTESTD_RELAY_ANSWER")) {
        spec.name = "virttestproxyd"; /* beside a virttestd */
        spec.start = start_relay;
        spec.stop = stop_relay;
    }
    return vir_daemon_main(&spec, argc, argv);
}
