/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-cputune.h"
#include "vir-domain-iothread.h"
#include "vir-error.h"

#include <stdlib.h>

/* What the kernel's control groups take, in microseconds. */
#define PERIOD_MIN 1000
#define PERIOD_MAX 1000000
#define QUOTA_MIN 1000
#define QUOTA_MAX G_GINT64_CONSTANT(17592186044415)

static gboolean
check_limits(const VirDomainCputune *tune, GError **error)
{
    const struct {
        const char *name;
        guint64 value;
    } periods[] = {
        {"period", tune->period},
        {"global_period", tune->global_period},
        {"emulator_period", tune->emulator_period},
        {"iothread_period", tune->iothread_period},
    };
    const struct {
        const char *name;
        gint64 value;
    } quotas[] = {
        {"quota", tune->quota},
        {"global_quota", tune->global_quota},
        {"emulator_quota", tune->emulator_quota},
        {"iothread_quota", tune->iothread_quota},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(periods); i++) {
        if (periods[i].value > 0 &&
            (periods[i].value < PERIOD_MIN || periods[i].value > PERIOD_MAX))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cputune/%s is not in %d to %d", periods[i].name,
                                 PERIOD_MIN, PERIOD_MAX);
        /* A negative quota is none. */
        if (quotas[i].value > 0 && (quotas[i].value < QUOTA_MIN || quotas[i].value > QUOTA_MAX))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cputune/%s is not in %d to %" G_GINT64_FORMAT,
                                 quotas[i].name, QUOTA_MIN, QUOTA_MAX);
    }
    return TRUE;
}

static int
by_vcpu(const void *a, const void *b)
{
    const VirDomainVcpuPin *x = *(VirDomainVcpuPin *const *)a;
    const VirDomainVcpuPin *y = *(VirDomainVcpuPin *const *)b;

    return x->vcpu < y->vcpu ? -1 : x->vcpu > y->vcpu;
}

static gboolean
complete_vcpu_pins(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;

    for (guint i = tune->n_vcpupins; i-- > 0;) {
        VirDomainVcpuPin *pin = tune->vcpupins[i];

        if (vir_bitmap_count(pin->cpuset) == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/vcpupin[@vcpu='%u']/@cpuset is empty", pin->vcpu);
        /* Processors that are gone leave their pins behind. */
        if (pin->vcpu >= def->vcpus_max)
            vir_domain_vcpu_pin_free(vir_xml_remove(tune, vcpupins, i));
    }
    if (tune->n_vcpupins > 1)
        qsort(tune->vcpupins, tune->n_vcpupins, sizeof(tune->vcpupins[0]), by_vcpu);
    for (guint i = 1; i < tune->n_vcpupins; i++) {
        if (tune->vcpupins[i]->vcpu == tune->vcpupins[i - 1]->vcpu)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/vcpupin[@vcpu='%u'] is given twice",
                                 tune->vcpupins[i]->vcpu);
    }
    return TRUE;
}

static gboolean
check_iothread_pins(const VirDomainDef *def, GError **error)
{
    const VirDomainCputune *tune = def->cputune;

    for (guint i = 0; i < tune->n_iothreadpins; i++) {
        const VirDomainIothreadPin *pin = tune->iothreadpins[i];

        if (!vir_domain_has_iothread(def, pin->iothread))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/cputune/iothreadpin: there is no I/O thread %u",
                                 pin->iothread);
        if (vir_bitmap_count(pin->cpuset) == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/iothreadpin[@iothread='%u']/@cpuset is empty",
                                 pin->iothread);
        for (guint j = 0; j < i; j++) {
            if (tune->iothreadpins[j]->iothread == pin->iothread)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/iothreadpin[@iothread='%u'] is given twice",
                                     pin->iothread);
        }
    }
    return TRUE;
}

/* Only the real-time schedulers have priorities; of others it is forgotten. */
static gboolean
complete_priority(const char *path, int scheduler, bool *has_priority, GError **error)
{
    gboolean real_time =
        scheduler == VIR_DOMAIN_SCHEDULER_FIFO || scheduler == VIR_DOMAIN_SCHEDULER_RR;

    if (!real_time)
        *has_priority = false;
    if (*has_priority || !real_time)
        return TRUE;
    return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: scheduler '%s' needs a priority", path,
                         vir_domain_scheduler_to_string(scheduler));
}

static int
by_first_vcpu(const void *a, const void *b)
{
    const VirDomainVcpuSched *x = *(VirDomainVcpuSched *const *)a;
    const VirDomainVcpuSched *y = *(VirDomainVcpuSched *const *)b;

    return vir_bitmap_next(x->vcpus, 0) - vir_bitmap_next(y->vcpus, 0);
}

