/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine-kind.h"
#include "vir-domain-caps-private.h"
#include "vir-xml.h"

#define ANY VIR_DOMAIN_CAPS_ANY
#define FLAG(name) VIR_QEMU_CAPS_##name
#define WHEN(name) VIR_DOMAIN_CAPS_WHEN_##name

static const VirDomainCapsChoice disk_choices[] = {
    {"diskDevice", "disk", ANY},
    {"diskDevice", "cdrom", ANY},
    {"diskDevice", "floppy", ANY, WHEN(FLOPPY)},
    {"diskDevice", "lun", ANY},
    {"bus", "ide", ANY, WHEN(IDE)},
    {"bus", "fdc", ANY, WHEN(FLOPPY)},
    {"bus", "scsi", ANY},
    {"bus", "virtio", ANY},
    {"bus", "usb", FLAG(DEVICE_USB_STORAGE)},
    {"bus", "sata", FLAG(ICH9_AHCI)},
    {"model", "virtio", ANY},
    {"model", "virtio-transitional", FLAG(VIRTIO_PCI_TRANSITIONAL)},
    {"model", "virtio-non-transitional", FLAG(VIRTIO_PCI_TRANSITIONAL)},
};

static const VirDomainCapsChoice graphics_choices[] = {
    {"type", "sdl", FLAG(SDL)},
    {"type", "vnc", FLAG(VNC)},
    {"type", "rdp", FLAG(DISPLAY_DBUS), WHEN(RDP)},
    {"type", "spice", FLAG(SPICE)},
    {"type", "egl-headless", FLAG(EGL_HEADLESS)},
    {"type", "dbus", FLAG(DISPLAY_DBUS)},
};

static const VirDomainCapsChoice video_choices[] = {
    {"modelType", "vga", FLAG(DEVICE_VGA)},
    {"modelType", "cirrus", FLAG(DEVICE_CIRRUS_VGA)},
    {"modelType", "vmvga", FLAG(DEVICE_VMWARE_SVGA)},
    {"modelType", "qxl", FLAG(DEVICE_QXL)},
    {"modelType", "virtio", FLAG(DEVICE_VIRTIO_GPU)},
    {"modelType", "none", ANY},
    {"modelType", "bochs", FLAG(DEVICE_BOCHS_DISPLAY)},
    {"modelType", "ramfb", FLAG(DEVICE_RAMFB)},
};

static const VirDomainCapsChoice hostdev_choices[] = {
    {"mode", "subsystem", ANY},
    {"startupPolicy", "default", ANY},
    {"startupPolicy", "mandatory", ANY},
    {"startupPolicy", "requisite", ANY},
    {"startupPolicy", "optional", ANY},
    {"subsysType", "usb", FLAG(PIIX3_USB_UHCI)},
    {"subsysType", "usb", FLAG(PIIX4_USB_UHCI)},
    {"subsysType", "usb", FLAG(USB_EHCI)},
    {"subsysType", "usb", FLAG(ICH9_USB_EHCI1)},
    {"subsysType", "usb", FLAG(VT82C686B_USB_UHCI)},
    {"subsysType", "usb", FLAG(PCI_OHCI)},
    {"subsysType", "usb", FLAG(NEC_USB_XHCI)},
    {"subsysType", "usb", FLAG(DEVICE_QEMU_XHCI)},
    {"subsysType", "pci", ANY},
    {"subsysType", "scsi", ANY},
    {"capsType", NULL, ANY},
    {"pciBackend", "default", ANY, WHEN(VFIO)},
    {"pciBackend", "vfio", ANY, WHEN(VFIO)},
};

static const VirDomainCapsChoice rng_choices[] = {
    {"model", "virtio", FLAG(DEVICE_VIRTIO_RNG)},
    {"model", "virtio-transitional", FLAG(VIRTIO_PCI_TRANSITIONAL)},
    {"model", "virtio-non-transitional", FLAG(VIRTIO_PCI_TRANSITIONAL)},
    {"backendModel", "random", FLAG(OBJECT_RNG_RANDOM)},
    {"backendModel", "egd", FLAG(OBJECT_RNG_EGD)},
    {"backendModel", "builtin", FLAG(OBJECT_RNG_BUILTIN)},
};

static const VirDomainCapsChoice filesystem_choices[] = {
    {"driverType", "path", ANY},
    {"driverType", "handle", ANY},
    {"driverType", "virtiofs", FLAG(DEVICE_VHOST_USER_FS)},
};

static const VirDomainCapsChoice tpm_choices[] = {
    {"model", "tpm-tis", FLAG(DEVICE_TPM_TIS)},
    {"model", "tpm-crb", FLAG(DEVICE_TPM_CRB)},
    {"model", "tpm-spapr", FLAG(DEVICE_TPM_SPAPR)},
    {"model", "spapr-tpm-proxy", FLAG(DEVICE_SPAPR_TPM_PROXY)},
    {"backendModel", "passthrough", FLAG(DEVICE_TPM_PASSTHROUGH)},
    {"backendModel", "emulator", FLAG(DEVICE_TPM_EMULATOR), WHEN(TPM)},
    {"backendModel", "external", FLAG(DEVICE_TPM_EMULATOR), WHEN(TPM)},
    {"backendVersion", "1.2", FLAG(DEVICE_TPM_EMULATOR), WHEN(TPM_1_2)},
    {"backendVersion", "2.0", FLAG(DEVICE_TPM_EMULATOR), WHEN(TPM_2_0)},
};

static const VirDomainCapsChoice redirdev_choices[] = {
    {"bus", "usb", FLAG(USB_REDIR)},
};

