/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"
#include "vir-domain-chardev.h"
#include "vir-domain-console.h"
#include "vir-error.h"
#include <string.h>

/* -chardev and the -device behind it. Takes @props. */
static gboolean
add_pair(VirArgv *argv, const VirDomainChardev *src, const VirDomainDeviceInfo *info,
         json_object *props, GError **error)
{
    g_autofree char *id = g_strconcat("char", info->alias, NULL);

    if (!vir_argv_chardev(argv, src, id, NULL, error)) {
        json_object_put(props);
        return FALSE;
    }
    return vir_argv_add_named(argv, props, info, error);
}

static json_object *
new_device(const char *driver, const VirDomainDeviceInfo *info)
{
    g_autofree char *id = g_strconcat("char", info->alias, NULL);

    return vir_props_new("s:driver", driver, "s:chardev", id, NULL);
}

/* The same for what has one place only: the document's is not told. */
static gboolean
add_fixed_pair(VirArgv *argv, const VirDomainChardev *src, const VirDomainDeviceInfo *info,
               const char *driver, GError **error)
{
    VirDomainDeviceInfo named = {.alias = info->alias};

    return add_pair(argv, src, &named, new_device(driver, &named), error);
}

/* A port that the board has anyway: it only gets its other end. */
static gboolean
is_of_board(const VirDomainSerial *serial)
{
    return serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET ||
           serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_NONE ||
           serial->target_model == VIR_DOMAIN_SERIAL_TARGET_MODEL_PL011 ||
           serial->target_model == VIR_DOMAIN_SERIAL_TARGET_MODEL_16550A;
}

static gboolean
add_serial(VirArgv *argv, const VirDomainSerial *serial, GError **error)
{
    g_autofree char *id = g_strconcat("char", serial->info.alias, NULL);
    json_object *props;

    if (is_of_board(serial)) {
        if (!vir_argv_chardev(argv, &serial->src, id, NULL, error))
            return FALSE;
        vir_argv_addf(argv, "-serial", "chardev:%s", id);
        return TRUE;
    }
    props =
        new_device(vir_domain_serial_target_model_to_string(serial->target_model), &serial->info);
    if (serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL)
        vir_props_add(props, "u:index", (guint64)serial->port, NULL);
    return add_pair(argv, &serial->src, &serial->info, props, error);
}

/* A place in QEMU's own network whose connections come to us. */
static gboolean
add_guestfwd(VirArgv *argv, const VirDomainChannel *channel, GError **error)
{
    g_autofree char *id = g_strconcat("char", channel->info.alias, NULL);
    g_autofree char *rule = NULL;
    json_object *rules;

    if (!vir_argv_chardev(argv, &channel->src, id, NULL, error))
        return FALSE;
    rule =
        g_strdup_printf("tcp:%s:%u-chardev:%s", channel->target_address, channel->target_port, id);
    rules = json_object_new_array();
    json_object_array_add(rules, vir_props_new("s:str", rule, NULL));
    vir_net_add_netdev(argv, vir_props_new("s:type", "user", "a:guestfwd", rules, "s:id",
                                           channel->info.alias, NULL));
    return TRUE;
}

static gboolean
add_channel(VirArgv *argv, const VirDomainChannel *channel, guint i, GError **error)
{
    json_object *props;

    if (channel->target_type == VIR_DOMAIN_CHANNEL_TARGET_TYPE_GUESTFWD)
        return add_guestfwd(argv, channel, error);
    if (channel->target_type != VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
        return vir_argv_unsupported(argv, error, "/domain/devices/channel[%u]/target/@type '%s'",
                                    i + 1,
                                    vir_domain_channel_target_type_to_string(channel->target_type));
    props = new_device("virtserialport", &channel->info);
    vir_props_add(props, "S:name",
                  channel->name || channel->src.type != VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC
                      ? channel->name
                      : VIR_DOMAIN_CHANNEL_SPICE,
                  NULL);
    return add_pair(argv, &channel->src, &channel->info, props, error);
}

static gboolean
add_console(VirArgv *argv, const VirDomainConsole *console, guint i, GError **error)
{
    if (i == 0 && vir_domain_console_is_serial(argv->def))
        return TRUE;
    switch (console->target_type) {
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO:
        return add_pair(argv, &console->src, &console->info,
                        new_device("virtconsole", &console->info), error);
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLP:
        return add_fixed_pair(argv, &console->src, &console->info, "sclpconsole", error);
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLPLM:
        return add_fixed_pair(argv, &console->src, &console->info, "sclplmconsole", error);
    default:
        return vir_argv_unsupported(argv, error, "/domain/devices/console[%u]/target/@type '%s'",
                                    i + 1,
                                    vir_domain_console_target_type_to_string(console->target_type));
    }
}

gboolean
vir_argv_chardevs(VirArgv *argv, GError **error)
{
    const VirDomainDevices *devices = &argv->def->devices;

    for (guint i = 0; i < devices->n_serials; i++) {
        if (!add_serial(argv, devices->serials[i], error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_parallels; i++) {
        const VirDomainParallel *parallel = devices->parallels[i];

        if (!add_fixed_pair(argv, &parallel->src, &parallel->info, "isa-parallel", error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        if (!add_channel(argv, devices->channels[i], i, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_consoles; i++) {
        if (!add_console(argv, devices->consoles[i], i, error))
            return FALSE;
    }
    return TRUE;
}
