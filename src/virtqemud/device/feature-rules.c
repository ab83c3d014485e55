/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "firmware.h"
#include "vir-error.h"

static gboolean
is_x86_pc(const VirDomainDef *def)
{
    return vir_def_is_q35(def) || vir_def_is_i440fx(def);
}

/* Features that only some boards know. */
static gboolean
check_boards(const VirDomainDef *def, GError **error)
{
    const VirDomainFeatures *features = &def->features;
    gboolean x86 = vir_def_is_x86(def);
    gboolean pseries = vir_def_is_pseries(def);
    gboolean arm_virt = vir_def_is_arm_virt(def);
    const VirModelPart parts[] = {
        {features->gic_present, "gic", arm_virt},
        {features->ras != 0, "ras", arm_virt},
        {features->aia != 0, "aia", vir_def_is_riscv_virt(def)},
        {features->apic_eoi != 0, "apic/@eoi", x86},
        {features->pvspinlock != 0, "pvspinlock", x86},
        {features->smm_present && features->smm != VIR_TRISTATE_OFF && x86, "smm", is_x86_pc(def)},
        {features->vmport != 0, "vmport", x86},
        {features->ps2 != 0, "ps2", x86},
        {features->ioapic != 0, "ioapic", x86},
        {features->hpt_resizing != 0 || features->hpt_maxpagesize, "hpt", pseries},
        {features->htm != 0, "htm", pseries},
        {features->nested_hv != 0, "nested-hv", pseries},
        {features->ccf_assist != 0, "ccf-assist", pseries},
        {features->cfpc != 0, "cfpc", pseries},
        {features->sbbc != 0, "sbbc", pseries},
        {features->ibs != 0, "ibs", pseries},
    };
    const char *refused = vir_model_refused(parts, G_N_ELEMENTS(parts));

    return !refused ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "/domain/features/%s: machine type '%s' of architecture '%s' does not "
                         "have it",
                         refused, def->os.machine, def->os.arch);
}

#define HAS(flag) vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_##flag)

static gboolean
check_binary(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainFeatures *features = &def->features;
    const VirDomainLaunchSecurity *launch = def->launch_security;
    int type = launch ? launch->type : 0;
    gboolean sev = type == VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV;
    const VirModelPart parts[] = {
        {features->vmport != 0, "features/vmport", HAS(MACHINE_VMPORT_OPT)},
        {features->ps2 != 0, "features/ps2", HAS(MACHINE_I8042_OPT)},
        {features->ras != 0, "features/ras", HAS(MACHINE_VIRT_RAS)},
        {features->aia != 0, "features/aia", HAS(MACHINE_VIRT_AIA)},
        {features->has_smm_tseg, "features/smm/tseg", HAS(MCH_EXTENDED_TSEG_MBYTES)},
        {features->vmcoreinfo_present && features->vmcoreinfo != VIR_TRISTATE_OFF,
         "features/vmcoreinfo", HAS(DEVICE_VMCOREINFO)},
        {features->async_teardown == VIR_TRISTATE_YES, "features/async-teardown",
         HAS(RUN_WITH_ASYNC_TEARDOWN)},
        {def->genid != NULL, "genid", HAS(DEVICE_VMGENID)},
        {def->os.shim != NULL, "os/shim", HAS(MACHINE_SHIM)},
        {sev, "launchSecurity/@type 'sev'", HAS(SEV_GUEST)},
        {sev && launch->kernel_hashes, "launchSecurity/@kernelHashes",
         HAS(SEV_GUEST_KERNEL_HASHES)},
        {type == VIR_DOMAIN_LAUNCH_SECURITY_TYPE_SEV_SNP, "launchSecurity/@type 'sev-snp'",
         HAS(SEV_SNP_GUEST)},
        {type == VIR_DOMAIN_LAUNCH_SECURITY_TYPE_S390_PV, "launchSecurity/@type 's390-pv'",
         HAS(S390_PV_GUEST)},
        {type == VIR_DOMAIN_LAUNCH_SECURITY_TYPE_TDX, "launchSecurity/@type 'tdx'", HAS(TDX_GUEST)},
    };
    const char *refused = vir_model_refused(parts, G_N_ELEMENTS(parts));

    return !refused || vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "/domain/%s: emulator '%s' cannot do it, or not on this host",
                                     refused, model->caps->binary);
}

