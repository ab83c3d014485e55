/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

/* Nobody can reach it but through us. */
static gboolean
is_local_spice(const VirDomainGraphics *graphics)
{
    return graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE && !graphics->has_port &&
           !graphics->has_tls_port && graphics->autoport != VIR_TRISTATE_YES && !graphics->listen;
}

static void
default_graphics(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_graphics; i++) {
        VirDomainGraphics *graphics = def->devices.graphics[i];
        VirDomainListen *listen;

        if (graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_VNC &&
            graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            continue;
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
        if (graphics->listens[0]->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET ||
            graphics->listens[0]->type == VIR_DOMAIN_LISTEN_TYPE_NONE)
            continue;
        if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC &&
            (!graphics->has_port || graphics->port == -1)) {
            graphics->port = -1;
            graphics->has_port = TRUE;
            graphics->autoport = VIR_TRISTATE_YES;
        }
    }
}

gboolean
vir_complete_graphics(VirModel *model, GError **error)
{
    default_graphics(model->def);
    return TRUE;
}
