/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qemu-caps.h"

/** What a kept document says of the programs that made it; informative only. */
typedef struct {
    gint64 qemu_ctime;
    gint64 self_ctime;
    unsigned self_version;
} VirQemuCapsMaker;

/** <qemuCaps> of upstream's cache. g_free(). */
char *vir_qemu_caps_format(const VirQemuCaps *caps, const VirQemuCapsMaker *maker);

/** The opposite; @name is how errors call the text. VIR_ERR_XML_ERROR, VIR_ERR_XML_DETAIL. */
VirQemuCaps *vir_qemu_caps_load(const char *text, gsize len, const char *name, GError **error);

/** Hyper-V enlightenments in the order of documents; NULL terminated. */
extern const char *const vir_qemu_hyperv_names[];
