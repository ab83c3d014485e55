/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "disk-nodes.h"

#include "storage-secret.h"
#include "storage-source.h"
#include "vir-error.h"
#include <string.h>

#define MANAGED_HELPER "pr-helper0"

static const VirDiskCache caches[] = {
    {VIR_DOMAIN_DISK_DRIVER_CACHE_NONE, "on", TRUE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_WRITETHROUGH, "off", FALSE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_WRITEBACK, "on", FALSE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_DIRECTSYNC, "off", TRUE, FALSE},
    {VIR_DOMAIN_DISK_DRIVER_CACHE_UNSAFE, "on", FALSE, TRUE},
};

const VirDiskCache *
vir_disk_cache(const VirDomainDisk *disk)
{
    for (gsize i = 0; disk && disk->driver && i < G_N_ELEMENTS(caches); i++) {
        if (caches[i].mode == disk->driver->cache)
            return &caches[i];
    }
    return NULL;
}

/* Formats whose block driver has another name. */
static const struct {
    int format;
    const char *driver;
} drivers[] = {
    {VIR_DOMAIN_IMAGE_FORMAT_UNSET, "raw"},       {VIR_DOMAIN_IMAGE_FORMAT_NONE, "raw"},
    {VIR_DOMAIN_IMAGE_FORMAT_FAT, "raw"},         {VIR_DOMAIN_IMAGE_FORMAT_DIR, "raw"},
    {VIR_DOMAIN_IMAGE_FORMAT_ISO, "raw"},         {VIR_DOMAIN_IMAGE_FORMAT_VHD, "vhdx"},
    {VIR_DOMAIN_IMAGE_FORMAT_PLOOP, "parallels"},
};

const char *
vir_format_driver(int format)
{
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (drivers[i].format == format)
            return drivers[i].driver;
    }
    return vir_domain_image_format_to_string(format);
}

static gboolean
is_raw(const VirImage *image)
{
    return strcmp(vir_format_driver(image->format), "raw") == 0;
}

/* Encryption that a block driver of a format undoes, not the library of a server. */
static gboolean
has_own_encryption(const VirImage *image)
{
    const VirDomainEncryption *encryption = image->encryption;

    return encryption && encryption->engine != VIR_DOMAIN_ENCRYPTION_ENGINE_LIBRBD;
}

static const VirDomainSourceSlice *
slice_of(const VirImage *image)
{
    return image->src->n_slices > 0 ? image->src->slices[0] : NULL;
}

/* ---- files that are open already ---- */

static gboolean
is_open(const VirDomainSource *src)
{
    return src->fdgroup || vir_source_type(src) == VIR_DOMAIN_SOURCE_TYPE_VHOSTVDPA;
}

typedef struct {
    guint below; /* only images with a lower number count */
    guint n;
} Count;

static void
count_open(const VirImage *image, void *opaque)
{
    Count *count = opaque;

    if (is_open(image->src) && *image->index < count->below)
        count->n++;
}

static guint
count_fdsets(const VirDomainDef *def, guint below)
{
    Count count = {below, 0};

    for (guint i = 0; i < def->devices.n_disks; i++)
        vir_disk_each_image(def->devices.disks[i], count_open, &count);
    return count.n;
}

guint
vir_disks_count_fdsets(const VirDomainDef *def)
{
    return count_fdsets(def, G_MAXUINT);
}

/* A single file cannot be opened again for writing: its node stays as it is. */
typedef struct {
    guint n;
    gboolean writable;
} Group;

static gboolean
ask_group(const VirArgv *argv, const VirImage *image, GArray *fds, Group *group, GError **error)
{
    if (argv->env->fd_group(argv->env, image->src->fdgroup, fds, &group->n, &group->writable,
                            error))
        return TRUE;
    g_prefix_error(error, "domain '%s': ", argv->def->name);
    return FALSE;
}

static void
add_fd(VirArgv *argv, guint set, int fd, const char *node, const char *suffix)
{
    vir_spawn_pass_fd(argv->spawn, fd);
    vir_argv_addf(argv, "-add-fd", "set=%u,fd=%d,opaque=%s%s", set, fd, node, suffix);
}

static gboolean
add_open_files(VirArgv *argv, const VirImage *image, const char *node, char **path, GError **error)
{
    guint set = count_fdsets(argv->def, *image->index);
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
    Group group = {0};

    if (image->src->fdgroup) {
        if (!ask_group(argv, image, fds, &group, error))
            return FALSE;
        for (guint i = 0; i < fds->len; i++) {
            g_autofree char *suffix = g_strdup_printf("%u", i);

            add_fd(argv, set, g_array_index(fds, int, i), node, suffix);
        }
    } else {
        int fd =
            argv->env->open_device(argv->env, VIR_QEMU_DEVICE_VHOST_VDPA, image->src->path, error);

        if (fd < 0)
            return FALSE;
        add_fd(argv, set, fd, node, "-vdpa");
    }
    *path = g_strdup_printf("/dev/fdset/%u", set);
    return TRUE;
}

