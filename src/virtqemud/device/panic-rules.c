/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_panics(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;
    VirBoard board = vir_board(model->def, model->caps);

    for (guint i = 0; i < devices->n_panics; i++) {
        if (!devices->panics[i]->model)
            devices->panics[i]->model = board.panic;
    }
    if (board.panic_always) {
        for (guint i = 0; i < devices->n_panics; i++) {
            if (devices->panics[i]->model == board.panic)
                return TRUE;
        }
        vir_xml_append(devices, panics, vir_domain_panic_new());
        devices->panics[devices->n_panics - 1]->model = board.panic;
    }
    return TRUE;
}

gboolean
vir_check_nvram(VirModel *model, GError **error)
{
    if (!model->def->devices.nvram)
        return TRUE;
    if (!vir_def_is_pseries(model->def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "/domain/devices/nvram: machine type '%s' of %s has none, it is of "
                             "'pseries'",
                             model->def->os.machine, model->def->os.arch);
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_NVRAM, error, "device 'spapr-nvram'");
}

static gboolean
check_panic(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainPanic *panic = device->panic;
    const VirDomainDef *def = model->def;
    const gboolean fits[VIR_DOMAIN_PANIC_MODEL_LAST] = {
        [VIR_DOMAIN_PANIC_MODEL_ISA] = vir_def_is_x86(def),
        [VIR_DOMAIN_PANIC_MODEL_PSERIES] = vir_def_is_pseries(def),
        [VIR_DOMAIN_PANIC_MODEL_HYPERV] = vir_def_is_x86(def),
        [VIR_DOMAIN_PANIC_MODEL_S390] = vir_def_is_s390(def),
        [VIR_DOMAIN_PANIC_MODEL_PVPANIC] = TRUE,
    };

    if (!panic->model)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' has no model of its own; "
                             "name one",
                             def->os.machine);
    if (!fits[panic->model])
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "model '%s' is not for machine type '%s' of "
                             "architecture '%s'",
                             vir_domain_panic_model_to_string(panic->model), def->os.machine,
                             def->os.arch);
    for (guint i = 0; i < device->index; i++) {
        if (def->devices.panics[i]->model == panic->model)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "there is another one of model '%s'",
                                 vir_domain_panic_model_to_string(panic->model));
    }
    return (panic->model != VIR_DOMAIN_PANIC_MODEL_ISA ||
            vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_PANIC, error, "device 'pvpanic'")) &&
           (panic->model != VIR_DOMAIN_PANIC_MODEL_PVPANIC ||
            vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_PANIC_PCI, error, "device 'pvpanic-pci'"));
}

gboolean
vir_check_panics(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_PANIC, check_panic, error);
}
