/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "vir-error.h"
#include <stdlib.h>
#include <string.h>

/* "2.10" is 0x0210. */
static char *
version_number(const char *version)
{
    const char *point = version ? strchr(version, '.') : NULL;

    return point ? g_strdup_printf("0x%02d%02d", atoi(version), atoi(point + 1)) : NULL;
}

static const char *
or_any(const char *number)
{
    return number ? number : "-1";
}

static char *
filter_text(const VirDomainDevices *devices)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < devices->n_redirfilters; i++) {
        const VirDomainRedirFilterRule *rule = devices->redirfilters[i];

        g_autofree char *version = version_number(rule->version);

        g_string_append_printf(text, "%s%s:%s:%s:%s:%d", i > 0 ? "|" : "", or_any(rule->class),
                               or_any(rule->vendor), or_any(rule->product), or_any(version),
                               rule->allow == VIR_TRISTATE_YES);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

gboolean
vir_argv_redirdevs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;
    g_autofree char *filter = devices->n_redirfilters > 0 ? filter_text(devices) : NULL;

    for (guint i = 0; i < devices->n_redirdevs; i++) {
        const VirDomainRedirdev *device = devices->redirdevs[i];
        g_autofree char *id = g_strconcat("char", device->info.alias, NULL);
        guint boot =
            vir_argv_bootindex(argv, &device->info, device->boot_order, device->has_boot_order);

        if (!vir_argv_chardev(argv, &device->src, id, "usbredir", error) ||
            !vir_argv_add_named(argv,
                                vir_props_new("s:driver", "usb-redir", "s:chardev", id, "S:filter",
                                              filter, "U:bootindex", (guint64)boot, NULL),
                                &device->info, error))
            return FALSE;
    }
    return TRUE;
}
