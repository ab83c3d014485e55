/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

typedef struct {
    const char *kind;
    const char *path;
    const char *text;
    gsize len;
    char **params; /* NAME=VALUE, NULL terminated */
} CorpusCpu;

/** Converts a case of the kinds "cpu-…"; *@known says whether there is such a kind. */
char *corpus_cpu(const CorpusCpu *c, gboolean *known, GError **error);