static const VirDomainCapsChoice channel_choices[] = {
    {"type", "pty", ANY},
    {"type", "unix", ANY},
    {"type", "spicevmc", FLAG(SPICE)},
};

static const VirDomainCapsChoice crypto_choices[] = {
    {"model", "virtio", FLAG(DEVICE_VIRTIO_CRYPTO)},
    {"type", "qemu", ANY},
    {"backendModel", "builtin", ANY},
    {"backendModel", "lkcf", FLAG(OBJECT_CRYPTO_LKCF)},
};

static const VirDomainCapsChoice interface_choices[] = {
    {"backendType", "default", ANY},
    {"backendType", "passt", FLAG(NETDEV_STREAM)},
};

static const VirDomainCapsChoice panic_choices[] = {
    {"model", "isa", FLAG(DEVICE_PANIC)},         {"model", "pseries", ANY, WHEN(PSERIES)},
    {"model", "hyperv", ANY, WHEN(X86)},          {"model", "s390", ANY, WHEN(S390)},
    {"model", "pvpanic", FLAG(DEVICE_PANIC_PCI)},
};

static const VirDomainCapsChoice memory_choices[] = {
    {"sourceType", "file", ANY},
    {"sourceType", "anonymous", ANY},
    {"sourceType", "memfd", FLAG(OBJECT_MEMORY_MEMFD)},
};

/* Rows of one value stand together: any of them makes it there. */
static void
add_value(VirCapsValueList *list, const char *value)
{
    if (list->n_values == 0 || !g_str_equal(list->values[list->n_values - 1], value))
        vir_xml_append(list, values, g_strdup(value));
}

VirCapsAbility *
vir_domain_caps_ability(const VirQemuCaps *caps, unsigned when, const VirDomainCapsChoice *choices,
                        gsize n)
{
    VirCapsAbility *made = vir_domain_caps_plain(TRUE);

    for (gsize i = 0; i < n; i++) {
        const VirDomainCapsChoice *at = &choices[i];
        VirCapsValueList *list = vir_domain_caps_values(&made->enums, &made->n_enums, at->name);

        if (at->value && (at->flag == ANY || vir_qemu_caps_has(caps, at->flag)) &&
            (at->when & when) == at->when)
            add_value(list, at->value);
    }
    return made;
}

VirCapsAbility *
vir_domain_caps_plain(gboolean supported)
{
    VirCapsAbility *made = vir_caps_ability_new();

    made->supported = supported ? VIR_TRISTATE_YES : VIR_TRISTATE_NO;
    return made;
}

/* One that is there only where it has a value for each of its first @needed attributes. */
static VirCapsAbility *
ability_or_none(const VirQemuCaps *caps, unsigned when, const VirDomainCapsChoice *choices, gsize n,
                guint needed)
{
    VirCapsAbility *made = vir_domain_caps_ability(caps, when, choices, n);

    for (guint i = 0; i < needed; i++) {
        if (made->enums[i]->n_values == 0) {
            vir_caps_ability_free(made);
            return vir_domain_caps_plain(FALSE);
        }
    }
    return made;
}

#define ABILITY(choices) vir_domain_caps_ability(caps, when, choices, G_N_ELEMENTS(choices))
#define ABILITY_OR_NONE(choices, needed)                                                           \
    ability_or_none(caps, when, choices, G_N_ELEMENTS(choices), needed)

void
vir_domain_caps_devices(VirCapsDomainCaps *to, const VirQemuCaps *caps, unsigned when)
{
    VirCapsDeviceCaps *devices = vir_caps_device_caps_new();

    to->memory_backing = ABILITY(memory_choices);
    to->devices = devices;
    devices->disk = ABILITY(disk_choices);
    devices->graphics = ABILITY(graphics_choices);
    devices->video = ABILITY(video_choices);
    devices->hostdev = ABILITY(hostdev_choices);
    devices->rng = ABILITY(rng_choices);
    devices->filesystem = ABILITY(filesystem_choices);
    devices->tpm = ABILITY_OR_NONE(tpm_choices, 2);
    devices->redirdev = ABILITY_OR_NONE(redirdev_choices, 1);
    devices->channel = ABILITY(channel_choices);
    devices->crypto = ABILITY(crypto_choices);
    devices->interface = ABILITY(interface_choices);
    devices->panic = ABILITY_OR_NONE(panic_choices, 1);
}

static gboolean
has_tpm(const VirQemuEnv *env, const char *version)
{
    return env->has_tpm_version && env->has_tpm_version(env, version);
}

unsigned
vir_domain_caps_conditions(const VirDomainCapsAsk *ask, const VirDomainDef *def)
{
    const struct {
        unsigned bit;
        gboolean holds;
    } rows[] = {
        {WHEN(X86), vir_def_is_x86(def)},
        {WHEN(S390), vir_def_is_s390(def)},
        {WHEN(PSERIES), vir_def_is_pseries(def)},
        {WHEN(IDE), vir_def_is_i440fx(def) || vir_def_is_board(def, "malta") ||
                        vir_def_is_board(def, "sun4u") || vir_def_is_board(def, "g3beige")},
        {WHEN(FLOPPY), !vir_def_is_pseries(def)},
        {WHEN(VFIO), ask->vfio},
        {WHEN(RDP), ask->env->has_rdp},
        {WHEN(TPM), has_tpm(ask->env, NULL)},
        {WHEN(TPM_1_2), has_tpm(ask->env, "1.2")},
        {WHEN(TPM_2_0), has_tpm(ask->env, "2.0")},
    };
    unsigned when = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        when |= rows[i].holds ? rows[i].bit : 0;
    return when;
}
