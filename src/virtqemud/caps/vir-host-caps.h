/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-capabilities-def.h"
#include "vir-cpu.h"
#include "vir-host.h"
#include "vir-qemu-caps.h"

/**
 * The document of virConnectGetCapabilities(): the host, and the guests that the emulators in $PATH
 * run. An emulator that cannot be probed is left out. May wait for probes: job threads only.
 * g_free().
 */
char *vir_host_caps_xml(const VirHost *host, VirCapsCache *cache, GError **error);

/**
 * The processor of @host by what it says of itself: CPUID where this program runs there, else what
 * the kernel tells. NULL: nothing is known of it, or no model is like it.
 */
VirCpu *vir_host_caps_cpu(const VirHost *host, const char *arch);
/** Cells, caches and memory bandwidth of @host; its IOMMU and how it sleeps. */
void vir_host_caps_fill_topology(VirCapsHost *to, const VirHost *host,
                                 const VirHostTopology *topology);
/** The guests of @arch that the emulator of @caps runs. */
void vir_host_caps_add_guest(VirCapsDef *def, const char *arch, const VirQemuCaps *caps);
/** @def as a document. g_free(). */
char *vir_host_caps_format(const VirCapsDef *def, GError **error);
