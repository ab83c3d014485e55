/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-domain-chardev.h"
#include "vir-domain-console.h"
#include "vir-domain-device.h"
#include "vir-error.h"
#include <string.h>

/* ---- serial ports ---- */

/* The devices that can play a kind of port, and the flag of a QEMU that has them; 0: every one. */
#define SERIAL(type, model, flag)                                                                  \
    {                                                                                              \
        VIR_DOMAIN_SERIAL_TARGET_TYPE_##type, VIR_DOMAIN_SERIAL_TARGET_MODEL_##model, flag         \
    }
static const struct {
    int type;
    int model;
    int flag;
} serial_kinds[] = {
    SERIAL(ISA_SERIAL, ISA_SERIAL, VIR_QEMU_CAPS_DEVICE_ISA_SERIAL),
    SERIAL(USB_SERIAL, USB_SERIAL, VIR_QEMU_CAPS_DEVICE_USB_SERIAL),
    SERIAL(PCI_SERIAL, PCI_SERIAL, VIR_QEMU_CAPS_DEVICE_PCI_SERIAL),
    SERIAL(SPAPR_VIO_SERIAL, SPAPR_VTY, 0),
    SERIAL(SYSTEM_SERIAL, PL011, VIR_QEMU_CAPS_DEVICE_PL011),
    SERIAL(SYSTEM_SERIAL, 16550A, 0),
    SERIAL(SCLP_SERIAL, SCLPCONSOLE, VIR_QEMU_CAPS_DEVICE_SCLPCONSOLE),
    SERIAL(SCLP_SERIAL, SCLPLMCONSOLE, VIR_QEMU_CAPS_DEVICE_SCLPLMCONSOLE),
    SERIAL(ISA_DEBUG, ISA_DEBUGCON, 0),
};

static void
default_serial(const VirDomainDef *def, VirDomainSerial *serial)
{
    /* Documents of old said so, whatever the board. */
    if (serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL &&
        serial->target_model != VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL && !vir_def_is_x86(def))
        serial->target_type = VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET;
    if (!serial->target_type)
        serial->target_type = (guint8)vir_board_serial_type(def);
    if (!serial->target_model)
        serial->target_model = (guint8)vir_board_serial_model(def, serial->target_type);
}

static void
default_serials(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_serials; i++)
        default_serial(def, def->devices.serials[i]);
}

/* ---- consoles ---- */

/* Gives @to the place and names of @from. */
static void
copy_info(VirDomainDeviceInfo *to, const VirDomainDeviceInfo *from)
{
    VirDomainDeviceInfo *copy = vir_domain_device_info_clone(from);

    vir_xml_clear(&vir_domain_device_info_type, to);
    *to = *copy;
    g_free(copy);
}

gboolean
vir_complete_console_address(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    if (vir_domain_console_is_serial(model->def))
        copy_info(&devices->consoles[0]->info, &devices->serials[0]->info);
    return TRUE;
}

/* ---- channels ---- */

/* Whether a folder is one that a start makes for its guest: "domain-3-name", "3-name". */
static gboolean
is_guest_dir(const char *name)
{
    gsize digits = strspn(name, "0123456789");

    return g_str_has_prefix(name, "domain-") || (digits > 0 && name[digits] == '-');
}

/*
 * Whether the channel's path is one that a former start made: it is made anew for the next. Its
 * forms over the years: DIR/target/GUEST.NAME, DIR/target/domain-ID-GUEST/NAME, DIR/ID-GUEST/NAME.
 */
static gboolean
is_generated(const char *dir, const VirDomainChannel *channel)
{
    const char *path = channel->src.path;
    gsize n = dir ? strlen(dir) : 0;
    const char *file;

    if (n == 0 || !channel->name || !g_str_has_prefix(path, dir) || path[n] != '/')
        return FALSE;
    path += n + 1;
    if (g_str_has_prefix(path, "target/"))
        path += strlen("target/");
    file = strchr(path, '/');
    if (file)
        return is_guest_dir(path) && g_str_equal(file + 1, channel->name);
    return g_str_has_suffix(path, channel->name) && strlen(path) > strlen(channel->name) + 1 &&
           path[strlen(path) - strlen(channel->name) - 1] == '.';
}

static void
default_channel(const VirQemuEnv *env, VirDomainChannel *channel)
{
    VirDomainChardev *src = &channel->src;

    if (src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX && src->path &&
        is_generated(env->channel_dir, channel))
        g_clear_pointer(&src->path, g_free);
}

