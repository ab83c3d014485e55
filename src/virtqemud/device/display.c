/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <string.h>

static const char *
listen_address(const VirDomainGraphics *graphics)
{
    const VirDomainListen *first = graphics->n_listens > 0 ? graphics->listens[0] : NULL;

    return first && first->address ? first->address : graphics->listen;
}

static gboolean
add_vnc(VirArgv *argv, const VirDomainGraphics *graphics, guint i, GError **error)
{
    const VirDomainListen *first = graphics->n_listens > 0 ? graphics->listens[0] : NULL;
    const char *socket = first && first->socket ? first->socket : graphics->socket;
    const char *address = listen_address(graphics);
    g_autoptr(GString) text = g_string_new(NULL);

    if (graphics->passwd)
        return vir_argv_unsupported(argv, error, "/domain/devices/graphics[%u]/@passwd", i + 1);
    if (first && first->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET) {
        g_autofree char *made = g_build_filename(argv->context->lib_dir, "vnc.sock", NULL);
        g_autofree char *escaped = vir_argv_escape(socket ? socket : made);

        g_string_append_printf(text, "vnc=unix:%s", escaped);
    } else if (first && first->type == VIR_DOMAIN_LISTEN_TYPE_NONE) {
        g_string_append(text, "none");
    } else {
        int port = graphics->has_port ? graphics->port : -1;

        if (port < 5900)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': VNC port %d is below 5900", argv->def->name, port);
        if (!address && first && first->type == VIR_DOMAIN_LISTEN_TYPE_NETWORK)
            return vir_argv_unsupported(
                argv, error, "/domain/devices/graphics[%u]/listen/@type 'network'", i + 1);
        if (!address)
            address = "127.0.0.1";
        if (strchr(address, ':'))
            g_string_append_printf(text, "[%s]:%d", address, port - 5900);
        else
            g_string_append_printf(text, "%s:%d", address, port - 5900);
        if (graphics->has_websocket && graphics->websocket > 0)
            g_string_append_printf(text, ",websocket=%d", graphics->websocket);
    }
    if (graphics->share_policy)
        g_string_append_printf(text, ",share=%s",
                               vir_domain_graphics_share_policy_to_string(graphics->share_policy));
    if (graphics->power_control)
        g_string_append_printf(text, ",power-control=%s",
                               graphics->power_control == VIR_TRISTATE_YES ? "on" : "off");
    if (argv->def->devices.n_audios > 0)
        g_string_append_printf(text, ",audiodev=audio%u",
                               graphics->has_audio_id ? graphics->audio_id
                                                      : argv->def->devices.audios[0]->id);
    vir_argv_add(argv, "-vnc", text->str);
    if (graphics->keymap)
        vir_argv_add(argv, "-k", graphics->keymap);
    return TRUE;
}

gboolean
vir_argv_graphics(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_graphics; i++) {
        const VirDomainGraphics *graphics = argv->def->devices.graphics[i];

        if (graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_VNC)
            return vir_argv_unsupported(argv, error, "/domain/devices/graphics[%u]/@type '%s'",
                                        i + 1, vir_domain_graphics_type_to_string(graphics->type));
        if (!add_vnc(argv, graphics, i, error))
            return FALSE;
    }
    return TRUE;
}

static const struct {
    int type;
    const char *first;  /* with VGA */
    const char *others; /* NULL: can only be the first */
} video_drivers[] = {
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA, "VGA", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS, "cirrus-vga", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA, "vmware-svga", NULL},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL, "qxl-vga", "qxl"},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO, "virtio-vga", "virtio-gpu-pci"},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS, "bochs-display", "bochs-display"},
    {VIR_DOMAIN_VIDEO_MODEL_TYPE_RAMFB, "ramfb", NULL},
};

static const char *
video_driver(const VirDomainVideoModel *model, gboolean first)
{
    for (gsize i = 0; i < G_N_ELEMENTS(video_drivers); i++) {
        if (video_drivers[i].type == (int)model->type)
            return first ? video_drivers[i].first : video_drivers[i].others;
    }
    return NULL;
}

static void
add_video_memory(json_object *props, const VirDomainVideoModel *model)
{
    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        if (model->has_heads)
            vir_props_add(props, "u:max_outputs", (guint64)model->heads, NULL);
        vir_props_add(props, "u:ram_size", (guint64)model->ram * 1024, "u:vram_size",
                      (guint64)model->vram * 1024, "u:vram64_size_mb",
                      (guint64)model->vram64 / 1024, "u:vgamem_mb", (guint64)model->vgamem / 1024,
                      NULL);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO:
        if (model->has_heads)
            vir_props_add(props, "u:max_outputs", (guint64)model->heads, NULL);
        vir_props_add(props, "t:blob", model->blob, "t:edid", model->edid, NULL);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
        if (model->has_vram)
            vir_props_add(props, "u:vgamem_mb", (guint64)model->vram / 1024, NULL);
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        if (model->has_vram)
            vir_props_add(props, "u:vgamem", (guint64)model->vram * 1024, NULL);
        break;
    default:
        break;
    }
    if (model->has_x && model->has_y)
        vir_props_add(props, "u:xres", (guint64)model->x, "u:yres", (guint64)model->y, NULL);
}

