/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qemu-conf.h"
#include "vir-cpu.h"
#include "vir-domain-def.h"
#include "vir-networkport-def.h"

/** Devices of the host that QEMU gets as open fds. */
typedef enum {
    VIR_QEMU_DEVICE_VHOST_NET,
    VIR_QEMU_DEVICE_VHOST_VSOCK,
    VIR_QEMU_DEVICE_VHOST_SCSI,
    VIR_QEMU_DEVICE_VHOST_VDPA,
} VirQemuHostDevice;
#include "vir-bitmap.h"

/** Plugins of nbdkit that can fetch images. */
typedef enum {
    VIR_NBDKIT_CURL = 1 << 0,
    VIR_NBDKIT_SSH = 1 << 1,
} VirNbdkit;

/** A PCI function of the host. */
typedef struct {
    int iommu_group;  /* -1: none, or not known */
    gboolean express; /* PCI Express */
} VirQemuPciDevice;

/**
 * The world outside a document and a QEMU binary, as far as a definition's completion and its
 * command line depend on it. The daemon fills it from the host; tests fill it with constants, so
 * that the same code gives the same text anywhere. Immutable once filled; strings are borrowed.
 */
typedef struct VirQemuEnv VirQemuEnv;
struct VirQemuEnv {
    const VirQemuConf *conf;
    gboolean privileged;
    /* Where guests' own folders are, and channels without a path; NULL where paths do not matter.
     */
    const char *lib_dir;
    const char *channel_dir;
    const char *nvram_dir;
    /** Fills @bytes from the kernel's random source. */
    void (*random)(guint8 *bytes, gsize n);
    /** A variable of the daemon's environment, or NULL. */
    const char *(*getenv)(const VirQemuEnv *env, const char *name);
    /** A file that QEMU writes, made at need; emptied unless @append. An fd, or -1. NULL: QEMU is
     * given the path. */
    int (*open_output)(const VirQemuEnv *env, const char *path, gboolean append, GError **error);
    /** A unix socket that listens at @path in place of what was there. An fd, or -1. NULL: QEMU is
     * given the path. */
    int (*listen_unix)(const VirQemuEnv *env, const char *path, GError **error);
    /** A file for QEMU to read, in a guest's own folder. */
    gboolean (*write_file)(const VirQemuEnv *env, const char *path, const char *text,
                           GError **error);
    /** Whether guests and their files can be labelled by security driver @model here. */
    gboolean (*can_label)(const VirQemuEnv *env, const char *model);
    /** What the SMBIOS of the host says. vir_domain_sysinfo_free(). */
    VirDomainSysinfo *(*host_smbios)(const VirQemuEnv *env, GError **error);
    /** A render node of the host's graphics. g_free(). */
    char *(*render_node)(const VirQemuEnv *env, GError **error);
    /** The host's address in the network @name, for displays. g_free(). */
    char *(*network_address)(const VirQemuEnv *env, const char *name, GError **error);
    const char *passt_dir; /* sockets of passt processes */
    /** Opens the character device @path for QEMU; -1 with an error. */
    int (*open_device)(const VirQemuEnv *env, VirQemuHostDevice kind, const char *path,
                       GError **error);
    /**
     * Makes the tap or macvtap device of @net (bridge, network, ethernet or direct), which gets its
     * name in @net, and opens @n queues of it: @fds.
     */
    gboolean (*open_tap)(const VirQemuEnv *env, const VirDomainDef *def, VirDomainInterface *net,
                         guint n, int *fds, GError **error);
    /** Takes down what open_tap() and start_passt() have set up for @def, at the end of its run. */
    void (*release_interfaces)(const VirQemuEnv *env, const VirDomainDef *def);
    /** The port that @net has in its network. */
    VirNetworkPortDef *(*network_port)(const VirQemuEnv *env, const VirDomainDef *def,
                                       const VirDomainInterface *net, GError **error);
    /**
     * Starts what carries the frames of @net (passt), which listens on @socket. NULL: such a thing
     * cannot be started here.
     */
    gboolean (*start_passt)(const VirQemuEnv *env, const VirDomainDef *def,
                            const VirDomainInterface *net, const char *socket, GError **error);
    /** Gives the vhost-vsock device @fd the number of @vsock, or a free one where it has none. */
    gboolean (*set_cid)(const VirQemuEnv *env, VirDomainVsock *vsock, int fd, GError **error);
    /**
     * Makes sure that @hostdev is there and may be given to a guest; a USB device that is named by
     * what it is gets its place.
     */
    gboolean (*take_hostdev)(const VirQemuEnv *env, VirDomainHostdev *hostdev, GError **error);
    /** What the host knows of its PCI function; FALSE, with @out untouched: there is none. */
    gboolean (*pci_device)(const VirQemuEnv *env, guint domain, guint bus, guint slot,
                           guint function, VirQemuPciDevice *out);
    /** Name ("sg0") of the SCSI generic device at that place of the host; NULL with an error. */
    char *(*scsi_generic)(const VirQemuEnv *env, const char *adapter, guint bus, guint target,
                          guint64 unit, GError **error);
    /** Seconds since 1970; @local: as the host's wall clock shows them. */
    gint64 (*now)(const VirQemuEnv *env, gboolean local);
    const char *host_arch; /* "x86_64"; NULL: not known */
    VirCpu *host_cpu;      /* the host's processor itself, owned; NULL: it has no description */

