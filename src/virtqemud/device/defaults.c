/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "vir-error.h"
#include "vir-uuid.h"
#include <string.h>

VirDomainController *
vir_def_add_controller(VirDomainDef *def, int type, guint index, int model)
{
    VirDomainDevices *devices = &def->devices;
    VirDomainController *controller = vir_domain_controller_new();
    guint at = devices->n_controllers;

    controller->type = (guint8)type;
    controller->index = index;
    controller->has_index = TRUE;
    controller->model = (guint8)model;
    for (guint i = devices->n_controllers; i > 0; i--) {
        if (devices->controllers[i - 1]->type == type) {
            at = devices->controllers[i - 1]->index < index ? i : i - 1;
            if (devices->controllers[i - 1]->index < index)
                break;
        }
    }
    vir_xml_insert(devices, controllers, at, controller);
    return controller;
}

VirDomainAddress *
vir_info_new_address(VirDomainDeviceInfo *info, int type)
{
    vir_domain_address_free(info->address);
    info->address = vir_domain_address_new();
    info->address->type = (guint8)type;
    return info->address;
}

static gboolean
default_machine(VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(caps, def->os.machine);

    if (!machine)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' has no machine type '%s'", caps->binary,
                             def->os.machine ? def->os.machine : "(default)");
    if (g_strcmp0(def->os.machine, machine->name) != 0) {
        g_free(def->os.machine);
        def->os.machine = g_strdup(machine->name);
    }
    if (!def->os.arch)
        def->os.arch = g_strdup(g_str_equal(caps->arch, "i386") ? "i686" : caps->arch);
    if (!def->devices.emulator)
        def->devices.emulator = g_strdup(caps->binary);
    if (machine->max_cpus && def->vcpus_max > machine->max_cpus)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' has room for %u processors, %u are asked for",
                             machine->name, machine->max_cpus, def->vcpus_max);
    if (def->virt_type == VIR_DOMAIN_VIRT_TYPE_KVM && !caps->kvm)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "emulator '%s' cannot use KVM on this host; domain type 'qemu' runs "
                             "without it",
                             caps->binary);
    return TRUE;
}

