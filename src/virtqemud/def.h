/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-domain-def.h"
#include "vir-object.h"

/** What lists and statistics need to know of a disk or network card. */
typedef struct {
    char *target; /* "vda"; of a card: the host side's name, or NULL */
    char *path;   /* image, NULL where there is none; of a card: its MAC address */
    char *alias;  /* of a running guest, else NULL */
} VirQemuDevice;

/**
 * An immutable definition as readers see it: the text, and the few values that are asked often. A
 * parsed definition takes five times the room; whoever needs one parses the text.
 */
typedef struct {
    VirView base;
    char *name;
    char *title; /* or NULL */
    guint8 uuid[VIR_UUID_LEN];
    guint64 max_memory; /* KiB */
    guint64 memory;     /* KiB, of the balloon */
    guint vcpus;
    guint max_vcpus;
    guint8 os_type; /* VirDomainOsType */
    gboolean live;
    char *text;   /* without secrets */
    char *secure; /* with secrets; NULL where @text has all */
    guint n_disks;
    guint n_nets;
    VirQemuDevice *disks;
    VirQemuDevice *nets;
} VirQemuDef;

/** The reader's form of @def; @live: with what only a running guest has. */
VirQemuDef *vir_qemu_def_new(const VirDomainDef *def, gboolean live, GError **error);

/** A parsed copy. */
VirDomainDef *vir_qemu_def_open(const VirQemuDef *def, GError **error);

/** The text for VIR_DOMAIN_XML_* @flags; g_free(). */
char *vir_qemu_def_xml(const VirQemuDef *def, unsigned flags, GError **error);

/** Borrowed: the text with secrets, for files. */
const char *vir_qemu_def_whole(const VirQemuDef *def);

static inline void
vir_qemu_def_unref(VirQemuDef *def)
{
    if (def != NULL)
        vir_view_unref(def);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirQemuDef, vir_qemu_def_unref)
