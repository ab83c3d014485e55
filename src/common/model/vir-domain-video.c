/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

#include "vir-xml.h"

#define KIB_MIB 1024
#define QXL_RAM (64 * KIB_MIB)

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

/* The next power of two; bars have no other sizes. */
static guint
round_up(guint kib)
{
    guint result = 1;

    while (kib && result < kib && result < 1u << 31)
        result <<= 1;
    return kib ? MAX(result, kib) : 0;
}

/* KiB of a card where nobody says. */
static guint
default_ram(const VirDomainDef *def)
{
    switch (def->virt_type) {
    case VIR_DOMAIN_VIRT_TYPE_VBOX:
        return 8 * KIB_MIB;
    case VIR_DOMAIN_VIRT_TYPE_VMWARE:
        return 4 * KIB_MIB;
    default:
        return 16 * KIB_MIB;
    }
}

static void
default_memory(const VirDomainDef *def, VirDomainVideoModel *model)
{
    guint vram = 0;

    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        vram = QXL_RAM;
        model->ram = round_up(model->has_ram && model->ram ? model->ram : QXL_RAM);
        model->has_ram = TRUE;
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        vram = default_ram(def);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_XEN:
        vram = 4 * KIB_MIB;
        break;
    default:
        model->vram = round_up(model->vram);
        return;
    }
    model->vram = round_up(model->has_vram && model->vram ? model->vram : vram);
    model->has_vram = TRUE;
}

void
vir_domain_video_complete(const VirDomainDef *def, VirDomainVideo *video, int type)
{
    if (!video->model)
        video->model = vir_domain_video_model_new();
    if (!video->model->type || video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_DEFAULT)
        video->model->type = (guint8)type;
    if (video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE) {
        vir_domain_video_model_free(video->model);
        video->model = vir_domain_video_model_new();
        video->model->type = VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE;
        return;
    }
    default_memory(def, video->model);
    if (!video->model->has_heads)
        video->model->heads = 1;
    video->model->has_heads = TRUE;
}

void
vir_domain_videos_add(VirDomainDef *def)
{
    if (def->devices.n_graphics > 0 && def->devices.n_videos == 0)
        vir_xml_append(&def->devices, videos, vir_domain_video_new());
}
