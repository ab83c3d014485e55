/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-device.h"

/** What the document of virConnectGetDomainCapabilities() is about, and what the host adds. */
typedef struct {
    const VirQemuCaps *caps;
    const VirQemuEnv *env;
    const char *arch;    /* as documents call it; NULL: that of @caps */
    const char *machine; /* or an alias; NULL: the default one */
    int virt_type;       /* VIR_DOMAIN_VIRT_TYPE_…; UNSET: the best one */
    /* Firmware that can be given by path; NULL terminated; NULL: the executables of @firmware. */
    const char *const *loaders;
    const GPtrArray *firmware; /* VirFirmware: what can be chosen by itself */
    guint phys_addr_bits;      /* of the host; 0: not known */
    gboolean vfio;             /* devices can be given to guests */
    guint sev_guests;          /* how many the processor has keys for */
    guint sev_es_guests;
} VirDomainCapsAsk;

/** The document. g_free(). VIR_ERR_INVALID_ARG: @caps has no such machine. */
char *vir_domain_caps_xml(const VirDomainCapsAsk *ask, GError **error);

/** How many guests with encrypted memory, and with encrypted registers, the processor can have. */
void vir_domain_caps_sev_guests(guint *guests, guint *es_guests);
