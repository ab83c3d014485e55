/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <string.h>

/* VNC counts displays, of which the first has this port. */
#define VNC_BASE 5900

static const VirDomainListen *
first_listen(const VirDomainGraphics *graphics)
{
    return graphics->n_listens > 0 ? graphics->listens[0] : NULL;
}

static int
listen_type(const VirDomainGraphics *graphics)
{
    const VirDomainListen *listen = first_listen(graphics);

    return listen ? (int)listen->type : VIR_DOMAIN_LISTEN_TYPE_ADDRESS;
}

static void
add_value(GString *text, const char *key, const char *value)
{
    g_autofree char *escaped = vir_argv_escape(value);

    g_string_append_printf(text, ",%s=%s", key, escaped);
}

/* ---- VNC ---- */

static gboolean
add_vnc_place(GString *text, const VirDomainGraphics *graphics, GError **error)
{
    const VirDomainListen *listen = first_listen(graphics);
    g_autofree char *escaped = NULL;

    switch (listen_type(graphics)) {
    case VIR_DOMAIN_LISTEN_TYPE_SOCKET:
        escaped = vir_argv_escape(listen->socket);
        g_string_append_printf(text, "vnc=unix:%s", escaped);
        return TRUE;
    case VIR_DOMAIN_LISTEN_TYPE_NONE:
        g_string_append(text, "none");
        return TRUE;
    default:
        break;
    }
    if (!graphics->has_port || graphics->port < VNC_BASE)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "the VNC port %d is below %d, the first that QEMU can name",
                             graphics->has_port ? graphics->port : 0, VNC_BASE);
    escaped = vir_argv_escape(listen->address);
    g_string_append_printf(text, strchr(escaped, ':') ? "[%s]:%d" : "%s:%d", escaped,
                           graphics->port - VNC_BASE);
    if (graphics->has_websocket && graphics->websocket > 0)
        g_string_append_printf(text, ",websocket=%d", graphics->websocket);
    return TRUE;
}

static gboolean
add_vnc_tls(VirArgv *argv, GString *text, GError **error)
{
    static const char id[] = "vnc-tls-creds0";
    const VirQemuTlsConf *conf = &argv->env->conf->vnc_tls;

    if (!conf->on)
        return TRUE;
    add_value(text, "tls-creds", id);
    return vir_argv_tls_creds(argv,
                              &(VirArgvTls){.id = id,
                                            .parent = id,
                                            .dir = conf->dir,
                                            .secret_uuid = conf->secret_uuid,
                                            .server = TRUE,
                                            .verify = conf->verify},
                              error);
}

static gboolean
add_vnc(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    const VirQemuConf *conf = argv->env->conf;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *audio = vir_argv_audiodev(argv, graphics->has_audio_id, graphics->audio_id);

    if (!add_vnc_place(text, graphics, error))
        return FALSE;
    if (graphics->share_policy)
        add_value(text, "share",
                  vir_domain_graphics_share_policy_to_string(graphics->share_policy));
    if (graphics->passwd || conf->vnc_password)
        g_string_append(text, ",password=on");
    if (!add_vnc_tls(argv, text, error))
        return FALSE;
    if (conf->vnc_sasl) {
        g_string_append(text, ",sasl=on");
        if (conf->vnc_sasl_dir)
            vir_spawn_set_env(argv->spawn, "SASL_CONF_PATH", conf->vnc_sasl_dir);
    }
    vir_argv_append_onoff(text, "power-control", graphics->power_control);
    if (audio)
        add_value(text, "audiodev", audio);
    vir_argv_add(argv, "-vnc", text->str);
    if (graphics->keymap)
        vir_argv_add(argv, "-k", graphics->keymap);
    return TRUE;
}

/* ---- SPICE ---- */

static gboolean
add_spice_ports(const VirArgv *argv, GString *text, const VirDomainGraphics *graphics,
                GError **error)
{
    int port = graphics->has_port ? graphics->port : 0;
    int tls = graphics->has_tls_port ? graphics->tls_port : 0;

    if (port > 0 || tls <= 0)
        g_string_append_printf(text, ",port=%d", MAX(port, 0));
    if (tls <= 0)
        return TRUE;
    if (!argv->env->conf->spice_tls.on)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a TLS port of SPICE needs spice_tls = 1 in qemu.conf");
    g_string_append_printf(text, ",tls-port=%d", tls);
    return TRUE;
}

