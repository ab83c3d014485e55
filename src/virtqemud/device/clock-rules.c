/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-clock.h"
#include "vir-error.h"

static gboolean
no_such_timer(const VirModel *model, const VirDomainTimer *timer, GError **error)
{
    const VirDomainDef *def = model->def;

    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "timer '%s' is not there for %s guests of type '%s' on machine type '%s'",
                         vir_domain_timer_name_to_string(timer->name), def->os.arch,
                         vir_domain_virt_type_to_string(def->virt_type), def->os.machine);
}

static gboolean
no_such_policy(const VirDomainTimer *timer, GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "timer '%s' has no tickpolicy '%s'",
                         vir_domain_timer_name_to_string(timer->name),
                         vir_domain_timer_tickpolicy_to_string(timer->tickpolicy));
}

static gboolean
check_rtc(const VirDomainTimer *timer, GError **error)
{
    if (timer->track == VIR_DOMAIN_TIMER_TRACK_BOOT)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "timer 'rtc' cannot track '%s': guest, wall and realtime are there",
                             vir_domain_timer_track_to_string(timer->track));
    if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_MERGE ||
        timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_DISCARD)
        return no_such_policy(timer, error);
    return TRUE;
}

static gboolean
check_pit(const VirModel *model, const VirDomainTimer *timer, GError **error)
{
    if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_MERGE ||
        (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP &&
         !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_KVM_PIT_TICK_POLICY)))
        return no_such_policy(timer, error);
    return TRUE;
}

static gboolean
check_armvtimer(const VirModel *model, const VirDomainTimer *timer, GError **error)
{
    if (model->def->virt_type != VIR_DOMAIN_VIRT_TYPE_KVM || !vir_def_is_arm_virt(model->def))
        return no_such_timer(model, timer, error);
    if (timer->present == VIR_TRISTATE_NO)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "timer 'armvtimer' is part of the processor: present='no' cannot be");
    if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP ||
        timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_MERGE)
        return no_such_policy(timer, error);
    if (!vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_CPU_KVM_NO_ADJVTIME))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' cannot change how timer 'armvtimer' ticks",
                             model->caps->binary);
    return TRUE;
}

static gboolean
check_timer(const VirModel *model, const VirDomainTimer *timer, GError **error)
{
    switch (timer->name) {
    case VIR_DOMAIN_TIMER_NAME_RTC:
        return check_rtc(timer, error);
    case VIR_DOMAIN_TIMER_NAME_PIT:
        return check_pit(model, timer, error);
    case VIR_DOMAIN_TIMER_NAME_HPET:
    case VIR_DOMAIN_TIMER_NAME_TSC:
    case VIR_DOMAIN_TIMER_NAME_KVMCLOCK:
    case VIR_DOMAIN_TIMER_NAME_HYPERVCLOCK:
        return vir_def_is_x86(model->def) || timer->present != VIR_TRISTATE_YES ||
               no_such_timer(model, timer, error);
    case VIR_DOMAIN_TIMER_NAME_ARMVTIMER:
        return check_armvtimer(model, timer, error);
    case VIR_DOMAIN_TIMER_NAME_PLATFORM:
        return no_such_timer(model, timer, error);
    default:
        return TRUE;
    }
}

gboolean
vir_complete_clock(VirModel *model, GError **error)
{
    return vir_domain_clock_complete(model->def, error);
}

gboolean
vir_check_clock(VirModel *model, GError **error)
{
    const VirDomainClock *clock = &model->def->clock;

    for (guint i = 0; i < clock->n_timers; i++) {
        if (!check_timer(model, clock->timers[i], error))
            return FALSE;
    }
    return TRUE;
}
