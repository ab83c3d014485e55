/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "argv.h"
#include "complete.h"
#include "vir-domain-model.h"
#include "vir-error.h"
#include <string.h>

static gboolean
is_virtiofs(const VirDomainFilesystem *fs)
{
    return fs->driver == VIR_DOMAIN_FILESYSTEM_DRIVER_VIRTIOFS;
}

static gboolean
is_mtp(const VirDomainFilesystem *fs)
{
    return fs->driver == VIR_DOMAIN_FILESYSTEM_DRIVER_MTP;
}

/* ---- rules ---- */

gboolean
vir_complete_filesystems(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_filesystems; i++)
        vir_domain_filesystem_complete(model->def->devices.filesystems[i]);
    return TRUE;
}

static gboolean
check_virtiofs(const VirModel *model, const VirDomainFilesystem *fs, GError **error)
{
    const VirModelPart parts[] = {
        {fs->accessmode != 0, "another accessmode than 'passthrough'",
         fs->accessmode == VIR_DOMAIN_FILESYSTEM_ACCESSMODE_PASSTHROUGH},
        {fs->wrpolicy != 0, "wrpolicy"},
        {fs->model != 0, "a model"},
        {fs->driver_format != 0, "a format"},
        {fs->multidevs != 0, "multidevs"},
        {fs->socket && (fs->source || fs->binary_path || fs->binary_xattr || fs->cache ||
                        fs->sandbox || fs->has_thread_pool_size || fs->has_openfiles_max ||
                        fs->n_uids > 0 || fs->n_gids > 0),
         "both a socket of a program that runs already and what it would be started with"},
    };
    const char *refused = vir_model_refused(parts, G_N_ELEMENTS(parts));

    if (refused)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED, "driver 'virtiofs' cannot have %s",
                             refused);
    if (!vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_VHOST_USER_FS, error, "virtiofs") ||
        !vir_check_shared_memory(model, "driver 'virtiofs'", error))
        return FALSE;
    if (!fs->has_boot_order)
        return TRUE;
    if (fs->info.address && fs->info.address->type != VIR_DOMAIN_ADDRESS_TYPE_PCI)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a guest boots from virtiofs on PCI only");
    return vir_model_needs(model, VIR_QEMU_CAPS_VHOST_USER_FS_BOOTINDEX, error,
                           "way to boot from virtiofs");
}

/* A media player on USB: a folder, and whether the guest can write. */
static gboolean
check_mtp(const VirModel *model, const VirDomainFilesystem *fs, GError **error)
{
    if (!fs->source)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "it has no source folder");
    if (fs->accessmode != VIR_DOMAIN_FILESYSTEM_ACCESSMODE_PASSTHROUGH || fs->multidevs ||
        fs->model || fs->wrpolicy || fs->has_fmode || fs->has_dmode || fs->has_boot_order)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "driver 'mtp' has a source, a target and readonly, nothing else");
    return vir_model_needs(model, VIR_QEMU_CAPS_DEVICE_USB_MTP, error, "usb-mtp");
}

static gboolean
check_9p(const VirModel *model, const VirDomainFilesystem *fs, GError **error)
{
    gboolean modes = fs->has_fmode || fs->has_dmode;

    if (fs->driver && fs->driver != VIR_DOMAIN_FILESYSTEM_DRIVER_PATH)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU has no filesystem driver '%s'; 'path', 'virtiofs' and 'mtp' are",
                             vir_domain_filesystem_driver_to_string(fs->driver));
    if (!fs->source)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "it has no source folder");
    if (fs->has_boot_order)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "a guest boots from virtiofs only, not from 9p");
    if (modes && fs->accessmode != VIR_DOMAIN_FILESYSTEM_ACCESSMODE_MAPPED)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "fmode and dmode are for accessmode 'mapped'");
    return !fs->multidevs ||
           vir_model_needs(model, VIR_QEMU_CAPS_FSDEV_MULTIDEVS, error, "multidevs");
}

static gboolean
check_filesystem(const VirModel *model, const VirDomainFilesystem *fs, GError **error)
{
    if (fs->type != VIR_DOMAIN_FILESYSTEM_TYPE_MOUNT)
        return vir_error_set(error, VIR_ERR_CONFIG_UNSUPPORTED,
                             "QEMU has filesystems of type 'mount' only, not '%s'",
                             vir_domain_filesystem_type_to_string(fs->type));
    if (fs->has_fmode && fs->fmode > 0777)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "fmode %04o is above 0777", fs->fmode);
    if (fs->has_dmode && fs->dmode > 0777)
        return vir_error_set(error, VIR_ERR_XML_ERROR, "dmode %04o is above 0777", fs->dmode);
    if (is_mtp(fs))
        return check_mtp(model, fs, error);
    return is_virtiofs(fs) ? check_virtiofs(model, fs, error) : check_9p(model, fs, error);
}

