/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-vcpu.h"
#include "vir-error.h"

#include <stdlib.h>

static int
by_id(const void *a, const void *b)
{
    const VirDomainVcpu *x = *(VirDomainVcpu *const *)a;
    const VirDomainVcpu *y = *(VirDomainVcpu *const *)b;

    return x->id < y->id ? -1 : x->id > y->id;
}

/* Those that are not mentioned are not plugged. */
static void
add_missing(VirDomainDef *def)
{
    if (def->n_vcpus > 1)
        qsort(def->vcpus, def->n_vcpus, sizeof(def->vcpus[0]), by_id);
    for (guint i = 0; i < def->vcpus_max; i++) {
        VirDomainVcpu *vcpu;

        if (i < def->n_vcpus && def->vcpus[i]->id == i)
            continue;
        vcpu = vir_domain_vcpu_new();
        vcpu->id = i;
        vcpu->enabled = VIR_TRISTATE_NO;
        vir_xml_insert(def, vcpus, i, vcpu);
    }
}

static gboolean
check_ids(const VirDomainDef *def, GError **error)
{
    g_autoptr(VirBitmap) seen = vir_bitmap_new(def->vcpus_max);

    for (guint i = 0; i < def->n_vcpus; i++) {
        guint id = def->vcpus[i]->id;

        if (id >= def->vcpus_max)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/vcpus/vcpu[@id='%u']: there are only %u processors", id,
                                 def->vcpus_max);
        if (vir_bitmap_test(seen, id))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/vcpus/vcpu[@id='%u'] is given twice", id);
        vir_bitmap_set(seen, id);
    }
    return TRUE;
}

static gboolean
check_orders(const VirDomainDef *def, GError **error)
{
    g_autoptr(VirBitmap) seen = vir_bitmap_new(def->vcpus_max + 1);
    guint plugged = 0, ordered = 0;

    for (guint i = 0; i < def->n_vcpus; i++) {
        const VirDomainVcpu *vcpu = def->vcpus[i];

        plugged += vcpu->enabled == VIR_TRISTATE_YES;
        if (!vcpu->has_order)
            continue;
        ordered += vcpu->enabled == VIR_TRISTATE_YES;
        if (vcpu->order == 0 || vcpu->order > def->vcpus_max)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/vcpus/vcpu[@id='%u']/@order %u is not in 1 to %u",
                                 vcpu->id, vcpu->order, def->vcpus_max);
        if (vir_bitmap_test(seen, vcpu->order))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/vcpus/vcpu[@id='%u']/@order %u is another processor's "
                                 "as well",
                                 vcpu->id, vcpu->order);
        vir_bitmap_set(seen, vcpu->order);
    }
    if (ordered > 0 && ordered < plugged)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/vcpus: %u of the %u processors that are plugged have an "
                             "@order; all of them have to, or none",
                             ordered, plugged);
    return TRUE;
}

gboolean
vir_domain_vcpus_complete(VirDomainDef *def, GError **error)
{
    guint now = 0;

    if (!def->vcpu_placement)
        def->vcpu_placement = VIR_DOMAIN_VCPU_PLACEMENT_STATIC;
    if (def->vcpu_placement == VIR_DOMAIN_VCPU_PLACEMENT_AUTO)
        g_clear_pointer(&def->cpuset, vir_bitmap_free);
    if (def->cpuset && vir_bitmap_count(def->cpuset) == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "/domain/vcpu/@cpuset is empty");
    if (def->has_vcpus_current && def->vcpus_current == def->vcpus_max)
        def->has_vcpus_current = FALSE;
    if (def->n_vcpus == 0)
        return TRUE;
    if (!check_ids(def, error) || !check_orders(def, error))
        return FALSE;
    add_missing(def);
    for (guint i = 0; i < def->n_vcpus; i++) {
        VirDomainVcpu *vcpu = def->vcpus[i];

        if (!vcpu->hotpluggable)
            vcpu->hotpluggable =
                vcpu->enabled == VIR_TRISTATE_YES ? VIR_TRISTATE_NO : VIR_TRISTATE_YES;
        if (vcpu->enabled != VIR_TRISTATE_YES && vcpu->hotpluggable == VIR_TRISTATE_NO)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/vcpus/vcpu[@id='%u'] is neither plugged nor can it ever "
                                 "be",
                                 vcpu->id);
        now += vcpu->enabled == VIR_TRISTATE_YES;
    }
    if (now == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/vcpus: not one processor is plugged");
    def->vcpus_current = now;
    def->has_vcpus_current = now != def->vcpus_max;
    return TRUE;
}

guint
vir_domain_vcpus_now(const VirDomainDef *def)
{
    return def->has_vcpus_current && def->vcpus_current < def->vcpus_max ? def->vcpus_current
                                                                         : def->vcpus_max;
}

guint
vir_domain_vcpus_fixed(const VirDomainDef *def)
{
    guint fixed = 0;

    if (def->n_vcpus == 0)
        return vir_domain_vcpus_now(def);
    for (guint i = 0; i < def->n_vcpus; i++)
        fixed += def->vcpus[i]->enabled == VIR_TRISTATE_YES &&
                 def->vcpus[i]->hotpluggable != VIR_TRISTATE_YES;
    return fixed;
}
