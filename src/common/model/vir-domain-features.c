/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-features.h"
#include "vir-error.h"

#include <string.h>

/* Fewer make the guest tell the host too often: Hyper-V's own minimum. */
#define MIN_RETRIES 4095
/* Bytes that CPUID has for it. */
#define MAX_VENDOR_ID 12
#define MIN_RING 1024
#define MAX_RING 65536

static gboolean
check_hyperv(VirDomainHyperv *hv, GError **error)
{
    if (!hv->mode)
        hv->mode = VIR_DOMAIN_HYPERV_MODE_CUSTOM;
    /* Parts that are off are as good as not there. */
    if (hv->stimer_direct == VIR_TRISTATE_OFF)
        hv->stimer_direct = 0;
    if (hv->tlbflush_direct == VIR_TRISTATE_OFF)
        hv->tlbflush_direct = 0;
    if (hv->tlbflush_extended == VIR_TRISTATE_OFF)
        hv->tlbflush_extended = 0;
    if (hv->spinlocks == VIR_TRISTATE_ON &&
        (!hv->has_spinlocks_retries || hv->spinlocks_retries < MIN_RETRIES))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/features/hyperv/spinlocks/@retries is at least %d",
                             MIN_RETRIES);
    if (hv->vendor_id != VIR_TRISTATE_ON)
        return TRUE;
    if (!hv->vendor_id_value)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/features/hyperv/vendor_id needs a value");
    if (strlen(hv->vendor_id_value) > MAX_VENDOR_ID || strchr(hv->vendor_id_value, ','))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/features/hyperv/vendor_id/@value '%s' has more than %d "
                             "characters, or a comma",
                             hv->vendor_id_value, MAX_VENDOR_ID);
    return TRUE;
}

static gboolean
check_kvm(const VirDomainKvmFeatures *kvm, GError **error)
{
    guint size = kvm->dirty_ring_size;

    if (kvm->dirty_ring != VIR_TRISTATE_ON)
        return TRUE;
    if (!kvm->has_dirty_ring_size || size < MIN_RING || size > MAX_RING || (size & (size - 1)))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/features/kvm/dirty-ring/@size is a power of two from %d to "
                             "%d",
                             MIN_RING, MAX_RING);
    return TRUE;
}

/* A policy for those that are not named is there where some are, or where it is not the default. */
static void
complete_capabilities(VirDomainFeatures *features)
{
    static const VirDomainCapabilities none;
    VirDomainCapabilities *capabilities = features->capabilities;

    if (!capabilities || capabilities->policy > VIR_DOMAIN_CAPABILITIES_POLICY_DEFAULT)
        return;
    capabilities->policy = 0;
    if (memcmp(capabilities, &none, sizeof(none)) == 0)
        g_clear_pointer(&features->capabilities, vir_domain_capabilities_free);
    else
        capabilities->policy = VIR_DOMAIN_CAPABILITIES_POLICY_DEFAULT;
}

gboolean
vir_domain_features_complete(VirDomainDef *def, GError **error)
{
    VirDomainFeatures *features = &def->features;

    complete_capabilities(features);
    return (!features->hyperv || check_hyperv(features->hyperv, error)) &&
           (!features->kvm || check_kvm(features->kvm, error));
}
