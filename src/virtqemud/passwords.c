/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "passwords.h"

#include "props.h"
#include "vir-error.h"

/* When a password ends, in seconds since 1970 as QEMU wants them. g_free(). */
static char *
end_time(const char *text, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);

    if (time)
        return g_strdup_printf("%" G_GINT64_FORMAT, g_date_time_to_unix(time));
    vir_error_set(error, VIR_ERR_XML_ERROR, "passwdValidTo '%s' is no time", text);
    return NULL;
}

static gboolean
set_password(VirQemuDomain *dom, const VirDomainGraphics *graphics, const char *password,
             GError **error)
{
    const char *protocol = vir_domain_graphics_type_to_string(graphics->type);
    const char *connected =
        graphics->connected ? vir_domain_graphics_connected_to_string(graphics->connected) : NULL;
    g_autofree char *end = NULL;

    if (!vir_qemu_domain_qmp(dom, "set_password",
                             vir_props_new("s:protocol", protocol, "s:password", password,
                                           "S:connected", connected, NULL),
                             NULL, error))
        return FALSE;
    if (!graphics->passwd_valid_to)
        return TRUE;
    end = end_time(graphics->passwd_valid_to, error);
    return end && vir_qemu_domain_qmp(dom, "expire_password",
                                      vir_props_new("s:protocol", protocol, "s:time", end, NULL),
                                      NULL, error);
}

gboolean
vir_qemu_set_passwords(VirQemuDomain *dom, GError **error)
{
    const VirQemuConf *conf = &dom->driver->conf;

    for (guint i = 0; i < dom->def->devices.n_graphics; i++) {
        const VirDomainGraphics *graphics = dom->def->devices.graphics[i];
        const char *password = graphics->passwd;

        if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC)
            password = password ? password : conf->vnc_password;
        else if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            password = password ? password : conf->spice_password;
        else
            continue;
        if (password && !set_password(dom, graphics, password, error)) {
            g_prefix_error(error, "password of graphics[%u]: ", i + 1);
            return FALSE;
        }
    }
    return TRUE;
}
