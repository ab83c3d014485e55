/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-controller.h"

#include "vir-xml.h"
#include <string.h>

#define MAX_SERIAL_CONTROLLER 255u

VirDomainController *
vir_domain_controller_find(const VirDomainDef *def, int type, guint index)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        VirDomainController *controller = def->devices.controllers[i];

        if (controller->type == type && controller->has_index && controller->index == index)
            return controller;
    }
    return NULL;
}

gboolean
vir_domain_controller_is_virtio_scsi(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
           (controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI ||
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_TRANSITIONAL ||
            controller->model == VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_NON_TRANSITIONAL);
}

gboolean
vir_domain_controller_is_parallel_scsi(const VirDomainController *controller)
{
    switch (controller ? controller->model : VIR_DOMAIN_CONTROLLER_MODEL_UNSET) {
    case VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC:
    case VIR_DOMAIN_CONTROLLER_MODEL_NCR53C90:
    case VIR_DOMAIN_CONTROLLER_MODEL_DC390:
    case VIR_DOMAIN_CONTROLLER_MODEL_AM53C974:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean
is_companion(const VirDomainController *controller)
{
    return controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB &&
           controller->model >= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1 &&
           controller->model <= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3;
}

/* The ports of a companion are the next two of the master's. */
static void
place_ports(VirDomainController *controller)
{
    if (!controller->info.has_master_startport && is_companion(controller) &&
        controller->model != VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1) {
        controller->info.master_startport =
            (guint8)(2 * (controller->model - VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1));
        controller->info.has_master_startport = TRUE;
    }
}

/* Whether @a is before @b, which is of the same kind: by index, a master before its companions. One
 * without an index is where the document has it. */
static gboolean
is_before(const VirDomainController *a, const VirDomainController *b)
{
    if (a->has_index != b->has_index)
        return FALSE;
    if (a->has_index && a->index != b->index)
        return a->index < b->index;
    return !a->info.has_master_startport && b->info.has_master_startport;
}

/* Before the first of its kind that is after it; else behind the last of its kind. */
static guint
place_in(const VirDomainDevices *devices, guint n, const VirDomainController *controller)
{
    guint at = n;

    for (guint i = 0; i < n; i++) {
        const VirDomainController *other = devices->controllers[i];

        if (other->type != controller->type)
            continue;
        if (is_before(controller, other))
            return i;
        at = i + 1;
    }
    return at;
}

static void
sort_controllers(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 1; i < devices->n_controllers; i++) {
        VirDomainController *controller = devices->controllers[i];
        guint at = place_in(devices, i, controller);

        memmove(devices->controllers + at + 1, devices->controllers + at,
                (i - at) * sizeof(*devices->controllers));
        devices->controllers[at] = controller;
    }
}

VirDomainController *
vir_domain_controller_add(VirDomainDef *def, int type, guint index, int model)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainController *controller = vir_domain_controller_new();

    controller->type = (guint8)type;
    controller->index = index;
    controller->has_index = TRUE;
    controller->model = (guint8)model;
    place_ports(controller);
    vir_xml_insert(devices, controllers, place_in(devices, devices->n_controllers, controller),
                   controller);
    return controller;
}

/* One of a kind that has its index. */
static gboolean
has_index(const VirDomainDef *def, int type, guint index)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (other->type == type && other->has_index && other->index == index)
            return TRUE;
    }
    return FALSE;
}

static gboolean
has_member(const VirDomainDef *def, guint index, int model)
{
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        const VirDomainController *other = def->devices.controllers[i];

        if (is_companion(other) && other->has_index && other->index == index &&
            (!model || other->model == model))
            return TRUE;
    }
    return FALSE;
}

/* The lowest that is free; a USB 2 controller joins a group that lacks one of its kind. */
static void
assign_index(const VirDomainDef *def, VirDomainController *controller)
{
    guint index = 0;

    while (is_companion(controller)
               ? has_index(def, controller->type, index) &&
                     (!has_member(def, index, 0) || has_member(def, index, controller->model))
               : has_index(def, controller->type, index))
        index++;
    controller->index = index;
    controller->has_index = TRUE;
}

void
vir_domain_controllers_complete(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_controllers; i++)
        place_ports(def->devices.controllers[i]);
    sort_controllers(def);
    for (guint i = 0; i < def->devices.n_controllers; i++) {
        if (!def->devices.controllers[i]->has_index)
            assign_index(def, def->devices.controllers[i]);
    }
}

static void
need_serial_controller(VirDomainDef *def, const VirDomainDeviceInfo *info)
{
    guint index = info->address ? MIN(info->address->controller, MAX_SERIAL_CONTROLLER) : 0;

    /* One at a CCW address, as old documents of s390 have it, is on the first. */
    if ((!info->address || info->address->type == VIR_DOMAIN_ADDRESS_TYPE_VIRTIO_SERIAL ||
         info->address->type == VIR_DOMAIN_ADDRESS_TYPE_CCW) &&
        !vir_domain_controller_find(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index))
        vir_domain_controller_add(def, VIR_DOMAIN_CONTROLLER_TYPE_VIRTIO_SERIAL, index, 0);
}

void
vir_domain_virtio_serial_complete(VirDomainDef *def)
{
    const VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_consoles; i++) {
        if (devices->consoles[i]->target_type == VIR_DOMAIN_CONSOLE_TARGET_TYPE_VIRTIO)
            need_serial_controller(def, &devices->consoles[i]->info);
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        if (devices->channels[i]->target_type == VIR_DOMAIN_CHANNEL_TARGET_TYPE_VIRTIO)
            need_serial_controller(def, &devices->channels[i]->info);
    }
}
