/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "complete.h"

#define VIR_PCI_MAX_BUSES 256

/** What a device is plugged into. */
typedef enum {
    VIR_PCI_PLUG_NONE,
    VIR_PCI_PLUG_PCI,             /* a conventional slot that can be hot-plugged */
    VIR_PCI_PLUG_PCIE,            /* a PCI Express port */
    VIR_PCI_PLUG_INTEGRATED,      /* the root itself, without hotplug */
    VIR_PCI_PLUG_BRIDGE,          /* where a pci-bridge goes */
    VIR_PCI_PLUG_DMI_BRIDGE,      /* dmi-to-pci-bridge */
    VIR_PCI_PLUG_TO_PCI_BRIDGE,   /* pcie-to-pci-bridge */
    VIR_PCI_PLUG_ROOT_PORT,       /* pcie-root-port: eight share a slot */
    VIR_PCI_PLUG_UPSTREAM_PORT,   /* of a switch */
    VIR_PCI_PLUG_DOWNSTREAM_PORT, /* of a switch */
    VIR_PCI_PLUG_PCI_EXPANDER,
    VIR_PCI_PLUG_PCIE_EXPANDER,
} VirPciPlug;

typedef struct {
    VirDomainDeviceInfo *info;
    VirDomainController *controller; /* NULL: another kind of device */
    VirPciPlug plug;
    guint group;   /* isolation group; 0: of no other */
    gboolean done; /* has its place: */
    guint bus;
    guint slot;
    guint function;
} VirPciDevice;

typedef struct {
    int model; /* VIR_DOMAIN_CONTROLLER_MODEL_*, 0: there is no such bus */
    guint group;
    gboolean locked;    /* the group stays */
    guint8 used[32];    /* functions of each slot, a bit for each */
    gboolean alone[32]; /* a device is in the slot that shares it with no other */
} VirPciBus;

/** Where everything is plugged; the definition is not changed before vir_pci_plan_commit(). */
typedef struct {
    VirModel *model;
    gboolean grow; /* whether buses may be added */
    gboolean pcie; /* the root is PCI Express */
    guint n_buses;
    VirPciBus buses[VIR_PCI_MAX_BUSES];
    GArray *devices; /* VirPciDevice, in the order in which places are given */
} VirPciPlan;

/** An empty plan with the buses of the definition. */
VirPciPlan *vir_pci_plan_new(VirModel *model, gboolean grow);
void vir_pci_plan_free(VirPciPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VirPciPlan, vir_pci_plan_free)

/** The device of @info in the plan, or NULL. */
VirPciDevice *vir_pci_plan_device(const VirPciPlan *plan, const VirDomainDeviceInfo *info);
gboolean vir_pci_plan_is_free(const VirPciPlan *plan, guint bus, guint slot);
/** Takes the place that the user gave, or that the board has for @device. */
gboolean vir_pci_plan_take(VirPciPlan *plan, VirPciDevice *device, guint bus, guint slot,
                           guint function, GError **error);
/** Takes the first place that will do. */
gboolean vir_pci_plan_place(VirPciPlan *plan, VirPciDevice *device, GError **error);
/** Takes the first empty slot that will do, with that @function of it. */
gboolean vir_pci_plan_place_function(VirPciPlan *plan, VirPciDevice *device, guint function,
                                     GError **error);
/** Buses up to @bus, of models that let a device of @plug be there. */
gboolean vir_pci_plan_extend(VirPciPlan *plan, VirPciPlug plug, guint bus, GError **error);
/** Gives the devices of the definition the addresses of the plan. */
void vir_pci_plan_commit(VirPciPlan *plan);

/** Identifiers of every device of a committed plan on s390 (zpci.c). */
gboolean vir_pci_complete_zpci(VirPciPlan *plan, GError **error);

/* ---- of each kind of device (pci-plug.c) ---- */

/** Whether the board has PCI that devices can be planned on. */
gboolean vir_pci_is_there(const VirModel *model);
/** All that may be on PCI, with its plug, in the order in which places are given. */
void vir_pci_collect(VirPciPlan *plan);

/* ---- of each board (pci-board.c) ---- */

/** What has a fixed place on the board. */
gboolean vir_pci_place_board(VirPciPlan *plan, GError **error);
/** The functions of a USB 2 controller and its companions share a slot. TRUE: not one of them. */
gboolean vir_pci_is_companion(const VirPciDevice *device);
gboolean vir_pci_place_companion(VirPciPlan *plan, VirPciDevice *device, GError **error);
