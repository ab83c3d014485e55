/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"

/* QEMU's name of a backend where it is not ours. */
static const char *
driver_name(int type)
{
    switch (type) {
    case VIR_DOMAIN_AUDIO_TYPE_PULSEAUDIO:
        return "pa";
    case VIR_DOMAIN_AUDIO_TYPE_FILE:
        return "wav";
    default:
        return vir_domain_audio_type_to_string(type);
    }
}

#define NUMBER(props, key, it, member) vir_props_add(props, "U:" key, (guint64)(it)->member, NULL)

static json_object *
direction_props(const VirDomainAudioDirection *direction)
{
    json_object *props;

    if (!direction)
        return NULL;
    props = vir_props_new("t:mixing-engine", direction->mixing_engine, "t:fixed-settings",
                          direction->fixed_settings, NULL);
    NUMBER(props, "voices", direction, voices);
    NUMBER(props, "buffer-length", direction, buffer_length);
    if (direction->settings) {
        NUMBER(props, "frequency", direction->settings, frequency);
        NUMBER(props, "channels", direction->settings, channels);
        if (direction->settings->format)
            vir_props_add(props, "s:format",
                          vir_domain_audio_settings_format_to_string(direction->settings->format),
                          NULL);
    }
    vir_props_add(props, "S:dev", direction->dev, NULL);
    NUMBER(props, "buffer-count", direction, buffer_count);
    vir_props_add(props, "t:try-poll", direction->try_poll, "S:name", direction->name,
                  "S:stream-name", direction->stream_name, "S:server-name", direction->server_name,
                  "S:client-name", direction->client_name, "S:connect-ports",
                  direction->connect_ports, "t:exact-name", direction->exact_name, NULL);
    NUMBER(props, "latency", direction, latency);
    return props;
}

gboolean
vir_argv_audio(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_audios; i++) {
        const VirDomainAudio *audio = argv->def->devices.audios[i];
        g_autofree char *id = g_strdup_printf("audio%u", audio->id);
        json_object *props = vir_props_new("s:id", id, "s:driver", driver_name(audio->type), NULL);

        NUMBER(props, "timer-period", audio, timer_period);
        vir_props_add(props, "t:try-mmap", audio->try_m_map, "t:exclusive", audio->exclusive,
                      "S:server", audio->server_name, "S:path", audio->path, NULL);
        if (audio->has_dsp_policy)
            vir_props_add(props, "u:dsp-policy", (guint64)audio->dsp_policy, NULL);
        vir_props_add(props, "a:in", direction_props(audio->input), "a:out",
                      direction_props(audio->output), NULL);
        vir_argv_add_props(argv, "-audiodev", props);
        if (audio->driver)
            vir_spawn_set_env(argv->spawn, "SDL_AUDIODRIVER",
                              vir_domain_audio_driver_to_string(audio->driver));
        if (audio->runtime_dir)
            vir_spawn_set_env(argv->spawn, "PIPEWIRE_RUNTIME_DIR", audio->runtime_dir);
    }
    return TRUE;
}

char *
vir_argv_audiodev(const VirArgv *argv, gboolean has_id, guint id)
{
    const VirDomainDevices *devices = &argv->def->devices;

    if (has_id)
        return g_strdup_printf("audio%u", id);
    return devices->n_audios > 0 ? g_strdup_printf("audio%u", devices->audios[0]->id) : NULL;
}
