/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-env.h"
#include "fake-host.h"
#include "storage-volume.h"
#include "vir-error.h"
#include "vir-file.h"
#include "vir-storage-pool-model.h"
#include <stddef.h>
#include <string.h>

#define MAX_DOCUMENT (16 * 1024 * 1024)

/* Pools are the documents of another folder; "TYPE+NAME" is a volume of a kind, any other a block
 * device. */
static gboolean
get_volume(const VirQemuEnv *env, VirDomainSource *src, GError **error)
{
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"file", VIR_STORAGE_VOL_TYPE_FILE},     {"block", VIR_STORAGE_VOL_TYPE_BLOCK},
        {"dir", VIR_STORAGE_VOL_TYPE_DIR},       {"network", VIR_STORAGE_VOL_TYPE_NETWORK},
        {"netdir", VIR_STORAGE_VOL_TYPE_NETDIR},
    };
    g_autofree char *folder = g_path_get_dirname(corpus_env_of(env)->c->path);
    g_autofree char *path =
        g_strdup_printf("%s/../storagepoolxml2xmlout/%s.xml", folder, src->volume->pool);
    gsize len = 0;
    g_autofree char *text = vir_file_read(path, MAX_DOCUMENT, &len, error);
    g_autoptr(VirStoragePoolDef) pool = NULL;
    g_auto(GStrv) parts = g_strsplit(src->volume->volume, "+", 2);
    const char *name = parts[1] ? parts[1] : parts[0];
    const char *kind = parts[1] ? parts[0] : "block";
    g_autofree char *place = g_strdup_printf("/some/%s/device/%s", kind, name);

    if (text)
        pool = vir_storage_pool_model_parse(text, (gssize)len, path, 0, NULL, error);
    if (!pool)
        return FALSE;
    if (strcmp(name, "nonexistent") == 0 || strcmp(src->volume->pool, "inactive") == 0)
        return vir_error_set(error, VIR_ERR_NO_STORAGE_VOL, "no volume '%s'", name);
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(types[i].name, kind) == 0)
            return vir_source_translate(src, pool, types[i].type, place, error);
    }
    return vir_error_set(error, VIR_ERR_NO_STORAGE_VOL, "no kind of volume '%s'", kind);
}

static gboolean
get_secret(const VirQemuEnv *env, const VirDomainSecretRef *ref, guint8 **value, gsize *len,
           GError **error)
{
    static const char text[] = "AQCVn5hO6HzFAhAAq0NCv8jtJcIcE+HOBlMQ1A";

    *len = strlen(text);
    *value = g_memdup2(text, *len);
    return TRUE;
}

/* fd_groups=NAME:ro|rw:FD,FD … */
static gboolean
get_fd_group(const VirQemuEnv *env, const char *name, GArray *fds, guint *n, gboolean *writable,
             GError **error)
{
    const char *groups = corpus_param(corpus_env_of(env)->c, "", "fd_groups");
    g_auto(GStrv) words = g_strsplit(groups ? groups : "", " ", -1);

    for (char **word = words; *word; word++) {
        g_auto(GStrv) parts = g_strsplit(*word, ":", 3);
        g_auto(GStrv) numbers = NULL;

        if (g_strv_length(parts) != 3 || strcmp(parts[0], name) != 0)
            continue;
        numbers = g_strsplit(parts[2], ",", -1);
        *n = g_strv_length(numbers);
        *writable = strcmp(parts[1], "rw") == 0;
        for (guint i = 0; fds && i < *n; i++) {
            int fd = fake_host_fd();

            g_array_append_val(fds, fd);
        }
        return TRUE;
    }
    return vir_error_set(error, VIR_ERR_INVALID_ARG, "there is no fd group '%s'", name);
}

static guint
nbdkit(const CorpusQemu *c)
{
    const char *caps = corpus_param(c, "", "nbdkit_caps");

    return (caps && strstr(caps, "PLUGIN_CURL") ? VIR_NBDKIT_CURL : 0) |
           (caps && strstr(caps, "PLUGIN_SSH") ? VIR_NBDKIT_SSH : 0);
}

void
corpus_env_storage(CorpusEnv *self)
{
    self->env.nbdkit = nbdkit(self->c);
    self->env.secret = get_secret;
    self->env.volume = get_volume;
    self->env.fd_group = get_fd_group;
}
