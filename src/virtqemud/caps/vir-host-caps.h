/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-capabilities-def.h"
#include "vir-host.h"
#include "vir-qemu-caps.h"

/**
 * The document of virConnectGetCapabilities(): the host, and the guests that the emulators in $PATH
 * run. An emulator that cannot be probed is left out. May wait for probes: job threads only.
 * g_free().
 */
char *vir_host_caps_xml(const VirHost *host, VirCapsCache *cache, GError **error);

/** Cells, caches and memory bandwidth of @host; its IOMMU and how it sleeps. */
void vir_host_caps_fill_topology(VirCapsHost *to, const VirHost *host,
                                 const VirHostTopology *topology);
/** @def as a document. g_free(). */
char *vir_host_caps_format(const VirCapsDef *def, GError **error);

/**
 * The document of virConnectGetDomainCapabilities(): what @caps can give a guest of @machine (NULL:
 * the default one) and @virt_type ("qemu", "kvm"; NULL: the better one). g_free().
 * VIR_ERR_INVALID_ARG for a machine or type that @caps has not.
 */
char *vir_domain_caps_xml(const VirQemuCaps *caps, const char *machine, const char *virt_type,
                          GError **error);
