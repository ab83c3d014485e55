/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* Streams of a virtio card: one to play, one to record. */
#define DEFAULT_STREAMS 2

gboolean
vir_complete_sounds(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_sounds; i++) {
        VirDomainSound *sound = model->def->devices.sounds[i];

        if (sound->model == VIR_DOMAIN_SOUND_MODEL_VIRTIO && !sound->has_streams) {
            sound->streams = DEFAULT_STREAMS;
            sound->has_streams = TRUE;
        }
    }
    return TRUE;
}

gboolean
vir_check_sounds(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_sounds; i++) {
        const VirDomainSound *sound = model->def->devices.sounds[i];
        const char *name = vir_domain_sound_model_to_string(sound->model);

        if (sound->model == VIR_DOMAIN_SOUND_MODEL_ICH7)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "sound[%u]: QEMU has no sound card 'ich7'; 'ich6' and 'ich9' are "
                                 "of the same kind",
                                 i + 1);
        if ((sound->model == VIR_DOMAIN_SOUND_MODEL_USB &&
             !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_OBJECT_USB_AUDIO)) ||
            (sound->model == VIR_DOMAIN_SOUND_MODEL_ICH9 &&
             !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_ICH9_INTEL_HDA)) ||
            (sound->model == VIR_DOMAIN_SOUND_MODEL_VIRTIO &&
             !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_SOUND)))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "sound[%u]: emulator '%s' has no sound card '%s'", i + 1,
                                 model->caps->binary, name);
    }
    return TRUE;
}
