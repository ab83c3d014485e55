/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"

#include "vir-error.h"
#include <string.h>

/* Ports of a hub, and hubs behind each other, one less than USB has tiers for. */
#define HUB_PORTS 8
#define MAX_DEPTH 4

typedef struct {
    VirDomainDef *def;
    GPtrArray *devices; /* VirDomainDeviceInfo, in the order in which places are given */
    GHashTable *taken;  /* set: "BUS:PORT" */
    GHashTable *hubs;   /* set: the same of hubs */
} Usb;

#define ADD_ALL(list, condition)                                                                   \
    for (guint i = 0; i < devices->n_##list; i++) {                                                \
        if (condition)                                                                             \
            g_ptr_array_add(self->devices, &devices->list[i]->info);                               \
    }

static void
collect(Usb *self)
{
    VirDomainDevices *devices = &self->def->devices;

    ADD_ALL(hubs, TRUE);
    ADD_ALL(interfaces,
            devices->interfaces[i]->host_address &&
                devices->interfaces[i]->host_address->type == VIR_DOMAIN_HOST_ADDRESS_TYPE_USB);
    ADD_ALL(disks, devices->disks[i]->bus == VIR_DOMAIN_DISK_BUS_USB);
    ADD_ALL(filesystems, devices->filesystems[i]->driver == VIR_DOMAIN_FILESYSTEM_DRIVER_MTP);
    ADD_ALL(interfaces, !g_strcmp0(devices->interfaces[i]->model, "usb-net"));
    ADD_ALL(sounds, devices->sounds[i]->model == VIR_DOMAIN_SOUND_MODEL_USB);
    ADD_ALL(hostdevs, devices->hostdevs[i]->source_address.kind == VIR_DOMAIN_HOSTDEV_TYPE_USB &&
                          devices->hostdevs[i]->mode != VIR_DOMAIN_HOSTDEV_MODE_CAPABILITIES);
    ADD_ALL(controllers, devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_CCID);
    ADD_ALL(serials, devices->serials[i]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL);
    ADD_ALL(inputs, devices->inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_USB);
    ADD_ALL(redirdevs, TRUE);
}

static void
usb_init(Usb *self, VirDomainDef *def)
{
    self->def = def;
    self->devices = g_ptr_array_new();
    self->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->hubs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    collect(self);
}

static void
usb_clear(Usb *self)
{
    g_ptr_array_unref(self->devices);
    g_hash_table_unref(self->taken);
    g_hash_table_unref(self->hubs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Usb, usb_clear)

/* Ports of a USB controller; an xHCI has as many as it is told. */
static guint
root_ports(const VirDomainController *controller)
{
    switch (controller->model) {
    case VIR_DOMAIN_CONTROLLER_MODEL_NONE:
        return 0;
    case VIR_DOMAIN_CONTROLLER_MODEL_EHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1:
        return 6;
    case VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI:
    case VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI:
        return controller->has_ports ? MIN(controller->ports, 15) : 4;
    case VIR_DOMAIN_CONTROLLER_MODEL_PCI_OHCI:
        return 3;
    default:
        return 2;
    }
}

/* The controller of a bus is the master where there are companions. */
static const VirDomainController *
bus_controller(const VirDomainDef *def, guint bus)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *controller = def->devices.controllers[i];

        if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && controller->index == bus &&
            !controller->info.has_master_startport)
            return controller;
    }
    return NULL;
}

static gboolean
has_address(const VirDomainDeviceInfo *info)
{
    return info->address && info->address->type == VIR_DOMAIN_ADDRESS_TYPE_USB;
}

static char *
make_key(guint bus, const char *port)
{
    return g_strdup_printf("%u:%s", bus, port);
}

/* Ports of what @port is a port of: the controller, or a hub; 0 where there is no such hub. */
static guint
ports_above(const Usb *self, const VirDomainController *controller, guint bus, const char *port)
{
    const char *dot = strrchr(port, '.');
    g_autofree char *above = NULL;
    g_autofree char *key = NULL;

    if (!dot)
        return root_ports(controller);
    above = g_strndup(port, (gsize)(dot - port));
    key = make_key(bus, above);
    return g_hash_table_contains(self->hubs, key) ? HUB_PORTS : 0;
}

static gboolean
is_port_path(const char *port)
{
    guint depth = 1;

    for (const char *at = port;; at++) {
        guint64 number;
        char *end;

        if (!g_ascii_isdigit(*at))
            return FALSE;
        number = g_ascii_strtoull(at, &end, 10);
        if (number == 0 || number > 255)
            return FALSE;
        if (*end == '\0')
            return depth <= MAX_DEPTH;
        if (*end != '.')
            return FALSE;
        depth++;
        at = end;
    }
}

static gboolean
take_given(Usb *self, const VirDomainDeviceInfo *info, GError **error)
{
    guint bus = info->address->bus;
    const char *port = info->address->usb_port;
    const VirDomainController *controller = bus_controller(self->def, bus);
    const char *dot;
    g_autofree char *key = NULL;

    if (!is_port_path(port))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "USB port '%s' is no port: it is up to %d numbers with dots between "
                             "them",
                             port, MAX_DEPTH);
    if (!controller)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "USB port %s of bus %u: there is no USB controller with index %u",
                             port, bus, bus);
    dot = strrchr(port, '.');
    if (g_ascii_strtoull(dot ? dot + 1 : port, NULL, 10) > ports_above(self, controller, bus, port))
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "there is no USB port %s on bus %u: %s %u ports", port, bus,
                             dot ? "a hub at the port before the last dot is needed, which has"
                                 : "the controller has",
                             dot ? HUB_PORTS : root_ports(controller));
    key = make_key(bus, port);
    if (!g_hash_table_add(self->taken, g_steal_pointer(&key)))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "two devices have USB port %s of bus %u",
                             port, bus);
    return TRUE;
}

