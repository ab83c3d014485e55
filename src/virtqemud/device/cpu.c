/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cpu.h"
#include "argv.h"
#include "clock.h"
#include "vir-domain-cpu.h"
#include "vir-error.h"
#include <string.h>

/* QEMU's own name of a feature; its other names are about to go. g_free(). */
static char *
qemu_spelling(const VirDomainDef *def, const char *name)
{
    char *word;

    if (!vir_def_is_x86(def))
        return g_strdup(name);
    if (g_str_equal(name, "pclmuldq"))
        return g_strdup("pclmulqdq");
    word = g_strdup(name);
    return g_strdelimit(word, "_", '-');
}

static gboolean
add_model(GString *text, const VirArgv *argv, const VirDomainCpu *cpu, GError **error)
{
    const VirDomainDef *def = argv->def;

    switch (cpu->mode) {
    case VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH:
    case VIR_DOMAIN_CPU_MODE_MAXIMUM:
        g_string_append(text, cpu->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM ? "max" : "host");
        if (g_str_equal(def->os.arch, "armv7l") && !g_strcmp0(argv->env->host_arch, "aarch64") &&
            def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM)
            g_string_append(text, ",aarch64=off");
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_CPU_MIGRATABLE))
            vir_argv_append_onoff(text, "migratable", cpu->migratable);
        return TRUE;
    case VIR_DOMAIN_CPU_MODE_HOST_MODEL:
        /* POWER: the machine type says which generation it looks like. */
        if (vir_cpu_arch(def->os.arch) != VIR_CPU_ARCH_PPC64)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': the model of the host's processor is not known, "
                                 "which CPU mode 'host-model' needs",
                                 def->name);
        g_string_append(text, "host");
        return TRUE;
    default:
        if (strpbrk(cpu->model, ",="))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "domain '%s': '%s' is no name of a CPU model", def->name,
                                 cpu->model);
        g_string_append(text, cpu->model);
        return TRUE;
    }
}

static gboolean
add_features(GString *text, const VirDomainDef *def, GError **error)
{
    for (guint i = 0; i < def->cpu->n_features; i++) {
        const VirDomainCpuFeature *feature = def->cpu->features[i];
        gboolean off = feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_DISABLE ||
                       feature->policy == VIR_DOMAIN_CPU_FEATURE_POLICY_FORBID;
        g_autofree char *name = qemu_spelling(def, feature->name);

        if (strpbrk(name, ",="))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "domain '%s': '%s' is no name of a CPU feature", def->name, name);
        if (feature->policy != VIR_DOMAIN_CPU_FEATURE_POLICY_OPTIONAL)
            g_string_append_printf(text, ",%s=%s", name, off ? "off" : "on");
    }
    return TRUE;
}

static void
add_timers(GString *text, const VirDomainDef *def)
{
    for (guint i = 0; i < def->clock.n_timers; i++) {
        const VirDomainTimer *timer = def->clock.timers[i];

        switch (timer->name) {
        case VIR_DOMAIN_TIMER_NAME_KVMCLOCK:
            vir_argv_append_onoff(text, "kvmclock", timer->present);
            break;
        case VIR_DOMAIN_TIMER_NAME_HYPERVCLOCK:
            if (timer->present == VIR_TRISTATE_YES)
                g_string_append(text, ",hv-time=on");
            break;
        case VIR_DOMAIN_TIMER_NAME_TSC:
            if (timer->frequency > 0)
                g_string_append_printf(text, ",tsc-frequency=%" G_GUINT64_FORMAT, timer->frequency);
            break;
        case VIR_DOMAIN_TIMER_NAME_ARMVTIMER:
            if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_DELAY)
                g_string_append(text, ",kvm-no-adjvtime=off");
            if (timer->tickpolicy == VIR_DOMAIN_TIMER_TICKPOLICY_DISCARD)
                g_string_append(text, ",kvm-no-adjvtime=on");
            break;
        default:
            break;
        }
    }
}

static void
add_on(GString *text, const char *key, int state)
{
    if (state == VIR_TRISTATE_ON)
        g_string_append_printf(text, ",%s=on", key);
}

