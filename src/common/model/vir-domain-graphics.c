/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"

gboolean
vir_domain_graphics_has_listens(const VirDomainGraphics *graphics)
{
    return graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC ||
           graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE ||
           graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_RDP;
}

/* Nobody can reach it but through us. */
static gboolean
is_local_spice(const VirDomainGraphics *graphics)
{
    return graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE &&
           (!graphics->has_port || graphics->port == 0) &&
           (!graphics->has_tls_port || graphics->tls_port == 0) &&
           graphics->autoport != VIR_TRISTATE_YES && !graphics->listen;
}

/** The last mode that is told of each channel, in the order of their kinds; any is no mode. */
static void
default_channels(VirDomainGraphics *graphics)
{
    VirDomainSpiceChannel *last[VIR_DOMAIN_SPICE_CHANNEL_NAME_USBREDIR + 1] = {NULL};

    while (graphics->n_channels > 0) {
        VirDomainSpiceChannel *channel =
            vir_xml_remove(graphics, channels, graphics->n_channels - 1);

        if (last[channel->name])
            vir_domain_spice_channel_free(channel);
        else
            last[channel->name] = channel;
    }
    for (guint i = 0; i < G_N_ELEMENTS(last); i++) {
        if (last[i] && last[i]->mode != VIR_DOMAIN_SPICE_CHANNEL_MODE_ANY)
            vir_xml_append(graphics, channels, last[i]);
        else
            vir_domain_spice_channel_free(last[i]);
    }
}

static void
default_listens(VirDomainGraphics *graphics)
{
    VirDomainListen *listen;

    for (guint i = 0; i < graphics->n_listens; i++) {
        listen = graphics->listens[i];
        if (!listen->type)
            listen->type = VIR_DOMAIN_LISTEN_TYPE_ADDRESS;
    }
    if (graphics->n_listens == 0) {
        listen = vir_domain_listen_new();
        listen->type = graphics->socket           ? VIR_DOMAIN_LISTEN_TYPE_SOCKET
                       : is_local_spice(graphics) ? VIR_DOMAIN_LISTEN_TYPE_NONE
                                                  : VIR_DOMAIN_LISTEN_TYPE_ADDRESS;
        if (graphics->socket)
            listen->socket = g_strdup(graphics->socket);
        else
            listen->address = g_strdup(graphics->listen);
        vir_xml_append(graphics, listens, listen);
    }
    /* The attributes say the same of the first. */
    listen = graphics->listens[0];
    if (listen->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET && listen->socket && !graphics->socket &&
        graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC)
        graphics->socket = g_strdup(listen->socket);
    if (listen->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS && !listen->address)
        listen->address = g_strdup(graphics->listen);
    if (listen->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS && listen->address && !graphics->listen)
        graphics->listen = g_strdup(listen->address);
}

gboolean
vir_domain_graphics_has_ports(const VirDomainGraphics *graphics)
{
    for (guint i = 0; i < graphics->n_listens; i++) {
        if (graphics->listens[i]->type == VIR_DOMAIN_LISTEN_TYPE_ADDRESS ||
            graphics->listens[i]->type == VIR_DOMAIN_LISTEN_TYPE_NETWORK)
            return TRUE;
    }
    return FALSE;
}

static void
default_vnc_port(VirDomainGraphics *graphics)
{
    gboolean given = graphics->has_port && graphics->port != -1;

    if (graphics->autoport == VIR_TRISTATE_NO || (given && !graphics->autoport)) {
        graphics->autoport = VIR_TRISTATE_NO;
        graphics->has_port = given && graphics->port != 0;
    } else {
        graphics->autoport = VIR_TRISTATE_YES;
        graphics->has_port = TRUE;
        graphics->port = -1;
    }
    if (!graphics->has_port)
        graphics->port = 0;
}

/* -1 and 0 say what autoport says as well. */
static void
default_spice_ports(VirDomainGraphics *graphics)
{
    gboolean any = (graphics->has_port && graphics->port == -1) &&
                   (graphics->has_tls_port && graphics->tls_port == -1);

    if (any)
        graphics->autoport = VIR_TRISTATE_YES;
    if (graphics->autoport == VIR_TRISTATE_YES) {
        graphics->has_port = graphics->has_tls_port = FALSE;
        graphics->port = graphics->tls_port = 0;
    }
    if (graphics->port == 0)
        graphics->has_port = FALSE;
    if (graphics->tls_port == 0)
        graphics->has_tls_port = FALSE;
    if (!graphics->has_port && !graphics->has_tls_port && graphics->autoport == VIR_TRISTATE_NO)
        graphics->autoport = VIR_TRISTATE_ABSENT;
    if (!graphics->autoport && (graphics->port > 0 || graphics->tls_port > 0))
        graphics->autoport = VIR_TRISTATE_NO;
}

/* Who listens on a socket or nowhere has no ports. */
static void
drop_ports(VirDomainGraphics *graphics)
{
    graphics->has_port = graphics->has_tls_port = graphics->has_websocket = FALSE;
    graphics->port = graphics->tls_port = graphics->websocket = 0;
    graphics->autoport = VIR_TRISTATE_ABSENT;
}

void
vir_domain_graphics_complete(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_graphics; i++) {
        VirDomainGraphics *graphics = def->devices.graphics[i];

        if (!vir_domain_graphics_has_listens(graphics))
            continue;
        default_listens(graphics);
        if (!graphics->passwd)
            graphics->connected = VIR_DOMAIN_GRAPHICS_CONNECTED_UNSET;
        if (graphics->websocket == 0)
            graphics->has_websocket = FALSE;
        if (!vir_domain_graphics_has_ports(graphics) &&
            graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_RDP)
            drop_ports(graphics);
        default_channels(graphics);
        if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            default_spice_ports(graphics);
        else if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC &&
                 vir_domain_graphics_has_ports(graphics))
            default_vnc_port(graphics);
        else if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC)
            graphics->has_port = FALSE;
    }
}