static gboolean
add_spice_place(const VirArgv *argv, GString *text, const VirDomainGraphics *graphics,
                GError **error)
{
    const VirDomainListen *listen = first_listen(graphics);

    switch (listen_type(graphics)) {
    case VIR_DOMAIN_LISTEN_TYPE_SOCKET:
        g_string_append(text, ",unix=on");
        add_value(text, "addr", listen->socket);
        return TRUE;
    case VIR_DOMAIN_LISTEN_TYPE_NONE:
        /* Nobody listens: clients come through the monitor. */
        g_string_append(text, ",port=0");
        return TRUE;
    default:
        if (!add_spice_ports(argv, text, graphics, error))
            return FALSE;
        if (listen && listen->address)
            add_value(text, "addr", listen->address);
        return TRUE;
    }
}

static gboolean
add_spice_channels(GString *text, const VirDomainGraphics *graphics, GError **error)
{
    gboolean plain = graphics->has_port && graphics->port > 0;
    gboolean tls = graphics->has_tls_port && graphics->tls_port > 0;

    if (graphics->default_mode == VIR_DOMAIN_GRAPHICS_DEFAULT_MODE_SECURE)
        g_string_append(text, ",tls-channel=default");
    if (graphics->default_mode == VIR_DOMAIN_GRAPHICS_DEFAULT_MODE_INSECURE)
        g_string_append(text, ",plaintext-channel=default");
    for (guint i = 0; i < graphics->n_channels; i++) {
        const VirDomainSpiceChannel *channel = graphics->channels[i];
        const char *name = vir_domain_spice_channel_name_to_string(channel->name);

        if (channel->mode == VIR_DOMAIN_SPICE_CHANNEL_MODE_SECURE) {
            if (!tls)
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "channel '%s' of SPICE is to be secure, and there is no "
                                     "@tlsPort",
                                     name);
            add_value(text, "tls-channel", name);
        } else if (channel->mode == VIR_DOMAIN_SPICE_CHANNEL_MODE_INSECURE) {
            if (!plain)
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "channel '%s' of SPICE is to be insecure, and there is no "
                                     "@port",
                                     name);
            add_value(text, "plaintext-channel", name);
        }
    }
    return TRUE;
}

static void
add_spice_compression(GString *text, const VirDomainGraphics *graphics)
{
    if (graphics->image_compression)
        add_value(text, "image-compression",
                  vir_domain_graphics_image_compression_to_string(graphics->image_compression));
    if (graphics->jpeg_compression)
        add_value(text, "jpeg-wan-compression",
                  vir_domain_graphics_jpeg_compression_to_string(graphics->jpeg_compression));
    if (graphics->zlib_compression)
        add_value(text, "zlib-glz-wan-compression",
                  vir_domain_graphics_zlib_compression_to_string(graphics->zlib_compression));
    vir_argv_append_onoff(text, "playback-compression", graphics->playback_compression);
    if (graphics->streaming_mode)
        add_value(text, "streaming-video",
                  vir_domain_graphics_streaming_mode_to_string(graphics->streaming_mode));
}

/* OpenGL on the node of the document, else on the first of the host. */
static gboolean
add_gl(const VirArgv *argv, GString *text, const VirDomainGraphics *graphics, GError **error)
{
    g_autofree char *node = g_strdup(graphics->gl_rendernode);

    if (graphics->gl_enable != VIR_TRISTATE_YES)
        return TRUE;
    if (!node)
        node = argv->env->render_node(argv->env, error);
    if (!node)
        return FALSE;
    g_string_append(text, ",gl=on");
    add_value(text, "rendernode", node);
    return TRUE;
}

static gboolean
add_spice(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    const VirQemuConf *conf = argv->env->conf;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!add_spice_place(argv, text, graphics, error))
        return FALSE;
    if (conf->spice_sasl) {
        g_string_append(text, ",sasl=on");
        if (conf->spice_sasl_dir)
            vir_spawn_set_env(argv->spawn, "SASL_CONF_PATH", conf->spice_sasl_dir);
    }
    if (graphics->mouse_mode)
        add_value(text, "agent-mouse",
                  graphics->mouse_mode == VIR_DOMAIN_GRAPHICS_MOUSE_MODE_CLIENT ? "on" : "off");
    if (!graphics->passwd && !conf->spice_password)
        g_string_append(text, ",disable-ticketing=on");
    if (graphics->has_tls_port && graphics->tls_port > 0)
        add_value(text, "x509-dir", conf->spice_tls.dir);
    if (!add_spice_channels(text, graphics, error))
        return FALSE;
    add_spice_compression(text, graphics);
    if (graphics->clipboard_copypaste == VIR_TRISTATE_NO)
        g_string_append(text, ",disable-copy-paste=on");
    if (graphics->filetransfer_enable == VIR_TRISTATE_NO)
        g_string_append(text, ",disable-agent-file-xfer=on");
    if (!add_gl(argv, text, graphics, error))
        return FALSE;
    g_string_append(text, ",seamless-migration=on");
    vir_argv_add(argv, "-spice", text->str + 1);
    if (graphics->keymap)
        vir_argv_add(argv, "-k", graphics->keymap);
    return TRUE;
}