static void
default_boot(VirDomainDef *def)
{
    VirDomainBootDevice *boot;

    if (def->os.bootmenu_enable != VIR_TRISTATE_YES)
        def->os.has_bootmenu_timeout = FALSE;
    if (def->os.n_boot_devices > 0)
        return;
    for (guint i = 0; i < def->devices.n_disks; i++) {
        if (def->devices.disks[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        if (def->devices.interfaces[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_hostdevs; i++) {
        if (def->devices.hostdevs[i]->has_boot_order)
            return;
    }
    for (guint i = 0; i < def->devices.n_redirdevs; i++) {
        if (def->devices.redirdevs[i]->has_boot_order)
            return;
    }
    boot = vir_domain_boot_device_new();
    boot->dev = VIR_DOMAIN_BOOT_DEVICE_DEV_HD;
    vir_xml_append(&def->os, boot_devices, boot);
}

static void
default_cpu(VirDomainDef *def, const VirQemuCaps *caps)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(caps, def->os.machine);
    VirDomainCpu *cpu;

    if (!def->cpu)
        def->cpu = vir_domain_cpu_new();
    cpu = def->cpu;
    if (cpu->has_sockets) {
        if (!cpu->has_dies)
            cpu->dies = 1;
        if (!cpu->has_clusters)
            cpu->clusters = 1;
        cpu->has_dies = cpu->has_clusters = TRUE;
    }
    if ((!cpu->mode || cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM) && !cpu->model &&
        machine->default_cpu) {
        g_autofree char *suffix = g_strdup_printf("-%s-cpu", caps->arch);

        cpu->model = g_strdup(machine->default_cpu);
        if (g_str_has_suffix(cpu->model, suffix))
            cpu->model[strlen(cpu->model) - strlen(suffix)] = '\0';
        cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
        cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
        cpu->check = VIR_DOMAIN_CPU_CHECK_NONE;
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_FORBID;
    }
    if (!cpu->mode)
        cpu->mode = VIR_DOMAIN_CPU_MODE_CUSTOM;
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && !cpu->match)
        cpu->match = VIR_DOMAIN_CPU_MATCH_EXACT;
    if (!cpu->check)
        cpu->check =
            cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM || cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_MODEL
                ? VIR_DOMAIN_CPU_CHECK_PARTIAL
                : VIR_DOMAIN_CPU_CHECK_NONE;
    if ((cpu->mode == VIR_DOMAIN_CPU_MODE_HOST_PASSTHROUGH ||
         cpu->mode == VIR_DOMAIN_CPU_MODE_MAXIMUM) &&
        !cpu->migratable)
        cpu->migratable = VIR_TRISTATE_ON;
    if (cpu->mode == VIR_DOMAIN_CPU_MODE_CUSTOM && cpu->model && !cpu->model_fallback)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_ALLOW;
    if (!cpu->model)
        cpu->model_fallback = VIR_DOMAIN_CPU_MODEL_FALLBACK_UNSET;
}

/* Bus of a disk by what its name begins with. */
static const struct {
    const char *prefix;
    int bus;
} prefixes[] = {
    {"hd", VIR_DOMAIN_DISK_BUS_IDE},    {"sd", VIR_DOMAIN_DISK_BUS_SCSI},
    {"vd", VIR_DOMAIN_DISK_BUS_VIRTIO}, {"fd", VIR_DOMAIN_DISK_BUS_FDC},
    {"ub", VIR_DOMAIN_DISK_BUS_USB},
};

static gboolean
default_disk(VirDomainDef *def, VirDomainDisk *disk, GError **error)
{
    for (gsize i = 0; !disk->bus && i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(disk->target, prefixes[i].prefix))
            disk->bus = (guint8)prefixes[i].bus;
    }
    if (!disk->bus || vir_disk_index(disk->target) < 0)
        return vir_error_set(
            error, VIR_ERR_XML_ERROR,
            "disk '%s': the name says nothing about the bus and there is none given", disk->target);
    if (disk->bus == VIR_DOMAIN_DISK_BUS_IDE && vir_def_is_q35(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "disk '%s': machine type '%s' has no IDE; bus 'sata' is there",
                             disk->target, def->os.machine);
    if (!disk->driver)
        disk->driver = vir_domain_disk_driver_new();
    if (!disk->driver->name)
        disk->driver->name = g_strdup("qemu");
    if (!disk->driver->format)
        disk->driver->format = VIR_DOMAIN_IMAGE_FORMAT_RAW;
    if (disk->driver->cache == VIR_DOMAIN_DISK_DRIVER_CACHE_DEFAULT)
        disk->driver->cache = 0;
    if (disk->device == VIR_DOMAIN_DISK_DEVICE_CDROM)
        disk->readonly = TRUE;
    return TRUE;
}

/* Disks of one bus stand in the order of their names, wherever the user put them. */
static void
sort_disks(VirDomainDevices *devices)
{
    for (guint i = 1; i < devices->n_disks; i++) {
        VirDomainDisk *disk = devices->disks[i];
        guint at = i;

        for (guint j = i; j > 0; j--) {
            const VirDomainDisk *other = devices->disks[j - 1];

            if (other->bus != disk->bus)
                continue;
            if (vir_disk_index(other->target) < vir_disk_index(disk->target))
                break;
            at = j - 1;
        }
        if (at < i) {
            vir_xml_remove(devices, disks, i);
            vir_xml_insert(devices, disks, at, disk);
        }
    }
}

static gboolean
default_disks(VirDomainDef *def, GError **error)
{
    VirDomainDevices *devices = &def->devices;

    for (guint i = 0; i < devices->n_disks; i++) {
        if (!default_disk(def, devices->disks[i], error))
            return FALSE;
        for (guint j = 0; j < i; j++) {
            if (g_str_equal(devices->disks[i]->target, devices->disks[j]->target))
                return vir_error_set(error, VIR_ERR_XML_ERROR, "two disks are called '%s'",
                                     devices->disks[i]->target);
        }
    }
    sort_disks(devices);
    return TRUE;
}

static void
default_interfaces(VirDomainDef *def, const VirQemuCaps *caps)
{
    static const guint8 none[6];
    static const char *const models[] = {"rtl8139", "e1000", "virtio"};

    for (guint i = 0; i < def->devices.n_interfaces; i++) {
        VirDomainInterface *net = def->devices.interfaces[i];

        if (memcmp(net->mac, none, sizeof(none)) == 0) {
            guint32 random = g_random_int();

            memcpy(net->mac, (const guint8[]){0x52, 0x54, 0x00}, 3);
            memcpy(net->mac + 3, &random, 3);
            net->has_mac = TRUE;
        }
        if (net->type == VIR_DOMAIN_INTERFACE_TYPE_HOSTDEV)
            continue; /* the device is what it is */
        for (gsize j = 0; !net->model && j < G_N_ELEMENTS(models); j++) {
            if (vir_qemu_caps_has_type(caps, models[j]) || j == G_N_ELEMENTS(models) - 1)
                net->model = g_strdup(models[j]);
        }
    }
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
    } else if (!console && devices->n_serials > 0 &&
               (devices->serials[0]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET ||
                devices->serials[0]->target_type == VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL)) {
        console = vir_domain_console_new();
        console->target_type = VIR_DOMAIN_CONSOLE_TARGET_TYPE_SERIAL;
        console->has_port = TRUE;
        copy_chardev(&console->src, &devices->serials[0]->src);
        vir_xml_insert(devices, consoles, 0, console);
    }
    for (guint i = 0; i < devices->n_consoles; i++) {
        if (!devices->consoles[i]->has_port)
            devices->consoles[i]->port = i;
        devices->consoles[i]->has_port = TRUE;
    }
}

/* Model of a serial port by its kind. */
static const struct {
    int type;
    int model;
} serial_models[] = {
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_USB_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL, VIR_DOMAIN_SERIAL_TARGET_MODEL_PCI_SERIAL},
    {VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG, VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_DEBUGCON},
};

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
            serial->target_type = VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL;
        for (gsize j = 0; !serial->target_model && j < G_N_ELEMENTS(serial_models); j++) {
            if (serial_models[j].type == (int)serial->target_type)
                serial->target_model = (guint8)serial_models[j].model;
        }
    }
    for (guint i = 0; i < devices->n_parallels; i++) {
        if (!devices->parallels[i]->has_port)
            devices->parallels[i]->port = i;
        devices->parallels[i]->has_port = TRUE;
    }
}

