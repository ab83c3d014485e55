/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-chardev.h"

#include "vir-error.h"
#include <string.h>

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
lacks(const char *attribute, const VirDomainChardev *src, GError **error)
{
    return vir_error_set(error, VIR_ERR_XML_ERROR, "type '%s' needs %s",
                         vir_domain_chardev_type_to_string(src->type), attribute);
}

static gboolean
check_udp(const VirDomainChardev *src, GError **error)
{
    for (guint i = 0; i < src->n_ends; i++) {
        if (src->ends[i]->mode == VIR_DOMAIN_CHARDEV_END_MODE_CONNECT)
            return src->ends[i]->service ||
                   lacks("source/@service where mode='connect'", src, error);
    }
    return lacks("a <source mode='connect'>", src, error);
}

static gboolean
check_reconnect(const VirDomainChardev *src, GError **error)
{
    if (!src->reconnect_enabled)
        return TRUE;
    if (src->mode != VIR_DOMAIN_CHARDEV_MODE_CONNECT)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "only who connects (mode='connect') can do so again");
    if (src->reconnect_enabled == VIR_TRISTATE_YES && src->reconnect_timeout == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "reconnect/@timeout has to be at least one second");
    return TRUE;
}

gboolean
vir_domain_chardev_check(const VirDomainDevice *device, GError **error)
{
    const VirDomainChardev *src = device->chardev;

    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_DEV:
    case VIR_DOMAIN_CHARDEV_TYPE_FILE:
    case VIR_DOMAIN_CHARDEV_TYPE_PIPE:
        return src->path || lacks("source/@path", src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_UNIX:
        /* Channels get a path when the guest is started. */
        if (!src->path && device->kind != VIR_DOMAIN_DEVICE_CHANNEL)
            return lacks("source/@path", src, error);
        return check_reconnect(src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        if (!src->host && src->mode == VIR_DOMAIN_CHARDEV_MODE_CONNECT)
            return lacks("source/@host", src, error);
        if (!src->service)
            return lacks("source/@service", src, error);
        return check_reconnect(src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_UDP:
        return check_udp(src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        return src->channel || lacks("source/@channel", src, error);
    case VIR_DOMAIN_CHARDEV_TYPE_NMDM:
        if (!src->master)
            return lacks("source/@master", src, error);
        return src->slave || lacks("source/@slave", src, error);
    default:
        return TRUE;
    }
}
