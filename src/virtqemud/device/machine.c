/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "clock.h"
#include "vir-domain-numa.h"
#include "vir-error.h"
#include <string.h>

static gboolean
has_pcspk(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_sounds; i++) {
        if (def->devices.sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_PCSPK)
            return TRUE;
    }
    return FALSE;
}

static void
add_key_wrap(GString *text, const VirDomainDef *def)
{
    for (guint i = 0; i < def->n_keywrap_ciphers; i++) {
        const VirDomainKeywrapCipher *cipher = def->keywrap_ciphers[i];

        vir_argv_append_onoff(text,
                              cipher->name == VIR_DOMAIN_KEYWRAP_CIPHER_NAME_AES ? "aes-key-wrap"
                                                                                 : "dea-key-wrap",
                              cipher->state);
    }
}

/* What only the boards of POWER have. */
static void
add_pseries(GString *text, const VirDomainFeatures *features)
{
    if (features->hpt_resizing)
        g_string_append_printf(text, ",resize-hpt=%s",
                               vir_domain_features_hpt_resizing_to_string(features->hpt_resizing));
    if (features->hpt_maxpagesize)
        g_string_append_printf(text, ",cap-hpt-max-page-size=%" G_GUINT64_FORMAT "k",
                               features->hpt_maxpagesize);
    vir_argv_append_onoff(text, "cap-htm", features->htm);
    vir_argv_append_onoff(text, "cap-nested-hv", features->nested_hv);
    vir_argv_append_onoff(text, "cap-ccf-assist", features->ccf_assist);
    if (features->cfpc)
        g_string_append_printf(text, ",cap-cfpc=%s",
                               vir_domain_features_cfpc_to_string(features->cfpc));
    if (features->sbbc)
        g_string_append_printf(text, ",cap-sbbc=%s",
                               vir_domain_features_sbbc_to_string(features->sbbc));
    if (features->ibs)
        g_string_append_printf(text, ",cap-ibs=%s",
                               vir_domain_features_ibs_to_string(features->ibs));
}

static void
add_features(GString *text, const VirDomainDef *def)
{
    const VirDomainFeatures *features = &def->features;
    gboolean tdx =
        def->launch_security && def->launch_security->type == VIR_DOMAIN_LAUNCH_SECURITY_TYPE_TDX;

    vir_argv_append_onoff(text, "vmport", features->vmport);
    vir_argv_append_onoff(text, "smm", features->smm);
    add_key_wrap(text, def);
    if (features->ioapic || tdx)
        g_string_append_printf(text, ",kernel_irqchip=%s",
                               features->ioapic == VIR_DOMAIN_FEATURES_IOAPIC_KVM ? "on" : "split");
    /* On 32 bits there is the older one, without being asked for. */
    if (features->gic && vir_def_has_arch(def, "aarch64", NULL))
        g_string_append_printf(text, ",gic-version=%s",
                               vir_domain_features_gic_to_string(features->gic));
    if (def->devices.iommu && def->devices.iommu->model == VIR_DOMAIN_IOMMU_MODEL_SMMUV3)
        g_string_append(text, ",iommu=smmuv3");
    add_pseries(text, features);
    vir_argv_append_onoff(text, "ras", features->ras);
    if (features->aia)
        g_string_append_printf(text, ",aia=%s", vir_domain_features_aia_to_string(features->aia));
    vir_argv_append_onoff(text, "i8042", features->ps2);
}

/* The first of the devices to boot from that names an entry of the boot menu. */
static gboolean
see_loadparm(const VirDomainDevice *device, void *data, GError **error)
{
    VirDomainDevice *first = data;

    if (device->loadparm && (!first->loadparm || device->boot_order < first->boot_order))
        *first = *device;
    return TRUE;
}

/* Devices with an option of their own are told themselves. */
static void
add_loadparm(GString *text, const VirArgv *argv)
{
    VirDomainDevice first = {0};

    if (!vir_def_is_s390(argv->def) ||
        vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_VIRTIO_CCW_DEVICE_LOADPARM))
        return;
    vir_domain_each_device((VirDomainDef *)argv->def, see_loadparm, &first, NULL);
    if (first.loadparm)
        g_string_append_printf(text, ",loadparm=%s", first.loadparm);
}

