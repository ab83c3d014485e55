/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nvram-host.h"

#include "firmware.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-spawn.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Flash of virtual machines is at most 64 MiB. */
#define MAX_TEMPLATE ((gsize)64 * 1024 * 1024)
#define CONVERT_TIMEOUT_MS 60000

/* The file that this host makes; NULL where the variables are none of its files. */
static const char *
own_file(const VirDomainDef *def)
{
    const VirDomainNvramSource *source = def->os.nvram_source;

    if (source && source->src.type != VIR_DOMAIN_SOURCE_TYPE_FILE)
        return NULL;
    return vir_def_nvram_path(def);
}

static const char *
format_name(int format)
{
    return format ? vir_domain_image_format_to_string(format) : "raw";
}

/* Written by QEMU's tool to a file of ours, which is then renamed. */
static gboolean
convert(const VirDomainDef *def, const char *path, GError **error)
{
    g_autofree char *made = g_strconcat(path, ".new", NULL);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("qemu-img");
    g_autofree char *complaint = NULL;
    int status = 0;

    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_set_umask(spawn, 0077);
    vir_spawn_add_args(spawn, (const char *const[]){"convert", "-f",
                                                    format_name(def->os.nvram_template_format),
                                                    "-O", format_name(def->os.nvram_format), "--",
                                                    def->os.nvram_template, made, NULL});
    if (!vir_spawn_run(spawn, CONVERT_TIMEOUT_MS, 4096, NULL, &complaint, &status, error))
        return FALSE;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        unlink(made);
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "cannot convert firmware variables '%s': %s", def->os.nvram_template,
                             complaint ? g_strstrip(complaint) : "qemu-img failed");
    }
    if (rename(made, path) == 0)
        return TRUE;
    vir_error_set_errno(error, errno, "cannot rename '%s' to '%s'", made, path);
    unlink(made);
    return FALSE;
}

gboolean
vir_qemu_nvram_make(const VirDomainDef *def, gboolean reset, GError **error)
{
    const char *path = own_file(def);
    const char *template = def->os.nvram_template;
    g_autofree char *bytes = NULL;
    g_autofree char *dir = NULL;
    gsize len = 0;

    if (!path || (!reset && access(path, F_OK) == 0))
        return TRUE;
    if (!template)
        return vir_error_set(error, VIR_ERR_OPERATION_FAILED,
                             "firmware variables '%s' do not exist, and <nvram> has no template to "
                             "make them from",
                             path);
    dir = g_path_get_dirname(path);
    if (!vir_dir_make(dir, 0700, error))
        return FALSE;
    if (g_strcmp0(format_name(def->os.nvram_template_format), format_name(def->os.nvram_format)))
        return convert(def, path, error);
    bytes = vir_file_read(template, MAX_TEMPLATE, &len, error);
    if (!bytes) {
        g_prefix_error(error, "template of firmware variables: ");
        return FALSE;
    }
    return vir_file_write_atomic(path, bytes, (gssize)len, 0600, error);
}

gboolean
vir_qemu_nvram_exists(const VirDomainDef *def)
{
    const char *path = own_file(def);

    return path && access(path, F_OK) == 0;
}

gboolean
vir_qemu_nvram_remove(const VirDomainDef *def, GError **error)
{
    const char *path = own_file(def);

    return !path || vir_file_remove(path, error);
}