static void
add_input(VirDomainDef *def, int type)
{
    VirDomainInput *input;

    for (guint i = 0; i < def->devices.n_inputs; i++) {
        if (def->devices.inputs[i]->type == type &&
            def->devices.inputs[i]->bus == VIR_DOMAIN_INPUT_BUS_PS2)
            return;
    }
    input = vir_domain_input_new();
    input->type = (guint8)type;
    input->bus = VIR_DOMAIN_INPUT_BUS_PS2;
    vir_xml_append(&def->devices, inputs, input);
}

static guint8
input_bus(int type)
{
    switch (type) {
    case VIR_DOMAIN_INPUT_TYPE_TABLET:
        return VIR_DOMAIN_INPUT_BUS_USB;
    case VIR_DOMAIN_INPUT_TYPE_PASSTHROUGH:
        return VIR_DOMAIN_INPUT_BUS_VIRTIO;
    case VIR_DOMAIN_INPUT_TYPE_EVDEV:
        return VIR_DOMAIN_INPUT_BUS_UNSET;
    default:
        return VIR_DOMAIN_INPUT_BUS_PS2;
    }
}

static void
default_inputs(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_inputs; i++) {
        VirDomainInput *input = def->devices.inputs[i];

        if (!input->bus)
            input->bus = input_bus(input->type);
    }
    if (def->features.ps2 == VIR_TRISTATE_OFF)
        return;
    add_input(def, VIR_DOMAIN_INPUT_TYPE_MOUSE);
    add_input(def, VIR_DOMAIN_INPUT_TYPE_KEYBOARD);
}

/* Nobody can reach it but through us. */
static gboolean
is_local_spice(const VirDomainGraphics *graphics)
{
    return graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE && !graphics->has_port &&
           !graphics->has_tls_port && graphics->autoport != VIR_TRISTATE_YES && !graphics->listen;
}

static void
default_graphics(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_graphics; i++) {
        VirDomainGraphics *graphics = def->devices.graphics[i];
        VirDomainListen *listen;

        if (graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_VNC &&
            graphics->type != VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
            continue;
        if (graphics->n_listens == 0) {
            listen = vir_domain_listen_new();
            listen->type = graphics->socket           ? VIR_DOMAIN_LISTEN_TYPE_SOCKET
                           : is_local_spice(graphics) ? VIR_DOMAIN_LISTEN_TYPE_NONE
                                                      : VIR_DOMAIN_LISTEN_TYPE_ADDRESS;
            if (graphics->socket)
                listen->socket = g_strdup(graphics->socket);
            else
                listen->address = g_strdup(graphics->listen);
            vir_xml_append(graphics, listens, listen);
        }
        if (graphics->listens[0]->type == VIR_DOMAIN_LISTEN_TYPE_SOCKET ||
            graphics->listens[0]->type == VIR_DOMAIN_LISTEN_TYPE_NONE)
            continue;
        if (graphics->type == VIR_DOMAIN_GRAPHICS_TYPE_VNC &&
            (!graphics->has_port || graphics->port == -1)) {
            graphics->port = -1;
            graphics->has_port = TRUE;
            graphics->autoport = VIR_TRISTATE_YES;
        }
    }
}