static gboolean
complete_vcpu_scheds(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;
    g_autoptr(VirBitmap) seen = vir_bitmap_new(def->vcpus_max);
    guint n = tune->n_vcpuscheds;

    for (guint i = 0; i < n; i++) {
        g_autoptr(VirDomainVcpuSched) sched = vir_xml_remove(tune, vcpuscheds, 0);

        if (!complete_priority("/domain/cputune/vcpusched", sched->scheduler, &sched->has_priority,
                               error))
            return FALSE;
        if (vir_bitmap_count(sched->vcpus) == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/vcpusched/@vcpus is empty");
        for (int id = vir_bitmap_next(sched->vcpus, 0); id >= 0;
             id = vir_bitmap_next(sched->vcpus, id + 1)) {
            VirDomainVcpuSched *one;

            if ((guint)id >= def->vcpus_max)
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/vcpusched: there is no processor %d", id);
            if (vir_bitmap_test(seen, (guint)id))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "/domain/cputune/vcpusched: processor %d has two schedulers",
                                     id);
            vir_bitmap_set(seen, (guint)id);
            one = vir_domain_vcpu_sched_clone(sched);
            vir_bitmap_free(one->vcpus);
            one->vcpus = vir_bitmap_new((guint)id + 1);
            vir_bitmap_set(one->vcpus, (guint)id);
            vir_xml_append(tune, vcpuscheds, one);
        }
    }
    if (tune->n_vcpuscheds > 1)
        qsort(tune->vcpuscheds, tune->n_vcpuscheds, sizeof(tune->vcpuscheds[0]), by_first_vcpu);
    return TRUE;
}

static int
by_first_iothread(const void *a, const void *b)
{
    const VirDomainIothreadSched *x = *(VirDomainIothreadSched *const *)a;
    const VirDomainIothreadSched *y = *(VirDomainIothreadSched *const *)b;

    return vir_bitmap_next(x->iothreads, 0) - vir_bitmap_next(y->iothreads, 0);
}

static gboolean
complete_iothread_scheds(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;
    g_autoptr(VirBitmap) seen = vir_bitmap_new(0);
    guint n = tune->n_iothreadscheds;

    for (guint i = 0; i < n; i++) {
        g_autoptr(VirDomainIothreadSched) sched = vir_xml_remove(tune, iothreadscheds, 0);

        if (!complete_priority("/domain/cputune/iothreadsched", sched->scheduler,
                               &sched->has_priority, error))
            return FALSE;
        if (vir_bitmap_count(sched->iothreads) == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "/domain/cputune/iothreadsched/@iothreads is empty");
        for (int id = vir_bitmap_next(sched->iothreads, 0); id >= 0;
             id = vir_bitmap_next(sched->iothreads, id + 1)) {
            VirDomainIothreadSched *one;

            if (!vir_domain_has_iothread(def, (guint)id))
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "/domain/cputune/iothreadsched: there is no I/O thread %d",
                                     id);
            if (vir_bitmap_test(seen, (guint)id))
                return vir_error_set(
                    error, VIR_ERR_XML_ERROR,
                    "/domain/cputune/iothreadsched: I/O thread %d has two schedulers", id);
            vir_bitmap_set(seen, (guint)id);
            one = vir_domain_iothread_sched_clone(sched);
            vir_bitmap_free(one->iothreads);
            one->iothreads = vir_bitmap_new((guint)id + 1);
            vir_bitmap_set(one->iothreads, (guint)id);
            vir_xml_append(tune, iothreadscheds, one);
        }
    }
    if (tune->n_iothreadscheds > 1)
        qsort(tune->iothreadscheds, tune->n_iothreadscheds, sizeof(tune->iothreadscheds[0]),
              by_first_iothread);
    return TRUE;
}

gboolean
vir_domain_cputune_complete(VirDomainDef *def, GError **error)
{
    VirDomainCputune *tune = def->cputune;

    if (!tune)
        return TRUE;
    if (!check_limits(tune, error) || !complete_vcpu_pins(def, error) ||
        !check_iothread_pins(def, error))
        return FALSE;
    if (tune->emulatorpin_cpuset && vir_bitmap_count(tune->emulatorpin_cpuset) == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/cputune/emulatorpin/@cpuset is empty");
    return complete_priority("/domain/cputune/emulatorsched", tune->emulatorsched,
                             &tune->has_emulatorsched_priority, error) &&
           complete_vcpu_scheds(def, error) && complete_iothread_scheds(def, error) &&
           vir_domain_resctrl_complete(def, error);
}
