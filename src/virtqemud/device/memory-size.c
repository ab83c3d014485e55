/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory-size.h"

#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-error.h"

#define MIB ((guint64)1024)
/* The logical memory blocks of PAPR. */
#define PSERIES_BLOCK (256 * MIB)
#define BLOCK MIB
/* So that modules may be of huge pages. */
#define MODULE_BLOCK (2 * MIB)
/* QEMU counts bytes in signed numbers. */
#define MOST ((guint64)G_MAXINT64 / 1024)

gboolean
vir_memory_is_ppc64(const VirDomainDef *def)
{
    return g_str_has_prefix(def->os.arch, "ppc64");
}

static gboolean
round_up(guint64 *kib, guint64 step)
{
    if (*kib > MOST - (step - 1))
        return FALSE;
    *kib = (*kib + step - 1) / step * step;
    return TRUE;
}

/* On sPAPR what remains without the label has to be whole blocks; the file does not grow. */
static gboolean
size_pseries_nvdimm(VirDomainMemoryDevice *device, GError **error)
{
    guint64 seen = device->size > device->label_size ? device->size - device->label_size : 0;

    seen -= seen % PSERIES_BLOCK;
    if (seen == 0)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "an NVDIMM needs at least %" G_GUINT64_FORMAT
                             " MiB and its label, but this one has %" G_GUINT64_FORMAT " KiB",
                             PSERIES_BLOCK / MIB, device->size);
    device->size = seen + device->label_size;
    return TRUE;
}

gboolean
vir_memory_size_device(VirDomainDef *def, guint which, GError **error)
{
    VirDomainMemoryDevice *device = def->devices.memories[which];
    gboolean pseries = vir_memory_is_ppc64(def);

    if (pseries && device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM)
        return size_pseries_nvdimm(device, error);
    if (round_up(&device->size, pseries ? PSERIES_BLOCK : MODULE_BLOCK))
        return TRUE;
    return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                         "memory device %u of %" G_GUINT64_FORMAT " KiB is too large", which + 1,
                         device->size);
}

static gboolean
size_guest(VirDomainDef *def, guint64 step, guint64 *sum, GError **error)
{
    *sum = vir_domain_memory_initial(def);
    if (vir_domain_numa_cells(def) > 0)
        *sum = 0;
    else if (!round_up(sum, step))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "<memory> of %" G_GUINT64_FORMAT " KiB is too large", *sum);
    for (guint i = 0; i < vir_domain_numa_cells(def); i++) {
        VirDomainNumaCell *cell = def->cpu->numa_cells[i];

        if (!round_up(&cell->memory, step) || !g_uint64_checked_add(sum, *sum, cell->memory) ||
            *sum > MOST)
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "NUMA cell %u of %" G_GUINT64_FORMAT " KiB is too large", i,
                                 cell->memory);
    }
    return TRUE;
}

gboolean
vir_memory_size_all(VirDomainDef *def, GError **error)
{
    guint64 step = vir_memory_is_ppc64(def) ? PSERIES_BLOCK : BLOCK;
    guint64 sum;

    if (!size_guest(def, step, &sum, error))
        return FALSE;
    for (guint i = 0; i < def->devices.n_memories; i++) {
        if (!vir_memory_size_device(def, i, error))
            return FALSE;
    }
    if (!g_uint64_checked_add(&def->memory, sum, vir_domain_memory_devices(def)) ||
        def->memory > MOST)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "the guest and its memory devices have more memory than can be");
    if (def->max_memory > 0 && !round_up(&def->max_memory, step))
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "<maxMemory> of %" G_GUINT64_FORMAT " KiB is too large",
                             def->max_memory);
    return TRUE;
}
