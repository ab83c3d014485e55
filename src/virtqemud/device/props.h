/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine-kind.h"
#include "vir-domain-controller.h"
#include "vir-xml.h"
#include <json-c/json.h>

/**
 * The properties of one QEMU object, whatever it is for: -device, -blockdev, -netdev and -object
 * take its JSON text, device_add, blockdev-add, netdev_add and object-add take the object itself.
 * json_object_put() it.
 */

/** A new object; arguments as of vir_props_add(). */
json_object *vir_props_new(const char *key, ...) G_GNUC_NULL_TERMINATED;

/**
 * Adds members: pairs of "t:name" and a value, then NULL. The letter t says what the value is:
 *   s  const char *, S the same but left out where NULL
 *   u  guint64 as number, U the same but left out where 0
 *   i  gint64 as number
 *   b  gboolean, B the same but left out where FALSE
 *   t  VirTristate as true/false, left out where absent
 *   o  VirTristate as "on"/"off", left out where absent
 *   a  json_object *, taken; left out where NULL
 * Integers are passed as guint64 or gint64: cast.
 */
void vir_props_add(json_object *props, const char *key, ...) G_GNUC_NULL_TERMINATED;

/** A value as it stands in a list of key=value: "on", "off", a number, a text. Borrowed. */
const char *vir_props_word(json_object *value);
/** @props as -device took it before it took JSON: "DRIVER,key=value,…". g_free(). */
char *vir_props_to_text(json_object *props);

/**
 * Adds where the guest sees the device ("bus" and "addr", "port", "nr" …) and the ACPI index and
 * ROM of @info. VIR_ERR_CONFIG_UNSUPPORTED where the address has no form here.
 */
gboolean vir_props_add_info(json_object *props, const VirDomainDef *def,
                            const VirDomainDeviceInfo *info, GError **error);

/** Name of a bus of the @index-th controller of @type: "scsi0.0", "ide.1". g_free(). */
char *vir_props_bus(const VirDomainDef *def, int type, guint index, guint bus);

/** Where on a SCSI controller a device is. */
void vir_props_add_scsi(json_object *props, const VirDomainDef *def,
                        const VirDomainAddress *address);

/** The zPCI function that a device of @info is plugged with; NULL where it needs none. */
json_object *vir_props_zpci(const VirDomainDeviceInfo *info);

/** Adds the options of a virtio device; any struct with the four members. */
#define vir_props_add_virtio(props, it, prefix)                                                    \
    vir_props_add(props, "t:iommu_platform", (it)->prefix##iommu, "t:ats", (it)->prefix##ats,      \
                  "t:packed", (it)->prefix##packed, "t:page-per-vq", (it)->prefix##page_per_vq,    \
                  NULL)

/**
 * The driver of a virtio device of kind @base where @info puts it: "virtio-net-pci" (with
 * "-transitional" or "-non-transitional" behind it), "virtio-net-ccw", "virtio-net-device".
 * g_free().
 */
char *vir_props_virtio_driver(const char *base, const VirDomainDeviceInfo *info,
                              gboolean transitional, gboolean non_transitional);
/** The same for a member "model" of VirtioModel. */
#define vir_props_virtio_name(base, it)                                                            \
    vir_props_virtio_driver(base, &(it)->info,                                                     \
                            (it)->model == VIR_DOMAIN_VIRTIO_MODEL_VIRTIO_TRANSITIONAL,            \
                            (it)->model == VIR_DOMAIN_VIRTIO_MODEL_VIRTIO_NON_TRANSITIONAL)

/** Which queues each thread serves; NULL where the user leaves it to QEMU. */
json_object *vir_props_iothreads(VirDomainDiskIothread *const *threads, guint n);
