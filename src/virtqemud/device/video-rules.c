/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"

#define KIB_MIB 1024
#define VGA_RAM (16 * KIB_MIB)

/* No card has neither place nor options. */
static void
clear_video(VirDomainVideo *video)
{
    vir_xml_clear(&vir_domain_video_type, video);
    video->model = vir_domain_video_model_new();
    video->model->type = VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE;
}

static gboolean
has_many_heads(const VirDomainVideoModel *model)
{
    return model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL ||
           model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO;
}

/* What is nothing is not said; without a word a card has one head. */
static void
drop_zeroes(VirDomainVideoModel *model)
{
    model->has_ram &= model->ram != 0;
    model->has_vram &= model->vram != 0;
    model->has_vram64 &= model->vram64 != 0;
    model->has_vgamem &= model->vgamem != 0;
    if (!model->has_heads)
        model->heads = 1;
    model->has_heads = model->heads != 0 || !has_many_heads(model);
}

static void
default_video(const VirModel *model, VirDomainVideo *video)
{
    VirDomainVideoModel *card;

    vir_domain_video_complete(model->def, video, vir_board_video_model(model->def, model->caps));
    card = video->model;
    video->driver_vgaconf = 0;
    if (card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE) {
        clear_video(video);
        return;
    }
    if (card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL && (!card->has_vgamem || !card->vgamem)) {
        card->vgamem = VGA_RAM;
        card->has_vgamem = TRUE;
    }
    drop_zeroes(card);
}

gboolean
vir_complete_videos(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    vir_domain_videos_add(model->def);
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
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS, VIR_QEMU_CAPS_DEVICE_BOCHS_DISPLAY, FALSE, TRUE},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB, VIR_QEMU_CAPS_DEVICE_RAMFB, FALSE, FALSE},
};

static gboolean
refuse(GError **error, const VirDomainVideoModel *model, const char *why)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "model '%s' %s",
                         vir_domain_video_model_type_to_string(model->type), why);
}

static gboolean
check_kind(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainVideoModel *card = device->video->model;

    for (gsize j = 0; j < G_N_ELEMENTS(kinds); j++) {
        if (kinds[j].type != (int)card->type)
            continue;
        if (!vir_qemu_caps_has(model->caps, kinds[j].flag))
            return refuse(error, card, "is not in this emulator");
        if (device->index > 0 && !kinds[j].secondary)
            return refuse(error, card, "can only be the first card");
        if ((card->has_x || card->has_y) && !kinds[j].resolution)
            return refuse(error, card, "has no <resolution>");
        if (card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB && device->info->address)
            return refuse(error, card, "is on no bus, it has no address");
        if (card->has_x != card->has_y)
            return refuse(error, card, "needs both @x and @y in <resolution>");
        if (!has_many_heads(card) && card->heads != 1)
            return refuse(error, card, "has one head");
        return TRUE;
    }
    return refuse(error, card, "is none of QEMU's");
}

static gboolean
check_memory(const VirDomainVideoModel *card, GError **error)
{
    gboolean qxl = card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL;

    if (qxl && card->vgamem < KIB_MIB)
        return refuse(error, card, "needs at least 1024 KiB in @vgamem");
    if (qxl && (card->vgamem & (card->vgamem - 1)) != 0)
        return refuse(error, card, "needs a power of two in @vgamem");
    if (!qxl && (card->has_ram || card->has_vgamem || card->has_vram64))
        return refuse(error, card, "has no @ram, @vgamem, @vram64; they are of 'qxl'");
    if ((card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA ||
         card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA) &&
        card->vram < KIB_MIB)
        return refuse(error, card, "needs at least 1024 KiB in @vram");
    if (card->ram > G_MAXUINT32 / KIB_MIB || card->vram > G_MAXUINT32 / KIB_MIB)
        return refuse(error, card, "has less than 4 GiB in @ram and @vram");
    return TRUE;
}

static gboolean
check_acceleration(const VirModel *model, const VirDomainVideo *video, GError **error)
{
    const VirDomainVideoModel *card = video->model;
    gboolean virtio = card->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO;
    gboolean vhost_user = video->driver_name == VIR_DOMAIN_VIDEO_DRIVER_NAME_VHOSTUSER;

    if (!virtio && (video->driver_iommu || video->driver_ats || video->driver_packed ||
                    video->driver_page_per_vq))
        return refuse(error, card, "has no options of virtio in <driver>");
    if (card->rendernode && !vhost_user)
        return refuse(error, card,
                      "takes no @rendernode; <driver name='vhostuser'/> does, and displays have "
                      "one in <gl>");
    if (card->accel2d == VIR_TRISTATE_YES)
        return refuse(error, card, "has no 2D acceleration in QEMU");
    if (vhost_user && !virtio)
        return refuse(error, card, "cannot be drawn by a vhost-user program; 'virtio' can");
    if (vhost_user && !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DEVICE_VHOST_USER_GPU))
        return refuse(error, card, "cannot be drawn by a vhost-user program in this emulator");
    if (card->accel3d == VIR_TRISTATE_YES && !virtio)
        return refuse(error, card, "has no 3D acceleration; 'virtio' has");
    if (card->accel3d == VIR_TRISTATE_YES && !vhost_user &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_VIRGL) &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_VGA_GL) &&
        !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_GL_PCI))
        return refuse(error, card, "has no 3D acceleration in this emulator");
    if (card->blob && (!virtio || !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_VIRTIO_GPU_BLOB)))
        return refuse(error, card, "has no @blob here");
    if (card->blob == VIR_TRISTATE_ON &&
        (!model->def->memory_backing ||
         model->def->memory_backing->source != VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD))
        return refuse(error, card,
                      "needs <memoryBacking><source type='memfd'/> for its blob resources");
    return TRUE;
}

static gboolean
check_video(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainVideo *video = device->video;

    if (video->model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE)
        return model->def->devices.n_videos == 1 ||
               refuse(error, video->model, "has to be the only one");
    if (device->index > 0 && video->model->primary == VIR_TRISTATE_YES)
        return refuse(error, video->model, "is a second primary='yes'; one card is first");
    return check_kind(model, device, error) && check_memory(video->model, error) &&
           check_acceleration(model, video, error);
}

gboolean
vir_check_videos(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_VIDEO, check_video, error);
}
