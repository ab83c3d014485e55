/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_audio(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;
    VirDomainAudio *audio;

    if (devices->n_audios > 0)
        return TRUE;
    audio = vir_domain_audio_new();
    audio->id = 1;
    audio->type = VIR_DOMAIN_AUDIO_TYPE_NONE;
    for (guint i = 0; i < devices->n_graphics; i++) {
        if (devices->graphics[i]->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            audio->type = VIR_DOMAIN_AUDIO_TYPE_SPICE;
    }
    vir_xml_append(devices, audios, audio);
    return TRUE;
}
