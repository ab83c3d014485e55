/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-domain-memory.h"

#include "vir-domain-numa.h"
#include "vir-error.h"

guint64
vir_domain_memory_devices(const VirDomainDef *def)
{
    guint64 sum = 0;

    for (guint i = 0; i < def->devices.n_memories; i++) {
        if (!g_uint64_checked_add(&sum, sum, def->devices.memories[i]->size))
            return G_MAXUINT64;
    }
    return sum;
}

guint64
vir_domain_memory_initial(const VirDomainDef *def)
{
    guint64 devices = vir_domain_memory_devices(def);

    return def->memory > devices ? def->memory - devices : 0;
}

gboolean
vir_domain_memory_has_room(const VirDomainDef *def)
{
    return def->max_memory > 0 || def->max_memory_slots > 0;
}

gboolean
vir_domain_memory_takes_slot(const VirDomainMemoryDevice *device)
{
    return device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_DIMM ||
           device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM;
}

/* ---- sizes ---- */

static gboolean
complete_sizes(VirDomainDef *def, gboolean update, GError **error)
{
    guint64 devices = vir_domain_memory_devices(def);
    guint64 cells = vir_domain_numa_memory(def);

    if (cells > 0 && (update || def->memory == 0)) {
        if (!g_uint64_checked_add(&def->memory, cells, devices))
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s",
                                 "NUMA cells and memory devices have more memory than can be");
        def->has_memory = TRUE;
    }
    if (def->memory == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s",
                             "neither <memory> nor NUMA cells say how much memory the guest has");
    if (cells == 0 && devices >= def->memory)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "memory devices of %" G_GUINT64_FORMAT " KiB leave nothing of the %" //
                             G_GUINT64_FORMAT " KiB of <memory>",
                             devices, def->memory);
    if (def->current_memory == 0 || def->current_memory > def->memory)
        def->current_memory = def->memory;
    def->has_current_memory = TRUE;
    return TRUE;
}

static gboolean
check_room(const VirDomainDef *def, GError **error)
{
    if (def->max_memory_slots > 0 && def->max_memory == 0)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%s", "<maxMemory> has slots but no size");
    if (def->max_memory > 0 && def->max_memory < def->memory)
        return vir_error_set(error, VIR_ERR_XML_ERROR,
                             "<maxMemory> of %" G_GUINT64_FORMAT
                             " KiB is less than <memory> of %" //
                             G_GUINT64_FORMAT " KiB",
                             def->max_memory, def->memory);
    return TRUE;
}

static void
drop_unlimited(VirDomainDef *def)
{
    VirDomainMemtune *memtune = def->memtune;

    if (!memtune)
        return;
    memtune->has_hard_limit &= memtune->hard_limit < VIR_DOMAIN_MEMORY_UNLIMITED;
    memtune->has_soft_limit &= memtune->soft_limit < VIR_DOMAIN_MEMORY_UNLIMITED;
    memtune->has_min_guarantee &= memtune->min_guarantee < VIR_DOMAIN_MEMORY_UNLIMITED;
    memtune->has_swap_hard_limit &= memtune->swap_hard_limit < VIR_DOMAIN_MEMORY_UNLIMITED;
}

/* ---- huge pages ---- */

/* The one cell of a guest without cells is all of it. */
static void
drop_nodesets(VirDomainDef *def)
{
    VirDomainMemoryBacking *backing = def->memory_backing;

    for (guint i = 0; backing && vir_domain_numa_cells(def) == 0 && i < backing->n_pages; i++) {
        if (backing->pages[i]->nodeset && vir_bitmap_next(backing->pages[i]->nodeset, 1) < 0)
            g_clear_pointer(&backing->pages[i]->nodeset, vir_bitmap_free);
    }
}

static gboolean
check_pages(const VirDomainDef *def, GError **error)
{
    const VirDomainMemoryBacking *backing = def->memory_backing;
    g_autoptr(VirBitmap) cells = vir_bitmap_new(0);
    gboolean rest = FALSE;

    for (guint i = 0; i < backing->n_pages; i++) {
        const VirDomainHugePage *page = backing->pages[i];

        if (page->size == 0)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s", "a huge page has no size");
        if (!page->nodeset && rest)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "%s",
                                 "two sizes of huge pages are for all cells: give one a nodeset");
        rest |= page->nodeset == NULL;
        for (int bit = -1; page->nodeset && (bit = vir_bitmap_next(page->nodeset, bit + 1)) >= 0;) {
            if ((guint)bit >= vir_domain_numa_cells(def))
                return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                     "huge pages are for NUMA cell %d, which the guest has not",
                                     bit);
            if (vir_bitmap_test(cells, (guint)bit))
                return vir_error_set(error, VIR_ERR_XML_ERROR,
                                     "two sizes of huge pages are for cell %d", bit);
            vir_bitmap_set(cells, (guint)bit);
        }
    }
    return TRUE;
}

