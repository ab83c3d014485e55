/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "command.h"
#include "complete.h"
#include "props.h"

/** A command line in the making. */
typedef struct {
    const VirDomainDef *def;
    const VirQemuCaps *caps;
    const VirQemuEnv *env;
    const VirCommandContext *context;
    VirSpawn *spawn;
    guint next_fdset;
    char *pflash[2]; /* nodes of the firmware's code and variables */
} VirArgv;

void vir_argv_add(VirArgv *argv, const char *option, const char *value);
void vir_argv_addf(VirArgv *argv, const char *option, const char *format, ...) G_GNUC_PRINTF(3, 4);
/** Takes @props. */
void vir_argv_add_props(VirArgv *argv, const char *option, json_object *props);
/** -device of the zPCI function that the device of @info is plugged with, where it needs one. */
void vir_argv_add_zpci(VirArgv *argv, const VirDomainDeviceInfo *info);
/** -device of @props (taken) with the place that @info says, behind its zPCI function. */
gboolean vir_argv_add_device(VirArgv *argv, json_object *props, const VirDomainDeviceInfo *info,
                             GError **error);
/** The same with @info's alias as the device's id. */
gboolean vir_argv_add_named(VirArgv *argv, json_object *props, const VirDomainDeviceInfo *info,
                            GError **error);
/** @text with its commas doubled, as QEMU wants them within key=value lists. g_free(). */
char *vir_argv_escape(const char *text);
/** Appends ",KEY=on" or ",KEY=off"; nothing where @value (VirTristate) is absent. */
void vir_argv_append_onoff(GString *text, const char *key, int value);
/** The error for what has no argv yet: "…: @path is not supported yet". Always FALSE. */
gboolean vir_argv_unsupported(const VirArgv *argv, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/** -add-fd of @fd, which is taken, for @what of @device; the path that QEMU opens it by. g_free().
 */
char *vir_argv_add_fdset(VirArgv *argv, int fd, const char *device, const char *what);

/** Certificates of one side of a connection. */
typedef struct {
    const char *id;
    const char *parent; /* what it is for: names the secret */
    const char *dir;
    const char *secret_uuid; /* of the key's password, or NULL */
    gboolean server;
    gboolean verify;
} VirArgvTls;

/** -object tls-creds-x509. */
gboolean vir_argv_tls_creds(VirArgv *argv, const VirArgvTls *tls, GError **error);
/** "audio1": the backend of that id, or else the first; NULL where there is none. g_free(). */
char *vir_argv_audiodev(const VirArgv *argv, gboolean has_id, guint id);

/* Each adds its nouns in the order of the definition. */
gboolean vir_argv_machine(VirArgv *argv, GError **error);
gboolean vir_argv_cpu(VirArgv *argv, GError **error);
gboolean vir_argv_memory(VirArgv *argv, GError **error);
gboolean vir_argv_numa(VirArgv *argv, GError **error);
gboolean vir_argv_memories(VirArgv *argv, GError **error);
gboolean vir_argv_smp(VirArgv *argv, GError **error);
/** UUID, SMBIOS, fw_cfg and generation of the guest. */
gboolean vir_argv_identity(VirArgv *argv, GError **error);
gboolean vir_argv_iothreads(VirArgv *argv, GError **error);
gboolean vir_argv_throttle_groups(VirArgv *argv, GError **error);
gboolean vir_argv_clock(VirArgv *argv, GError **error);
gboolean vir_argv_boot(VirArgv *argv, GError **error);
gboolean vir_argv_iommu(VirArgv *argv, GError **error);
gboolean vir_argv_controllers(VirArgv *argv, GError **error);
gboolean vir_argv_hubs(VirArgv *argv, GError **error);
gboolean vir_argv_late_controllers(VirArgv *argv, GError **error);
gboolean vir_argv_disks(VirArgv *argv, GError **error);
gboolean vir_argv_filesystems(VirArgv *argv, GError **error);
gboolean vir_argv_interfaces(VirArgv *argv, GError **error);
gboolean vir_argv_smartcards(VirArgv *argv, GError **error);
gboolean vir_argv_chardevs(VirArgv *argv, GError **error);
gboolean vir_argv_tpms(VirArgv *argv, GError **error);
gboolean vir_argv_inputs(VirArgv *argv, GError **error);
gboolean vir_argv_audio(VirArgv *argv, GError **error);
gboolean vir_argv_graphics(VirArgv *argv, GError **error);
gboolean vir_argv_videos(VirArgv *argv, GError **error);
gboolean vir_argv_sounds(VirArgv *argv, GError **error);
gboolean vir_argv_watchdogs(VirArgv *argv, GError **error);
/** Devices of the host, <interface type='hostdev'> first. */
gboolean vir_argv_hostdevs(VirArgv *argv, GError **error);
gboolean vir_argv_vsock(VirArgv *argv, GError **error);
gboolean vir_argv_redirdevs(VirArgv *argv, GError **error);
gboolean vir_argv_memballoon(VirArgv *argv, GError **error);
gboolean vir_argv_rngs(VirArgv *argv, GError **error);
gboolean vir_argv_incoming(VirArgv *argv, GError **error);
gboolean vir_argv_nvram(VirArgv *argv, GError **error);
gboolean vir_argv_vmcoreinfo(VirArgv *argv, GError **error);
gboolean vir_argv_launch_security(VirArgv *argv, GError **error);
gboolean vir_argv_panics(VirArgv *argv, GError **error);
/** The helper that checks persistent reservations of all disks that want none of their own. */
void vir_argv_reservations(VirArgv *argv);
gboolean vir_argv_shmems(VirArgv *argv, GError **error);
gboolean vir_argv_cryptos(VirArgv *argv, GError **error);
gboolean vir_argv_pstore(VirArgv *argv, GError **error);
/** Nodes of flash that -machine refers to. */
gboolean vir_argv_firmware(VirArgv *argv, GError **error);
void vir_argv_machine_firmware(const VirArgv *argv, GString *text);
/** Firmware that is no flash, and whether it is protected. */
gboolean vir_argv_loader(VirArgv *argv, GError **error);
/** Parts of -machine: ",nvdimm=on,memory-backend=pc.ram". */
void vir_argv_machine_memory(const VirArgv *argv, GString *text);
/** The guest's id and name as in names of its files: "1-guest". Borrowed. */
const char *vir_argv_short_name(const VirArgv *argv);

/** The bootindex of a device with <boot order=…>; else of the first of its kind in <os><boot>. */
guint vir_argv_bootindex(const VirArgv *argv, const VirDomainDeviceInfo *info, guint order,
                         gboolean has_order);

/**
 * -chardev of @id, and what it needs. @channel: the kind of a channel of SPICE, or NULL.
 */
gboolean vir_argv_chardev(VirArgv *argv, const VirDomainChardev *src, const char *id,
                          const char *channel, GError **error);
/** Name and value of the option of a socket that says when to connect again; NULL: never said. */
const char *vir_argv_reconnect(const VirArgv *argv, int enabled, guint64 seconds, guint64 *value);
/** -chardev of the connected or (@server) listening socket @fd. */
void vir_argv_chardev_fd(VirArgv *argv, const char *id, int fd, gboolean server);
