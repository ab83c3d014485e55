/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"

gboolean
vir_complete_drives(VirModel *model, GError **error)
{
    return vir_domain_drives_place(model->def, vir_default_scsi_model(model), error);
}

#define SERIAL_CONTROLLERS 256u
#define SERIAL_PORTS 31

/* The ports of each controller that are taken, a bit for each. */
typedef struct SerialPorts {
    guint32 taken[SERIAL_CONTROLLERS];
} SerialPorts;

static void
note_port(SerialPorts *ports, const VirDomainDeviceInfo *info)
{
    const VirDomainAddress *address = info->address;

    if (address && address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
        address->controller < SERIAL_CONTROLLERS && address->port < 32)
        ports->taken[address->controller] |= 1u << address->port;
}

/* The lowest free port, but for 0: that is the console's, for guests that know no others. */
static gboolean
take_port(const VirDomainController *controller, SerialPorts *ports, guint index,
          VirDomainDeviceInfo *info)
{
    guint n =
        controller && controller->has_ports ? MIN(controller->ports, SERIAL_PORTS) : SERIAL_PORTS;

    for (guint port = 1; port < n; port++) {
        VirDomainAddress *address;

        if (ports->taken[index] & 1u << port)
            continue;
        address = vir_domain_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL);
        address->controller = index;
        address->port = port;
        note_port(ports, info);
        return TRUE;
    }
    return FALSE;
}

/* On the controller that the document names; else on the first with room, or on one more. */
static gboolean
assign_serial(VirDomainDef *def, SerialPorts *ports, VirDomainDeviceInfo *info, GError **error)
{
    guint first = info->address ? info->address->controller : 0;
    guint last = info->address ? first : SERIAL_CONTROLLERS - 1;

    for (guint pass = 0; pass < 2; pass++) {
        for (guint c = first; c <= last && c < SERIAL_CONTROLLERS; c++) {
            const VirDomainController *controller =
                vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, c);

            if ((controller != NULL) == (pass == 0) && take_port(controller, ports, c, info))
                return TRUE;
        }
    }
    return vir_error_set(error, VIR_ERR_XML_ERROR, "no virtio-serial port is left");
}

/* Port 0 in a channel's address is no choice. */
static gboolean
wants_port(const VirDomainDeviceInfo *info)
{
    return !info->address || (info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL &&
                              info->address->port == 0);
}

gboolean
vir_complete_virtio_serial(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    VirDomainDevices *devices = &def->devices;
    SerialPorts ports = {0};

    vir_domain_virtio_serial_complete(def);
    for (guint i = 0; i < devices->n_channels; i++)
        note_port(&ports, &devices->channels[i]->info);
    for (guint i = 0; i < devices->n_consoles; i++)
        note_port(&ports, &devices->consoles[i]->info);
    for (guint i = 0; i < devices->n_channels; i++) {
        VirDomainChannel *channel = devices->channels[i];

        if (channel->target_type == VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO &&
            wants_port(&channel->info) && !assign_serial(def, &ports, &channel->info, error))
            return FALSE;
    }
    /* A console without a place is left to QEMU. */
    vir_domain_virtio_serial_complete(def);
    return TRUE;
}

void
vir_info_clear(VirDomainDeviceInfo *info)
{
    g_clear_pointer(&info->address, vir_domain_address_free);
    g_clear_pointer(&info->alias, g_free);
    info->has_acpi_index = FALSE;
}
