/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-server.h"

/**
 * Passes calls of classes that a daemon does not own to the daemon that does, and brings back
 * replies, events, fds and streams, none of them decoded. Survives the other daemon's restart.
 */
typedef struct VirRelayConfig {
    const char *run_dir; /* the folder of the sockets */
    gboolean privileged; /* system mode: "network:///system", else "network:///session" */
    int wait_ms;         /* how long a call waits for a daemon that is away; 0: 30,000 */
    int answer_ms;       /* how long one that only reads waits for its answer; 0: 30,000 */
    int probe_ms; /* after so long a silence a daemon that owes answers is pinged; 0: 5,000 */
} VirRelayConfig;

/** Copies what it needs. Main thread only; to be freed after the servers that use it. */
VirRelay *vir_relay_new(const VirRelayConfig *config);
void vir_relay_free(VirRelay *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirRelay, vir_relay_free)