/* ---- the others ---- */

static gboolean
add_sdl(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    g_autoptr(GString) text = g_string_new("sdl");

    if (graphics->xauth)
        vir_spawn_set_env(argv->spawn, "XAUTHORITY", graphics->xauth);
    if (graphics->display)
        vir_spawn_set_env(argv->spawn, "DISPLAY", graphics->display);
    if (graphics->fullscreen == VIR_TRISTATE_YES)
        vir_argv_add(argv, "-full-screen", NULL);
    vir_argv_append_onoff(text, "gl", graphics->gl_enable);
    vir_argv_add(argv, "-display", text->str);
    return TRUE;
}

static gboolean
add_egl_headless(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    g_autoptr(GString) text = g_string_new("egl-headless");
    g_autofree char *node = g_strdup(graphics->gl_rendernode);

    if (vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_EGL_HEADLESS_RENDERNODE)) {
        if (!node)
            node = argv->env->render_node(argv->env, error);
        if (!node)
            return FALSE;
        add_value(text, "rendernode", node);
    }
    vir_argv_add(argv, "-display", text->str);
    return TRUE;
}

static gboolean
add_dbus(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    g_autoptr(GString) text = g_string_new("dbus");
    g_autofree char *own = NULL;

    if (graphics->p2p == VIR_TRISTATE_YES) {
        g_string_append(text, ",p2p=on");
    } else {
        if (!graphics->address && !argv->env->start_dbus)
            return vir_argv_unsupported(argv, error,
                                        "/domain/devices/graphics/@type 'dbus' without @address "
                                        "and p2p='yes'");
        if (!graphics->address)
            own = argv->env->start_dbus(argv->env, argv->def, error);
        if (!graphics->address && !own)
            return FALSE;
        add_value(text, "addr", own ? own : graphics->address);
    }
    if (graphics->gl_enable == VIR_TRISTATE_NO)
        g_string_append(text, ",gl=off");
    if (!add_gl(argv, text, graphics, error))
        return FALSE;
    if (graphics->has_audio_id)
        g_string_append_printf(text, ",audiodev=audio%u", graphics->audio_id);
    vir_argv_add(argv, "-display", text->str);
    return TRUE;
}

static gboolean
add_rdp(VirArgv *argv, const VirDomainGraphics *graphics, GError **error)
{
    /* A program of its own, which talks to QEMU over D-Bus. */
    if (!argv->env->has_rdp)
        return vir_argv_unsupported(argv, error, "/domain/devices/graphics/@type 'rdp'");
    return TRUE;
}

static const struct {
    int type;
    gboolean (*add)(VirArgv *argv, const VirDomainGraphics *graphics, GError **error);
} kinds[] = {
    {VIR_DOMAIN_GRAPHICS_TYPE_VNC, add_vnc},
    {VIR_DOMAIN_GRAPHICS_TYPE_SPICE, add_spice},
    {VIR_DOMAIN_GRAPHICS_TYPE_SDL, add_sdl},
    {VIR_DOMAIN_GRAPHICS_TYPE_EGL_HEADLESS, add_egl_headless},
    {VIR_DOMAIN_GRAPHICS_TYPE_DBUS, add_dbus},
    {VIR_DOMAIN_GRAPHICS_TYPE_RDP, add_rdp},
};

static gboolean
add_graphics(VirArgv *argv, const VirDomainGraphics *graphics, guint i, GError **error)
{
    for (gsize j = 0; j < G_N_ELEMENTS(kinds); j++) {
        if (kinds[j].type != (int)graphics->type)
            continue;
        if (kinds[j].add(argv, graphics, error))
            return TRUE;
        g_prefix_error(error, "graphics[%u]: ", i + 1);
        return FALSE;
    }
    return vir_argv_unsupported(argv, error, "/domain/devices/graphics[%u]/@type '%s'", i + 1,
                                vir_domain_graphics_type_to_string(graphics->type));
}

/* QEMU has one display of each type. */
static gboolean
check_types(const VirDomainDef *def, GError **error)
{
    guint seen = 0;

    for (guint i = 0; i < def->devices.n_graphics; i++) {
        guint type = def->devices.graphics[i]->type;

        if (seen & 1u << type)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "domain '%s': graphics[%u]: a guest has one display of type '%s'",
                                 def->name, i + 1, vir_domain_graphics_type_to_string((int)type));
        seen |= 1u << type;
    }
    return TRUE;
}

gboolean
vir_argv_graphics(VirArgv *argv, GError **error)
{
    if (!check_types(argv->def, error))
        return FALSE;
    for (guint i = 0; i < argv->def->devices.n_graphics; i++) {
        if (!add_graphics(argv, argv->def->devices.graphics[i], i, error))
            return FALSE;
    }
    return TRUE;
}
