/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vir-error.h"
#include "vir-file.h"
#include "vir-host.h"
#include "vir-log.h"
#include "vir-qemu-probe.h"
#include "vir-qemu-xml.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

VIR_LOG_INIT("caps");

#define MAGIC "virtqemud-capabilities"
#define MAX_FILE (16 * 1024 * 1024)
/* As upstream counts it, which probes anew where the maker was another program than itself. */
#define SELF_VERSION 11003000

typedef struct {
    char *build;       /* of the binary that was probed */
    VirQemuCaps *caps; /* NULL: being probed, or failed */
    gboolean busy;
} Entry;

struct VirCapsCache {
    char *dir;
    char *kvm_device;
    pthread_mutex_t lock;
    pthread_cond_t done;
    GHashTable *entries; /* binary -> Entry */
};

static void
entry_free(void *data)
{
    Entry *entry = data;

    g_free(entry->build);
    vir_qemu_caps_unref(entry->caps);
    g_free(entry);
}

VirCapsCache *
vir_caps_cache_new(const char *dir, const char *kvm_device)
{
    VirCapsCache *cache = g_new0(VirCapsCache, 1);

    cache->dir = g_strdup(dir);
    cache->kvm_device = g_strdup(kvm_device);
    pthread_mutex_init(&cache->lock, NULL);
    vir_cond_init(&cache->done);
    cache->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);
    return cache;
}

void
vir_caps_cache_free(VirCapsCache *cache)
{
    if (!cache)
        return;
    g_hash_table_unref(cache->entries);
    pthread_mutex_destroy(&cache->lock);
    pthread_cond_destroy(&cache->done);
    g_free(cache->dir);
    g_free(cache->kvm_device);
    g_free(cache);
}

/* Folders where distributions keep QEMU's modules: a new module changes what an old binary can do.
 */
static const char *const module_dirs[] = {
#ifdef __x86_64__
    "/usr/lib/x86_64-linux-gnu/qemu",
#endif
    "/usr/lib64/qemu",
    "/usr/lib/qemu",
    "/usr/local/lib/qemu",
};

static void
append_stamp(GString *build, const char *name, const struct stat *info)
{
    g_string_append_printf(
        build, "%s=%" G_GINT64_FORMAT ".%09ld/%" G_GINT64_FORMAT "/%" G_GUINT64_FORMAT ";", name,
        (gint64)info->st_mtim.tv_sec, info->st_mtim.tv_nsec, (gint64)info->st_size,
        (guint64)info->st_ino);
}

static gboolean
kvm_accessible(const VirCapsCache *cache)
{
    return cache->kvm_device && access(cache->kvm_device, R_OK | W_OK) == 0;
}

/* A new kernel or new microcode changes what KVM gives to guests. */
static void
append_kvm(GString *build, const struct utsname *name)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostCpuId id;

    g_string_append_printf(build, "kvm=%s;", name->release);
    if (vir_host_cpu_id(host, &id))
        g_string_append_printf(build, "microcode=%u;", id.microcode);
    vir_host_cpu_id_clear(&id);
}

/* What a kept probe depends on; two builds with the same text are the same. */
static char *
describe_build(const VirCapsCache *cache, const char *binary, GError **error)
{
    g_autoptr(GString) build = g_string_new(NULL);
    struct utsname host;
    struct stat info;

    if (stat(binary, &info) < 0) {
        vir_error_set_errno(error, errno, "cannot use emulator '%s'", binary);
        return NULL;
    }
    if (!S_ISREG(info.st_mode) || access(binary, X_OK) < 0) {
        vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "emulator '%s' is not an executable file",
                      binary);
        return NULL;
    }
    g_string_append_printf(build, "libvirt=" VIR_VERSION ";format=%d;", VIR_QEMU_CAPS_FORMAT);
    append_stamp(build, "binary", &info);
    for (gsize i = 0; i < G_N_ELEMENTS(module_dirs); i++) {
        if (stat(module_dirs[i], &info) == 0)
            append_stamp(build, module_dirs[i], &info);
    }
    if (kvm_accessible(cache) && uname(&host) == 0)
        append_kvm(build, &host);
    return g_string_free(g_steal_pointer(&build), FALSE);
}

/* One file per path: names of binaries hold slashes, digests do not. */
static char *
file_of(const VirCapsCache *cache, const char *binary)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, binary, -1);

    return g_strdup_printf("%s/%s.xml", cache->dir, digest);
}

/* The first line of a file: what made it, and digests of its other lines and of the build. */
static char *
make_header(const char *body, gsize len, const char *build)
{
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)body, len);
    g_autofree char *of_build = g_compute_checksum_for_string(G_CHECKSUM_SHA256, build, -1);

    return g_strdup_printf("<!-- " MAGIC " %d %s %s -->\n", VIR_QEMU_CAPS_FORMAT, digest, of_build);
}

