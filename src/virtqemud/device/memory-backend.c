/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory-backend.h"

#include "vir-domain-numa.h"
#include "vir-error.h"

/* What a backend comes to before it is written down. */
typedef struct {
    int access; /* VirDomainMemoryAccess */
    int discard;
    gboolean huge;
    guint64 page_kib;
    gboolean filled; /* at once */
} Choice;

/* ---- huge pages ---- */

/* KiB of the pages that <hugepages> has for a cell, 0: the default size. FALSE: none. */
static gboolean
wanted_page(const VirDomainDef *def, int cell, guint64 *kib)
{
    const VirDomainMemoryBacking *backing = def->memory_backing;
    const VirDomainHugePage *found = NULL;

    if (!backing || !backing->hugepages)
        return FALSE;
    *kib = 0;
    if (backing->n_pages == 0)
        return TRUE;
    for (guint i = 0; i < backing->n_pages; i++) {
        const VirDomainHugePage *page = backing->pages[i];

        if (cell >= 0 && page->nodeset && vir_bitmap_test(page->nodeset, (guint)cell)) {
            found = page;
            break;
        }
        if (!page->nodeset)
            found = page;
    }
    *kib = found ? found->size : 0;
    return found != NULL;
}

/* The mount with pages of @kib (0: of the default size) in @mounts. */
static const VirQemuHugetlbfs *
find_mount(const GPtrArray *mounts, guint64 kib, GError **error)
{
    for (guint i = 0; i < mounts->len; i++) {
        const VirQemuHugetlbfs *mount = mounts->pdata[i];

        if (kib ? mount->kib == kib : mount->is_default)
            return mount;
    }
    if (kib)
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                      "no hugetlbfs with pages of %" G_GUINT64_FORMAT " KiB is mounted", kib);
    else
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                      "no hugetlbfs with the kernel's default size of huge pages is mounted");
    return NULL;
}

static gboolean
choose_pages(const VirArgv *argv, const VirMemoryBackend *want, Choice *choice)
{
    choice->huge = TRUE;
    if (want->device && want->device->pagesize > 0)
        choice->page_kib = want->device->pagesize;
    else
        choice->huge = wanted_page(argv->def, want->cell, &choice->page_kib);
    /* Pages that the kernel has anyway are not huge. */
    if (choice->huge && choice->page_kib == argv->env->page_kib)
        choice->huge = FALSE;
    return choice->huge;
}

/* ---- what is asked ---- */

static Choice
choose(const VirArgv *argv, const VirMemoryBackend *want)
{
    const VirDomainDef *def = argv->def;
    const VirDomainMemoryBacking *backing = def->memory_backing;
    const VirDomainNumaCell *cell =
        want->cell >= 0 && (guint)want->cell < vir_domain_numa_cells(def)
            ? def->cpu->numa_cells[want->cell]
            : NULL;
    Choice choice = {0};

    if (want->device) {
        choice.access = want->device->access;
        choice.discard = want->device->discard;
    }
    if (cell && !choice.access)
        choice.access = cell->mem_access;
    if (cell && !choice.discard)
        choice.discard = cell->discard;
    if (backing && !choice.access)
        choice.access = backing->access;
    if (backing && backing->discard && !choice.discard)
        choice.discard = VIR_TRISTATE_YES;
    choose_pages(argv, want, &choice);
    choice.filled =
        backing && backing->allocation == VIR_DOMAIN_MEMORY_BACKING_ALLOCATION_IMMEDIATE;
    return choice;
}

static int
backing_source(const VirDomainDef *def)
{
    return def->memory_backing ? def->memory_backing->source
                               : VIR_DOMAIN_MEMORY_BACKING_SOURCE_UNSET;
}

