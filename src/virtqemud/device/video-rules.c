/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

static void
default_video_memory(VirDomainVideoModel *model)
{
    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        if (!model->has_ram)
            model->ram = 64 * 1024;
        if (!model->has_vram)
            model->vram = 64 * 1024;
        if (!model->has_vgamem)
            model->vgamem = 16 * 1024;
        model->has_ram = model->has_vram = model->has_vgamem = TRUE;
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        if (!model->has_vram)
            model->vram = 16 * 1024;
        model->has_vram = TRUE;
        break;
    default:
        break;
    }
}

static void
default_videos(VirDomainDef *def, const VirQemuCaps *caps)
{
    VirDomainDevices *devices = &def->devices;
    gboolean primary = FALSE;

    if (devices->n_graphics > 0 && devices->n_videos == 0)
        vir_xml_append(devices, videos, vir_domain_video_new());
    for (guint i = 0; i < devices->n_videos; i++)
        primary |=
            devices->videos[i]->model && devices->videos[i]->model->primary == VIR_TRISTATE_YES;
    for (guint i = 0; i < devices->n_videos; i++) {
        VirDomainVideo *video = devices->videos[i];
        VirDomainVideoModel *model;

        if (!video->model)
            video->model = vir_domain_video_model_new();
        model = video->model;
        if (!model->type || model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_DEFAULT)
            model->type = (guint8)vir_board_video_model(def, caps);
        if (model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE)
            continue;
        default_video_memory(model);
        if (!model->has_heads)
            model->heads = 1;
        model->has_heads = TRUE;
        if (i == 0 && !primary)
            model->primary = VIR_TRISTATE_YES;
        else if (model->primary == VIR_TRISTATE_NO)
            model->primary = VIR_TRISTATE_ABSENT;
    }
}

gboolean
vir_complete_videos(VirModel *model, GError **error)
{
    default_videos(model->def, model->caps);
    return TRUE;
}
