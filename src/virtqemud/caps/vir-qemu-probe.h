/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-qemu-caps.h"
#include <json-c/json.h>

/** Of the questions and of the file format: a change makes kept probes stale. */
#define VIR_QEMU_CAPS_FORMAT 4

/** A question to QEMU; @reply is its "return", NULL where QEMU refused an @optional one. */
typedef struct {
    const char *command;
    json_object *args; /* owned, or NULL */
    gboolean optional;
    json_object *reply; /* owned */
} VirProbeQuery;

/** Fills the replies of @n queries that do not depend on each other; several times in a session. */
typedef gboolean (*VirProbeAsk)(VirProbeQuery *queries, gsize n, void *opaque, GError **error);

/** Where questions go: a QEMU with one accelerator, or a recorded conversation with one. */
typedef struct {
    VirProbeAsk ask;
    void *opaque;
    gboolean hvf; /* it has that accelerator, which QEMU does not tell */
} VirProbePeer;

/**
 * A QEMU of @binary that runs no guest (VIR_QEMU_NATIVE: with KVM): started by the first question,
 * asked in job threads only.
 */
VirProbePeer *vir_qemu_peer_new(const char *binary, VirQemuAccel accel);
void vir_qemu_peer_free(VirProbePeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirProbePeer, vir_qemu_peer_free)

/** The probe: @tcg answers for TCG; @fast (may be NULL) for KVM or HVF. No process, no file. */
VirQemuCaps *vir_qemu_probe(const char *binary, const VirProbePeer *tcg, const VirProbePeer *fast,
                            GError **error);

/**
 * The probe on a recorded conversation: JSON objects, each command followed by its reply;
 * a second qmp_capabilities begins the TCG half of a conversation that began with KVM.
 */
VirQemuCaps *vir_qemu_probe_replay(const char *binary, const char *path, GError **error);

/**
 * The probe of a real @binary: one process for TCG, and one for KVM where @kvm. @record (may be
 * NULL) gets the conversation in the spelling that vir_qemu_probe_replay() reads.
 */
VirQemuCaps *vir_qemu_probe_run(const char *binary, gboolean kvm, GString *record, GError **error);

VirQemuCaps *vir_qemu_caps_new(const char *binary);
/** @arch: QEMU's name, or that of guests. */
void vir_qemu_caps_set_arch(VirQemuCaps *caps, const char *arch);
/** Derives the flags; facts are "KIND NAME" as in vir-qemu-triggers.tsv. */
void vir_qemu_caps_derive(VirQemuCaps *caps, GHashTable *facts);
VirQemuSgx *vir_qemu_sgx_new(void);
void vir_qemu_machine_free(VirQemuMachine *machine);
void vir_qemu_cpu_free(VirQemuCpu *cpu);
/** @key of @object as a string (borrowed), or NULL where it is absent or of another type. */
const char *vir_json_string(json_object *object, const char *key);
/** @key as TRUE; absent: FALSE. */
gboolean vir_json_bool(json_object *object, const char *key);
/** @key as an array, or NULL. */
json_object *vir_json_array(json_object *object, const char *key);
