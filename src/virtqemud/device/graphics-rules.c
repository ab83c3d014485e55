/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"
#include <string.h>

gboolean
vir_def_has_graphics(const VirDomainDef *def, int type)
{
    for (guint i = 0; i < def->devices.n_graphics; i++) {
        if ((int)def->devices.graphics[i]->type == type)
            return TRUE;
    }
    return FALSE;
}

/* ---- defaults ---- */

/* Whether @path is one that a former start made in the guest's own folder. */
static gboolean
is_generated(const char *dir, const char *path)
{
    g_autofree char *prefix = dir ? g_strconcat(dir, "/domain-", NULL) : NULL;

    return prefix && g_str_has_prefix(path, prefix);
}

/* Sockets of a former start are made anew by the next. */
static void
forget_generated(const VirQemuEnv *env, VirDomainGraphics *graphics)
{
    if (graphics->socket && is_generated(env->lib_dir, graphics->socket))
        g_clear_pointer(&graphics->socket, g_free);
    for (guint i = 0; i < graphics->n_listens; i++) {
        VirDomainListen *listen = graphics->listens[i];

        if (listen->socket && is_generated(env->lib_dir, listen->socket))
            g_clear_pointer(&listen->socket, g_free);
    }
}

gboolean
vir_complete_graphics(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_graphics; i++) {
        VirDomainGraphics *graphics = model->def->devices.graphics[i];

        forget_generated(model->env, graphics);
        if (graphics->p2p == VIR_TRISTATE_NO)
            graphics->p2p = VIR_TRISTATE_ABSENT;
    }
    vir_domain_graphics_complete(model->def);
    return TRUE;
}

/* ---- checks ---- */

static gboolean
check_type(const VirModel *model, const VirDomainGraphics *graphics, GError **error)
{
    static const int flags[VIR_DOMAIN_GRAPHICS_TYPE_LAST] = {
        [VIR_DOMAIN_GRAPHICS_TYPE_VNC] = VIR_QEMU_CAPS_VNC,
        [VIR_DOMAIN_GRAPHICS_TYPE_SPICE] = VIR_QEMU_CAPS_SPICE,
        [VIR_DOMAIN_GRAPHICS_TYPE_SDL] = VIR_QEMU_CAPS_SDL,
        [VIR_DOMAIN_GRAPHICS_TYPE_EGL_HEADLESS] = VIR_QEMU_CAPS_EGL_HEADLESS,
        [VIR_DOMAIN_GRAPHICS_TYPE_DBUS] = VIR_QEMU_CAPS_DISPLAY_DBUS,
        [VIR_DOMAIN_GRAPHICS_TYPE_RDP] = VIR_QEMU_CAPS_DISPLAY_DBUS,
    };
    const char *name = vir_domain_graphics_type_to_string(graphics->type);

    if (!flags[graphics->type])
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "QEMU has no displays of type '%s'",
                             name);
    return vir_model_needs(model, flags[graphics->type], error, "displays of type '%s'", name);
}

static gboolean
check_listens(const VirDomainGraphics *graphics, GError **error)
{
    for (guint i = 0; i < graphics->n_listens; i++) {
        const VirDomainListen *listen = graphics->listens[i];

        if (listen->type == VIR_DOMAIN_LISTEN_TYPE_NETWORK && !listen->network)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "a <listen type='network'> needs @network");
        if (listen->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET &&
            graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_RDP)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "RDP listens on no socket");
    }
    return TRUE;
}

static gboolean
check_gl(const VirModel *model, const VirDomainGraphics *graphics, GError **error)
{
    if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE &&
        graphics->gl_enable == VIR_TRISTATE_YES) {
        const VirDomainListen *first = graphics->n_listens > 0 ? graphics->listens[0] : NULL;

        if (!vir_model_needs(model, VIR_QEMU_CAPS_SPICE_GL, error, "OpenGL for SPICE"))
            return FALSE;
        if (first && first->type != VIR_DOMAIN_LISTEN_TYPE_NONE &&
            first->type != VIR_DOMAIN_LISTEN_TYPE_SOCKET)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "SPICE with OpenGL is for clients of this host: <listen> has to "
                                 "be of type 'none' or 'socket'");
    }
    return TRUE;
}

