/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-capabilities-def.h"
#include "vir-error.h"
#include "vir-host-caps.h"
#include "vir-xml.h"
#include <string.h>

/* A value of an attribute that needs a QEMU type; NULL: every QEMU has it. */
typedef struct {
    const char *name;
    const char *value;
    const char *type;
} Choice;

static VirCapsValueList *
value_list(VirCapsValueList ***enums, guint *n, const char *name)
{
    VirCapsValueList *list;

    if (*n > 0 && g_str_equal((*enums)[*n - 1]->name, name))
        return (*enums)[*n - 1];
    list = vir_caps_value_list_new();
    list->name = g_strdup(name);
    vir_xml_array_insert((gpointer **)enums, n, *n, list);
    return list;
}

static VirCapsAbility *
ability(const VirQemuCaps *caps, const Choice *choices, gsize n)
{
    VirCapsAbility *made = vir_caps_ability_new();

    made->supported = VIR_TRISTATE_YES;
    for (gsize i = 0; i < n; i++) {
        VirCapsValueList *list = value_list(&made->enums, &made->n_enums, choices[i].name);

        if (!choices[i].type || vir_qemu_caps_has_type(caps, choices[i].type))
            vir_xml_append(list, values, g_strdup(choices[i].value));
    }
    return made;
}

static VirCapsAbility *
no_ability(void)
{
    VirCapsAbility *made = vir_caps_ability_new();

    made->supported = VIR_TRISTATE_NO;
    return made;
}

static const Choice disk_choices[] = {
    {"diskDevice", "disk", NULL},
    {"diskDevice", "cdrom", NULL},
    {"diskDevice", "floppy", NULL},
    {"diskDevice", "lun", NULL},
    {"bus", "ide", "ide-hd"},
    {"bus", "fdc", "floppy"},
    {"bus", "scsi", "scsi-hd"},
    {"bus", "virtio", "virtio-blk-pci"},
    {"bus", "usb", "usb-storage"},
    {"bus", "sata", "ich9-ahci"},
    {"model", "virtio", "virtio-blk-pci"},
    {"model", "virtio-transitional", "virtio-blk-pci-transitional"},
    {"model", "virtio-non-transitional", "virtio-blk-pci-non-transitional"},
};

static const Choice graphics_choices[] = {
    {"type", "vnc", NULL},
};

static const Choice video_choices[] = {
    {"modelType", "vga", "VGA"},
    {"modelType", "cirrus", "cirrus-vga"},
    {"modelType", "vmvga", "vmware-svga"},
    {"modelType", "qxl", "qxl-vga"},
    {"modelType", "virtio", "virtio-vga"},
    {"modelType", "none", NULL},
    {"modelType", "bochs", "bochs-display"},
    {"modelType", "ramfb", "ramfb"},
};

static const Choice rng_choices[] = {
    {"model", "virtio", "virtio-rng-pci"},
    {"model", "virtio-transitional", "virtio-rng-pci-transitional"},
    {"model", "virtio-non-transitional", "virtio-rng-pci-non-transitional"},
    {"backendModel", "random", "rng-random"},
    {"backendModel", "builtin", "rng-builtin"},
};

static const Choice memory_choices[] = {
    {"sourceType", "anonymous", NULL},
    {"sourceType", "memfd", "memory-backend-memfd"},
};

static const Choice channel_choices[] = {
    {"type", "pty", NULL},
    {"type", "unix", NULL},
};

static const Choice panic_choices[] = {
    {"model", "isa", "pvpanic"},
    {"model", "pvpanic", "pvpanic-pci"},
};

static VirCapsCpuModeCaps *
add_mode(VirCapsDomainCaps *def, int name, gboolean supported)
{
    VirCapsCpuModeCaps *mode = vir_caps_cpu_mode_caps_new();

    mode->name = (guint8)name;
    mode->supported = supported ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    vir_xml_append(def, cpu_modes, mode);
    return mode;
}

