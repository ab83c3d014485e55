/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include <stdlib.h>

/* What clients on the bus call the channel. */
#define DBUS_CHANNEL "org.qemu.usbredir"

/* A number of a rule as it is printed; -1 is any, and as good as none. */
static gboolean
complete_number(char **value, const char *name, guint64 max, int digits, GError **error)
{
    guint64 number = 0;
    char *end = NULL;

    if (*value && g_str_equal(*value, "-1"))
        g_clear_pointer(value, g_free);
    if (!*value)
        return TRUE;
    if (g_ascii_isdigit((*value)[0]))
        number = g_ascii_strtoull(*value, &end, 0);
    if (!end || *end != '\0' || number > max)
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "redirfilter: '%s' is no USB %s; that is a number up to 0x%" G_GINT64_MODIFIER
            "x, or -1",
            *value, name, max);
    g_free(*value);
    *value = g_strdup_printf("0x%0*" G_GINT64_MODIFIER "X", digits, number);
    return TRUE;
}

/* "2.1" is release 2.10: a digit of the fraction is one of the descriptor. */
static gboolean
complete_version(char **value, GError **error)
{
    g_autoptr(GMatchInfo) match = NULL;
    g_autoptr(GRegex) form = NULL;
    g_autofree char *major = NULL;
    g_autofree char *minor = NULL;

    if (*value && g_str_equal(*value, "-1"))
        g_clear_pointer(value, g_free);
    if (!*value)
        return TRUE;
    form = g_regex_new("^([0-9]{1,2})\\.([0-9]{1,2})$", 0, 0, NULL);
    if (!g_regex_match(form, *value, 0, &match))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "redirfilter: '%s' is no USB version; that is NN.NN, or -1", *value);
    major = g_match_info_fetch(match, 1);
    minor = g_match_info_fetch(match, 2);
    g_free(*value);
    *value = g_strdup_printf("%d.%s%s", atoi(major), minor, minor[1] ? "" : "0");
    return TRUE;
}

static gboolean
complete_filters(VirDomainDevices *devices, GError **error)
{
    for (guint i = 0; i < devices->n_redirfilters; i++) {
        VirDomainRedirFilterRule *rule = devices->redirfilters[i];

        if (!complete_number(&rule->class, "class", 0xff, 2, error) ||
            !complete_number(&rule->vendor, "vendor", 0xffff, 4, error) ||
            !complete_number(&rule->product, "product", 0xffff, 4, error) ||
            !complete_version(&rule->version, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_complete_redirdevs(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_redirdevs; i++) {
        VirDomainChardev *src = &model->def->devices.redirdevs[i]->src;

        if (src->type == VIR_DOMAIN_CHARDEV_TYPE_DBUS && !src->channel)
            src->channel = g_strdup(DBUS_CHANNEL);
    }
    return complete_filters(&model->def->devices, error);
}

static gboolean
check_redirdev(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    if (!device->redirdev->src.type)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "it needs a @type");
    return vir_model_needs(model, VIR_QEMU_CAPS_USB_REDIR, error, "redirected USB devices") &&
           (model->def->devices.n_redirfilters == 0 ||
            vir_model_needs(model, VIR_QEMU_CAPS_USB_REDIR_FILTER, error, "<redirfilter>"));
}

gboolean
vir_check_redirdevs(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_REDIRDEV, check_redirdev, error);
}