gboolean
vir_channels_prepare(VirDomainDef *def, const char *dir)
{
    gboolean any = FALSE;

    for (guint i = 0; i < def->devices.n_channels; i++) {
        const VirDomainChannel *channel = def->devices.channels[i];
        VirDomainChardev *src = &def->devices.channels[i]->src;

        if (src->type != VIR_DOMAIN_CHARDEV_TYPE_UNIX || src->path ||
            channel->target_type != VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
            continue;
        src->path =
            g_build_filename(dir, channel->name ? channel->name : channel->info.alias, NULL);
        src->mode = VIR_DOMAIN_CHARDEV_MODE_BIND;
        any = TRUE;
    }
    return any;
}

static gboolean
default_chardev(const VirDomainDevice *device, void *data, GError **error)
{
    if (device->chardev)
        vir_domain_chardev_complete(device->chardev);
    return TRUE;
}

gboolean
vir_complete_chardevs(VirModel *model, GError **error)
{
    VirDomainDevices *devices = &model->def->devices;

    if (!vir_domain_serials_number(model->def, error))
        return FALSE;
    default_serials(model->def);
    if (!vir_domain_consoles_complete(model->def, error))
        return FALSE;
    /* Of the port that a console stands for, too. */
    default_serials(model->def);
    for (guint i = 0; i < devices->n_channels; i++)
        default_channel(model->env, devices->channels[i]);
    return vir_domain_each_device(model->def, default_chardev, NULL, error);
}

/* ---- checks ---- */

/* Clients of SPICE know channels of virtio, by their names; smart cards and USB are apart. */
static gboolean
takes_spicevmc(const VirDomainDevice *device)
{
    switch (device->kind) {
    case VIR_DOMAIN_DEVICE_SERIAL:
    case VIR_DOMAIN_DEVICE_PARALLEL:
    case VIR_DOMAIN_DEVICE_CONSOLE:
        return FALSE;
    case VIR_DOMAIN_DEVICE_CHANNEL:
        return device->channel->target_type == VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO;
    default:
        return TRUE;
    }
}

static gboolean
check_spice(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    int type = device->chardev->type;

    if (type == VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC && !takes_spicevmc(device))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "type 'spicevmc' is for a <channel> whose target is of type 'virtio', "
                             "for <redirdev> and for <smartcard>");
    if (!vir_def_has_graphics(model->def, VIR_DOMAIN_GRAPHICS_TYPE_SPICE))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "type '%s' goes to a SPICE client, and the domain has no <graphics "
                             "type='spice'>",
                             vir_domain_chardev_type_to_string(type));
    return vir_model_needs(model, VIR_QEMU_CAPS_SPICE, error, "SPICE");
}

static gboolean
check_backend(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainChardev *src = device->chardev;

    if (!src)
        return TRUE;
    if (!vir_domain_chardev_check(device, error))
        return FALSE;
    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        return (src->protocol != VIR_DOMAIN_CHARDEV_PROTOCOL_TELNETS &&
                src->protocol != VIR_DOMAIN_CHARDEV_PROTOCOL_TLS) ||
               vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU knows no protocol '%s'; <source tls='yes'/> encrypts what 'raw' "
                             "and 'telnet' say",
                             vir_domain_chardev_protocol_to_string(src->protocol));
    case VIR_DOMAIN_CHARDEV_TYPE_NMDM:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU has no character devices of type 'nmdm'; they are of FreeBSD's "
                             "bhyve");
    case VIR_DOMAIN_CHARDEV_TYPE_QEMU_VDAGENT:
        return vir_model_needs(model, VIR_QEMU_CAPS_CHARDEV_QEMU_VDAGENT, error,
                               "character devices of type 'qemu-vdagent'");
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        return vir_model_needs(model, VIR_QEMU_CAPS_DISPLAY_DBUS, error,
                               "character devices of type 'dbus'");
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC:
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
        return check_spice(model, device, error);
    default:
        return TRUE;
    }
}

/* Whether the board can have a port of that model. */
static gboolean
board_has_serial(const VirDomainDef *def, int model)
{
    switch (model) {
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_PL011:
        return vir_def_is_arm_virt(def);
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_16550A:
        return vir_def_is_riscv_virt(def) || vir_def_is_loongarch_virt(def);
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_SPAPR_VTY:
        return vir_def_is_pseries(def);
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPCONSOLE:
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPLMCONSOLE:
        return vir_def_is_s390(def);
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_DEBUGCON:
        return vir_def_is_x86(def);
    case VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL:
        return !vir_def_is_s390(def) && !vir_def_is_pseries(def) && !vir_def_is_virt(def);
    default:
        return TRUE;
    }
}