/* ---- objects that a node refers to ---- */

static gboolean
uses_nbdkit(const VirArgv *argv, const VirDomainSource *src)
{
    guint plugin;

    if (!argv->env->conf->storage_use_nbdkit ||
        vir_source_type(src) != VIR_DOMAIN_SOURCE_TYPE_NETWORK)
        return FALSE;
    switch (src->network->protocol) {
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTP:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_HTTPS:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTP:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_FTPS:
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_TFTP:
        plugin = VIR_NBDKIT_CURL;
        break;
    case VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_SSH:
        plugin = VIR_NBDKIT_SSH;
        break;
    default:
        return FALSE;
    }
    return (argv->env->nbdkit & plugin) != 0;
}

static char *
describe(const VirImage *image)
{
    return image->disk ? g_strdup_printf("disk '%s'", image->disk->target)
                       : g_strdup("a source of the firmware");
}

static gboolean
add_network_objects(VirArgv *argv, const VirImage *image, const char *node, char **auth,
                    char **cookie, char **tls, GError **error)
{
    const VirDomainSource *src = image->src;
    g_autofree char *what = describe(image);
    g_autofree char *cookies = vir_storage_cookies(src->network);
    const VirQemuTlsConf *conf = &argv->env->conf->nbd_tls;

    if (image->auth && image->auth->secret) {
        *auth = g_strconcat(node, "-auth-secret0", NULL);
        if (!vir_argv_secret(argv, *auth, image->auth->secret, what, error))
            return FALSE;
    }
    if (cookies) {
        *cookie = g_strconcat(node, "-httpcookie-secret0", NULL);
        if (!vir_argv_secret_value(argv, *cookie, (const guint8 *)cookies, strlen(cookies), error))
            return FALSE;
    }
    /* The only protocol that has it. */
    if (src->network->protocol != VIR_DOMAIN_SOURCE_NETWORK_PROTOCOL_NBD ||
        src->network->tls == VIR_TRISTATE_NO || (!src->network->tls && !conf->on))
        return TRUE;
    *tls = g_strconcat("obj", node, "_tls0", NULL);
    return vir_argv_tls_creds(argv,
                              &(VirArgvTls){.id = *tls,
                                            .parent = *tls,
                                            .dir = conf->dir,
                                            .secret_uuid = conf->secret_uuid,
                                            .verify = TRUE},
                              error);
}

/* Secrets of @image's encryption; ids in order, NULL at the end. */
static gboolean
add_layers(VirArgv *argv, const VirImage *image, const char *node, GPtrArray *ids, GError **error)
{
    const VirDomainEncryption *encryption = image->encryption;
    g_autofree char *what = describe(image);

    for (guint i = 0; i < encryption->n_secrets; i++) {
        char *id = g_strdup_printf("%s-encryption-secret%u", node, i);

        g_ptr_array_add(ids, id);
        if (!vir_argv_secret(argv, id, encryption->secrets[i], what, error))
            return FALSE;
    }
    g_ptr_array_add(ids, NULL);
    return TRUE;
}

static char *
add_reservations(VirArgv *argv, const VirDomainReservations *reservations, const char *node)
{
    g_autofree char *id = NULL;

    if (!reservations)
        return NULL;
    if (reservations->managed == VIR_TRISTATE_YES)
        return g_strdup(MANAGED_HELPER);
    id = g_strconcat("pr-helper-", node, NULL);
    vir_argv_add_props(argv, "-object",
                       vir_props_new("s:qom-type", "pr-manager-helper", "s:id", id, "s:path",
                                     reservations->source->path, NULL));
    return g_steal_pointer(&id);
}

void
vir_argv_reservations(VirArgv *argv)
{
    for (guint i = 0; i < argv->def->devices.n_disks; i++) {
        const VirDomainReservations *reservations = argv->def->devices.disks[i]->src.reservations;
        g_autofree char *path = NULL;

        if (!reservations || reservations->managed != VIR_TRISTATE_YES)
            continue;
        path = g_build_filename(argv->context->lib_dir, MANAGED_HELPER ".sock", NULL);
        vir_argv_add_props(argv, "-object",
                           vir_props_new("s:qom-type", "pr-manager-helper", "s:id", MANAGED_HELPER,
                                         "s:path", path, NULL));
        return;
    }
}