static gboolean
take_all_given(Usb *self, GError **error)
{
    for (guint i = 0; i < self->def->devices.n_hubs; i++) {
        const VirDomainDeviceInfo *info = &self->def->devices.hubs[i]->info;

        if (has_address(info) && info->address->usb_port)
            g_hash_table_add(self->hubs, make_key(info->address->bus, info->address->usb_port));
    }
    for (guint i = 0; i < self->devices->len; i++) {
        const VirDomainDeviceInfo *info = self->devices->pdata[i];

        if (has_address(info) && info->address->usb_port && !take_given(self, info, error))
            return FALSE;
    }
    return TRUE;
}

static const VirDomainController *
first_controller(const VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (def->devices.controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_USB)
            return def->devices.controllers[i];
    }
    return NULL;
}

gboolean
vir_check_usb(VirModel *model, GError **error)
{
    g_auto(Usb) self = {0};
    const VirDomainController *first = first_controller(model->def);

    usb_init(&self, model->def);
    if (self.devices->len > 0 && first && first->model == VIR_DOMAIN_CONTROLLER_MODEL_NONE)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "there are USB devices, but the USB controller is of model 'none': "
                             "the guest has no USB");
    if (self.devices->len > 0 && !first)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "there are USB devices, but no USB controller, and machine type "
                             "'%s' brings none along: add one",
                             model->def->os.machine);
    return take_all_given(&self, error);
}

/* A free port of a controller or hub itself; else of the hubs behind it. g_free(). */
static char *
find_free(const Usb *self, guint bus, const char *prefix, guint ports, guint depth)
{
    for (guint pass = 0; pass < 2; pass++) {
        for (guint i = 1; i <= ports; i++) {
            g_autofree char *port = g_strdup_printf("%s%u", prefix, i);
            g_autofree char *key = make_key(bus, port);

            if (pass == 0 && !g_hash_table_contains(self->taken, key))
                return g_steal_pointer(&port);
            if (pass == 1 && depth < MAX_DEPTH && g_hash_table_contains(self->hubs, key)) {
                g_autofree char *behind = g_strconcat(port, ".", NULL);
                char *found = find_free(self, bus, behind, HUB_PORTS, depth + 1);

                if (found)
                    return found;
            }
        }
    }
    return NULL;
}

static gboolean
assign(Usb *self, VirDomainDeviceInfo *info, gboolean hub)
{
    for (guint i = 0; i < self->def->devices.n_controllers; i++) {
        const VirDomainController *controller = self->def->devices.controllers[i];
        g_autofree char *port = NULL;

        if (controller->type != VIR_DOMAIN_CONTROLLER_TYPE_USB ||
            controller->info.has_master_startport ||
            (info->address && info->address->bus != controller->index))
            continue;
        port = find_free(self, controller->index, "", root_ports(controller), 1);
        if (!port)
            continue;
        g_hash_table_add(self->taken, make_key(controller->index, port));
        if (hub)
            g_hash_table_add(self->hubs, make_key(controller->index, port));
        vir_domain_info_new_address(info, VIR_DOMAIN_ADDRESS_TYPE_USB);
        info->address->bus = (guint16)controller->index;
        info->address->usb_port = g_steal_pointer(&port);
        return TRUE;
    }
    return FALSE;
}

static gboolean
needs_port(const VirDomainDeviceInfo *info)
{
    return !info->address || (has_address(info) && !info->address->usb_port);
}

static gboolean
is_hub(const VirDomainDef *def, const VirDomainDeviceInfo *info)
{
    for (guint i = 0; i < def->devices.n_hubs; i++) {
        if (&def->devices.hubs[i]->info == info)
            return TRUE;
    }
    return FALSE;
}

/* Ports that are left: those of all controllers and hubs without those that are taken. */
static guint
count_free(const Usb *self)
{
    guint ports = HUB_PORTS * self->def->devices.n_hubs;

    for (guint i = 0; i < self->def->devices.n_controllers; i++) {
        const VirDomainController *controller = self->def->devices.controllers[i];

        if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
            !controller->info.has_master_startport)
            ports += root_ports(controller);
    }
    return ports - MIN(ports, g_hash_table_size(self->taken));
}

/* More devices than ports: hubs, as many as it takes. */
static void
add_hubs(Usb *self)
{
    guint need = 0;
    guint left = count_free(self);

    for (guint i = 0; i < self->devices->len; i++)
        need += needs_port(self->devices->pdata[i]);
    if (need <= left || left == 0)
        return;
    for (guint n = (need - left + 1 + HUB_PORTS - 1) / HUB_PORTS; n > 0; n--) {
        VirDomainHub *hub = vir_domain_hub_new();

        hub->type = VIR_DOMAIN_HUB_TYPE_USB;
        vir_xml_append(&self->def->devices, hubs, hub);
    }
    g_ptr_array_set_size(self->devices, 0);
    collect(self);
}

gboolean
vir_prepare_usb(VirModel *model, GError **error)
{
    g_auto(Usb) self = {0};

    usb_init(&self, model->def);
    if (!take_all_given(&self, error))
        return FALSE;
    add_hubs(&self);
    for (guint i = 0; i < self.devices->len; i++) {
        VirDomainDeviceInfo *info = self.devices->pdata[i];

        if (needs_port(info) && !assign(&self, info, is_hub(model->def, info)))
            return vir_error_set(error, VIR_ERR_XML_ERROR,
                                 "no USB port is left; add a controller, or ports to one");
    }
    return TRUE;
}
