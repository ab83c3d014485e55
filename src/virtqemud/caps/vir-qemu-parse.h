/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qemu-probe.h"

/* Replies of QEMU into the capabilities; what has not the expected shape is left out. */

/** Of query-machines. */
void vir_qemu_parse_machines(VirQemuCaps *caps, json_object *reply);
/** Of query-cpu-definitions. */
void vir_qemu_parse_cpus(GPtrArray *cpus, json_object *reply);
/** Of query-qmp-schema. */
void vir_qemu_parse_schema(VirQemuCaps *caps, json_object *reply);
/** Of query-command-line-options. */
void vir_qemu_parse_options(VirQemuCaps *caps, json_object *reply);
/** Adds each element's @key to @set, after "@prefix." where that is not NULL. */
void vir_qemu_parse_names(GHashTable *set, const char *prefix, const char *key, json_object *reply);
