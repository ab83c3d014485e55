/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-daemon.h"
#include "vir-relay.h"

static VirRelay *relay;

static gboolean
start(VirDaemon *daemon, VirDriver **driver, GError **error)
{
    VirRelayConfig config = {.run_dir = vir_daemon_paths(daemon)->run,
                             .privileged = vir_daemon_privileged(daemon)};

    relay = vir_relay_new(&config);
    vir_daemon_set_relay(daemon, relay);
    return TRUE;
}

static void
stop(VirDaemon *daemon)
{
    g_clear_pointer(&relay, vir_relay_free);
}

static const VirDaemonSpec spec = {
    .name = "virtproxyd",
    .socket_name = "libvirt",
    .summary = "relays clients to the daemon that serves what they ask for",
    .listens_on_ip = TRUE,
    .start = start,
    .stop = stop,
};

VIR_DAEMON_MAIN(spec)