gboolean
vir_argv_videos(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_videos; i++) {
        const VirDomainVideo *video = argv->def->devices.videos[i];
        const VirDomainVideoModel *model = video->model;
        const char *driver;
        json_object *props;

        if (!model || model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE)
            continue;
        driver = video_driver(model, model->primary == VIR_TRISTATE_YES);
        if (!driver || model->accel3d == VIR_TRISTATE_YES ||
            video->driver_name == VIR_DOMAIN_VIDEO_DRIVER_NAME_VHOSTUSER)
            return vir_argv_unsupported(argv, error, "/domain/devices/video[%u]/model/@type '%s'%s",
                                        i + 1, vir_domain_video_model_type_to_string(model->type),
                                        driver ? " with these options" : "");
        if (!vir_qemu_caps_has_type(argv->caps, driver))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': emulator '%s' has no graphics card '%s'",
                                 argv->def->name, argv->caps->binary, driver);
        props = vir_props_new("s:driver", driver, "s:id", video->info.alias, NULL);
        vir_props_add_virtio(props, video, driver_);
        add_video_memory(props, model);
        if (!vir_argv_add_device(argv, props, &video->info, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_argv_audio(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_audios; i++) {
        const VirDomainAudio *audio = argv->def->devices.audios[i];
        g_autofree char *id = g_strdup_printf("audio%u", audio->id);

        if (audio->type != VIR_DOMAIN_AUDIO_TYPE_NONE || audio->input || audio->output)
            return vir_argv_unsupported(argv, error, "/domain/devices/audio[%u]/@type '%s'", i + 1,
                                        vir_domain_audio_type_to_string(audio->type));
        vir_argv_add_props(argv, "-audiodev", vir_props_new("s:id", id, "s:driver", "none", NULL));
    }
    return TRUE;
}

static const struct {
    int model;
    const char *driver;
    gboolean hda; /* plays through codecs of its own */
} sound_drivers[] = {
    {VIR_DOMAIN_SOUND_MODEL_SB16, "sb16", FALSE},
    {VIR_DOMAIN_SOUND_MODEL_ES1370, "ES1370", FALSE},
    {VIR_DOMAIN_SOUND_MODEL_AC97, "AC97", FALSE},
    {VIR_DOMAIN_SOUND_MODEL_USB, "usb-audio", FALSE},
    {VIR_DOMAIN_SOUND_MODEL_ICH6, "intel-hda", TRUE},
    {VIR_DOMAIN_SOUND_MODEL_ICH9, "ich9-intel-hda", TRUE},
};

static void
add_codec(VirArgv *argv, const VirDomainSound *sound, guint cad, int type, const char *audio)
{
    const char *driver = type == VIR_DOMAIN_SOUND_CODEC_TYPE_MICRO    ? "hda-micro"
                         : type == VIR_DOMAIN_SOUND_CODEC_TYPE_OUTPUT ? "hda-output"
                                                                      : "hda-duplex";
    g_autofree char *id = g_strdup_printf("%s-codec%u", sound->info.alias, cad);
    g_autofree char *bus = g_strdup_printf("%s.0", sound->info.alias);

    vir_argv_add_props(argv, "-device",
                       vir_props_new("s:driver", driver, "s:id", id, "s:bus", bus, "u:cad",
                                     (guint64)cad, "s:audiodev", audio, NULL));
}

static gboolean
add_sound(VirArgv *argv, const VirDomainSound *sound, guint i, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;
    g_autofree char *audio = g_strdup_printf("audio%u", sound->has_audio    ? sound->audio
                                                        : devices->n_audios ? devices->audios[0]->id
                                                                            : 1);
    const char *driver = NULL;
    gboolean hda = FALSE;
    json_object *props;

    if (sound->model == VIR_DOMAIN_SOUND_MODEL_PCSPK)
        return TRUE; /* of the board */
    for (gsize j = 0; j < G_N_ELEMENTS(sound_drivers); j++) {
        if (sound_drivers[j].model == (int)sound->model) {
            driver = sound_drivers[j].driver;
            hda = sound_drivers[j].hda;
        }
    }
    if (!driver)
        return vir_argv_unsupported(argv, error, "/domain/devices/sound[%u]/@model '%s'", i + 1,
                                    vir_domain_sound_model_to_string(sound->model));
    props = vir_props_new("s:driver", driver, "s:id", sound->info.alias, NULL);
    if (!hda)
        vir_props_add(props, "s:audiodev", audio, NULL);
    if (!vir_argv_add_device(argv, props, &sound->info, error))
        return FALSE;
    for (guint j = 0; hda && j < sound->n_codecs; j++)
        add_codec(argv, sound, j, sound->codecs[j]->type, audio);
    if (hda && sound->n_codecs == 0)
        add_codec(argv, sound, 0, VIR_DOMAIN_SOUND_CODEC_TYPE_DUPLEX, audio);
    return TRUE;
}

gboolean
vir_argv_sounds(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_sounds; i++) {
        if (!add_sound(argv, argv->def->devices.sounds[i], i, error))
            return FALSE;
    }
    return TRUE;
}
