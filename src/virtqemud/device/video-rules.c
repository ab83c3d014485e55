/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"

#define KIB_MIB 1024
#define QXL_RAM (64 * KIB_MIB)
#define VGA_RAM (16 * KIB_MIB)

/* The next power of two; QEMU's bars have no other sizes. */
static guint
round_up(guint kib)
{
    guint result = 1;

    while (kib && result < kib && result < 1u << 31)
        result <<= 1;
    return kib ? MAX(result, kib) : 0;
}

static void
default_memory(VirDomainVideoModel *model)
{
    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        model->ram = round_up(model->has_ram && model->ram ? model->ram : QXL_RAM);
        model->vram = round_up(model->has_vram && model->vram ? model->vram : QXL_RAM);
        model->vram64 = round_up(model->vram64);
        if (!model->has_vgamem || !model->vgamem)
            model->vgamem = VGA_RAM;
        model->has_ram = model->has_vram = model->has_vgamem = TRUE;
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        model->vram = round_up(model->has_vram && model->vram ? model->vram : VGA_RAM);
        model->has_vram = TRUE;
        break;
    default:
        break;
    }
}

static void
default_video(const VirModel *model, VirDomainVideo *video)
{
    if (!video->model)
        video->model = vir_domain_video_model_new();
    if (!video->model->type || video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_DEFAULT)
        video->model->type = (guint8)vir_board_video_model(model->def, model->caps);
    if (video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE)
        return;
    default_memory(video->model);
    if (!video->model->has_heads)
        video->model->heads = 1;
    video->model->has_heads = TRUE;
}

gboolean
vir_complete_videos(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    if (devices->n_graphics > 0 && devices->n_videos == 0)
        vir_xml_append(devices, videos, vir_domain_video_new());
    for (guint i = 0; i < devices->n_videos; i++)
        default_video(model, devices->videos[i]);
    vir_domain_videos_order(model->def);
    return TRUE;
}

/* ---- checks ---- */

static const struct {
    int type;
    VirQemuCapsFlag flag;
    gboolean secondary;  /* can be another than the first */
    gboolean resolution; /* has a first resolution */
} kinds[] = {
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA, VIR_QEMU_CAPS_DEVICE_VGA, FALSE, TRUE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS, VIR_QEMU_CAPS_DEVICE_CIRRUS_VGA, FALSE, FALSE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA, VIR_QEMU_CAPS_DEVICE_VMWARE_SVGA, FALSE, FALSE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL, VIR_QEMU_CAPS_DEVICE_QXL, TRUE, TRUE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO, VIR_QEMU_CAPS_DEVICE_VIRTIO_GPU, TRUE, TRUE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS, VIR_QEMU_CAPS_DEVICE_BOCHS_DISPLAY, TRUE, TRUE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB, VIR_QEMU_CAPS_DEVICE_RAMFB, FALSE, FALSE},
};

static gboolean
refuse(GError **error, guint i, const VirDomainVideoModel *model, const char *why)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "video[%u]: model '%s' %s", i + 1,
                         vir_domain_video_model_type_to_string(model->type), why);
}

static gboolean
check_kind(const VirModel *model, const VirDomainVideoModel *card, guint i, GError **error)
{
    for (gsize j = 0; j < G_N_ELEMENTS(kinds); j++) {
        if (kinds[j].type != (int)card->type)
            continue;
        if (!vir_qemu_caps_has(model->caps, kinds[j].flag))
            return refuse(error, i, card, "is not in this emulator");
        if (i > 0 && !kinds[j].secondary)
            return refuse(error, i, card, "can only be the first card");
        if ((card->has_x || card->has_y) && !kinds[j].resolution)
            return refuse(error, i, card, "has no <resolution>");
        return TRUE;
    }
    return refuse(error, i, card, "is none of QEMU's");
}

static gboolean
check_memory(const VirDomainVideoModel *card, guint i, GError **error)
{
    gboolean qxl = card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL;

    if (qxl && card->vgamem < KIB_MIB)
        return refuse(error, i, card, "needs at least 1024 KiB in @vgamem");
    if (qxl && card->vgamem != round_up(card->vgamem))
        return refuse(error, i, card, "needs a power of two in @vgamem");
    if (!qxl && (card->has_ram || card->has_vgamem || card->has_vram64))
        return refuse(error, i, card, "has no @ram, @vgamem, @vram64; they are of 'qxl'");
    if ((card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA ||
         card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA) &&
        card->vram < KIB_MIB)
        return refuse(error, i, card, "needs at least 1024 KiB in @vram");
    if (card->ram > G_MAXUINT32 / KIB_MIB || card->vram > G_MAXUINT32 / KIB_MIB)
        return refuse(error, i, card, "has less than 4 GiB in @ram and @vram");
    return TRUE;
}

static gboolean
check_acceleration(const VirModel *model, const VirDomainVideo *video, guint i, GError **error)
{
    const VirDomainVideoModel *card = video->model;
    gboolean virtio = card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO;
    gboolean vhost_user = video->driver_name == VIR_DOMAIN_VIDEO_DRIVER_NAME_VHOSTUSER;

    if (card->accel2d == VIR_TRISTATE_YES)
        return refuse(error, i, card, "has no 2D acceleration in QEMU");
    if (vhost_user && !virtio)
        return refuse(error, i, card, "cannot be drawn by a vhost-user program; 'virtio' can");
    if (vhost_user && !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VHOST_USER_GPU))
        return refuse(error, i, card, "cannot be drawn by a vhost-user program in this emulator");
    if (card->accel3d == VIR_TRISTATE_YES && !virtio)
        return refuse(error, i, card, "has no 3D acceleration; 'virtio' has");
    if (card->accel3d == VIR_TRISTATE_YES && !vhost_user &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_VIRGL) &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_VGA_GL) &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_GL_PCI))
        return refuse(error, i, card, "has no 3D acceleration in this emulator");
    if (card->blob && (!virtio || !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_BLOB)))
        return refuse(error, i, card, "has no @blob here");
    return TRUE;
}

gboolean
vir_check_videos(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    for (guint i = 0; i < devices->n_videos; i++) {
        const VirDomainVideo *video = devices->videos[i];

        if (video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE) {
            if (devices->n_videos > 1)
                return refuse(error, i, video->model, "has to be the only one");
            continue;
        }
        if (i > 0 && video->model->primary == VIR_TRISTATE_YES)
            return refuse(error, i, video->model, "is a second primary='yes'; one card is first");
        if (!check_kind(model, video->model, i, error) || !check_memory(video->model, i, error) ||
            !check_acceleration(model, video, i, error))
            return FALSE;
    }
    return TRUE;
}