static int
share_value(int access)
{
    switch (access) {
    case VIR_DOMAIN_MEMORY_ACCESS_SHARED:
        return VIR_TRISTATE_ON;
    case VIR_DOMAIN_MEMORY_ACCESS_PRIVATE:
        return VIR_TRISTATE_OFF;
    default:
        return VIR_TRISTATE_ABSENT;
    }
}

/* ---- the four types ---- */

/* Takes @path. */
static void
note_dir(const VirArgv *argv, char *path)
{
    GPtrArray *dirs = argv->context->memory_dirs;

    if (dirs && !g_ptr_array_find_with_equal_func(dirs, path, g_str_equal, NULL))
        g_ptr_array_add(dirs, path);
    else
        g_free(path);
}

static json_object *
file_props(const VirArgv *argv, const VirMemoryBackend *want, Choice *choice, GError **error)
{
    json_object *props = vir_props_new("s:qom-type", "memory-backend-file", "s:id", want->id, NULL);
    const char *short_name = vir_argv_short_name(argv);
    g_autofree char *path = NULL;
    gboolean kept = want->device && want->device->path;

    if (kept) {
        path = g_strdup(want->device->path);
        choice->filled |= want->device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM;
        if (want->device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_PMEM)
            choice->filled = FALSE;
    } else if (choice->huge) {
        g_autoptr(GPtrArray) mounts = argv->env->hugetlbfs(argv->env, error);
        const VirQemuHugetlbfs *mount = mounts ? find_mount(mounts, choice->page_kib, error) : NULL;

        if (!mount) {
            json_object_put(props);
            return NULL;
        }
        path = g_build_filename(mount->path, "libvirt", "qemu", short_name, NULL);
        choice->filled = TRUE;
        note_dir(argv, g_strdup(path));
    } else {
        path = g_build_filename(argv->env->memory_dir, short_name, want->file, NULL);
        note_dir(argv, g_path_get_dirname(path));
    }
    vir_props_add(props, "s:mem-path", path, NULL);
    /* What the user's own file holds is never dropped. */
    if (!kept)
        vir_props_add(props, "t:discard-data", choice->discard, NULL);
    return props;
}

static json_object *
memfd_props(const VirArgv *argv, const VirMemoryBackend *want, Choice *choice, GError **error)
{
    guint64 kib = choice->page_kib;

    if (choice->huge && kib == 0) {
        g_autoptr(GPtrArray) mounts = argv->env->hugetlbfs(argv->env, error);
        const VirQemuHugetlbfs *mount = mounts ? find_mount(mounts, 0, error) : NULL;

        if (!mount)
            return NULL;
        kib = mount->kib;
    }
    choice->filled |= choice->huge;
    return vir_props_new("s:qom-type", "memory-backend-memfd", "s:id", want->id, "B:hugetlb",
                         choice->huge, "U:hugetlbsize", choice->huge ? kib * 1024 : (guint64)0,
                         NULL);
}

static json_object *
start_props(const VirArgv *argv, const VirMemoryBackend *want, Choice *choice, GError **error)
{
    int source = backing_source(argv->def);
    gboolean kept = want->device && want->device->path;
    json_object *props;

    if (want->device && want->device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_SGX_EPC) {
        choice->filled = TRUE;
        return vir_props_new("s:qom-type", "memory-backend-epc", "s:id", want->id, NULL);
    }
    if (!kept && source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD)
        props = memfd_props(argv, want, choice, error);
    else if (kept || choice->huge || choice->access ||
             source == VIR_DOMAIN_MEMORY_BACKING_SOURCE_FILE)
        props = file_props(argv, want, choice, error);
    else
        return vir_props_new("s:qom-type", "memory-backend-ram", "s:id", want->id, NULL);
    if (!props)
        return NULL;
    vir_props_add(props, "t:share", share_value(choice->access), NULL);
    /* The board's memory is called by its id in a migration, as it was before there were backends.
     */
    if (want->board &&
        vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_X_USE_CANONICAL_PATH_FOR_RAMBLOCK_ID))
        vir_props_add(props, "b:x-use-canonical-path-for-ramblock-id", FALSE, NULL);
    return props;
}