static void
fill_cpu(VirCapsDomainCaps *def, const VirQemuCaps *caps, gboolean kvm)
{
    const GPtrArray *cpus = kvm ? caps->kvm_cpus : caps->cpus;
    VirCapsCpuModeCaps *mode;

    add_mode(def, VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_PASSTHROUGH, kvm);
    add_mode(def, VIR_CAPS_CPU_MODE_CAPS_NAME_MAXIMUM, TRUE);
    add_mode(def, VIR_CAPS_CPU_MODE_CAPS_NAME_HOST_MODEL, FALSE);
    mode = add_mode(def, VIR_CAPS_CPU_MODE_CAPS_NAME_CUSTOM, TRUE);
    for (guint i = 0; i < cpus->len; i++) {
        const VirQemuCpu *cpu = cpus->pdata[i];
        VirCapsCpuModelName *model;

        if (g_str_equal(cpu->name, "host") || g_str_equal(cpu->name, "max") ||
            g_str_equal(cpu->name, "base"))
            continue;
        model = vir_caps_cpu_model_name_new();
        model->name = g_strdup(cpu->name);
        model->usable = cpu->usable < 0 ? VIR_CAPS_CPU_MODEL_NAME_USABLE_UNKNOWN
                        : cpu->usable   ? VIR_CAPS_CPU_MODEL_NAME_USABLE_YES
                                        : VIR_CAPS_CPU_MODEL_NAME_USABLE_NO;
        model->deprecated = cpu->deprecated ? VIR_TRISTATE_YES : VIR_TRISTATE_ABSENT;
        vir_xml_append(mode, models, model);
    }
}

static void
fill_os(VirCapsDomainCaps *def)
{
    VirCapsLoader *loader = vir_caps_loader_new();
    VirCapsValueList *type;

    def->os = vir_caps_os_caps_new();
    def->os->supported = VIR_TRISTATE_YES;
    value_list(&def->os->enums, &def->os->n_enums, "firmware");
    loader->supported = VIR_TRISTATE_YES;
    type = value_list(&loader->enums, &loader->n_enums, "type");
    vir_xml_append(type, values, g_strdup("rom"));
    def->os->loader = loader;
}

static void
fill_devices(VirCapsDeviceCaps *devices, const VirQemuCaps *caps)
{
    devices->disk = ability(caps, disk_choices, G_N_ELEMENTS(disk_choices));
    devices->graphics = ability(caps, graphics_choices, G_N_ELEMENTS(graphics_choices));
    devices->video = ability(caps, video_choices, G_N_ELEMENTS(video_choices));
    devices->hostdev = no_ability();
    devices->rng = ability(caps, rng_choices, G_N_ELEMENTS(rng_choices));
    devices->filesystem = no_ability();
    devices->tpm = no_ability();
    devices->redirdev = no_ability();
    devices->channel = ability(caps, channel_choices, G_N_ELEMENTS(channel_choices));
    devices->crypto = no_ability();
    devices->panic = ability(caps, panic_choices, G_N_ELEMENTS(panic_choices));
}

char *
vir_domain_caps_xml(const VirQemuCaps *caps, const char *machine, const char *virt_type,
                    GError **error)
{
    const VirQemuMachine *found = vir_qemu_caps_machine(caps, machine);
    const char *type = virt_type ? virt_type : caps->kvm ? "kvm" : "qemu";
    gboolean kvm = g_str_equal(type, "kvm");
    g_autoptr(VirCapsDomainCaps) def = vir_caps_domain_caps_new();

    if (!found) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "emulator '%s' has no machine type '%s'",
                      caps->binary, machine ? machine : "(default)");
        return NULL;
    }
    if ((kvm && !caps->kvm) || (!kvm && !g_str_equal(type, "qemu"))) {
        vir_error_set(error, VIR_ERR_INVALID_ARG, "emulator '%s' does not run guests of type '%s'",
                      caps->binary, type);
        return NULL;
    }
    def->path = g_strdup(caps->binary);
    def->domain = g_strdup(type);
    def->machine = g_strdup(found->name);
    def->arch = g_strdup(g_str_equal(caps->arch, "i386") ? "i686" : caps->arch);
    def->vcpu_max = found->max_cpus;
    def->has_vcpu_max = found->max_cpus > 0;
    def->iothreads = no_ability();
    fill_os(def);
    fill_cpu(def, caps, kvm);
    def->memory_backing = ability(caps, memory_choices, G_N_ELEMENTS(memory_choices));
    def->devices = vir_caps_device_caps_new();
    fill_devices(def->devices, caps);
    def->features = vir_caps_feature_caps_new();
    def->features->gic = no_ability();
    return vir_xml_format(&vir_caps_domain_doc, def, 0, error);
}