json_object *
vir_argv_storage(VirArgv *argv, const VirImage *image, GError **error)
{
    const VirDomainSource *src = image->src;
    g_autofree char *node = vir_image_node(image, "storage");
    g_autofree char *auth = NULL;
    g_autofree char *cookie = NULL;
    g_autofree char *tls = NULL;
    g_autofree char *reservations = NULL;
    g_autofree char *fdset = NULL;
    g_autofree char *nbdkit = NULL;
    g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func(g_free);
    VirStorageIds ids = {0};

    if (uses_nbdkit(argv, src)) {
        nbdkit = g_strdup_printf("%s/nbdkit-%s.socket", argv->context->lib_dir, node);
    } else if (vir_source_type(src) == VIR_DOMAIN_SOURCE_TYPE_NETWORK) {
        if (!add_network_objects(argv, image, node, &auth, &cookie, &tls, error))
            return NULL;
        if (image->encryption && !has_own_encryption(image) &&
            !add_layers(argv, image, node, layers, error))
            return NULL;
    }
    if (is_open(src) && !add_open_files(argv, image, node, &fdset, error))
        return NULL;
    reservations = add_reservations(argv, src->reservations, node);
    ids = (VirStorageIds){.user = image->auth ? image->auth->username : NULL,
                          .encryption = image->encryption,
                          .auth = auth,
                          .cookie = cookie,
                          .tls = tls,
                          .reservations = reservations,
                          .layers = layers->len > 0 ? (const char *const *)layers->pdata : NULL,
                          .fdset = fdset,
                          .nbdkit = nbdkit};
    return vir_storage_props(argv, src, image->disk, &ids, error);
}

/* ---- the nodes of an image ---- */

static json_object *
cache_props(const VirImage *image)
{
    const VirDiskCache *cache = vir_disk_cache(image->disk);

    return cache ? vir_props_new("b:direct", cache->direct, "b:no-flush", cache->no_flush, NULL)
                 : NULL;
}

const char *
vir_image_detect_zeroes(const VirImage *image)
{
    const VirDomainDiskDriver *driver = image->disk ? image->disk->driver : NULL;

    if (!image->top || !driver || !driver->detect_zeroes)
        return NULL;
    if (driver->detect_zeroes == VIR_DOMAIN_DISK_DRIVER_DETECT_ZEROES_UNMAP &&
        driver->discard != VIR_DOMAIN_DISK_DRIVER_DISCARD_UNMAP)
        return "on";
    return vir_domain_disk_driver_detect_zeroes_to_string(driver->detect_zeroes);
}

static const char *
discard(const VirImage *image)
{
    return image->disk && image->disk->driver && image->disk->driver->discard
               ? vir_domain_disk_driver_discard_to_string(image->disk->driver->discard)
               : NULL;
}

/* What the uppermost node of an image has, whatever it is. */
static void
add_upper(json_object *props, const VirImage *image)
{
    vir_props_add(props, "b:read-only", image->readonly, "S:discard", discard(image),
                  "S:detect-zeroes", vir_image_detect_zeroes(image), "a:cache", cache_props(image),
                  NULL);
}

/* What those below it have: they open for writing when the one above does. */
static void
add_lower(json_object *props, const VirImage *image)
{
    vir_props_add(props, "b:auto-read-only", TRUE, "s:discard", "unmap", "a:cache",
                  cache_props(image), NULL);
}

/* The format, and the encryption that it knows; what encrypts a raw image is a format itself. */
static void
add_format_driver(json_object *props, const VirImage *image, const char *key)
{
    if (!key)
        vir_props_add(props, "s:driver", vir_format_driver(image->format), NULL);
    else if (is_raw(image))
        vir_props_add(props, "s:driver", "luks", "s:key-secret", key, NULL);
    else
        vir_props_add(props, "s:driver", vir_format_driver(image->format), "a:encrypt",
                      vir_props_new("s:format", "luks", "s:key-secret", key, NULL), NULL);
}

static void
add_format_node(VirArgv *argv, const VirImage *image, const char *node, const char *key,
                const char *below, const char *data, const char *backing)
{
    const VirDomainDiskDriver *driver = image->disk ? image->disk->driver : NULL;
    json_object *props = vir_props_new("s:node-name", node, NULL);

    add_upper(props, image);
    add_format_driver(props, image, key);
    if (image->format == VIR_DOMAIN_IMAGE_FORMAT_QCOW2)
        vir_props_add(props, "U:cache-size", image->metadata_cache, "t:discard-no-unref",
                      driver ? driver->discard_no_unref : VIR_TRISTATE_ABSENT, "S:data-file", data,
                      NULL);
    vir_props_add(props, "s:file", below, "S:backing", backing, NULL);
    if (!backing && image->beneath && !is_raw(image))
        json_object_object_add(props, "backing", NULL);
    vir_argv_add_props(argv, "-blockdev", props);
}

