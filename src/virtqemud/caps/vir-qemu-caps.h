/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-lock.h"
#include "vir-qemu-flags.h"
#include <glib.h>

/** A machine type of one accelerator. */
typedef struct {
    char *name;  /* canonical: "pc-i440fx-7.2" */
    char *alias; /* "pc", or NULL */
    unsigned max_cpus;
    gboolean hotplug_cpus;
    gboolean is_default;
    gboolean deprecated;
    gboolean numa_mem;
    int acpi;          /* VirTristate: whether it can have ACPI; absent where QEMU does not say */
    char *default_cpu; /* QOM type: "qemu64-x86_64-cpu", or NULL */
    char *kvm_default_cpu; /* the same of KVM */
    char *default_ram;     /* id of the default memory backend: "pc.ram", or NULL */
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
    char *name;        /* model that the properties are added to */
    GPtrArray *props;  /* VirQemuCpuProp, in QEMU's order */
    char **deprecated; /* features about to go, NULL terminated; NULL: QEMU does not say */
} VirQemuCpuModel;

/** What one build of one QEMU binary can do. Immutable, reference counted, shared. */
typedef struct VirQemuCaps {
    VirRef refs;
    char *binary;
    char *arch;       /* "x86_64" */
    unsigned version; /* major * 1000000 + minor * 1000 + micro */
    char *package;
    gboolean kvm; /* usable here and now */
    gboolean hvf;
    GPtrArray *machines;           /* VirQemuMachine, in QEMU's order */
    GPtrArray *cpus;               /* VirQemuCpu, of TCG */
    GPtrArray *kvm_cpus;           /* VirQemuCpu, of KVM; empty where !kvm */
    VirQemuCpuModel *host_cpu;     /* of TCG; NULL: QEMU does not say */
    VirQemuCpuModel *kvm_host_cpu; /* of KVM */
    /* Versions of the ARM interrupt controller, bit n for version n: in KVM, and emulated. */
    unsigned gic_kernel;
    unsigned gic_emulated;
    gboolean sev; /* of the host's processor */
    unsigned sev_cbitpos;
    unsigned sev_reduced_phys_bits;
    gboolean flags[VIR_QEMU_CAPS_LAST];
    GHashTable *facts; /* set: "KIND NAME", as in vir-qemu-triggers.tsv */
} VirQemuCaps;

VirQemuCaps *vir_qemu_caps_ref(VirQemuCaps *caps);
void vir_qemu_caps_unref(VirQemuCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuCaps, vir_qemu_caps_unref)

/** Whether the binary can do @flag; vir-qemu-triggers.tsv says what shows it. */
gboolean vir_qemu_caps_has(const VirQemuCaps *caps, VirQemuCapsFlag flag);
/** The flag called @name, as in vir-qemu-flags.tsv ("virtio-blk.queue-size" or the constant), or
 * -1. */
int vir_qemu_caps_flag(const char *name);
/** Derives the flags from the facts. */
void vir_qemu_caps_derive(VirQemuCaps *caps);
gboolean vir_qemu_caps_has_type(const VirQemuCaps *caps, const char *type);

/** The machine called @name or with that alias; NULL name: the default one. NULL: none. */
const VirQemuMachine *vir_qemu_caps_machine(const VirQemuCaps *caps, const char *name);

/**
 * The model that QEMU gives a guest that names none, by QEMU's name ("qemu64", "host"); NULL: it
 * does not say. g_free().
 */
char *vir_qemu_caps_default_cpu(const VirQemuCaps *caps, const char *machine, gboolean kvm);

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

/** Path of the emulator for guests of @arch in $PATH, NULL with an error where none. g_free(). */
char *vir_caps_find_emulator(const char *arch, GError **error);
