/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-lock.h"
#include "vir-qemu-flags.h"
#include <glib.h>

/** What a guest's instructions are run by. */
typedef enum {
    VIR_QEMU_TCG,
    VIR_QEMU_NATIVE, /* the host's processor, by KVM or HVF */
    VIR_QEMU_N_ACCELS,
} VirQemuAccel;

typedef struct {
    char *name;  /* canonical: "pc-i440fx-7.2" */
    char *alias; /* "pc", or NULL */
    unsigned max_cpus;
    gboolean hotplug_cpus;
    gboolean is_default;
    gboolean deprecated;
    gboolean numa_mem;
    int acpi; /* VirTristate: whether it can have ACPI; absent where QEMU does not say */
    char *default_cpu[VIR_QEMU_N_ACCELS]; /* QOM type: "qemu64-x86_64-cpu", or NULL */
    char *default_ram;                    /* id of the default memory backend: "pc.ram", or NULL */
} VirQemuMachine;

typedef struct {
    char *name;
    char *type;      /* QOM type */
    int usable;      /* 1, 0, or -1: QEMU does not say */
    char **blockers; /* features that make it unusable here; NULL terminated, or NULL */
    gboolean deprecated;
} VirQemuCpu;

typedef enum {
    VIR_QEMU_CPU_PROP_BOOL,
    VIR_QEMU_CPU_PROP_NUMBER,
    VIR_QEMU_CPU_PROP_TEXT,
} VirQemuCpuPropType;

/** A property of a processor model. */
typedef struct {
    char *name;
    VirQemuCpuPropType type;
    gint64 number; /* of a boolean: 0 or 1 */
    char *text;
    gboolean migratable;
} VirQemuCpuProp;

/** The most that an accelerator can give a guest here. */
typedef struct {
    char *name;             /* model that the properties are added to */
    GPtrArray *props;       /* VirQemuCpuProp, in QEMU's order */
    char **deprecated;      /* features about to go, NULL terminated; NULL: QEMU does not say */
    gboolean migratability; /* QEMU told what can migrate */
} VirQemuCpuModel;

/** A version of ARM's interrupt controller. */
typedef struct {
    guint version;
    gboolean kernel;   /* KVM has it */
    gboolean emulated; /* QEMU plays it */
} VirQemuGic;

/** AMD's encrypted memory. */
typedef struct {
    guint cbitpos;
    guint reduced_phys_bits;
    char *pdh;
    char *cert_chain;
    char *cpu0_id; /* or NULL */
} VirQemuSev;

typedef struct {
    guint node;
    guint64 size; /* KiB */
} VirQemuSgxSection;

/** Intel's enclaves. */
typedef struct {
    gboolean flc;
    gboolean sgx1;
    gboolean sgx2;
    guint64 size;     /* KiB, of all */
    GArray *sections; /* VirQemuSgxSection */
} VirQemuSgx;

/** What one build of one QEMU binary can do. Immutable, reference counted, shared. */
typedef struct VirQemuCaps {
    VirRef refs;
    char *binary;
    char *arch;       /* QEMU's name: "x86_64", "arm" */
    char *guest_arch; /* as documents call it: "x86_64", "armv7l" */
    unsigned version; /* major * 1000000 + minor * 1000 + micro */
    char *package;
    guint microcode; /* of the host's processor; 0 without KVM */
    char *kernel;    /* that runs KVM; NULL without */
    gboolean kvm;    /* usable here and now */
    gboolean hvf;
    GPtrArray *machines;                /* VirQemuMachine; first the one for who asks for none */
    GPtrArray *cpus[VIR_QEMU_N_ACCELS]; /* VirQemuCpu; empty: no such accelerator */
    VirQemuCpuModel *host_cpu[VIR_QEMU_N_ACCELS]; /* NULL: QEMU does not say */
    gboolean flags[VIR_QEMU_CAPS_LAST];
    GArray *gics;    /* VirQemuGic */
    VirQemuSev *sev; /* NULL: not here */
    VirQemuSgx *sgx; /* NULL: not here */
    guint hyperv;    /* bits by vir_qemu_hyperv_names */
} VirQemuCaps;

VirQemuCaps *vir_qemu_caps_ref(VirQemuCaps *caps);
void vir_qemu_caps_unref(VirQemuCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuCaps, vir_qemu_caps_unref)

/** Whether the binary can do @flag; vir-qemu-triggers.tsv says what shows it. */
gboolean vir_qemu_caps_has(const VirQemuCaps *caps, VirQemuCapsFlag flag);
/** The flag called @name, as in vir-qemu-flags.tsv ("virtio-blk.queue-size" or the constant), or
 * -1. */
int vir_qemu_caps_flag(const char *name);
/** FALSE where a flag tells that there is no such QOM type. Others QEMU itself has to refuse. */
gboolean vir_qemu_caps_has_type(const VirQemuCaps *caps, const char *type);

/** Whether KVM, else QEMU itself, has that version of ARM's interrupt controller. */
gboolean vir_qemu_caps_has_gic(const VirQemuCaps *caps, guint version, gboolean kvm);

/** QEMU's name of an architecture of guests, and the opposite. */
const char *vir_qemu_arch(const char *guest_arch);
const char *vir_qemu_guest_arch(const char *arch);

/** The machine called @name or with that alias; NULL name: the preferred one. NULL: none. */
const VirQemuMachine *vir_qemu_caps_machine(const VirQemuCaps *caps, const char *name);

/**
 * The model that QEMU gives a guest that names none, by QEMU's name ("qemu64", "host"); NULL: it
 * does not say. g_free().
 */
char *vir_qemu_caps_default_cpu(const VirQemuCaps *caps, const char *machine, VirQemuAccel accel);

/** Probes of all binaries: in memory, and beneath a folder over restarts. Thread-safe. */
typedef struct VirCapsCache VirCapsCache;

/**
 * @dir: where files are kept (made at need). @kvm_device: "/dev/kvm", beneath the root of a daemon
 * that has one; NULL: KVM is never tried.
 */
VirCapsCache *vir_caps_cache_new(const char *dir, const char *kvm_device);
void vir_caps_cache_free(VirCapsCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirCapsCache, vir_caps_cache_free)

/**
 * What @binary (a path) can do, a new reference. Probes it where memory and disk do not know this
 * build of it; asked by many at once it is probed once. May wait for seconds: job threads and
 * start-up only. VIR_ERR_CONFIG_UNSUPPORTED / VIR_ERR_OPERATION_FAILED with QEMU's last line.
 */
VirQemuCaps *vir_caps_cache_get(VirCapsCache *cache, const char *binary, GError **error);

/** As vir_caps_cache_get() where that is answered from memory without a wait; else NULL. */
VirQemuCaps *vir_caps_cache_peek(VirCapsCache *cache, const char *binary);

/** Whether processors of the architecture @host run guests of @guest without emulation. */
gboolean vir_qemu_is_native(const char *host, const char *guest);
/** Whether the binary runs guests of the architecture @guest: of its own, or a narrower one. */
gboolean vir_qemu_caps_runs(const VirQemuCaps *caps, const char *guest);
/** Path of the emulator for guests of @guest on a @host (may be NULL); NULL with an error where
 * there is none. g_free(). */
char *vir_caps_find_emulator(const char *host, const char *guest, GError **error);
