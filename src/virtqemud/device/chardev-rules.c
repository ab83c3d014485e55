/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "complete.h"
#include "vir-error.h"

/* Gives @to what @from says of the host side. */
static void
copy_chardev(VirDomainChardev *to, const VirDomainChardev *from)
{
    VirDomainChardev *copy = vir_domain_chardev_clone(from);

    vir_xml_clear(&vir_domain_chardev_type, to);
    *to = *copy;
    g_free(copy);
}

/* Serial ports that a console can stand for: those of the board, not those on a bus of their own.
 */
static gboolean
is_native(int type)
{
    return type == VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET ||
           type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL ||
           type == VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL ||
           type == VIR_DOMAIN_SERIAL_TARGET_TYPE_SYSTEM_SERIAL ||
           type == VIR_DOMAIN_SERIAL_TARGET_TYPE_SCLP_SERIAL;
}

/* The first console and the first serial port are one device with two names. */
static void
default_console(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainConsole *console = devices->n_consoles > 0 ? devices->consoles[0] : NULL;

    if (console && !console->target_type)
        console->target_type = VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
    if (console && console->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL &&
        devices->n_serials == 0) {
        VirDomainSerial *serial = vir_domain_serial_new();

        copy_chardev(&serial->src, &console->src);
        g_clear_pointer(&serial->src.tty, g_free);
        vir_xml_append(devices, serials, serial);
    } else if (console && console->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL) {
        copy_chardev(&console->src, &devices->serials[0]->src);
    } else if (!console && devices->n_serials > 0 && is_native(devices->serials[0]->target_type)) {
        console = vir_domain_console_new();
        console->target_type = VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
        console->has_port = TRUE;
        copy_chardev(&console->src, &devices->serials[0]->src);
        vir_xml_insert(devices, consoles, 0, console);
    }
    for (guint i = 0; i < devices->n_consoles; i++) {
        devices->consoles[i]->port = i;
        devices->consoles[i]->has_port = TRUE;
    }
}

static void
default_serials(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_serials; i++) {
        VirDomainSerial *serial = devices->serials[i];

        if (!serial->has_port)
            serial->port = i;
        serial->has_port = TRUE;
        if (!serial->target_type)
            serial->target_type = (guint8)vir_board_serial_type(def);
        /* pseries has no ISA; documents of old said so nevertheless. */
        if (serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL &&
            !serial->target_model && vir_def_is_pseries(def))
            serial->target_type = VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL;
        if (!serial->target_model)
            serial->target_model = (guint8)vir_board_serial_model(def, serial->target_type);
    }
    for (guint i = 0; i < devices->n_parallels; i++) {
        if (!devices->parallels[i]->has_port)
            devices->parallels[i]->port = i;
        devices->parallels[i]->has_port = TRUE;
    }
}

static void
default_channels(VirDomainDevices *devices)
{
    for (guint i = 0; i < devices->n_channels; i++) {
        VirDomainChardev *src = &devices->channels[i]->src;

        /* The path is given at the start, and then we listen. */
        if (src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX && !src->path)
            src->mode = VIR_DOMAIN_CHARDEV_MODE_UNSET;
    }
}

gboolean
vir_complete_chardevs(VirModel *model, GError **error)
{
    default_console(model->def);
    default_serials(model->def);
    default_channels(&model->def->devices);
    return TRUE;
}
