/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "vir-qemu-caps.h"
#include <glib.h>

/** How a document of the QEMU kinds is to be taken. */
typedef struct {
    const char *path;
    const char *text;
    gsize len;
    const char *arch;         /* of QEMU: "x86_64" */
    const char *capabilities; /* recorded conversation with QEMU */
    gboolean strip_aliases;   /* machine types keep the name that the document gives */
    gboolean abi_update;      /* a new guest */
    gboolean incoming;        /* one that comes in by migration */
    char **params;            /* all NAME=VALUE of the case, NULL terminated */
} CorpusQemu;

/** Value of the param PREFIX NAME, or NULL. */
const char *corpus_param(const CorpusQemu *c, const char *prefix, const char *name);
/** The definition completed by the QEMU driver, as XML. g_free(). */
char *corpus_qemu_xml(const CorpusQemu *c, GError **error);
/** The command line of its start. g_free(). */
char *corpus_qemu_argv(const CorpusQemu *c, GError **error);
/** What the recorded QEMU can do, as the case changes it. */
VirQemuCaps *corpus_qemu_caps(const CorpusQemu *c, GError **error);
