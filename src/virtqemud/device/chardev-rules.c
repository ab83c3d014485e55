/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "board.h"
#include "complete.h"
#include "vir-domain-chardev.h"
#include "vir-domain-console.h"
#include "vir-domain-device.h"
#include "vir-error.h"
#include <string.h>

/* ---- serial ports ---- */

/* The devices that can play a kind of port. */
static const struct {
    int type;
    int model;
} serial_kinds[] = {
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_USB_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_PCI_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_SPAPR_VTY},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_SYSTEM_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_PL011},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_SYSTEM_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_16550A},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_SCLP_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPCONSOLE},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_SCLP_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPLMCONSOLE},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG, VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_DEBUGCON},
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
default_chardev(VirDomainChardev *src, const char *what, void *data, GError **error)
{
    vir_domain_chardev_complete(src);
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
    return vir_domain_each_chardev(model->def, default_chardev, NULL, error);
}

/* ---- checks ---- */

static gboolean
check_backend(VirDomainChardev *src, const char *what, void *data, GError **error)
{
    const VirModel *model = data;

    if (!vir_domain_chardev_check(src, what, error))
        return FALSE;
    switch (src->type) {
    case VIR_DOMAIN_CHARDEV_TYPE_TCP:
        if (src->protocol != VIR_DOMAIN_CHARDEV_PROTOCOL_TELNETS &&
            src->protocol != VIR_DOMAIN_CHARDEV_PROTOCOL_TLS)
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s: QEMU knows no protocol '%s'; <source tls='yes'/> encrypts what "
                             "'raw' and 'telnet' say",
                             what, vir_domain_chardev_protocol_to_string(src->protocol));
    case VIR_DOMAIN_CHARDEV_TYPE_NMDM:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s: QEMU has no character devices of type 'nmdm'; they are of "
                             "FreeBSD's bhyve",
                             what);
    case VIR_DOMAIN_CHARDEV_TYPE_QEMU_VDAGENT:
        if (vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_CHARDEV_QEMU_VDAGENT))
            return TRUE;
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_DBUS:
        if (vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_DISPLAY_DBUS))
            return TRUE;
        break;
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC:
    case VIR_DOMAIN_CHARDEV_TYPE_SPICEPORT:
        if (!vir_def_has_graphics(model->def, VIR_DOMAIN_GRAPHICS_TYPE_SPICE))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "%s: type '%s' goes to a SPICE client, and the domain has no "
                                 "<graphics type='spice'>",
                                 what, vir_domain_chardev_type_to_string(src->type));
        if (vir_qemu_caps_has(model->caps, VIR_QEMU_CAPS_SPICE))
            return TRUE;
        break;
    default:
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "%s: emulator '%s' has no character devices of type '%s'", what,
                         model->caps->binary, vir_domain_chardev_type_to_string(src->type));
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
check_serial_kind(const VirDomainDef *def, const VirDomainSerial *serial, guint i, GError **error)
{
    const char *type = vir_domain_serial_target_type_to_string(serial->target_type);

    for (gsize j = 0; j < G_N_ELEMENTS(serial_kinds); j++) {
        if (serial_kinds[j].type != (int)serial->target_type ||
            serial_kinds[j].model != (int)serial->target_model)
            continue;
        if (!board_has_serial(def, serial->target_model))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "serial[%u]: machine type '%s' of %s has no serial port of model "
                                 "'%s'",
                                 i + 1, def->os.machine, def->os.arch,
                                 vir_domain_serial_target_model_to_string(serial->target_model));
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "serial[%u]: model '%s' is none of type '%s'", i + 1,
                         vir_domain_serial_target_model_to_string(serial->target_model),
                         serial->target_type ? type : "none");
}

static const struct {
    int model;
    VirQemuCapsFlag flag;
} serial_flags[] = {
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL, VIR_QEMU_CAPS_DEVICE_ISA_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_USB_SERIAL, VIR_QEMU_CAPS_DEVICE_USB_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_PCI_SERIAL, VIR_QEMU_CAPS_DEVICE_PCI_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_PL011, VIR_QEMU_CAPS_DEVICE_PL011},
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPCONSOLE, VIR_QEMU_CAPS_DEVICE_SCLPCONSOLE},
    {VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPLMCONSOLE, VIR_QEMU_CAPS_DEVICE_SCLPLMCONSOLE},
};