/* The node of the storage, and the slice of it that is the image. */
static gboolean
add_storage_nodes(VirArgv *argv, const VirImage *image, gboolean upper, const Group *group,
                  char **top, GError **error)
{
    const VirDomainSourceSlice *slice = slice_of(image);
    g_autofree char *node = vir_image_node(image, "storage");
    json_object *props = vir_argv_storage(argv, image, error);

    if (!props)
        return FALSE;
    vir_props_add(props, "s:node-name", node, NULL);
    if (upper && !slice) {
        add_upper(props, image);
    } else if (group->n == 1) {
        vir_props_add(props, "b:read-only", image->readonly && !group->writable, "s:discard",
                      "unmap", "a:cache", cache_props(image), NULL);
    } else {
        add_lower(props, image);
    }
    vir_argv_add_props(argv, "-blockdev", props);
    if (slice) {
        g_autofree char *part = vir_image_node(image, "slice-sto");

        props = vir_props_new("s:driver", "raw", "s:file", node, "u:offset", slice->offset,
                              "u:size", slice->size, "s:node-name", part, NULL);
        if (upper)
            add_upper(props, image);
        else
            add_lower(props, image);
        vir_argv_add_props(argv, "-blockdev", props);
        *top = g_steal_pointer(&part);
    } else {
        *top = g_steal_pointer(&node);
    }
    return TRUE;
}

gboolean
vir_argv_image(VirArgv *argv, const VirImage *image, const char *backing, char **top,
               GError **error)
{
    g_autofree char *storage = NULL;
    g_autofree char *data = NULL;
    g_autofree char *node = vir_image_node(image, "format");
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    Group group = {0};
    VirImage beside;
    gboolean format =
        image->layered || image->format == VIR_DOMAIN_IMAGE_FORMAT_FAT || !is_raw(image) ||
        has_own_encryption(image) ||
        /* Before, a commit wrote the name of the node that it took away into the image above. */
        !vir_qemu_caps_has(argv->caps, VIR_QEMU_CAPS_BLOCKJOB_BACKING_MASK_PROTOCOL);

    if (image->src->fdgroup && !ask_group(argv, image, NULL, &group, error))
        return FALSE;
    /* Only a node above it can keep the guest from writing to what is open for that. */
    if (group.n == 1 && group.writable && image->readonly)
        format = TRUE;
    if (vir_image_data(image, &beside) && !vir_argv_image(argv, &beside, NULL, &data, error))
        return FALSE;
    if ((has_own_encryption(image) && !add_layers(argv, image, node, keys, error)) ||
        !add_storage_nodes(argv, image, !format, &group, &storage, error))
        return FALSE;
    if (!format) {
        *top = g_steal_pointer(&storage);
        return TRUE;
    }
    add_format_node(argv, image, node, keys->len > 0 ? keys->pdata[0] : NULL, storage, data,
                    backing);
    *top = g_steal_pointer(&node);
    return TRUE;
}

/* What is beneath comes first. */
static gboolean
add_chain(VirArgv *argv, const VirImage *image, char **top, GError **error)
{
    g_autofree char *backing = NULL;
    VirImage beneath;

    if (vir_image_beneath(image, &beneath) && !add_chain(argv, &beneath, &backing, error))
        return FALSE;
    return vir_argv_image(argv, image, backing, top, error);
}

static void
add_copy_on_read(VirArgv *argv, const VirDomainDisk *disk, char **top)
{
    g_autofree char *node = g_strconcat("libvirt-CoR-", disk->target, NULL);

    vir_argv_add_props(argv, "-blockdev",
                       vir_props_new("s:driver", "copy-on-read", "s:node-name", node, "s:file",
                                     *top, "s:discard", "unmap", NULL));
    g_free(*top);
    *top = g_steal_pointer(&node);
}

static void
add_throttle_filters(VirArgv *argv, const VirDomainDisk *disk, char **top)
{
    for (guint i = 0; i < disk->n_throttle_filters; i++) {
        const VirDomainThrottleFilter *filter = disk->throttle_filters[i];
        g_autofree char *node = g_strdup_printf("libvirt-%u-filter", filter->index);
        g_autofree char *group = g_strconcat("throttle-", filter->group, NULL);

        vir_argv_add_props(argv, "-blockdev",
                           vir_props_new("s:driver", "throttle", "s:node-name", node,
                                         "s:throttle-group", group, "s:file", *top, NULL));
        g_free(*top);
        *top = g_steal_pointer(&node);
    }
}

gboolean
vir_argv_disk_nodes(VirArgv *argv, VirDomainDisk *disk, char **top, GError **error)
{
    VirImage image = vir_disk_image(disk);

    if (!add_chain(argv, &image, top, error))
        return FALSE;
    if (disk->driver && disk->driver->copy_on_read == VIR_TRISTATE_ON)
        add_copy_on_read(argv, disk, top);
    add_throttle_filters(argv, disk, top);
    return TRUE;
}