static void
default_video_memory(VirDomainVideoModel *model)
{
    switch (model->type) {
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_QXL:
        if (!model->has_ram)
            model->ram = 64 * 1024;
        if (!model->has_vram)
            model->vram = 64 * 1024;
        if (!model->has_vgamem)
            model->vgamem = 16 * 1024;
        model->has_ram = model->has_vram = model->has_vgamem = TRUE;
        break;
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_VMVGA:
    case VIR_DOMAIN_VIDEO_MODEL_TYPE_BOCHS:
        if (!model->has_vram)
            model->vram = 16 * 1024;
        model->has_vram = TRUE;
        break;
    default:
        break;
    }
}

static void
default_videos(VirDomainDef *def, const VirQemuCaps *caps)
{
    VirDomainDevices *devices = &def->devices;
    gboolean primary = FALSE;

    if (devices->n_graphics > 0 && devices->n_videos == 0)
        vir_xml_append(devices, videos, vir_domain_video_new());
    for (guint i = 0; i < devices->n_videos; i++)
        primary |=
            devices->videos[i]->model && devices->videos[i]->model->primary == VIR_TRISTATE_YES;
    for (guint i = 0; i < devices->n_videos; i++) {
        VirDomainVideo *video = devices->videos[i];
        VirDomainVideoModel *model;

        if (!video->model)
            video->model = vir_domain_video_model_new();
        model = video->model;
        if (!model->type || model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_DEFAULT)
            model->type = vir_qemu_caps_has_type(caps, "cirrus-vga")
                              ? VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS
                              : VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA;
        if (model->type == VIR_DOMAIN_VIDEO_MODEL_TYPE_NONE)
            continue;
        default_video_memory(model);
        if (!model->has_heads)
            model->heads = 1;
        model->has_heads = TRUE;
        if (i == 0 && !primary)
            model->primary = VIR_TRISTATE_YES;
        else if (model->primary == VIR_TRISTATE_NO)
            model->primary = VIR_TRISTATE_ABSENT;
    }
}

static void
default_other_devices(VirDomainDef *def)
{
    VirDomainDevices *devices = &def->devices;

    if (!devices->memballoon) {
        devices->memballoon = vir_domain_memballoon_new();
        devices->memballoon->model = VIR_DOMAIN_MEMBALLOON_MODEL_VIRTIO;
    }
    if (devices->n_audios == 0) {
        VirDomainAudio *audio = vir_domain_audio_new();

        audio->id = 1;
        audio->type = VIR_DOMAIN_AUDIO_TYPE_NONE;
        for (guint i = 0; i < devices->n_graphics; i++) {
            if (devices->graphics[i]->type == VIR_DOMAIN_GRAPHICS_TYPE_SPICE)
                audio->type = VIR_DOMAIN_AUDIO_TYPE_SPICE;
        }
        vir_xml_append(devices, audios, audio);
    }
    for (guint i = 0; i < devices->n_panics; i++) {
        if (!devices->panics[i]->model)
            devices->panics[i]->model = VIR_DOMAIN_PANIC_MODEL_ISA;
    }
    for (guint i = 0; i < devices->n_channels; i++) {
        VirDomainChardev *src = &devices->channels[i]->src;

        /* The path is given at the start, and then we listen. */
        if (src->type == VIR_DOMAIN_CHARDEV_TYPE_UNIX && !src->path)
            src->mode = VIR_DOMAIN_CHARDEV_MODE_UNSET;
    }
    for (guint i = 0; i < devices->n_watchdogs; i++) {
        if (!devices->watchdogs[i]->action)
            devices->watchdogs[i]->action = VIR_DOMAIN_WATCHDOG_ACTION_RESET;
    }
    /* Part of the q35 board. */
    if (vir_def_is_q35(def)) {
        VirDomainWatchdog *watchdog;

        for (guint i = 0; i < devices->n_watchdogs; i++) {
            if (devices->watchdogs[i]->model == VIR_DOMAIN_WATCHDOG_MODEL_ITCO)
                return;
        }
        watchdog = vir_domain_watchdog_new();
        watchdog->model = VIR_DOMAIN_WATCHDOG_MODEL_ITCO;
        watchdog->action = devices->n_watchdogs > 0 ? devices->watchdogs[0]->action
                                                    : VIR_DOMAIN_WATCHDOG_ACTION_RESET;
        vir_xml_append(devices, watchdogs, watchdog);
    }
}