static gboolean
add_accel(VirArgv *argv, GError **error)
{
    const VirDomainFeatures *features = &argv->def->features;

    switch (argv->def->virt_type) {
    case VIR_DOMAIN_VIRT_TYPE_QEMU:
        if (features->tcg_tb_cache)
            vir_argv_addf(argv, "-accel", "tcg,tb-size=%" G_GUINT64_FORMAT,
                          features->tcg_tb_cache / 1024);
        else
            vir_argv_add(argv, "-accel", "tcg");
        return TRUE;
    case VIR_DOMAIN_VIRT_TYPE_KVM:
        if (features->kvm && features->kvm->dirty_ring == VIR_TRISTATE_ON)
            vir_argv_addf(argv, "-accel", "kvm,dirty-ring-size=%u", features->kvm->dirty_ring_size);
        else
            vir_argv_add(argv, "-accel", "kvm");
        return TRUE;
    case VIR_DOMAIN_VIRT_TYPE_HVF:
        vir_argv_add(argv, "-accel", "hvf");
        return TRUE;
    default:
        return vir_argv_unsupported(argv, error, "/domain/@type '%s'",
                                    vir_domain_virt_type_to_string(argv->def->virt_type));
    }
}

gboolean
vir_argv_machine(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, def->os.machine);
    const VirDomainTimer *hpet = vir_def_timer(def, VIR_DOMAIN_TIMER_NAME_HPET);
    int dump = def->memory_dump_core;
    g_autoptr(GString) text = NULL;

    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': emulator '%s' has no machine type '%s'", def->name,
                             argv->caps->binary, def->os.machine);
    if (def->features.gic > VIR_DOMAIN_FEATURES_GIC_2 && !vir_def_has_arch(def, "aarch64", NULL))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': /domain/features/gic/@version '%s': %s has version 2",
                             def->name, vir_domain_features_gic_to_string(def->features.gic),
                             def->os.arch);
    if (!dump)
        dump = argv->env->conf->dump_guest_core ? VIR_TRISTATE_ON : VIR_TRISTATE_OFF;
    text = g_string_new(def->os.machine);
    /* The controllers are devices of the definition. */
    g_string_append(text, ",usb=off");
    add_features(text, def);
    vir_argv_append_onoff(text, "dump-guest-core", dump);
    if (def->memory_backing && def->memory_backing->nosharepages)
        g_string_append(text, ",mem-merge=off");
    vir_argv_machine_memory(argv, text);
    vir_argv_machine_firmware(argv, text);
    if (vir_domain_numa_has_hmat(def))
        g_string_append(text, ",hmat=on");
    if (def->os.bios_useserial == VIR_TRISTATE_YES)
        g_string_append(text, ",graphics=off");
    /* Where the host's own processor is taken, the guest may still see an older one. */
    if (vir_def_is_pseries(def) && def->cpu && def->cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL &&
        def->cpu->model)
        g_string_append_printf(text, ",max-cpu-compat=%s", def->cpu->model);
    add_loadparm(text, argv);
    if (def->launch_security)
        g_string_append(text, ",confidential-guest-support=lsec0");
    if (hpet && hpet->present && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MACHINE_HPET))
        vir_argv_append_onoff(text, "hpet", hpet->present);
    if (has_pcspk(def))
        g_string_append(text, ",pcspk-audiodev=audio1");
    if (machine->acpi == VIR_TRISTATE_YES)
        vir_argv_append_onoff(text, "acpi",
                              def->features.acpi ? VIR_TRISTATE_ON : VIR_TRISTATE_OFF);
    vir_argv_add(argv, "-machine", text->str);
    if (!add_accel(argv, error))
        return FALSE;
    if (def->features.has_smm_tseg)
        vir_argv_addf(argv, "-global", "mch.extended-tseg-mbytes=%" G_GUINT64_FORMAT,
                      def->features.smm_tseg);
    return TRUE;
}