    /* Storage. */
    guint nbdkit; /* VirNbdkit: what there is */
    /** The value of a secret, to be wiped and g_free()d. VIR_ERR_NO_SECRET names it. */
    gboolean (*secret)(const VirQemuEnv *env, const VirDomainSecretRef *ref, guint8 **value,
                       gsize *len, GError **error);
    /** Fills in @src, a volume of a pool, what that is: its "actual" type and the members of it. */
    gboolean (*volume)(const VirQemuEnv *env, VirDomainSource *src, GError **error);
    /**
     * Files that a client has given under @name: their number, whether they are open for writing,
     * and, where @fds is not NULL, a descriptor of each (the caller's).
     */
    gboolean (*fd_group)(const VirQemuEnv *env, const char *name, GArray *fds, guint *n,
                         gboolean *writable, GError **error);
    /** Starts what serves the folder of @fs (virtiofsd), which listens on @socket. */
    gboolean (*start_virtiofsd)(const VirQemuEnv *env, const VirDomainDef *def,
                                const VirDomainFilesystem *fs, const char *socket, GError **error);
    /** Whether a device of the host is a CD-ROM drive, not merely one that holds such an image. */
    gboolean (*is_cdrom)(const VirQemuEnv *env, const char *path);
    /**
     * Whether swtpm plays @version ("2.0"); NULL: whether it is installed at all. The member is
     * NULL where that is not known before a start.
     */
    gboolean (*has_tpm_version)(const VirQemuEnv *env, const char *version);

    /* What follows is NULL where this host cannot do it: the start is refused. */
    /** The TPM @path and the file that cancels its commands. */
    gboolean (*open_tpm)(const VirQemuEnv *env, const char *path, int fds[2], GError **error);
    /** An emulator for @tpm; its socket. g_free(). */
    char *(*start_tpm)(const VirQemuEnv *env, const char *lib_dir, const VirDomainDef *def,
                       const VirDomainTpm *tpm, GError **error);
    /** A program that draws @video; the socket that leads to it. */
    int (*vhost_user_gpu)(const VirQemuEnv *env, const char *lib_dir, const VirDomainVideo *video,
                          GError **error);
    /** A D-Bus of the guest's own; its address. g_free(). */
    char *(*start_dbus)(const VirQemuEnv *env, const VirDomainDef *def, GError **error);
    gboolean has_rdp; /* a program that shows a D-Bus display over RDP */
    /* Firmware */
    const char *const *firmware_dirs; /* of descriptors, as for vir_firmware_load() */

    /* Memory */
    const char *memory_dir; /* files of <memoryBacking><source type='file'/> */
    guint64 page_kib;       /* the kernel's pages */
    guint64 thp_kib;        /* its transparent huge pages; 0: it has none */
    /** Where huge pages are mounted, VirQemuHugetlbfs; may be empty. g_ptr_array_unref() it. */
    GPtrArray *(*hugetlbfs)(const VirQemuEnv *env, GError **error);
    /** Processors of each NUMA node, VirBitmap by number; NULL for nodes that are not online. */
    GPtrArray *(*host_nodes)(const VirQemuEnv *env, GError **error);
    /** Nodes that numad advises for a guest of that size. May wait for seconds. */
    VirBitmap *(*numad)(const VirQemuEnv *env, guint cpus, guint64 mib, GError **error);
};

/** A mounted hugetlbfs. */
typedef struct {
    char *path;
    guint64 kib;         /* size of its pages */
    gboolean is_default; /* that is the kernel's default size of huge pages */
} VirQemuHugetlbfs;

VirQemuHugetlbfs *vir_qemu_hugetlbfs_new(const char *path, guint64 kib, gboolean is_default);
void vir_qemu_hugetlbfs_free(VirQemuHugetlbfs *self);

/** The host this daemon runs on; @conf is borrowed. */
void vir_qemu_env_host(VirQemuEnv *env, const VirQemuConf *conf, gboolean privileged);
void vir_qemu_env_clear(VirQemuEnv *env);
/** Host nodes for a guest that leaves the choice to numad; *@nodes stays NULL for any other. */
gboolean vir_qemu_env_advice(const VirQemuEnv *env, const VirDomainDef *def, VirBitmap **nodes,
                             GError **error);
/** The part of it that is about storage. */
void vir_qemu_env_storage(VirQemuEnv *env);
/**
 * @env becomes one in which no device is opened and nothing made or started, for a command line
 * that is only shown: /dev/null stands for devices.
 */
void vir_qemu_env_pretend(VirQemuEnv *env);