gboolean
vir_check_filesystems(VirModel *model, GError **error)
{
    for (guint i = 0; i < model->def->devices.n_filesystems; i++) {
        const VirDomainFilesystem *fs = model->def->devices.filesystems[i];

        if (!fs->target)
            return vir_error_set(error, VIR_ERR_XML_ERROR, "filesystem %u has no target", i + 1);
        if (!check_filesystem(model, fs, error)) {
            g_prefix_error(error, "filesystem '%s': ", fs->target);
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- arguments ---- */

static void
add_fsdev(VirArgv *argv, const VirDomainFilesystem *fs)
{
    static const char *const models[] = {
        [VIR_DOMAIN_FILESYSTEM_ACCESSMODE_PASSTHROUGH] = "passthrough",
        [VIR_DOMAIN_FILESYSTEM_ACCESSMODE_MAPPED] = "mapped",
        [VIR_DOMAIN_FILESYSTEM_ACCESSMODE_SQUASH] = "none",
    };
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = vir_argv_escape(fs->source);

    g_string_append_printf(text, "local,security_model=%s", models[fs->accessmode]);
    if (fs->multidevs)
        g_string_append_printf(text, ",multidevs=%s",
                               vir_domain_filesystem_multidevs_to_string(fs->multidevs));
    if (fs->has_fmode)
        g_string_append_printf(text, ",fmode=%04o", fs->fmode);
    if (fs->has_dmode)
        g_string_append_printf(text, ",dmode=%04o", fs->dmode);
    if (fs->wrpolicy)
        g_string_append_printf(text, ",writeout=%s",
                               vir_domain_filesystem_wrpolicy_to_string(fs->wrpolicy));
    g_string_append_printf(text, ",id=fsdev-%s,path=%s%s", fs->info.alias, path,
                           fs->readonly ? ",readonly" : "");
    vir_argv_add(argv, "-fsdev", text->str);
}

static gboolean
add_9p(VirArgv *argv, const VirDomainFilesystem *fs, GError **error)
{
    g_autofree char *driver = vir_props_virtio_name("virtio-9p", fs);
    g_autofree char *fsdev = g_strconcat("fsdev-", fs->info.alias, NULL);
    json_object *props = vir_props_new("s:driver", driver, NULL);

    add_fsdev(argv, fs);
    vir_props_add_virtio(props, fs, driver_);
    vir_props_add(props, "s:id", fs->info.alias, "s:fsdev", fsdev, "s:mount_tag", fs->target, NULL);
    return vir_argv_add_device(argv, props, &fs->info, error);
}

/* The socket of the program that serves the folder. */
static gboolean
add_socket(VirArgv *argv, const VirDomainFilesystem *fs, GError **error)
{
    g_autofree char *name = g_strconcat(fs->info.alias, "-fs.sock", NULL);
    g_autofree char *own = g_build_filename(argv->context->lib_dir, name, NULL);
    g_autofree char *path = vir_argv_escape(fs->socket ? fs->socket : own);

    if (!fs->socket && !argv->env->start_virtiofsd(argv->env, argv->def, fs, own, error)) {
        g_prefix_error(error, "domain '%s': filesystem '%s': ", argv->def->name, fs->target);
        return FALSE;
    }
    vir_argv_addf(argv, "-chardev", "socket,id=chr-vu-%s,path=%s", fs->info.alias, path);
    return TRUE;
}

static gboolean
add_virtiofs(VirArgv *argv, const VirDomainFilesystem *fs, GError **error)
{
    g_autofree char *driver = vir_props_virtio_name("vhost-user-fs", fs);
    g_autofree char *chardev = g_strconcat("chr-vu-", fs->info.alias, NULL);
    json_object *props;

    if (!add_socket(argv, fs, error))
        return FALSE;
    props = vir_props_new("s:driver", driver, NULL);
    vir_props_add_virtio(props, fs, driver_);
    vir_props_add(props, "s:id", fs->info.alias, "s:chardev", chardev, "U:queue-size",
                  (guint64)fs->queue, "s:tag", fs->target, "U:bootindex",
                  (guint64)(fs->has_boot_order ? fs->boot_order : 0), NULL);
    return vir_argv_add_device(argv, props, &fs->info, error);
}

static gboolean
add_mtp(VirArgv *argv, const VirDomainFilesystem *fs, GError **error)
{
    return vir_argv_add_device(argv,
                               vir_props_new("s:driver", "usb-mtp", "s:id", fs->info.alias,
                                             "s:rootdir", fs->source, "s:desc", fs->target,
                                             "b:readonly", fs->readonly, NULL),
                               &fs->info, error);
}

gboolean
vir_argv_filesystems(VirArgv *argv, GError **error)
{
    for (guint i = 0; i < argv->def->devices.n_filesystems; i++) {
        const VirDomainFilesystem *fs = argv->def->devices.filesystems[i];

        gboolean ok = is_mtp(fs)        ? add_mtp(argv, fs, error)
                      : is_virtiofs(fs) ? add_virtiofs(argv, fs, error)
                                        : add_9p(argv, fs, error);

        if (!ok)
            return FALSE;
    }
    return TRUE;
}
