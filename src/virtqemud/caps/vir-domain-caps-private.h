/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-capabilities-def.h"
#include "vir-domain-caps-model.h"
#include "vir-domain-caps.h"

/** An attribute with a value that is there on conditions. */
typedef struct {
    const char *name;
    const char *value; /* NULL: the attribute itself, that may be left without any value */
    int flag;          /* VIR_QEMU_CAPS_…, or VIR_DOMAIN_CAPS_ANY */
    unsigned when;     /* VIR_DOMAIN_CAPS_WHEN_…: all of them */
} VirDomainCapsChoice;

#define VIR_DOMAIN_CAPS_ANY -1

/** Conditions that are no flags of QEMU. */
enum {
    VIR_DOMAIN_CAPS_WHEN_X86 = 1 << 0,
    VIR_DOMAIN_CAPS_WHEN_S390 = 1 << 1,
    VIR_DOMAIN_CAPS_WHEN_PSERIES = 1 << 2,
    VIR_DOMAIN_CAPS_WHEN_IDE = 1 << 3, /* the board has it */
    VIR_DOMAIN_CAPS_WHEN_VFIO = 1 << 4,
    VIR_DOMAIN_CAPS_WHEN_RDP = 1 << 5,
    VIR_DOMAIN_CAPS_WHEN_TPM = 1 << 6, /* an emulator of one, of whatever version */
    VIR_DOMAIN_CAPS_WHEN_TPM_1_2 = 1 << 7,
    VIR_DOMAIN_CAPS_WHEN_TPM_2_0 = 1 << 8,
    VIR_DOMAIN_CAPS_WHEN_FLOPPY = 1 << 9, /* the board may have a controller of them */
};

/** Which of the conditions hold. */
unsigned vir_domain_caps_conditions(const VirDomainCapsAsk *ask, const VirDomainDef *def);
VirCapsAbility *vir_domain_caps_ability(const VirQemuCaps *caps, unsigned when,
                                        const VirDomainCapsChoice *choices, gsize n);
/** One without values. */
VirCapsAbility *vir_domain_caps_plain(gboolean supported);
void vir_domain_caps_devices(VirCapsDomainCaps *to, const VirQemuCaps *caps, unsigned when);