/* Only what is on: a guest has no enlightenment that it is not given. */
static void
add_hyperv(GString *text, const VirDomainHyperv *hv)
{
    if (hv->mode == VIR_DOMAIN_HYPERV_MODE_PASSTHROUGH)
        g_string_append(text, ",hv-passthrough=on");
    add_on(text, "hv-relaxed", hv->relaxed);
    add_on(text, "hv-vapic", hv->vapic);
    if (hv->spinlocks == VIR_TRISTATE_ON)
        g_string_append_printf(text, ",hv-spinlocks=0x%x", hv->spinlocks_retries);
    add_on(text, "hv-vpindex", hv->vpindex);
    add_on(text, "hv-runtime", hv->runtime);
    add_on(text, "hv-synic", hv->synic);
    add_on(text, "hv-stimer", hv->stimer);
    if (hv->stimer == VIR_TRISTATE_ON)
        add_on(text, "hv-stimer-direct", hv->stimer_direct);
    add_on(text, "hv-reset", hv->reset);
    if (hv->vendor_id == VIR_TRISTATE_ON && hv->vendor_id_value)
        g_string_append_printf(text, ",hv-vendor-id=%s", hv->vendor_id_value);
    add_on(text, "hv-frequencies", hv->frequencies);
    add_on(text, "hv-reenlightenment", hv->reenlightenment);
    add_on(text, "hv-tlbflush", hv->tlbflush);
    if (hv->tlbflush == VIR_TRISTATE_ON) {
        add_on(text, "hv-tlbflush-direct", hv->tlbflush_direct);
        add_on(text, "hv-tlbflush-ext", hv->tlbflush_extended);
    }
    add_on(text, "hv-ipi", hv->ipi);
    add_on(text, "hv-evmcs", hv->evmcs);
    add_on(text, "hv-avic", hv->avic);
    add_on(text, "hv-emsr-bitmap", hv->emsr_bitmap);
    add_on(text, "hv-xmm-input", hv->xmm_input);
}

static void
add_panics(GString *text, const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_panics; i++) {
        if (def->devices.panics[i]->model == VIR_DOMAIN_PANIC_MODEL_HYPERV)
            g_string_append(text, ",hv-crash");
    }
}

static void
add_kvm(GString *text, const VirDomainKvmFeatures *kvm)
{
    if (kvm->hidden == VIR_TRISTATE_ON)
        g_string_append(text, ",kvm=off");
    add_on(text, "kvm-hint-dedicated", kvm->hint_dedicated);
    add_on(text, "kvm-poll-control", kvm->poll_control);
    if (kvm->pv_ipi == VIR_TRISTATE_OFF)
        g_string_append(text, ",kvm-pv-ipi=off");
}

static void
add_cache(GString *text, const VirDomainCpu *cpu)
{
    if (!cpu->cache)
        return;
    if (cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_EMULATE)
        g_string_append(text, ",l3-cache=on");
    if (cpu->cache_mode == VIR_DOMAIN_CPU_CACHE_MODE_PASSTHROUGH)
        g_string_append(text, ",host-cache-info=on");
    else if (vir_domain_cpu_is_host(cpu))
        g_string_append(text, ",host-cache-info=off");
    if (cpu->cache_mode != VIR_DOMAIN_CPU_CACHE_MODE_EMULATE)
        g_string_append(text, ",l3-cache=off");
}

static void
add_phys_addr(GString *text, const VirDomainCpu *cpu)
{
    if (!cpu->maxphysaddr)
        return;
    if (cpu->maxphysaddr_mode == VIR_DOMAIN_CPU_MAXPHYSADDR_MODE_EMULATE) {
        g_string_append_printf(text, ",phys-bits=%u", cpu->maxphysaddr_bits);
        return;
    }
    g_string_append(text, ",host-phys-bits=on");
    if (cpu->has_maxphysaddr_limit && cpu->maxphysaddr_limit > 0)
        g_string_append_printf(text, ",host-phys-bits-limit=%u", cpu->maxphysaddr_limit);
}

gboolean
vir_argv_cpu(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirDomainFeatures *features = &def->features;
    const VirDomainCpu *cpu = def->cpu;
    gboolean has_model = cpu && vir_domain_cpu_has_model(cpu);
    g_autoptr(GString) text = g_string_new(NULL);

    if (has_model) {
        if (!add_model(text, argv, cpu, error))
            return FALSE;
        if (cpu->model_vendor_id)
            g_string_append_printf(text, ",vendor=%s", cpu->model_vendor_id);
        if (!add_features(text, def, error))
            return FALSE;
    }
    add_timers(text, def);
    if (features->apic)
        vir_argv_append_onoff(text, "kvm-pv-eoi", features->apic_eoi);
    vir_argv_append_onoff(text, "kvm-pv-unhalt", features->pvspinlock);
    if (features->hyperv)
        add_hyperv(text, features->hyperv);
    add_panics(text, def);
    if (features->kvm)
        add_kvm(text, features->kvm);
    /* POWER always has it, and knows no switch. */
    if (!vir_def_is_ppc64(def))
        vir_argv_append_onoff(text, "pmu", features->pmu);
    if (cpu) {
        add_cache(text, cpu);
        add_phys_addr(text, cpu);
    }
    if (!has_model && text->len > 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': features and timers of the processor are given, but "
                             "/domain/cpu has no model that they could be added to",
                             def->name);
    if (has_model)
        vir_argv_add(argv, "-cpu", text->str);
    return TRUE;
}