/* A password that never ends, or none at all, is not what who wrote a wrong date wants. */
static gboolean
check_password(const VirDomainGraphics *graphics, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) end = NULL;

    if (!graphics->passwd_valid_to)
        return TRUE;
    end = g_date_time_new_from_iso8601(graphics->passwd_valid_to, utc);
    return end || vir_error_set(error, VIR_ERR_XML_ERROR,
                                "@passwdValidTo '%s' is no time such as 2030-01-31T16:00:00",
                                graphics->passwd_valid_to);
}

static gboolean
check_graphics(const VirModel *model, const VirDomainGraphics *graphics, GError **error)
{
    if (!check_type(model, graphics, error) || !check_listens(graphics, error) ||
        !check_password(graphics, error) || !check_gl(model, graphics, error))
        return FALSE;
    if (graphics->power_control == VIR_TRISTATE_YES &&
        !vir_model_needs(model, VIR_QEMU_CAPS_VNC_POWER_CONTROL, error, "@powerControl of VNC"))
        return FALSE;
    if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE && graphics->has_tls_port &&
        graphics->tls_port > 0 && !model->env->conf->spice_tls.on)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a TLS port of SPICE needs spice_tls = 1 in qemu.conf");
    if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_DBUS && graphics->address &&
        graphics->p2p == VIR_TRISTATE_YES)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "p2p='yes' and @address exclude each other");
    if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_RDP &&
        !vir_def_has_graphics(model->def, VIR_DOMAIN_GRAPHICS_TYPE_DBUS))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "type 'rdp' shows what a <graphics type='dbus'> has, and there is "
                             "none");
    return TRUE;
}

/* Displays that draw with OpenGL; QEMU has one context. */
static gboolean
uses_gl(const VirDomainGraphics *graphics)
{
    return graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_EGL_HEADLESS ||
           graphics->gl_enable == VIR_TRISTATE_YES;
}

/* What is drawn off the screen is seen through a display that sends pictures, and no window. */
static gboolean
check_headless(const VirDomainDevices *devices, GError **error)
{
    const VirDomainGraphics *other = NULL;
    gboolean headless = FALSE;

    for (guint i = 0; i < devices->n_graphics; i++) {
        int type = devices->graphics[i]->type;

        if (type == VIR_DOMAIN_GRAPHICS_TYPE_EGL_HEADLESS)
            headless = TRUE;
        else if (type != VIR_DOMAIN_GRAPHICS_TYPE_VNC && type != VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            other = devices->graphics[i];
    }
    return !headless || !other ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "a display of type 'egl-headless' is only for guests with VNC or SPICE, "
                         "not '%s'",
                         vir_domain_graphics_type_to_string(other->type));
}

gboolean
vir_check_graphics(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;
    guint n_gl = 0;

    for (guint i = 0; i < devices->n_graphics; i++) {
        if (!check_graphics(model, devices->graphics[i], error)) {
            g_prefix_error(error, "graphics[%u]: ", i + 1);
            return FALSE;
        }
        if (uses_gl(devices->graphics[i]) && ++n_gl > 1)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "graphics[%u]: only one display of a guest can use OpenGL", i + 1);
    }
    return check_headless(devices, error);
}

/* ---- start ---- */

static gboolean
take_port(const VirGraphicsPorts *ports, int kind, int *port, gboolean *has, GError **error)
{
    *port = ports->take(ports->data, kind, error);
    *has = *port > 0;
    return *has;
}

static gboolean
prepare_vnc(const VirGraphicsPorts *ports, VirDomainGraphics *graphics, GError **error)
{
    gboolean has = graphics->has_port;

    if (graphics->autoport == VIR_TRISTATE_YES &&
        !take_port(ports, VIR_GRAPHICS_PORT_VNC, &graphics->port, &has, error))
        return FALSE;
    graphics->has_port = has;
    has = graphics->has_websocket;
    if (has && graphics->websocket == -1 &&
        !take_port(ports, VIR_GRAPHICS_PORT_WEBSOCKET, &graphics->websocket, &has, error))
        return FALSE;
    return TRUE;
}

static gboolean
has_channel(const VirDomainGraphics *graphics, int mode)
{
    for (guint i = 0; i < graphics->n_channels; i++) {
        if ((int)graphics->channels[i]->mode == mode)
            return TRUE;
    }
    return FALSE;
}

