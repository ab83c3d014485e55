/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "board.h"
#include "machine-kind.h"

static gboolean
has(const VirQemuCaps *caps, VirQemuCapsFlag flag)
{
    return vir_qemu_caps_has(caps, flag);
}

static guint8
pci_root(const VirDomainDef *def, const VirQemuCaps *caps)
{
    if (vir_def_is_q35(def) || vir_def_is_virt(def))
        return VIR_DOMAIN_CONTROLLER_MODEL_PCIE_ROOT;
    if (vir_def_is_s390(def))
        return has(caps, VIR_QEMU_CAPS_DEVICE_ZPCI) ? VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT : 0;
    return vir_def_is_i440fx(def) || vir_def_is_arm_versatile(def) || vir_def_is_ppc(def) ||
                   vir_def_has_arch(def, "alpha", "sh4", "sh4eb", "sparc64", NULL) ||
                   (vir_def_has_arch(def, "mips", "mipsel", "mips64", "mips64el", NULL) &&
                    vir_def_is_board(def, "malta"))
               ? VIR_DOMAIN_CONTROLLER_MODEL_PCI_ROOT
               : 0;
}

/* Boards whose own USB controller QEMU leaves out with usb=off. */
static gboolean
has_usb(const VirDomainDef *def)
{
    if (vir_def_is_arm(def))
        return vir_def_is_arm_versatile(def) || vir_def_is_arm_realview(def);
    return !vir_def_is_s390(def) && !vir_def_is_riscv(def) && !vir_def_is_isapc(def) &&
           !vir_def_is_microvm(def) && !vir_def_has_arch(def, "loongarch64", "sparc", NULL);
}

static guint8
panic_model(const VirDomainDef *def)
{
    if (vir_def_is_pseries(def))
        return VIR_DOMAIN_PANIC_MODEL_PSERIES;
    if (vir_def_is_s390(def))
        return VIR_DOMAIN_PANIC_MODEL_S390;
    if (vir_def_is_x86(def))
        return VIR_DOMAIN_PANIC_MODEL_ISA;
    return vir_def_is_arm_virt(def) ? VIR_DOMAIN_PANIC_MODEL_PVPANIC : 0;
}

VirBoard
vir_board(const VirDomainDef *def, const VirQemuCaps *caps)
{
    VirBoard board = {
        .usb = has_usb(def),
        .usb_inputs = vir_def_is_ppc64(def),
        .ps2 = vir_def_is_x86(def) && !vir_def_is_microvm(def),
        .ide = vir_def_is_i440fx(def) ||
               (vir_def_is_ppc(def) && vir_def_is_board(def, "g3beige")) ||
               (vir_def_has_arch(def, "mips", "mipsel", "mips64", "mips64el", NULL) &&
                vir_def_is_board(def, "malta")) ||
               (vir_def_has_arch(def, "sparc64", NULL) && vir_def_is_board(def, "sun4u")),
        .sata = vir_def_is_q35(def),
        .itco = vir_def_is_q35(def),
        .balloon = !vir_def_is_arm(def) && !vir_def_has_arch(def, "loongarch64", "sparc", NULL) &&
                   !vir_def_is_isapc(def) && !vir_def_is_microvm(def),
        .pci_root = pci_root(def, caps),
        .panic = panic_model(def),
        .panic_always = vir_def_is_pseries(def) || vir_def_is_s390(def),
    };

    return board;
}

/* The first of the models that this QEMU has. */
typedef struct {
    VirQemuCapsFlag flag;
    int model;
} UsbModel;

static int
first_usb(const VirQemuCaps *caps, const UsbModel *models, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        if (has(caps, models[i].flag))
            return models[i].model;
    }
    return VIR_DOMAIN_CONTROLLER_MODEL_UNSET;
}