/* ---- nodes ---- */

static const char *
policy_name(int mode)
{
    switch (mode) {
    case VIR_DOMAIN_NUMA_MODE_INTERLEAVE:
        return "interleave";
    case VIR_DOMAIN_NUMA_MODE_PREFERRED:
        return "preferred";
    default:
        return "bind";
    }
}

static gboolean
check_nodes(const VirArgv *argv, const VirBitmap *wanted, GError **error)
{
    g_autoptr(GPtrArray) nodes = argv->env->host_nodes(argv->env, error);

    if (!nodes)
        return FALSE;
    for (int bit = -1; (bit = vir_bitmap_next(wanted, bit + 1)) >= 0;) {
        if ((guint)bit >= nodes->len || !nodes->pdata[bit])
            return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                                 "memory is to be on NUMA node %d, which this host has not", bit);
    }
    return TRUE;
}

static json_object *
nodes_array(const VirBitmap *nodes)
{
    json_object *array = json_object_new_array();

    for (int bit = -1; (bit = vir_bitmap_next(nodes, bit + 1)) >= 0;)
        json_object_array_add(array, json_object_new_int(bit));
    return array;
}

static gboolean
add_nodes(const VirArgv *argv, const VirMemoryBackend *want, json_object *props, GError **error)
{
    VirDomainNumaPolicy policy = vir_domain_numa_policy(argv->def, want->cell);
    const VirBitmap *nodes = policy.automatic ? argv->context->auto_nodes : policy.nodes;

    if (want->device && want->device->nodemask)
        nodes = want->device->nodemask;
    else if (policy.automatic && !nodes)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "%s",
                             "numad has not said on which nodes the memory is to be");
    /* Restrictive memory goes where the control group lets it. */
    if (!nodes || policy.mode == VIR_DOMAIN_NUMA_MODE_RESTRICTIVE)
        return TRUE;
    if (!check_nodes(argv, nodes, error))
        return FALSE;
    vir_props_add(props, "a:host-nodes", nodes_array(nodes), "s:policy", policy_name(policy.mode),
                  NULL);
    return TRUE;
}

/* ---- all of it ---- */

static void
add_filling(const VirArgv *argv, const VirMemoryBackend *want, const Choice *choice,
            json_object *props)
{
    const VirDomainMemoryBacking *backing = argv->def->memory_backing;
    gboolean virtio =
        want->device && want->device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_VIRTIO_MEM;
    gboolean filled = choice->filled;

    /* What the guest does not use of such a device is not to be taken from the host: it fills
     * itself. */
    if (virtio && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_DEVICE_VIRTIO_MEM_PCI_PREALLOC))
        filled = FALSE;
    vir_props_add(props, "B:prealloc", filled, NULL);
    if ((filled || !choice->filled) && backing && backing->has_allocation_threads)
        vir_props_add(props, "U:prealloc-threads", (guint64)backing->allocation_threads, NULL);
    if (virtio && vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_MEMORY_BACKEND_RESERVE))
        vir_props_add(props, "b:reserve", FALSE, NULL);
}

/* Whether @want would be the same without a backend. */
static gboolean
is_plain(const VirArgv *argv, const VirMemoryBackend *want, const Choice *choice)
{
    int source = backing_source(argv->def);

    return !want->device && !choice->huge && !choice->access && !choice->filled &&
           source != VIR_DOMAIN_MEMORY_BACKING_SOURCE_FILE &&
           source != VIR_DOMAIN_MEMORY_BACKING_SOURCE_MEMFD &&
           !(want->cell >= 0 && vir_domain_numa_has_memnode(argv->def, (guint)want->cell));
}