static gboolean
prepare_spice(const VirQemuEnv *env, const VirGraphicsPorts *ports, VirDomainGraphics *graphics,
              GError **error)
{
    gboolean automatic = graphics->autoport == VIR_TRISTATE_YES;
    gboolean secure = graphics->default_mode == VIR_DOMAIN_GRAPHICS_DEFAULT_MODE_SECURE;
    gboolean insecure = graphics->default_mode == VIR_DOMAIN_GRAPHICS_DEFAULT_MODE_INSECURE;
    gboolean plain =
        automatic && (!secure || has_channel(graphics, VIR_DOMAIN_SPICE_CHANNEL_MODE_INSECURE));
    gboolean tls =
        automatic && (secure || has_channel(graphics, VIR_DOMAIN_SPICE_CHANNEL_MODE_SECURE) ||
                      (!insecure && env->conf->spice_tls.on));
    gboolean has = graphics->has_port;

    if ((plain || (has && graphics->port == -1)) &&
        !take_port(ports, VIR_GRAPHICS_PORT_SPICE, &graphics->port, &has, error))
        return FALSE;
    graphics->has_port = has;
    has = graphics->has_tls_port;
    if ((tls || (has && graphics->tls_port == -1)) &&
        !take_port(ports, VIR_GRAPHICS_PORT_SPICE_TLS, &graphics->tls_port, &has, error))
        return FALSE;
    graphics->has_tls_port = has;
    return TRUE;
}

/* What of qemu.conf counts for a type. */
static const char *
default_address(const VirQemuConf *conf, int type, gboolean *own_socket)
{
    *own_socket = FALSE;
    switch (type) {
    case VIR_DOMAIN_GRAPHICS_TYPE_SPICE:
        *own_socket = conf->spice_auto_unix_socket;
        return conf->spice_listen;
    case VIR_DOMAIN_GRAPHICS_TYPE_VNC:
        *own_socket = conf->vnc_auto_unix_socket;
        return conf->vnc_listen;
    default:
        return conf->rdp_listen;
    }
}

static gboolean
prepare_listen(const VirQemuEnv *env, const char *lib_dir, VirDomainGraphics *graphics,
               VirDomainListen *listen, GError **error)
{
    gboolean own_socket;
    const char *address = default_address(env->conf, graphics->type, &own_socket);

    if (listen->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS && !listen->address) {
        if (own_socket)
            listen->type = VIR_DOMAIN_LISTEN_TYPE_SOCKET;
        else
            listen->address = g_strdup(address);
    }
    if (listen->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET && !listen->socket)
        listen->socket = g_strdup_printf("%s/%s.sock", lib_dir,
                                         vir_domain_graphics_type_to_string(graphics->type));
    if (listen->type != VIR_DOMAIN_LISTEN_TYPE_NETWORK || listen->address)
        return TRUE;
    if (!env->network_address)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "<listen type='network'> is not supported yet; name the address");
    listen->address = env->network_address(env, listen->network, error);
    return listen->address != NULL;
}

static gboolean
prepare_one(const VirQemuEnv *env, const char *lib_dir, const VirGraphicsPorts *ports,
            VirDomainGraphics *graphics, GError **error)
{
    VirDomainListen *first;

    if (!vir_domain_graphics_has_listens(graphics))
        return TRUE;
    for (guint i = 0; i < graphics->n_listens; i++) {
        if (!prepare_listen(env, lib_dir, graphics, graphics->listens[i], error))
            return FALSE;
    }
    first = graphics->listens[0];
    if (first->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS && !graphics->listen)
        graphics->listen = g_strdup(first->address);
    if (!vir_domain_graphics_has_ports(graphics))
        return TRUE;
    if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
        return prepare_spice(env, ports, graphics, error);
    return graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_VNC || prepare_vnc(ports, graphics, error);
}

gboolean
vir_graphics_prepare(VirDomainDef *def, const VirQemuEnv *env, const char *lib_dir,
                     const VirGraphicsPorts *ports, GError **error)
{
    for (guint i = 0; i < def->devices.n_graphics; i++) {
        if (!prepare_one(env, lib_dir, ports, def->devices.graphics[i], error)) {
            g_prefix_error(error, "graphics[%u]: ", i + 1);
            return FALSE;
        }
    }
    return TRUE;
}