static VirQemuCaps *
load(const VirCapsCache *cache, const char *binary, const char *build)
{
    g_autofree char *path = file_of(cache, binary);
    g_autofree char *text = NULL;
    g_autofree char *header = NULL;
    g_autoptr(VirQemuCaps) caps = NULL;
    const char *body;
    gsize len = 0;

    text = vir_file_read(path, MAX_FILE, &len, NULL);
    body = text ? memchr(text, '\n', len) : NULL;
    if (!body)
        return NULL;
    body++;
    len -= (gsize)(body - text);
    header = make_header(body, len, build);
    if (strlen(header) != (gsize)(body - text) || !g_str_has_prefix(text, header)) {
        vir_debug("'%s' is damaged or of another build: probing '%s' again", path, binary);
        return NULL;
    }
    caps = vir_qemu_caps_load(body, len, path, NULL);
    return caps && g_str_equal(caps->binary, binary) ? g_steal_pointer(&caps) : NULL;
}

static void
store(const VirCapsCache *cache, const char *build, const VirQemuCaps *caps)
{
    g_autofree char *path = file_of(cache, caps->binary);
    g_autofree char *body = NULL;
    g_autofree char *header = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    VirQemuCapsMaker maker = {.self_version = SELF_VERSION};
    struct stat info;

    if (stat(caps->binary, &info) == 0)
        maker.qemu_ctime = info.st_ctim.tv_sec;
    body = vir_qemu_caps_format(caps, &maker);
    header = make_header(body, strlen(body), build);
    text = g_strconcat(header, body, NULL);
    /* A probe that cannot be kept is only asked for again. */
    if (!vir_dir_make(cache->dir, 0700, &error) ||
        !vir_file_write_atomic(path, text, -1, 0600, &error))
        vir_debug("cannot keep the capabilities of '%s': %s", caps->binary, error->message);
}

/* What KVM can do depends on these as well. */
static void
add_host(VirQemuCaps *caps)
{
    g_autoptr(VirHost) host = vir_host_new(NULL);
    VirHostCpuId id;
    struct utsname name;

    if (!caps->kvm)
        return;
    if (vir_host_cpu_id(host, &id))
        caps->microcode = id.microcode;
    vir_host_cpu_id_clear(&id);
    if (uname(&name) == 0)
        caps->kernel = g_strdup_printf("%s %s", name.release, name.version);
}

static VirQemuCaps *
load_or_probe(const VirCapsCache *cache, const char *binary, const char *build, GError **error)
{
    VirQemuCaps *caps = load(cache, binary, build);

    if (caps)
        return caps;
    caps = vir_qemu_probe_run(binary, kvm_accessible(cache), NULL, error);
    if (!caps)
        g_prefix_error(error, "cannot probe emulator '%s': ", binary);
    if (caps) {
        add_host(caps);
        store(cache, build, caps);
    }
    return caps;
}

VirQemuCaps *
vir_caps_cache_get(VirCapsCache *cache, const char *binary, GError **error)
{
    g_autofree char *build = describe_build(cache, binary, error);
    VirQemuCaps *caps;
    Entry *entry;

    if (!build)
        return NULL;
    pthread_mutex_lock(&cache->lock);
    entry = g_hash_table_lookup(cache->entries, binary);
    if (!entry) {
        entry = g_new0(Entry, 1);
        g_hash_table_insert(cache->entries, g_strdup(binary), entry);
    }
    while (entry->busy)
        pthread_cond_wait(&cache->done, &cache->lock);
    if (entry->caps && g_str_equal(entry->build, build)) {
        caps = vir_qemu_caps_ref(entry->caps);
        pthread_mutex_unlock(&cache->lock);
        return caps;
    }
    entry->busy = TRUE;
    pthread_mutex_unlock(&cache->lock);

    caps = load_or_probe(cache, binary, build, error);

    pthread_mutex_lock(&cache->lock);
    entry->busy = FALSE;
    if (caps) {
        g_clear_pointer(&entry->caps, vir_qemu_caps_unref);
        entry->caps = vir_qemu_caps_ref(caps);
        g_free(entry->build);
        entry->build = g_steal_pointer(&build);
    }
    pthread_cond_broadcast(&cache->done);
    pthread_mutex_unlock(&cache->lock);
    return caps;
}

VirQemuCaps *
vir_caps_cache_peek(VirCapsCache *cache, const char *binary)
{
    VirQemuCaps *caps = NULL;
    Entry *entry;

    pthread_mutex_lock(&cache->lock);
    entry = g_hash_table_lookup(cache->entries, binary);
    if (entry && entry->caps)
        caps = vir_qemu_caps_ref(entry->caps);
    pthread_mutex_unlock(&cache->lock);
    return caps;
}
