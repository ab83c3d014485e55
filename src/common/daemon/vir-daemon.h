/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-conf-keys.h"
#include "vir-paths.h"
#include "vir-server.h"

typedef struct VirDaemon VirDaemon;

/** All a daemon is: its `main.c` fills one of these and calls VIR_DAEMON_MAIN(). */
typedef struct VirDaemonSpec {
    const char *name;        /* "virtqemud": config file, sockets, pid file, log identity */
    const char *socket_name; /* "virtqemud", or "libvirt" for the proxy */
    const char *summary;     /* one line for --help */
    gboolean listens_on_ip;  /* reads the network group of keys */
    int polkit_wait_ms;      /* 0: the default of VirServerConfig */

    /**
     * Makes the driver after config, log and paths stand. *@driver stays NULL for a daemon that
     * only relays; it has to live until stop().
     */
    gboolean (*start)(VirDaemon *daemon, VirDriver **driver, GError **error);
    /** Last clean-up, after the sockets are closed and jobs have ended. Guests go on. */
    void (*stop)(VirDaemon *daemon);
    /** SIGHUP: read the configuration again; may be NULL. */
    void (*reload)(VirDaemon *daemon);
} VirDaemonSpec;

/** In start(): the relay for classes that the driver does not own; has to live until stop(). */
void vir_daemon_set_relay(VirDaemon *daemon, VirRelay *relay);

const VirPaths *vir_daemon_paths(const VirDaemon *daemon);
gboolean vir_daemon_privileged(const VirDaemon *daemon);
/** The daemon's configuration file, checked; valid until reload() is called. Main thread. */
const VirConf *vir_daemon_conf(const VirDaemon *daemon);
VirServer *vir_daemon_server(VirDaemon *daemon);
/** Keeps the daemon from ending by --timeout while something of value runs; counted. Any thread. */
void vir_daemon_inhibit(VirDaemon *daemon);
void vir_daemon_uninhibit(VirDaemon *daemon);

/** Runs the daemon; the exit status of the process. */
int vir_daemon_main(const VirDaemonSpec *spec, int argc, char **argv);

#define VIR_DAEMON_MAIN(spec)                                                                      \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return vir_daemon_main(&(spec), argc, argv);                                               \
    }
