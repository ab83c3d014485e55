/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "complete.h"
#include "memory-size.h"
#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-error.h"
#include "vir-uuid.h"

/* A guest with room for modules has to have a cell to put them into, or always had one. */
static void
add_cell(VirDomainDef *def)
{
    VirDomainNumaCell *cell;

    /* A guest of s390 has one memory. */
    if (vir_def_is_s390(def))
        return;
    if (!vir_domain_memory_has_room(def) || vir_domain_numa_cells(def) > 0)
        return;
    if (!def->cpu)
        def->cpu = vir_domain_cpu_new();
    cell = vir_domain_numa_cell_new();
    cell->has_id = TRUE;
    cell->memory = vir_domain_memory_initial(def);
    vir_xml_append(def->cpu, numa_cells, cell);
    for (guint i = 0; i < def->devices.n_memories; i++) {
        VirDomainMemoryDevice *device = def->devices.memories[i];

        if (device->model != VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM)
            device->has_node = TRUE;
    }
}

/* QEMU wants every processor in a cell. */
static void
fill_cells(VirDomainDef *def)
{
    VirDomainNumaCell *first;

    if (vir_domain_numa_cells(def) == 0 || vir_domain_numa_cpus(def) >= def->vcpus_max)
        return;
    first = def->cpu->numa_cells[0];
    if (!first->cpus)
        first->cpus = vir_bitmap_new(0);
    for (guint i = 0; i < def->vcpus_max; i++)
        vir_bitmap_set(first->cpus, i);
    for (guint i = 1; i < def->cpu->n_numa_cells; i++) {
        const VirBitmap *cpus = def->cpu->numa_cells[i]->cpus;

        for (int bit = -1; cpus && (bit = vir_bitmap_next(cpus, bit + 1)) >= 0;)
            vir_bitmap_clear(first->cpus, (guint)bit);
    }
}

static gboolean
complete_devices(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_memories; i++) {
        VirDomainMemoryDevice *device = model->def->devices.memories[i];

        /* What the guest writes is to be in the file. */
        if (device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM && !device->access)
            device->access = VIR_DOMAIN_MEMORY_ACCESS_SHARED;
        if (!vir_memory_is_ppc64(model->def))
            continue;
        if (device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM && !device->has_uuid) {
            model->env->random(device->uuid, sizeof(device->uuid));
            vir_uuid_stamp(device->uuid);
            device->has_uuid = TRUE;
        }
        /* Guests that are there already keep the size that is written, and get what they got. */
        if (model->flags & VIR_MODEL_ABI_UPDATE && !vir_memory_size_device(model->def, i, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_complete_memory(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    gboolean update = (model->flags & VIR_MODEL_ABI_UPDATE) != 0;

    if (update)
        add_cell(def);
    if (!vir_domain_numa_complete(def, error))
        return FALSE;
    fill_cells(def);
    return complete_devices(model, error) && vir_domain_memory_complete(def, update, error);
}

/* ---- slots ---- */

static gboolean
take_slot(const VirDomainDef *def, VirBitmap *taken, const VirDomainMemoryDevice *device,
          GError **error)
{
    guint slot = device->info.address->slot;

    if (slot >= def->max_memory_slots)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "memory slot %u is none of the %u that <maxMemory> has", slot,
                             def->max_memory_slots);
    if (vir_bitmap_test(taken, slot))
        return vir_error_set(error, VIR_ERR_XML_ERROR, "memory slot %u has two memory devices",
                             slot);
    vir_bitmap_set(taken, slot);
    return TRUE;
}

gboolean
vir_complete_slots(VirModel *model, GError **error)
{
    VirDomainDef *def = model->def;
    g_autoptr(VirBitmap) taken = vir_bitmap_new(0);
    guint next = 0;

    for (guint i = 0; i < def->devices.n_memories; i++) {
        VirDomainMemoryDevice *device = def->devices.memories[i];

        if (vir_domain_memory_takes_slot(device) && device->info.address &&
            device->info.address->type == VIR_DOMAIN_ADDRESS_TYPE_DIMM &&
            !take_slot(def, taken, device, error))
            return FALSE;
    }
    for (guint i = 0; i < def->devices.n_memories; i++) {
        VirDomainMemoryDevice *device = def->devices.memories[i];

        if (!vir_domain_memory_takes_slot(device) || device->info.address)
            continue;
        while (next < def->max_memory_slots && vir_bitmap_test(taken, next))
            next++;
        if (next >= def->max_memory_slots)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "memory device %u needs a slot, but <maxMemory> has %u", i + 1,
                                 def->max_memory_slots);
        vir_domain_info_new_address(&device->info, VIR_DOMAIN_ADDRESS_TYPE_DIMM)->slot = next;
        vir_bitmap_set(taken, next);
    }
    return TRUE;
}

gboolean
vir_prepare_memory(VirModel *model, GError **error)
{
    return model->flags & VIR_MODEL_INCOMING || vir_memory_size_all(model->def, error);
}
