/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory-backend.h"
#include "vir-domain-memory.h"
#include "vir-domain-numa.h"
#include "vir-error.h"
#include "vir-uuid.h"

static gboolean
has_model(const VirDomainDef *def, int model)
{
    for (guint i = 0; i < def->devices.n_memories; i++) {
        if (def->devices.memories[i]->model == model)
            return TRUE;
    }
    return FALSE;
}

/* The id under which the board has its memory; NULL where it is made of cells, or has no name. */
static const char *
board_memory(const VirArgv *argv)
{
    const VirQemuMachine *machine = vir_qemu_caps_machine(argv->caps, argv->def->os.machine);

    return machine && vir_domain_numa_cells(argv->def) == 0 ? machine->default_ram : NULL;
}

static char *
device_backend(const VirDomainMemoryDevice *device)
{
    return g_strconcat("mem", device->info.alias, NULL);
}

void
vir_argv_machine_memory(const VirArgv *argv, GString *text)
{
    const VirDomainDef *def = argv->def;
    const char *board = board_memory(argv);
    guint n = 0;

    if (has_model(def, VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM))
        g_string_append(text, ",nvdimm=on");
    if (board)
        g_string_append_printf(text, ",memory-backend=%s", board);
    for (guint i = 0; i < def->devices.n_memories; i++) {
        const VirDomainMemoryDevice *device = def->devices.memories[i];
        g_autofree char *backend = NULL;

        if (device->model != VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC)
            continue;
        backend = device_backend(device);
        g_string_append_printf(text, ",sgx-epc.%u.memdev=%s", n, backend);
        if (device->has_node)
            g_string_append_printf(text, ",sgx-epc.%u.node=%u", n, device->node);
        n++;
    }
}

/* Boards whose memory has no name: QEMU makes all of it from one folder. */
static gboolean
add_path(VirArgv *argv, guint64 kib, GError **error)
{
    const VirMemoryBackend want = {.id = "ram", .file = "ram", .kib = kib, .cell = -1};
    json_object *backend = vir_props_memory_backend(argv, &want, NULL, error);
    json_object *path = NULL;

    if (!backend)
        return FALSE;
    if (json_object_object_get_ex(backend, "prealloc", NULL))
        vir_argv_add(argv, "-mem-prealloc", NULL);
    if (json_object_object_get_ex(backend, "mem-path", &path))
        vir_argv_add(argv, "-mem-path", json_object_get_string(path));
    json_object_put(backend);
    return TRUE;
}

gboolean
vir_argv_memory(VirArgv *argv, GError **error)
{
    const VirDomainDef *def = argv->def;
    const char *board = board_memory(argv);
    guint64 kib = vir_domain_memory_initial(def);
    g_autoptr(GString) text = g_string_new(NULL);

    /* A guest that comes from elsewhere has the sizes that it had there: QEMU wants whole MiB. */
    kib -= kib % 1024;
    g_string_append_printf(text, "size=%" G_GUINT64_FORMAT "k", kib);
    if (def->max_memory_slots > 0)
        g_string_append_printf(text, ",slots=%u", def->max_memory_slots);
    if (def->max_memory > 0)
        g_string_append_printf(text, ",maxmem=%" G_GUINT64_FORMAT "k", def->max_memory);
    vir_argv_add(argv, "-m", text->str);
    if (board) {
        const VirMemoryBackend want = {
            .id = board, .file = board, .kib = kib, .cell = -1, .board = TRUE};

        if (!vir_argv_memory_backend(argv, &want, error))
            return FALSE;
    } else if (vir_domain_numa_cells(def) == 0 && !add_path(argv, kib, error)) {
        return FALSE;
    }
    vir_argv_add(argv, "-overcommit",
                 def->memory_backing && def->memory_backing->locked ? "mem-lock=on"
                                                                    : "mem-lock=off");
    return TRUE;
}

/* ---- devices ---- */

static json_object *
slot_props(const VirDomainMemoryDevice *device, const char *backend)
{
    gboolean nvdimm = device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM;
    json_object *props = vir_props_new("s:driver", nvdimm ? "nvdimm" : "pc-dimm", NULL);

    if (device->has_node)
        vir_props_add(props, "u:node", (guint64)device->node, NULL);
    vir_props_add(props, "U:label-size", device->label_size * 1024, NULL);
    if (device->has_uuid) {
        char uuid[VIR_UUID_TEXT_LEN];

        vir_props_add(props, "s:uuid", vir_uuid_format(device->uuid, uuid), NULL);
    }
    vir_props_add(props, "B:unarmed", (int)(nvdimm && device->readonly), "s:memdev", backend,
                  "s:id", device->info.alias, NULL);
    if (device->info.address)
        vir_props_add(props, "u:slot", (guint64)device->info.address->slot, "U:addr",
                      device->info.address->base, NULL);
    return props;
}

static json_object *
virtio_props(const VirArgv *argv, const VirDomainMemoryDevice *device, const char *backend,
             GError **error)
{
    gboolean pmem = device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM;
    g_autofree char *driver =
        vir_props_virtio_driver(pmem ? "virtio-pmem" : "virtio-mem", &device->info, FALSE, FALSE);
    json_object *props = vir_props_new("s:driver", driver, NULL);

    if (device->has_node)
        vir_props_add(props, "u:node", (guint64)device->node, NULL);
    if (!pmem)
        vir_props_add(props, "u:block-size", device->block * 1024, "U:requested-size",
                      device->requested * 1024, NULL);
    vir_props_add(props, "s:memdev", backend, NULL);
    if (!pmem && vir_memory_is_filled(argv, device) &&
        vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_MEM_PCI_PREALLOC))
        vir_props_add(props, "b:prealloc", TRUE, NULL);
    vir_props_add(props, "U:memaddr", device->base, "t:dynamic-memslots", device->dynamic_memslots,
                  "s:id", device->info.alias, NULL);
    if (vir_props_add_info(props, argv->def, &device->info, error))
        return props;
    json_object_put(props);
    return NULL;
}

static json_object *
device_props(const VirArgv *argv, const VirDomainMemoryDevice *device, GError **error)
{
    g_autofree char *backend = device_backend(device);

    return vir_domain_memory_takes_slot(device) ? slot_props(device, backend)
                                                : virtio_props(argv, device, backend, error);
}

gboolean
vir_argv_memories(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_memories; i++) {
        const VirDomainMemoryDevice *device = argv->def->devices.memories[i];
        g_autofree char *id = device_backend(device);
        const VirMemoryBackend want = {.id = id,
                                       .file = device->info.alias,
                                       .kib = device->size,
                                       .cell = device->has_node ? (int)device->node : -1,
                                       .device = device};
        json_object *props;

        if (!vir_argv_memory_backend(argv, &want, error))
            return FALSE;
        /* Part of the machine. */
        if (device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC)
            continue;
        props = device_props(argv, device, error);
        if (!props)
            return FALSE;
        vir_argv_add_props(argv, "-device", props);
    }
    return TRUE;
}
