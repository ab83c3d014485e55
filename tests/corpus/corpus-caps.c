/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "corpus-caps.h"

#include "vir-error.h"
#include "vir-file.h"
#include "vir-host-caps.h"
#include "vir-spawn.h"
#include <string.h>

static const char *
param(char **params, const char *name)
{
    gsize n = strlen(name);

    for (; *params; params++) {
        if (strncmp(*params, name, n) == 0 && (*params)[n] == '=')
            return *params + n + 1;
    }
    return NULL;
}

/* Unpacks @archive; what it holds, one folder, is @root/@below afterwards. */
static gboolean
unpack(const char *archive, const char *root, const char *below, GError **error)
{
    g_autofree char *folder = g_build_filename(root, below, NULL);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("tar");

    if (!archive)
        return TRUE;
    if (!vir_dir_make(folder, 0755, error))
        return FALSE;
    vir_spawn_pass_env(spawn, "PATH");
    vir_spawn_add_args(
        spawn, (const char *const[]){"xzf", archive, "-C", folder, "--strip-components=1", NULL});
    return vir_spawn_run(spawn, 60000, 4096, NULL, NULL, NULL, error);
}

/* The recorded trees say nothing of memory; these are the numbers that the documents have. */
static void
fake_memory(VirHostTopology *topology)
{
    static const guint64 sizes[] = {4, 2048, 1048576};

    for (guint i = 0; i < topology->cells->len; i++) {
        VirHostCell *cell = topology->cells->pdata[i];

        cell->memory = (cell->id + 1) * G_GUINT64_CONSTANT(1048576);
        g_array_set_size(cell->pages, 0);
        g_array_set_size(cell->distances, 0);
        for (guint j = 0; j < G_N_ELEMENTS(sizes); j++) {
            VirHostPages pages = {.kib = sizes[j], .total = (cell->id + 1 + j) * 2048};

            g_array_append_val(cell->pages, pages);
        }
    }
}

static char *
host_document(char **params, const char *root, GError **error)
{
    g_autoptr(VirHost) host = vir_host_new(root);
    g_autoptr(VirCapsDef) def = vir_caps_def_new();
    g_autoptr(VirHostTopology) topology = NULL;

    if (!unpack(param(params, "sysfs-devices-system"), root, "sys/devices/system", error) ||
        !unpack(param(params, "resctrl"), root, "sys/fs/resctrl", error))
        return NULL;
    topology = vir_host_topology(host, error);
    if (!topology)
        return NULL;
    fake_memory(topology);
    def->host.cpu.arch = g_strdup(param(params, "arch"));
    def->host.migration_live = !g_strcmp0(param(params, "live_migrate"), "true");
    vir_host_caps_fill_topology(&def->host, host, topology);
    return vir_host_caps_format(def, error);
}

static char *
convert_host(char **params, GError **error)
{
    g_autofree char *root = g_dir_make_tmp("vircorpus-XXXXXX", error);
    g_autoptr(VirSpawn) spawn = vir_spawn_new("rm");
    char *text = root ? host_document(params, root, error) : NULL;

    if (root) {
        vir_spawn_pass_env(spawn, "PATH");
        vir_spawn_add_args(spawn, (const char *const[]){"-rf", root, NULL});
        vir_spawn_run(spawn, 60000, 4096, NULL, NULL, NULL, NULL);
    }
    return text;
}

char *
corpus_caps(const char *kind, char **params, gboolean *known, GError **error)
{
    static const struct {
        const char *kind;
        char *(*convert)(char **params, GError **error);
    } kinds[] = {
        {"vircaps2xml", convert_host},
    };

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        *known = strcmp(kinds[i].kind, kind) == 0;
        if (*known)
            return kinds[i].convert(params, error);
    }
    return NULL;
}
