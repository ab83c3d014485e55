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
        audio->driver = g_strdup(env->getenv(env, "SDL_AUDIODRIVER"));
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

/* Sound goes where the picture goes; to the host's own devices only where that is allowed. */
gboolean
vir_complete_audio(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    const VirQemuConf *conf = model->env->conf;

    if (def->devices.n_audios > 0)
        return TRUE;
    if (vir_def_has_graphics(def, VIR_DOMAIN_GRAPHICS_TYPE_SPICE)) {
        add_plain(def, VIR_DOMAIN_AUDIO_TYPE_SPICE);
    } else if (vir_def_has_graphics(def, VIR_DOMAIN_GRAPHICS_TYPE_SDL)) {
        add_from_env(model);
    } else if (vir_def_has_graphics(def, VIR_DOMAIN_GRAPHICS_TYPE_VNC)) {
        if (conf->vnc_allow_host_audio)
            add_from_env(model);
        else
            add_plain(def, VIR_DOMAIN_AUDIO_TYPE_NONE);
    } else if (def->devices.n_graphics == 0) {
        if (conf->nogfx_allow_host_audio)
            add_from_env(model);
        else
            add_plain(def, VIR_DOMAIN_AUDIO_TYPE_NONE);
    }
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
    gboolean mixes = !direction || direction->mixing_engine != VIR_TRISTATE_NO;
    gboolean fixed = direction && (direction->fixed_settings == VIR_TRISTATE_YES ||
                                   (mixes && !direction->fixed_settings));

    if (!direction)
        return TRUE;
    if (!mixes && direction->fixed_settings == VIR_TRISTATE_YES)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "audio %u: fixedSettings='yes' needs mixingEngine='yes'", id);
    if (direction->settings && !fixed)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
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

        if (audio->id == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "audio[%u]: the id 0 cannot be used",
                                 i + 1);
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
