/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "clock.h"
#include "argv.h"
#include "vir-error.h"

const VirDomainTimer *
vir_def_timer(const VirDomainDef *def, int name)
{
    for (guint i = 0; i < def->clock.n_timers; i++) {
        if (def->clock.timers[i]->name == name)
            return def->clock.timers[i];
    }
    return NULL;
}

static char *
wall_clock(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%S") : NULL;
}

static gboolean
add_rtc_base(GString *text, const VirArgv *argv, GError **error)
{
    const VirDomainClock *clock = &argv->def->clock;
    gint64 shift = clock->adjustment ? g_ascii_strtoll(clock->adjustment, NULL, 10) : 0;
    gint64 start = (gint64)MIN(clock->start, G_MAXINT64);
    g_autofree char *base = NULL;

    switch (clock->offset) {
    case VIR_DOMAIN_CLOCK_OFFSET_LOCALTIME:
    case VIR_DOMAIN_CLOCK_OFFSET_TIMEZONE: /* QEMU's TZ is that of the guest */
        base = g_strdup("localtime");
        break;
    case VIR_DOMAIN_CLOCK_OFFSET_VARIABLE:
        start = argv->env->now(argv->env, clock->basis == VIR_DOMAIN_CLOCK_BASIS_LOCALTIME);
        if (!__builtin_add_overflow(start, shift, &start))
            base = wall_clock(start);
        break;
    case VIR_DOMAIN_CLOCK_OFFSET_ABSOLUTE:
        base = wall_clock(start);
        break;
    default:
        base = g_strdup("utc");
    }
    if (!base)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': the guest's clock would begin at no date that there is",
                             argv->def->name);
    g_string_append_printf(text, "base=%s", base);
    return TRUE;
}

static void
add_rtc_timer(GString *rtc, const VirDomainTimer *timer)
{
    static const char *const clocks[VIR_DOMAIN_TIMER_TRACK_LAST] = {
        [VIR_DOMAIN_TIMER_TRACK_GUEST] = "vm",
        [VIR_DOMAIN_TIMER_TRACK_WALL] = "host",
        [VIR_DOMAIN_TIMER_TRACK_REALTIME] = "rt",
    };

    if (clocks[timer->track])
        g_string_append_printf(rtc, ",clock=%s", clocks[timer->track]);
    if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP)
        g_string_append(rtc, ",driftfix=slew");
}

/* KVM's own timer catches up by itself; TCG's never does. */
static void
add_pit(VirArgv *argv)
{
    const VirDomainTimer *pit = vir_def_timer(argv->def, VIR_DOMAIN_TIMER_NAME_PIT);

    if (pit && pit->tickpolicy != VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP &&
        vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_KVM_PIT_TICK_POLICY))
        vir_argv_addf(argv, "-global", "kvm-pit.lost_tick_policy=%s",
                      pit->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_DISCARD ? "discard" : "delay");
}

gboolean
vir_argv_clock(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainTimer *timer = vir_def_timer(def, VIR_DOMAIN_TIMER_NAME_RTC);
    g_autoptr(GString) rtc = g_string_new(NULL);

    if (!add_rtc_base(rtc, argv, error))
        return FALSE;
    if (timer)
        add_rtc_timer(rtc, timer);
    vir_argv_add(argv, "-rtc", rtc->str);
    if (def->clock.offset == VIR_DOMAIN_CLOCK_OFFSET_TIMEZONE)
        vir_spawn_set_env(argv->spawn, "TZ", def->clock.timezone);
    add_pit(argv);
    timer = vir_def_timer(def, VIR_DOMAIN_TIMER_NAME_HPET);
    if (timer && timer->present == VIR_TRISTATE_NO && vir_def_is_x86(def) &&
        !vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        vir_argv_add(argv, "-no-hpet", NULL);
    return TRUE;
}