int
vir_board_usb_model(const VirModel *model, gboolean added)
{
    static const UsbModel modern[] = {
        {VIR_QEMU_CAPS_DEVICE_QEMU_XHCI, VIR_DOMAIN_CONTROLLER_MODEL_QEMU_XHCI},
        {VIR_QEMU_CAPS_NEC_USB_XHCI, VIR_DOMAIN_CONTROLLER_MODEL_NEC_XHCI},
        {VIR_QEMU_CAPS_ICH9_USB_EHCI1, VIR_DOMAIN_CONTROLLER_MODEL_ICH9_EHCI1},
    };
    static const UsbModel plain[] = {
        {VIR_QEMU_CAPS_PIIX3_USB_UHCI, VIR_DOMAIN_CONTROLLER_MODEL_PIIX3_UHCI},
        {VIR_QEMU_CAPS_PCI_OHCI, VIR_DOMAIN_CONTROLLER_MODEL_PCI_OHCI},
    };
    const VirDomainDef *def = model->def;
    const VirQemuCaps *caps = model->caps;
    int found = VIR_DOMAIN_CONTROLLER_MODEL_UNSET;

    if (vir_def_is_s390(def))
        return added ? VIR_DOMAIN_CONTROLLER_MODEL_UNSET : VIR_DOMAIN_CONTROLLER_MODEL_NONE;
    if (added && vir_def_is_q35(def))
        return first_usb(caps, modern, 3);
    if (vir_def_is_x86(def))
        return first_usb(caps, plain, 1);
    if (added && vir_def_is_arm(def))
        return first_usb(caps, plain + 1, 1);
    /* An older guest keeps what it had. */
    if (vir_def_is_ppc64(def)) {
        if (model->flags & VIR_MODEL_ABI_UPDATE)
            found = first_usb(caps, modern, 2);
        return found ? found : first_usb(caps, plain + 1, 1);
    }
    if (vir_def_has_arch(def, "aarch64", "loongarch64", NULL))
        found = first_usb(caps, modern, 2);
    return found ? found : first_usb(caps, plain, G_N_ELEMENTS(plain));
}

const char *
vir_board_net_model(const VirDomainDef *def, const VirQemuCaps *caps)
{
    if (vir_def_is_virt(def) || vir_def_is_s390(def) || vir_def_has_arch(def, "loongarch64", NULL))
        return "virtio";
    if (vir_def_is_arm_versatile(def))
        return "smc91c111";
    if (vir_def_is_arm(def))
        return "lan9118";
    if (has(caps, VIR_QEMU_CAPS_DEVICE_RTL8139))
        return "rtl8139";
    if (has(caps, VIR_QEMU_CAPS_DEVICE_E1000))
        return "e1000";
    return has(caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_NET) ? "virtio" : NULL;
}

int
vir_board_video_model(const VirDomainDef *def, const VirQemuCaps *caps)
{
    if (vir_def_is_ppc64(def))
        return VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA;
    if (vir_def_is_virt(def) || vir_def_is_s390(def) || vir_def_has_arch(def, "loongarch64", NULL))
        return VIR_DOMAIN_VIDEO_MODEL_TYPE_VIRTIO;
    if (has(caps, VIR_QEMU_CAPS_DEVICE_CIRRUS_VGA))
        return VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS;
    return has(caps, VIR_QEMU_CAPS_DEVICE_VGA) ? VIR_DOMAIN_VIDEO_MODEL_TYPE_VGA
                                               : VIR_DOMAIN_VIDEO_MODEL_TYPE_UNSET;
}

int
vir_board_serial_type(const VirDomainDef *def)
{
    if (vir_def_is_x86(def))
        return VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL;
    if (vir_def_is_pseries(def))
        return VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL;
    if (vir_def_is_virt(def))
        return VIR_DOMAIN_SERIAL_TARGET_TYPE_SYSTEM_SERIAL;
    return vir_def_is_s390(def) ? VIR_DOMAIN_SERIAL_TARGET_TYPE_SCLP_SERIAL
                                : VIR_DOMAIN_SERIAL_TARGET_TYPE_UNSET;
}

int
vir_board_serial_model(const VirDomainDef *def, int type)
{
    switch (type) {
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_SERIAL:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_SERIAL;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_USB_SERIAL:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_USB_SERIAL;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_PCI_SERIAL:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_PCI_SERIAL;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_ISA_DEBUG:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_ISA_DEBUGCON;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_SPAPR_VIO_SERIAL:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_SPAPR_VTY;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_SYSTEM_SERIAL:
        return vir_def_is_arm(def) ? VIR_DOMAIN_SERIAL_TARGET_MODEL_PL011
                                   : VIR_DOMAIN_SERIAL_TARGET_MODEL_16550A;
    case VIR_DOMAIN_SERIAL_TARGET_TYPE_SCLP_SERIAL:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_SCLPCONSOLE;
    default:
        return VIR_DOMAIN_SERIAL_TARGET_MODEL_UNSET;
    }
}