/* Model of a SCSI adapter that the user left open. */
static int
scsi_model(const VirQemuCaps *caps)
{
    return vir_qemu_caps_has_type(caps, "lsi53c895a") || vir_qemu_caps_has_type(caps, "lsi")
               ? VIR_DOMAIN_CONTROLLER_MODEL_LSILOGIC
               : VIR_DOMAIN_CONTROLLER_MODEL_VIRTIO_SCSI;
}

static int
usb_model(const VirDomainDef *def, const VirQemuCaps *caps)
{
    if (!vir_def_is_q35(def))
        return VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI;
    if (vir_qemu_caps_has_type(caps, "qemu-xhci"))
        return VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI;
    return vir_qemu_caps_has_type(caps, "nec-usb-xhci") ? VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI
                                                        : VIR_DOMAIN_CONTROLLER_MODEL_UNSET;
}

static void
default_controller(VirDomainDef *def, const VirQemuCaps *caps, VirDomainController *controller)
{
    if (!controller->has_index) {
        guint index = 0;

        while (vir_def_controller(def, controller->type, index) &&
               vir_def_controller(def, controller->type, index) != controller)
            index++;
        controller->index = index;
        controller->has_index = TRUE;
    }
    /* Only a controller of our own choice is a newer one. */
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_USB && !controller->model)
        controller->model = VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI;
    if (!controller->info.has_master_startport &&
        controller->model >= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1 &&
        controller->model <= VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI3) {
        controller->info.master_startport =
            (guint8)(2 * (controller->model - VIR_DOMAIN_CONTROLLER_MODEL_ICH9_UHCI1));
        controller->info.has_master_startport = TRUE;
    }
    if (controller->type == VIR_DOMAIN_CONTROLLER_TYPE_SCSI &&
        (!controller->model || controller->model == VIR_DOMAIN_CONTROLLER_MODEL_AUTO))
        controller->model = (guint8)scsi_model(caps);
}

static gboolean
default_controllers(VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    VirDomainDevices *devices = &def->devices;
    gboolean q35 = vir_def_is_q35(def);
    int root = q35 ? VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT : VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT;
    VirDomainController *pci;
    gboolean usb = FALSE;

    for (guint i = 0; i < devices->n_controllers; i++) {
        default_controller(def, caps, devices->controllers[i]);
        usb |= devices->controllers[i]->type == VIR_DOMAIN_CONTROLLER_TYPE_USB;
    }
    if (!usb && usb_model(def, caps))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_USB, 0, usb_model(def, caps));
    if (q35 && !vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0))
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_SATA, 0, 0);
    pci = vir_def_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0);
    if (pci && pci->model != root)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "PCI controller 0 of machine type '%s' is '%s', not '%s'",
                             def->os.machine, vir_domain_controller_model_to_string(root),
                             vir_domain_controller_model_to_string(pci->model));
    if (!pci)
        vir_def_add_controller(def, VIR_DOMAIN_CONTROLLER_TYPE_PCI, 0, root);
    return TRUE;
}

gboolean
vir_complete_defaults(VirDomainDef *def, const VirQemuCaps *caps, GError **error)
{
    if (!default_machine(def, caps, error))
        return FALSE;
    if (!vir_def_is_i440fx(def) && !vir_def_is_q35(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "machine type '%s' is not supported yet; 'pc' and 'q35' are",
                             def->os.machine);
    if (!def->has_uuid) {
        vir_uuid_generate(def->uuid);
        def->has_uuid = TRUE;
    }
    if (!def->has_current_memory || def->current_memory > def->memory) {
        def->current_memory = def->memory;
        def->has_current_memory = TRUE;
    }
    if (!def->vcpu_placement)
        def->vcpu_placement = VIR_DOMAIN_VCPU_PLACEMENT_STATIC;
    default_boot(def);
    default_cpu(def, caps);
    if (!default_disks(def, error) || !default_controllers(def, caps, error))
        return FALSE;
    default_interfaces(def, caps);
    default_console(def);
    default_serials(def);
    default_inputs(def);
    default_graphics(def);
    default_videos(def, caps);
    default_other_devices(def);
    return TRUE;
}