json_object *
vir_props_memory_backend(const VirArgv *argv, const VirMemoryBackend *want, gboolean *plain,
                         GError **error)
{
    Choice choice = choose(argv, want);
    json_object *props;

    if (plain)
        *plain = is_plain(argv, want, &choice);
    props = start_props(argv, want, &choice, error);
    if (!props)
        return NULL;
    add_filling(argv, want, &choice, props);
    vir_props_add(props, "u:size", want->kib * 1024, NULL);
    if (want->device && want->device->model == VIR_DOMAIN_MEMORY_DEVICE_MODEL_NVDIMM)
        vir_props_add(props, "U:align", want->device->alignsize * 1024, "B:pmem",
                      (int)want->device->pmem, NULL);
    if (add_nodes(argv, want, props, error))
        return props;
    json_object_put(props);
    return NULL;
}

gboolean
vir_memory_is_filled(const VirArgv *argv, const VirDomainMemoryDevice *device)
{
    const VirMemoryBackend want = {.cell = device->has_node ? (int)device->node : -1,
                                   .device = device};
    Choice choice = choose(argv, &want);

    return choice.filled || choice.huge;
}

/* ---- who fills it ---- */

/* Processors that QEMU's own threads run on; NULL: all. */
static const VirBitmap *
emulator_cpus(const VirDomainDef *def)
{
    if (def->cputune && def->cputune->emulatorpin_cpuset)
        return def->cputune->emulatorpin_cpuset;
    return def->cpuset;
}

/* Those of the nodes in @array that have processors which may fill them. */
static json_object *
filling_nodes(const VirArgv *argv, json_object *array, GError **error)
{
    const VirBitmap *cpus = emulator_cpus(argv->def);
    g_autoptr(GPtrArray) nodes = argv->env->host_nodes(argv->env, error);
    json_object *out;

    if (!nodes)
        return NULL;
    out = json_object_new_array();
    for (gsize i = 0; i < json_object_array_length(array); i++) {
        int node = json_object_get_int(json_object_array_get_idx(array, i));
        gboolean may = cpus == NULL;

        for (int bit = -1; !may && (bit = vir_bitmap_next(cpus, bit + 1)) >= 0;)
            may = vir_bitmap_test(nodes->pdata[node], (guint)bit);
        if (may)
            json_object_array_add(out, json_object_new_int(node));
    }
    return out;
}

/* The object that @backend is filled by, with the member in @backend that names it; or NULL. */
static json_object *
thread_context(const VirArgv *argv, json_object *backend, GError **error)
{
    json_object *array = NULL;
    json_object *nodes;
    g_autofree char *id = NULL;

    if (!vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_THREAD_CONTEXT) ||
        !json_object_object_get_ex(backend, "prealloc", NULL) ||
        !json_object_object_get_ex(backend, "host-nodes", &array))
        return NULL;
    nodes = filling_nodes(argv, array, error);
    if (!nodes)
        return NULL;
    if (json_object_array_length(nodes) == 0) {
        json_object_put(nodes);
        return NULL;
    }
    id = g_strconcat("tc-", json_object_get_string(json_object_object_get(backend, "id")), NULL);
    vir_props_add(backend, "s:prealloc-context", id, NULL);
    return vir_props_new("s:qom-type", "thread-context", "s:id", id, "a:node-affinity", nodes,
                         NULL);
}

gboolean
vir_argv_add_backend(VirArgv *argv, json_object *backend, GError **error)
{
    g_autoptr(GError) local = NULL;
    json_object *context = thread_context(argv, backend, &local);

    if (local) {
        json_object_put(backend);
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    if (context)
        vir_argv_add_props(argv, "-object", context);
    vir_argv_add_props(argv, "-object", backend);
    return TRUE;
}

gboolean
vir_argv_memory_backend(VirArgv *argv, const VirMemoryBackend *want, GError **error)
{
    json_object *backend = vir_props_memory_backend(argv, want, NULL, error);

    return backend && vir_argv_add_backend(argv, backend, error);
}
