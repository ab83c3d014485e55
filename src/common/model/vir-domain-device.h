/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"

/* What all devices of a guest have: a place, an alias, perhaps a rank in the boot order. */

/** Kinds of devices, in the order in which vir_domain_each_device() visits them. */
typedef enum {
    VIR_DOMAIN_DEVICE_DISK,
    VIR_DOMAIN_DEVICE_INTERFACE,
    VIR_DOMAIN_DEVICE_SOUND,
    VIR_DOMAIN_DEVICE_HOSTDEV,
    VIR_DOMAIN_DEVICE_VIDEO,
    VIR_DOMAIN_DEVICE_CONTROLLER,
    VIR_DOMAIN_DEVICE_SMARTCARD,
    VIR_DOMAIN_DEVICE_SERIAL,
    VIR_DOMAIN_DEVICE_PARALLEL,
    VIR_DOMAIN_DEVICE_CHANNEL,
    VIR_DOMAIN_DEVICE_CONSOLE,
    VIR_DOMAIN_DEVICE_INPUT,
    VIR_DOMAIN_DEVICE_FILESYSTEM,
    VIR_DOMAIN_DEVICE_TPM,
    VIR_DOMAIN_DEVICE_MEMBALLOON,
    VIR_DOMAIN_DEVICE_WATCHDOG,
    VIR_DOMAIN_DEVICE_NVRAM,
    VIR_DOMAIN_DEVICE_HUB,
    VIR_DOMAIN_DEVICE_REDIRDEV,
    VIR_DOMAIN_DEVICE_RNG,
    VIR_DOMAIN_DEVICE_SHMEM,
    VIR_DOMAIN_DEVICE_MEMORY,
    VIR_DOMAIN_DEVICE_PANIC,
    VIR_DOMAIN_DEVICE_IOMMU,
    VIR_DOMAIN_DEVICE_VSOCK,
    VIR_DOMAIN_DEVICE_CRYPTO,
    VIR_DOMAIN_DEVICE_PSTORE,
    VIR_DOMAIN_DEVICE_LAST
} VirDomainDeviceKind;

/** One device. All is borrowed. */
typedef struct {
    VirDomainDeviceKind kind;
    const char *element; /* "disk" */
    guint index;         /* in the list of its kind, from 0 */
    union {              /* as the kind says */
        gpointer device;
        VirDomainDisk *disk;
        VirDomainInterface *interface;
        VirDomainSound *sound;
        VirDomainHostdev *hostdev;
        VirDomainVideo *video;
        VirDomainController *controller;
        VirDomainSmartcard *smartcard;
        VirDomainSerial *serial;
        VirDomainParallel *parallel;
        VirDomainChannel *channel;
        VirDomainConsole *console;
        VirDomainInput *input;
        VirDomainFilesystem *filesystem;
        VirDomainTpm *tpm;
        VirDomainMemballoon *memballoon;
        VirDomainWatchdog *watchdog;
        VirDomainNvram *nvram;
        VirDomainHub *hub;
        VirDomainRedirdev *redirdev;
        VirDomainRng *rng;
        VirDomainShmem *shmem;
        VirDomainMemoryDevice *memory;
        VirDomainPanic *panic;
        VirDomainIommu *iommu;
        VirDomainVsock *vsock;
        VirDomainCrypto *crypto;
        VirDomainPstore *pstore;
    };
    VirDomainDeviceInfo *info;
    VirDomainChardev *chardev; /* its host side; NULL where it has none */
    guint boot_order;          /* 0: none */
    char *loadparm;            /* of the boot menu of s390; NULL: none */
} VirDomainDevice;

/** FALSE ends the walk. */
typedef gboolean (*VirDomainDeviceFunc)(const VirDomainDevice *device, void *data, GError **error);

/** Calls @func for every device. It may not add or remove any. */
gboolean vir_domain_each_device(VirDomainDef *def, VirDomainDeviceFunc func, void *data,
                                GError **error);
/** The same for the devices of one kind. */
gboolean vir_domain_each_device_of(VirDomainDef *def, VirDomainDeviceKind kind,
                                   VirDomainDeviceFunc func, void *data, GError **error);

/** Whether a device says when the guest is to boot from it. */
gboolean vir_domain_has_boot_order(const VirDomainDef *def);
/** That no two devices have the same alias, nor the same rank in the boot order. */
gboolean vir_domain_devices_check(const VirDomainDef *def, GError **error);

/** Puts what @device is, "serial[1]: ", before the error. FALSE. */
gboolean vir_domain_device_blame(const VirDomainDevice *device, GError **error);

/** A new address of @type in @info in place of what it has. Borrowed. */
VirDomainAddress *vir_domain_info_new_address(VirDomainDeviceInfo *info, int type);
/**
 * Passes over what a kind of device cannot have: option ROMs are of cards and host devices, labels
 * of a socket or file are of ports. A port of no type is a terminal.
 */
void vir_domain_devices_complete(VirDomainDef *def);
