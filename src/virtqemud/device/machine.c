/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <string.h>

static void
add_onoff(GString *text, const char *key, int value)
{
    if (value != VIR_TRISTATE_ABSENT)
        g_string_append_printf(text, ",%s=%s", key, value == VIR_TRISTATE_ON ? "on" : "off");
}

static const VirDomainTimer *
find_timer(const VirDomainDef *def, int name)
{
    for (guint i = 0; i < def->clock.n_timers; i++) {
        if (def->clock.timers[i]->name == name)
            return def->clock.timers[i];
    }
    return NULL;
}

static gboolean
has_pcspk(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_sounds; i++) {
        if (def->devices.sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_PCSPK)
            return TRUE;
    }
    return FALSE;
}

gboolean
vir_argv_machine(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainFeatures *features = &def->features;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);
    const VirDomainTimer *hpet = find_timer(def, VIR_DOMAIN_TIMER_NAME_HPET);
    g_autoptr(GString) text = NULL;

    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': emulator '%s' has no machine type '%s'", def->name,
                             argv->caps->binary, def->os.machine);
    text = g_string_new(def->os.machine);
    g_string_append(text, ",usb=off");
    add_onoff(text, "vmport", features->vmport);
    if (features->smm_present)
        add_onoff(text, "smm", features->smm ? features->smm : VIR_TRISTATE_ON);
    add_onoff(text, "i8042", features->ps2);
    g_string_append_printf(text, ",dump-guest-core=%s",
                           def->memory_dump_core == VIR_TRISTATE_ON ? "on" : "off");
    if (def->memory_backing && def->memory_backing->nosharepages)
        g_string_append(text, ",mem-merge=off");
    if (machine->default_ram && !(def->cpu && def->cpu->n_numa_cells > 0))
        g_string_append_printf(text, ",memory-backend=%s", machine->default_ram);
    if (def->os.bios_useserial == VIR_TRISTATE_YES)
        g_string_append(text, ",graphics=off");
    if (has_pcspk(def))
        g_string_append(text, ",pcspk-audiodev=audio1");
    if (hpet && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        add_onoff(text, "hpet", hpet->present ? hpet->present : VIR_TRISTATE_ON);
    if (vir_def_is_i440fx(def) || vir_def_is_q35(def))
        g_string_append_printf(text, ",acpi=%s", features->acpi ? "on" : "off");
    vir_argv_add(argv, "-machine", text->str);
    if (hpet && hpet->present == VIR_TRISTATE_NO &&
        !vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        vir_argv_add(argv, "-no-hpet", NULL);

    switch (def->virt_type) {
    case VIR_DOMAIN_VIRT_TYPE_QEMU:
        if (features->tcg_tb_cache)
            vir_argv_addf(argv, "-accel", "tcg,tb-size=%" G_GUINT64_FORMAT, features->tcg_tb_cache);
        else
            vir_argv_add(argv, "-accel", "tcg");
        return TRUE;
    case VIR_DOMAIN_VIRT_TYPE_KVM:
        vir_argv_add(argv, "-accel", "kvm");
        return TRUE;
    default:
        return vir_argv_unsupported(argv, error, "/domain/@type '%s'",
                                    vir_domain_virt_type_to_string(def->virt_type));
    }
}

/* What <features> and <clock> say about the processor. */
static void
add_cpu_extras(GString *text, const VirDomainDef *def)
{
    const VirDomainFeatures *features = &def->features;
    const VirDomainTimer *timer = find_timer(def, VIR_DOMAIN_TIMER_NAME_KVMCLOCK);

    if (timer && timer->present != VIR_TRISTATE_ABSENT)
        add_onoff(text, "kvmclock", timer->present);
    timer = find_timer(def, VIR_DOMAIN_TIMER_NAME_HYPERVCLOCK);
    if (timer && timer->present == VIR_TRISTATE_YES)
        g_string_append(text, ",hv-time=on");
    timer = find_timer(def, VIR_DOMAIN_TIMER_NAME_TSC);
    if (timer && timer->has_frequency)
        g_string_append_printf(text, ",tsc-frequency=%" G_GUINT64_FORMAT, timer->frequency);
    if (features->apic)
        add_onoff(text, "kvm-pv-eoi", features->apic_eoi);
    add_onoff(text, "kvm-pv-unhalt", features->pvspinlock);
    add_onoff(text, "pmu", features->pmu);
    if (!features->kvm)
        return;
    if (features->kvm->hidden == VIR_TRISTATE_ON)
        g_string_append(text, ",kvm=off");
    if (features->kvm->hint_dedicated == VIR_TRISTATE_ON)
        g_string_append(text, ",kvm-hint-dedicated=on");
    if (features->kvm->poll_control == VIR_TRISTATE_ON)
        g_string_append(text, ",kvm-poll-control=on");
    if (features->kvm->pv_ipi == VIR_TRISTATE_OFF)
        g_string_append(text, ",kvm-pv-ipi=off");
}

static gboolean
add_cpu_model(GString *text, const VirArgv *argv, const VirDomainCpu *cpu, GError **error)
{
    switch (cpu->mode) {
    case VIR_DOMAIN_CPU_MODE_UNSET:
    case VIR_DOMAIN_CPU_MODE_CUSTOM:
        g_string_append(text, cpu->model ? cpu->model : "qemu64");
        return TRUE;
    case VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH:
        if (argv->def->virt_type != VIR_DOMAIN_VIRT_TYPE_KVM)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': CPU mode 'host-passthrough' needs type 'kvm'",
                                 argv->def->name);
        g_string_append(text, "host");
        add_onoff(text, "migratable", cpu->migratable);
        return TRUE;
    case VIR_DOMAIN_CPU_MODE_MAXIMUM:
        g_string_append(text, "max");
        add_onoff(text, "migratable", cpu->migratable);
        return TRUE;
    default:
        return vir_argv_unsupported(argv, error, "/domain/cpu/@mode '%s'",
                                    vir_domain_cpu_mode_to_string(cpu->mode));
    }
}

