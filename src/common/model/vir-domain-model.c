/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-model.h"
#include "vir-domain-tuning.h"

#include "vir-domain-boot.h"
#include "vir-domain-chardev.h"
#include "vir-domain-clock.h"
#include "vir-domain-console.h"
#include "vir-domain-controller.h"
#include "vir-domain-cpu.h"
#include "vir-domain-cputune.h"
#include "vir-domain-device.h"
#include "vir-domain-disk.h"
#include "vir-domain-drive.h"
#include "vir-domain-features.h"
#include "vir-domain-hostdev.h"
#include "vir-domain-iothread.h"
#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-domain-vcpu.h"

static gboolean
complete_chardev(const VirDomainDevice *device, void *data, GError **error)
{
    if (!device->chardev)
        return TRUE;
    vir_domain_chardev_complete(device->chardev);
    return vir_domain_chardev_check(device, error) || vir_domain_device_blame(device, error);
}

/* Processors, what tunes them, memory, and time. */
static gboolean
complete_machine(VirDomainDef *def, GError **error)
{
    if (!vir_domain_features_complete(def, error) || !vir_domain_cpu_check(def, error) ||
        !vir_domain_vcpus_complete(def, error) || !vir_domain_iothreads_complete(def, error) ||
        !vir_domain_cputune_complete(def, error) || !vir_domain_tuning_complete(def, error) ||
        !vir_domain_clock_complete(def, error))
        return FALSE;
    if (def->cpu)
        vir_domain_cpu_complete(def->cpu);
    return vir_domain_numa_complete(def, error) && vir_domain_memory_complete(def, FALSE, error);
}

static gboolean
complete_hostdevs(VirDomainDef *def, GError **error)
{
    for (guint i = 0; i < def->devices.n_hostdevs; i++) {
        vir_domain_hostdev_complete(def->devices.hostdevs[i]);
        if (!vir_domain_hostdev_check(def->devices.hostdevs[i], error))
            return FALSE;
    }
    return vir_domain_hostdevs_check_twice(def, error);
}

static void
complete_videos(VirDomainDef *def)
{
    gboolean xen =
        def->virt_type == VIR_DOMAIN_VIRT_TYPE_XEN && def->os.type != VIR_DOMAIN_OS_TYPE_HVM;

    vir_domain_videos_add(def);
    for (guint i = 0; i < def->devices.n_videos; i++)
        vir_domain_video_complete(def, def->devices.videos[i],
                                  xen ? VIR_DOMAIN_VIDEO_MODEL_TYPE_XEN
                                      : VIR_DOMAIN_VIDEO_MODEL_TYPE_CIRRUS);
    vir_domain_videos_order(def);
}

static void
complete_filesystems(VirDomainDef *def)
{
    for (guint i = 0; i < def->devices.n_filesystems; i++)
        vir_domain_filesystem_complete(def->devices.filesystems[i]);
}

gboolean
vir_domain_document_check(const VirDomainDef *def, GError **error)
{
    return vir_domain_loadparms_check(def, error) && vir_domain_disks_check_twice(def, error);
}

gboolean
vir_domain_model_complete(VirDomainDef *def, const char *arch, GError **error)
{
    if (!vir_domain_document_check(def, error))
        return FALSE;
    if (!def->os.arch)
        def->os.arch = g_strdup(arch);
    vir_domain_boot_complete(def);
    vir_domain_devices_complete(def);
    vir_domain_graphics_complete(def);
    complete_videos(def);
    complete_filesystems(def);
    vir_domain_rngs_complete(def);
    if (!def->os.firmware && def->os.loader && !def->os.loader_type)
        def->os.loader_type = VIR_DOMAIN_OS_LOADER_TYPE_ROM;
    if (!vir_domain_consoles_complete(def, error))
        return FALSE;
    vir_domain_controllers_complete(def);
    if (!vir_domain_disks_complete(def, error) ||
        !vir_domain_drives_place(def, VIR_DOMAIN_CONTROLLER_MODEL_UNSET, error))
        return FALSE;
    vir_domain_virtio_serial_complete(def);
    vir_domain_smartcards_place(def);
    return complete_machine(def, error) && complete_hostdevs(def, error) &&
           vir_domain_each_device(def, complete_chardev, NULL, error) &&
           vir_domain_boot_check(def, error);
}