static gboolean
check_serial(const VirModel *model, const VirDomainSerial *serial, guint i, GError **error)
{
    if (!serial->target_model &&
        (!serial->target_type || serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_NONE))
        return TRUE;
    if (!check_serial_kind(model->def, serial, i, error))
        return FALSE;
    for (gsize j = 0; j < G_N_ELEMENTS(serial_flags); j++) {
        if (serial_flags[j].model == (int)serial->target_model &&
            !vir_qemu_caps_has(model->caps, serial_flags[j].flag))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "serial[%u]: emulator '%s' has no '%s'", i + 1,
                                 model->caps->binary,
                                 vir_domain_serial_target_model_to_string(serial->target_model));
    }
    return TRUE;
}

static gboolean
check_console(const VirModel *model, const VirDomainConsole *console, guint i, GError **error)
{
    switch (console->target_type) {
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL:
        if (i == 0)
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "console[%u]: only the first console can be of type 'serial'; further "
                             "ports are <serial>",
                             i + 1);
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLP:
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_SCLPLM:
        if (vir_def_is_s390(model->def))
            return TRUE;
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "console[%u]: type '%s' is of s390, the guest is %s", i + 1,
                             vir_domain_console_target_type_to_string(console->target_type),
                             model->def->os.arch);
    case VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO:
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "console[%u]: QEMU has no consoles of type '%s'", i + 1,
                             vir_domain_console_target_type_to_string(console->target_type));
    }
}

static gboolean
check_channel(const VirDomainChannel *channel, guint i, GError **error)
{
    const VirDomainChardev *src = &channel->src;

    switch (channel->target_type) {
    case VIR_DOMAIN_CHANNEL_TARGET_TYPE_GUESTFWD:
        if (!channel->target_address || !channel->has_target_port)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "channel[%u]: type 'guestfwd' needs target/@address and "
                                 "target/@port",
                                 i + 1);
        if (strchr(channel->target_address, ':'))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "channel[%u]: '%s' is no IPv4 address; 'guestfwd' knows no other",
                                 i + 1, channel->target_address);
        return TRUE;
    case VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO:
        if (src->type == VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC && channel->name &&
            !g_str_equal(channel->name, VIR_CHANNEL_SPICE))
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "channel[%u]: the target of type 'spicevmc' is called '%s', not "
                                 "'%s'",
                                 i + 1, VIR_CHANNEL_SPICE, channel->name);
        return TRUE;
    default:
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "channel[%u]: QEMU has no channels of type '%s'", i + 1,
                             vir_domain_channel_target_type_to_string(channel->target_type));
    }
}

/** Clients of SPICE know channels of virtio, by their names; smart cards and USB are apart. */
static gboolean
check_spicevmc(const VirDomainDevice *device, void *data, GError **error)
{
    const VirDomainChardev *src = NULL;
    gboolean virtio = FALSE;

    switch (device->kind) {
    case VIR_DOMAIN_DEVICE_SERIAL:
        src = &device->serial->src;
        break;
    case VIR_DOMAIN_DEVICE_PARALLEL:
        src = &device->parallel->src;
        break;
    case VIR_DOMAIN_DEVICE_CONSOLE:
        src = &device->console->src;
        break;
    case VIR_DOMAIN_DEVICE_CHANNEL:
        src = &device->channel->src;
        virtio = device->channel->target_type == VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO;
        break;
    default:
        return TRUE;
    }
    return src->type != VIR_DOMAIN_CHARDEV_TYPE_SPICEVMC || virtio ||
           vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "type 'spicevmc' is for a <channel> whose target is of type 'virtio', for "
                         "<redirdev> and for <smartcard>");
}

gboolean
vir_check_chardevs(VirModel *model, GError **error)
{
    const VirDomainDevices *devices = &model->def->devices;

    if (!vir_domain_each_device(model->def, check_spicevmc, NULL, error))
        return FALSE;
    for (guint i = 0; i < devices->n_serials; i++) {
        if (!check_serial(model, devices->serials[i], i, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_consoles; i++) {
        if (!check_console(model, devices->consoles[i], i, error))
            return FALSE;
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        if (!check_channel(devices->channels[i], i, error))
            return FALSE;
    }
    return vir_domain_each_chardev(model->def, check_backend, model, error);
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
