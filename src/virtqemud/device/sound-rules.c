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

static gboolean
check_sound(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    switch (device->sound->model) {
    case VIR_DOMAIN_SOUND_MODEL_ICH7:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU has no sound card 'ich7'; 'ich6' and 'ich9' are of the same "
                             "kind");
    case VIR_DOMAIN_SOUND_MODEL_USB:
        return vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_USB_AUDIO, error, "sound card 'usb'");
    case VIR_DOMAIN_SOUND_MODEL_ICH9:
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_ICH9_INTEL_HDA, error,
                               "sound card 'ich9'");
    case VIR_DOMAIN_SOUND_MODEL_VIRTIO:
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VIRTIO_SOUND, error,
                               "sound card 'virtio'");
    default:
        return TRUE;
    }
}

gboolean
vir_check_sounds(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_SOUND, check_sound, error);
}
