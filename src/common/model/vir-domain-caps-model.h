/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-capabilities-def.h"

/** The last of @lists where that is @name, else a new one behind it. Borrowed. */
VirCapsValueList *vir_domain_caps_values(VirCapsValueList ***lists, guint *n, const char *name);

/* <domainCapabilities> of hypervisors that can do the same on every host. Strings are copied. */

/** bhyve. @loaders: its boot ROMs, NULL terminated; NULL: it takes none. @framebuffer: it has one.
 */
VirCapsDomainCaps *vir_domain_caps_model_bhyve(const char *emulator, const char *arch,
                                               const char *const *loaders, gboolean framebuffer);
/** Xen. @machine: "xenfv", "xenpv", "xenpvh". @loaders: firmware of xenfv. */
VirCapsDomainCaps *vir_domain_caps_model_xen(const char *emulator, const char *arch,
                                             const char *machine, const char *const *loaders);
