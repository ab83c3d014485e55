/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-env.h"
#include "vir-daemon.h"
#include "vir-lock.h"
#include "vir-ops.h"
#include "vir-qemu-caps.h"

/** Folders of the driver; whole paths. */
typedef struct {
    char *config;    /* definitions: NAME.xml */
    char *autostart; /* links to them */
    char *state;     /* status NAME.xml and NAME.pid */
    char *lib;       /* domain-ID-NAME/ of each guest */
    char *log;
    char *cache;
    char *channel;
    char *save;
    char *nvram;
    char *passt;     /* sockets of passt processes */
    char *ram;       /* files that are guests' memory */
    char **firmware; /* of descriptors, the user's first */
} VirQemuDirs;

/** What all of virtqemud shares. Constant after start but for the registry and the counters. */
typedef struct VirQemuDriver {
    VirDaemon *daemon;
    gboolean privileged;
    VirQemuDirs dirs;
    VirQemuConf conf;
    VirQemuEnv env;
    VirRegistry *domains;
    VirEventHub *events;
    VirCapsCache *caps;
    char *uri;
    int last_id;           /* atomic */
    pthread_mutex_t ports; /* guards `used_ports` */
    GHashTable *used_ports;
    gboolean stopping;
} VirQemuDriver;

/** The architecture of this host, or what stands for one that is not known. */
static inline const char *
vir_qemu_host_arch(const VirQemuDriver *driver)
{
    return driver->env.host_arch ? driver->env.host_arch : "x86_64";
}

/** A client's connection. */
typedef struct {
    VirQemuDriver *driver;
    char *uri;
    pthread_mutex_t lock;
    GPtrArray *autodestroy; /* of VirQemuDomain: die with the connection */
} VirQemuConn;

extern const VirOps vir_qemu_ops;

gboolean vir_qemu_driver_start(VirDaemon *daemon, VirDriver **driver, GError **error);
void vir_qemu_driver_stop(VirDaemon *daemon);

/** A port of graphics free on the host and not given to another guest, or -1. */
int vir_qemu_port_take(VirQemuDriver *driver, int first, int last);
void vir_qemu_port_give(VirQemuDriver *driver, int port);
