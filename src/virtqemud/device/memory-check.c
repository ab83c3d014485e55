/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "memory-size.h"
#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-error.h"

static gboolean
check_backing(const VirModel *model, GError **error)
{
    const VirDomainMemoryBacking *backing = model->def->memory_backing;

    if (!backing)
        return TRUE;
    if (backing->source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD &&
        (!vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_MEMORY_MEMFD, error,
                          "memory source 'memfd'") ||
         (backing->hugepages && !vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_MEMORY_MEMFD_HUGETLB,
                                                 error, "huge pages for memory source 'memfd'"))))
        return FALSE;
    return !backing->has_allocation_threads || backing->allocation_threads == 0 ||
           vir_model_needs(model, VIR_QEMU_CAPS_MEMORY_BACKEND_PREALLOC_THREADS, error,
                           "choice of the threads that allocate memory");
}

static gboolean
check_tuning(const VirModel *model, GError **error)
{
    const VirDomainMemtune *memtune = model->def->memtune;

    if (memtune && memtune->has_min_guarantee)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "QEMU has no <memtune><min_guarantee>");
    return !vir_domain_numa_has_hmat(model->def) ||
           vir_model_needs(model, VIR_QEMU_CAPS_NUMA_HMAT, error,
                           "caches and interconnects of NUMA cells");
}

/* ---- devices ---- */

/* Others have cells only if asked for. */
static gboolean
needs_cells(const VirDomainDef *def)
{
    return vir_def_is_x86(def);
}

static gboolean
refuse(const VirDomainMemoryDevice *device, GError **error, const char *what)
{
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "memory device of model '%s': %s",
                         vir_domain_memory_device_model_to_string(device->model), what);
}

static gboolean
check_nvdimm(const VirModel *model, const VirDomainMemoryDevice *device, GError **error)
{
    if (vir_memory_is_ppc64(model->def)) {
        if (device->label_size == 0)
            return refuse(device, error, "pseries wants a <label> with a size");
        if (device->readonly)
            return refuse(device, error, "pseries has no <readonly/>");
    } else if (device->has_uuid) {
        return refuse(device, error, "<uuid> is of pseries guests only");
    }
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_NVDIMM, error, "nvdimm") &&
           (!device->pmem || vir_model_needs(model, VIR_QEMU_CAPS_OBJECT_MEMORY_FILE_PMEM, error,
                                             "<pmem/> of nvdimm")) &&
           (!device->readonly || vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_NVDIMM_UNARMED, error,
                                                 "<readonly/> of nvdimm"));
}

static gboolean
check_virtio_mem(const VirModel *model, const VirDomainMemoryDevice *device, GError **error)
{
    gboolean ccw = vir_def_is_s390(model->def);

    if (device->block < model->env->thp_kib)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "memory device of model 'virtio-mem': <block> of %" G_GUINT64_FORMAT
                             " KiB is less than the host's transparent huge pages of %" //
                             G_GUINT64_FORMAT " KiB",
                             device->block, model->env->thp_kib);
    return vir_model_needs(model,
                           ccw ? VIR_QEMU_CAPS_DEVICE_VIRTIO_MEM_CCW
                               : VIR_QEMU_CAPS_DEVICE_VIRTIO_MEM_PCI,
                           error, "virtio-mem") &&
           (device->dynamic_memslots != VIR_TRISTATE_YES ||
            vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VIRTIO_MEM_PCI_DYNAMIC_MEMSLOTS, error,
                            "dynamicMemslots of virtio-mem"));
}

static gboolean
check_model(const VirModel *model, const VirDomainMemoryDevice *device, GError **error)
{
    switch (device->model) {
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM:
        return check_nvdimm(model, device, error);
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM:
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VIRTIO_PMEM_PCI, error, "virtio-pmem");
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM:
        return check_virtio_mem(model, device, error);
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC:
        if (!vir_def_is_x86(model->def))
            return refuse(device, error, "it is of x86 only");
        return vir_model_needs(model, VIR_QEMU_CAPS_SGX_EPC, error, "sgx-epc");
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_DIMM:
        return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_PC_DIMM, error, "pc-dimm");
    default:
        return TRUE;
    }
}

static gboolean
check_place(const VirModel *model, const VirDomainMemoryDevice *device, GError **error)
{
    guint cells = vir_domain_numa_cells(model->def);

    if (device->has_node && device->node >= cells)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "memory device of model '%s' is for NUMA cell %u, but the guest has "
                             "%u cells",
                             vir_domain_memory_device_model_to_string(device->model), device->node,
                             cells);
    if (device->node > 0 && vir_def_is_s390(model->def))
        return refuse(device, error, "on s390 it is in NUMA cell 0");
    if (!device->has_node && (cells > 0 || needs_cells(model->def)) &&
        device->model != VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM &&
        device->model != VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC)
        return refuse(device, error, "<target> needs the <node> that it belongs to");
    return TRUE;
}

static gboolean
check_room(const VirModel *model, GError **error)
{
    const VirDomainDef *def = model->def;
    guint64 devices = vir_domain_memory_devices(def);
    guint64 cells = vir_domain_numa_memory(def);
    guint64 board = cells > 0 ? cells : vir_domain_memory_initial(def);

    if (def->devices.n_memories > 0 && !vir_domain_memory_has_room(def))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "memory devices need <maxMemory>, to say how much room they have");
    if (vir_domain_memory_has_room(def) && needs_cells(def) && cells == 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "<maxMemory> needs a NUMA cell, to which memory can be added");
    if (devices > 0 && (board > def->max_memory || devices > def->max_memory - board))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "memory devices of %" G_GUINT64_FORMAT
                             " KiB do not fit into <maxMemory> of %" G_GUINT64_FORMAT
                             " KiB beside the guest's %" G_GUINT64_FORMAT " KiB",
                             devices, def->max_memory, board);
    return TRUE;
}

gboolean
vir_check_memory(VirModel *model, GError **error)
{
    if (!check_backing(model, error) || !check_tuning(model, error) || !check_room(model, error))
        return FALSE;
    for (guint i = 0; i < model->def->devices.n_memories; i++) {
        const VirDomainMemoryDevice *device = model->def->devices.memories[i];

        if (!check_model(model, device, error) || !check_place(model, device, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_check_shared_memory(const VirModel *model, const char *what, GError **error)
{
    const VirDomainDef *def = model->def;
    const VirQemuMachine *machine = vir_qemu_caps_machine(model->caps, def->os.machine);
    int access = def->memory_backing ? def->memory_backing->access : 0;
    guint cells = vir_domain_numa_cells(def);

    if (cells == 0 && (!machine || !machine->default_ram))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s needs memory that is shared: on machine type '%s' that takes a "
                             "NUMA cell with memAccess='shared'",
                             what, def->os.machine);
    if (cells == 0 && access != VIR_DOMAIN_MEMORY_ACCESS_SHARED)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "%s needs memory that is shared: <memoryBacking> with <access "
                             "mode='shared'/>",
                             what);
    for (guint i = 0; i < cells; i++) {
        int own = def->cpu->numa_cells[i]->mem_access;

        if ((own ? own : access) != VIR_DOMAIN_MEMORY_ACCESS_SHARED)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "%s needs memory that is shared, but that of NUMA cell %u is not",
                                 what, i);
    }
    return TRUE;
}