gboolean
vir_argv_cpu(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainCpu *cpu = def->cpu;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!cpu)
        return TRUE;
    if (!add_cpu_model(text, argv, cpu, error))
        return FALSE;
    if (cpu->model_vendor_id)
        g_string_append_printf(text, ",vendor=%s", cpu->model_vendor_id);
    for (guint i = 0; i < cpu->n_features; i++) {
        const VirDomainCpuFeature *feature = cpu->features[i];
        gboolean off = feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE ||
                       feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID;
        g_autofree char *name = g_strdup(feature->name);

        if (strpbrk(name, ",="))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "domain '%s': '%s' is no name of a CPU feature", def->name, name);
        g_strdelimit(name, "_", '-');
        if (feature->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL)
            g_string_append_printf(text, ",%s=%s", name, off ? "off" : "on");
    }
    add_cpu_extras(text, def);
    if (cpu->cache && cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_DISABLE)
        g_string_append(text, cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH
                                  ? ",host-cache-info=off,l3-cache=off"
                                  : ",l3-cache=off");
    if (cpu->cache && cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_EMULATE)
        g_string_append(text, ",l3-cache=on");
    if (cpu->maxphysaddr && cpu->maxphysaddr_mode == VIR_DOMAIN_CPU_MAXPHYSADDR_MODE_EMULATE)
        g_string_append_printf(text, ",phys-bits=%u", cpu->maxphysaddr_bits);
    if (cpu->maxphysaddr && cpu->maxphysaddr_mode == VIR_DOMAIN_CPU_MAXPHYSADDR_MODE_PASSTHROUGH) {
        g_string_append(text, ",host-phys-bits=on");
        if (cpu->has_maxphysaddr_limit)
            g_string_append_printf(text, ",host-phys-bits-limit=%u", cpu->maxphysaddr_limit);
    }
    if (cpu->cache && cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_PASSTHROUGH)
        g_string_append(text, ",host-cache-info=on,l3-cache=off");
    vir_argv_add(argv, "-cpu", text->str);
    return TRUE;
}

/* QEMU wants whole MiB. */
static guint64
round_memory(guint64 kib)
{
    return (kib + 1023) / 1024 * 1024;
}

static gboolean
add_backend(VirArgv *argv, const char *id, guint64 kib, GError **error)
{
    const VirDomainMemoryBacking *backing = argv->def->memory_backing;
    int source = backing ? backing->source : VIR_DOMAIN_MEMORY_BACKING_SOURCE_UNSET;
    int share = !backing                                                      ? VIR_TRISTATE_ABSENT
                : backing->access == VIR_DOMAIN_MEMORY_BACKING_ACCESS_SHARED  ? VIR_TRISTATE_ON
                : backing->access == VIR_DOMAIN_MEMORY_BACKING_ACCESS_PRIVATE ? VIR_TRISTATE_OFF
                                                                              : VIR_TRISTATE_ABSENT;
    gboolean prealloc =
        backing && backing->allocation == VIR_DOMAIN_MEMORY_BACKING_ALLOCATION_IMMEDIATE;
    const char *type = "memory-backend-ram";

    if (backing && backing->hugepages)
        return vir_argv_unsupported(argv, error, "/domain/memoryBacking/hugepages");
    if (source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_FILE)
        return vir_argv_unsupported(argv, error, "/domain/memoryBacking/source/@type 'file'");
    if (source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD)
        type = "memory-backend-memfd";
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", type, "s:id", id, "t:share", share, "B:prealloc",
                                     prealloc, "u:size", kib * 1024, NULL));
    return TRUE;
}

