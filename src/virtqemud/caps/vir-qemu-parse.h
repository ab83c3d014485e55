/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qemu-probe.h"

/* Replies of QEMU into the capabilities; what has not the expected shape is left out. */

/** Of query-machines. */
void vir_qemu_parse_machines(VirQemuCaps *caps, json_object *reply);
/** Of KVM's query-machines: what differs there. */
void vir_qemu_parse_kvm_machines(VirQemuCaps *caps, json_object *reply);
/** Of query-cpu-definitions. */
void vir_qemu_parse_cpus(GPtrArray *cpus, const char *guest_arch, json_object *reply);
/** Of query-gic-capabilities. */
void vir_qemu_parse_gics(GArray *gics, json_object *reply);
/** Of query-sev-capabilities; NULL: not here. */
VirQemuSev *vir_qemu_parse_sev(json_object *reply);
/** Of query-sgx-capabilities; NULL: not here. */
VirQemuSgx *vir_qemu_parse_sgx(json_object *reply);
/** Of query-cpu-model-expansion with all enlightenments: bits by vir_qemu_hyperv_names. */
guint vir_qemu_parse_hyperv(json_object *reply);
/** A fact of the triggers: "@kind @name", or "@kind @of.@name" where @of is not NULL. */
void vir_qemu_add_fact(GHashTable *facts, const char *kind, const char *of, const char *name);
/** Of query-qmp-schema: commands, events, and the paths that triggers name. */
void vir_qemu_parse_schema(GHashTable *facts, json_object *reply);
/** Of query-command-line-options. */
void vir_qemu_parse_options(GHashTable *facts, json_object *reply);
/** A list of texts (@key NULL), or of objects that have their name in @key. */
void vir_qemu_parse_names(GHashTable *facts, const char *kind, const char *key, json_object *reply);
/** Of device-list-properties and qom-list-properties: those of @of. */
void vir_qemu_parse_props(GHashTable *facts, const char *kind, const char *of, json_object *reply);
