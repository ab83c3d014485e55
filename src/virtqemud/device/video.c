/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

static const struct {
    int type;
    const char *first;  /* as the first card */
    const char *others; /* NULL: can only be the first */
} plain_drivers[] = {
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA, "VGA", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS, "cirrus-vga", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA, "vmware-svga", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL, "qxl-vga", "qxl"},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS, "bochs-display", "bochs-display"},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB, "ramfb", NULL},
};

static gboolean
is_vhost_user(const VirDomainVideo *video)
{
    return video->driver_name == VIR_DOMAIN_VIDEO_DRIVER_NAME_VHOSTUSER;
}

/* Whether a virtio card is VGA as well: the first one, where QEMU has such and PCI is its bus. */
static gboolean
is_virtio_vga(const VirArgv *argv, const VirDomainVideo *video)
{
    const VirDomainAddress *address = video->info.address;

    return video->model->primary == VIR_TRISTATE_YES &&
           (!address || address->type == VIR_DOMAIN_ADDRESS_TYPE_PCI) &&
           vir_qemu_caps_has(argv->caps, is_vhost_user(video) ? VIR_QEMU_CAPS_DEVICE_VHOST_USER_VGA
                                                              : VIR_QEMU_CAPS_DEVICE_VIRTIO_VGA);
}

/* 3D is a device of its own, in older QEMU an option. */
static json_object *
virtio_props(const VirArgv *argv, const VirDomainVideo *video)
{
    gboolean vga = is_virtio_vga(argv, video);
    gboolean accel = video->model->accel3d == VIR_TRISTATE_YES && !is_vhost_user(video);
    gboolean gl = accel && vir_qemu_caps_has(argv->caps, vga ? VIR_QEMU_CAPS_VIRTIO_VGA_GL
                                                             : VIR_QEMU_CAPS_VIRTIO_GPU_GL_PCI);
    g_autofree char *driver = NULL;
    json_object *props;

    if (is_vhost_user(video))
        driver = vga ? g_strdup("vhost-user-vga")
                     : vir_props_virtio_driver("vhost-user-gpu", &video->info, FALSE, FALSE);
    else if (vga)
        driver = g_strdup(gl ? "virtio-vga-gl" : "virtio-vga");
    else
        driver = vir_props_virtio_driver(gl ? "virtio-gpu-gl" : "virtio-gpu", &video->info, FALSE,
                                         FALSE);
    props = vir_props_new("s:driver", driver, NULL);
    /* vhost-user-vga is the one that has none. */
    if (!vga || !is_vhost_user(video))
        vir_props_add_virtio(props, video, driver_);
    if (accel && !gl)
        vir_props_add(props, "b:virgl", TRUE, NULL);
    return props;
}

static json_object *
card_props(const VirArgv *argv, const VirDomainVideo *video)
{
    const VirDomainVideoModel *model = video->model;

    if (model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO)
        return virtio_props(argv, video);
    for (gsize i = 0; i < G_N_ELEMENTS(plain_drivers); i++) {
        const char *driver =
            model->primary == VIR_TRISTATE_YES ? plain_drivers[i].first : plain_drivers[i].others;

        if (plain_drivers[i].type == (int)model->type)
            return driver ? vir_props_new("s:driver", driver, NULL) : NULL;
    }
    return NULL;
}

/* The backend of a card that another program draws. */
static gboolean
add_vhost_user(VirArgv *argv, const VirDomainVideo *video, json_object *props, GError **error)
{
    g_autofree char *chardev = g_strconcat("chr-vu-", video->info.alias, NULL);
    int fd;

    if (!argv->env->vhost_user_gpu)
        return vir_argv_unsupported(argv, error, "/domain/devices/video/driver/@name 'vhostuser'");
    fd = argv->env->vhost_user_gpu(argv->env, argv->context->lib_dir, video, error);
    if (fd < 0)
        return FALSE;
    vir_spawn_pass_fd(argv->spawn, fd);
    vir_argv_chardev_fd(argv, chardev, fd, FALSE);
    vir_props_add(props, "s:chardev", chardev, NULL);
    return TRUE;
}

static void
add_memory(const VirArgv *argv, json_object *props, const VirDomainVideoModel *model)
{
    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        vir_props_add(props, "u:ram_size", (guint64)model->ram * 1024, "u:vram_size",
                      (guint64)model->vram * 1024, NULL);
        if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_QXL_VRAM64))
            vir_props_add(props, "u:vram64_size_mb", (guint64)model->vram64 / 1024, NULL);
        vir_props_add(props, "u:vgamem_mb", (guint64)model->vgamem / 1024, NULL);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
        if (model->vram)
            vir_props_add(props, "u:vgamem_mb", (guint64)model->vram / 1024, NULL);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        if (model->vram)
            vir_props_add(props, "u:vgamem", (guint64)model->vram * 1024, NULL);
        break;
    default:
        break;
    }
}

static gboolean
add_video(VirArgv *argv, const VirDomainVideo *video, guint i, GError **error)
{
    const VirDomainVideoModel *model = video->model;
    json_object *props = card_props(argv, video);

    if (!props)
        return vir_argv_unsupported(argv, error, "/domain/devices/video[%u]/model/@type '%s'",
                                    i + 1, vir_domain_video_model_type_to_string(model->type));
    vir_props_add(props, "s:id", video->info.alias, NULL);
    if (model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL ||
        model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO)
        vir_props_add(props, "U:max_outputs", (guint64)(model->has_heads ? model->heads : 0), NULL);
    add_memory(argv, props, model);
    if (model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO)
        vir_props_add(props, "t:blob", model->blob, "t:edid", model->edid, NULL);
    if (model->has_x && model->has_y)
        vir_props_add(props, "u:xres", (guint64)model->x, "u:yres", (guint64)model->y, NULL);
    if (is_vhost_user(video) && !add_vhost_user(argv, video, props, error)) {
        json_object_put(props);
        return FALSE;
    }
    if (model->type != VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB)
        return vir_argv_add_named(argv, props, &video->info, error);
    vir_argv_add_props(argv, "-device", props);
    return TRUE;
}

gboolean
vir_argv_videos(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_videos; i++) {
        const VirDomainVideo *video = argv->def->devices.videos[i];

        if (video->model->type != VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE &&
            !add_video(argv, video, i, error))
            return FALSE;
    }
    return TRUE;
}
