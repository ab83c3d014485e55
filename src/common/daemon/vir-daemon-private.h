/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-daemon.h"
#include "vir-pidfile.h"
#include "vir-poller.h"

/** What the command line says; paths are absolute. */
typedef struct VirDaemonOptions {
    char *root;
    char *config;
    char *pid_file;
    int timeout; /* s; -1: none */
    gboolean verbose;
    gboolean daemon;
    gboolean listen;
    gboolean help;
    gboolean version;
} VirDaemonOptions;

/** FALSE with VIR_ERR_INVALID_ARG. */
gboolean vir_daemon_options_parse(VirDaemonOptions *options, int argc, char **argv, GError **error);
void vir_daemon_options_clear(VirDaemonOptions *options);
void vir_daemon_options_print(const VirDaemonSpec *spec);

/** The thread numbers of the configuration: kept for the admin API; threads come with the work. */
typedef struct VirDaemonWorkers {
    unsigned min;
    unsigned max;
    unsigned priority;
} VirDaemonWorkers;

struct VirDaemon {
    const VirDaemonSpec *spec;
    VirDaemonOptions options;
    gboolean privileged;
    VirPaths *paths;
    VirConf *conf;
    VirPidfile *pid_file;
    VirPidfile *custom_pid_file;
    GMainLoop *loop;
    VirDriver *driver;
    VirRelay *relay;
    VirServer *server;
    VirServer *admin;
    VirDaemonWorkers workers[2]; /* of server and admin */
    int ready_fd;                /* of --daemon: tells the parent that sockets accept */
    GPtrArray *sockets;
    gboolean activated; /* systemd gave the sockets */
    int signal_fd;
    VirWatch *signals;
    int timeout; /* s; 0: none */
    unsigned idle_timer;
    unsigned busy;  /* servers that have clients */
    int inhibitors; /* atomic */
};

/** Opens or takes over the daemon's sockets and gives them to its servers. */
gboolean vir_daemon_open_sockets(VirDaemon *daemon, GError **error);
/** Takes what systemd passed, before any fork. */
void vir_daemon_take_activation(void);

/** Where messages go unless configuration or environment say it. g_free() it. */
char *vir_daemon_default_outputs(const VirDaemon *daemon);

/** Ends the main loop. */
void vir_daemon_quit(VirDaemon *daemon);
/** --timeout from now on; 0: none. */
void vir_daemon_set_timeout(VirDaemon *daemon, unsigned seconds);

/** The driver behind the admin socket; its state is @daemon. Static. */
const VirDriver *vir_admin_driver(VirDaemon *daemon);