static gboolean
check_acpi(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(model->caps, def->os.machine);
    gboolean uefi = vir_def_has_uefi(def);

    if (def->features.acpi && machine && machine->acpi == VIR_TRISTATE_NO)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/acpi: machine type '%s' has no ACPI",
                             def->os.machine);
    if (uefi && !def->features.acpi && vir_def_is_x86(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features: UEFI of architecture '%s' does not work without "
                             "<acpi/>",
                             def->os.arch);
    if (!uefi && def->features.acpi && vir_def_is_arm(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/acpi: architecture '%s' has ACPI with UEFI only; "
                             "<os firmware='efi'> gives it",
                             def->os.arch);
    return TRUE;
}

static gboolean
check_combinations(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainFeatures *features = &def->features;

    if (features->vmport == VIR_TRISTATE_ON && features->ps2 == VIR_TRISTATE_OFF)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/vmport: it is a part of the PS/2 controller, which "
                             "/domain/features/ps2 switches off");
    if (features->gic == VIR_DOMAIN_FEATURES_GIC_HOST && def->virt_type != VIR_DOMAIN_VIRT_TYPE_KVM)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/gic/@version 'host' needs domain type 'kvm'");
    if (features->has_smm_tseg &&
        (!features->smm_present || features->smm == VIR_TRISTATE_OFF || !vir_def_is_q35(def)))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/smm/tseg needs <smm state='on'> and a machine type "
                             "of the q35 family, not '%s'",
                             def->os.machine);
    if (features->tcg_tb_cache && def->virt_type != VIR_DOMAIN_VIRT_TYPE_QEMU)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/tcg is for domain type 'qemu'");
    if (features->tcg_tb_cache % 1024)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/tcg/tb-cache: %" G_GUINT64_FORMAT
                             " KiB is no whole number of MiB, in which QEMU counts it",
                             features->tcg_tb_cache);
    if (features->pmu == VIR_TRISTATE_OFF && vir_def_is_ppc64(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/features/pmu: the performance counters of architecture '%s' "
                             "cannot be switched off",
                             def->os.arch);
    if (def->n_keywrap_ciphers > 0 && !vir_def_is_s390(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/keywrap: architecture '%s' has no key wrapping, s390x has",
                             def->os.arch);
    return TRUE;
}

/* The interrupts of a trust domain are split between KVM and QEMU, or there are none. */
static gboolean
check_tdx(const VirDomainDef *def, GError **error)
{
    return !def->launch_security ||
           def->launch_security->type != VIR_DOMAIN_LAUNCH_SECURITY_TYPE_TDX ||
           def->features.ioapic != VIR_DOMAIN_FEATURES_IOAPIC_KVM ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "/domain/launchSecurity/@type 'tdx' needs the interrupt controller of "
                         "QEMU: drop /domain/features/ioapic or say driver='qemu'");
}

/** What a guest of SEV-SNP is measured by, in base64: each has its size (SEV-SNP firmware ABI). */
static gboolean
check_snp(const VirDomainDef *def, GError **error)
{
    const VirDomainLaunchSecurity *launch = def->launch_security;
    const struct {
        const char *name;
        const char *text;
        gsize size;
    } rows[] = {
        {"guestVisibleWorkarounds", launch ? launch->guest_visible_workarounds : NULL, 16},
        {"idBlock", launch ? launch->id_block : NULL, 96},
        {"idAuth", launch ? launch->id_auth : NULL, 4096},
        {"hostData", launch ? launch->host_data : NULL, 32},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree guchar *bytes = NULL;
        gsize len = 0;

        if (!rows[i].text)
            continue;
        if (*rows[i].text)
            bytes = g_base64_decode(rows[i].text, &len);
        if (len != rows[i].size)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "/domain/launchSecurity/%s is %" G_GSIZE_FORMAT
                                 " bytes in base64, not %" G_GSIZE_FORMAT,
                                 rows[i].name, rows[i].size, len);
    }
    return TRUE;
}

static gboolean
check_parallels(const VirDomainDef *def, GError **error)
{
    return def->devices.n_parallels == 0 || !(vir_def_is_pseries(def) || vir_def_is_s390(def)) ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "/domain/devices/parallel: machine type '%s' has no parallel ports",
                         def->os.machine);
}

gboolean
vir_check_features(VirModel *model, GError **error)
{
    return check_boards(model->def, error) && check_binary(model, error) &&
           check_acpi(model, error) && check_combinations(model, error) &&
           check_tdx(model->def, error) && check_snp(model->def, error) &&
           check_parallels(model->def, error);
}