static gboolean
check_backing(const VirDomainDef *def, GError **error)
{
    const VirDomainMemoryBacking *backing = def->memory_backing;

    if (!backing || !backing->hugepages)
        return TRUE;
    if (backing->allocation == VIR_DOMAIN_MEMORY_BACKING_ALLOCATION_ONDEMAND)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "huge pages are taken at once: they do not go with allocation "
                             "mode='ondemand'");
    if (backing->source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_ANONYMOUS)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "huge pages do not go with source type='anonymous'");
    return check_pages(def, error);
}

/* ---- memory devices ---- */

static gboolean
refuse(const VirDomainMemoryDevice *device, GError **error, const char *what)
{
    return vir_error_set(error, VIR_ERR_XML_ERROR, "memory device of model '%s': %s",
                         vir_domain_memory_device_model_to_string(device->model), what);
}

static gboolean
check_nvdimm(const VirDomainMemoryDevice *device, GError **error)
{
    if (!device->path)
        return refuse(device, error, "<source> has no <path>");
    if (device->discard == VIR_TRISTATE_YES)
        return refuse(device, error, "its file is kept, discard='yes' does not go with it");
    if (device->label_size >= device->size)
        return refuse(device, error, "the label takes its whole size");
    return TRUE;
}

static gboolean
check_virtio_pmem(const VirDomainMemoryDevice *device, GError **error)
{
    if (!device->path)
        return refuse(device, error, "<source> has no <path>");
    if (device->access != VIR_DOMAIN_MEMORY_ACCESS_SHARED)
        return refuse(device, error, "its file is written to: it needs access='shared'");
    return !device->has_node || refuse(device, error, "it is in no NUMA cell");
}

static gboolean
check_virtio_mem(const VirDomainMemoryDevice *device, GError **error)
{
    if (!device->has_block || !device->has_requested)
        return refuse(device, error, "<target> needs <block> and <requested>");
    if (device->requested > device->size)
        return refuse(device, error, "more is requested than its size");
    if (device->block == 0 || (device->block & (device->block - 1)) != 0)
        return refuse(device, error, "<block> is no power of two");
    if (device->requested % device->block != 0)
        return refuse(device, error, "<requested> is no multiple of <block>");
    if (device->base % 1024 != 0 || device->base / 1024 % device->block != 0)
        return refuse(device, error, "its address has to be a multiple of <block>");
    return TRUE;
}

static gboolean
check_device(const VirDomainMemoryDevice *device, GError **error)
{
    switch (device->model) {
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM:
        return check_nvdimm(device, error);
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM:
        return check_virtio_pmem(device, error);
    case VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM:
        return check_virtio_mem(device, error);
    default:
        return TRUE;
    }
}

/* Where the guest sees the device: first byte and the one behind the last; FALSE: not said. */
static gboolean
get_range(const VirDomainMemoryDevice *device, guint64 *start, guint64 *end)
{
    guint64 kib = device->size;

    *start = device->base;
    if (vir_domain_memory_takes_slot(device))
        *start = device->info.address ? device->info.address->base : 0;
    /* The label is not mapped. */
    if (device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM) {
        kib -= device->label_size;
        if (device->alignsize > 0)
            kib -= kib % device->alignsize;
    }
    *end = kib < (G_MAXUINT64 - *start) / 1024 ? *start + kib * 1024 : G_MAXUINT64;
    return *start > 0;
}

static gboolean
check_overlap(const VirDomainDef *def, guint which, GError **error)
{
    guint64 start;
    guint64 end;

    if (!get_range(def->devices.memories[which], &start, &end))
        return TRUE;
    for (guint i = 0; i < which; i++) {
        guint64 other;
        guint64 other_end;

        if (get_range(def->devices.memories[i], &other, &other_end) && start < other_end &&
            other < end)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "memory device %u at 0x%" G_GINT64_MODIFIER
                                 "x lies over memory device %u, which is from 0x%" //
                                 G_GINT64_MODIFIER "x to 0x%" G_GINT64_MODIFIER "x",
                                 which + 1, start, i + 1, other, other_end);
    }
    return TRUE;
}

/* Far more than a hypervisor takes; it bounds the comparison of each with each. */
#define MAX_DEVICES 4096

static gboolean
check_devices(const VirDomainDef *def, GError **error)
{
    if (def->devices.n_memories > MAX_DEVICES)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "%u memory devices are more than %d",
                             def->devices.n_memories, MAX_DEVICES);
    for (guint i = 0; i < def->devices.n_memories; i++) {
        if (!check_device(def->devices.memories[i], error) || !check_overlap(def, i, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vir_domain_memory_complete(VirDomainDef *def, gboolean update, GError **error)
{
    drop_unlimited(def);
    drop_nodesets(def);
    return complete_sizes(def, update, error) && check_room(def, error) &&
           check_backing(def, error) && check_devices(def, error);
}