gboolean
vir_argv_memory(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);
    guint64 memory = round_memory(def->memory);

    if (def->memory == 0 || def->memory > G_MAXUINT64 / 2048)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "domain '%s': no memory size that can be",
                             def->name);
    if (def->has_max_memory)
        return vir_argv_unsupported(argv, error, "/domain/maxMemory");
    if (def->cpu && def->cpu->n_numa_cells > 0)
        return vir_argv_unsupported(argv, error, "/domain/cpu/numa");
    vir_argv_addf(argv, "-m", "size=%" G_GUINT64_FORMAT "k", memory);
    if (machine && machine->default_ram && !add_backend(argv, machine->default_ram, memory, error))
        return FALSE;
    vir_argv_add(argv, "-overcommit",
                 def->memory_backing && def->memory_backing->locked ? "mem-lock=on"
                                                                    : "mem-lock=off");
    return TRUE;
}

gboolean
vir_argv_smp(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainCpu *cpu = def->cpu;
    guint max = def->vcpus_max;
    guint now = def->has_vcpus_current && def->vcpus_current < max ? def->vcpus_current : max;
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%u", now);
    if (now != max)
        g_string_append_printf(text, ",maxcpus=%u", max);
    if (cpu && cpu->has_sockets) {
        guint64 all = (guint64)cpu->sockets * (cpu->has_dies ? cpu->dies : 1) *
                      (cpu->has_clusters ? cpu->clusters : 1) * (cpu->has_cores ? cpu->cores : 1) *
                      (cpu->has_threads ? cpu->threads : 1);

        if (all != max)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': the CPU topology has room for %" G_GUINT64_FORMAT
                                 " processors, but there are %u",
                                 def->name, all, max);
        g_string_append_printf(text, ",sockets=%u", cpu->sockets);
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_SMP_DIES))
            g_string_append_printf(text, ",dies=%u", cpu->has_dies ? cpu->dies : 1);
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_SMP_CLUSTERS))
            g_string_append_printf(text, ",clusters=%u", cpu->has_clusters ? cpu->clusters : 1);
        g_string_append_printf(text, ",cores=%u,threads=%u", cpu->has_cores ? cpu->cores : 1,
                               cpu->has_threads ? cpu->threads : 1);
    } else {
        g_string_append_printf(text, ",sockets=%u,cores=1,threads=1", max);
    }
    vir_argv_add(argv, "-smp", text->str);
    return TRUE;
}

static void
add_rtc_base(GString *text, const VirArgv *argv)
{
    const VirDomainClock *clock = &argv->def->clock;
    gint64 shift = clock->adjustment ? g_ascii_strtoll(clock->adjustment, NULL, 10) : 0;
    g_autoptr(GDateTime) now = NULL;
    g_autoptr(GDateTime) then = NULL;
    g_autofree char *base = NULL;

    if (clock->offset == VIR_DOMAIN_CLOCK_OFFSET_UTC) {
        g_string_append(text, "base=utc");
        return;
    }
    if (clock->offset == VIR_DOMAIN_CLOCK_OFFSET_LOCALTIME ||
        clock->offset == VIR_DOMAIN_CLOCK_OFFSET_TIMEZONE) {
        g_string_append(text, "base=localtime");
        return;
    }
    if (clock->offset == VIR_DOMAIN_CLOCK_OFFSET_ABSOLUTE)
        now = g_date_time_new_from_unix_utc((gint64)clock->start);
    else if (clock->basis == VIR_DOMAIN_CLOCK_BASIS_LOCALTIME)
        now = g_date_time_new_now_local();
    else
        now = g_date_time_new_now_utc();
    then = now ? g_date_time_add_seconds(now, (double)shift) : NULL;
    base = then ? g_date_time_format(then, "%Y-%m-%dT%H:%M:%S") : g_strdup("utc");
    g_string_append_printf(text, "base=%s", base);
}

