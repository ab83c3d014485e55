/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* QEMU's older names, as QEMU_AUDIO_DRV has them. */
static int
type_from_env(const char *name)
{
    if (g_str_equal(name, "pa"))
        return VIR_DOMAIN_AUDIO_TYPE_PULSEAUDIO;
    if (g_str_equal(name, "wav"))
        return VIR_DOMAIN_AUDIO_TYPE_FILE;
    return vir_enum_from_string(&vir_domain_audio_type_enum, name);
}

/* 0: none that QEMU's SDL is known to have. */
static guint8
sdl_driver(const char *name)
{
    int driver = name ? vir_enum_from_string(&vir_domain_audio_driver_enum, name) : 0;

    return (guint8)MAX(driver, 0);
}

/* The backend that the daemon's environment names for guests of this host; 0: none. */
static void
add_from_env(VirModel *model)
{
    const VirQemuEnv *env = model->env;
    const char *name = env->getenv(env, "QEMU_AUDIO_DRV");
    int type = name ? type_from_env(name) : 0;
    VirDomainAudio *audio;

    if (type <= 0)
        return;
    audio = vir_domain_audio_new();
    audio->id = 1;
    audio->type = (guint8)type;
    if (type == VIR_DOMAIN_AUDIO_TYPE_SDL)
        audio->driver = sdl_driver(env->getenv(env, "SDL_AUDIODRIVER"));
    if (type == VIR_DOMAIN_AUDIO_TYPE_PULSEAUDIO)
        audio->server_name = g_strdup(env->getenv(env, "QEMU_PA_SERVER"));
    if (type == VIR_DOMAIN_AUDIO_TYPE_FILE)
        audio->path = g_strdup(env->getenv(env, "QEMU_WAV_PATH"));
    vir_xml_append(&model->def->devices, audios, audio);
}

static void
add_plain(VirDomainDef *def, int type)
{
    VirDomainAudio *audio = vir_domain_audio_new();

    audio->id = 1;
    audio->type = (guint8)type;
    vir_xml_append(&def->devices, audios, audio);
}

/* The backends that have what only some of them have; the rest passes over it. */
static void
drop_foreign(int type, VirDomainAudioDirection *direction)
{
    gboolean oss = type == VIR_DOMAIN_AUDIO_TYPE_OSS;
    gboolean named =
        type == VIR_DOMAIN_AUDIO_TYPE_PULSEAUDIO || type == VIR_DOMAIN_AUDIO_TYPE_PIPEWIRE;

    if (!direction)
        return;
    if (!oss && type != VIR_DOMAIN_AUDIO_TYPE_ALSA)
        g_clear_pointer(&direction->dev, g_free);
    if (!oss && type != VIR_DOMAIN_AUDIO_TYPE_COREAUDIO && type != VIR_DOMAIN_AUDIO_TYPE_SDL)
        direction->buffer_count = 0;
    if (!oss)
        direction->try_poll = VIR_TRISTATE_ABSENT;
    if (!named) {
        g_clear_pointer(&direction->name, g_free);
        g_clear_pointer(&direction->stream_name, g_free);
        direction->latency = 0;
    }
    if (type != VIR_DOMAIN_AUDIO_TYPE_JACK) {
        g_clear_pointer(&direction->server_name, g_free);
        g_clear_pointer(&direction->client_name, g_free);
        g_clear_pointer(&direction->connect_ports, g_free);
        direction->exact_name = VIR_TRISTATE_ABSENT;
    }
}

static void
add_host_or_none(VirModel *model, gboolean host)
{
    if (host)
        add_from_env(model);
    else
        add_plain(model->def, VIR_DOMAIN_AUDIO_TYPE_NONE);
}

/* Sound goes where the last picture goes; to the host's own devices only where that is allowed. */
static void
add_default(VirModel *model)
{
    const VirDomainDevices *devices = &model->def->devices;
    const VirQemuConf *conf = model->env->conf;

    if (devices->n_graphics == 0)
        add_host_or_none(model, conf->nogfx_allow_host_audio);
    for (guint i = devices->n_graphics; i > 0; i--) {
        switch (devices->graphics[i - 1]->type) {
        case VIR_DOMAIN_GRAPHICS_TYPE_SPICE:
            add_plain(model->def, VIR_DOMAIN_AUDIO_TYPE_SPICE);
            return;
        case VIR_DOMAIN_GRAPHICS_TYPE_VNC:
            add_host_or_none(model, conf->vnc_allow_host_audio);
            return;
        case VIR_DOMAIN_GRAPHICS_TYPE_SDL:
            add_from_env(model);
            return;
        default:
            break;
        }
    }
}

gboolean
vir_complete_audio(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;

    for (guint i = 0; i < def->devices.n_audios; i++) {
        drop_foreign(def->devices.audios[i]->type, def->devices.audios[i]->input);
        drop_foreign(def->devices.audios[i]->type, def->devices.audios[i]->output);
    }
    if (def->devices.n_audios == 0)
        add_default(model);
    return TRUE;
}

/* ---- checks ---- */

static const VirDomainAudio *
find_audio(const VirDomainDef *def, guint id)
{
    for (guint i = 0; i < def->devices.n_audios; i++) {
        if (def->devices.audios[i]->id == id)
            return def->devices.audios[i];
    }
    return NULL;
}

/* QEMU resamples only where it mixes, and only then the format can be fixed. */
static gboolean
check_direction(const VirDomainAudioDirection *direction, guint id, GError **error)
{
    if (!direction)
        return TRUE;
    if (direction->mixing_engine == VIR_TRISTATE_NO &&
        direction->fixed_settings == VIR_TRISTATE_YES)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "audio %u: fixedSettings='yes' needs mixingEngine='yes'", id);
    if (direction->settings && direction->fixed_settings != VIR_TRISTATE_YES)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "audio %u: <settings> need fixedSettings='yes'", id);
    return TRUE;
}

static gboolean
check_reference(const VirDomainDef *def, const char *what, guint i, guint id, GError **error)
{
    return find_audio(def, id) ||
           vir_error_set(error, VIR_ERR_XML_ERROR, "%s[%u]: there is no <audio id='%u'>", what,
                         i + 1, id);
}

gboolean
vir_check_audio(VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_audios; i++) {
        const VirDomainAudio *audio = devices->audios[i];

        if (audio->type == VIR_DOMAIN_AUDIO_TYPE_SPICE &&
            !vir_def_has_graphics(def, VIR_DOMAIN_GRAPHICS_TYPE_SPICE))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "audio %u: type 'spice' goes to a SPICE client, and the domain "
                                 "has no <graphics type='spice'>",
                                 audio->id);
        if (audio->type == VIR_DOMAIN_AUDIO_TYPE_DBUS &&
            !vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DISPLAY_DBUS))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "audio %u: emulator '%s' has no audio over D-Bus", audio->id,
                                 model->caps->binary);
        if (find_audio(def, audio->id) != audio)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "two <audio> have the id %u", audio->id);
        if (!check_direction(audio->input, audio->id, error) ||
            !check_direction(audio->output, audio->id, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_sounds; i++) {
        if (devices->sounds[i]->has_audio &&
            !check_reference(def, "sound", i, devices->sounds[i]->audio, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_graphics; i++) {
        if (devices->graphics[i]->has_audio_id &&
            !check_reference(def, "graphics", i, devices->graphics[i]->audio_id, error))
            return FALSE;
    }
    return TRUE;
}
