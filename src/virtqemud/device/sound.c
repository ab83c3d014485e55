/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* Codecs of cards of Intel's HDA kind, which play through them. */
static const struct {
    int type;
    const char *driver;
    VirQemuCapsFlag flag;
} codecs[] = {
    {VIR_DOMAIN_SOUND_CODEC_TYPE_DUPLEX, "hda-duplex", VIR_QEMU_CAPS_HDA_DUPLEX},
    {VIR_DOMAIN_SOUND_CODEC_TYPE_MICRO, "hda-micro", VIR_QEMU_CAPS_HDA_MICRO},
    {VIR_DOMAIN_SOUND_CODEC_TYPE_OUTPUT, "hda-output", VIR_QEMU_CAPS_HDA_OUTPUT},
};

static gboolean
add_codec(VirArgv *argv, const VirDomainSound *sound, guint cad, int type, const char *audio,
          GError **error)
{
    g_autofree char *id = g_strdup_printf("%s-codec%u", sound->info.alias, cad);
    g_autofree char *bus = g_strdup_printf("%s.0", sound->info.alias);

    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++) {
        if (codecs[i].type != type)
            continue;
        if (!vir_qemu_caps_has(argv->caps, codecs[i].flag))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': emulator '%s' has no codec '%s' for sound card '%s'",
                                 argv->def->name, argv->caps->binary, codecs[i].driver,
                                 sound->info.alias);
        vir_argv_add_props(argv, "-device",
                           vir_props_new("s:driver", codecs[i].driver, "s:id", id, "s:bus", bus,
                                         "u:cad", (guint64)cad, "S:audiodev", audio, NULL));
    }
    return TRUE;
}

static gboolean
add_codecs(VirArgv *argv, const VirDomainSound *sound, const char *audio, GError **error)
{
    if (sound->n_codecs == 0)
        return add_codec(argv, sound, 0, VIR_DOMAIN_SOUND_CODEC_TYPE_DUPLEX, audio, error);
    for (guint i = 0; i < sound->n_codecs; i++) {
        if (!add_codec(argv, sound, i, sound->codecs[i]->type, audio, error))
            return FALSE;
    }
    return TRUE;
}

static json_object *
virtio_props(const VirDomainSound *sound)
{
    g_autofree char *driver = vir_props_virtio_driver("virtio-sound", &sound->info, FALSE, FALSE);
    json_object *props = vir_props_new("s:driver", driver, NULL);

    if (sound->driver)
        vir_props_add_virtio(props, sound->driver, );
    if (sound->has_streams)
        vir_props_add(props, "u:streams", (guint64)sound->streams, NULL);
    return props;
}

static gboolean
add_sound(VirArgv *argv, const VirDomainSound *sound, guint i, GError **error)
{
    static const char *const drivers[] = {
        [VIR_DOMAIN_SOUND_MODEL_SB16] = "sb16",
        [VIR_DOMAIN_SOUND_MODEL_ES1370] = "ES1370",
        [VIR_DOMAIN_SOUND_MODEL_AC97] = "AC97",
        [VIR_DOMAIN_SOUND_MODEL_USB] = "usb-audio",
        [VIR_DOMAIN_SOUND_MODEL_ICH6] = "intel-hda",
        [VIR_DOMAIN_SOUND_MODEL_ICH9] = "ich9-intel-hda",
    };
    g_autofree char *audio = vir_argv_audiodev(argv, sound->has_audio, sound->audio);
    gboolean hda =
        sound->model == VIR_DOMAIN_SOUND_MODEL_ICH6 || sound->model == VIR_DOMAIN_SOUND_MODEL_ICH9;
    json_object *props;

    if (!audio)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "domain '%s': sound[%u]: its display has no sound of its own, and "
                             "there is no <audio> for it",
                             argv->def->name, i + 1);
    if (sound->model == VIR_DOMAIN_SOUND_MODEL_PCSPK)
        return TRUE; /* of the board */
    if (sound->model == VIR_DOMAIN_SOUND_MODEL_VIRTIO)
        props = virtio_props(sound);
    else if (sound->model < G_N_ELEMENTS(drivers) && drivers[sound->model])
        props = vir_props_new("s:driver", drivers[sound->model], NULL);
    else
        return vir_argv_unsupported(argv, error, "/domain/devices/sound[%u]/@model '%s'", i + 1,
                                    vir_domain_sound_model_to_string(sound->model));
    if (!hda)
        vir_props_add(props, "S:audiodev", audio, NULL);
    if (sound->model == VIR_DOMAIN_SOUND_MODEL_USB)
        vir_props_add(props, "t:multi", sound->multichannel, NULL);
    return vir_argv_add_named(argv, props, &sound->info, error) &&
           (!hda || add_codecs(argv, sound, audio, error));
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
