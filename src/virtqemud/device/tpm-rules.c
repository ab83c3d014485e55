/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_tpms(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_tpms; i++) {
        VirDomainTpm *tpm = model->def->devices.tpms[i];

        if (!tpm->model)
            tpm->model = vir_def_is_pseries(model->def) ? VIR_DOMAIN_TPM_MODEL_TPM_SPAPR
                                                        : VIR_DOMAIN_TPM_MODEL_TPM_TIS;
        /* What says nothing is as if it were not there. */
        if (tpm->persistent_state == VIR_TRISTATE_NO)
            tpm->persistent_state = VIR_TRISTATE_ABSENT;
        tpm->has_debug = tpm->has_debug && tpm->debug > 0;
        tpm->pcr_banks = tpm->pcr_banks_sha1 || tpm->pcr_banks_sha256 || tpm->pcr_banks_sha384 ||
                         tpm->pcr_banks_sha512;
        if (tpm->profile && !tpm->profile->source && !tpm->profile->name)
            g_clear_pointer(&tpm->profile, vir_domain_tpm_profile_free);
        if (tpm->backend == VIR_DOMAIN_TPM_BACKEND_PASSTHROUGH && !tpm->device)
            tpm->device = g_strdup("/dev/tpm0");
        if (tpm->backend == VIR_DOMAIN_TPM_BACKEND_EMULATOR && !tpm->version)
            /* What a guest of old has there stays what it was. */
            tpm->version = tpm->model == VIR_DOMAIN_TPM_MODEL_TPM_TIS && vir_def_is_x86(model->def)
                               ? VIR_DOMAIN_TPM_VERSION_1_2
                               : VIR_DOMAIN_TPM_VERSION_2_0;
    }
    return TRUE;
}

static const char *
tpm_name(const VirDomainTpm *tpm)
{
    return vir_domain_tpm_model_to_string(tpm->model);
}

static gboolean
check_board(const VirModel *model, const VirDomainTpm *tpm, GError **error)
{
    const VirDomainDef *def = model->def;
    VirQemuCapsFlag flag = VIR_QEMU_CAPS_DEVICE_TPM_TIS;
    gboolean fits = FALSE;

    switch (tpm->model) {
    case VIR_DOMAIN_TPM_MODEL_TPM_TIS:
        fits = vir_def_is_x86(def) || vir_def_is_arm_virt(def) || vir_def_is_loongarch_virt(def) ||
               vir_def_is_riscv_virt(def);
        break;
    case VIR_DOMAIN_TPM_MODEL_TPM_CRB:
        fits = vir_def_is_x86(def);
        flag = VIR_QEMU_CAPS_DEVICE_TPM_CRB;
        break;
    case VIR_DOMAIN_TPM_MODEL_TPM_SPAPR:
        fits = vir_def_is_pseries(def);
        flag = VIR_QEMU_CAPS_DEVICE_TPM_SPAPR;
        break;
    default:
        fits = vir_def_is_pseries(def);
        flag = VIR_QEMU_CAPS_DEVICE_SPAPR_TPM_PROXY;
        break;
    }
    if (!fits)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' of %s has no TPM of model '%s'", def->os.machine,
                             def->os.arch, tpm_name(tpm));
    /* On ARM the same model is another device, which no flag tells of. */
    return !vir_def_is_x86(def) ||
           vir_model_needs(model, flag, error, "TPM of model '%s'", tpm_name(tpm));
}

static gboolean
check_emulator(const VirModel *model, const VirDomainTpm *tpm, GError **error)
{
    const char *version = vir_domain_tpm_version_to_string(tpm->version);

    if (!vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_TPM_EMULATOR, error, "emulated TPM"))
        return FALSE;
    if (tpm->version == VIR_DOMAIN_TPM_VERSION_1_2) {
        if (tpm->model != VIR_DOMAIN_TPM_MODEL_TPM_TIS || !vir_def_is_x86(model->def))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "version 1.2 is of model 'tpm-tis' on x86; here it has "
                                 "to be 2.0");
        if (tpm->pcr_banks || (tpm->profile && tpm->profile->source))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "<active_pcr_banks> and <profile> are of version 2.0");
    }
    if (model->env->has_tpm_version && !model->env->has_tpm_version(model->env, version))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "swtpm on this host does not play version %s", version);
    return TRUE;
}

static gboolean
check_tpm(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainTpm *tpm = device->tpm;

    if (!check_board(model, tpm, error))
        return FALSE;
    if (tpm->model == VIR_DOMAIN_TPM_MODEL_SPAPR_TPM_PROXY &&
        tpm->backend != VIR_DOMAIN_TPM_BACKEND_PASSTHROUGH)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a proxy leads to a TPM of the host (type='passthrough')");
    switch (tpm->backend) {
    case VIR_DOMAIN_TPM_BACKEND_EMULATOR:
        return check_emulator(model, tpm, error);
    case VIR_DOMAIN_TPM_BACKEND_EXTERNAL:
        if (!tpm->external || !tpm->external->path)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "backend 'external' needs source/@path, the socket of "
                                 "the emulator");
        if (tpm->external->mode == VIR_DOMAIN_TPM_EXTERNAL_MODE_BIND)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "QEMU connects to an external emulator; mode='bind' "
                                 "cannot be");
        return TRUE;
    default:
        return TRUE;
    }
}

gboolean
vir_check_tpms(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;
    guint count[2] = {0};

    for (guint i = 0; i < devices->n_tpms; i++) {
        gboolean proxy = devices->tpms[i]->model == VIR_DOMAIN_TPM_MODEL_SPAPR_TPM_PROXY;

        if (++count[proxy] > 1)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "tpm[%u]: a guest has one TPM%s", i + 1,
                                 proxy ? " proxy" : "; a proxy may be there beside it");
    }
    return vir_check_each(model, VIR_DOMAIN_DEVICE_TPM, check_tpm, error);
}
