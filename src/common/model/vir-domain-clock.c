/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-clock.h"
#include "vir-error.h"

#include <string.h>

/* Which attributes a timer can have. */
static const struct {
    gboolean track, tickpolicy, frequency;
} timers[VIR_DOMAIN_TIMER_NAME_LAST] = {
    [VIR_DOMAIN_TIMER_NAME_PLATFORM] = {.track = TRUE, .tickpolicy = TRUE},
    [VIR_DOMAIN_TIMER_NAME_RTC] = {.track = TRUE, .tickpolicy = TRUE},
    [VIR_DOMAIN_TIMER_NAME_PIT] = {.tickpolicy = TRUE},
    [VIR_DOMAIN_TIMER_NAME_HPET] = {.tickpolicy = TRUE},
    [VIR_DOMAIN_TIMER_NAME_TSC] = {.tickpolicy = TRUE, .frequency = TRUE},
    [VIR_DOMAIN_TIMER_NAME_ARMVTIMER] = {.tickpolicy = TRUE},
};

static gboolean
refuse(const VirDomainTimer *timer, const char *what, GError **error)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "timer '%s' has no %s",
                         vir_domain_timer_name_to_string(timer->name), what);
}

static gboolean
check_timer(const VirDomainTimer *timer, GError **error)
{
    if (timer->track && !timers[timer->name].track)
        return refuse(timer, "track", error);
    if (timer->tickpolicy && !timers[timer->name].tickpolicy)
        return refuse(timer, "tickpolicy", error);
    if (timer->frequency && !timers[timer->name].frequency)
        return refuse(timer, "frequency", error);
    if (timer->mode && !timers[timer->name].frequency)
        return refuse(timer, "mode", error);
    if (timer->catchup && timer->tickpolicy != VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP &&
        (timer->catchup->threshold || timer->catchup->slew || timer->catchup->limit))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "timer '%s': <catchup> is for tickpolicy 'catchup'",
                             vir_domain_timer_name_to_string(timer->name));
    return TRUE;
}

static gboolean
is_number(const char *text)
{
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;

    return *digits != '\0' && strlen(digits) < 18 && strspn(digits, "0123456789") == strlen(digits);
}

/* A clock that is so many seconds from UTC or local time follows what the guest makes of it. */
static gboolean
complete_adjustment(VirDomainClock *clock, GError **error)
{
    gboolean local = clock->offset == VIR_DOMAIN_CLOCK_OFFSET_LOCALTIME;
    gboolean variable = clock->offset == VIR_DOMAIN_CLOCK_OFFSET_VARIABLE;

    if (!local && !variable && clock->offset != VIR_DOMAIN_CLOCK_OFFSET_UTC)
        return TRUE;
    if (variable && !clock->adjustment)
        clock->adjustment = g_strdup("0");
    if (variable && !clock->basis)
        clock->basis = VIR_DOMAIN_CLOCK_BASIS_UTC;
    if (!clock->adjustment || (!variable && g_str_equal(clock->adjustment, "reset")))
        return TRUE;
    if (!is_number(clock->adjustment))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/clock/@adjustment '%s' is no number of seconds",
                             clock->adjustment);
    if (!variable) {
        clock->offset = VIR_DOMAIN_CLOCK_OFFSET_VARIABLE;
        clock->basis = local ? VIR_DOMAIN_CLOCK_BASIS_LOCALTIME : VIR_DOMAIN_CLOCK_BASIS_UTC;
    }
    return TRUE;
}

gboolean
vir_domain_clock_complete(VirDomainDef *def, GError **error)
{
    VirDomainClock *clock = &def->clock;

    for (guint i = 0; i < clock->n_timers; i++) {
        if (!check_timer(clock->timers[i], error))
            return FALSE;
    }
    if (clock->offset == VIR_DOMAIN_CLOCK_OFFSET_TIMEZONE &&
        (!clock->timezone || !*clock->timezone))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/clock of offset 'timezone' needs a timezone");
    if (clock->offset == VIR_DOMAIN_CLOCK_OFFSET_ABSOLUTE && !clock->has_start)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "/domain/clock of offset 'absolute' needs a start");
    return complete_adjustment(clock, error);
}
