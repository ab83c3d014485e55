/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-console.h"

#include "vir-error.h"

#include "vir-xml.h"

gboolean
vir_domain_console_is_serial(const VirDomainDef *def)
{
    const VirDomainDevices *devices = &def->devices;

    return devices->n_consoles > 0 && devices->n_serials > 0 &&
           devices->consoles[0]->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
}

/* Numbers that nobody gave follow the highest of those that somebody gave. */
#define NUMBER_PORTS(list, n)                                                                      \
    do {                                                                                           \
        guint next_ = 0;                                                                           \
                                                                                                   \
        for (guint i_ = 0; i_ < (n); i_++) {                                                       \
            if ((list)[i_]->has_port)                                                              \
                next_ = MAX(next_, (list)[i_]->port + 1);                                          \
        }                                                                                          \
        for (guint i_ = 0; i_ < (n); i_++) {                                                       \
            if (!(list)[i_]->has_port)                                                             \
                (list)[i_]->port = next_++;                                                        \
            (list)[i_]->has_port = TRUE;                                                           \
        }                                                                                          \
    } while (0)

/* Ports that are told to be of the ISA bus have its lowest numbers, before others are given any. */
static gboolean
number_isa_ports(VirDomainDevices *devices, GError **error)
{
    guint taken = 0;
    guint port = 0;

    for (guint i = 0; i < devices->n_serials; i++) {
        const VirDomainSerial *serial = devices->serials[i];

        if (serial->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL && serial->has_port &&
            serial->port < VIR_DOMAIN_MAX_ISA_SERIALS)
            taken |= 1u << serial->port;
    }
    for (guint i = 0; i < devices->n_serials; i++) {
        VirDomainSerial *serial = devices->serials[i];

        if (serial->target_type != VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL || serial->has_port)
            continue;
        while (taken & 1u << port)
            port++;
        if (port >= VIR_DOMAIN_MAX_ISA_SERIALS)
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "serial[%u]: the ISA bus has ports for %d serial devices, no more",
                                 i + 1, VIR_DOMAIN_MAX_ISA_SERIALS);
        serial->port = port++;
        serial->has_port = TRUE;
    }
    return TRUE;
}

gboolean
vir_domain_serials_number(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    if (!number_isa_ports(devices, error))
        return FALSE;
    NUMBER_PORTS(devices->serials, devices->n_serials);
    return TRUE;
}

/* Gives @to what @from says of the host side. */
static void
copy_chardev(VirDomainChardev *to, const VirDomainChardev *from)
{
    VirDomainChardev *copy = vir_domain_chardev_clone(from);

    vir_xml_clear(&vir_domain_chardev_type, to);
    *to = *copy;
    g_free(copy);
}

/* The port that a first console is another name of. */
static void
add_serial_of_console(VirDomainDef *def, const VirDomainConsole *console)
{
    VirDomainSerial *serial = vir_domain_serial_new();
    VirDomainDeviceInfo *info;

    copy_chardev(&serial->src, &console->src);
    g_clear_pointer(&serial->src.tty, g_free);
    info = vir_domain_device_info_clone(&console->info);
    vir_xml_clear(&vir_domain_device_info_type, &serial->info);
    serial->info = *info;
    g_free(info);
    vir_xml_append(&def->devices, serials, serial);
}

static gboolean
wants_console(const VirDomainSerial *serial)
{
    return serial->target_type != VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL &&
           serial->target_type != VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL &&
           serial->target_type != VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG;
}

/* The first console and the first serial port are one device with two names. */
static void
pair_with_serial(VirDomainDevices *devices)
{
    VirDomainConsole *console = devices->consoles[0];
    const VirDomainSerial *serial = devices->serials[0];

    copy_chardev(&console->src, &serial->src);
    g_free(console->info.alias);
    console->info.alias = g_strdup(serial->info.alias);
    console->port = serial->port;
}

static void
add_counterparts(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;
    gboolean serial = devices->n_consoles > 0 &&
                      devices->consoles[0]->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;

    if (serial && devices->n_serials == 0) {
        add_serial_of_console(def, devices->consoles[0]);
    } else if (!serial && devices->n_serials > 0 && wants_console(devices->serials[0])) {
        VirDomainConsole *console = vir_domain_console_new();

        console->target_type = VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
        vir_xml_insert(devices, consoles, 0, console);
    }
}

gboolean
vir_domain_consoles_complete(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_consoles; i++) {
        VirDomainConsole *console = devices->consoles[i];

        if (!console->target_type)
            console->target_type = VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
    }
    if (def->os.type == VIR_DOMAIN_OS_TYPE_HVM)
        add_counterparts(def);
    if (!vir_domain_serials_number(def, error))
        return FALSE;
    NUMBER_PORTS(devices->parallels, devices->n_parallels);
    for (guint i = 0; i < devices->n_consoles; i++) {
        devices->consoles[i]->port = i;
        devices->consoles[i]->has_port = TRUE;
    }
    if (vir_domain_console_is_serial(def))
        pair_with_serial(devices);
    return TRUE;
}
