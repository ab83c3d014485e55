/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Descriptions of the firmware that is installed on a host, as QEMU's docs/interop/firmware.json
 * defines them: a JSON file for each build.
 */

typedef enum {
    VIR_FIRMWARE_BIOS = 1 << 0,
    VIR_FIRMWARE_UEFI = 1 << 1,
} VirFirmwareInterface;

/** How the firmware gets into the guest. */
typedef enum {
    VIR_FIRMWARE_SPLIT,     /* flash, its variables in a second one */
    VIR_FIRMWARE_COMBINED,  /* flash, its variables in the same file */
    VIR_FIRMWARE_STATELESS, /* flash without variables */
    VIR_FIRMWARE_MEMORY,    /* ROM: -bios */
} VirFirmwareMapping;

typedef enum {
    VIR_FIRMWARE_ACPI_S3 = 1 << 0,
    VIR_FIRMWARE_ACPI_S4 = 1 << 1,
    VIR_FIRMWARE_AMD_SEV = 1 << 2,
    VIR_FIRMWARE_AMD_SEV_ES = 1 << 3,
    VIR_FIRMWARE_AMD_SEV_SNP = 1 << 4,
    VIR_FIRMWARE_INTEL_TDX = 1 << 5,
    VIR_FIRMWARE_ENROLLED_KEYS = 1 << 6,
    VIR_FIRMWARE_REQUIRES_SMM = 1 << 7,
    VIR_FIRMWARE_SECURE_BOOT = 1 << 8,
} VirFirmwareFeature;

/** A kind of guest that a firmware is for. */
typedef struct {
    char *arch;      /* as documents call it: "i686", "armv7l" */
    char **machines; /* patterns of fnmatch(3) for canonical machine types */
} VirFirmwareTarget;

typedef struct {
    char *path;          /* of the descriptor */
    unsigned interfaces; /* VirFirmwareInterface; others than these are not told apart */
    VirFirmwareMapping mapping;
    char *executable;
    char *format;          /* "raw", "qcow2" */
    char *template;        /* VIR_FIRMWARE_SPLIT: what new variables are copied from; else NULL */
    char *template_format; /* beside @template */
    GPtrArray *targets;    /* VirFirmwareTarget */
    unsigned features;     /* VirFirmwareFeature; unknown ones are left out */
} VirFirmware;

/** One descriptor. VIR_ERR_CONFIG_UNSUPPORTED says what of it is not understood. */
VirFirmware *vir_firmware_parse(const char *text, gsize len, const char *path, GError **error);
void vir_firmware_free(VirFirmware *firmware);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirFirmware, vir_firmware_free)

/**
 * The descriptors of @dirs (NULL terminated; an earlier folder goes before a later one) in the
 * order in which they are to be tried: by file name, whatever the folder. A file hides those of
 * the same name in later folders, an empty one only that. Files that cannot be used are passed
 * over with a message at debug level. Never NULL; g_ptr_array_unref() it.
 */
GPtrArray *vir_firmware_load(const char *const *dirs);

/** Whether @firmware has a target for @arch and the canonical @machine. */
gboolean vir_firmware_fits(const VirFirmware *firmware, const char *arch, const char *machine);
