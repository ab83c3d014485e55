/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-device.h"

/** What a board has without anybody asking for it. */
typedef struct {
    gboolean usb;          /* a USB controller */
    gboolean usb_inputs;   /* with graphics: keyboard and mouse on USB */
    gboolean ps2;          /* keyboard and mouse on PS/2 */
    gboolean ide;          /* an IDE controller, the only one */
    gboolean sata;         /* a SATA controller */
    gboolean itco;         /* a watchdog */
    gboolean balloon;      /* a memory balloon */
    guint8 pci_root;       /* model of PCI controller 0, or 0 */
    guint8 panic;          /* model of its panic device, or 0 */
    gboolean panic_always; /* the panic device is part of the firmware */
} VirBoard;

VirBoard vir_board(const VirDomainDef *def, const VirQemuCaps *caps);

/**
 * Model of a USB controller that the document leaves open; UNSET: there is none. @added: it is
 * ours, not the document's.
 */
int vir_board_usb_model(const VirModel *model, gboolean added);
/** Model of a network card that the document leaves open. */
const char *vir_board_net_model(const VirDomainDef *def, const VirQemuCaps *caps);
/** Model of a graphics card that the document leaves open. */
int vir_board_video_model(const VirDomainDef *def, const VirQemuCaps *caps);
/** Type of a serial port that the document leaves open; UNSET: what the board has. */
int vir_board_serial_type(const VirDomainDef *def);
/** Model of a serial port of @type; UNSET: none is to be told. */
int vir_board_serial_model(const VirDomainDef *def, int type);
