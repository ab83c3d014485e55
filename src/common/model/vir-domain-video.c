/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

static gboolean
is_card(const VirDomainVideo *video)
{
    return video->model && video->model->type != VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE;
}

void
vir_domain_videos_order(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_videos; i++) {
        if (is_card(devices->videos[i]) && devices->videos[i]->model->primary == VIR_TRISTATE_NO)
            devices->videos[i]->model->primary = VIR_TRISTATE_ABSENT;
    }
    for (guint i = 0; i < devices->n_videos; i++) {
        VirDomainVideo *video = devices->videos[i];

        if (!is_card(video) || video->model->primary != VIR_TRISTATE_YES)
            continue;
        for (; i > 0; i--)
            devices->videos[i] = devices->videos[i - 1];
        devices->videos[0] = video;
        return;
    }
    if (devices->n_videos > 0 && is_card(devices->videos[0]))
        devices->videos[0]->model->primary = VIR_TRISTATE_YES;
}