static gboolean
check_serial(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirDomainSerial *serial = device->serial;
    const char *name = vir_domain_serial_target_model_to_string(serial->target_model);
    gsize i = 0;

    if (!serial->target_model &&
        (!serial->target_type || serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_NONE))
        return TRUE;
    while (i < G_N_ELEMENTS(serial_kinds) && (serial_kinds[i].type != (int)serial->target_type ||
                                              serial_kinds[i].model != (int)serial->target_model))
        i++;
    if (i == G_N_ELEMENTS(serial_kinds))
        return vir_error_set(
            error, VIR_ERR_CONFIG_UNSUPPORTED, "model '%s' is none of type '%s'", name,
            serial->target_type ? vir_domain_serial_target_type_to_string(serial->target_type)
                                : "none");
    if (!board_has_serial(def, serial->target_model))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' of %s has no serial port of model '%s'",
                             def->os.machine, def->os.arch, name);
    return !serial_kinds[i].flag ||
           vir_model_needs(model, serial_kinds[i].flag, error, "device '%s'", name);
}

static gboolean
check_console(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    int type = device->console->target_type;

    switch (type) {
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL:
        if (device->index == 0)
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "only the first console can be of type 'serial'; further "
                             "ports are <serial>");
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLP:
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLPLM:
        if (vir_def_is_s390(model->def))
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "type '%s' is of s390, the guest is %s",
                             vir_domain_console_target_type_to_string(type), model->def->os.arch);
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO:
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "QEMU has no consoles of type '%s'",
                             vir_domain_console_target_type_to_string(type));
    }
}

static gboolean
check_channel(const VirModel *model, const VirDomainDevice *device, GError **error)
{
    const VirDomainChannel *channel = device->channel;
    const VirDomainChardev *src = &channel->src;

    switch (channel->target_type) {
    case VIR_DOMAIN_CHANNEL_TARGET_TYPE_GUESTFWD:
        if (!channel->target_address || !channel->has_target_port)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "type 'guestfwd' needs target/@address and "
                                 "target/@port");
        if (strchr(channel->target_address, ':'))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "'%s' is no IPv4 address; 'guestfwd' knows no other",
                                 channel->target_address);
        return TRUE;
    case VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO:
        if (src->type == VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC && channel->name &&
            !g_str_equal(channel->name, VIR_DOMAIN_CHANNEL_SPICE))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "the target of type 'spicevmc' is called '%s', not "
                                 "'%s'",
                                 VIR_DOMAIN_CHANNEL_SPICE, channel->name);
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "QEMU has no channels of type '%s'",
                             vir_domain_channel_target_type_to_string(channel->target_type));
    }
}

gboolean
vir_check_chardevs(VirModel *model, GError **error)
{
    return vir_check_each(model, VIR_DOMAIN_DEVICE_SERIAL, check_serial, error) &&
           vir_check_each(model, VIR_DOMAIN_DEVICE_CONSOLE, check_console, error) &&
           vir_check_each(model, VIR_DOMAIN_DEVICE_CHANNEL, check_channel, error) &&
           vir_check_each(model, VIR_DOMAIN_DEVICE_LAST, check_backend, error);
}

/* A PC has four ISA ports, each with a number of its own: a definition may say otherwise, a guest
 * cannot start with it. */
gboolean
vir_prepare_serials(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;
    guint taken = 0;

    for (guint i = 0; i < devices->n_serials; i++) {
        const VirDomainSerial *serial = devices->serials[i];

        if (serial->target_model != VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL)
            continue;
        if (serial->port >= VIR_DOMAIN_MAX_ISA_SERIALS)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "serial[%u]: there is no ISA serial port %u, only 0 to %d; "
                                 "further ports can be of type 'pci-serial' or 'usb-serial'",
                                 i + 1, serial->port, VIR_DOMAIN_MAX_ISA_SERIALS - 1);
        if (taken & 1u << serial->port)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "serial[%u]: another one has ISA serial port %u already", i + 1,
                                 serial->port);
        taken |= 1u << serial->port;
    }
    return TRUE;
}