static gboolean
add_timer(VirArgv *argv, GString *rtc, const VirDomainTimer *timer, GError **error)
{
    switch (timer->name) {
    case VIR_DOMAIN_TIMER_NAME_RTC:
        if (timer->track == VIR_DOMAIN_TIMER_TRACK_REALTIME)
            g_string_append(rtc, ",clock=rt");
        else if (timer->track == VIR_DOMAIN_TIMER_TRACK_GUEST)
            g_string_append(rtc, ",clock=vm");
        else if (timer->track == VIR_DOMAIN_TIMER_TRACK_WALL)
            g_string_append(rtc, ",clock=host");
        if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP)
            g_string_append(rtc, ",driftfix=slew");
        else if (timer->tickpolicy > VIR_DOMAIN_TIMER_TICKPOLICY_CATCHUP)
            return vir_argv_unsupported(argv, error,
                                        "/domain/clock/timer[@name='rtc']/@tickpolicy");
        return TRUE;
    case VIR_DOMAIN_TIMER_NAME_PIT:
        if (timer->tickpolicy > VIR_DOMAIN_TIMER_TICKPOLICY_DELAY &&
            timer->tickpolicy != VIR_DOMAIN_TIMER_TICKPOLICY_DISCARD)
            return vir_argv_unsupported(argv, error,
                                        "/domain/clock/timer[@name='pit']/@tickpolicy");
        return TRUE;
    case VIR_DOMAIN_TIMER_NAME_HPET:
    case VIR_DOMAIN_TIMER_NAME_TSC:
    case VIR_DOMAIN_TIMER_NAME_KVMCLOCK:
    case VIR_DOMAIN_TIMER_NAME_HYPERVCLOCK:
        return TRUE;
    default:
        return vir_argv_unsupported(argv, error, "/domain/clock/timer[@name='%s']",
                                    vir_domain_timer_name_to_string(timer->name));
    }
}

gboolean
vir_argv_clock(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainTimer *pit = find_timer(def, VIR_DOMAIN_TIMER_NAME_PIT);
    g_autoptr(GString) rtc = g_string_new(NULL);

    add_rtc_base(rtc, argv);
    for (guint i = 0; i < def->clock.n_timers; i++) {
        if (!add_timer(argv, rtc, def->clock.timers[i], error))
            return FALSE;
    }
    vir_argv_add(argv, "-rtc", rtc->str);
    if (def->clock.offset == VIR_DOMAIN_CLOCK_OFFSET_TIMEZONE)
        vir_spawn_set_env(argv->spawn, "TZ", def->clock.timezone);
    if (pit && pit->tickpolicy && vir_qemu_caps_has_type(argv->caps, "kvm-pit"))
        vir_argv_addf(argv, "-global", "kvm-pit.lost_tick_policy=%s",
                      vir_domain_timer_tickpolicy_to_string(pit->tickpolicy));
    return TRUE;
}

static void
add_pm(VirArgv *argv)
{
    const VirDomainDef *def = argv->def;
    const char *chip = vir_def_is_q35(def) ? "ICH9-LPC" : "PIIX4_PM";

    if (def->suspend_to_mem)
        vir_argv_addf(argv, "-global", "%s.disable_s3=%d", chip,
                      def->suspend_to_mem == VIR_TRISTATE_NO);
    if (def->suspend_to_disk)
        vir_argv_addf(argv, "-global", "%s.disable_s4=%d", chip,
                      def->suspend_to_disk == VIR_TRISTATE_NO);
}

gboolean
vir_argv_boot(VirArgv *argv, GError **error)
{
    const VirDomainOs *os = &argv->def->os;
    g_autoptr(GString) text = g_string_new(NULL);

    vir_argv_add(argv, "-no-shutdown", NULL);
    add_pm(argv);
    if (os->bootmenu_enable)
        g_string_append_printf(text, "menu=%s,",
                               os->bootmenu_enable == VIR_TRISTATE_YES ? "on" : "off");
    if (os->bootmenu_enable == VIR_TRISTATE_YES && os->has_bootmenu_timeout)
        g_string_append_printf(text, "splash-time=%u,", os->bootmenu_timeout);
    if (os->has_bios_reboot_timeout)
        g_string_append_printf(text, "reboot-timeout=%d,", os->bios_reboot_timeout);
    g_string_append(text, "strict=on");
    vir_argv_add(argv, "-boot", text->str);
    if (argv->def->features.has_smm_tseg)
        vir_argv_addf(argv, "-global", "mch.extended-tseg-mbytes=%" G_GUINT64_FORMAT,
                      argv->def->features.smm_tseg);
    if (os->kernel)
        vir_argv_add(argv, "-kernel", os->kernel);
    if (os->initrd)
        vir_argv_add(argv, "-initrd", os->initrd);
    if (os->cmdline)
        vir_argv_add(argv, "-append", os->cmdline);
    if (os->dtb)
        vir_argv_add(argv, "-dtb", os->dtb);
    if (os->shim)
        vir_argv_add(argv, "-shim", os->shim);
    if (os->loader && os->loader_type != VIR_DOMAIN_OS_LOADER_TYPE_PFLASH)
        vir_argv_add(argv, "-bios", os->loader);
    return TRUE;
}
