/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-chardev.h"

#include "vir-error.h"
#include <string.h>

#define EACH(list, has_chardev, noun)                                                              \
    for (guint i = 0; i < devices->n_##list; i++) {                                                \
        g_autofree char *what = g_strdup_printf(noun "[%u]", i + 1);                               \
                                                                                                   \
        if (devices->list[i]->has_chardev && !func(&devices->list[i]->src, what, data, error))     \
            return FALSE;                                                                          \
    }

gboolean
vir_domain_each_chardev(VirDomainDef *def, VirDomainChardevFunc func, void *data, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    EACH(serials, src.type, "serial")
    EACH(parallels, src.type, "parallel")
    EACH(consoles, src.type, "console")
    EACH(channels, src.type, "channel")
    EACH(smartcards, src.type, "smartcard")
    EACH(redirdevs, src.type, "redirdev")
    EACH(rngs, src.type, "rng")
    return TRUE;
}

void
vir_domain_chardev_complete(VirDomainChardev *src)
{
    if (src->type == VIR_DOMAIN_CHARDEV_TYPE_TCP) {
        if (!src->protocol)
            src->protocol = VIR_DOMAIN_CHARDEV_PROTOCOL_RAW;
        if (!src->mode)
            src->mode = VIR_DOMAIN_CHARDEV_MODE_CONNECT;
    }
    if (src->type != VIR_DOMAIN_CHARDEV_TYPE_UNIX)
        return;
    /* Whoever makes up the path listens there. */
    if (!src->path)
        src->mode = VIR_DOMAIN_CHARDEV_MODE_UNSET;
    else if (!src->mode)
        src->mode = VIR_DOMAIN_CHARDEV_MODE_CONNECT;
}

static gboolean
lacks(const char *what, const char *attribute, const VirDomainChardev *src, GError **error)
{
    return vir_error_set(error, VIR_ERR_XML_ERROR, "%s: type '%s' needs %s", what,
                         vir_domain_chardev_type_to_string(src->type), attribute);
}

static gboolean
check_udp(const VirDomainChardev *src, const char *what, GError **error)
{
    for (guint i = 0; i < src->n_ends; i++) {
        if (src->ends[i]->mode == VIR_DOMAIN_CHARDEV_END_MODE_CONNECT)
            return src->ends[i]->service ||
                   lacks(what, "source/@service where mode='connect'", src, error);
    }
    return lacks(what, "a <source mode='connect'>", src, error);
}

static gboolean
check_reconnect(const VirDomainChardev *src, const char *what, GError **error)
{
    if (!src->reconnect_enabled)
        return TRUE;
    if (src->mode != VIR_DOMAIN_CHARDEV_MODE_CONNECT)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: only who connects (mode='connect') can do so again", what);
    if (src->reconnect_enabled == VIR_TRISTATE_YES && src->reconnect_timeout == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "%s: reconnect/@timeout has to be at least one second", what);
    return TRUE;
}

gboolean
vir_domain_chardev_check(const VirDomainChardev *src, const char *what, GError **error)
{
    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        return src->path || lacks(what, "source/@path", src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        /* Channels get a path when the guest is started. */
        if (!src->path && !g_str_has_prefix(what, "channel"))
            return lacks(what, "source/@path", src, error);
        return check_reconnect(src, what, error);
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        if (!src->host && src->mode == VIR_DOMAIN_CHARDEV_MODE_CONNECT)
            return lacks(what, "source/@host", src, error);
        if (!src->service)
            return lacks(what, "source/@service", src, error);
        return check_reconnect(src, what, error);
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        return check_udp(src, what, error);
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        return src->channel || lacks(what, "source/@channel", src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_NMDM:
        if (!src->master)
            return lacks(what, "source/@master", src, error);
        return src->slave || lacks(what, "source/@slave", src, error);
    default:
        return TRUE;
    }
}
